"""One element as a page of text for people and screen readers, and as a JSON object for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tui_backprop.explain.element.elements import ElementExplanation, TermTable
from tui_backprop.explain.element.sums import more, shown_terms
from tui_backprop.explain.pages.heading import Heading
from tui_backprop.explain.titles import atom
from tui_backprop.text.charset import UNICODE, Charset
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.subscripts import subscripted

COLUMNS = (later("local"), later("upstream"), later("product"))


def as_json(heading: Heading, explanation: ElementExplanation) -> dict[str, Any]:
    """Return one element as an object; names are as the lesson writes them, indices as NumPy counts."""
    return {
        **heading.as_json(),
        "node": explanation.node.name,
        "element": list(explanation.element),
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
    heading: Heading,
    explanation: ElementExplanation,
    width: int = 80,
    unfold: bool = False,
    charset: Charset = UNICODE,
) -> Iterator[str]:
    """Yield one element as lines of at most ``width`` columns, long sums folded unless ``unfold``."""
    name = subscripted(atom(explanation.node), explanation.element)
    yield from heading.lines(width, charset, explanation.title)
    yield ""
    yield from _indented(f"{name} = {number(explanation.value)}", width, charset)
    yield from _indented(f"{explanation.name} = {number(explanation.gradient)}", width, charset)
    if explanation.note:
        yield ""
        yield from charset.wrap(explanation.note, width)
    for path in explanation.paths:
        yield ""
        yield from charset.wrap(path.title, width)
        yield from _indented(path.symbolic, width, charset)
        yield from _indented(path.numbers(not unfold), width, charset)
        for line in spoken_lines(path.rows, not unfold):
            yield from _indented(line, width, charset)
        yield from _indented(tr("why: {why}", why=path.why), width, charset)
    if line := explanation.sum_line(not unfold):
        yield ""
        yield tr("sum over the paths")
        yield from _indented(line, width, charset)


def _indented(text: str, width: int, charset: Charset) -> Iterator[str]:
    for line in charset.wrap(text, width - 2, "  "):
        yield f"  {line}"


def spoken_lines(rows: TermTable, folded: bool) -> Iterator[str]:
    """Yield the terms, each with its words, and their sum."""
    first, hidden, last = shown_terms(len(rows), folded)
    term = tr("term")
    for i in (*first, *last):
        if hidden and last and i == last[0]:
            yield more(hidden)
        row = rows[i]
        numbers = zip(COLUMNS, (row.local, row.upstream, row.product), strict=True)
        said = ", ".join(f"{tr(what)} {number(value)}" for what, value in numbers)
        yield f"{row.label or term}: {said}"
    yield tr("sum: {total}", total=number(rows.total))


def table_lines(rows: TermTable, folded: bool) -> Iterator[str]:
    """Yield a header, the terms in columns and their sum."""
    first, hidden, last = shown_terms(len(rows), folded)
    lines = [("", *map(tr, COLUMNS))]
    for i in (*first, *last):
        row = rows[i]
        lines.append((row.label, number(row.local), number(row.upstream), number(row.product)))
    lines.append((tr("sum"), "", "", number(rows.total)))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for place, (label, *values) in enumerate(lines):
        if hidden and place == 1 + len(first):
            yield more(hidden)
        aligned = (value.rjust(wide) for value, wide in zip(values, widths[1:], strict=True))
        yield "  ".join((label.ljust(widths[0]), *aligned))
