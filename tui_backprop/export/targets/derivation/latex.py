"""A derivation as a LaTeX document of its own; it needs amsmath."""

from __future__ import annotations

from collections.abc import Iterator

from tui_backprop.export.targets.derivation.derivation import Derivation, DerivedLine, DerivedPart, derive
from tui_backprop.export.targets.derivation.mathtext import has_hangul, math, matrix, parts, words
from tui_backprop.text.sentences import tr
from tui_backprop.training.trainer import Trainer
from tui_backprop.version import __version__

PREAMBLE = (
    r"\documentclass[a4paper]{article}",
    r"\usepackage[T1]{fontenc}",
    r"\usepackage[utf8]{inputenc}",
    r"\usepackage{amsmath}",
    r"\usepackage[margin=2cm]{geometry}",
    r"\setcounter{MaxMatrixCols}{20}",
    r"\setlength{\parindent}{0pt}",
    r"\allowdisplaybreaks",
)
_HANGUL = r"\usepackage{kotex}"
"""What a document with Hangul needs besides."""
_BEGIN = r"\title{"


def write_latex(trainer: Trainer) -> str:
    """Write the iteration at which a trainer stands as a LaTeX document."""
    text = "\n".join(_document(derive(trainer))) + "\n"
    return text.replace(_BEGIN, f"{_HANGUL}\n{_BEGIN}", 1) if has_hangul(text) else text


def _document(derivation: Derivation) -> Iterator[str]:
    yield f"% Written by tui-backprop {__version__}"
    yield from PREAMBLE
    yield rf"\title{{{words(derivation.title)}}}"
    yield rf"\author{{{words(derivation.place)}}}"
    yield r"\date{}"
    yield r"\begin{document}"
    yield r"\maketitle"
    formula, given = tr("Formula"), tr("Given")
    yield rf"\section*{{{words(formula)}}}"
    for line in derivation.formula:
        if line.strip():
            yield rf"\texttt{{{words(line).replace(' ', '~')}}}\par"
    yield rf"\section*{{{words(given)}}}"
    for name, kind, value in derivation.given:
        yield rf"\[ {math(name)} = {matrix(value)} \quad \text{{({words(kind)})}} \]"
    for section in derivation.sections:
        yield from _section(section)
    for note in derivation.notes:
        yield rf"\par {words(note)}"
    yield r"\end{document}"


def _section(section: DerivedPart) -> Iterator[str]:
    yield rf"\section*{{{words(section.title)}}}"
    half = len(section.steps) // 2
    for place, step in enumerate(section.steps):
        if section.left_out and place == half:
            yield rf"\par {words(section.left_out_text)}"
        yield rf"\subsection*{{({step.number}) ${math(step.title)}$}}"
        for line in step.lines:
            yield from _line(line)


def _line(line: DerivedLine) -> Iterator[str]:
    if line.is_words:
        said = " ".join(words(part) for part in line.parts if isinstance(part, str))
        yield rf"\par \textit{{{words(line.label)}:}} {said}"
        return
    yield rf"\par \textit{{{words(line.label)}:}}"
    for written in parts(line.parts):
        yield rf"\[ {written} \]"
