"""Formula text to syntax: a whitelist over Python's ast, never eval.

The tree that Python's parser returns is turned, without recursion, into a postfix list of instructions;
everything that is not in the language is refused with line, column, what was found and what would be right.
"""

from __future__ import annotations

import ast
import keyword
import math
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from tui_backprop.engine.errors import FormulaError, is_safe, printable, suggest
from tui_backprop.engine.ops import FUNCTIONS, LOSSES, WITH_AXIS
from tui_backprop.engine.source import Source, keyword_reason

MAX_NAME = 100
"""Characters in a name: it is written again in every expression that it is part of."""
MAX_DIGITS = 30
"""A longer number is shown as the shortest text of the same float."""

Comparison = Literal["<", "<=", ">", ">=", "==", "!="]
_COMPARISONS: Final[dict[type[ast.cmpop], Comparison]] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
BINARY: Final = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@",
}  # fmt: skip
_LANGUAGE = "the language has names, numbers, + - * / ** @, -x, ( ), .T and " + " ".join(FUNCTIONS)
_HINTS: Final[dict[type[ast.AST], str]] = {
    ast.Compare: "a comparison; a line is name = expression",
    ast.BoolOp: "and/or; a line is name = expression",
    ast.Subscript: "an index [ ]; the language has no indexing, give each part a name in [data] or [samples]",
    ast.List: "a list; lists of numbers belong into [data], [samples] or [parameters]",
    ast.Tuple: "a comma; a line is name = one expression",
    ast.Lambda: "lambda, a word of Python's; use another name, such as λ or lambda_",
    ast.Starred: "a *; the language has no lists to unpack",
    ast.IfExp: "if/else; use maximum(a, b) or relu(x)",
    ast.Dict: "a { }",
    ast.Set: "a { }",
}


@dataclass(frozen=True, slots=True)
class Instruction:
    """One step of an expression in postfix order.

    ``kind`` is "name" (push a node), "number" (push a literal), "operator" or "call" (replace the last
    ``arity`` nodes by the result). ``line`` and ``column`` count from 1.
    """

    kind: Literal["name", "number", "operator", "call"]
    text: str
    line: int
    column: int
    arity: int = 0
    number: float = 0.0
    axis: int | tuple[int, ...] | None = None


