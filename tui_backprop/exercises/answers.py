"""What somebody worked out by hand: numbers with the digits given, or a formula over node names."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import MAX_DIMENSIONS, Array, broadcast, frozen
from tui_backprop.engine.core.errors import BackpropError, FormulaError, suggest
from tui_backprop.engine.language.build import evaluate
from tui_backprop.engine.language.formula import Expression, parse_expression
from tui_backprop.engine.language.namespace import Origin
from tui_backprop.engine.language.on_screen import Shown, as_formula, typed_text
from tui_backprop.engine.language.signs import translated, version_name
from tui_backprop.engine.language.syntax import CONSTANTS, moved, walk
from tui_backprop.exercises.typed.counting import counts_written_out, uncounted
from tui_backprop.exercises.typed.pasted import plain_numbers
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty

MAX_ANSWER = 100_000
"""Characters of an answer that are read."""
UPSTREAM = "upstream"

_MINUS = str.maketrans("−", "-")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?(?P<decimals>\d*)|\.(?P<only>\d+))(?:[eE](?P<exponent>[-+]?\d{1,3}))?")
_TOKEN = re.compile(r"[\[\],]|[^\s\[\],]+")


@dataclass(frozen=True, eq=False, slots=True)
class Answer:
    """An answer by hand, as a function of the point.

    Attributes:
        given: the text as it was typed.
        value: the numbers, where numbers were typed.
        half_unit: for each number, half a unit of its last digit.
        digits: for each number, how many significant digits it has.
        text: the formula in the formula language, where a formula was typed.
        expression: the same, parsed.
        names: what the names in it stand for.
        shown: those of them that stand for what the screen shows, and how that was typed.
    """

    given: str
    value: Array | None = None
    half_unit: Array | None = None
    digits: Array | None = None
    text: str = ""
    expression: Expression = ()
    names: Mapping[str, Origin] = field(default_factory=dict)
    shown: Mapping[str, Shown] = field(default_factory=dict)

    @property
    def spelled(self) -> str:
        """The formula as it may be typed."""
        return self.typed(self.text)

    def typed(self, text: str) -> str:
        """Return formula text over the same names as it may be typed."""
        return version_name(typed_text(text, self.shown))

    @property
    def constant(self) -> bool:
        """Whether it is the same at every point, so that only this point says anything about it."""
        return not self.names

    def at(self, tape: Tape) -> Array:
        """Return the answer at a point; the tape must have gone both ways.

        Raises:
            FormulaShapeError: shapes in the formula do not fit.
            FormulaError: it cannot be evaluated for another reason.
        """
        if self.value is not None:
            return self.value
        values = {name: _looked_up(tape, origin) for name, origin in self.names.items()}
        return evaluate(self.expression, values)

    def rewritten(self, text: str) -> Answer:
        """Return another formula over the same names."""
        return replace(self, given=text, text=text, expression=parse_expression(text))


def full_gradient(tape: Tape, node: Node) -> Array:
    """Return ∂L/∂node in the node's shape."""
    return broadcast(tape.gradient(node), node.shape)


def _looked_up(tape: Tape, origin: Origin) -> Array:
    quantity, node = origin
    return tape.value(node) if quantity == "value" else full_gradient(tape, node)


def read_answer(
    text: str, graph: Graph, asked: Node, upstream: Node | None = None, rows: int | None = None
) -> Answer:
    """Read numbers (``-0.375``, ``[-0.375, -0.5]``) or a formula (``X.T @ dz``).

    Names may be in either spelling, and what the screen shows can be typed: −, ⊙, ·, ᵀ, ``∂L/∂z``,
    ``broadcast(w)``. Lines and columns of a refusal are those of the text as it was typed.

    Args:
        text: what was typed.
        graph: whose nodes the formula may name; ``d<name>`` is the gradient of a node.
        asked: the node whose gradient is asked for. Neither its gradient nor one that is worked out from it
            may occur in the formula.
        upstream: the node whose gradient may be written ``upstream``.
        rows: how many samples there are; n, N and m stand for that where the lesson has no such name.

    Raises:
        FormulaError: neither numbers nor a formula of the language, or an unknown name.
        BackpropError: the answer names what is asked for.
    """
    if not isinstance(text, str):
        raise BackpropError(
            tr("found {value}; an answer is text, numbers or a formula", value=printable(repr(text), 40))
        )
    if len(text) > MAX_ANSWER:
        raise BackpropError(
            tr(
                "the answer has {count:,} characters; at most {most:,} are read",
                count=len(text),
                most=MAX_ANSWER,
            )
        )
    plain = plain_numbers(text.translate(_MINUS).strip())
    if plain.startswith("[") or _NUMBER.fullmatch(plain):
        return _numbers(text, plain)
    answer = read_formula(text, graph, upstream, rows)
    _refuse_circle(answer, asked)
    return answer


def read_formula(text: str, graph: Graph, upstream: Node | None = None, rows: int | None = None) -> Answer:
    """Read a formula over node names, as :func:`read_answer` does.

    Raises:
        FormulaError: it is none of the language, or has an unknown name.
    """
    formula, shown = as_formula(text, graph, upstream)
    formula = counts_written_out(formula, graph, rows)
    try:
        expression = parse_expression(formula.text)
    except FormulaError as error:
        raise error.at(formula.place) from None
    plain = translated(formula.text).text
    return formula_answer(moved(expression, formula.place), graph, text, plain, upstream, shown)


