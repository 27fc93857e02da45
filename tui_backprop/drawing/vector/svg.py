"""Paper that becomes an SVG file: one element a line, nothing that runs, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from tui_backprop.drawing.vector.paper import Colour, Lettering, Place
from tui_backprop.engine.core.arrays import Array
from tui_backprop.text.printable import printable
from tui_backprop.text.width import cells

_FONT = "system-ui, 'DejaVu Sans', 'Noto Sans', 'Noto Sans CJK KR', sans-serif"


class SvgPaper:
    """Collects elements.

    Args:
        width, height: in points.
        title, words: what the picture is, and what there is to see, for who has it read aloud.
    """

    def __init__(self, width: float, height: float, title: str, words: str) -> None:
        self._elements = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(width)}" height="{_n(height)}" '
            f'viewBox="0 0 {_n(width)} {_n(height)}" role="img" font-family={quoteattr(_FONT)}>',
            f"<title>{_clean(title)}</title>",
            f"<desc>{_clean(words)}</desc>",
        ]

    @property
    def written(self) -> str:
        """The file."""
        return "\n".join([*self._elements, "</svg>", ""])

    def box(self, x: float, y: float, width: float, height: float, fill: Colour) -> None:
        """Fill a rectangle."""
        self._add(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" fill="{fill}" '
            'shape-rendering="crispEdges"/>'
        )

    def line(
        self, places: Sequence[Place], colour: Colour, width: float = 1.5, dash: Sequence[float] = ()
    ) -> None:
        """Join places by straight lines."""
        dashed = f' stroke-dasharray="{" ".join(map(_n, dash))}"' if dash else ""
        self._add(
            f'<polyline points="{_points(places)}" fill="none" stroke="{colour}" stroke-width="{_n(width)}"'
            f' stroke-linejoin="round"{dashed}/>'
        )

    def pieces(self, pieces: Array, colour: Colour, width: float) -> None:
        """Draw many short lines at once."""
        path = "".join(f"M{_n(a)} {_n(b)}L{_n(c)} {_n(d)}" for (a, b), (c, d) in pieces.tolist())
        self._add(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{_n(width)}"/>')

    def shape(self, places: Sequence[Place], fill: Colour, edge: Colour) -> None:
        """Fill a polygon and draw its edge."""
        self._add(f'<polygon points="{_points(places)}" fill="{fill}" stroke="{edge}"/>')

    def disc(self, at: Place, radius: float, fill: Colour, edge: Colour) -> None:
        """Fill a circle and draw its edge."""
        x, y = at
        self._add(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{fill}" stroke="{edge}"/>')

    def text(self, at: Place, text: str, lettering: Lettering) -> None:
        """Write a line."""
        x, y = at
        turned = f' transform="rotate(-90 {_n(x)} {_n(y)})"' if lettering.upright else ""
        weight = ' font-weight="bold"' if lettering.bold else ""
        anchor = f'text-anchor="{lettering.anchor}" dominant-baseline="central"'
        self._add(
            f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(lettering.size)}" fill="{lettering.colour}" '
            f"{anchor}{weight}{turned}>{_clean(text)}</text>"
        )

    def width_of(self, text: str, size: float) -> float:
        """Return how wide a text is, about: letters are half as wide as high."""
        return cells(text) * size * 0.56

    def _add(self, element: str) -> None:
        self._elements.append(element)


def _clean(text: str) -> str:
    return escape(printable(text, 10_000))


def _points(places: Sequence[Place]) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in places)


def _n(number: float) -> str:
    text = f"{number:.1f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text
