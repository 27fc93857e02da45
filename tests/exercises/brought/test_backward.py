"""Backward passes by hand: ten exercises with a bug each, what follows from it, and how it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import tui_backprop as tb
from tests.support.course_exercises import EXERCISES, Exercise
from tui_backprop.exercises.brought.backward import BackwardReport, LineMark, LineVerdict
from tui_backprop.exercises.brought.text import read_backward
from tui_backprop.exercises.homework import mark
from tui_backprop.exercises.words.brought import backward_as_json, backward_as_lines, line_message
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.limits import OPEN

RIGHT = """N = X.shape[0]
dy_hat = 2 * (y_hat - y) / N
dz2 = dy_hat * y_hat * (1 - y_hat)
dW2 = h.T @ dz2
db2 = dz2.sum(axis=0)
dh = dz2 @ W2.T
slope = 1 - h**2
dz1 = dh * slope
dW1 = X.T @ dz1
db1 = dz1.sum(axis=0)
"""
"""The way back of the lesson two-layer, by the chain rule: y_hat = sigmoid(z2), h = tanh(z1), L a mean."""


def thorough(exercises: Sequence[Exercise]) -> Iterator[Any]:
    """Yield exercises, those that take longest as slow cases."""
    for exercise in exercises:
        slow = exercise.name.startswith(("convolution", "one step of an LSTM", "attention"))
        yield pytest.param(exercise, marks=pytest.mark.slow if slow else ())


def marked(text: str) -> BackwardReport:
    return tb.check_backward(tb.Trainer(tb.load_lesson("two-layer")), text)


def verdicts(report: BackwardReport) -> dict[int, str]:
    return {mark.line: mark.verdict.value for mark in report.marks}


def first_wrong(report: BackwardReport) -> LineMark:
    assert report.first_wrong is not None, list(backward_as_lines(report))
    return report.first_wrong


@pytest.mark.parametrize("exercise", [*thorough(EXERCISES)], ids=lambda exercise: exercise.name)
def test_a_bug_in_a_course_exercise_is_named_at_its_line(exercise: Exercise, tmp_path: Path) -> None:
    path = tmp_path / "lesson.toml"
    path.write_text(exercise.lesson, encoding="utf-8")
    trainer = tb.Trainer(tb.load_lesson(str(path)))
    report = tb.check_backward(trainer, exercise.backward)
    assert report.passed, list(backward_as_lines(report))
    assert exercise.backward.count(exercise.right) == 1
    report = tb.check_backward(trainer, exercise.backward.replace(exercise.right, exercise.bug))
    wrong = first_wrong(report)
    line = exercise.backward[: exercise.backward.index(exercise.right)].count("\n") + 1
    assert wrong.line == line, list(backward_as_lines(report))
    assert exercise.named in line_message(wrong, report)
    assert [mark for mark in report.marks if mark.verdict is LineVerdict.WRONG] == [wrong]


def test_lines_behind_a_wrong_one_are_judged_by_themselves() -> None:
    every = marked(RIGHT)
    assert every.passed
    assert verdicts(every) == {
        1: "not a gradient", **dict.fromkeys(range(2, 7), "right"), 7: "not a gradient",
        **dict.fromkeys(range(8, 11), "right"),
    }  # fmt: skip
    report = marked(RIGHT.replace(" / N", "").replace("X.T @ dz1", "-X.T @ dz1"))
    assert not report.passed
    assert verdicts(report) == {
        1: "not a gradient", 2: "wrong", **dict.fromkeys(range(3, 7), "follows"), 7: "not a gradient",
        8: "follows", 9: "wrong", 10: "follows",
    }  # fmt: skip
    assert "n times too large" in line_message(first_wrong(report), report)
    assert list(backward_as_lines(report))[-1] == "line 2 is the first that is wrong"
    page = backward_as_json(report)
    assert page["passed"] is False
    assert page["lines"][8] == {
        "line": 9, "name": "dW1", "verdict": "wrong",
        "message": "wrong sign: it is −1 times ∂L/∂W1; right is ∂L/∂W1 = Xᵀ @ ∂L/∂z1",
    }  # fmt: skip


def test_a_mistake_is_found_where_it_is_made() -> None:
    for right, wrong, line, said in (
        ("dz2 @ W2.T", "dz2 @ W2", 6, "did you mean dz2 @ W2.T?"),  # does not fit
        ("dz2.sum(axis=0)", "dz2.sum(axis=1)", 5, "did you mean dz2.sum(axis=0)?"),
        (
            "db1 = dz1.sum(axis=0)",
            "db1 = dz1.sum(axis=0, keepdims=True)",
            10,
            "did you mean dz1.sum(axis=0)?",
        ),
        ("dW1 = X.T @ dz1", "dW1 = (X.T @ dz1).T.reshape(2, 4)", 9, "wrong"),
        ("dW1 = X.T @ dz1", "dW1 = (X.T @ dz1).reshape(4, 2)", 9, "found (4×2), needs (2×4)"),
        ("dz2.sum(axis=0)", "dz2.mean(axis=0)", 5, "a mean where the sum is right (n = 4"),
        ("slope = 1 - h**2", "slope = h * (1 - h)", 8, "the slope is that of sigmoid"),
        ("dW1 = X.T @ dz1\n", "dW1 = X.T @ dz1\ndW1 += 0.5 * W1\n", 10, "right would be without dW1 += 0.5"),
        ("dW1 = X.T @ dz1\n", "dW1 = X.T @ dz1; dW1 *= lr\n", 9, "unknown name lr"),
        ("dW1 = X.T @ dz1\n", "dW1 = z.T @ dz1\n", 9, "unknown name z"),
    ):
        assert right in RIGHT
        report = marked(RIGHT.replace(right, wrong, 1))
        bad = first_wrong(report)
        assert (bad.line, said in line_message(bad, report)) == (line, True), list(backward_as_lines(report))


def test_a_helper_value_is_named_where_a_gradient_comes_out_wrong_by_it(tmp_path: Path) -> None:
    exercise = EXERCISES[1]
    (tmp_path / "lesson.toml").write_text(exercise.lesson, encoding="utf-8")
    trainer = tb.Trainer(tb.load_lesson(str(tmp_path / "lesson.toml")))
    report = tb.check_backward(trainer, exercise.backward.replace("(shifted), axis=1", "(shifted), axis=0"))
    wrong = first_wrong(report)
    assert (wrong.line, wrong.name) == (4, "p")
    assert "makes ∂L/∂scores come out wrong" in line_message(wrong, report)
    mended = "right would be p = np.exp(shifted) / np.sum(np.exp(shifted), keepdims=True, axis=1)"
    assert mended in line_message(wrong, report)
    assert verdicts(report)[7] == "follows"


def test_what_cancels_to_nothing_is_rounding_and_right() -> None:
    """A bias in front of batch norm has the gradient 0: what comes out is rounding, by any way."""
    trainer = tb.Trainer(tb.load_lesson("ninja"))
    assert tb.check_backward(trainer, "db1 = dpre.sum(0)").passed
    assert not tb.check_backward(trainer, "db1 = dpre[0]").passed
    assert mark(trainer, "b1", "dpre.sum(0)").passed
    assert not mark(trainer, "b1", "dact.sum(0)").passed


def test_numpy_s_own_memory_is_kept_to() -> None:
    """A second name for an array changes with it: dscores = probs; dscores -= … changes probs as well."""
    report = marked("dy_hat = y_hat\ndy_hat -= y\ndy_hat *= 2 / N\ndz2 = dy_hat * y_hat * (1 - y_hat)\n")
    assert verdicts(report) == {1: "right", 2: "right", 3: "right", 4: "wrong"}
    assert "y_hat has the memory of dy_hat, which line 2 changes" in line_message(report.marks[3], report)
    report = marked(
        "dy_hat = y_hat.copy()\ndy_hat -= y\ndy_hat *= 2 / N\ndz2 = dy_hat * y_hat * (1 - y_hat)\n"
    )
    assert report.passed


def test_a_pass_is_read_as_people_keep_it() -> None:
    inside = RIGHT.replace("y_hat * (1", "cache['y_hat'] * (1").replace("dW2", "grads['W2']")
    inside = inside.replace("db2", "self.b2.grad").replace("h**2", "self.h ** 2")
    indented = "".join(f"        {line}\n" for line in inside.splitlines())
    report = marked(
        "import numpy as np\n\nclass Net:\n    def backward(self, X,\n                 y):\n"
        f'        """Two\n        lines."""\n        grads = {{}}\n{indented}'
        "# a note at the margin\n        print(dW1)\n        return grads\n"
    )
    assert report.passed, list(backward_as_lines(report))
    assert [(mark.line, mark.name) for mark in report.judged][:3] == [
        (10, "dy_hat"),
        (11, "dz2"),
        (12, "grad_W2"),
    ]
    report = marked("β = 1\ndW1 = Xᵀ · dz1")  # signs of mathematics, · is elementwise
    assert "did you mean X.T @ dz1?" in line_message(first_wrong(report), report)


def test_what_fits_nothing_or_is_no_backward_pass_says_so(tmp_path: Path) -> None:
    report = marked("a = X * 2\n")
    assert not report.passed
    assert list(backward_as_lines(report))[-1].startswith("no name fits; there are dX, dy, dW1")
    for text, said in (
        ("for t in range(3):\n    dW1 = X\n", "line 1, column 1: found for or if; write straight lines"),
        ("dW1 = __import__('os')\n", "line 1"),
        ("dW1 = X.T @\n", "line 1"),
        ("x" * 200_001, "found 200,001 characters; at most 200,000 are read"),
    ):
        with pytest.raises(tb.BackpropError) as refused:
            marked(text)
        assert said in str(refused.value)
    (tmp_path / "bytes.py").write_bytes(b"\xff\xfe")
    for name, said in (
        ("bytes.py", "bytes.py: is no UTF-8 text; save it as UTF-8"),
        ("none.py", "no such file"),
    ):
        with pytest.raises(LessonError, match=said):
            read_backward(tmp_path / name, OPEN)


AT_THE_END = """X, h, y_hat = cache
N = X.shape[0]
dy_hat = y_hat - y
dz2 = dy_hat * y_hat * (1 - y_hat)
dW2 = 2 * h.T @ dz2 / N
db2 = 2 * dz2.sum(axis=0) / N
dh = dz2 @ W2.T
dz1 = dh * (1 - h**2)
dW1 = 2 * X.T @ dz1 / N
db1 = 2 * dz1.sum(axis=0) / N
"""
"""The same, with the mean's 2/N in the gradients of the parameters, as courses write it."""


