"""Functions put in place where they are called, the formula's own and composite ones, and names inside."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final

from tui_backprop.engine.autodiff.graph import Kind, Node
from tui_backprop.engine.autodiff.groups import Group
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.core.mode import Mode
from tui_backprop.engine.language.building.arrays import ExpressionBuilder
from tui_backprop.engine.language.building.in_place import Scope
from tui_backprop.engine.language.building.nodes import FullError, Leaf
from tui_backprop.engine.language.composites import BY_KEY
from tui_backprop.engine.language.reading.statements import StatementReader
from tui_backprop.engine.language.syntax import Definition, Expression, Formula, Instruction, Statement
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr

MAX_DEPTH: Final = 40
"""Functions that are called inside one another."""
MAX_ARGUMENT: Final = 30
"""Characters of an argument in the text of a call."""


class UnknownError(FormulaError):
    """Something that a refused line should have given; that line has been told of."""


_GIVEN: Final = {
    Kind.DATA: later("{name} is given in the lesson's data already; use another name"),
    Kind.SAMPLES: later("{name} is given in the lesson's samples already; use another name"),
    Kind.PARAMETER: later("{name} is given in the lesson's parameter already; use another name"),
}


class CallBuilder(ExpressionBuilder):
    """Nodes of expressions in which functions are called.

    Args:
        leaves: what is given.
        formula: the statements, of which the functions are asked for.
        mode: what the graph is for.

    Attributes:
        totals: how often each name is assigned, where that is known.
        counted: whether it is known of names inside of functions too.
        seen: how often each name has been assigned.
        again: whether names had versions that were not known, so that another pass has to name them.
        later: the names that the formula assigns somewhere.
        groups: what each call, each layer and each turn has put in.
    """

    def __init__(self, leaves: Mapping[str, Leaf], formula: Formula, mode: Mode) -> None:
        super().__init__(leaves, mode)
        self.formula = formula
        self.totals: Mapping[str, int] | None = None
        self.counted = False
        self.again = False
        self.later: set[str] = set()
        self.seen: Counter[str] = Counter()
        self.scopes = [Scope(names=dict(self.named))]
        self.groups: list[Group] = []

    @abstractmethod
    def do_statement(self, statement: Statement) -> None:
        """Build the nodes of a statement."""

    def evaluate_line(self, expression: Expression, label: str) -> Node:
        """Build an expression as part of a line."""
        self.line, outer = label, self.line
        try:
            return self.evaluate(expression, label)
        finally:
            self.line = outer

    def drop(self, mark: int) -> None:
        """Forget nodes that only gave a number, and what put them in."""
        super().drop(mark)
        self.groups = [group for group in self.groups if group.stop <= mark]

    # ---------------------------------------------------------------- names

    def label(self, name: str, line: int, column: int) -> str:
        """Return what the next value of a name is called: the last one plain, those before with a number."""
        scope = self.scopes[-1]
        given = self.named.get(name) if self.keeps_given and not scope.prefix else None
        if given is not None and given.kind in _GIVEN:
            raise FormulaError(tr(_GIVEN[given.kind], name=name), line, column)
        key = scope.prefix + name
        count = self.seen[key] + 1
        if self.totals is None:
            self.again = True
            return f"{key}.{count}"
        return key if count >= self.totals.get(key, 1) else f"{key}.{count}"

    def find(self, step: Instruction) -> Node | None:
        """Return what a name stands for at this place."""
        scope = self.scopes[-1]
        if scope.own is not None and step.text not in scope.own:
            if scope.composite:
                return None  # what the formula calls inf or pi is not what is meant there
            scope = self.scopes[0]
        found = scope.names.get(step.text)
        if found is None and "." in step.text:
            found = self.named.get(step.text)
        if found == "":
            raise UnknownError("", step.line, step.column)
        if isinstance(found, str):
            raise FormulaError(found, step.line, step.column)
        return found

    def unknown(self, step: Instruction) -> FormulaError:
        """Return the refusal of a name."""
        own = self.scopes[-1].own
        if step.text in (self.later if own is None else own):
            shown = printable(step.text)
            return FormulaError(
                tr("{name} is used before the line that assigns it", name=shown), step.line, step.column
            )
        return super().unknown(step)

    # ---------------------------------------------------------------- functions

    def defined(self, step: Instruction, operands: tuple[Node, ...], own: str | None) -> Node:
        """Return the result of a function that the formula defines, with its lines put in place."""
        nodes = self.called(step, operands, [own] if own else [None])
        return nodes[0]

    def composite(self, key: str) -> Definition:
        """Return a composite function; how often names in it are assigned is not known beforehand."""
        self.again = self.again or not self.counted
        return _composite(key)

    def called(self, step: Instruction, operands: Sequence[Node], labels: Sequence[str | None]) -> list[Node]:
        """Put a function's lines in place, and return its results under these labels."""
        definition = self.formula.definitions.get(step.text) or self.composite(step.text)
        if len(definition.results) != len(labels):
            several = ", ".join("abcdefgh"[: len(definition.results)])
            raise FormulaError(
                tr(
                    "{name} returns {count} values; write {several} = {name}(...)",
                    name=definition.name,
                    count=len(definition.results),
                    several=several,
                ),
                step.line,
                step.column,
            )
        if len(self.scopes) > MAX_DEPTH:
            raise FullError(tr("functions call one another too deep"), step.line, step.column)
        names: dict[str, Node | str] = dict(zip(dict(step.options)["names"], operands, strict=True))
        for parameter, default in definition.defaults:
            if parameter not in names:
                names[parameter] = self.evaluate(default)
        missing = [parameter for parameter in definition.parameters if parameter not in names]
        if missing:
            raise FormulaError(
                tr(
                    "{name} is called without {missing}; write {name}({parameters})",
                    name=definition.name,
                    missing=missing[0],
                    parameters=", ".join(definition.parameters),
                ),
                step.line,
                step.column,
            )
        scope = Scope(f"{definition.name}.", definition.locals, names, step.text in BY_KEY)
        self.scopes.append(scope)
        mark = len(self.nodes)
        try:
            results = self.results(definition, labels)
        except UnknownError:
            raise
        except FormulaError as error:
            if step.text in BY_KEY:  # whose lines are not the user's
                again: Callable[..., FormulaError] = type(error)
                raise again(f"{definition.name}: {error.reason}", step.line, step.column) from None
            raise further(
                error, tr("in {name}, called on line {line}", name=definition.name, line=step.line)
            ) from None
        finally:
            if len(self.scopes) > 1:
                self.scopes.pop()
        self.group(definition.name, operands, step.line, mark)
        return results

    def layered(self, step: Instruction, operands: tuple[Node, ...], own: str | None) -> Node:
        """Put a layer's nodes in place, and return its result."""
        mark = len(self.nodes)
        result = super().layered(step, operands, own)
        self.group(step.text, operands, step.line, mark)
        return result

    def group(self, name: str, operands: Sequence[Node], line: int, mark: int) -> None:
        """Note the nodes from a place on as those of a call, if there are any."""
        if len(self.nodes) > mark:
            text = f"{name}({', '.join(map(_argument, operands))})"
            self.groups.append(Group(text, line, mark, len(self.nodes)))

    def results(self, definition: Definition, labels: Sequence[str | None]) -> list[Node]:
        """Build a function's lines, and return its results."""
        for statement in definition.body:
            self.do_statement(statement)
        results = []
        for expression, label in zip(definition.results, labels, strict=True):
            results.append(self.evaluate_line(expression, label) if label else self.evaluate(expression))
        return results


def _argument(node: Node) -> str:
    """Return what a call has in a place, cut where it is long."""
    text = node.label or node.shown.text
    return text if len(text) <= MAX_ARGUMENT else f"{text[: MAX_ARGUMENT - 2]} …"


@cache
def _composite(key: str) -> Definition:
    """Read a composite function."""
    reader = StatementReader(BY_KEY[key].text)
    trees, reader.findings = reader.parse_module()
    reader.statements(trees)
    reader.finish()
    (definition,) = reader.definitions.values()
    return definition


def further(error: FormulaError, where: str) -> FormulaError:
    """Return an error that says where besides its line it arose, the innermost place first."""
    if error.depth >= 3:
        return error  # the innermost say enough
    again: Callable[..., FormulaError] = type(error)
    found = again(f"{error.reason} ({where})", error.line, error.column)
    found.depth = error.depth + 1
    return found
