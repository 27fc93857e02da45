"""Counts in an answer: ``len(y)``, ``X.shape[0]``, ``n`` as numbers; and numbers written out."""

from __future__ import annotations

import re

from tui_backprop.engine.autodiff.graph import Graph, Kind, Node
from tui_backprop.engine.core.arrays import size_of
from tui_backprop.engine.language.formula import Expression
from tui_backprop.text.rewriting import Rewriting
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty

COUNTS = ("n", "N", "m")
"""Names for the number of samples."""
_COUNT = (
    r"len\(\s*(?P<len>[^\W\d]\w*)\s*\)|(?P<of>[^\W\d]\w*)\.(?:shape\[\s*(?P<axis>-?\d)\s*\]|(?P<size>size)\b)"
)
_NAME = r"(?<![\w.])(?:n|N|m)(?![\w(])"
SAME = 1e-9
"""How far a number may be from one written out, relative to it."""


def counts_written_out(text: Rewriting, graph: Graph, rows: int | None) -> Rewriting:
    """Return an answer with the numbers in the place of what counts; the rest stays as it is.

    Args:
        text: the formula.
        graph: whose nodes may be counted.
        rows: how many samples there are; None where there are none.
    """
    nodes = {pretty(name): node for name, node in graph.named.items()} | dict(graph.named)

    def counted(match: re.Match[str]) -> str:
        node = nodes.get(match["len"] or match["of"])
        number = None if node is None else _counted(node, match)
        return match[0] if number is None else str(number)

    text = text.substituted(_COUNT, counted)
    if rows is None:
        return text
    return text.substituted(_NAME, lambda match: match[0] if match[0] in nodes else str(rows))


def uncounted(name: str, graph: Graph) -> str:
    """Say what helps where n is typed and the lesson counts no samples; "" of any other name."""
    if name not in COUNTS:
        return ""
    known = next((node for node in graph.given if node.kind is Kind.DATA and node.shape), None)
    if known is None:
        hint = tr("it counts the rows of [samples], and this lesson has none; write the number")
    else:
        hint = tr(
            "it counts the rows of [samples], and this lesson has none; write the number, or len({name}), "
            "which is {count}",
            name=known.name,
            count=known.shape[0],
        )
    return f"; {hint}"


def _counted(node: Node, match: re.Match[str]) -> int | None:
    """Return the number that ``len``, ``shape`` or ``size`` of a node stands for; None where it has none."""
    if match["size"]:
        return size_of(node.shape)
    axis = int(match["axis"] or 0)
    return node.shape[axis] if -len(node.shape) <= axis < len(node.shape) else None


def is_written_out(expression: Expression, given: str, multiple: float) -> bool:
    """Tell whether a number in an answer explains that it is so many times too large.

    Args:
        expression: the answer.
        given: its text as it was typed, in which only what stands there in digits is written out; "" where
            no counts have been put in.
        multiple: how many times too large it is.
    """
    k = abs(multiple)
    typed = {float(number) for number in re.findall(r"(?<![\w.])\d+\.?\d*", given)}
    if not given:
        typed = {step.number for step in expression}
    after = [step.text for step in expression[1:]] + [""]
    numbers = {
        step.number
        for step, then in zip(expression, after, strict=False)
        if step.kind == "number" and then != "**"  # which would make it an exponent
    } & typed
    return any(abs(k - x) <= SAME * x for number in numbers - {0.0} for x in (number, 1 / number))
