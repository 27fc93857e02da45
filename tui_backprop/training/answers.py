"""What somebody worked out by hand: numbers with the digits given, or a formula over node names."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import numpy as np

from tui_backprop.engine.arrays import MAX_DIMENSIONS, Array, frozen
from tui_backprop.engine.backprop import Tape
from tui_backprop.engine.build import evaluate
from tui_backprop.engine.errors import BackpropError, FormulaError, printable, suggest
from tui_backprop.engine.formula import Expression, parse_expression
from tui_backprop.engine.graph import Graph, Node
from tui_backprop.engine.names import pretty

MAX_ANSWER = 100_000
"""Characters of an answer that are read."""
UPSTREAM = "upstream"

_SCREEN_SIGNS = str.maketrans({"−": "-", "⊙": "*", "·": "*", "ᵀ": ".T", "²": "**2", "³": "**3"})
_NUMBER = re.compile(r"[-+]?(?:\d+\.?(?P<decimals>\d*)|\.(?P<only>\d+))(?:[eE](?P<exponent>[-+]?\d{1,3}))?")
_TOKEN = re.compile(r"[\[\],]|[^\s\[\],]+")

Wanted: TypeAlias = tuple[Node, Literal["value", "gradient"]]
"""What a name of a formula stands for."""


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
    """

    given: str
    value: Array | None = None
    half_unit: Array | None = None
    digits: Array | None = None
    text: str = ""
    expression: Expression = ()
    names: Mapping[str, Wanted] = field(default_factory=dict)

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
        values = {name: _looked_up(tape, wanted) for name, wanted in self.names.items()}
        return evaluate(self.expression, values)

    def rewritten(self, text: str) -> Answer:
        """Return another formula over the same names."""
        return replace(self, given=text, text=text, expression=parse_expression(text))


def full_gradient(tape: Tape, node: Node) -> Array:
    """Return ∂L/∂node in the node's shape."""
    return np.broadcast_to(tape.gradient(node), node.shape)


def _looked_up(tape: Tape, wanted: Wanted) -> Array:
    node, what = wanted
    return tape.value(node) if what == "value" else full_gradient(tape, node)


def read_answer(text: str, graph: Graph, asked: Node, upstream: Node | None = None) -> Answer:
    """Read numbers (``-0.375``, ``[-0.375, -0.5]``) or a formula (``X.T @ dz``).

    Names may be in either spelling, and the screen's signs −, ⊙, · and ᵀ stand for the language's.

    Args:
        text: what was typed.
        graph: whose nodes the formula may name; ``d<name>`` is the gradient of a node.
        asked: the node whose gradient is asked for. Neither its gradient nor one that is worked out from it
            may occur in the formula.
        upstream: the node whose gradient may be written ``upstream``.

    Raises:
        FormulaError: neither numbers nor a formula of the language, or an unknown name.
        BackpropError: the answer names what is asked for.
    """
    if not isinstance(text, str):
        raise BackpropError(f"found {printable(repr(text), 40)}; an answer is text, numbers or a formula")
    if len(text) > MAX_ANSWER:
        raise BackpropError(f"the answer has {len(text):,} characters; at most {MAX_ANSWER:,} are read")
    plain = text.translate(_SCREEN_SIGNS).strip()
    if plain.startswith("[") or _NUMBER.fullmatch(plain):
        return _numbers(text, plain)
    answer = formula_answer(parse_expression(plain), graph, text, plain, upstream)
    _refuse_circle(answer, asked)
    return answer


def formula_answer(
    expression: Expression, graph: Graph, given: str = "", text: str = "", upstream: Node | None = None
) -> Answer:
    """Return a parsed formula as an answer.

    Raises:
        FormulaError: an unknown name.
    """
    names = {}
    for step in expression:
        if step.kind == "name" and step.text not in names:
            wanted = _wanted(step.text, graph, upstream)
            if wanted is None:
                known = (*graph.named, *(f"d{name}" for name in graph.named))
                hint = suggest(step.text, known) or "; there are the lesson's names and d<name>"
                raise FormulaError(f"unknown name {printable(step.text)}{hint}", step.line, step.column)
            names[step.text] = wanted
    return Answer(given, text=text, expression=expression, names=names)


def _wanted(name: str, graph: Graph, upstream: Node | None) -> Wanted | None:
    """Look a name up: the lesson's own first, then d<name>, ``upstream``, and the screen's spellings."""
    named = graph.named
    if name in named:
        return named[name], "value"
    if name.startswith("d") and name[1:] in named:
        return named[name[1:]], "gradient"
    if name == UPSTREAM and upstream is not None:
        return upstream, "gradient"
    for own, node in named.items():
        if pretty(own) == name:
            return node, "value"
        if name.startswith("d") and pretty(own) == name[1:]:
            return node, "gradient"
    return None


def _refuse_circle(answer: Answer, asked: Node) -> None:
    """Refuse the gradient that is asked for, and those that are worked out from it."""
    gradients = {node: name for name, (node, what) in answer.names.items() if what == "gradient"}
    if asked in gradients:
        raise BackpropError(f"{gradients[asked]} is what is asked for; write it with the gradients before it")
    seen, stack = {asked.index}, [asked]
    while stack:
        for operand in stack.pop().operands:
            if operand in gradients:
                name = gradients[operand]
                raise BackpropError(
                    f"{name} is worked out from what is asked for; write it with the gradients before it"
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
                    f"found lists nested deeper than {MAX_DIMENSIONS}, the most axes there are"
                )
            stack.append([])
        elif token == "]":
            if len(stack) == 1 or not after_item:
                raise _not_numbers(token)
            shapes = stack.pop()
            if len(set(shapes)) > 1:
                raise BackpropError(
                    "found rows of different lengths; all rows of a list have the same length"
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
        raise BackpropError("found a list that is not closed; numbers are written such as [-0.375, -0.5]")
    return stack[0][0]


def _not_numbers(token: str) -> BackpropError:
    return BackpropError(
        f"found '{printable(token, 20)}' in a list of numbers; "
        "write numbers such as [-0.375, -0.5], or a formula such as X.T @ dz"
    )


def _number(token: str) -> tuple[float, float, int]:
    """Return a number, half a unit of its last digit, and how many significant digits it has."""
    match = _NUMBER.fullmatch(token)
    if match is None:
        raise _not_numbers(token)
    value = float(token)
    if not math.isfinite(value):
        raise BackpropError(f"found '{printable(token, 20)}', too large for a finite number")
    decimals = len(match["decimals"] or match["only"] or "")
    exponent = int(match["exponent"] or 0) - decimals
    mantissa = re.split("[eE]", token)[0]
    digits = len(re.sub(r"[-+.]", "", mantissa).lstrip("0"))
    return value, 0.5 * 10.0 ** min(exponent, 300), max(digits, 1)
