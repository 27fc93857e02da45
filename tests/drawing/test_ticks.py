"""Round numbers along axes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.drawing.ticks import ticks
from tui_backprop.pictures.figure import Axis


@pytest.mark.parametrize(
    ("low", "high", "most", "labels"),
    [
        (0, 10, 5, ["0", "2", "4", "6", "8", "10"]),
        (-1, 1, 4, ["−1.0", "−0.5", "0", "0.5", "1.0"]),
        (0.2, 0.31, 5, ["0.200", "0.225", "0.250", "0.275", "0.300"]),
        (0, 3e6, 3, ["0", "1e+06", "2e+06", "3e+06"]),
        (-2.5e-7, 2.5e-7, 4, ["-2e-07", "0", "2e-07"]),
    ],
)
def test_round_numbers(low: float, high: float, most: int, labels: list[str]) -> None:
    assert [tick.label for tick in ticks(Axis("", low, high), most)] == labels


def test_powers_on_a_log_axis() -> None:
    assert [t.label for t in ticks(Axis("", 2e-4, 30.0, log=True), 8)] == ["1e-3", "1e-2", "1e-1", "1", "1e1"]
    assert [t.at for t in ticks(Axis("", 2.0, 3.0, log=True), 8)] == [2.0, 3.0]


def test_names() -> None:
    axis = Axis("", -0.5, 4.5, names=("a", "b", "c", "d", "e"))
    assert [(t.at, t.label) for t in ticks(axis, 3)] == [(0, "a"), (2, "c"), (4, "e")]


@given(st.floats(-1e300, 1e300), st.floats(1e-12, 1e300), st.integers(2, 12))
def test_they_lie_within_and_are_not_too_many(low: float, span: float, most: int) -> None:
    high = low + span
    found = ticks(Axis("", low, high), most) if high > low else ()
    assert all(low <= tick.at <= high for tick in found)
    assert len(found) <= most + 2
