"""Whatever is drawn fits into its cells: any figure, any numbers, any size, any palette."""

from __future__ import annotations

import math
import unicodedata

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.support.thorough import tried
from tui_backprop.drawing.cells.ansi import as_text
from tui_backprop.drawing.cells.canvas import ROLES
from tui_backprop.drawing.cells.colours import XTERM
from tui_backprop.drawing.cells.figures import draw
from tui_backprop.drawing.cells.rows import COLOURS, FEW_COLOURS, NO_COLOURS, PLAIN, PLAIN_ASCII, Palette
from tui_backprop.pictures.figure import (
    Axis,
    Bars,
    Cells,
    Contour,
    Curve,
    Figure,
    Heat,
    Level,
    Listing,
    Mark,
    Part,
    Plot,
    Points,
    Sticks,
    Table,
)
from tui_backprop.text.width import cells

NUMBERS = st.floats(allow_nan=True, allow_infinity=True)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
NAMES = st.text(max_size=12) | st.sampled_from(["x", "한국어 이름", "\x1b[31m", "é̂", "a" * 90])
PALETTES = st.sampled_from(
    [COLOURS, FEW_COLOURS, NO_COLOURS, PLAIN, PLAIN_ASCII, Palette(dark=False), Palette(ascii_only=True)]
)
ROLE = st.sampled_from(["line", "other", "validation", "tangent", "path", "target", "bad", "here", "muted"])


def vector(size: int) -> st.SearchStrategy[np.ndarray]:
    return hnp.arrays(np.float64, size, elements=NUMBERS)


@st.composite
def ends(draw_: st.DrawFn) -> tuple[float, float]:
    one, other = draw_(FINITE), draw_(FINITE)
    low, high = min(one, other), max(one, other)
    high = high if low < high else math.nextafter(low, math.inf)
    return (low, high) if math.isfinite(high) else (math.nextafter(low, -math.inf), low)


@st.composite
def axes(draw_: st.DrawFn) -> Axis:
    low, high = draw_(ends())
    if draw_(st.booleans()):
        names = tuple(draw_(st.lists(NAMES, min_size=1, max_size=9)))
        return Axis(draw_(NAMES), -0.5, len(names) - 0.5, names=names)
    log = low > 0 and draw_(st.booleans())
    return Axis(draw_(NAMES), low, high, log)


@st.composite
def marks(draw_: st.DrawFn) -> Mark:
    size = draw_(st.integers(0, 6))
    grid = hnp.arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 5)), elements=NUMBERS)
    which = draw_(st.sampled_from(["heat", "curve", "contour", "points", "sticks", "bars", "level"]))
    role = draw_(ROLE)
    match which:
        case "heat":
            low, high = draw_(ends())
            middle = draw_(st.none() | st.just(low / 2 + high / 2))
            return Heat(draw_(grid), draw_(ends()), draw_(ends()), low, high, middle, draw_(NAMES))
        case "curve":
            return Curve(draw_(vector(size)), draw_(vector(size)), role, draw_(NAMES))
        case "contour":
            z = draw_(grid)
            places = (np.sort(draw_(hnp.arrays(np.float64, n, elements=FINITE))) for n in z.shape[::-1])
            return Contour(z, *places, tuple(sorted(draw_(st.lists(FINITE, max_size=4)))), role)
        case "points":
            flags = hnp.arrays(np.bool_, size)
            classes = draw_(st.none() | hnp.arrays(np.intp, size, elements=st.integers(0, 9)))
            return Points(
                draw_(vector(size)), draw_(vector(size)), classes, draw_(st.none() | flags),
                draw_(st.none() | flags), role, draw_(NAMES), tuple(draw_(st.lists(NAMES, max_size=3))),
            )  # fmt: skip
        case "sticks":
            return Sticks(*(draw_(vector(size)) for _ in range(3)), role)
        case "bars":
            edges = np.sort(draw_(hnp.arrays(np.float64, size + 1, elements=FINITE)))
            return Bars(edges, draw_(vector(size)), role)
        case _:
            return Level(draw_(NUMBERS), draw_(st.booleans()), role, draw_(NAMES))


@st.composite
def parts(draw_: st.DrawFn) -> Part:
    which = draw_(st.sampled_from(["plot", "plot", "table", "listing"]))
    if which == "plot":
        return Plot(draw_(NAMES), draw_(axes()), draw_(axes()), tuple(draw_(st.lists(marks(), max_size=4))))
    rows, columns = draw_(st.integers(0, 6)), draw_(st.integers(1, 6))
    texts = tuple(tuple(draw_(NAMES) for _ in range(columns)) for _ in range(rows))
    if which == "listing":
        lengths = draw_(st.none() | st.just(tuple(k / 7 for k in range(rows))))
        heading = tuple(str(k) for k in range(columns))
        return Listing(draw_(NAMES), heading, texts, lengths, tuple(k % 2 == 0 for k in range(rows)))
    z = draw_(hnp.arrays(np.float64, (rows, columns), elements=NUMBERS))
    named = tuple(draw_(NAMES) for _ in range(rows)), tuple(draw_(NAMES) for _ in range(columns))
    return Table(draw_(NAMES), draw_(NAMES), draw_(NAMES), Cells(z, texts, *named))


FIGURES = st.builds(
    Figure, NAMES, st.lists(parts(), max_size=3).map(tuple), st.lists(NAMES, max_size=2).map(tuple)
)


@tried(
    figure=FIGURES,
    size=st.tuples(st.integers(1, 90), st.integers(1, 30)),
    palette=PALETTES,
    few=25,
    many=1500,
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
