"""One plot's frame: where numbers lie on paper, and the axes around it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from tui_backprop.drawing.clipping import clip
from tui_backprop.drawing.ticks import positions, ticks
from tui_backprop.drawing.vector.colours import FAINT, INK
from tui_backprop.drawing.vector.paper import Lettering, Paper, Place
from tui_backprop.engine.core.arrays import Array
from tui_backprop.pictures.figure import Axis, Plot
from tui_backprop.text.spelling import pretty_text

SMALL = 11.0
"""Size of what stands at axes."""
CENTRED = Lettering(SMALL, INK, "middle")
UPRIGHT = Lettering(SMALL, INK, "middle", upright=True)
_BEYOND = 50.0
"""Frames away to which what lies further outside is moved, so that every format can write it."""


class Frame(Struct, frozen=True):
    """A rectangle of paper that stands for a rectangle of numbers.

    Attributes:
        left, top, width, height: in points.
        x, y: the axes.
    """

    left: float
    top: float
    width: float
    height: float
    x: Axis
    y: Axis

    def across(self, number: Array | float) -> Array:
        """Return how far from the left edge of the paper numbers lie."""
        return self.left + self.width * np.clip(positions(self.x, np.asarray(number)), -_BEYOND, _BEYOND)

    def down(self, number: Array | float) -> Array:
        """Return how far from the top edge of the paper numbers lie."""
        return self.top + self.height * (
            1 - np.clip(positions(self.y, np.asarray(number)), -_BEYOND, _BEYOND)
        )

    def places(self, x: Array, y: Array) -> list[Place]:
        """Return where points lie."""
        return list(zip(self.across(x).tolist(), self.down(y).tolist(), strict=True))

    def holds(self, x: Array, y: Array) -> Array:
        """Tell which points lie within."""
        across, down = positions(self.x, x), positions(self.y, y)
        with np.errstate(invalid="ignore"):
            return np.asarray((across >= -1e-9) & (across <= 1 + 1e-9) & (down >= -1e-9) & (down <= 1 + 1e-9))

    def clipped(self, x: Array, y: Array) -> list[list[Place]]:
        """Return the pieces of a broken line that lie within."""
        at = np.stack([positions(self.x, x), positions(self.y, y)])
        starts, ends = clip(at[:, :-1], at[:, 1:], np.zeros(2), np.ones(2))
        pieces: list[list[Place]] = []
        for first, last in zip(self._on_paper(starts), self._on_paper(ends), strict=True):
            if pieces and pieces[-1][-1] == first:
                pieces[-1].append(last)
            else:
                pieces.append([first, last])
        return pieces

    def _on_paper(self, shares: Array) -> list[Place]:
        across, down = self.left + self.width * shares[0], self.top + self.height * (1 - shares[1])
        return list(zip(across.tolist(), down.tolist(), strict=True))


def framed(paper: Paper, plot: Plot, left: float, top: float, width: float, height: float) -> Frame:
    """Put a plot's axes down, and return the frame that is left for its marks."""
    down = ticks(plot.y, max(2, int(height / 45)))
    room = max((paper.width_of(label, SMALL) for _, label in down), default=0.0) + 8
    named = 16.0 if plot.y.label else 0.0
    below = 18 + (16 if plot.x.label else 0)
    frame = Frame(left + room + named, top + 4, width - room - named - 10, height - below - 8, plot.x, plot.y)
    across = ticks(plot.x, max(2, int(frame.width / 70)))
    _grid(paper, frame, across, down)
    middle = frame.top + frame.height / 2
    if plot.y.label:
        paper.text((left + 8, middle), pretty_text(plot.y.label), UPRIGHT)
    if plot.x.label:
        bottom = frame.top + frame.height + 28
        paper.text((frame.left + frame.width / 2, bottom), pretty_text(plot.x.label), CENTRED)
    return frame


def _grid(
    paper: Paper, frame: Frame, across: Sequence[tuple[float, str]], down: Sequence[tuple[float, str]]
) -> None:
    bottom, right = frame.top + frame.height, frame.left + frame.width
    for share, label in across:
        x = frame.left + frame.width * share
        paper.line([(x, frame.top), (x, bottom)], FAINT, 0.5)
        paper.text((x, bottom + 11), label, CENTRED)
    for share, label in down:
        y = frame.top + frame.height * (1 - share)
        paper.line([(frame.left, y), (right, y)], FAINT, 0.5)
        paper.text((frame.left - 5, y), label, Lettering(SMALL, INK, "end"))


def closed(paper: Paper, frame: Frame) -> None:
    """Draw the frame itself, over the marks."""
    right, bottom = frame.left + frame.width, frame.top + frame.height
    corners = [(frame.left, frame.top), (right, frame.top), (right, bottom), (frame.left, bottom)]
    paper.line([*corners, corners[0]], INK, 0.8)