Expression = tuple[Instruction, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One assignment ``name = expression``."""

    name: str
    expression: Expression
    number: int
    column: int


@dataclass(frozen=True, slots=True)
class Condition:
    """Comparisons that must all hold, each between two one-number expressions."""

    comparisons: tuple[tuple[Expression, Comparison, Expression], ...]


def parse_formula(text: str) -> tuple[Line, ...]:
    """Parse a whole formula, one assignment a line.

    Raises:
        FormulaError: anything outside the language, a name given twice, or no line at all.
    """
    source = _Reader(text)
    lines: dict[str, Line] = {}
    for statement in source.parse_module():
        line, column = source.place(statement)
        target, value = source.assignment(statement)
        check_name(target, line, column)
        if target in lines:
            first = lines[target].number
            raise FormulaError(f"{target} is assigned a second time (first on line {first})", line, column)
        lines[target] = Line(target, source.expression(value), line, column)
    if not lines:
        raise FormulaError("the formula is empty; write at least one line such as L = (y - t)**2")
    return tuple(lines.values())


def parse_expression(text: str) -> Expression:
    """Parse one expression, such as a data formula or a gradient; line breaks count as spaces."""
    source = _Reader(text, single=True)
    return source.expression(source.parse_single())


def parse_condition(text: str) -> Condition:
    """Parse comparisons joined by ``and``, such as ``mean(x) > 0 and w < 2``."""
    source = _Reader(text, single=True)
    tree = source.parse_single()
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    comparisons = []
    for part in parts:
        if not isinstance(part, ast.Compare) or any(type(op) not in _COMPARISONS for op in part.ops):
            raise FormulaError(
                f"found {source.segment(part)}; write a comparison such as mean(x) > 0", *source.place(part)
            )
        sides = [source.expression(side) for side in (part.left, *part.comparators)]
        for left, op, right in zip(sides, part.ops, sides[1:], strict=False):
            comparisons.append((left, _COMPARISONS[type(op)], right))
    return Condition(tuple(comparisons))


def check_name(name: str, line: int = 0, column: int = 0) -> None:
    """Refuse a name that is not an identifier or that the language needs itself."""
    if name in FUNCTIONS:
        raise FormulaError(f"{name} is a function of the language; use another name", line, column)
    if keyword.iskeyword(name):
        raise FormulaError(keyword_reason(name), line, column)
    if not name.isidentifier():
        raise FormulaError(
            f"'{printable(name)}' is not a name; names have letters, digits and _ and start with no digit",
            line,
            column,
        )
    if len(name) > MAX_NAME:
        raise FormulaError(
            f"'{printable(name, 30)}' has {len(name):,} characters; a name has at most {MAX_NAME}",
            line,
            column,
        )
    invisible = next((character for character in name if not is_safe(character)), None)
    if invisible is not None:
        raise FormulaError(
            f"'{printable(name)}' has the invisible character {printable(invisible)}; delete it", line, column
        )
    if unicodedata.normalize("NFKC", name) != name:
        raise FormulaError(f"'{printable(name)}' is not in Unicode's normal form (NFKC)", line, column)


class _Reader(Source):
    """A source whose tree is turned into lines and instructions, or refused."""

    def assignment(self, statement: ast.stmt) -> tuple[str, ast.expr]:
        if isinstance(statement, ast.Assign):
            if len(statement.targets) > 1:
                raise self.refuse(
                    statement, "found two names for one expression; write one name = expression"
                )
            target = statement.targets[0]
            if isinstance(target, ast.Name):
                return target.id, statement.value
            raise self.refuse(
                target, f"found {self.segment(target)} on the left of =; write one plain name there"
            )
        if isinstance(statement, ast.Expr):
            hint = _HINTS.get(type(statement.value))
            if hint and not isinstance(statement.value, ast.Tuple):
                raise self.refuse(statement, f"found {hint}")
            raise self.refuse(
                statement, f"found {self.segment(statement)} without a name; write name = expression"
            )
        raise self.refuse(statement, f"found {self.segment(statement)}; a line is name = expression")

    def expression(self, tree: ast.expr) -> Expression:
        """Turn an expression tree into postfix instructions; with a stack, since trees may be deep."""
        steps: list[Instruction] = []
        stack: list[ast.expr | Instruction] = [tree]
        while stack:
            node = stack.pop()
            if isinstance(node, Instruction):
                steps.append(node)
            else:
                instruction, operands = self.instruction(node)
                stack.append(instruction)
                stack.extend(reversed(operands))
        return tuple(steps)

    def instruction(self, node: ast.expr) -> tuple[Instruction, list[ast.expr]]:
        """Return the instruction a tree node stands for, and the sub-trees it takes its operands from."""
        line, column = self.place(node)
        if isinstance(node, ast.Name):
            if node.id in FUNCTIONS:
                raise self.refuse(node, f"{node.id} is a function; call it: {node.id}(...)")
            return Instruction("name", node.id, line, column), []
        if isinstance(node, ast.Constant):
            return self.number(node, line, column), []
        if isinstance(node, ast.UnaryOp):
            if not isinstance(node.op, ast.USub):
                raise self.refuse(node, f"found {self.segment(node)}; the only sign in front is the minus")
            return Instruction("operator", "negate", line, column, 1), [node.operand]
        if isinstance(node, ast.BinOp):
            symbol = BINARY.get(type(node.op))
            if symbol is None:
                found = {ast.BitXor: "^; powers are written **", ast.FloorDiv: "//; use /", ast.Mod: "%"}
                what = found.get(type(node.op), "an operator on bits")
                raise self.refuse(
                    node, f"found {what} in {self.segment(node)}; the operators are + - * / ** @"
                )
            return Instruction("operator", symbol, line, column, 2), [node.left, node.right]
        if isinstance(node, ast.Call):
            return self.call(node, line, column)
        if isinstance(node, ast.Attribute):
            if node.attr == "T":
                return Instruction("operator", ".T", line, column, 1), [node.value]
            raise self.refuse(node, f"found .{printable(node.attr)}; the only attribute is .T")
        hint = _HINTS.get(type(node))
        raise self.refuse(node, f"found {hint}" if hint else f"found {self.segment(node)}; {_LANGUAGE}")

    def number(self, node: ast.Constant, line: int, column: int) -> Instruction:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise self.refuse(node, f"found {self.segment(node)}; only finite numbers such as 2 or 1e-3")
        try:
            number = float(node.value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self.refuse(node, f"found {self.segment(node)}, too large for a finite number (1.8e308)")
        text = self.segment(node, limit=MAX_DIGITS + 1)
        return Instruction(
            "number", text if len(text) <= MAX_DIGITS else repr(number), line, column, number=number
        )

    def call(self, node: ast.Call, line: int, column: int) -> tuple[Instruction, list[ast.expr]]:
        if isinstance(node.func, ast.Attribute):
            name = node.func.attr
            right = "products of matrices are written A @ B"
            if name in FUNCTIONS or name == "T":
                right = "write .T without ( )" if name == "T" else f"write {name}(...) alone"
            raise self.refuse(node, f"found {self.segment(node.func)}(...); {right}")
        if not isinstance(node.func, ast.Name):
            raise self.refuse(node, f"found {self.segment(node)}; only named functions can be called")
        name = node.func.id
        op = FUNCTIONS.get(name)
        if op is None:
            hint = suggest(name, FUNCTIONS) or "; there are " + " ".join(FUNCTIONS)
            raise self.refuse(node, f"unknown function {printable(name)}{hint}")
        if len(node.args) != op.arity or any(isinstance(arg, ast.Starred) for arg in node.args):
            order = "(prediction, target)" if name in LOSSES else "(a, b)"
            right = f"{name}(x)" + (", with axis= by name" if name in WITH_AXIS else "")
            expected = right if op.arity == 1 else f"{name}{order}"
            raise self.refuse(
                node, f"found {self.segment(node)} with {len(node.args)} arguments; write {expected}"
            )
        axis = None
        for argument in node.keywords:
            if argument.arg != "axis" or name not in WITH_AXIS:
                found = printable(argument.arg or "**", 30)
                right = "only axis= is known" if name in WITH_AXIS else f"{name} has no options"
                raise self.refuse(argument, f"found {found}= in {name}; {right}")
            if axis is not None:
                raise self.refuse(argument, f"found axis= a second time in {name}; give it once")
            axis = self.axis(argument.value)
        return Instruction("call", name, line, column, op.arity, axis=axis), list(node.args)

    def axis(self, node: ast.expr) -> int | tuple[int, ...]:
        if isinstance(node, ast.Tuple) and node.elts:
            return tuple(self.axis_number(part) for part in node.elts)
        return self.axis_number(node)

    def axis_number(self, node: ast.expr) -> int:
        sign = 1
        value = node
        if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub):
            sign, value = -1, value.operand
        if isinstance(value, ast.Constant) and type(value.value) is int and value.value < 100:
            return sign * value.value
        raise self.refuse(
            node, f"found axis={self.segment(node)}; write a whole number such as axis=0 or axis=-1"
        )
