"""A labelled row of an explanation: its label, its lines, and how they are laid out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from tui_backprop.engine.core.arrays import Array
from tui_backprop.text.charset import Charset
from tui_backprop.text.numbers import block, fits_a_line, inline
from tui_backprop.text.sentences import tr

Part: TypeAlias = str | Array
"""A line of text that may be wrapped, or a matrix that is laid out for the width there is."""


@dataclass(frozen=True, eq=False, slots=True)
class Row:
    """One labelled part of an explanation; its parts belong together.

    Attributes:
        label: what it is, in English, by which it is known; :attr:`said` is what is shown.
        parts: its lines.
        prose: whether it is a sentence where rows of its label mostly are formulas.
    """

    label: str
    parts: tuple[Part, ...]
    prose: bool = False

    @property
    def said(self) -> str:
        """Its label as it is shown."""
        return tr(self.label) if self.label else ""

    def laid_out(self, width: int, indent: str, charset: Charset) -> Iterator[str]:
        """Yield lines of at most ``width`` cells; where text is wrapped, its later lines are indented.

        A matrix stands beside the equals sign before it where there is room.
        """
        beside = ""
        for part, after in pairwise((*self.parts, "")):
            if not isinstance(part, str):
                yield from _matrix(part, beside, width, indent, charset)
                beside = ""
            elif part.endswith("=") and not isinstance(after, str):
                beside = f"{part} "
            else:
                yield from charset.wrap(part, width, indent)


def _matrix(value: Array, beside: str, width: int, indent: str, charset: Charset) -> Iterator[str]:
    """Yield an array's lines, to the right of some text or below it."""
    margin = charset.cells(beside)
    lines = block(value, max(width - margin, 1))
    if margin > len("= ") and len(lines) > len(block(value)):
        yield from charset.wrap(beside.rstrip(), width, indent)
        beside, margin = "", 0
        lines = block(value, width)
    for line in lines:
        fits = charset.cells(beside + line) <= width
        yield from (beside + line,) if fits else charset.wrap(beside + line, width, indent)
        beside = " " * margin


def equation(name: str, value: Array) -> tuple[Part, ...]:
    """Write ``name = value``, a matrix below its name."""
    return (f"{name} = {inline(value)}",) if fits_a_line(value) else (f"{name} =", value)


def result_lines(value: Array) -> tuple[Part, ...]:
    """Write ``= value``, a matrix below the sign."""
    return (f"= {inline(value)}",) if fits_a_line(value) else ("=", value)
