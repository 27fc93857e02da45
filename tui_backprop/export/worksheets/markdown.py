"""A worksheet as Markdown with blocks of mathematics, as GitHub, GitLab and notebooks show it."""

from __future__ import annotations

from collections.abc import Iterator

from tui_backprop.export.targets.derivation.markdown import code, escaped
from tui_backprop.export.targets.derivation.mathtext import math, matrix
from tui_backprop.export.worksheets import words
from tui_backprop.export.worksheets.worksheet import Item, Worksheet
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty_text

LINE = r"\_"
"""A piece of a line to write on."""


def write_sheet(sheet: Worksheet) -> str:
    """Write the page to fill in."""
    return "\n".join(_sheet(sheet)) + "\n"


def write_key(sheet: Worksheet) -> str:
    """Write what stands in the blanks."""
    lines = [f"# {escaped(words.key_title(sheet))}", "", escaped(words.place(sheet))]
    for step, item in sheet.blanks:
        lines += [
            "",
            f"({item.blank}) {code(step.title)}",
            *_block(f"{math(item.text)} {matrix(item.value)}"),
        ]
    return "\n".join(lines) + "\n"


def _sheet(sheet: Worksheet) -> Iterator[str]:
    yield f"# {escaped(words.sheet_title(sheet))}"
    yield ""
    lines = f"{tr('Name')}: {LINE * 12} · {tr('Date')}: {LINE * 6}"
    yield f"{escaped(words.place(sheet))} · {lines}"
    yield ""
    yield escaped(words.task(sheet))
    yield ""
    yield f"## {tr('Formula')}"
    yield ""
    yield from (f"    {line}" for line in sheet.formula)
    yield ""
    yield f"## {tr('Given')}"
    for name, value in sheet.given:
        yield from _block(f"{math(pretty_text(name))} = {matrix(value)}")
    yield ""
    yield escaped(words.rate(sheet))
    section = ""
    for step in sheet.steps:
        if step.section != section:
            section = step.section
            yield ""
            yield f"## {words.section_title(step.section)}"
        yield ""
        yield f"**{step.number}.** {code(step.title)}"
        for item in step.items:
            yield from _item(item)


def _item(item: Item) -> Iterator[str]:
    if item.blank:
        space = rf"\boxed{{({item.blank})\hspace{{6em}}}} \quad \text{{{words.shape(item)}}}"
        yield from _block(f"{math(item.text)} {space}")
    else:
        value = matrix(item.value) if item.shown else r"\dots"
        yield from _block(f"{math(item.text)} {value}")


def _block(line: str) -> Iterator[str]:
    yield from ("", "```math", line, "```")
