"""A formula's statements in order: versions of names, functions put in place, turns of a ``for``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.autodiff.groups import Group
from tui_backprop.engine.core.errors import FormulaError, together
from tui_backprop.engine.core.mode import Mode
from tui_backprop.engine.language.building.calling import CallBuilder, UnknownError, further
from tui_backprop.engine.language.building.in_place import check_in_place
from tui_backprop.engine.language.building.nodes import MAX_NODES, FullError, Leaf
from tui_backprop.engine.language.building.splitting import split
from tui_backprop.engine.language.syntax import (
    SPLITS,
    Choice,
    Expression,
    ForLoop,
    Formula,
    FormulaLine,
    Instruction,
    Statement,
    Together,
    assigned,
    walk,
)
from tui_backprop.engine.ops.base import Term
from tui_backprop.text.sentences import tr

MANY: Final = 20
"""Lines of which it is told at once that they are refused."""
MAX_TURNS: Final = 50_000
"""Turns of all loops together."""


class FormulaBuilder(CallBuilder):
    """Builds the nodes of a whole formula.

    Args:
        leaves: what is given.
        formula: the statements.
        versions: how often each name is assigned, where that has been counted.
        mode: what the graph is for.

    Attributes:
        last: the label of what was assigned last.
        places: line and column by label.
    """

    def __init__(
        self,
        leaves: Mapping[str, Leaf],
        formula: Formula,
        versions: Mapping[str, int] | None = None,
        mode: Mode = Mode.TRAINING,
    ) -> None:
        super().__init__(leaves, formula, mode)
        names = assigned(formula)
        plain = not formula.definitions and not any(isinstance(s, ForLoop | Choice) for s in formula)
        self.counted = versions is not None
        self.totals = versions if versions is not None else Counter(names) if plain else None
        self.later = set(names)
        self.last = ""
        self.places: dict[str, tuple[int, int]] = {}
        self.turns = 0

    def run(self) -> None:
        """Build everything.

        Raises:
            FormulaError: with the first line that is refused, and the others.
        """
        findings: list[FormulaError] = []
        for statement in self.formula:
            try:
                self.do_statement(statement)
            except FullError as error:
                raise together([*findings, error]) from None
            except FormulaError as error:
                findings += [] if isinstance(error, UnknownError) else [error]
                findings += self.unknown_names(statement)
                if len(findings) >= MANY:
                    break
                self.forget(statement)
        if findings:
            raise together(findings)

    def unknown_names(self, statement: Statement) -> list[FormulaError]:
        """Return the refusals of all names in a line that nothing stands for."""
        lines = (
            ()
            if isinstance(statement, ForLoop | Choice)
            else statement.lines
            if isinstance(statement, Together)
            else (statement,)
        )
        del self.scopes[1:]
        errors: list[FormulaError] = []
        for step in (step for line in lines for step in walk(line.expression)):
            try:
                if step.kind == "name":
                    self.look_up(step)
            except UnknownError:
                pass
            except FormulaError as error:
                errors.append(error)
        return errors

    def forget(self, statement: Statement) -> None:
        """Leave what a refused statement should have assigned without a complaint of its own."""
        for name in assigned([statement]):
            self.scopes[0].names[name] = ""
        del self.scopes[1:]
        self.line = None

    # ---------------------------------------------------------------- statements

    def do_statement(self, statement: Statement) -> None:
        """Build the nodes of a statement."""
        if isinstance(statement, FormulaLine):
            self.do_line(statement)
        elif isinstance(statement, ForLoop):
            self.do_loop(statement)
        elif isinstance(statement, Choice):
            if statement.test.kind == "raise":
                raise FormulaError(tr("the text raises an error here"), statement.number, statement.column)
            for chosen in statement.body if self.holds(statement.test) else statement.other:
                self.do_statement(chosen)
        else:
            self.do_together(statement)

    def do_line(self, line: FormulaLine) -> None:
        """Build one assignment."""
        label = self.label(line.name, line.number, line.column)
        old = self.changed(line) if line.in_place else None
        if old is not None and old.index in self.objects and line.expression[-1].kind == "store":
            self.keep(line, old, label)
            return
        node = self.evaluate_line(line.expression, label)
        if old is not None:
            check_in_place(self, self.scopes, line, old, node)
        self.assign(line, label, node)

    def keep(self, line: FormulaLine, held: Node, label: str) -> None:
        """Put a value among several that one name stands for."""
        step, given = line.expression[-1], line.expression[1:-1]
        is_name = len(given) == 1 and given[0].kind in ("name", "object")
        node = self.evaluate(given) if is_name else self.evaluate_line(given, label)
        parts = dict(step.options)["parts"]
        word = parts[0].found if len(parts) == 1 and parts[0].kind == "word" else None
        key = word if word is not None else self.only_place(parts)
        if "changes" in dict(step.options):
            before = self.field(replace(step, options=(("key", key),)), held)
            check_in_place(self, self.scopes, line, before, node)
        if not is_name:
            self.assign(line, label, node)
        self.scopes[-1].names[line.name] = self.kept(held, key, node, step)

    def assign(self, line: FormulaLine, label: str, node: Node) -> None:
        """Let a name stand for a node from here on."""
        scope = self.scopes[-1]
        scope.names[line.name] = node
        if node.index in self.objects:
            return
        self.seen[scope.prefix + line.name] += 1
        self.named[label] = node
        self.last = label
        self.places[label] = (line.number, line.column)

    def do_together(self, statement: Together) -> None:
        """Work out all values, and then assign them."""
        lines = statement.lines
        labels = [self.label(line.name, line.number, line.column) for line in lines]
        if statement.unpacked:
            expression = lines[0].expression
            nodes = self.several(expression, labels)
        else:
            nodes = [
                self.evaluate_line(part.expression, label) for part, label in zip(lines, labels, strict=True)
            ]
        for line, label, node in zip(lines, labels, nodes, strict=True):
            self.assign(line, label, node)

    def several(self, expression: Expression, labels: Sequence[str]) -> list[Node]:
        """Return the values that a call gives, or that a name stands for."""
        step = expression[-1]
        if step.text in SPLITS:
            (whole,) = self.arguments(expression, step)
            return split(self, step, whole, labels)
        if step.kind != "name":
            return self.called(step, self.arguments(expression, step), labels)
        nodes = self.unpacked(self.look_up(step), len(labels), step)
        pairs = zip(nodes, labels, strict=True)
        return [n if n.index in self.objects else self.second(n, step, label) for n, label in pairs]

    def arguments(self, expression: Expression, step: Instruction) -> tuple[Node, ...]:
        """Return what a call that ends an expression is called with."""
        stack: list[Node] = []
        for part in expression[:-1]:
            operands = tuple(stack[len(stack) - part.arity :])
            del stack[len(stack) - part.arity :]
            stack.append(self.do(part, operands, None))
        return tuple(stack)

    def do_loop(self, loop: ForLoop) -> None:
        """Build the body once for each turn."""
        numbers = [self.number(bound, "", tr("range of a bound")) for bound in loop.bounds]
        if not all(isinstance(number, int) for number in numbers) or (len(numbers) == 3 and not numbers[2]):
            raise FormulaError(
                tr(
                    "found range({found}); write whole numbers, such as range(3)",
                    found=", ".join(map(str, numbers)),
                ),
                loop.number,
                loop.column,
            )
        turns = range(*numbers)
        if not turns and len(loop.bounds) == 1 and numbers[0] < 0 and len(loop.bounds[0]) == 2:
            raise FormulaError(
                tr(
                    "found range({found}), which has no turns; write range({right})",
                    found=numbers[0],
                    right=-numbers[0],
                ),
                loop.number,
                loop.column,
            )
        if loop.backwards:
            turns = turns[::-1]
        self.turns += len(turns) if turns.stop - turns.start < 1 << 60 else 1 << 60
        if self.turns > MAX_TURNS:
            raise FullError(
                tr(
                    "a for of {count:,} turns; a formula has at most {limit:,} nodes",
                    count=turns.stop - turns.start,
                    limit=MAX_NODES,
                ),
                loop.number,
                loop.column,
            )
        self.label(loop.variable, loop.number, loop.column)  # which refuses a name that is given
        step = Instruction("number", "0", loop.number, loop.column)
        scope = self.scopes[-1]
        for turn in turns:
            mark = len(self.nodes)
            scope.names[loop.variable] = self.literal(float(turn), Term(str(turn)), step, None, "int")
            try:
                for statement in loop.body:
                    self.do_statement(statement)
            except UnknownError:
                raise
            except FormulaError as error:
                raise further(
                    error, tr("in the turn {variable} = {turn}", variable=loop.variable, turn=turn)
                ) from None
            if len(self.nodes) == mark + 1:
                break
            self.groups.append(
                Group(
                    tr("turn {variable} = {turn}", variable=loop.variable, turn=turn),
                    loop.number,
                    mark,
                    len(self.nodes),
                )
            )

    # ---------------------------------------------------------------- what NumPy changes in place

    def changed(self, line: FormulaLine) -> Node:
        """Return the array that a line changes."""
        return self.look_up(Instruction("name", line.name, line.number, line.column))
