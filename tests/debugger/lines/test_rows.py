"""The rows of the list: folded, open, passed over; few of them, and made once."""

from __future__ import annotations

import pytest

from tests.support.folded import NET
from tests.support.trainers import mine
from tui_backprop.debugger.lines.folding import Folding
from tui_backprop.debugger.lines.rows import RecordIndex


@pytest.fixture(name="index")
def _index(tmp_path) -> RecordIndex:
    return RecordIndex(mine(tmp_path, NET).graph)


def shown(rows) -> list[str]:
    """Return what rows are: a record's place, an open line, a folded one, or how many are passed over."""
    signs = []
    for row in rows:
        if row.aside:
            signs.append(f"{row.place}…{row.last}")
        elif row.stretch is None:
            signs.append(f"{' ' * row.depth}{row.place}")
        else:
            sign = "▾" if row.is_open else "▸"
            signs.append(f"{' ' * row.depth}{sign}{row.stretch.group.text.partition('(')[0]}")
    return signs


def test_folded_a_turn_is_one_row(index) -> None:
    rows = shown(index.rows(Folding(), None))
    assert rows[:6] == ["0", "1", "▸turn t = 0", "▸turn t = 1", "▸turn t = 2", "38"]


def test_an_open_line_stands_above_its_records(index) -> None:
    turn = index.graph.stretches[0]
    cell = index.graph.stretches[1]
    rows = shown(index.rows(Folding().unfold(turn), None))
    assert rows[2:6] == ["▾turn t = 0", " 2", " ▸cell", "▸turn t = 1"]
    rows = shown(index.rows(Folding().unfold(turn).unfold(cell), None))
    assert rows[2:7] == ["▾turn t = 0", " 2", " ▾cell", "  3", "  4"]
    assert rows[11:13] == ["  ▸gate", "  13"]


def test_records_that_stepping_passes_over_are_one_row_within_their_line(index) -> None:
    rows = shown(index.rows(Folding(), -1))
    assert rows[-3:] == ["90…90", "91", "92"]  # ∂L/∂ones(2), which leads to no parameter
    whole = Folding().unfold_all(index.graph)
    rows = shown(index.rows(whole, -1))
    at = rows.index("56…56")  # ∂L/∂X[2] in the cell's line, and ∂L/∂X in the turn's
    assert rows[at - 1 : at + 3] == ["  55", "56…56", "57…57", "▾turn t = 1"]
    rows = shown(index.rows(whole, 57))
    assert rows[at + 1] == " 57"  # where we stand


def test_rows_are_made_once_for_a_folding(index) -> None:
    assert index.rows(Folding(), 5) is index.rows(Folding(), 7)
    assert index.rows(Folding(), 5) is not index.rows(Folding().unfold(index.graph.stretches[0]), 5)


def test_thousands_of_records_are_hundreds_of_rows(tmp_path) -> None:
    long = NET.replace("range(3)", "range(100)").replace("X[t]", "X[t % 3]")
    index = RecordIndex(mine(tmp_path, long).graph)
    assert len(index.titles) > 2500
    assert len(index.rows(Folding(), -1)) == 2 + 100 + 2 + 2 + 100 + 1 + 2
