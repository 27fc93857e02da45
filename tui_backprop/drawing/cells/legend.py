"""The line that says what is what: signs of classes, strokes of curves, the ramp of the shades."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from tui_backprop.drawing.cells.canvas import PEN, Canvas
from tui_backprop.drawing.cells.pens import Pens
from tui_backprop.drawing.cells.shades import ramp
from tui_backprop.drawing.cells.texts import charset, fitted
from tui_backprop.pictures.figure import Curve, Heat, Mark, Points, Role
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import tr, tr_in

Piece: TypeAlias = tuple[str, int, int, bool]
"""Text, ink, paper, and whether both are exchanged."""
_GAP = "  "
_RAMP = 9


def entries(marks: tuple[Mark, ...], pens: Pens) -> Iterator[list[Piece]]:
    """Yield what there is to say of marks, the most important first."""
    for mark in marks:
        if isinstance(mark, Points):
            yield from _points(mark, pens)
    for mark in marks:
        if isinstance(mark, Curve) and mark.label:
            yield [(_stroke(mark.role, pens), pens.ink(mark.role), 0, False), *_words(f" {mark.label}", pens)]
        if isinstance(mark, Heat) and (shades := ramp(pens, mark, _RAMP)):
            ends = [number(end, 3) for end in (mark.low, mark.high)]
            name = f"{mark.label}: " if mark.label else ""
            yield [
                *_words(f"{name}{ends[0]} ", pens),
                *((*shade, False) for shade in shades),
                *_words(f" {ends[1]}", pens),
            ]


def _points(points: Points, pens: Pens) -> Iterator[list[Piece]]:
    if points.classes is None and points.label:
        yield [(pens.single(points.role), pens.ink(points.role), 0, False), *_words(f" {points.label}", pens)]
    signs = pens.signs(held_back=False)
    for place, name in enumerate(points.names if points.classes is not None else ()):
        sign = signs[place % len(signs)]
        yield [(sign, pens.class_ink(place), 0, False), *_words(f" {name}", pens)]
    if points.wrong is not None and np.any(points.wrong):
        reverse, wrong = pens.palette.reverses, tr_in("prediction", "wrong")
        yield [
            (signs[0] if reverse else pens.wrong, 0, 0, reverse),
            *_words(f" {wrong}", pens),
        ]
    if points.held_back is not None and np.any(points.held_back):
        held = tr("held back")
        yield [(pens.signs(held_back=True)[0], 0, 0, False), *_words(f" {held}", pens)]


def _stroke(role: Role, pens: Pens) -> str:
    if pens.palette.ascii_only:
        return pens.stroke(role) * 2
    drawn, period = pens.dash(role)
    if period == 1:
        return "──"
    return "··" if drawn == 1 else "╌╌"


def _words(text: str, pens: Pens) -> list[Piece]:
    return [(fitted(pens, text, 40), PEN["muted"] if pens.palette.colours else 0, 0, False)]


def write(canvas: Canvas, y: int, start: int, pieces: Iterator[list[Piece]], pens: Pens) -> None:
    """Write a legend at the right end of a row, from a column on; what there is no room for is left out."""
    room = canvas.width - start
    cells = charset(pens).cells
    line: list[Piece] = []
    used = 0
    for entry in pieces:
        width = sum(cells(text) for text, *_ in entry) + len(_GAP)
        if used + width > room:
            continue
        used += width
        line += [(_GAP, 0, 0, False), *entry]
    x = canvas.width - used
    for text, ink, paper, reverse in line:
        x = canvas.write(x, y, text, ink, paper, reverse=reverse)
