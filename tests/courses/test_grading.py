"""Answers to each kind of question; the numbers are those of SOURCES.md, made apart from the product."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import strategies as st

from tests.support.lesson_questions import LOGISTIC, SQUARE, asking, graded
from tests.support.thorough import tried
from tui_backprop.courses.asked import AskedHere
from tui_backprop.courses.grading import solution
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.hyperparameters import Hyperparameters

X = np.array([[1, 2], [3, 4], [5, 6]])
Y = np.array([1.0, 0.0, 1.0])

VALUES = [  # at, of, what is right, what is not (with the verdict of homework)
    (
        "z <- beta",
        None,
        ("[-0.375, -0.5]", "−0.375, −0.5".join("[]"), "X.T @ dz"),
        [("[0.375, 0.5]", "sign")],
    ),
    (
        "y_hat <- z",
        None,
        ("[0.25, 0.25, 0.25]", "0.25", "y_hat * (1 - y_hat)"),
        [("0.5", "constant"), ("[0.3, 0.2, 0.1]", "wrong")],
    ),
    ("y_hat <- z", "downstream", ("[-0.125, 0.125, -0.125]",), [("[-0.125, 0.125]", "shapes")]),
    ("y_hat <- z", "upstream", ("[-0.5, 0.5, -0.5]", "y_hat - y"), [("y - y_hat", "sign")]),
    ("b", None, ("-0.125", "sum(dz)", "db = -0.125"), [("mean(dz)", "mean"), ("-0.0417", "mean")]),
    ("y_hat", None, ("[0.5, 0.5, 0.5]",), [("[0.5, 0.5, 0.4]", "wrong")]),
    ("beta", "after", ("[0.0375, 0.05]",), [("[0.0375, 0.06]", "wrong"), ("[-0.0375, -0.05]", "sign")]),
    ("beta", "value", ("[0, 0]",), [("[0, 1]", "wrong")]),
]


@pytest.mark.parametrize(("at", "of", "right", "wrong"), VALUES, ids=str)
def test_values_as_the_notes_have_them(
    tmp_path: Path, at: str, of: str | None, right: tuple[str, ...], wrong: list[tuple[str, str]]
) -> None:
    trainer = asking(tmp_path, at=at, ask="value", **({"of": of} if of else {}))
    for answer in right:
        found = graded(trainer, answer)
        assert (found.right, found.verdict) == (True, "right"), (answer, found.feedback)
    for answer, verdict in wrong:
        found = graded(trainer, answer)
        assert (found.right, found.verdict) == (False, verdict), (answer, found.feedback)
        for number in right[0].strip("[]").split(", "):
            assert len(number) < 4 or number not in found.feedback, "the solution is not told"


def test_a_tolerance_is_absolute_and_is_all_that_counts(tmp_path: Path) -> None:
    trainer = asking(tmp_path, at="b", ask="value", tolerance=0.01)
    assert graded(trainer, "-0.12").right  # off by 0.005
    assert graded(trainer, "-0.135").right  # by 0.01
    assert not graded(trainer, "-0.136").right
    narrow = asking(tmp_path, at="b", ask="value", tolerance=1e-4)
    with pytest.raises(BackpropError, match="give one more digit"):
        graded(narrow, "-0.13")  # right to two digits, and not near enough
    assert graded(narrow, "-0.1250").right


FORMULAS = [
    (
        "y_hat <- z",
        None,
        ["y_hat*(1-y_hat)", "ŷ ⊙ (1 − ŷ)", "sigmoid(z) - sigmoid(z)**2", "exp(-z)/(1+exp(-z))**2"],
        ["y_hat", "0.25"],
    ),
    (
        "z <- beta",
        None,
        ["dz @ X", "(dz * X.T).sum(1)", "X.T @ upstream"],
        ["X @ dz", "dz", "[-0.375, -0.5]"],
    ),
    (
        "z",
        "gradient",
        ["dy_hat*y_hat*(1-y_hat)", "(y_hat - y) * y_hat * (1 - y_hat)"],
        ["y_hat - y", "dy_hat"],
    ),
    ("y_hat", "value", ["1/(1 + exp(-z))", "sigmoid(X @ beta + b)"], ["0.5", "z", "[0.5, 0.5, 0.5]"]),
    ("L <- y_hat", None, ["-1"], ["1", "y_hat"]),
]


@pytest.mark.parametrize(("at", "of", "right", "wrong"), FORMULAS, ids=str)
def test_formulas_count_in_any_form_that_is_the_same_everywhere(
    tmp_path: Path, at: str, of: str | None, right: list[str], wrong: list[str]
) -> None:
    trainer = asking(tmp_path, at=at, ask="formula", **({"of": of} if of else {}))
    for answer in right:
        assert graded(trainer, answer).right, (answer, graded(trainer, answer).feedback)
    for answer in wrong:
        assert not graded(trainer, answer).right, answer


def test_the_product_given_for_the_local_derivative_is_told(tmp_path: Path) -> None:
    local = asking(tmp_path, at="y_hat <- z", ask="formula")
    assert "local derivative alone" in graded(local, "dy_hat * y_hat * (1 - y_hat)").feedback
    product = asking(tmp_path, at="y_hat <- z", ask="formula", of="downstream")
    assert "its product with the upstream gradient" in graded(product, "y_hat * (1 - y_hat)").feedback


@pytest.mark.parametrize(
    ("fields", "answer", "reason"),
    [
        ({"at": "y_hat", "ask": "formula"}, "y_hat", "y_hat is what is asked for"),
        ({"at": "b", "ask": "value"}, "-0.1", "give at least 2 significant digits"),
        ({"at": "beta", "ask": "value"}, "dbeta", "is what is asked for"),
        ({"at": "beta", "ask": "value"}, "", "found nothing"),
        ({"at": "beta", "ask": "value"}, "open('x')", "open"),
        ({"at": "beta", "ask": "value"}, "[1, 2", "not closed"),
        ({"at": "z", "ask": "shape"}, "three", "write a shape such as"),
        ({"at": "z", "of": "gradient", "ask": "sign"}, "maybe", "write +, - or 0"),
        ({"at": "z", "of": "gradient", "ask": "sign"}, "+", "1 signs for 3 numbers"),
        ({"at": "z", "ask": "choice", "choices": ["a", "b"], "answer": 1}, "3", "from 1 to 2"),
        ({"at": "z", "ask": "choice", "choices": ["a", "b"], "answer": 1}, "x" * 3000, "3,000 characters"),
    ],
)
def test_what_cannot_be_read_is_no_answer(
    tmp_path: Path, fields: dict[str, object], answer: str, reason: str
) -> None:
    with pytest.raises(BackpropError, match=r".") as refused:
        graded(asking(tmp_path, **fields), answer)
    assert reason in str(refused.value)


def test_more_is_told_of_a_second_try_and_never_the_solution(tmp_path: Path) -> None:
    trainer = asking(tmp_path, at="beta", ask="formula")
    first, second, tenth = (graded(trainer, "X.T @ dy_hat", tries=n).feedback for n in (1, 2, 10))
    assert first in second
    assert len(second) > len(first)
    assert tenth == second
    assert "X.T @ dz" not in tenth.replace("ᵀ", ".T").replace("∂L/∂z", "dz")


def test_a_value_that_is_not_finite_cannot_be_asked_for(tmp_path: Path) -> None:
    text = 'formula = "y = 1 / x"\nloss = "y"\n[data]\nx = 0.0\n'
    with pytest.raises(BackpropError, match="not finite at iteration 0"):
        graded(asking(tmp_path, text, at="y", ask="value"), "1")


def test_values_put_in_by_hand_are_lifted(tmp_path: Path) -> None:
    trainer = asking(tmp_path, at="y_hat <- z", ask="value")
    trainer.override("y_hat", [0.8, 0.3, 0.4])
    assert graded(trainer, "[0.25, 0.25, 0.25]").right
    assert trainer.overrides, "and stay where they are"


def test_an_answer_is_judged_where_the_training_stands(tmp_path: Path) -> None:
    trainer = asking(tmp_path, at="beta", ask="value")
    trainer.run(iterations=3)
    beta, b = np.zeros(2), 0.0
    for _ in range(3):
        p = 1 / (1 + np.exp(-(X @ beta + b)))
        d = (p - Y) * p * (1 - p)
        beta, b = beta - 0.1 * X.T @ d, b - 0.1 * d.sum()
    p = 1 / (1 + np.exp(-(X @ beta + b)))
    assert graded(trainer, str(list((X.T @ ((p - Y) * p * (1 - p))).tolist()))).right
    assert not graded(trainer, "[-0.375, -0.5]").right


@tried(st.integers(-50, 50), st.integers(-50, 50), few=3, many=100)
def test_the_slope_of_a_square_at_any_number(
    tmp_path_factory: pytest.TempPathFactory, x: int, given: int
) -> None:
    trainer = asking(
        tmp_path_factory.mktemp("q"), SQUARE.replace("x = 3", f"x = {x}"), at="y <- x", ask="value"
    )
    assert graded(trainer, str(2 * x)).right
    assert graded(trainer, str(given)).right == (given == 2 * x)


def test_live_numbers_stand_in_what_is_said(tmp_path: Path) -> None:
    trainer = asking(
        tmp_path,
        SQUARE,
        at="y <- x",
        ask="choice",
        text="at x = {x}?",
        hint=["it is twice {x}", "so {2 * x}"],
        choices=["{x}", "{2 * x}"],
        answer=2,
        why="since {shape:x} {dx}",
    )
    asked = AskedHere(trainer.lesson.questions[0], trainer)
    assert (asked.text, asked.hint(1), asked.hint(2)) == ("at x = 3?", "it is twice 3", "so 6")
    assert (asked.choices, asked.why) == (("3", "6"), "since scalar 6")
    assert graded(trainer, "6").right  # choices that are numbers are meant by what they read
    assert not graded(trainer, "3").right
    assert graded(trainer, "2").right
    with pytest.raises(BackpropError, match="no further hint"):
        asked.hint(3)


@pytest.mark.parametrize(
    ("fields", "text", "right"),
    [
        ({"at": "y_hat <- z", "ask": "value"}, "What is ∂ŷ/∂z?", "[0.25, 0.25, 0.25]"),
        ({"at": "z <- beta", "ask": "formula"}, "Write ∂L/∂β as a formula.", "Xᵀ @ ∂L/∂z"),
        ({"at": "z", "ask": "formula"}, "Write z as a formula.", "X @ beta + b"),
        ({"at": "X", "ask": "shape"}, "What is the shape of X?", "(3×2)"),
        ({"at": "b", "ask": "sign"}, "What is the sign of ∂L/∂b: +, − or 0?", "-"),
        ({"at": "beta", "of": "after", "ask": "value"}, "What is β after its update?", "[0.0375, 0.05]"),
    ],
)
def test_a_question_without_a_sentence_and_its_solution(
    tmp_path: Path, fields: dict[str, object], text: str, right: str
) -> None:
    trainer = asking(tmp_path, **fields)
    asked = trainer.lesson.questions[0]
    assert AskedHere(asked, trainer).text == text
    assert right in solution(asked, trainer).replace("β", "beta") or right in solution(asked, trainer)


def test_an_answer_of_another_batch_is_judged_by_it(tmp_path: Path) -> None:
    text = LOGISTIC + "batch_size = 1\n"
    trainer = asking(tmp_path, text, at="z", ask="shape")
    assert isinstance(trainer.hyperparameters, Hyperparameters)
    assert graded(trainer, "1").right
