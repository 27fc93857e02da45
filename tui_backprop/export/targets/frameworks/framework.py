"""What a program of a framework is made of: the text of each operation, and what differs beside that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from tui_backprop.engine.core.arrays import Shape, size_of
from tui_backprop.engine.ops.base import ATOM, Op, Term


class Call(NamedTuple):
    """One operation of a graph, to be written.

    Attributes:
        op: the operation.
        terms: its operands as text.
        shapes: their shapes.
        shape: the result's.
    """

    op: Op
    terms: tuple[Term, ...]
    shapes: tuple[Shape, ...]
    shape: Shape

    @property
    def texts(self) -> list[str]:
        """The operands as arguments."""
        return [term.text for term in self.terms]


Text: TypeAlias = "str | Callable[[Call], str]"
"""How an operation is written. In a text {0}, {1} are operands as arguments and {a}, {b}, {c} the same as
atoms; options stand by name, {shape} is the result's shape, {rows} the number of lines of the first operand,
and {axis} the axis that the operation is along."""
_ATOMS = ("a", "b", "c")


class Framework(Struct, frozen=True):
    """How the programs of a framework are written.

    Attributes:
        title: what people call it.
        array: the name that its functions on arrays are found by.
        imports: the lines that import it, each needed where its last word is used.
        double, single: the lines that choose the type of its numbers.
        ops: by name, the text of each operation.
        helpers: functions that texts call, by name: their definitions.
        begin: writes what stands before the loop, from the names of the parameters and of the functions for
            the loss, and whether running statistics come with it.
        forward: writes how the loss is computed: the results' names, the functions, the number of full
            batches before one that has a function of its own (None where there is one function), and the
            arguments.
        gradients: writes what stands behind the loss, from the names of parameters and of their gradients.
        update: writes the updates, from the names of the parameters and the lines that assign them.
        least: writes the smaller of an array and a number.
        between: writes an array brought between minus a number and that number.
    """

    title: str
    array: str
    imports: tuple[str, ...]
    double: tuple[str, ...]
    single: tuple[str, ...]
    ops: Mapping[str, Text]
    helpers: Mapping[str, str]
    begin: Callable[[Sequence[str], Sequence[str], bool], list[str]]
    forward: Callable[[str, Sequence[str], int | None, str], list[str]]
    gradients: Callable[[Sequence[str], Sequence[str]], list[str]]
    update: Callable[[Sequence[str], Sequence[str]], list[str]]
    least: str
    between: str


def chosen(functions: Sequence[str], full: int | None) -> str:
    """Write which of two functions is called."""
    return functions[0] if full is None else f"({functions[0]} if batch < {full} else {functions[1]})"


def filled(text: Text, call: Call) -> str:
    """Write a call by the text of its operation."""
    if not isinstance(text, str):
        return text(call)
    fields: dict[str, object] = {"shape": call.shape, "rows": size_of(call.shapes[0][:-1])}
    along = getattr(call.op, "axis", None)
    if "{axis}" in text and callable(along):
        fields["axis"] = along(call.shapes[0])
    atoms = dict(zip(_ATOMS, (term.within(ATOM) for term in call.terms), strict=False))
    return text.format(*call.texts, **{**call.op.options, **fields, **atoms})
