"""A derivation as one HTML page that prints well: nothing is fetched, nothing runs, all text is escaped."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from tui_backprop.engine.core.arrays import Array
from tui_backprop.export.targets.derivation.derivation import (
    Derivation,
    DerivedLine,
    DerivedPart,
    derive,
    matrices,
)
from tui_backprop.text.numbers import inline
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import spoken, tr
from tui_backprop.training.trainer import Trainer
from tui_backprop.version import __version__

STYLE = """
body { font: 11pt/1.45 Georgia, serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #111; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2rem; border-bottom: 1px solid #999; }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
pre, .m { font-family: "DejaVu Sans Mono", Menlo, monospace; font-size: .9em; }
.m { display: block; white-space: pre-wrap; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: 7rem 1fr; gap: .2rem .8rem; margin: 0; }
dt { color: #555; font-style: italic; } dd { margin: 0; }
table { display: inline-table; vertical-align: middle; border: solid;
  border-width: 0 1px; border-radius: .5em; }
td { padding: 0 .5em; text-align: right; }
section.step { break-inside: avoid; } footer { margin-top: 2rem; color: #555; font-size: .85em; }
@page { size: A4; margin: 18mm; }
@media print { body { margin: 0; max-width: none; padding: 0; color: #000; font-size: 10pt; }
  h1, h2, h3 { break-after: avoid; } table, .m, dl > * { break-inside: avoid; } }
"""


def write_html(trainer: Trainer) -> str:
    """Write the iteration at which a trainer stands as one page of HTML."""
    return "\n".join(_document(derive(trainer))) + "\n"


def _document(derivation: Derivation) -> Iterator[str]:
    title = escape(derivation.title)
    yield "<!DOCTYPE html>"
    yield f'<html lang="{escape(spoken().replace("_", "-"))}">'
    yield f'<head><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style></head>'
    yield f"<body><h1>{title}</h1>"
    yield f"<p>{escape(derivation.place)}</p>"
    formula, given = tr("Formula"), tr("Given")
    yield f"<h2>{escape(formula)}</h2><pre>{escape(chr(10).join(derivation.formula))}</pre>"
    yield f"<h2>{escape(given)}</h2><dl>"
    for name, kind, value in derivation.given:
        yield f'<dt>{escape(kind)}</dt><dd><span class="m">{as_text(name)} = {as_table(value)}</span></dd>'
    yield "</dl>"
    for section in derivation.sections:
        yield from _section(section)
    yield from (f"<p>{escape(note)}</p>" for note in derivation.notes)
    written = tr("Written by tui-backprop {version}", version=__version__)
    yield f"<footer>{escape(written)}</footer></body></html>"


def _section(section: DerivedPart) -> Iterator[str]:
    yield f"<h2>{escape(section.title)}</h2>"
    half = len(section.steps) // 2
    for place, step in enumerate(section.steps):
        if section.left_out and place == half:
            yield f"<p>{escape(section.left_out_text)}</p>"
        title = f'{step.number}: <span class="t">{as_text(step.title)}</span>'
        yield f'<section class="step"><h3>{title}</h3><dl>'
        for line in step.lines:
            yield f"<dt>{escape(line.label)}</dt><dd>{_line(line)}</dd>"
        yield "</dl></section>"


def _line(line: DerivedLine) -> str:
    if line.is_words:
        return " ".join(escape(part) for part in line.parts if isinstance(part, str))
    pieces = [as_text(part) if isinstance(part, str) else as_table(part) for part in line.parts]
    lines: list[str] = []
    for piece, part, before in zip(pieces, line.parts, ("", *line.parts), strict=False):
        if not isinstance(part, str) and isinstance(before, str) and before.endswith("=") and lines:
            lines[-1] += f" {piece}"
        else:
            lines.append(piece)
    return "".join(f'<span class="m">{one}</span>' for one in lines)


def as_text(text: str) -> str:
    """Write a formula as text that nothing of is markup."""
    return escape(printable(text, 20_000))


def as_table(value: Array) -> str:
    """Write an array as tables, or where it is large its corners and its range."""
    found = matrices(value)
    if found is None:
        return as_text(inline(value))
    return " ".join(
        (f"{escape(label)} " if label else "")
        + "<table>"
        + "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        + "</table>"
        for label, rows in found
    )
