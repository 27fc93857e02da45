"""Figures as files: SVG text, and PNG where Pillow is asked for it."""

from __future__ import annotations

from collections.abc import Sequence

from tui_backprop.drawing.vector.layout import put
from tui_backprop.drawing.vector.svg import SvgPaper
from tui_backprop.pictures.figure import Figure

CELL = (10, 20)
"""Points that a cell of a terminal stands for, across and down."""


def svg(figure: Figure, words: Sequence[str], size: tuple[int, int]) -> str:
    """Return a figure as an SVG file of a size in cells, with what there is to see in words."""
    width, height = (cells * points for cells, points in zip(size, CELL, strict=True))
    paper = SvgPaper(width, height, figure.title, " ".join(words))
    put(figure, paper, width, height)
    return paper.written


def png(figure: Figure, words: Sequence[str], size: tuple[int, int]) -> bytes:
    """Return a figure as a PNG file of a size in cells, with what there is to see in words."""
    from tui_backprop.drawing.vector.png import PngPaper  # Pillow takes a start's time

    width, height = (cells * points for cells, points in zip(size, CELL, strict=True))
    paper = PngPaper(width, height, figure.title, " ".join(words))
    put(figure, paper, width, height)
    return paper.written
