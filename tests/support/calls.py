"""Calls of every function of the language, made from its signature: a new one is among them by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from tests.support.graphs import given, graph_of
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.language.composites import COMPOSITES, Composite
from tui_backprop.engine.ops.registry import CALLED
from tui_backprop.engine.ops.signature import (
    AxisOption,
    FlagOption,
    Option,
    PerAxisOption,
    Signature,
    SubscriptsOption,
    WholeNumbersOption,
    written,
)


def values_of(option: Option) -> tuple[str, ...]:
    """Return some values of an option as formula text, its default not among them."""
    if isinstance(option, FlagOption):
        return ("False", "True")
    if isinstance(option, WholeNumbersOption):
        if option.default is None:
            return ("(1, 0)", "(-1, 0)")
        if not option.single:
            return ("(1, 2)", "(2, 0)") if option.least >= 0 else ("(1, -1)", "(-1, 2)")
        return tuple(str(at) for at in (0, 1, -1, 2) if option.least <= at != option.default)
    if isinstance(option, PerAxisOption):
        return tuple(str(number) for number in (1, 2) if number != option.default)
    if isinstance(option, AxisOption):
        return tuple(str(axis) for axis in (0, 1, -1) if axis != option.default)
    if isinstance(option, SubscriptsOption):
        return ('"ij,kj->ik"', '"ij,ij->ji"')
    near = (option.default + step for step in (0.25, -0.25, 1.5))
    return tuple(
        written(value) for value in near if option.above < value < option.below and value >= option.least
    )


class Called(NamedTuple):
    """A function, and with what it is called.

    Attributes:
        name: its name.
        operands: how many it is called on.
        options: some values of each option, by its name.
    """

    name: str
    operands: int
    options: Mapping[str, tuple[str, ...]]

    def calls(self, *operands: str) -> list[str]:
        """Return calls on operands, the last of these as often as it takes: bare, and with each option."""
        bare = ", ".join(operands[min(place, len(operands) - 1)] for place in range(self.operands))
        options = [f", {name}={value}" for name, values in self.options.items() for value in values]
        return [f"{self.name}({bare}{option})" for option in ("", *options)]


def of_signature(name: str, signature: Signature) -> Called:
    """Return how a function of a signature is called."""
    count = len(signature.operands) + signature.is_variadic
    return Called(name, count, {option.name: values_of(option) for option in signature.options})


def of_composite(text: Composite) -> Called:
    """Return how a composite is called for which there is this text."""
    chosen = {name: (repr(value),) for name, value in text.chosen_by.items()}
    return Called(text.name, len(text.required), {**chosen, **dict.fromkeys(text.defaults, ("0.25",))})


def every_function() -> list[Called]:
    """Return all functions of the language, of composites each text."""
    registered = [of_signature(name, called.signature) for name, called in CALLED.items()]
    return registered + [of_composite(text) for text in COMPOSITES]


def result(call: str, leaves: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """Return what a call comes to; None where it does not take that."""
    try:
        graph = graph_of(f"z = {call}\nL = sum(z)", leaves)
    except BackpropError:
        return None
    tape = Tape(graph, given(graph, leaves))
    tape.forward()
    return np.asarray(tape.value(graph.named["z"]))


def _square(call: str) -> str | None:
    """Return a form that is square with square matrices; None where the call fails."""
    shapes = set()
    for n in (2, 12):
        found = result(call.format("W", "V"), {"W": np.full((n, n), 0.5), "V": np.full((n, n), 0.25)})
        if found is None:
            return None
        shape = found.shape
        shapes.add("kept" if shape == (n, n) else "less" if shape in ((), (n,), (1, n)) else "other")
    if shapes == {"kept"}:
        return call
    return f"{{0}} * {call}" if shapes == {"less"} else f"{{0}} * sum({call})"


_MADE = ("{}", "mean({}, axis=0)", "expand_dims({}, axis=0)", "expand_dims(expand_dims({}, axis=0), axis=0)")
"""What functions are called on that is made of a matrix."""


def matrix_forms() -> tuple[str, ...]:
    """Return forms over square matrices {0} and {1} that are square matrices again, of every function.

    What is not finite for all numbers is given numbers between 0 and 1.
    """
    forms: list[str] = []
    matrix = np.array([[-800.0, 0.5], [3.0, 800.0]])
    for called in every_function():
        for first, other in [*((made, made) for made in _MADE), (_MADE[0], _MADE[1])]:
            operands = first.format("{0}"), other.format("{1}")
            bare = called.calls(*operands)[0].format("W", "V")
            found = result(bare, {"W": matrix, "V": matrix})
            if found is not None:
                break
        else:
            raise AssertionError(f"no form of {called.name}")
        if not np.isfinite(found).all():
            operands = f"sigmoid({operands[0]})", f"sigmoid({operands[1]})"
        forms += [form for call in called.calls(*operands) if (form := _square(call))]
    return tuple(forms)
