"""Weights by hand: steps that are easy to count, loss and gradient that follow, and undo."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.plain import plain
from tests.support.trainers import trainer
from tui_backprop.debugger.playground.by_hand import step_of, turn_element
from tui_backprop.debugger.session import DebugSession


@pytest.mark.parametrize(
    ("start", "step"),
    [
        ([0.0, 0.0], 0.05),
        ([1.0], 0.05),
        ([0.5, -0.5], 0.02),
        ([30.0], 2.0),
        ([4e-3], 2e-4),
        ([np.inf], 0.05),
        ([], 0.05),
    ],
)
def test_a_step_is_a_twentieth_of_what_there_is(start: list[float], step: float) -> None:
    assert step_of(np.array(start)) == step


def test_a_step_says_what_loss_and_gradient_are_then() -> None:
    said = plain("nudge w 0.5", "quit", lesson="linear").lines
    t = trainer("linear")
    w, b = float(t.parameters["w"]), float(t.parameters["b"])
    x, y = 2.0, 1.0
    loss = ((w + 0.5) * x + b - y) ** 2 / 2
    gradient = ((w + 0.5) * x + b - y) * x
    assert said[0] == (
        f"w = {w + 0.5:.6g} (+0.5); loss {loss:.6g}, was {t.loss:.6g}; ∂L/∂w {gradient:.6g}"
    ).replace("e-", "e−")


def test_steps_there_and_back_lead_to_where_it_began() -> None:
    t = trainer("two-layer")
    session = DebugSession(t)
    before, loss = t.parameters["W2"], t.loss
    for times in (1, 1, 10, -1, -10, -1):
        list(turn_element(session, "W2", (2, 0), times))
    np.testing.assert_allclose(t.parameters["W2"], before, rtol=0, atol=1e-14)
    assert t.loss == pytest.approx(loss, rel=1e-12)
    for _ in range(6):
        assert t.undo() is not None
    np.testing.assert_array_equal(t.parameters["W2"], before)


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        ("nudge", "found nothing"),
        ("nudge W1 0.1", "error: W1 has several elements; name one, such as W1[0, 0]"),
        ("nudge y 1", "error: y is no parameter; whatif puts a value in for it"),
        ("nudge b2[0] 1e400", "error: found 1e400; a step is a number"),
        ("nudge W1[7, 0]", "error: found element 7,0; W1 has shape (2×4)"),
        ("nudge W1[0, 0] nan", "error: found nan; a step is a number, such as 0.1 or -0.05"),
        ("nudge (X @ W1)", "is no parameter"),
        ("nudge q 1", "error: unknown node 'q'"),
    ],
)
def test_what_is_wrong_is_said(command: str, refusal: str) -> None:
    assert refusal in plain(command, "quit", lesson="two-layer").text
