"""Logarithmic pictures in text: they fit, and their axes are decades, whatever the numbers are."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.text.log_plot import LEFT, log_plot

NUMBER = st.floats(allow_nan=True, allow_infinity=True)


@given(
    st.lists(st.tuples(NUMBER, NUMBER), max_size=20), st.integers(1, 120), st.integers(-3, 40), st.booleans()
)
def test_it_fits_whatever_the_numbers_are(
    points: list[tuple[float, float]], width: int, height: int, ascii_only: bool
) -> None:
    lines = log_plot(points, width, height, ascii_only)
    assert len(lines) <= max(height, 6)
    assert max(map(len, lines)) <= max(width, 28)
    assert not ascii_only or all(line.isascii() for line in lines)


def test_a_line_of_slope_two_falls_two_decades_a_decade() -> None:
    lines = log_plot([(10.0**k, 100.0**k) for k in range(5)], LEFT + 41, 19, ascii_only=True)
    labels = [line[:LEFT].strip("| ") for line in lines[:-2]]
    assert [label for label in labels if label] == [*(f"1e{power}" for power in range(8, 0, -1)), "1"]
    assert lines[0].rstrip().endswith("*")
    assert lines[-3][LEFT] == "*"
    assert lines[-1].split() == ["1", "1e1", "1e2", "1e3", "1e4"]
    assert log_plot([(1.0, math.nan)], 40, 10, ascii_only=True) == ["there is no point to draw"]
