"""Names of levels on the chart that take two cells a letter: every row stays as wide as it is."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest

from tui_backprop.text.width import cells
from tui_backprop.tui.panels.chart.axes import LossAxis
from tui_backprop.tui.panels.chart.levels import Row, by_column, joined, put, with_levels
from tui_backprop.tui.panels.chart.plot import LossPlot

WIDTH, LEFT = 40, 7
AXIS = LossAxis(lambda values: np.asarray(values), [])


def blank() -> list[Row]:
    """Return rows of a chart with a short curve on its left."""
    return [[("axis", "   0.5┤"), ("line", "⠑⠢" + " " * (WIDTH - LEFT - 2))] for _ in range(4)]


def text_of(row: Row) -> str:
    return "".join(text for _, text in row)


@pytest.mark.parametrize(
    "name",
    ["무작위 추측", "random guess", unicodedata.normalize("NFD", "무작위 추측")],
    ids=["ko", "en", "nfd"],
)
def test_a_level_is_named_and_the_row_keeps_its_width(name: str) -> None:
    rows = blank()
    with_levels(rows, LEFT, AXIS, [(name, 0.6)])
    assert f" {name} 0.6 " in text_of(rows[1])
    assert all(cells(text_of(row)) == WIDTH for row in rows)
    assert text_of(rows[1]).startswith("   0.5┤⠑⠢┈")


def test_a_cursor_and_a_number_over_a_name_leave_no_half_of_a_letter() -> None:
    rows = blank()
    with_levels(rows, LEFT, AXIS, [("무작위", 0.6)])
    plot = LossPlot(
        [*rows, [("axis", "─" * WIDTH)], [("axis", " " * WIDTH)]], 0, LEFT, WIDTH - LEFT - 1, AXIS
    )
    for column in range(LEFT, WIDTH):
        columns = by_column(rows[1])
        put(columns, column, "pin-1", "1")
        assert cells(text_of(joined(columns))) == WIDTH
    for share in np.linspace(0, 1, WIDTH - LEFT):
        moved = LossPlot(plot.rows, 0, LEFT, plot.last_cell, LossAxis(lambda _, at=share: np.array([at]), []))
        assert all(cells(text_of(row)) == WIDTH for row in moved.with_cursor(0))
        assert "무작위" in text_of(moved.with_cursor(0)[1])
