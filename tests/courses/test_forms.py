"""Shapes, signs and choices as people type them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import strategies as st

from tests.support.thorough import tried
from tui_backprop.courses.forms import judge_shape, judge_sign, read_choice, read_shape, read_signs, signs_of
from tui_backprop.engine.core.errors import BackpropError


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("(3, 2)", (3, 2)),
        ("3x2", (3, 2)),
        ("3×2", (3, 2)),
        ("3 X 2", (3, 2)),
        ("[3,2]", (3, 2)),
        ("3 2", (3, 2)),
        ("3 by 2", (3, 2)),
        ("(3,)", (3,)),
        ("3", (3,)),
        ("()", ()),
        ("scalar", ()),
        ("수 하나", ()),
        ("3 * 2", (3, 2)),
        ("（3, 2）", (3, 2)),
        ("2x3x4", (2, 3, 4)),
    ],
)
def test_shapes(text: str, shape: tuple[int, ...]) -> None:
    assert read_shape(text) == shape


@tried(st.lists(st.integers(0, 10**6), max_size=6), few=10, many=300)
def test_a_shape_as_python_writes_it(lengths: list[int]) -> None:
    assert read_shape(str(tuple(lengths))) == tuple(lengths)


@pytest.mark.parametrize(
    "text", ["", "a", "3,,2", "-3", "3.5", "3 x", "x3", "(3, 2", "1e3", "3; 2", "9" * 30]
)
def test_what_is_no_shape(text: str) -> None:
    if text == "(3, 2":
        assert read_shape(text) == (3, 2)  # a bracket forgotten is no mistake in the shape
        return
    with pytest.raises(BackpropError, match="write a shape"):
        read_shape(text)


def test_what_is_said_of_a_shape_does_not_give_it_away() -> None:
    for answer, words in (
        ("2x3", "another order"),
        ("6", "axes"),
        ("1x6", "as many numbers"),
        ("4x4", "not that"),
    ):
        found = judge_shape(answer, (3, 2))
        assert not found.right
        assert "3" not in found.feedback
        assert any(word in found.feedback for word in (words, "axis")), found


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("+", [1]),
        ("-", [-1]),
        ("−", [-1]),
        ("0", [0]),
        ("positive", [1]),
        ("Negative", [-1]),
        ("zero", [0]),
        ("양수", [1]),
        ("음수", [-1]),
        ("영", [0]),
        ("[+, -, 0]", [1, -1, 0]),
        ("+ - +", [1, -1, 1]),
        ("+-+", [1, -1, 1]),
        ("plus, minus", [1, -1]),
        ("[[+, -], [0, 0]]", [1, -1, 0, 0]),
        ("> 0", [1]),
    ],
)
def test_signs(text: str, signs: list[int]) -> None:
    assert read_signs(text) == signs


@pytest.mark.parametrize("text", ["", "?", "5", "-0.375", "positive negative maybe", "+ x"])
def test_what_is_no_sign(text: str) -> None:
    with pytest.raises(BackpropError, match="write"):
        read_signs(text)


@tried(st.lists(st.sampled_from([-2.5, -1.0, 0.0, 1e-3, 4.0]), min_size=1, max_size=6), few=10, many=300)
def test_the_signs_of_an_array_are_right(numbers: list[float]) -> None:
    value = np.array(numbers)
    typed = " ".join("-0+"[int(np.sign(number)) + 1] for number in numbers)
    assert judge_sign(typed, value).right
    wrong = typed.replace("+", "?").replace("-", "+").replace("?", "-")
    assert judge_sign(wrong, value).right == (not np.any(value))


def test_what_rounding_leaves_has_no_sign() -> None:
    assert signs_of(np.array([0.1 + 0.2 - 0.3, 1.0])) == [0, 1]
    assert signs_of(np.array(1e-30)) == [1], "of one number alone nothing says that it is rounding"


def test_choices() -> None:
    choices = ["the sign", "the slope", "the slope of z"]
    for text, place in (("1", 0), ("2.", 1), ("(3)", 2), ("The  Slope", 1), ("the sl", None), ("the si", 0)):
        if place is None:
            with pytest.raises(BackpropError, match="from 1 to 3"):
                read_choice(text, choices)
        else:
            assert read_choice(text, choices) == place
    assert read_choice("2", ["1", "2", "3"]) == 1
    assert read_choice("1", ["2", "1"]) == 1, "choices that are numbers are meant by what they read"
