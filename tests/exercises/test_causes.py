"""Slips: the first factor that is wrong, and the loss that their gradients would be right for."""

from __future__ import annotations

from pathlib import Path

import pytest

import tui_backprop as tb
from tui_backprop.exercises.check import SlipCheck
from tui_backprop.exercises.words.check import as_json, as_lines
from tui_backprop.exercises.words.slips import first_wrong, right_for

NOTEBOOK = {
    ("logistic", 0): (["(y - y_hat)", "y_hat"], "(y − ŷ) ← ŷ: wrong sign", "−L"),
    ("logistic", 1): (
        ["z", "b"], "z ← b: the sum over the samples is needed, the mean was taken",
        "L / 3, the mean over the 3 samples instead of the sum",
    ),
    ("logistic", 2): (
        ["L", "((y - y_hat)**2 / 2)"],
        "L ← ((y − ŷ)² / 2): the lesson has ∂L/∂L, once for each element summed, "
        "the slip has ∂L/∂L / 3, for each of the 3 elements averaged",
        "L = sum((y − ŷ)² / 2), as the lesson has it; that is 3 times the slip's",
    ),
    ("neuron", 0): (
        ["z", "W"], "z ← W: shapes: found scalar, needs (2); right is ∂L/∂W = ∂L/∂z · X",
        "The notebook multiplied by a number x = 3.0",  # its own note: no loss of this lesson's
    ),
    ("relu-net", 0): (
        ["(y - r2)**2", "(y - r2)"],
        "(y − r2)² ← (y − r2): the lesson has 2·(y − r2), the slip has 2·(y − 0.6034832498647263)",
        "L = sum((y − r2)² / 2), as the lesson has it",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lesson", "place"), NOTEBOOK)
def test_every_slip_of_the_notebooks(lesson: str, place: int) -> None:
    report = tb.check_gradients(tb.load_lesson(lesson))
    slip = report.slips[place]
    names, wrong, right = NOTEBOOK[lesson, place]
    page = as_json(report)["slips"][place]
    assert slip.caught
    assert page["first_wrong"] == names
    assert first_wrong(slip).startswith(wrong)
    assert page["right_for"] == right_for(slip)
    assert right_for(slip).startswith(right)
    lines = as_lines(report)
    assert f"  first wrong: {first_wrong(slip)}" in lines
    noted = right_for(slip) == slip.slip.note  # which is no loss
    assert f"  {'' if noted else 'right for: '}{right_for(slip)}" in lines


def check(tmp_path: Path, formula: str, start: str, slip: str) -> SlipCheck:
    path = tmp_path / "mine.toml"
    path.write_text(
        f'formula = """\n{formula}\n"""\n[parameters]\n{start}\n[[slip]]\ntitle = "by hand"\n{slip}\n',
        encoding="utf-8",
    )
    return tb.check_gradients(tb.load_lesson(path)).slips[0]


NET = "h = tanh(X * w)\ny = h * v\nL = mean((y - 1)**2)"
START = "w = 0.5\nv = 0.8\nX = { value = [1.0, 2.0, -0.5], trainable = false }"


@pytest.mark.parametrize(
    ("slip", "names", "wrong", "right"),
    [
        (
            "gradient.w = 'sum(dh * X)'",
            ("h", "(X * w)"),
            "missing a factor: ∂h/∂(X ⊙ w) = 1 − h²",
            "no multiple",
        ),
        # both are wrong; the way back reaches v and h before w
        (
            "gradient.w = 'sum(dh * X)'\ngradient.h = '2 * dy * v'",
            ("y", "h"),
            "off by a constant factor: it is 2",
            "2 · L",
        ),
        ("gradient.v = '-sum(dy * h)'", ("y", "v"), "wrong sign: it is −1 times ∂L/∂v", "−L"),
        (
            "gradient.y = '2 * (y - 1)'",
            ("L", "(y - 1)**2"),
            "the mean over the elements is needed, the sum was",
            "3 · L, the",
        ),
        ("gradient.w = 'sum(dy)'", ("(X * w)", "w"), "wrong: it is not", "no multiple of this loss"),
        (
            "formula.y = 'h + v'",
            ("y", "h"),
            "the lesson has v, the slip has 1",
            "y = h ⊙ v, as the lesson has it",
        ),
        (
            "formula.h = 'sin(X * w)'",
            ("h", "(X * w)"),
            "the lesson has 1 − h², the slip has cos(X ⊙ w)",
            "h = tanh(X ⊙ w)",
        ),
    ],
)
def test_other_slips(tmp_path: Path, slip: str, names: tuple[str, str], wrong: str, right: str) -> None:
    found = check(tmp_path, NET, START, slip)
    assert found.cause is not None
    assert found.cause.names == names
    assert wrong in first_wrong(found)
    assert right_for(found).startswith(right)


def test_one_that_is_not_caught_has_no_cause(tmp_path: Path) -> None:
    found = check(tmp_path, NET, START, "gradient.v = 'sum(dy * h)'")
    assert not found.caught
    assert (found.cause, first_wrong(found), right_for(found)) == (None, "", "")


def test_a_claim_of_another_shape_and_one_the_loss_does_not_reach(tmp_path: Path) -> None:
    found = check(tmp_path, NET, START, "gradient.w = 'dh * X'")
    assert found.cause is not None
    assert found.cause.names == ("(X * w)", "w")
    found = check(tmp_path, "L = w**2", "w = 1.0\nu = 2.0", "gradient.u = 'u'")
    assert found.caught
    assert found.cause is not None
    assert found.cause.names is None
    assert first_wrong(found) == ""
    found = check(tmp_path, "L = w**2", "w = 1.0", "formula.L = '3.0'")
    assert first_wrong(found) == "L ← w: the lesson has 2·w, the slip has no factor there"
