"""Paper that becomes a PNG file, painted by Pillow twice as large and made smaller, which smooths edges."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from tui_backprop.drawing.vector.colours import PAPER
from tui_backprop.drawing.vector.paper import Colour, Lettering, Place
from tui_backprop.engine.core.arrays import Array
from tui_backprop.text.ascii import to_ascii
from tui_backprop.text.printable import printable
from tui_backprop.text.width import cells

_FINER = 2
_HANGUL_FONTS = (
    "NotoSansCJK-Regular.ttc", "NanumGothic.ttf", "AppleSDGothicNeo.ttc", "malgun.ttf", "UnDotum.ttf",
    "Arial Unicode.ttf",
)  # fmt: skip
_SYSTEM_FONTS = ("DejaVuSans.ttf", *_HANGUL_FONTS)
"""What is looked for where a text has letters that Pillow's own font lacks: Greek; Hangul."""
_ANCHORS = {"start": "lm", "middle": "mm", "end": "rm"}


class PngPaper:
    """Paints.

    Args:
        width, height: in points, which become pixels.
        title, words: what the picture is, and what there is to see; kept in the file as its title and
            description.
    """

    def __init__(self, width: float, height: float, title: str, words: str) -> None:
        self._size = round(width), round(height)
        self._image = Image.new("RGB", (self._size[0] * _FINER, self._size[1] * _FINER), PAPER)
        self._draw = ImageDraw.Draw(self._image)
        self._about = {"Title": title, "Description": words}

    @property
    def written(self) -> bytes:
        """The file."""
        told = PngImagePlugin.PngInfo()
        for key, text in self._about.items():
            told.add_itxt(key, printable(text, 10_000))
        file = io.BytesIO()
        small = self._image.resize(self._size, Image.Resampling.BOX)
        small.save(file, "PNG", pnginfo=told, optimize=True)
        return file.getvalue()

    def box(self, x: float, y: float, width: float, height: float, fill: Colour) -> None:
        """Fill a rectangle."""
        left, top, right, bottom = (round(_FINER * at) for at in (x, y, x + width, y + height))
        if right > left and bottom > top:
            self._draw.rectangle((left, top, right - 1, bottom - 1), fill=fill)

    def line(
        self, places: Sequence[Place], colour: Colour, width: float = 1.5, dash: Sequence[float] = ()
    ) -> None:
        """Join places by straight lines."""
        for piece in _dashed(places, dash) if dash else [places]:
            if len(piece) > 1:
                thick = max(1, round(width * _FINER))
                self._draw.line(_finer(piece), fill=colour, width=thick, joint="curve")

    def pieces(self, pieces: Array, colour: Colour, width: float) -> None:
        """Draw many short lines at once."""
        for ends in pieces.tolist():
            self._draw.line(_finer(ends), fill=colour, width=max(1, round(width * _FINER)))

    def shape(self, places: Sequence[Place], fill: Colour, edge: Colour) -> None:
        """Fill a polygon and draw its edge."""
        self._draw.polygon(_finer(places), fill=fill, outline=edge, width=_FINER)

    def disc(self, at: Place, radius: float, fill: Colour, edge: Colour) -> None:
        """Fill a circle and draw its edge."""
        (x, y), reach = at, radius
        box = ((x - reach) * _FINER, (y - reach) * _FINER, (x + reach) * _FINER, (y + reach) * _FINER)
        self._draw.ellipse(box, fill=fill, outline=edge, width=_FINER)

    def text(self, at: Place, text: str, lettering: Lettering) -> None:
        """Write a line."""
        text, font = _written(text, lettering.size)
        if not lettering.upright:
            place, anchor = (at[0] * _FINER, at[1] * _FINER), _ANCHORS[lettering.anchor]
            stroke = 0.6 if lettering.bold else 0
            self._draw.text(place, text, lettering.colour, font, anchor, stroke_width=stroke)
            return
        length, height = round(font.getlength(text)) + 4, round(lettering.size * _FINER * 1.5)
        strip = Image.new("L", (max(length, 1), height))
        ImageDraw.Draw(strip).text((2, height / 2), text, 255, font, "lm")
        turned = strip.transpose(Image.Transpose.ROTATE_90)
        shift = {"start": turned.height, "middle": turned.height // 2, "end": 0}[lettering.anchor]
        x, y = (round(_FINER * part) for part in at)
        colour = Image.new("RGB", turned.size, lettering.colour)
        self._image.paste(colour, (x - turned.width // 2, y - shift), turned)

    def width_of(self, text: str, size: float) -> float:
        """Return how wide a text is."""
        text, font = _written(text, size)
        return font.getlength(text) / _FINER


def _written(text: str, size: float) -> tuple[str, ImageFont.FreeTypeFont]:
    """Return a text as it can be written, and the font."""
    text = printable(text, 400).replace("−", "-").replace("…", "...")
    if text.isascii():
        return text, _plain(size)
    system = _system(size, is_wide=any(cells(letter) > 1 for letter in text))
    return (text, system) if system is not None else (to_ascii(text), _plain(size))


@lru_cache(32)
def _plain(size: float) -> ImageFont.FreeTypeFont:
    """Return Pillow's own font."""
    plain = ImageFont.load_default(size * _FINER)
    assert isinstance(plain, ImageFont.FreeTypeFont)
    return plain


@lru_cache(32)
def _system(size: float, *, is_wide: bool) -> ImageFont.FreeTypeFont | None:
    """Return one of the system's fonts, with wide letters if asked, where there is one."""
    for name in _HANGUL_FONTS if is_wide else _SYSTEM_FONTS:
        try:
            return ImageFont.truetype(name, size * _FINER)
        except OSError:
            continue
    return None


def _finer(places: Sequence[Place]) -> list[tuple[float, float]]:
    return [(_FINER * x, _FINER * y) for x, y in places]


def _dashed(places: Sequence[Place], dash: Sequence[float]) -> list[list[Place]]:
    """Cut a line into the pieces that are drawn."""
    pieces: list[list[Place]] = []
    turn, left, drawn = 0, dash[0], True
    piece: list[Place] = [places[0]] if len(places) else []
    for (x0, y0), (x1, y1) in pairwise(places):
        length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
        done = 0.0
        while length - done > left:
            done += left
            at = (x0 + (x1 - x0) * done / length, y0 + (y1 - y0) * done / length)
            if drawn:
                pieces.append([*piece, at])
            turn, drawn, piece = turn + 1, not drawn, [at]
            left = dash[turn % len(dash)]
        left -= length - done
        piece = [*piece, (x1, y1)] if drawn else [(x1, y1)]
    return [*pieces, piece] if drawn and len(piece) > 1 else pieces
