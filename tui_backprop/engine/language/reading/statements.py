"""Statements: assignments in all their forms, ``for`` over a range, and ``def``; anything else is refused."""

from __future__ import annotations

import ast
import keyword
import unicodedata
from dataclasses import replace
from typing import Any, Final

from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.language.reading.aliases import IMPORTS, MODULES, OF_TORCH, UNLIKE
from tui_backprop.engine.language.reading.arguments import dotted
from tui_backprop.engine.language.reading.expressions import BINARY, SHAPES, ExpressionReader
from tui_backprop.engine.language.signs import version_name
from tui_backprop.engine.language.source import keyword_reason
from tui_backprop.engine.language.syntax import (
    CONSTANTS,
    Definition,
    Expression,
    ForLoop,
    FormulaLine,
    Instruction,
    Statement,
    Together,
)
from tui_backprop.engine.ops.arrays.constants import MAKERS
from tui_backprop.text.printable import is_safe, printable

MAX_NAME: Final = 100
"""Characters in a name: it is written again in every expression that it is part of."""
_LINE: Final = "a line is name = expression"
_AUGMENTED: Final = ("+", "-", "*", "/", "**", "@")
_OTHERS: Final = {
    ast.If: f"if; {_LINE}, such as y = where(x > 0, a, b)",
    ast.While: f"while; {_LINE}, or for t in range(10):",
    ast.With: f"with; {_LINE}",
    ast.ClassDef: f"class; {_LINE}, or def f(x):",
    ast.Return: f"return outside of a function; {_LINE}",
}  # fmt: skip


