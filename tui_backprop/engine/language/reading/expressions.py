"""Expression trees to postfix instructions: a whitelist over Python's ast, and never eval.

Everything that is not in the language is refused with line, column, what was found and what would be right;
what else cannot be read in the same text is found as well.
"""

from __future__ import annotations

import ast
import math
from typing import Final

from tui_backprop.engine.core.errors import FormulaError, together
from tui_backprop.engine.language.reading.aliases import MODULES
from tui_backprop.engine.language.reading.arguments import NOTHING, dotted, is_none, literal_of, whole_number
from tui_backprop.engine.language.reading.calls import CallReader
from tui_backprop.engine.language.signs import version_name
from tui_backprop.engine.language.source import Source
from tui_backprop.engine.language.syntax import CONSTANTS, Comparison, Expression, IndexPart, Instruction
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr

MAX_INSIDE: Final = 12
"""Indices, or options that are expressions, inside one another."""
MAX_DIGITS = 30
"""A longer number is shown as the shortest text of the same float."""
COMPARISONS: Final[dict[type[ast.cmpop], Comparison]] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
BINARY: Final = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@",
    ast.FloorDiv: "//", ast.Mod: "%", ast.BitAnd: "&", ast.BitOr: "|",
}  # fmt: skip
_LANGUAGE = later(
    "the language has names, numbers, + - * / ** @, comparisons, ( ), [ ], .T and calls of functions"
)
_HINTS: Final[dict[type[ast.AST], str]] = {
    ast.BoolOp: later("found and/or; write a product of comparisons such as (0 < x) * (x < 1)"),
    ast.List: later(
        "found a list; lists of numbers belong into [data], [samples] or [parameters], or np.array([1, 2])"
    ),
    ast.Tuple: later("found a comma; a line is name = one expression"),
    ast.Lambda: later("found lambda, a word of Python's; use another name, such as λ or lambda_"),
    ast.Starred: later("found a *; the language has no lists to unpack"),
    ast.IfExp: later("found if/else; use where(condition, a, b), maximum(a, b) or relu(x)"),
    ast.Dict: later("found a { }"),
    ast.Set: later("found a { }"),
}
_JOINED_BY_INDEX: Final = {
    "np.c_": "column_stack",
    "numpy.c_": "column_stack",
    "np.r_": "hstack",
    "numpy.r_": "hstack",
}
"""What NumPy writes as an index and is a call."""
SHAPES: Final = ("shape", "size", "ndim")
"""What is asked of an array's shape."""


