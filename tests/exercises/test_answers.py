"""Answers as they are typed: numbers with their digits, formulas over names, and what is refused."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tui_backprop as tb
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.language.namespace import Origin
from tui_backprop.exercises.answers import Answer, read_answer

TRAINER = tb.Trainer(tb.load_lesson("logistic"))


def read(text: str, node: str = "beta") -> Answer:
    graph = TRAINER.graph
    return read_answer(text, graph, graph.named[node], graph.named["z"])


@pytest.mark.parametrize(
    ("text", "value", "half", "digits"),
    [
        ("-0.375", -0.375, 0.0005, 3),
        ("−0.375", -0.375, 0.0005, 3),
        ("+.50", 0.5, 0.005, 2),
        ("2.", 2.0, 0.5, 1),
        ("1200", 1200.0, 0.5, 4),
        ("1.2e3", 1200.0, 50.0, 2),
        ("0", 0.0, 0.5, 1),
        ("0e999", 0.0, 0.5e300, 1),
        ("[-0.375, −0.5]", [-0.375, -0.5], [0.0005, 0.05], [3, 1]),
        (" [ [1, 2.0] ,[3,4e-1] ] ", [[1, 2], [3, 0.4]], [[0.5, 0.05], [0.5, 0.05]], [[1, 2], [1, 1]]),
    ],
)
def test_numbers_keep_the_digits_they_were_given_with(
    text: str, value: object, half: object, digits: object
) -> None:
    answer = read(text)
    assert answer.value is not None
    assert answer.half_unit is not None
    assert answer.value.shape == np.shape(value)
    np.testing.assert_array_equal(answer.value, value)
    np.testing.assert_allclose(answer.half_unit, half)
    np.testing.assert_array_equal(answer.digits, digits)
    assert answer.constant


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[1, 2", "a list that is not closed"),
        ("[1, 2,]", "found ']' in a list of numbers"),
        ("[1,, 2]", "found ',' in a list of numbers"),
        ("[1 + 2]", "found '+' in a list of numbers"),
        ("[]", "found ']' in a list of numbers"),
        ("[1], [2]", "found ',' in a list of numbers"),
        ("[[1], [2, 3]]", "rows of different lengths"),
        ("[[1], 2]", "rows of different lengths"),
        ("[[[[[[[1]]]]]]]", "nested deeper than 6"),
        ("[dz, 1]", "found 'dz' in a list of numbers"),
        ("[nan]", "found 'nan' in a list of numbers"),
        ("1e999", "too large for a finite number"),
        ("[1\x1b[2J]", r"found '1\x1b' in a list"),
        ("", "found nothing"),
        ("X.T @", "invalid syntax"),
        ("X.T @ (dz", "line 1"),
        ("__import__('os')", "unknown function __import__"),
        ("dq * 2", "unknown name dq"),
        ("X.T @ dy_hatt", "did you mean dy_hat?"),
        ("dbeta", "dbeta is what is asked for"),
        ("2 * dβ + 0 * b", "dβ is what is asked for"),
        ("1" * 100_001, "at most 100,000 are read"),
    ],
)
def test_what_is_neither_is_refused_in_one_line(text: str, reason: str) -> None:
    with pytest.raises(BackpropError) as caught:
        read(text)
    assert reason in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_gradient_that_is_worked_out_from_the_one_asked_for_is_refused() -> None:
    with pytest.raises(BackpropError, match="db is worked out from what is asked for"):
        read("db", "z")
    assert read("dz", "b").names == {"dz": Origin("gradient", TRAINER.graph.named["z"])}


def test_names_in_either_spelling_and_signs_of_the_screen() -> None:
    tape = TRAINER.tape
    expected = read("X.T @ (dy_hat * y_hat * (1 - y_hat))").at(tape)
    np.testing.assert_allclose(expected, [-0.375, -0.5])
    np.testing.assert_array_equal(read("Xᵀ @ (dŷ ⊙ ŷ ⊙ (1 − ŷ))").at(tape), expected)
    np.testing.assert_array_equal(read("Xᵀ @ upstream").at(tape), expected)
    np.testing.assert_array_equal(read("ŷ²").at(tape), [0.25, 0.25, 0.25])


def test_a_name_of_the_lesson_wins_over_d_name_and_upstream(tmp_path: object) -> None:
    path = f"{tmp_path}/mine.toml"
    with open(path, "w", encoding="utf-8") as file:
        file.write(
            'formula = """\nL = w * dw + upstream\n"""\n[parameters]\nw = 2.0\ndw = 3.0\nupstream = 5.0\n'
        )
    trainer = tb.Trainer(tb.load_lesson(path))
    graph = trainer.graph
    answer = read_answer("dw + upstream", graph, graph.named["w"], graph.loss)
    assert answer.at(trainer.tape) == 8.0
    with pytest.raises(BackpropError, match="ddw is what is asked for"):
        read_answer("ddw", graph, graph.named["dw"])


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BackpropError):
        assert np.ndim(read(text).at(TRAINER.tape)) <= 3
