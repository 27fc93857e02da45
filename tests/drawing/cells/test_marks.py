"""Marks stand in the cells where their numbers put them; expected places are worked out here, by hand."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from tui_backprop.drawing.cells.ansi import as_text
from tui_backprop.drawing.cells.figures import draw
from tui_backprop.drawing.cells.rows import (
    COLOURS,
    FEW_COLOURS,
    NO_COLOURS,
    PLAIN,
    PLAIN_ASCII,
    Palette,
    Row,
    text_of,
)
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
    Plot,
    Points,
    Sticks,
    Table,
)

BARE = 16, 5
"""A size at which there is nothing beside the field."""
SQUARE = Axis("x", 0.0, 1.0)


def field(*marks: Mark, size: tuple[int, int] = BARE, palette: Palette = PLAIN) -> list[Row]:
    return draw(Figure("", (Plot("", SQUARE, SQUARE, marks),)), *size, palette)


def texts(rows: list[Row]) -> list[str]:
    return ["".join(span.text for span in row) for row in rows]


def dots(rows: list[Row]) -> set[tuple[int, int]]:
    """Return column and row of each braille dot, as Unicode numbers them."""
    places = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]
    return {
        (2 * x + dx, 4 * y + dy)
        for y, text in enumerate(texts(rows))
        for x, sign in enumerate(text)
        if 0x2800 < ord(sign) < 0x2900
        for bit, (dx, dy) in enumerate(places)
        if ord(sign) - 0x2800 >> bit & 1
    }


def test_shades_of_both_sides_of_the_middle_differ_in_colour_and_in_sign() -> None:
    z = np.array([[0.1, 0.9], [0.9, 0.1], [0.9, 0.9], [0.1, 0.1]])
    heat = Heat(z, (0, 1), (0, 1), 0.0, 1.0, 0.5)
    top_down = z[::-1]
    plain = texts(field(heat, size=(2, 4)))
    assert [[sign in "░▒▓█" for sign in row] for row in plain] == (top_down < 0.5).tolist()
    halves = field(heat, size=(2, 2), palette=COLOURS)
    drawn: list[list[tuple[int, int, int]]] = [[], [], [], []]
    for y, row in enumerate(halves):
        for span in row:
            for character in span.text:
                drawn[2 * y].append(span.ink if character == "▀" else span.paper)
                drawn[2 * y + 1].append(span.paper)
    assert [[paint[2] > paint[0] for paint in row] for row in drawn] == (top_down < 0.5).tolist()


def test_what_is_just_beside_the_middle_has_its_side_and_nan_has_none() -> None:
    z = np.array([[0.5 - 1e-9, 0.5, 0.5 + 1e-9, math.nan]])
    assert texts(field(Heat(z, (0, 1), (0, 1), 0.0, 1.0, 0.5), size=(4, 1))) == ["░ ⠁ "]


def test_a_small_change_repaints_nothing() -> None:
    z = np.linspace(0.02, 0.98, 8)[None]
    rows = [field(Heat(z + shift, (0, 1), (0, 1), 0, 1, 0.5), palette=COLOURS) for shift in (0, 0.002)]
    assert rows[0] == rows[1]


def test_a_rectangle_covers_its_part_only() -> None:
    heat = Heat(np.ones((1, 1)), (0.5, 1.0), (0.0, 0.5), 0.0, 1.0)
    assert texts(field(heat, size=(4, 4))) == ["    ", "    ", "  ██", "  ██"]


def test_points_have_the_sign_of_their_class_in_their_cell() -> None:
    points = Points(np.array([0.0, 0.5, 1.0, 2.0]), np.array([0.0, 0.5, 1.0, 0.5]), np.array([0, 1, 2, 0]))
    assert texts(field(points, size=(5, 5))) == ["    ■", "     ", "  ▲  ", "     ", "●    "]
    assert texts(field(points, size=(5, 5), palette=PLAIN_ASCII)) == [
        "    #",
        "     ",
        "  ^  ",
        "     ",
        "o    ",
    ]


def test_wrong_and_held_back_points_stand_out_without_colour() -> None:
    at, flags = np.array([0.1, 0.9]), np.array([True, False])
    wrong = Points(at, np.full(2, 0.5), np.array([0, 0]), wrong=flags)
    assert texts(field(wrong, size=(4, 1))) == ["✗  ●"]
    (reversed_, *_) = field(wrong, size=(4, 1), palette=NO_COLOURS)[0]
    assert reversed_.reverse
    assert reversed_.text == "●"
    held = Points(at, np.full(2, 0.5), np.array([0, 1]), held_back=flags)
    assert texts(field(held, size=(4, 1))) == ["○  ▲"]


def test_a_wrong_point_is_not_hidden_by_a_right_one() -> None:
    both = Points(np.full(2, 0.5), np.full(2, 0.5), np.array([0, 1]), wrong=np.array([True, False]))
    assert "✗" in texts(field(both, size=(4, 1)))[0]


@pytest.mark.parametrize("slope", [0.3, 1.0, 2.5, -1.7])
def test_a_line_runs_through_the_dots_nearest_to_it(slope: float) -> None:
    ends = np.array([-3.0, 4.0])  # far outside: it is cut at the edges
    found = dots(field(Curve(ends, 0.5 + slope * (ends - 0.5))))
    columns, rows = 2 * BARE[0], 4 * BARE[1]
    off = [0.5 + slope * (x / (columns - 1) - 0.5) - (1 - y / (rows - 1)) for x, y in found]
    assert max(map(abs, off)) <= 0.75 / (rows - 1) + abs(slope) * 0.75 / (columns - 1)
    steep = abs(slope) * (rows - 1) > columns - 1
    along = sorted({y if steep else x for x, y in found})
    assert all(after - before == 1 for before, after in pairwise(along))


def test_a_gap_in_a_curve_stays_one() -> None:
    x = np.linspace(0, 1, 33)
    y = np.where((x > 0.3) & (x < 0.7), np.nan, 0.5)
    columns = {column for column, _ in dots(field(Curve(x, y)))}
    assert not columns & set(range(10, 21))
    assert columns >= {0, 1, 8, 30, 31}


def test_a_contour_is_where_the_height_is() -> None:
    at = np.linspace(0, 1, 41)
    z = np.hypot(*(np.stack(np.meshgrid(at, at)) - 0.5))
    found = dots(field(Contour(z, at, at, (0.3,))))
    radii = [math.hypot((x + 0.5) / 32 - 0.5, 0.5 - (y + 0.5) / 20) for x, y in found]
    assert len(found) > 30
    assert max(abs(radius - 0.3) for radius in radii) < 1 / 20


def test_bars_are_as_high_as_their_numbers() -> None:
    bars = Bars(np.linspace(0, 1, 5), np.array([1.0, 0.5, 0.25, 0.0]))
    filled = texts(field(bars, size=(8, 4)))
    heights = [sum(" ▁▂▃▄▅▆▇█".index(row[x]) for row in filled) for x in range(8)]
    assert heights == [32, 32, 16, 16, 8, 8, 0, 0]


def test_a_bar_of_next_to_nothing_is_seen_and_one_of_nothing_is_not() -> None:
    assert texts(field(Bars(np.linspace(0, 1, 4), np.array([1.0, 1e-6, 0.0])), size=(3, 1))) == ["█▁ "]


def test_sticks_reach_from_end_to_end() -> None:
    found = dots(field(Sticks(np.array([1.0]), np.array([0.0]), np.array([0.5]))))
    assert found == {(31, y) for y in range(10, 20)} or found == {(31, y) for y in range(9, 20)}


def test_levels_have_their_names() -> None:
    rows = texts(field(Level(0.5, label="lowest"), size=(60, 12)))
    assert any("lowest" in row for row in rows)
    assert [y for y, row in enumerate(rows) if row.count("⠄") > 30 or row.count("⠁") > 30] != []


def test_beside_the_field_stand_numbers_where_their_values_are() -> None:
    plot = Plot("", Axis("weight", -1.0, 1.0), Axis("loss", 0.0, 4.0), (Level(9.0),))
    rows = [text_of(row) for row in draw(Figure("", (plot,)), 60, 13, PLAIN)]
    assert rows[0] == "loss"
    assert [row.split("┤")[0] for row in rows[1:-2] if "┤" in row] == ["4", "3", "2", "1", "0"]
    assert rows[-1].split() == ["−1.0", "−0.5", "0", "0.5", "1.0"] or rows[-1].split()[0] == "−1.0"
    assert "weight" in rows[-2]


@pytest.mark.parametrize(("width", "height"), [(20, 8), (12, 4), (5, 2)])
def test_where_there_is_little_room_the_data_stay(width: int, height: int) -> None:
    points = Points(np.array([0.5]), np.array([0.5]), np.array([1]), names=("one", "two"))
    rows = texts(field(points, size=(width, height)))
    assert sum(row.count("▲") for row in rows) == 1
    assert not any("two" in row for row in rows)


def test_a_table_has_its_numbers_and_wide_names_keep_the_columns() -> None:
    cells = Cells(np.eye(2), (("50", "1"), ("2", "47")), ("한국", "b"), ("한국", "b"), np.eye(2) > 0)
    rows = [text_of(row) for row in draw(Figure("", (Table("", "target", "said", cells),)), 40, 6, PLAIN)]
    assert rows[0] == "↓ target, → said"
    assert "▸50" in rows[2]
    assert "▸47" in rows[3]
    assert rows[2].split()[0] == "한국"


def test_a_listing_counts_what_it_leaves_out() -> None:
    rows = tuple((str(k), "0.5") for k in range(30))
    listing = Listing("", ("sample", "loss"), rows, tuple(1 - k / 30 for k in range(30)), (True,))
    shown = [text_of(row) for row in draw(Figure("", (listing,)), 50, 8, PLAIN)]
    assert shown[1].startswith("✗ 0")
    assert shown[1].count("█") > shown[5].count("█") > 0
    assert shown[-1] == "  … 24 more"


def test_a_terminal_is_sent_colours_by_number() -> None:
    heat = Heat(np.array([[0.0, 1.0]]), (0, 1), (0, 1), 0.0, 1.0, 0.5)
    assert as_text(field(heat, size=(2, 1), palette=COLOURS), COLOURS) == (
        "\x1b[48;5;33m \x1b[0m\x1b[48;5;208m \x1b[0m\n"
    )


def test_regions_of_classes_differ_whatever_there_is_to_draw_with() -> None:
    heat = Heat(np.arange(6.0)[None], (0, 1), (0, 1), 0.0, 5.0, None, classes=True)
    for palette in (COLOURS, Palette(dark=False), FEW_COLOURS, PLAIN, PLAIN_ASCII):
        (row,) = field(heat, size=(6, 1), palette=palette)
        assert len({(sign, span.ink, span.paper) for span in row for sign in span.text}) == 6
