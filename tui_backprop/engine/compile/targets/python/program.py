"""A whole program as Python text, what is done once and a loop of iterations, and its functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from tui_backprop.engine.compile.form import Form
from tui_backprop.engine.compile.targets.python.ahead import AheadCode
from tui_backprop.engine.compile.targets.python.statements import Code
from tui_backprop.engine.core.arrays import Shape
from tui_backprop.engine.core.backends import Backend
from tui_backprop.engine.core.elementary import ELEMENTARY, Elementary
from tui_backprop.engine.core.helpers import HELPERS
from tui_backprop.engine.core.masks import Mask, dropout_mask
from tui_backprop.engine.core.settled import KERNELS
from tui_backprop.engine.optimizers import COEFFICIENTS


@dataclass(frozen=True, eq=False)
class ProgramText:
    """A program's parts as text, for showing and for export.

    Attributes:
        inputs, parameters, memory: Python names of data and samples, parameters, and the optimizer's memory
            (of each parameter in turn, by its code), by the lesson's.
        code: the statements.
        samples: for each array of a batch, the name of the whole epoch's and the length of a batch.
        drawn: the masks that are drawn in each iteration, by the names of those that are used.
        text: what is executed.
        backend: what it computes elementary functions with.
    """

    inputs: Mapping[str, str]
    parameters: Mapping[str, str]
    memory: Sequence[tuple[str, str, str]]
    code: Code
    samples: Mapping[str, tuple[str, int]]
    drawn: Mapping[str, tuple[Mask, Shape]]
    text: str
    backend: Backend

    def draws(self, seed: str, iteration: str) -> list[str]:
        """Write how the masks are drawn, given the text of the seed and of the iteration's number."""
        return draws(self.drawn, seed, iteration)


def program_text(form: Form, *, buffers: bool = True, ahead: bool = False) -> ProgramText:
    """Write the program that does iterations; see :class:`Code`, and :class:`AheadCode` for ``ahead``."""
    code = AheadCode(form) if ahead else Code(form, buffers=buffers)
    drawn = {name: (mask, shape) for name, mask, shape in form.drawn if name in code.uses}
    text = _text(form, code, drawn)
    return ProgramText(
        form.inputs, form.parameters, form.memory, code, form.samples, drawn, text, form.backend
    )


def draws(drawn: Mapping[str, tuple[Mask, Shape]], seed: str, iteration: str) -> list[str]:
    """Write how masks are drawn."""
    return [f"{name} = {mask.call(seed, iteration, shape)}" for name, (mask, shape) in drawn.items()]


def functions(program: ProgramText) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return a program's two functions: ``prepare``, for what is done once, and ``train``."""
    defined = {row.identifier: _function(row) for row in ELEMENTARY.values() if row.definition}
    space: dict[str, Any] = {
        "np": np, "math": math, "dropout_mask": dropout_mask, **defined, **HELPERS, **KERNELS,
        **program.backend.functions,
    }  # fmt: skip
    exec(compile(program.text, "<compiled lesson>", "exec"), space)
    return space["prepare"], space["train"]


@cache
def _function(row: Elementary) -> Any:
    """Return a function of numbers that Python does not have."""
    space: dict[str, Any] = {}
    exec(row.definition, space)
    return space[row.identifier]


def _text(form: Form, code: Code, drawn: Mapping[str, tuple[Mask, Shape]]) -> str:
    inputs = list(form.inputs.values())
    fixed = [*inputs, *dict.fromkeys(code.fixed)]
    once = [*code.once, *code.arrays, f"return {_tuple(fixed)}"]
    parameters, memory = _tuple(form.parameters.values()), _tuple(name for *_, name in form.memory)
    unpacked = {
        _tuple(fixed): "fixed",
        _tuple(COEFFICIENTS): "hyperparameters",
        parameters: "parameters",
        memory: "memory",
        _tuple(whole for whole, _ in form.samples.values()): "samples",
    }
    lines = [
        f"def prepare({', '.join(inputs)}):",
        *(f"    {line}" for line in once),
        "",
        "def train(iterations, losses, fixed, hyperparameters, parameters, memory, updates,",
        "          samples, batch, batches, first, before, scheduled, validation, seed):",
        *(f"    {names} = {given}" for names, given in unpacked.items() if names != "()"),
        "    k = 0",
        "    try:",
        *(f"        {line}" for line in code.call),
        "        for k in range(iterations):",
        *(f"            {line}" for line in _loop(form, code, drawn)),
        "        else:",
        "            k = iterations",
        "    except (ArithmeticError, ValueError, IndexError):",
        "        pass",
        f"    return k, {parameters}, {memory}, before",
    ]
    return "\n".join(lines) + "\n"


def _loop(form: Form, code: Code, drawn: Mapping[str, tuple[Mask, Shape]]) -> list[str]:
    """Write the body of the loop over iterations."""
    sections: dict[str, list[str]] = {"forward": [], "validation": [], "backward": [], "update": []}
    for statement in code.iteration:
        sections[statement.section].append(statement.text)
    lines = []
    if form.samples:
        (size,) = {length for _, length in form.samples.values()}
        lines.append(f"row = (batch + k) % batches * {size}")
        lines += [f"{name} = {whole}[row:row + {size}]" for name, (whole, _) in form.samples.items()]
    lines += draws(drawn, "seed", "first + k")
    lines += [f'{name} = scheduled["{name}"](first + k)' for name in form.scheduled]
    if form.step in code.uses:
        lines.append(f"{form.step} = updates + k + 1")
    lines += [*sections["forward"], f"losses[k] = {code.loss}"]
    if code.validation:
        lines += [*sections["validation"], f"validation[k] = {code.validation}"]
    lines += sections["backward"]
    if code.watched:
        lines += [
            f"seen = {_tuple(code.watched)}",
            "if seen != before:",
            "    if before is not None:",
            "        break",
            "    before = seen",
        ]
    return lines + sections["update"]


def _tuple(names: Iterable[str]) -> str:
    names = list(names)
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"
