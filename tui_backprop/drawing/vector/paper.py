"""What can be put on paper: rectangles, lines, signs and text, in points from the top left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct

from tui_backprop.engine.core.arrays import Array

Colour: TypeAlias = str
"""Six hexadecimal digits behind a #."""
Place: TypeAlias = tuple[float, float]
Anchor: TypeAlias = Literal["start", "middle", "end"]


class Lettering(Struct, frozen=True):
    """How a line is written.

    Attributes:
        size: height of the letters, in points.
        colour: theirs.
        anchor: which part of the line stands at its place.
        upright: whether it is written from below upwards.
        bold: whether its letters are.
    """

    size: float
    colour: Colour
    anchor: Anchor = "start"
    upright: bool = False
    bold: bool = False


class Paper(Protocol):
    """Where a figure is put down; what comes later lies over what was there."""

    def box(self, x: float, y: float, width: float, height: float, fill: Colour) -> None:
        """Fill a rectangle."""

    def line(
        self, places: Sequence[Place], colour: Colour, width: float = 1.5, dash: Sequence[float] = ()
    ) -> None:
        """Join places by straight lines."""

    def pieces(self, pieces: Array, colour: Colour, width: float) -> None:
        """Draw many short lines at once; ``pieces`` of shape (n, 2, 2) has both ends of each."""

    def shape(self, places: Sequence[Place], fill: Colour, edge: Colour) -> None:
        """Fill a polygon and draw its edge."""

    def disc(self, at: Place, radius: float, fill: Colour, edge: Colour) -> None:
        """Fill a circle and draw its edge."""

    def text(self, at: Place, text: str, lettering: Lettering) -> None:
        """Write a line; ``at`` is the middle of its height, and what its anchor says of its length."""

    def width_of(self, text: str, size: float) -> float:
        """Return how wide a text is, about."""
