"""What a formula's text is turned into: statements, and expressions in postfix order, not built yet."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from tui_backprop.engine.ops.signature import Option

Comparison = Literal["<", "<=", ">", ">=", "==", "!="]

CONSTANTS: Final = {"pi": math.pi, "e": math.e, "inf": math.inf}
"""Numbers that have names."""
SPLITS: Final = ("split", "array_split", "hsplit", "vsplit", "chunk")
"""What cuts an array into parts, each of which gets a name."""


class Instruction(Struct, frozen=True):
    """One step of an expression in postfix order.

    ``kind`` is "name" (push a node), "number" (push a literal), or what replaces the last ``arity`` nodes by
    its result: "operator", "call" (with ``options`` of the function by name), "make" (an array made of whole
    numbers alone), "index" and "store" (with the index's ``parts``), "shape" (a length as a number),
    "copy", "defined" (a function of the formula's own), or "object" (a value of Python's that is no array:
    a word, None, several values). ``line`` and ``column`` count from 1.
    """

    kind: Literal[
        "name", "number", "operator", "call", "make", "index", "store", "shape", "copy", "defined", "object"
    ]
    text: str
    line: int
    column: int
    arity: int = 0
    number: float = 0.0
    options: tuple[tuple[str, Any], ...] = ()


Expression: TypeAlias = tuple[Instruction, ...]


class Deferred(Struct, frozen=True):
    """An option's value that is known once shapes are, such as ``axis=k`` or ``reshape(x, (len(x), -1))``.

    Attributes:
        parts: the numbers; a whole shape stands for several.
        several: whether they are one value together, as in ``(2, 3)``.
        option: which accepts the value; None where the array that is made does.
        found: the text.
    """

    parts: tuple[Expression, ...]
    several: bool
    option: Option | None
    found: str


class IndexPart(Struct, frozen=True):
    """One of what stands between the brackets of an index.

    Attributes:
        kind: "item" for a number or an array, "slice", "new" for None, "ellipsis", "word" for one in quotes.
        sides: the item, or start, stop and step of a slice, None for what is not given.
        found: the text.
    """

    kind: Literal["item", "slice", "new", "ellipsis", "word"]
    sides: tuple[Expression | None, ...]
    found: str


class FormulaLine(Struct, frozen=True):
    """One assignment ``name = expression``.

    Attributes:
        name: what is assigned.
        expression: what to.
        number, column: where it stands.
        in_place: whether NumPy changes the array that has the name, as in ``z += 1`` and ``z[0] = 1``.
    """

    name: str
    expression: Expression
    number: int
    column: int
    in_place: bool = False


class Together(Struct, frozen=True):
    """Several assignments of values that are all worked out before: ``a, b = b, a``, or one call's results.

    Attributes:
        lines: the assignments; where one call gives all their values, each has its expression.
        unpacked: whether it is such a call.
    """

    lines: tuple[FormulaLine, ...]
    unpacked: bool = False

    @property
    def number(self) -> int:
        """The line it stands on."""
        return self.lines[0].number

    @property
    def column(self) -> int:
        """The column it begins at."""
        return self.lines[0].column


class ForLoop(Struct, frozen=True):
    """``for variable in range(…):`` and what is repeated.

    Attributes:
        variable: the turn's name.
        bounds: the arguments of range.
        body: the statements.
        number, column: where it stands.
        backwards: whether the turns are reversed.
    """

    variable: str
    bounds: tuple[Expression, ...]
    body: tuple[Statement, ...]
    number: int
    column: int
    backwards: bool = False


class Test(Struct, frozen=True):
    """What an ``if`` asks, which is known when the lesson is built.

    Attributes:
        kind: "and", "or" and "not" of other tests; "value", whether an expression is not 0 or None; "same",
            whether two are the same word, or both None; "raise", nothing, where Python would raise an error.
        parts: the other tests.
        sides: the expressions.
    """

    kind: Literal["and", "or", "not", "value", "same", "raise"]
    parts: tuple[Test, ...] = ()
    sides: tuple[Expression, ...] = ()


class Choice(Struct, frozen=True):
    """``if test: …`` and what else.

    Attributes:
        test: what is asked.
        body: the statements where it holds.
        other: those where it does not.
        number, column: where it stands.
    """

    test: Test
    body: tuple[Statement, ...]
    other: tuple[Statement, ...]
    number: int
    column: int


class Definition(Struct, frozen=True):
    """``def name(parameters): body; return results``.

    Attributes:
        name: the function's.
        parameters: the names of its parameters.
        defaults: for some of them, what they are where nothing is given.
        body: the statements.
        results: what it returns.
        number, column: where it stands.
    """

    name: str
    parameters: tuple[str, ...]
    defaults: tuple[tuple[str, Expression], ...]
    body: tuple[Statement, ...]
    results: tuple[Expression, ...]
    number: int
    column: int

    @property
    def locals(self) -> frozenset[str]:
        """The names that are its own, as Python has them: all that it assigns."""
        return frozenset((*self.parameters, *assigned(self.body)))


Statement: TypeAlias = FormulaLine | Together | ForLoop | Choice


class Condition(Struct, frozen=True):
    """Comparisons that must all hold, each between two one-number expressions."""

    comparisons: tuple[tuple[Expression, Comparison, Expression], ...]


class Formula(tuple[FormulaLine | Together | ForLoop | Choice, ...]):
    """A formula's statements, and the functions that it defines.

    Attributes:
        definitions: the functions by name.
    """

    definitions: dict[str, Definition]

    @classmethod
    def of(cls, statements: Sequence[Statement], definitions: dict[str, Definition]) -> Formula:
        """Return the formula of these statements."""
        formula = cls(statements)
        formula.definitions = definitions
        return formula


def assigned(statements: Sequence[Statement]) -> list[str]:
    """Return the names that statements assign, in order, as often as they stand there."""
    names: list[str] = []
    stack = list(reversed(statements))
    while stack:
        statement = stack.pop()
        if isinstance(statement, FormulaLine):
            names.append(statement.name)
        elif isinstance(statement, Together):
            names += [line.name for line in statement.lines]
        elif isinstance(statement, Choice):
            stack += (*reversed(statement.other), *reversed(statement.body))
        else:
            names.append(statement.variable)
            stack += reversed(statement.body)
    return names


def inner(step: Instruction) -> list[Expression]:
    """Return the expressions inside of an instruction: of an index, and of options that are known later."""
    found: list[Expression] = []
    for _, value in step.options:
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Deferred):
                found += part.parts
            elif isinstance(part, IndexPart):
                found += [side for side in part.sides if side is not None]
    return found


def walk(expression: Expression) -> Iterator[Instruction]:
    """Yield all instructions of an expression, those inside of others included."""
    stack = [expression]
    while stack:
        for step in stack.pop():
            yield step
            if step.options:
                stack += inner(step)


def changed(expression: Expression, change: Callable[[Instruction], Instruction]) -> Expression:
    """Return an expression with each instruction changed, those inside of indices and options included."""

    def part(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(part(item) for item in value)
        if isinstance(value, Deferred):
            return replace(value, parts=tuple(changed(e, change) for e in value.parts))
        if isinstance(value, IndexPart):
            return replace(value, sides=tuple(e and changed(e, change) for e in value.sides))
        return value

    steps = map(change, expression)
    return tuple(replace(step, options=part(step.options)) if step.options else step for step in steps)


def renamed(expression: Expression, rename: Callable[[Instruction], str]) -> Expression:
    """Return an expression with other names."""
    return changed(expression, lambda step: replace(step, text=rename(step)) if step.kind == "name" else step)


Placing: TypeAlias = Callable[[int, int], tuple[int, int]]
"""Returns the line and column that a line and column have in another text."""


def moved(expression: Expression, place: Placing) -> Expression:
    """Return an expression whose instructions stand at other lines and columns."""

    def there(step: Instruction) -> Instruction:
        line, column = place(step.line, step.column)
        return replace(step, line=line, column=column)

    return changed(expression, there)


def moved_condition(condition: Condition, place: Placing) -> Condition:
    """Return a condition whose instructions stand at other lines and columns; what is shared stays shared."""
    sides = {id(side): side for left, _, right in condition.comparisons for side in (left, right)}
    there = {key: moved(side, place) for key, side in sides.items()}
    return Condition(tuple((there[id(a)], sign, there[id(b)]) for a, sign, b in condition.comparisons))
