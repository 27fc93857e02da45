"""Round numbers along axes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.drawing.ticks import positions, rounded, ticks
from tui_backprop.pictures.figure import Axis


@pytest.mark.parametrize(
    ("low", "high", "most", "labels"),
    [
        (0, 10, 6, ["0", "2", "4", "6", "8", "10"]),
        (-1, 1, 5, ["−1.0", "−0.5", "0", "0.5", "1.0"]),
        (0.2, 0.31, 7, ["0.20", "0.22", "0.24", "0.26", "0.28", "0.30"]),
    ],
)
def test_round_numbers(low: float, high: float, most: int, labels: list[str]) -> None:
    assert [label for _, label in ticks(Axis("", low, high), most)] == labels


def test_names() -> None:
    axis = Axis("", -0.5, 4.5, names=("a", "b", "c", "d", "e"))
    assert ticks(axis, 3) == [(pytest.approx(0.1), "a"), (pytest.approx(0.5), "c"), (pytest.approx(0.9), "e")]


def test_positions() -> None:
    assert positions(Axis("", 1.0, 100.0, log=True), np.array([1.0, 10.0])).tolist() == [0.0, 0.5]
    at = positions(Axis("", -1.0, 1.0), np.array([0.0, np.nan, 1e300, np.inf]))
    assert at[0] == 0.5
    assert at[2] == 1e6
    assert np.isnan(at[[1, 3]]).all()


@given(st.floats(-1e300, 1e300), st.floats(1e-12, 1e300), st.integers(2, 12))
def test_they_lie_within_and_are_not_too_many(low: float, span: float, most: int) -> None:
    axis = Axis("", low, low + span)
    found = ticks(axis, most)
    assert all(-1e-6 <= at <= 1 + 1e-6 for at, _ in found)
    assert len(found) <= most
    assert [float(label.replace("−", "-")) for _, label in found] == sorted(
        float(label.replace("−", "-")) for _, label in found
    )
    around = rounded(axis)
    assert around.low <= axis.low + span * 1e-5
    assert around.high >= axis.high - span * 1e-5
