"""A whole program for many runs at a time: what is done once, and a loop of iterations, as Python text."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tui_backprop.engine.compile.errors import NotTogetherError
from tui_backprop.engine.compile.form import Form, Frequency, Value
from tui_backprop.engine.compile.targets.together.calls import Calls
from tui_backprop.engine.compile.targets.together.kernels import TOGETHER
from tui_backprop.engine.core.arrays import DOUBLE
from tui_backprop.engine.core.backends import Backend
from tui_backprop.engine.core.helpers import HELPERS
from tui_backprop.engine.core.masks import dropout_mask
from tui_backprop.engine.optimizers import COEFFICIENTS


@dataclass(frozen=True, eq=False)
class TogetherText:
    """A program as text, and what it is given.

    Attributes:
        text: what is executed.
        inputs, parameters: the lesson's names of data and samples, and of parameters, in order.
        memory: parameter and code of each array of the optimizer's memory, in order.
        numbers, arrays: calls in each iteration whose result for one run is a number, or an array.
        elements: elements that one run computes in an iteration.
        largest: elements of the largest value of one run.
        backend: what it computes elementary functions with.
    """

    text: str
    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    memory: tuple[tuple[str, str], ...]
    numbers: int
    arrays: int
    elements: int
    largest: int
    backend: Backend


class _Writing:
    """A form being written."""

    def __init__(self, form: Form, differing: Collection[str]) -> None:
        if form.dtype != DOUBLE or form.watched or form.validation is not None:
            raise NotTogetherError("single precision, or something that is looked at")
        if not isinstance(form.loss, Value):
            raise NotTogetherError("a loss that depends on nothing")
        self.form, self.loss = form, form.loss
        self.needed = form.needed()
        self.leaves = self._leaves()
        self.calls = Calls(self._apart(differing), form.backend)
        self.lines: dict[Frequency, list[str]] = {level: [] for level in Frequency}
        self.fixed: list[str] = []
        self._write()

    def _leaves(self) -> dict[str, str]:
        """Return names of our own for what is given, by the form's."""
        form = self.form
        names = [*form.inputs.values(), *form.parameters.values(), *(name for *_, name in form.memory)]
        names += [*form.samples, *(name for name, *_ in form.drawn), form.step, *COEFFICIENTS]
        return {name: f"given_{number}" for number, name in enumerate(names)}

    def _apart(self, differing: Collection[str]) -> set[int]:
        """Return the places of what differs between runs, by the names of the leaves that do."""
        apart: set[int] = set()
        for value in self.needed:
            if value.call == "leaf":
                if value.args[0] not in self.leaves:
                    raise NotTogetherError(value.args[0])
                if value.args[0] in differing:
                    apart.add(value.place)
            elif any(isinstance(arg, Value) and arg.place in apart for arg in value.args):
                apart.add(value.place)
        return apart

    def _write(self) -> None:
        ends = self._last_uses()
        free: list[str] = []
        count = 0
        for value in self.needed:
            if value.call == "leaf":
                self.calls.names[value.place] = self.leaves[value.args[0]]
                continue
            text, looped = self.calls.call(value), value.level is Frequency.ITERATION
            if looped:  # names are used again, so that what is done with is let go of
                free += [self.calls.names[place] for place in ends.get(value.place, ())]
            if looped and free:
                name = free.pop()
            else:
                name, count = f"v{count}", count + 1
            self.calls.names[value.place] = name
            self.lines[value.level].append(f"{name} = {text}")
            if value.level is Frequency.ONCE:
                self.fixed.append(name)
            if value is self.loss:
                self.lines[value.level].append(f"losses[k] = {self._number(value)}")
            if looped and value.place not in ends and value.place in self._unused:
                free.append(name)
        if self.loss.level is not Frequency.ITERATION or self.loss.call == "leaf":
            raise NotTogetherError("a loss that stays the same")

    def _number(self, value: Value) -> str:
        name = self.calls.names[value.place]
        return f"{name}.reshape(-1)" if value.shape else name

    def _last_uses(self) -> dict[int, list[int]]:
        """Return which values of the loop are used last where, by place; those that stay are left out."""
        stay = {part.place for pair in self.form.results for part in pair}
        last: dict[int, int] = {}
        looped = [value for value in self.needed if value.level is Frequency.ITERATION]
        for value in looped:
            for arg in value.args:
                if isinstance(arg, Value) and arg.level is Frequency.ITERATION and arg.call != "leaf":
                    last[arg.place] = value.place
        self._unused = {value.place for value in looped} - last.keys() - stay
        ends: dict[int, list[int]] = {}
        for place, end in last.items():
            if place not in stay:
                ends.setdefault(end, []).append(place)
        return ends

    def text(self) -> str:
        """Return the program."""
        form, leaves = self.form, self.leaves
        fixed = [*(leaves[name] for name in form.inputs.values()), *self.fixed]
        leading = {
            _tuple(fixed): "fixed",
            _tuple(leaves[name] for name in COEFFICIENTS): "coefficients",
            _tuple(leaves[name] for name in form.parameters.values()): "parameters",
            _tuple(leaves[name] for *_, name in form.memory): "memory",
        }
        given = ", ".join(leaves[name] for name in form.inputs.values())
        kept = [*form.parameters.values(), *(name for *_, name in form.memory)]
        lines = [
            f"def prepare({given}):",
            *(f"    {line}" for line in self.lines[Frequency.ONCE]),
            f"    return {_tuple(fixed)}",
            "",
            "def train(iterations, losses, fixed, coefficients, parameters, memory, updates,",
            "          samples, batch, batches, first, scheduled, seeds, runs):",
            *(f"    {names} = {source}" for names, source in leading.items() if names != "()"),
            *(f"    {line}" for line in self.lines[Frequency.CALL]),
            "    for k in range(iterations):",
            *(f"        {line}" for line in self._loop()),
            f"    return {_tuple(leaves[name] for name in kept[: len(form.parameters)])}, "
            f"{_tuple(leaves[name] for name in kept[len(form.parameters) :])}",
        ]
        return "\n".join(lines) + "\n"

    def _loop(self) -> Iterable[str]:
        form, leaves, used = self.form, self.leaves, {v.args[0] for v in self.needed if v.call == "leaf"}
        places = {value.args[0]: value for value in self.needed if value.call == "leaf"}
        for name, (_, size) in form.samples.items():
            if name in used:
                axis = ":, " if self.calls.differs(places[name]) else ""
                row = f"(batch + k) % batches * {size}"
                yield f"row = {row}"
                yield f"{leaves[name]} = samples[{list(form.samples).index(name)}][{axis}row:row + {size}]"
        for name, mask, shape in form.drawn:
            if name in used:
                if self.calls.differs(places[name]):
                    drawn = f"np.array([{mask.call('seed', 'first + k', shape)} for seed in seeds])"
                else:
                    drawn = mask.call("seeds[0]", "first + k", shape)
                yield f"{leaves[name]} = {drawn}"
        for name in form.scheduled:
            yield f'{leaves[name]} = scheduled["{name}"][k]'
        if form.step in used:
            yield f"{leaves[form.step]} = updates + k + 1"
        yield from self.lines[Frequency.ITERATION]
        if form.results:
            names = [leaves[leaf.args[0]] for leaf, _ in form.results]
            yield f"{', '.join(names)} = {', '.join(self.calls.spread(value) for _, value in form.results)}"


def together_text(form: Form, differing: Collection[str]) -> TogetherText:
    """Write the program that does iterations of many runs.

    Args:
        form: the iteration of one of them.
        differing: the form's names of the leaves that have an axis of runs.

    Raises:
        NotTogetherError: it has no form for many runs.
    """
    writing = _Writing(form, differing)
    looped = [v for v in writing.needed if v.level is Frequency.ITERATION and v.call != "leaf"]
    arrays = sum(bool(value.shape) for value in looped)
    return TogetherText(
        writing.text(), tuple(form.inputs), tuple(form.parameters),
        tuple((name, code) for name, code, _ in form.memory),
        len(looped) - arrays, arrays, sum(v.size for v in looped), max((v.size for v in looped), default=1),
        form.backend,
    )  # fmt: skip


def together_functions(program: TogetherText) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return a program's two functions: ``prepare``, for what is done once, and ``train``."""
    space: dict[str, Any] = {"np": np, "math": math, "dropout_mask": dropout_mask, **HELPERS, **TOGETHER}
    space |= program.backend.functions
    exec(compile(program.text, "<compiled runs>", "exec"), space)
    return space["prepare"], space["train"]


def _tuple(names: Iterable[str]) -> str:
    names = list(names)
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"
