"""Formula text to syntax: what is parsed, whole formulas, expressions and conditions; never executed."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.language.reading.assigning import MAX_NAME, check_name
from tui_backprop.engine.language.reading.expressions import COMPARISONS, ExpressionReader
from tui_backprop.engine.language.reading.statements import StatementReader
from tui_backprop.engine.language.syntax import (
    Choice,
    Comparison,
    Condition,
    Expression,
    ForLoop,
    Formula,
    FormulaLine,
    Instruction,
    Statement,
    Together,
)
from tui_backprop.text.sentences import later, tr

__all__ = [
    "MAX_NAME",
    "Choice",
    "Comparison",
    "Condition",
    "Expression",
    "ForLoop",
    "Formula",
    "FormulaLine",
    "Instruction",
    "Statement",
    "Together",
    "check_name",
    "parse_condition",
    "parse_expression",
    "parse_formula",
    "replaced_lines",
]  # fmt: skip


def parse_formula(text: str) -> Formula:
    """Parse a whole formula: assignments, ``for`` and ``def``.

    Raises:
        FormulaError: anything outside the language (the first of it, the rest in ``others``), or no line.
    """
    source = StatementReader(text)
    trees, source.findings = source.parse_module()
    statements = source.statements(trees)
    source.finish()
    if not statements:
        raise FormulaError(tr("the formula is empty; write at least one line such as L = (y - t)**2"))
    return Formula.of(statements, source.definitions)


def parse_expression(text: str) -> Expression:
    """Parse one expression, such as a data formula or a gradient; line breaks count as spaces."""
    source = _Single(text)
    expression = source.expression(source.parse_single())
    source.finish()
    return expression


def parse_condition(text: str) -> Condition:
    """Parse comparisons joined by ``and``, such as ``mean(x) > 0 and w < 2``."""
    source = _Condition(text)
    tree = source.parse_single()
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    comparisons = []
    for part in parts:
        if not isinstance(part, ast.Compare) or any(type(op) not in COMPARISONS for op in part.ops):
            instead = _in_its_place(part) or tr(source.right)
            raise FormulaError(
                tr("found {found}; {right}", found=source.segment(part), right=instead),
                *source.place(part),
            )
        sides = [source.expression(side) for side in (part.left, *part.comparators)]
        for left, op, right in zip(sides, part.ops, sides[1:], strict=False):
            comparisons.append((left, COMPARISONS[type(op)], right))
    source.finish()
    return Condition(tuple(comparisons))


def _in_its_place(found: ast.expr) -> str:
    """Say what to write in the place of what Python would take for a condition; "" of anything else."""
    match found:
        case ast.BoolOp(op=ast.Or()):
            return tr("there is no or here: add a breakpoint for each side of it")
        case ast.UnaryOp(op=ast.Not()):
            return tr("there is no not here: turn the comparison round, as in b <= 1 for not b > 1")
        case ast.Call(func=ast.Attribute(attr="any" | "all") | ast.Name(id="any" | "all")):
            return tr("a comparison holds where it does for any element; for all of them write max(x) < 0")
        case ast.Call(
            func=ast.Attribute(attr="isnan" | "isinf" | "isfinite")
            | ast.Name(id="isnan" | "isinf" | "isfinite")
        ):
            return tr("nan is a breakpoint of its own, for a NaN or an Infinity anywhere")
    return ""


class _Single(ExpressionReader):
    """A source that is one expression over names that are known later."""

    right = later("write an expression such as w * x")

    def __init__(self, text: str) -> None:
        super().__init__(text, single=True)

    def is_assigned(self, name: str) -> bool:
        """Tell whether it can be the name of a value inside of a function that a formula defines."""
        return (
            "." in name and "_" not in name.rpartition(".")[2][:1] and not name.startswith(("np.", "torch."))
        )


class _Condition(_Single):
    """A source that is a condition."""

    right = later("write a comparison such as mean(x) > 0")


def replaced_lines(lines: Formula, changes: Mapping[str, Any]) -> Formula:
    """Return the lines with some expressions replaced, of each name the last line that assigns it."""
    last = {line.name: place for place, line in enumerate(lines) if isinstance(line, FormulaLine)}
    changed = [
        FormulaLine(line.name, changes[line.name], line.number, line.column)
        if isinstance(line, FormulaLine) and line.name in changes and last[line.name] == place
        else line
        for place, line in enumerate(lines)
    ]
    return Formula.of(changed, lines.definitions)
