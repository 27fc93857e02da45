"""Lines as dots, eight of them to a cell, as braille has them; in ASCII a cell is a dot."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tui_backprop.drawing.cells.canvas import Canvas
from tui_backprop.drawing.cells.pens import Pens
from tui_backprop.drawing.clipping import clip
from tui_backprop.engine.core.arrays import Array
from tui_backprop.pictures.figure import Role

Places = npt.NDArray[np.intp]
_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint8)
_BLANK = 0x2800
_BRAILLE = np.array([chr(_BLANK + bits) for bits in range(256)])


class Dots:
    """Dots over a canvas; those of one cell have the ink of the last of them.

    Args:
        canvas: what they are put on.
        pens: what to draw with.

    Attributes:
        columns, rows: how many dots there are across and down.
    """

    def __init__(self, canvas: Canvas, pens: Pens) -> None:
        self._canvas, self._pens = canvas, pens
        self._across, self._down = (1, 1) if pens.palette.ascii_only else (2, 4)
        self.columns, self.rows = canvas.width * self._across, canvas.height * self._down
        self._bits = np.zeros(canvas.text.shape, np.uint8)

    def mark(self, x: Places, y: Places, role: Role, sign: str = "") -> None:
        """Put dots on the canvas, counted from the left and from the top; those outside are left out.

        Args:
            x: of shape (n,).
            y: of that shape.
            role: what they are of.
            sign: what they are in ASCII; otherwise the role's.
        """
        inside = (x >= 0) & (x < self.columns) & (y >= 0) & (y < self.rows)
        x, y = x[inside], y[inside]
        columns, rows = x // self._across, y // self._down
        if self._pens.palette.ascii_only:
            text = np.full(columns.shape, sign or self._pens.stroke(role))
        else:
            np.bitwise_or.at(self._bits, (rows, columns), _BITS[y % self._down, x % self._across])
            text = _BRAILLE[self._bits[rows, columns]]
        self._canvas.put(columns, rows, text, self._pens.inks(role, self._canvas.under[rows, columns]))

    def line(self, x: Array, y: Array, role: Role) -> None:
        """Draw straight lines from point to point; a point that is not finite breaks them.

        Args:
            x: positions from 0 to 1, from the left, of shape (n,).
            y: positions from 0 to 1, from below.
            role: what the lines are of.
        """
        at_x, at_y = x * (self.columns - 1), (1.0 - y) * (self.rows - 1)
        if at_x.size == 1:
            at_x, at_y = np.repeat(at_x, 2), np.repeat(at_y, 2)
        starts, ends = np.stack((at_x[:-1], at_y[:-1])), np.stack((at_x[1:], at_y[1:]))
        edge = np.array((self.columns - 0.5, self.rows - 0.5))
        begun, ended = clip(starts, ends, np.full(2, -0.5), edge)
        run = ended - begun
        counts = np.ceil(np.abs(run).max(axis=0, initial=0.0)).astype(np.intp) + 1
        segment = np.repeat(np.arange(counts.size), counts)
        first = np.cumsum(counts) - counts
        at = np.arange(segment.size)
        share = (at - first[segment]) / np.maximum(counts - 1, 1)[segment]
        drawn, period = self._pens.dash(role)
        kept = at % period < drawn
        places = np.floor(begun[:, segment] + share * run[:, segment] + 0.5).astype(np.intp)[:, kept]
        self.mark(places[0], places[1], role)
