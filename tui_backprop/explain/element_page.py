"""One element as a page of text for people and screen readers, and as a JSON object for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tui_backprop.engine.graph import Node
from tui_backprop.engine.ops.base import Element
from tui_backprop.explain.elements import TermTable, explain_element
from tui_backprop.explain.iteration import heading, place_json
from tui_backprop.explain.numbers import number
from tui_backprop.explain.subscripts import subscripted
from tui_backprop.explain.sums import more, shown_terms
from tui_backprop.explain.text import cells, wrap
from tui_backprop.explain.titles import atom
from tui_backprop.training.trainer import Trainer

COLUMNS = ("local", "upstream", "product")


def as_json(trainer: Trainer, node: Node, element: Element) -> dict[str, Any]:
    """Return one element as an object; names are as the lesson writes them, indices as NumPy counts.

    Raises:
        BackpropError: the node has no such element.
    """
    explanation = explain_element(trainer, node, element)
    return {
        **place_json(trainer),
        "node": node.name,
        "element": list(element),
        "value": explanation.value,
        "gradient": explanation.gradient,
        "paths": [
            {
                "output": path.output.name,
                "operand": path.operand.name,
                "terms": [
                    {
                        "at": list(row.at),
                        "sample": row.sample,
                        "local": row.local,
                        "upstream": row.upstream,
                        "product": row.product,
                    }
                    for row in path.rows
                ],
                "sum": path.rows.total,
            }
            for path in explanation.paths
        ],
        "sum": explanation.total,
    }


def as_text(
    trainer: Trainer, node: Node, element: Element, width: int = 80, unfold: bool = False
) -> Iterator[str]:
    """Yield one element as lines of at most ``width`` columns, long sums folded unless ``unfold``.

    Raises:
        BackpropError: the node has no such element.
    """
    explanation = explain_element(trainer, node, element)
    name = subscripted(atom(node), element)
    yield from heading(trainer, width, explanation.title)
    yield ""
    yield from _indented(f"{name} = {number(explanation.value)}", width)
    yield from _indented(f"{explanation.name} = {number(explanation.gradient)}", width)
    if explanation.note:
        yield ""
        yield from wrap(explanation.note, width)
    for path in explanation.paths:
        yield ""
        yield from wrap(path.title, width)
        yield from _indented(path.symbolic, width)
        yield from _indented(path.numbers(not unfold), width)
        for line in table_lines(path.rows, not unfold):
            yield from _indented(line, width) if cells(line) > width - 2 else (f"  {line}",)
        yield from _indented(f"why: {path.why}", width)
    if line := explanation.sum_line(not unfold):
        yield ""
        yield "sum over the paths"
        yield from _indented(line, width)


def _indented(text: str, width: int) -> Iterator[str]:
    for line in wrap(text, width - 2, "  "):
        yield f"  {line}"


def table_lines(rows: TermTable, folded: bool) -> Iterator[str]:
    """Yield a header, the terms in columns and their sum."""
    first, hidden, last = shown_terms(len(rows), folded)
    lines = [("", *COLUMNS)]
    for i in (*first, *last):
        row = rows[i]
        lines.append((row.label, number(row.local), number(row.upstream), number(row.product)))
    lines.append(("sum", "", "", number(rows.total)))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for place, (label, *values) in enumerate(lines):
        if hidden and place == 1 + len(first):
            yield more(hidden)
        aligned = (value.rjust(wide) for value, wide in zip(values, widths[1:], strict=True))
        yield "  ".join((label.ljust(widths[0]), *aligned))
