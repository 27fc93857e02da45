"""A terminal's screen as a picture, SVG or PNG: by cells, so that columns are columns in any font."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from msgspec import Struct

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.text.width import cells

if TYPE_CHECKING:
    from PIL import ImageFont

WIDTH, HEIGHT = 10, 20
"""Points of a cell."""
_FONTS = "'DejaVu Sans Mono', Menlo, Consolas, 'Noto Sans Mono CJK KR', D2Coding, monospace"
_NARROW = ("DejaVuSansMono.ttf", "Menlo.ttc", "LiberationMono-Regular.ttf", "NotoSansMono-Regular.ttf")
_WIDE = (
    "NotoSansCJK-Regular.ttc", "NanumGothicCoding.ttf", "NanumGothic.ttf", "AppleSDGothicNeo.ttc",
    "D2Coding.ttf", "UnDotum.ttf", "Arial Unicode.ttf",
)  # fmt: skip
"""What is looked for among the system's fonts, for letters of one cell and of two."""
_BRAILLE = 0x2800
_DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of the dots of a Braille pattern, by bit."""


class CellRun(Struct, frozen=True):
    """Neighbouring cells of one look.

    Attributes:
        row, column: where it begins, both from 0.
        text: what stands there.
        ink, ground: colours of letters and of what is behind them, as six hexadecimal digits behind a #.
        bold: whether its letters are.
    """

    row: int
    column: int
    text: str
    ink: str
    ground: str
    bold: bool = False


def svg(runs: Iterable[CellRun], size: tuple[int, int], ground: str, title: str) -> str:
    """Return a screen as an SVG file; nothing in it is from elsewhere.

    Args:
        runs: what stands on it.
        size: columns and rows.
        ground: the colour where nothing stands.
        title: what it is, for who has it read aloud.
    """
    width, height = size[0] * WIDTH, size[1] * HEIGHT
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" font-family="{_FONTS}" font-size="16.4">',
        f"<title>{_clean(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="{ground}"/>',
    ]
    for run in runs:
        x, y, wide = run.column * WIDTH, run.row * HEIGHT, cells(run.text) * WIDTH
        if run.ground != ground:
            lines.append(
                f'<rect x="{x}" y="{y}" width="{wide}" height="{HEIGHT}" fill="{run.ground}" '
                'shape-rendering="crispEdges"/>'
            )
        if run.text.strip():
            weight = ' font-weight="bold"' if run.bold else ""
            lines.append(
                f'<text x="{x}" y="{y + 15}" fill="{run.ink}" textLength="{wide}" xml:space="preserve"'
                f' lengthAdjust="spacingAndGlyphs"{weight}>{_clean(run.text)}</text>'
            )
    return "\n".join([*lines, "</svg>", ""])


def png(runs: Iterable[CellRun], size: tuple[int, int], ground: str) -> bytes:
    """Return a screen as a PNG file.

    Raises:
        BackpropError: no font of this machine has its letters.
    """
    from PIL import Image, ImageDraw  # Pillow takes a start's time

    scale = 2
    image = Image.new("RGB", (size[0] * WIDTH * scale, size[1] * HEIGHT * scale), ground)
    draw = ImageDraw.Draw(image)
    for run in runs:
        for column, cluster in _clusters(run):
            x, y = column * WIDTH * scale, run.row * HEIGHT * scale
            wide = cells(cluster) * WIDTH * scale
            draw.rectangle((x, y, x + wide - 1, y + HEIGHT * scale - 1), fill=run.ground)
            if _BRAILLE <= ord(cluster[0]) < _BRAILLE + 256:
                for bit, (across, down) in enumerate(_DOTS):
                    if ord(cluster[0]) - _BRAILLE >> bit & 1:
                        left, top = x + (2 + 5 * across) * scale, y + (2 + 5 * down) * scale
                        draw.ellipse((left, top, left + 5, top + 5), fill=run.ink)
            elif cluster.strip():
                wide_letter = cells(cluster) > 1
                font = _font(wide_letter, (18 if wide_letter else 16) * scale)
                place = (x + wide / 2, y + HEIGHT * scale * 0.76)
                draw.text(place, cluster, run.ink, font, "ms", stroke_width=0.5 if run.bold else 0)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _clusters(run: CellRun) -> Iterator[tuple[int, str]]:
    """Yield each letter with the marks on it, and the column where it stands."""
    column, held = run.column, ""
    for letter in unicodedata.normalize("NFC", run.text):
        if held and cells(letter):
            yield column, held
            column, held = column + cells(held), ""
        held += letter
    if held:
        yield column, held


@lru_cache(4)
def _font(wide: bool, size: int) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    for name in _WIDE if wide else _NARROW:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    raise BackpropError(
        tr("no font for a PNG is found here ({fonts}); give a name that ends in .svg",
           fonts=", ".join(_names(_WIDE if wide else _NARROW)))
    )  # fmt: skip


def _names(files: Sequence[str]) -> list[str]:
    return [name.partition(".")[0].partition("-")[0] for name in files]


def _clean(text: str) -> str:
    return escape(printable(text, 10_000))
