"""A worksheet as one HTML page that prints well: nothing is fetched, nothing runs, all text is escaped."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from tui_backprop.export.targets.derivation.page import STYLE, as_table, as_text
from tui_backprop.export.worksheets import words
from tui_backprop.export.worksheets.worksheet import Item, Worksheet
from tui_backprop.text.sentences import spoken, tr
from tui_backprop.text.spelling import pretty_text
from tui_backprop.version import __version__

SHEET_STYLE = """
.head { display: flex; gap: 2rem; } .head span { flex: 1; border-bottom: 1px solid #111; }
.blank { display: inline-block; min-width: 9rem; min-height: 1.6em; border: 1px solid #111;
  padding: 0 .3em; color: #555; } .step { margin: .6rem 0; }
"""


def write_sheet(sheet: Worksheet) -> str:
    """Write the page to fill in."""
    return "\n".join(_page(words.sheet_title(sheet), _sheet(sheet))) + "\n"


def write_key(sheet: Worksheet) -> str:
    """Write what stands in the blanks."""
    return "\n".join(_page(words.key_title(sheet), _key(sheet))) + "\n"


def _page(title: str, body: Iterator[str]) -> Iterator[str]:
    yield "<!DOCTYPE html>"
    yield f'<html lang="{escape(spoken())}">'
    style = f"<style>{STYLE}{SHEET_STYLE}</style>"
    yield f'<head><meta charset="utf-8"><title>{escape(title)}</title>{style}</head>'
    yield f"<body><h1>{escape(title)}</h1>"
    yield from body
    written = tr("Written by tui-backprop {version}", version=__version__)
    yield f"<footer>{escape(written)}</footer></body></html>"


def _key(sheet: Worksheet) -> Iterator[str]:
    yield f"<p>{escape(words.place(sheet))}</p>"
    for _, item in sheet.blanks:
        right = f"{as_text(item.text)} {as_table(item.value)}"
        yield f'<p class="step">({item.blank}) <span class="m">{right}</span></p>'


def _sheet(sheet: Worksheet) -> Iterator[str]:
    yield f'<p class="head">{escape(words.place(sheet))}'
    yield f"<span>{escape(tr('Name'))}:</span><span>{escape(tr('Date'))}:</span></p>"
    yield f"<p>{escape(words.task(sheet))}</p>"
    yield f"<h2>{escape(tr('Formula'))}</h2><pre>{escape(chr(10).join(sheet.formula))}</pre>"
    yield f"<h2>{escape(tr('Given'))}</h2>"
    for name, value in sheet.given:
        yield f'<span class="m">{as_text(pretty_text(name))} = {as_table(value)}</span>'
    yield f"<p>{escape(words.rate(sheet))}</p>"
    section = ""
    for step in sheet.steps:
        if step.section != section:
            section = step.section
            yield f"<h2>{escape(words.section_title(step.section))}</h2>"
        yield f'<section class="step"><b>{step.number}.</b> <span class="t">{as_text(step.title)}</span>'
        yield from map(_item, step.items)
        yield "</section>"


def _item(item: Item) -> str:
    value = as_table(item.value) if item.shown else "…"
    if item.blank:
        value = f'<span class="blank">({item.blank})</span> {escape(words.shape(item))}'
    return f'<span class="m">{as_text(item.text)} {value}</span>'