class ExpressionReader(Source, CallReader):
    """A source whose expressions are turned into instructions, or refused.

    Attributes:
        findings: what cannot be read so far.
        values: trees in whose place a value may stand that is no array: a word, None, several values.
    """

    def __init__(self, text: str, single: bool = False) -> None:
        super().__init__(text, single)
        self.findings: list[FormulaError] = []
        self._inside = 0
        self.values: set[ast.expr] = set()

    def finish(self) -> None:
        """Refuse the text if anything in it cannot be read."""
        if self.findings:
            raise together(self.findings)

    def is_broken(self, name: str) -> bool:
        """Tell whether this is a function whose definition has been refused."""
        return False

    def expression(self, tree: ast.expr) -> Expression:
        """Turn an expression tree into postfix instructions; with a stack, since trees may be deep."""
        if self._inside == MAX_INSIDE:
            reason = tr(
                "found more than {limit} indices inside one another; give the inner one a name",
                limit=MAX_INSIDE,
            )
            raise self.refuse(tree, reason)
        self._inside += 1
        try:
            return self._postfix(tree)
        finally:
            self._inside -= 1

    def value(self, tree: ast.expr) -> Expression:
        """Turn a tree into instructions in whose place a value may stand that is no array."""
        self.values.add(tree)
        return self.expression(tree)

    def _postfix(self, tree: ast.expr) -> Expression:
        steps: list[Instruction] = []
        stack: list[ast.expr | Instruction] = [tree]
        while stack:
            node = stack.pop()
            if isinstance(node, Instruction):
                steps.append(node)
                continue
            if isinstance(node, ast.Call) and self.is_broken(dotted(node.func)):
                stack.extend(node.args)
                continue
            try:
                instruction, operands = self.instruction(node)
            except FormulaError as error:
                self.findings.append(error)
                if isinstance(node, ast.Call):
                    stack.extend(arg for arg in node.args if not isinstance(arg, ast.Starred | ast.Constant))
                continue
            stack.append(instruction)
            stack.extend(reversed(operands))
        return tuple(steps)

    def instruction(self, node: ast.expr) -> tuple[Instruction, list[ast.expr]]:
        """Return the instruction a tree node stands for, and the sub-trees it takes its operands from."""
        line, column = self.place(node)
        match node:
            case ast.Name(id=name):
                return self.name(node, version_name(name), line, column), []
            case ast.Constant(value=str() | None as word) if node in self.values:
                return Instruction("object", repr(word), line, column, options=(("word", word),)), []
            case ast.Constant():
                return self.number(node, line, column), []
            case ast.Tuple(elts=parts) if node in self.values and self.segment(node)[:1] == "(":
                self.values.update(parts)
                return Instruction("object", "(…)", line, column, len(parts)), list(parts)
            case ast.List(elts=parts) if node in self.values and not (parts and all(map(is_number, parts))):
                self.values.update(parts)
                return Instruction("object", "[…]", line, column, len(parts)), list(parts)
            case ast.Dict(keys=keys, values=parts) if node in self.values and all(map(is_word, keys)):
                self.values.update(parts)
                words = tuple(key.value for key in keys)  # type: ignore[union-attr]
                options = (("keys", words),)
                return Instruction("object", "{…}", line, column, len(parts), options=options), list(parts)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.instruction(operand)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Instruction("operator", "negate", line, column, 1), [operand]
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                return Instruction("operator", "~", line, column, 1), [operand]
            case ast.UnaryOp():
                right = tr("the signs in front are - + and ~; the opposite of a comparison is ~(x > 0)")
                raise self.refuse(node, tr("found {found}; {right}", found=self.segment(node), right=right))
            case ast.BinOp(left=left, op=op, right=right_side):
                symbol = BINARY.get(type(op))
                if symbol is None:
                    found = self.segment(node)
                    reason = later("found an operator on bits in {found}; the operators are + - * / ** @")
                    if isinstance(op, ast.BitXor):
                        reason = later(
                            "found ^; powers are written ** in {found}; the operators are + - * / ** @"
                        )
                    raise self.refuse(node, tr(reason, found=found))
                return Instruction("operator", symbol, line, column, 2), [left, right_side]
            case ast.Compare():
                return self.comparison(node, line, column)
            case ast.Call():
                return self.call(node, line, column)
            case ast.Attribute():
                return self.attribute(node, line, column)
            case ast.Subscript():
                return self.index(node, line, column)
        hint = _HINTS.get(type(node))
        if hint:
            raise self.refuse(node, tr(hint))
        raise self.refuse(node, tr("found {found}; {right}", found=self.segment(node), right=tr(_LANGUAGE)))

    def name(self, node: ast.expr, name: str, line: int, column: int) -> Instruction:
        """Return the instruction for a name; a function's name alone is looked up among the lesson's."""
        return Instruction("name", name, line, column)

    def number(self, node: ast.Constant, line: int, column: int) -> Instruction:
        """Return the instruction for a number."""
        if isinstance(node.value, str):
            raise self.refuse(
                node, tr("found {found}; the language has no strings", found=self.segment(node)[:1])
            )
        if isinstance(node.value, bool) and node in self.values:
            options = (("kind", "bool"),)
            return Instruction("number", str(node.value), line, column, number=node.value, options=options)
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise self.refuse(
                node, tr("found {found}; only finite numbers such as 2 or 1e-3", found=self.segment(node))
            )
        try:
            number = float(node.value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self.refuse(
                node, tr("found {found}, too large for a finite number (1.8e308)", found=self.segment(node))
            )
        text = self.parsed(node)
        if len(text) > MAX_DIGITS:
            text = repr(number)
        kind = "int" if isinstance(node.value, int) else "float"
        return Instruction("number", text, line, column, number=number, options=(("kind", kind),))

    def comparison(self, node: ast.Compare, line: int, column: int) -> tuple[Instruction, list[ast.expr]]:
        """Return the instruction for a comparison."""
        symbol = COMPARISONS.get(type(node.ops[0]))
        if symbol is None:
            raise self.refuse(
                node, tr("found {found}; the comparisons are > < >= <= == !=", found=self.segment(node))
            )
        if len(node.ops) > 1:
            raise self.refuse(
                node,
                tr(
                    "found {found}, which NumPy refuses for arrays; write a product such as (0 < x) * "
                    "(x < 1)",
                    found=self.segment(node),
                ),
            )
        return Instruction("operator", symbol, line, column, 2), [node.left, node.comparators[0]]

    def attribute(self, node: ast.Attribute, line: int, column: int) -> tuple[Instruction, list[ast.expr]]:
        """Return the instruction for what stands behind a dot."""
        module = dotted(node.value)
        if module in MODULES and node.attr in CONSTANTS and not self.is_assigned(module):
            number = CONSTANTS[node.attr]
            return Instruction("number", node.attr, line, column, number=number), []
        if module in MODULES and node.attr == "newaxis":
            raise self.refuse(node, tr("found newaxis outside of an index; write x[:, None]"))
        if node.attr in ("T", "mT"):
            return Instruction("operator", f".{node.attr}", line, column, 1), [node.value]
        called = node.value.func if isinstance(node.value, ast.Call) else None
        if node.attr == "values" and isinstance(called, ast.Attribute) and called.attr in ("max", "min"):
            # PyTorch's give places besides
            return self.call(node.value, line, column, values=True)  # type: ignore[arg-type]
        if node.attr in SHAPES:
            return Instruction("shape", node.attr, line, column, 1), [node.value]
        name = version_name(dotted(node))
        if name and self.is_assigned(name):  # a name inside of a function that the formula defines
            return Instruction("name", name, line, column), []
        if node.attr in self.known_methods:
            raise self.refuse(
                node, tr("{name} is a function; call it: {name}(...)", name=printable(node.attr))
            )
        raise self.refuse(
            node,
            tr(
                "found .{name}; attributes are .T, .shape, .size and .ndim",
                name=printable(version_name(node.attr), 30),
            ),
        )

    # ---------------------------------------------------------------- indices

    def index(self, node: ast.Subscript, line: int, column: int) -> tuple[Instruction, list[ast.expr]]:
        """Read ``x[…]``, a length such as ``x.shape[0]``, or one of several values, ``cache["A1"]``."""
        if is_word(node.slice):
            key = node.slice.value  # type: ignore[attr-defined]
            if self.is_of_lesson(node.value):
                return Instruction("name", key, line, column), []
            return Instruction("object", "field", line, column, 1, options=(("key", key),)), [node.value]
        if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
            axis = whole_number(node.slice)
            if axis is None:
                raise self.refuse(
                    node.slice, tr("found .shape[{found}]; write .shape[0]", found=self.segment(node.slice))
                )
            options = (("axis", axis),)
            return Instruction("shape", "length", line, column, 1, options=options), [node.value.value]
        joined = _JOINED_BY_INDEX.get(dotted(node.value))
        if joined is not None and not self.is_assigned(dotted(node.value).partition(".")[0]):
            operands = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            return Instruction("call", joined, line, column, len(operands)), list(operands)
        parts = self.parts(node.slice)
        return Instruction("index", "index", line, column, 1, options=(("parts", parts),)), [node.value]

    def is_of_lesson(self, tree: ast.expr) -> bool:
        """Tell whether a tree is a dictionary that the text does not make, as of a lesson's parameters."""
        name = dotted(tree)
        return bool(name) and not self.is_assigned(name.partition(".")[0])

    def parts(self, index: ast.expr) -> tuple[IndexPart, ...]:
        """Return the parts of an index."""
        parts: list[IndexPart] = []
        for part in index.elts if isinstance(index, ast.Tuple) else [index]:
            match part:
                case ast.Slice(lower=lower, upper=upper, step=step):
                    sides = (
                        None if e is None or is_none(e) else self.expression(e) for e in (lower, upper, step)
                    )
                    parts.append(IndexPart("slice", tuple(sides), self.segment(part)))
                case ast.Constant(value=None) | ast.Attribute(attr="newaxis"):
                    parts.append(IndexPart("new", (), "None"))
                case ast.Constant(value=value) if value is ...:
                    parts.append(IndexPart("ellipsis", (), "..."))
                case ast.Constant(value=bool() | float() | str()):
                    raise self.refuse(
                        part,
                        tr("found [{found}]; write a whole number such as x[0]", found=self.segment(part)),
                    )
                case ast.Starred():
                    raise self.refuse(part, tr("found a *; write the indices one by one"))
                case ast.List(elts=[_, *_] as elements):
                    parts.append(
                        IndexPart(
                            "item", (self.expression(numbers_made(part, elements)),), self.segment(part)
                        )
                    )
                case _:
                    parts.append(IndexPart("item", (self.expression(part),), self.segment(part)))
        return tuple(parts)


def is_word(node: ast.expr | None) -> bool:
    """Tell whether a tree is a word in quotes."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_number(node: ast.expr) -> bool:
    """Tell whether a tree is a number, or rows of these."""
    if isinstance(node, ast.List | ast.Tuple):
        return all(map(is_number, node.elts))
    return literal_of(node) is not NOTHING


def numbers_made(node: ast.expr, elements: list[ast.expr]) -> ast.expr:
    """Return ``[0, 2]`` as the call that makes it, ``np.array([0, 2])``."""
    made = ast.Call(ast.Name("array", ast.Load()), [ast.List(elements, ast.Load())], [])
    for part in (made, made.func, made.args[0]):
        ast.copy_location(part, node)
    return made
