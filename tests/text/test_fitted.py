"""What is shortened still tells the truth: a number loses digits and never its end."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.text.charset import UNICODE
from tui_backprop.text.numbers import fitted
from tui_backprop.text.width import cells, words


def test_a_text_is_cut_between_words():
    assert words("one two three", 13) == "one two three"
    assert words("one two three", 12) == words("one two three", 8) == "one two…"
    assert words("one two three", 7) == "one…"
    assert words("three", 4) == "thr…"


def test_values_in_the_room_there_is():
    assert fitted(np.float64(-0.123456789), 13) == "−0.123457"
    assert fitted(np.float64(-0.123456789), 6) == "−0.123"
    assert fitted(np.float64(-1.5e-7), 3) == "…"
    assert fitted(np.array([1.0, -0.5]), 10) == "[1, −0.5]"
    assert fitted(np.array([1.0, -0.5]), 8) == "(2)"
    assert fitted(np.zeros((100, 100)), 12) == "(100×100)"


@given(st.floats(-1e300, 1e300), st.integers(8, 14))
def test_a_shortened_number_is_the_number_rounded(value, width):
    text = fitted(np.float64(value), width)
    assert len(text) <= width
    assert abs(float(text.replace("−", "-")) - value) <= abs(value) * 0.5 + 5e-324


@given(st.text(alphabet="aŷ\u0302漢字 ·"), st.integers(0, 8))
def test_text_is_cut_at_a_whole_character(text, width):
    short = UNICODE.fit(text, width)
    assert cells(short) <= width
    assert short == text if cells(text) <= width else short == "" or short.endswith("…")
    assert text.startswith(short.removesuffix("…"))
