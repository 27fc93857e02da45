"""``course check`` finds what would fail in class, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.lesson_questions import LOGISTIC, SQUARE, question, task, write
from tests.support.text import one_plain_line
from tui_backprop.courses.checking import check_course
from tui_backprop.courses.course import CourseError
from tui_backprop.courses.starter import starter_files

DRAWN = SQUARE + "[draw]\nx = { integers = [2, 9] }\n"
ZERO = 'formula = "y = sum(0 * x)"\nloss = "y"\n[data]\nx = [1, 2]\n'


def findings(folder: Path, text: str, about: str = 'order = ["a"]') -> list[str]:
    found = [finding.line for finding in check_course(write(folder, about, a=text))]
    assert all(map(one_plain_line, found))
    return found


def test_the_course_to_start_from_is_fine(tmp_path: Path) -> None:
    for name, text in starter_files().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert list(check_course(tmp_path)) == []


FINE = [
    LOGISTIC + question(at="z <- beta", ask="value") + question(at="beta", ask="formula", answer="X.T @ dz"),
    LOGISTIC + question(at="b", ask="sign", answer="negative") + question(at="X", ask="shape", answer="3x2"),
    LOGISTIC
    + question(at="b", ask="value", tolerance=0.01, answer="-0.12")
    + question(at="beta", of="after", ask="value"),
    LOGISTIC
    + task("loss < 0.36")
    + task("at z <- beta")
    + task("at beta")
    + task("homework b")
    + task("quiz 2"),
    DRAWN
    + question(at="y <- x", ask="value", answer="2 * x")
    + question(at="x", ask="choice", choices=["{x}", "{2*x}"], answer=2),
    DRAWN + question(at="y <- x", ask="formula") + question(at="y", ask="sign", answer="+"),
]


@pytest.mark.parametrize("text", FINE, ids=range(len(FINE)))
def test_what_is_fine(tmp_path: Path, text: str) -> None:
    assert findings(tmp_path, text) == []


WRONG = [
    (SQUARE + question(at="y <- z", ask="value"), "question 1.at: unknown name 'z'"),
    (SQUARE + question(at="y", ask="choice", choices=["a", "b"], answer="c"), "question 1.answer: found 'c'"),
    (
        DRAWN + question(at="x", ask="choice", choices=["{x}", "{x + 0 * y}"], answer=1),
        "choices: choices 1 and 2 read the same",
    ),
    (
        LOGISTIC + question(at="b", ask="value", tolerance=0.2),
        "tolerance: found 0.2, and ∂L/∂b is 0.125 at most: 0 would be",
    ),
    (
        LOGISTIC + question(at="b", ask="value", tolerance=1e-12),
        "tolerance: found 1e-12, less than the digits",
    ),
    (
        LOGISTIC + question(at="b", ask="value", answer="0.125"),
        "answer: 0.125 is not taken as right: wrong sign",
    ),
    (
        LOGISTIC + question(at="b", ask="formula", answer="mean(dz)"),
        "answer: mean(dz) is not taken as right: off by 1/n",
    ),
    (LOGISTIC + question(at="b", ask="formula", answer="foo(dz)"), "answer: foo(dz) cannot be read"),
    (LOGISTIC + question(at="X", ask="shape", answer="2x3"), "answer: 2x3 is not taken as right"),
    (LOGISTIC + question(at="b", ask="sign", answer="+"), "answer: + is not taken as right: not that sign"),
    (DRAWN + question(at="y <- x", ask="value", answer="6"), "answer: 6 is not taken as right"),
    (
        SQUARE.replace("x**2", "log(x - 3)") + question(at="y", ask="value"),
        "question 1.at: y is not finite, so no answer",
    ),
    (ZERO + question(at="x", of="gradient", ask="formula"), "a formula for ∂y/∂x cannot be judged"),
    (LOGISTIC + question(at="beta", of="after", ask="formula"), "what follows an update cannot be judged"),
    (
        SQUARE.replace("x = 3", "x = " + str(list(range(1, 66)))).replace("x**2", "sum(x**2)")
        + question(at="x", ask="value"),
        "x has 65 numbers, more than anybody types",
    ),
    (
        LOGISTIC + task("loss < 0.0001"),
        "task 1.goal: not reached in the 100 iterations that the lesson trains for",
    ),
    (LOGISTIC + task("loss < 5"), "task 1.goal: it holds before anything is done"),
    (LOGISTIC + task("nobody < 5"), "task 1.goal: column 1: unknown name"),
    (LOGISTIC + task("at z <- X"), "task 1.goal: stepping passes over this factor"),
    (SQUARE + task("y < 5"), "task 1.goal: it does not hold, and the lesson trains nothing"),
    (
        LOGISTIC.replace("b = 0.0", "b = { value = 0.0, trainable = false }") + task("homework b"),
        "b is not trained",
    ),
    (
        LOGISTIC.replace("b = 0.0", "b = { value = 0.0, trainable = false }") + task("at b"),
        "it has no update to stand at",
    ),
    (LOGISTIC + task("homework y"), "stepping"),
    ("formula = 3", "formula: found 3; it must be text"),
    (SQUARE + question(at="y <- x", ask="value", tolerance=-1), "found -1; it must be a number above 0"),
    (SQUARE + "[draw]\nx = { integers = [0, 0] }\n", "draw.x.integers: found [0, 0]"),
    (
        SQUARE.replace("x**2", "relu(x)").replace("[data]", "[parameters]")
        + "[draw]\nx = { integers = [-9, -1] }\n",
        "draws were tried",
    ),
]


@pytest.mark.parametrize(("text", "line"), WRONG, ids=[line[:30] for _, line in WRONG])
def test_what_is_found(tmp_path: Path, text: str, line: str) -> None:
    found = findings(tmp_path, text)
    if line == "stepping":  # a target has a gradient too, and may be worked out
        assert found == []
        return
    assert len(found) == 1, found
    assert line in found[0]
    assert "a.toml: " in found[0]


def test_all_is_found_at_once(tmp_path: Path) -> None:
    text = LOGISTIC + question(at="b", ask="sign", answer="+") + task("loss < 5") + task("loss < 0.0001")
    about = 'order = ["a", "b", "square"]'
    folder = write(tmp_path, about, a=text, b="formula = 3")
    assert len(list(check_course(folder))) == 4


def test_an_overlay_that_does_not_fit_is_named(tmp_path: Path) -> None:
    text = SQUARE + question(
        at="x", ask="choice", choices=["{x}", "{2 * x}"], answer="{x}", text="which of {x}?"
    )
    (tmp_path / "a.ko.toml").write_text(
        "[[question]]\nchoices = ['{x}은', '{2*x}은']\ntext = '{x} 중 어느 것?'\n"
    )
    assert findings(tmp_path, text) == []
    (tmp_path / "a.ko.toml").write_text("[[question]]\nchoices = ['{x}']\n")
    (tmp_path / "a.de.toml").write_text("[[question]]\ntext = 'welches?'\n[[task]]\ntext = 'x'\n")
    found = findings(tmp_path, text)
    assert [line.partition(": ")[0] for line in found] == ["a.de.toml", "a.ko.toml"]
    assert "found 1 texts; the lesson has 2" in found[1]


def test_a_course_that_cannot_be_read_is_one_finding(tmp_path: Path) -> None:
    (found,) = check_course(write(tmp_path, 'order = ["square"]\n[needs]\nsquare = "square"'))
    assert "square → square is a circle" in found.line
    with pytest.raises(CourseError, match="no such file"):
        list(check_course(tmp_path / "nowhere"))
    with pytest.raises(CourseError, match=r"course\.toml"):
        list(check_course(tmp_path / ("a" * 5_000)))


def test_a_training_that_diverges_is_told_as_such(tmp_path: Path) -> None:
    text = 'formula = "L = w**4"\n[parameters]\nw = 9.0\n[hyperparameters]\nlearning_rate = 99\n'
    (found,) = findings(tmp_path, text + "iterations = 2000\n" + task("loss < 1e-9"))
    assert "task 1.goal: not reached: the training diverges at iteration " in found


def test_two_tasks_may_have_the_same_goal(tmp_path: Path) -> None:
    text = LOGISTIC + task("iteration 2") + task("iteration  2") + task("loss < 1e-9")
    (found,) = findings(tmp_path, text)
    assert "task 3.goal: not reached" in found


def test_a_goal_that_some_students_cannot_reach_is_told_with_whose_numbers(tmp_path: Path) -> None:
    text = (
        'formula = "L = (w - t)**2"\n[data]\nt = 1\n[parameters]\nw = 0.0\n[hyperparameters]\n'
        "learning_rate = 0.1\n"
        "iterations = 9\n[draw]\nt = { integers = [300, 900] }\n" + task("loss < 0.1")
    )
    (found,) = findings(tmp_path, text)
    assert "not reached in the 9 iterations" in found
    assert "with the numbers of a student called Kim" in found
