"""A derivation as Markdown with blocks of mathematics, as GitHub, GitLab and notebooks show it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui_backprop.export.targets.derivation.derivation import Derivation, DerivedLine, DerivedPart, derive
from tui_backprop.export.targets.derivation.mathtext import math, matrix, parts
from tui_backprop.text.sentences import tr
from tui_backprop.training.trainer import Trainer
from tui_backprop.version import __version__

_SPECIAL = re.compile(r"[\\`*_\[\]|$~#!]|:(?=//)|(?<=www)\.|^[-+=]|(?<=^\d)[.)]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}


def write_markdown(trainer: Trainer) -> str:
    """Write the iteration at which a trainer stands as Markdown."""
    return "\n".join(_document(derive(trainer))) + "\n"


def escaped(text: str) -> str:
    """Write a sentence so that nothing in it is markup, a mention of somebody, or HTML."""
    marked = _SPECIAL.sub(lambda match: "\\" + match[0], text)
    return "".join(_ENTITIES.get(letter, letter) for letter in marked)


def code(text: str) -> str:
    """Write a text as code within a line, whatever backticks it has."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}" if longest else f"`{text}`"


def _document(derivation: Derivation) -> Iterator[str]:
    yield f"# {escaped(derivation.title)}"
    yield ""
    yield escaped(derivation.place)
    yield ""
    yield "## " + tr("Formula")
    yield ""
    yield from (f"    {line}" for line in derivation.formula)
    yield ""
    yield "## " + tr("Given")
    for name, kind, value in derivation.given:
        yield from _block([rf"{math(name)} = {matrix(value)} \quad \text{{({kind})}}"])
    for section in derivation.sections:
        yield from _section(section)
    for note in derivation.notes:
        yield ""
        yield escaped(note)
    yield ""
    written = tr("Written by tui-backprop {version}", version=__version__)
    yield f"*{written}*"


def _section(section: DerivedPart) -> Iterator[str]:
    yield ""
    yield f"## {section.title}"
    half = len(section.steps) // 2
    for place, step in enumerate(section.steps):
        if section.left_out and place == half:
            yield ""
            yield section.left_out_text
        yield ""
        yield f"### {step.number}: {code(step.title)}"
        for line in step.lines:
            yield from _line(line)


def _line(line: DerivedLine) -> Iterator[str]:
    yield ""
    if line.is_words:
        said = " ".join(escaped(part) for part in line.parts if isinstance(part, str))
        yield f"*{escaped(line.label)}*: {said}"
        return
    yield f"*{escaped(line.label)}*:"
    yield from _block(parts(line.parts))


def _block(lines: list[str]) -> Iterator[str]:
    yield ""
    yield "```math"
    yield (
        " \\\\\n".join(lines)
        if len(lines) == 1
        else "\\begin{gathered}\n" + " \\\\\n".join(lines) + "\n\\end{gathered}"
    )
    yield "```"