class StatementReader(ExpressionReader):
    """A source that is a whole formula.

    Attributes:
        definitions: the functions that it defines, by name.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.definitions: dict[str, Definition] = {}
        self.names: set[str] = set()
        self.defining = ""
        self.broken: set[str] = set()

    def is_assigned(self, name: str) -> bool:
        """Tell whether a line above assigns this name."""
        return name in self.names

    def defined(self, name: str) -> tuple[str, ...] | None:
        """Return the parameters of a function that is defined above."""
        definition = self.definitions.get(name)
        return None if definition is None else definition.parameters

    def is_broken(self, name: str) -> bool:
        """Tell whether this is a function whose definition has been refused."""
        return name in self.broken

    def statements(self, trees: list[ast.stmt]) -> list[Statement]:
        """Read statements; what cannot be read is noted, and reading goes on behind it."""
        read: list[Statement] = []
        for tree in trees:
            try:
                read += self.statement(tree)
            except FormulaError as error:
                self.findings.append(error)
                if isinstance(tree, ast.FunctionDef):
                    self.broken.add(tree.name)
        return read

    def statement(self, tree: ast.stmt) -> list[Statement]:
        """Return the statements that a tree stands for."""
        line, column = self.place(tree)
        match tree:
            case ast.Assign(targets=[target], value=value):
                return self.assignment(target, value, line, column)
            case ast.Assign(targets=targets, value=value):  # a = b = x
                first = self.assignment(targets[0], value, line, column)
                if not all(isinstance(target, ast.Name) for target in targets):
                    raise self.refuse(tree, "found several targets; write one assignment for each")
                copies = [self.assignment(t, targets[0], line, column) for t in targets[1:]]
                return [*first, *(statement for copy in copies for statement in copy)]
            case ast.AugAssign(target=target, op=op, value=value):
                return [self.augmented(target, op, value, line, column)]
            case ast.AnnAssign(target=ast.Name() as target, value=value) if (
                value is not None and not tree.simple - 1
            ):
                raise self.refuse(tree, f"found {self.segment(tree)}; {_LINE}")
            case ast.For():
                return [self.loop(tree, line, column)]
            case ast.FunctionDef():
                self.define(tree, line, column)
                return []
            case ast.Import(names=names) if all((n.name, n.asname or n.name) in IMPORTS for n in names):
                return []
            case ast.ImportFrom(module=module, names=names, level=0):
                self.imported(tree, module or "", names)
                return []
            case ast.Pass():
                return []
            case ast.Expr(value=value):
                return self.alone(tree, value)
        what = _OTHERS.get(type(tree))
        raise self.refuse(tree, f"found {what}" if what else f"found {self.segment(tree)}; {_LINE}")

    def alone(self, tree: ast.Expr, value: ast.expr) -> list[Statement]:
        """Pass over what a notebook shows, a name or a shape; refuse any other expression without a name."""
        shown = value.elts if isinstance(value, ast.Tuple) else [value]
        if all(isinstance(part, ast.Name) or _is_shape(part) for part in shown):
            return []
        if isinstance(value, ast.BoolOp | ast.List | ast.Lambda | ast.IfExp | ast.Dict | ast.Set):
            self.expression(value)
            return []
        raise self.refuse(tree, f"found {self.segment(tree)} without a name; write name = expression")

    def imported(self, tree: ast.ImportFrom, module: str, names: list[ast.alias]) -> None:
        """Pass over the import of functions that the language has, by their own names."""
        for name in names:
            other = (module in OF_TORCH and (name.name in UNLIKE or name.name in ("max", "min"))) or (
                module == "scipy.special" and "softmax" in name.name
            )
            known = name.name in self.known_methods or name.name in MAKERS or name.name in CONSTANTS
            if module not in MODULES or name.asname not in (None, name.name) or other or not known:
                right = "import numpy as np, or functions of the language by their own names"
                raise self.refuse(tree, f"found {self.segment(tree)}; write {right}")

    # ---------------------------------------------------------------- assignments

    def target(self, target: ast.expr) -> str:
        """Return the name that is assigned."""
        if not isinstance(target, ast.Name):
            raise self.refuse(
                target, f"found {self.segment(target)} on the left of =; write one plain name there"
            )
        name = target.id
        check_name(version_name(name), *self.place(target))
        return name

    def assignment(self, target: ast.expr, value: ast.expr, line: int, column: int) -> list[Statement]:
        """Return the statements for one target and its value."""
        if isinstance(target, ast.Tuple | ast.List):
            return [self.unpacked(target, value)]
        if isinstance(target, ast.Subscript):
            return [self.stored(target, self.expression(value), line, column)]
        name = self.target(target)
        expression = self.expression(value)
        self.names.add(name)
        return [FormulaLine(name, expression, line, column)]

    def unpacked(self, target: ast.Tuple | ast.List, value: ast.expr) -> Statement:
        """Read ``a, b = x, y``, ``n, d = X.shape`` and ``h, c = cell(x, h, c)``."""
        parts = target.elts
        unpacks = False
        if isinstance(value, ast.Tuple | ast.List):
            if len(value.elts) != len(parts):
                raise self.refuse(
                    target, f"found {len(parts)} names for {len(value.elts)} values; write as many of each"
                )
            expressions = [self.expression(part) for part in value.elts]
        elif isinstance(value, ast.Attribute) and value.attr == "shape":
            of = self.expression(value.value)
            place = self.place(value)
            options = [(("axis", axis), ("axes", len(parts))) for axis in range(len(parts))]
            expressions = [(*of, Instruction("shape", "length", *place, 1, options=o)) for o in options]
        else:
            unpacks = isinstance(value, ast.Call) and isinstance(value.func, ast.Name)
            if not unpacks or self.defined(value.func.id) is None:  # type: ignore[attr-defined]
                raise self.refuse(
                    target,
                    f"found {self.segment(target)} on the left of =; write as many values on the right",
                )
            expressions = [self.expression(value)] * len(parts)
        names = [self.target(part) for part in parts]
        if len(set(names)) < len(names):
            raise self.refuse(target, "found a name twice on the left of =; each gets one value")
        self.names.update(names)
        lines = zip(names, expressions, parts, strict=True)
        return Together(tuple(FormulaLine(n, e, *self.place(part)) for n, e, part in lines), unpacks)

    def augmented(
        self, target: ast.expr, op: ast.operator, value: ast.expr, line: int, column: int
    ) -> FormulaLine:
        """Read ``z += x`` and ``z[0] *= 2``."""
        symbol = BINARY.get(type(op), "")
        if symbol not in _AUGMENTED:
            raise self.refuse(target, "found an operator on bits with =; write += -= *= /=")
        step = Instruction("operator", symbol, line, column, 2)
        if isinstance(target, ast.Subscript):
            *before, index = self.expression(target)
            changes = replace(index, options=(*index.options, ("changes", True)))
            return self.stored(
                target, (*before, changes, *self.expression(value), step), line, column, changes=True
            )
        name = self.target(target)
        mine = Instruction("name", name, *self.place(target))
        expression = (mine, *self.expression(value), step)
        self.names.add(name)
        return FormulaLine(name, expression, line, column, in_place=True)

    def stored(
        self, target: ast.Subscript, value: Expression, line: int, column: int, *, changes: bool = False
    ) -> FormulaLine:
        """Read ``z[…] = value``: a new array, with the value at the index."""
        name = self.target(target.value)
        mine = Instruction("name", name, *self.place(target))
        parts = self.parts(target.slice)
        options: tuple[tuple[str, Any], ...] = (("parts", parts),)
        options += (("changes", True),) if changes else ()
        store = Instruction("store", "store", line, column, 2, options=options)
        return FormulaLine(name, (mine, *value, store), line, column, in_place=True)

    # ---------------------------------------------------------------- for and def

    def loop(self, tree: ast.For, line: int, column: int) -> ForLoop:
        """Read ``for t in range(…):``."""
        over = tree.iter
        is_range = isinstance(over, ast.Call) and isinstance(over.func, ast.Name) and over.func.id == "range"
        if not is_range or over.keywords or not 1 <= len(over.args) <= 3:  # type: ignore[attr-defined]
            raise self.refuse(
                over, f"found for … in {self.segment(over)}; write for t in range(3): or range(len(x))"
            )
        if tree.orelse:
            raise self.refuse(tree, "found else behind a for; write its lines below")
        bounds = tuple(self.expression(bound) for bound in over.args)  # type: ignore[attr-defined]
        variable = self.target(tree.target)
        self.names.add(variable)
        return ForLoop(variable, bounds, tuple(self.statements(tree.body)), line, column)

    def define(self, tree: ast.FunctionDef, line: int, column: int) -> None:
        """Read ``def f(x, W): …; return …``."""
        arguments = tree.args
        check_name(tree.name, line, column)
        if self.defining:
            raise self.refuse(tree, f"found def inside of def {self.defining}; write it above")
        if (
            tree.decorator_list
            or arguments.vararg
            or arguments.kwarg
            or arguments.posonlyargs
            or arguments.kwonlyargs
        ):
            raise self.refuse(
                tree, f"found {self.segment(tree)}; write def {tree.name}(x, w): and nothing above"
            )
        *body, last = tree.body
        if not isinstance(last, ast.Return) or last.value is None:
            raise self.refuse(
                last, f"the last line of {printable(tree.name, 30)} is not return; end it with return result"
            )
        parameters = tuple(
            self.target(ast.copy_location(ast.Name(a.arg, ast.Store()), a)) for a in arguments.args
        )
        twice = next((name for name in parameters if parameters.count(name) > 1), None)
        if twice:
            raise self.refuse(
                tree, f"{tree.name} has the parameter {twice} twice; give each a name of its own"
            )
        values = [self.expression(default) for default in arguments.defaults]
        defaults = tuple(zip(parameters[len(parameters) - len(values) :], values, strict=True))
        calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and dotted(n.func) == tree.name]
        if calls:
            raise self.refuse(calls[0], f"{tree.name} calls itself; write its turns as a for")
        outer, self.names, self.defining = self.names, {*self.names, *parameters}, tree.name
        try:
            statements = tuple(self.statements(body))
            results = last.value.elts if isinstance(last.value, ast.Tuple) else [last.value]
            returned = tuple(self.expression(result) for result in results)
        finally:
            inner, self.names, self.defining = self.names - outer, outer, ""
        self.names.update(f"{tree.name}.{name}" for name in inner)
        self.definitions[tree.name] = Definition(
            tree.name, parameters, defaults, statements, returned, line, column
        )


def _is_shape(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in SHAPES and bool(dotted(node.value))


def check_name(name: str, line: int = 0, column: int = 0) -> None:
    """Refuse a name that is not an identifier or that the language needs itself."""
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
