"""Whatever is drawn fits into its cells: any figure, any numbers, any size, any palette."""

from __future__ import annotations

import unicodedata

from hypothesis import strategies as st

from tests.support.figures import FIGURES
from tests.support.thorough import tried
from tui_backprop.drawing.cells.ansi import as_text
from tui_backprop.drawing.cells.canvas import ROLES
from tui_backprop.drawing.cells.colours import XTERM
from tui_backprop.drawing.cells.figures import draw
from tui_backprop.drawing.cells.rows import COLOURS, FEW_COLOURS, NO_COLOURS, PLAIN, PLAIN_ASCII, Palette
from tui_backprop.pictures.figure import Figure
from tui_backprop.text.width import cells

PALETTES = st.sampled_from(
    [COLOURS, FEW_COLOURS, NO_COLOURS, PLAIN, PLAIN_ASCII, Palette(dark=False), Palette(ascii_only=True)]
)


@tried(
    figure=FIGURES,
    size=st.tuples(st.integers(1, 90), st.integers(1, 30)),
    palette=PALETTES,
    few=25,
    many=500,
)
def test_it_fits_into_its_cells(figure: Figure, size: tuple[int, int], palette: Palette) -> None:
    rows = draw(figure, *size, palette, titled=True)
    assert len(rows) == size[1]
    for row in rows:
        text = "".join(span.text for span in row)
        assert cells(text) == size[0]
        assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in text)
        assert text.isascii() or not palette.ascii_only
        paints = [paint for span in row for paint in (span.ink, span.paper)]
        assert all(paint in ROLES or paint in XTERM for paint in paints)
        assert palette.colours or not any(paints)
    if not palette.colours:
        assert "\x1b" not in as_text(rows, palette)
