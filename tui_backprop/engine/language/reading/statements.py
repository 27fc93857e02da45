"""Statements: assignments in all their forms, ``for`` over a range, and ``def``; anything else is refused."""

from __future__ import annotations

import ast
from typing import Final

from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.language.reading.aliases import IMPORTS, MODULES, OF_TORCH, UNLIKE
from tui_backprop.engine.language.reading.arguments import dotted
from tui_backprop.engine.language.reading.assigning import AssignmentReader, check_name
from tui_backprop.engine.language.reading.choices import read_test
from tui_backprop.engine.language.reading.expressions import SHAPES
from tui_backprop.engine.language.reading.loops import rows_of
from tui_backprop.engine.language.syntax import (
    CONSTANTS,
    Choice,
    Definition,
    ForLoop,
    Statement,
    Test,
)
from tui_backprop.engine.ops.arrays.constants import MAKERS
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr

_LINE: Final = later("a line is name = expression")
_OTHERS: Final = {
    ast.While: later("found while; a line is name = expression, or for t in range(10):"),
    ast.With: later("found with; a line is name = expression"),
    ast.ClassDef: later("found class; a line is name = expression, or def f(x):"),
    ast.Return: later(
        "found return, which ends a def and stands there once; a line is name = expression"
    ),
}  # fmt: skip