def test_a_number_that_lines_below_make_up_for_is_no_mistake() -> None:
    """4 samples: what is on the way is N/2 = 2 times the gradient."""
    report = marked(AT_THE_END)
    assert report.passed, list(backward_as_lines(report))
    scales = {mark.name: mark.scale for mark in report.marks if mark.verdict is LineVerdict.RIGHT}
    assert scales == {"dy_hat": 2, "dz2": 2, "dW2": 1, "db2": 1, "dh": 2, "dz1": 2, "dW1": 1, "db1": 1}
    lines = list(backward_as_lines(report))
    assert lines[4] == " 3  ok       dy_hat: right: 2 times ∂L/∂ŷ, which lines below make up for"


def test_what_is_not_made_up_for_is_the_line_that_is_wrong() -> None:
    for line, wrong in ((10, "db1 = 2 * dz1.sum(axis=0)"), (9, "dW1 = X.T @ dz1 / N"), (8, "dz1 = dh * h")):
        lines = AT_THE_END.splitlines()
        lines[line - 1] = wrong
        report = marked("\n".join(lines))
        assert [mark.line for mark in report.marks if mark.verdict is LineVerdict.WRONG] == [line], wrong
    nowhere = AT_THE_END.replace("2 * ", "").replace(" / N", "")
    assert first_wrong(marked(nowhere)).name == "dy_hat"  # no parameter's comes out right
