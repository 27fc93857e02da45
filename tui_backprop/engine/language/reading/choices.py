"""``if`` in a formula: what it asks is known when the lesson is built, and one of its sides is taken."""

from __future__ import annotations

import ast

from tui_backprop.engine.language.reading.arguments import is_none
from tui_backprop.engine.language.reading.expressions import ExpressionReader, is_word
from tui_backprop.engine.language.syntax import Test


def read_test(reader: ExpressionReader, tree: ast.expr) -> Test:
    """Return what an ``if`` asks.

    Raises:
        FormulaError: it cannot be read.
    """
    match tree:
        case ast.BoolOp(op=op, values=values):
            kind = "and" if isinstance(op, ast.And) else "or"
            return Test(kind, tuple(read_test(reader, value) for value in values))  # type: ignore[arg-type]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return Test("not", (read_test(reader, operand),))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if isinstance(
            op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot
        ) and any(is_word(side) or is_none(side) for side in (left, right)):
            same = Test("same", sides=(reader.value(left), reader.value(right)))
            return Test("not", (same,)) if isinstance(op, ast.NotEq | ast.IsNot) else same
    return Test("value", sides=(reader.value(tree),))
