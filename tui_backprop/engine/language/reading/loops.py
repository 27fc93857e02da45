"""What a ``for`` runs over: a range, or the rows of arrays, alone, numbered, or several side by side."""

from __future__ import annotations

import ast

from tui_backprop.engine.language.reading.arguments import dotted
from tui_backprop.engine.language.reading.expressions import ExpressionReader
from tui_backprop.engine.language.syntax import Expression, Instruction
from tui_backprop.text.sentences import tr

Row = tuple[ast.expr, ast.expr]
"""What is assigned in each turn, and the array whose row it is."""


def rows_of(reader: ExpressionReader, loop: ast.For) -> tuple[str, tuple[Expression, ...], list[ast.Assign]]:
    """Return the name that counts the turns, how many there are, and what each begins with.

    Raises:
        FormulaError: it runs over something else.
    """
    counter: ast.expr | None = None
    target, over = loop.target, loop.iter
    if _called(over, "enumerate") and isinstance(target, ast.Tuple) and len(target.elts) == 2:
        counter, target = target.elts
        (over,) = over.args  # type: ignore[attr-defined]
    pairs: list[Row] = [(target, over)]
    if isinstance(over, ast.Call) and dotted(over.func) == "zip" and isinstance(target, ast.Tuple):
        pairs = list(zip(target.elts, over.args, strict=False))
        if len(target.elts) != len(over.args):
            pairs = []
    if not pairs or not all(isinstance(of, ast.Name) or dotted(of) for _, of in pairs):
        reason = tr(
            "found for … in {found}; write for t in range(3):, range(len(x)), or the name of an array",
            found=reader.segment(loop.iter),
        )
        raise reader.refuse(loop.iter, reason)
    name = counter.id if isinstance(counter, ast.Name) else reader.segment(loop.target)
    if not isinstance(counter, ast.Name | None):
        raise reader.refuse(
            counter, tr("found {found} as a number of turns; write a name", found=reader.segment(counter))
        )
    line, column = reader.place(loop.iter)
    length = Instruction("shape", "length", line, column, 1, options=(("axis", 0),))
    shorter = Instruction("call", "minimum", line, column, 2)
    first, *others = [(*reader.expression(of), length) for _, of in pairs]
    for other in others:
        first = (*first, *other, shorter)
    return name, (first,), [_row(pair, name) for pair in pairs]


def _called(tree: ast.expr, name: str) -> bool:
    return isinstance(tree, ast.Call) and dotted(tree.func) == name and len(tree.args) == 1


def _row(pair: Row, counter: str) -> ast.Assign:
    """Return the statement that takes a row out."""
    target, of = pair
    place = ast.copy_location(ast.Name(counter, ast.Load()), of)
    picked = ast.copy_location(ast.Subscript(of, place, ast.Load()), of)
    return ast.copy_location(ast.Assign([target], picked), target)
