"""A worksheet as a LaTeX document of its own; it needs amsmath, and kotex for Hangul."""

from __future__ import annotations

from collections.abc import Iterator

from tui_backprop.export.targets.derivation.latex import PREAMBLE
from tui_backprop.export.targets.derivation.mathtext import math, matrix
from tui_backprop.export.targets.derivation.mathtext import words as text
from tui_backprop.export.worksheets import words
from tui_backprop.export.worksheets.worksheet import Item, Worksheet
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty_text
from tui_backprop.version import __version__

BLANK = r"\newcommand{\blank}[1]{\boxed{(#1)\hspace{6em}\rule{0pt}{1.2em}}}"


def write_sheet(sheet: Worksheet) -> str:
    """Write the page to fill in."""
    return "\n".join(_document(_sheet(sheet))) + "\n"


def write_key(sheet: Worksheet) -> str:
    """Write what stands in the blanks."""
    return "\n".join(_document(_key(sheet))) + "\n"


def _document(body: Iterator[str]) -> Iterator[str]:
    lines = list(body)
    yield f"% Written by tui-backprop {__version__}"
    yield from PREAMBLE
    if any("가" <= letter <= "힣" for line in lines for letter in line):
        yield r"\usepackage{kotex}"
    yield BLANK
    yield r"\begin{document}"
    yield from lines
    yield r"\end{document}"


def _key(sheet: Worksheet) -> Iterator[str]:
    yield rf"\section*{{{text(words.key_title(sheet))}}}"
    yield rf"{text(words.place(sheet))}\par"
    for _, item in sheet.blanks:
        yield rf"\[ ({item.blank})\quad {math(item.text)} {matrix(item.value)} \]"


def _sheet(sheet: Worksheet) -> Iterator[str]:
    yield rf"\section*{{{text(words.sheet_title(sheet))}}}"
    name, date = text(tr("Name")), text(tr("Date"))
    lines = rf"{name}: \underline{{\hspace{{10em}}}} \quad {date}: \underline{{\hspace{{5em}}}}"
    yield rf"{text(words.place(sheet))} \hfill {lines}"
    yield rf"\par\medskip {text(words.task(sheet))}"
    yield rf"\subsection*{{{text(tr('Formula'))}}}"
    for line in sheet.formula:
        if line.strip():
            yield rf"\texttt{{{text(line).replace(' ', '~')}}}\par"
    yield rf"\subsection*{{{text(tr('Given'))}}}"
    for given, value in sheet.given:
        yield rf"\[ {math(pretty_text(given))} = {matrix(value)} \]"
    yield rf"{text(words.rate(sheet))}\par"
    section = ""
    for step in sheet.steps:
        if step.section != section:
            section = step.section
            yield rf"\subsection*{{{text(words.section_title(step.section))}}}"
        yield rf"\par ({step.number}) ${math(step.title)}$"
        for item in step.items:
            yield from _item(item)


def _item(item: Item) -> Iterator[str]:
    if item.blank:
        yield rf"\[ {math(item.text)} \blank{{{item.blank}}} \quad \text{{{text(words.shape(item))}}} \]"
    else:
        value = matrix(item.value) if item.shown else r"\dots"
        yield rf"\[ {math(item.text)} {value} \]"
