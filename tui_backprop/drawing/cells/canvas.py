"""A grid of cells that is drawn on, part by part, and read off as rows."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from tui_backprop.drawing.cells.colours import XTERM
from tui_backprop.drawing.cells.rows import Paint, Row, Span
from tui_backprop.text.width import cells

Numbers: TypeAlias = npt.NDArray[np.int16]
ROLES: Final[tuple[Paint, ...]] = (
    "", "line", "other", "validation", "tangent", "path", "target", "axis", "good", "bad", "here", "muted",
    "text", "strong",
)  # fmt: skip
COLOUR: Final = len(ROLES)
"""The number on the canvas of the first of the 256 colours."""
PAINTS: Final[tuple[Paint, ...]] = (*ROLES, *XTERM)
PEN: Final = {str(role): number for number, role in enumerate(ROLES)}
"""The number on the canvas of each role."""


class Canvas:
    """Cells, or a part of another canvas' cells; what is drawn outside of it is left out.

    Args:
        text: one character a cell, with its marks; empty behind a wide one.
        ink, paper, under, reverse: see the attributes.

    Attributes:
        ink, paper: numbers in ``PAINTS`` of each cell.
        under: the paper of what is put over a cell of shades; 0 for none.
        reverse: which cells have ink and paper exchanged.
    """

    def __init__(
        self,
        text: npt.NDArray[np.str_],
        ink: Numbers,
        paper: Numbers,
        under: Numbers,
        reverse: npt.NDArray[np.bool_],
    ) -> None:
        self.text, self.ink, self.paper, self.under, self.reverse = text, ink, paper, under, reverse

    @classmethod
    def blank(cls, width: int, height: int) -> Canvas:
        """Return a canvas with nothing on it."""
        shape = max(height, 0), max(width, 0)
        ink, paper, under = (np.zeros(shape, np.int16) for _ in range(3))
        return cls(np.full(shape, " ", "<U4"), ink, paper, under, np.zeros(shape, np.bool_))

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.text.shape[1])

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.text.shape[0])

    def part(self, x: int, y: int, width: int, height: int) -> Canvas:
        """Return a part, cut where this one ends: what is drawn on it is drawn here."""
        place = slice(max(y, 0), max(y + height, 0)), slice(max(x, 0), max(x + width, 0))
        return Canvas(
            self.text[place], self.ink[place], self.paper[place], self.under[place], self.reverse[place]
        )

    def put(
        self,
        x: npt.NDArray[np.intp],
        y: npt.NDArray[np.intp],
        text: npt.NDArray[np.str_],
        ink: npt.ArrayLike,
    ) -> None:
        """Put characters over cells that are on the canvas; where two meet, the later one stays."""
        self.text[y, x] = text
        self.ink[y, x] = ink
        self.paper[y, x] = self.under[y, x]

    def write(self, x: int, y: int, text: str, ink: int = 0, paper: int = 0, *, reverse: bool = False) -> int:
        """Write a text that is cut at the right end; return the column behind it."""
        if not 0 <= y < self.height:
            return x
        for character in text:
            room = cells(character)
            if not room:
                if 0 < x <= self.width:
                    self.text[y, x - 1] = f"{self.text[y, x - 1]}{character}"
                continue
            if x + room > self.width:
                break
            if x >= 0:
                self._part_wide(y, x, x + room)
                self.text[y, x : x + room] = [character, ""][:room]
                self.ink[y, x : x + room], self.paper[y, x : x + room] = ink, paper
                self.reverse[y, x : x + room] = reverse
            x += room
        return x

    def _part_wide(self, y: int, start: int, end: int) -> None:
        """Take away wide characters of which a half is about to be overwritten."""
        for edge in (start, end):
            if 0 < edge < self.width and not self.text[y, edge]:
                self.text[y, edge - 1 : edge + 1] = " "

    def rows(self) -> list[Row]:
        """Return what is on the canvas."""
        ink = np.where((self.text == " ") & ~self.reverse, 0, self.ink).astype(np.int64)
        looks = (ink * len(PAINTS) + self.paper) * 2 + self.reverse
        changes = np.diff(looks, axis=1, prepend=-1) != 0
        return [
            _row(text, look, np.flatnonzero(change).tolist())
            for text, look, change in zip(self.text.tolist(), looks.tolist(), changes, strict=True)
        ]


def _row(text: list[str], looks: list[int], starts: list[int]) -> Row:
    spans = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        paints, reverse = divmod(looks[start], 2)
        ink, paper = divmod(paints, len(PAINTS))
        spans.append(Span("".join(text[start:end]), PAINTS[ink], PAINTS[paper], bool(reverse)))
    return tuple(spans)
