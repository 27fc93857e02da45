"""What NumPy changes in place, ``z += 1`` and ``z[0] = 1``, and the other names that change with it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Kind, Node
from tui_backprop.engine.core.errors import FormulaError, FormulaShapeError
from tui_backprop.engine.language.building.nodes import NodeBuilder
from tui_backprop.engine.language.syntax import Expression, FormulaLine
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import tr


class Scope(Struct):
    """The names of the formula, or those inside of a function.

    Attributes:
        prefix: what stands before the names in labels.
        own: which names are its own; None for all.
        names: what they stand for; a text says why a name cannot be used any more.
        composite: whether the function is none of the formula's own, so that its names are no others.
    """

    prefix: str = ""
    own: frozenset[str] | None = None
    names: dict[str, Node | str] = {}
    composite: bool = False


def check_in_place(
    builder: NodeBuilder, scopes: Sequence[Scope], line: FormulaLine, old: Node, new: Node
) -> None:
    """Refuse what NumPy does otherwise in place; other names of the memory cannot be used any more."""
    if not old.shape:
        return  # a number, of which there is a new one
    if new.shape != old.shape:
        raise FormulaShapeError(
            tr(
                "{name} has shape {shape} and cannot become {shape_2} in place; write {name} = {name} + …",
                name=line.name,
                shape=shape_text(old.shape),
                shape_2=shape_text(new.shape),
            ),
            line.number,
            line.column,
        )
    if old.index in builder.exact and new.index not in builder.exact and not _stores(line.expression):
        raise FormulaError(
            tr(
                "{name} has whole numbers in NumPy, which cannot become others in place; write 1.0 * "
                "where it is made",
                name=line.name,
            ),
            line.number,
            line.column,
        )
    if old.index in builder.exact:
        builder.exact[new.index] = builder.exact[old.index]
    root = builder.root(old)
    if builder.keeps_given and builder.nodes[root].kind in (Kind.DATA, Kind.SAMPLES, Kind.PARAMETER):
        name = builder.nodes[root].name
        raise FormulaError(
            tr(
                "{name} is {given} itself, which NumPy would change for good; write {name} = "
                "{given}.copy() above",
                name=line.name,
                given=name,
            ),
            line.number,
            line.column,
        )
    for scope in scopes:
        for other, node in scope.names.items():
            mine = other == line.name and scope is scopes[-1]
            arrays = builder.members(node) if isinstance(node, Node) and not mine else []
            if any(builder.root(array) == root and array.shape for array in arrays):
                scope.names[other] = tr(
                    "{other} has the memory of {name}, which line {line} changes in place; write "
                    "{name} = {name}.copy() before that, or take {other} behind it",
                    other=other,
                    name=line.name,
                    line=line.number,
                )


def _stores(expression: Expression) -> bool:
    return bool(expression) and expression[-1].kind == "store"