def formula_answer(
    expression: Expression,
    graph: Graph,
    given: str = "",
    text: str = "",
    upstream: Node | None = None,
    shown: Mapping[str, Shown] = MappingProxyType({}),
) -> Answer:
    """Return a parsed formula as an answer.

    Raises:
        FormulaError: an unknown name.
    """
    names = {}
    for step in walk(expression):
        if step.kind == "name" and step.text not in names:
            origin = shown[step.text].origin if step.text in shown else _origin(step.text, graph, upstream)
            if origin is None and step.text in CONSTANTS:
                continue
            if origin is None:
                known = (*graph.named, *(f"d{name}" for name in graph.named))
                unknown = tr("unknown name {name}", name=printable(step.text))
                hint = uncounted(step.text, graph) or suggest(step.text, known)
                hint = hint or "; " + tr("there are the lesson's names and d<name>")
                raise FormulaError(unknown + hint, step.line, step.column)
            names[step.text] = origin
    return Answer(given, text=text, expression=expression, names=names, shown=shown)


def _origin(name: str, graph: Graph, upstream: Node | None) -> Origin | None:
    """Look a name up: the lesson's own first, then d<name>, ``upstream``, and the screen's spellings."""
    named = graph.named
    if name in named:
        return Origin("value", named[name])
    if name.startswith("d") and name[1:] in named:
        return Origin("gradient", named[name[1:]])
    if name == UPSTREAM and upstream is not None:
        return Origin("gradient", upstream)
    for own, node in named.items():
        if pretty(own) == name:
            return Origin("value", node)
        if name.startswith("d") and pretty(own) == name[1:]:
            return Origin("gradient", node)
    return None


def _refuse_circle(answer: Answer, asked: Node) -> None:
    """Refuse the gradient that is asked for, and those that are worked out from it."""
    gradients = {
        node: typed_text(name, answer.shown)
        for name, (quantity, node) in answer.names.items()
        if quantity == "gradient"
    }
    if asked in gradients:
        raise BackpropError(
            tr("{name} is what is asked for; write it with the gradients before it", name=gradients[asked])
        )
    seen, stack = {asked.index}, [asked]
    while stack:
        for operand in stack.pop().operands:
            if operand in gradients:
                name = gradients[operand]
                raise BackpropError(
                    tr(
                        "{name} is worked out from what is asked for; write it with the gradients before it",
                        name=name,
                    )
                )
            if operand.index not in seen:
                seen.add(operand.index)
                stack.append(operand)


# ---------------------------------------------------------------------- numbers


def _numbers(given: str, text: str) -> Answer:
    """Read a number, or lists of numbers in lists, keeping count of the digits given."""
    found: list[tuple[float, float, int]] = []
    shape = _nested(_TOKEN.findall(text), found)
    values, halves, digits = zip(*found, strict=True)
    value, half_unit, significant = (frozen(np.reshape(part, shape)) for part in (values, halves, digits))
    return Answer(given, value, half_unit, significant)


def _nested(tokens: list[str], found: list[tuple[float, float, int]]) -> tuple[int, ...]:
    """Append the numbers to ``found`` and return their shape; refuse ragged, empty and unfinished lists."""
    stack: list[list[tuple[int, ...]]] = [[]]
    after_item = False
    for token in tokens:
        if token == "[":
            if after_item:
                raise _not_numbers(token)
            if len(stack) > MAX_DIMENSIONS:
                raise BackpropError(
                    tr("found lists nested deeper than {most}, the most axes there are", most=MAX_DIMENSIONS)
                )
            stack.append([])
        elif token == "]":
            if len(stack) == 1 or not after_item:
                raise _not_numbers(token)
            shapes = stack.pop()
            if len(set(shapes)) > 1:
                raise BackpropError(
                    tr("found rows of different lengths; all rows of a list have the same length")
                )
            stack[-1].append((len(shapes), *shapes[0]))
        elif token == ",":
            if not after_item or len(stack) == 1:
                raise _not_numbers(token)
            after_item = False
            continue
        else:
            if after_item:
                raise _not_numbers(token)
            found.append(_number(token))
            stack[-1].append(())
        after_item = token != "["
    if len(stack) > 1 or len(stack[0]) != 1:
        raise BackpropError(tr("found a list that is not closed; numbers are written such as [-0.375, -0.5]"))
    return stack[0][0]


def _not_numbers(token: str) -> BackpropError:
    return BackpropError(
        tr(
            "found '{found}' in a list of numbers; "
            "write numbers such as [-0.375, -0.5], or a formula such as X.T @ dz",
            found=printable(token, 20),
        )
    )


def _number(token: str) -> tuple[float, float, int]:
    """Return a number, half a unit of its last digit, and how many significant digits it has."""
    match = _NUMBER.fullmatch(token)
    if match is None:
        raise _not_numbers(token)
    value = float(token)
    if not math.isfinite(value):
        raise BackpropError(tr("found '{found}', too large for a finite number", found=printable(token, 20)))
    decimals = len(match["decimals"] or match["only"] or "")
    exponent = int(match["exponent"] or 0) - decimals
    mantissa = re.split("[eE]", token)[0]
    digits = len(re.sub(r"[-+.]", "", mantissa).lstrip("0"))
    return value, 0.5 * 10.0 ** min(exponent, 300), max(digits, 1)