class StatementReader(AssignmentReader):
    """A source that is a whole formula.

    Attributes:
        definitions: the functions that it defines, by name.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.definitions: dict[str, Definition] = {}
        self.defining = ""
        self.broken: set[str] = set()
        self.choosing = 0
        self.below: set[str] = set()

    def defined(self, name: str) -> tuple[str, ...] | None:
        """Return the parameters of a function that is defined above."""
        definition = self.definitions.get(name)
        return None if definition is None else definition.parameters

    def is_broken(self, name: str) -> bool:
        """Tell whether this is a function whose definition has been refused."""
        return name in self.broken

    def is_defined_below(self, name: str) -> bool:
        """Tell whether the text defines a function of this name further down."""
        return name in self.below

    def statements(self, trees: list[ast.stmt]) -> list[Statement]:
        """Read statements; what cannot be read is noted, and reading goes on behind it."""
        read: list[Statement] = []
        self.below |= {tree.name for tree in trees if isinstance(tree, ast.FunctionDef)}
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
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda(args=arguments, body=result)):
                body: list[ast.stmt] = [ast.copy_location(ast.Return(result), result)]
                function = ast.FunctionDef(name, arguments, body, [], None)
                self.define(ast.copy_location(function, tree), line, column)
                return []
            case ast.Assign(targets=[target], value=ast.IfExp(test=test, body=yes, orelse=no)):
                asked = read_test(self, test)
                sides = [tuple(self.assignment(target, side, line, column)) for side in (yes, no)]
                return [Choice(asked, sides[0], sides[1], line, column)]
            case ast.Assign(targets=[target], value=value):
                return self.assignment(target, value, line, column)
            case ast.Assign(targets=targets, value=value):  # a = b = x
                first = self.assignment(targets[0], value, line, column)
                if not all(isinstance(target, ast.Name) for target in targets):
                    raise self.refuse(tree, tr("found several targets; write one assignment for each"))
                copies = [self.assignment(t, targets[0], line, column) for t in targets[1:]]
                return [*first, *(statement for copy in copies for statement in copy)]
            case ast.AugAssign(target=target, op=op, value=value):
                return [self.augmented(target, op, value, line, column)]
            case ast.AnnAssign(target=ast.Name() as target, value=value) if (
                value is not None and not tree.simple - 1
            ):
                raise self.no_line(tree)
            case ast.For():
                return [self.loop(tree, line, column)]
            case ast.If(test=test, body=body, orelse=orelse):
                return [self.choice(test, body, orelse, line, column)]
            case ast.Raise() if self.choosing:
                return [Choice(Test("raise"), (), (), line, column)]
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
        raise self.no_line(tree)

    def no_line(self, tree: ast.stmt) -> FormulaError:
        """Return the refusal of a statement that is none of the language."""
        if other := _OTHERS.get(type(tree)):
            return self.refuse(tree, tr(other))
        return self.refuse(tree, tr("found {found}; {right}", found=self.segment(tree), right=tr(_LINE)))

    def alone(self, tree: ast.Expr, value: ast.expr) -> list[Statement]:
        """Pass over what a notebook shows, a name or a shape; refuse any other expression without a name."""
        match value:
            case ast.Call(
                func=ast.Attribute(value=ast.Name() as of, attr="append"), args=[item], keywords=[]
            ):
                return [self.appended(of, item)]
        shown = value.elts if isinstance(value, ast.Tuple) else [value]
        if all(isinstance(part, ast.Name) or _is_shape(part) for part in shown):
            return []
        if isinstance(value, ast.BoolOp | ast.List | ast.Lambda | ast.IfExp | ast.Dict | ast.Set):
            self.expression(value)
            return []
        raise self.refuse(
            tree, tr("found {found} without a name; write name = expression", found=self.segment(tree))
        )

    def imported(self, tree: ast.ImportFrom, module: str, names: list[ast.alias]) -> None:
        """Pass over the import of functions that the language has, by their own names."""
        for name in names:
            other = (module in OF_TORCH and (name.name in UNLIKE or name.name in ("max", "min"))) or (
                module == "scipy.special" and "softmax" in name.name
            )
            known = name.name in self.known_methods or name.name in MAKERS or name.name in CONSTANTS
            if module not in MODULES or name.asname not in (None, name.name) or other or not known:
                reason = tr(
                    "found {found}; write import numpy as np, "
                    "or functions of the language by their own names",
                    found=self.segment(tree),
                )
                raise self.refuse(tree, reason)

    # ---------------------------------------------------------------- if, for and def

    def choice(
        self, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt], line: int, column: int
    ) -> Choice:
        """Read ``if training:`` and what else."""
        asked = read_test(self, test)
        self.choosing += 1
        try:
            return Choice(asked, tuple(self.statements(body)), tuple(self.statements(orelse)), line, column)
        finally:
            self.choosing -= 1

    def loop(self, tree: ast.For, line: int, column: int) -> ForLoop:
        """Read ``for t in range(…):``."""
        over = tree.iter
        backwards = isinstance(over, ast.Call) and dotted(over.func) == "reversed" and len(over.args) == 1
        if backwards:
            over = over.args[0]  # type: ignore[attr-defined]
        if tree.orelse:
            raise self.refuse(tree, tr("found else behind a for; write its lines below"))
        called = over if isinstance(over, ast.Call) and isinstance(over.func, ast.Name) else None
        is_range = called is not None and called.func.id == "range"  # type: ignore[attr-defined]
        if called is not None and is_range and not called.keywords and 1 <= len(called.args) <= 3:
            bounds = tuple(self.expression(bound) for bound in called.args)
            variable = self.target(tree.target)
            body = tree.body
        elif backwards or is_range:
            reason = tr(
                "found for … in {found}; write for t in range(3): or range(len(x))", found=self.segment(over)
            )
            raise self.refuse(over, reason)
        else:
            variable, bounds, rows = rows_of(self, tree)
            body = [*rows, *tree.body]
        self.names.add(variable)
        return ForLoop(variable, bounds, tuple(self.statements(body)), line, column, backwards)

    def define(self, tree: ast.FunctionDef, line: int, column: int) -> None:
        """Read ``def f(x, W): …; return …``."""
        arguments = tree.args
        check_name(tree.name, line, column)
        if self.defining:
            raise self.refuse(
                tree, tr("found def inside of def {defining}; write it above", defining=self.defining)
            )
        if (
            tree.decorator_list
            or arguments.vararg
            or arguments.kwarg
            or arguments.posonlyargs
            or arguments.kwonlyargs
        ):
            raise self.refuse(
                tree,
                tr(
                    "found {found}; write def {name}(x, w): and nothing above",
                    found=self.segment(tree),
                    name=tree.name,
                ),
            )
        *body, last = tree.body
        if not isinstance(last, ast.Return) or last.value is None:
            raise self.refuse(
                last,
                tr(
                    "the last line of {name} is not return; end it with return result",
                    name=printable(tree.name, 30),
                ),
            )
        parameters = tuple(
            self.target(ast.copy_location(ast.Name(a.arg, ast.Store()), a)) for a in arguments.args
        )
        twice = next((name for name in parameters if parameters.count(name) > 1), None)
        if twice:
            raise self.refuse(
                tree,
                tr(
                    "{name} has the parameter {twice} twice; give each a name of its own",
                    name=tree.name,
                    twice=twice,
                ),
            )
        values = [self.value(default) for default in arguments.defaults]
        defaults = tuple(zip(parameters[len(parameters) - len(values) :], values, strict=True))
        calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and dotted(n.func) == tree.name]
        if calls:
            raise self.refuse(calls[0], tr("{name} calls itself; write its turns as a for", name=tree.name))
        outer, self.names, self.defining = self.names, {*self.names, *parameters}, tree.name
        try:
            statements = tuple(self.statements(body))
            results = last.value.elts if isinstance(last.value, ast.Tuple) else [last.value]
            returned = tuple(self.value(result) for result in results)
        finally:
            inner, self.names, self.defining = self.names - outer, outer, ""
        self.names.update(f"{tree.name}.{name}" for name in inner)
        self.definitions[tree.name] = Definition(
            tree.name, parameters, defaults, statements, returned, line, column
        )


def _is_shape(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in SHAPES and bool(dotted(node.value))
