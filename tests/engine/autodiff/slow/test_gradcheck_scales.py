"""The check judges at every scale, and is never right by accident: what is wrong by a millionth fails."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.graphs import arrays_of, graph_of
from tests.support.thorough import LONG, in_part
from tui_backprop.engine.autodiff.differences import Reason, Verdict, compare
from tui_backprop.engine.autodiff.gradcheck import NodeCheck, check_at, check_together
from tui_backprop.engine.autodiff.lines import Line, Point
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.exercises import check as whole
from tui_backprop.lessons.library import BUILTIN

Change = Callable[[np.ndarray], np.ndarray]
MILLIONTH = 1 + 1e-6


def check(text: str, leaves: dict[str, object], name: str, change: Change | None = None) -> NodeCheck:
    graph, arrays = graph_of(text, leaves), arrays_of(leaves)
    tape = Tape(graph, arrays)
    tape.forward()
    tape.backward()
    gradient = np.asarray(tape.gradient(graph.named[name]))
    with np.errstate(all="ignore"):
        return check_at(Point(graph, arrays), graph.named[name], change(gradient) if change else gradient)


TOLD = [
    # near the edge of a domain, with the usual step reaching over it
    ("L = sum(sqrt(w)) + sum(log(v))", {"w": [1.3e-5, 1.0], "v": [1.5e-5, 1.0]}, "w"),
    ("L = sum(sqrt(w)) + sum(log(v))", {"w": [1.3e-5, 1.0], "v": [1.5e-5, 1.0]}, "v"),
    ("L = sum(sqrt(1 - w))", {"w": [0.999999, 0.5]}, "w"),
    # a pole within reach
    ("L = 1 / (w - 1)", {"w": 1.001}, "w"),
    ("L = sum(1 / w)", {"w": [1e-3, 5.0]}, "w"),
    # a kink within reach
    ("L = sum(relu(w))", {"w": [4e-6, 1.0, -2.0]}, "w"),
    ("L = relu(w - 1e-9) + w", {"w": 0.0}, "w"),
    # very large and very small
    ("L = mean((k * A - C)**2)", {"k": 1e-3, "A": [1e-9, 2e-9, 3e-9], "C": [2.1e-12, 3.9e-12, 6.2e-12]}, "k"),
    ("L = w**2 * 1e6", {"w": 1e12}, "w"),
    ("L = w * 1e200", {"w": 1e100}, "w"),
    ("L = w * 1e-200", {"w": 1.0}, "w"),
    # faster than the scale of the parameter
    ("L = sin(1e6 * w)", {"w": 1.0}, "w"),
    ("L = exp(1e5 * w)", {"w": -1e-3}, "w"),
    ("L = exp(w / 1e-12)", {"w": 0.0}, "w"),
    ("L = softplus(1e8 * w) / 1e8", {"w": 1e-9}, "w"),
    # a large part that cancels
    ("L = (0 * w + 1e3)**2 - 1e6 + sin(w)", {"w": 0.5}, "w"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "leaves", "name"), TOLD)
def test_right_gradients_pass_and_those_off_by_a_millionth_fail(
    text: str, leaves: dict[str, object], name: str
) -> None:
    found = check(text, leaves, name)
    assert found.verdict is Verdict.RIGHT
    assert found.relative_error is not None
    assert found.relative_error < 1e-7
    for change in (lambda g: g * MILLIONTH, lambda g: g * 0.0, lambda g: -g):
        assert check(text, leaves, name, change).verdict is Verdict.WRONG


UNTOLD = [
    ("L = k + w * 1e-12", {"k": 1e6, "w": 1.0}, Reason.ROUNDING),
    ("L = k + w * 1e-12 - k", {"k": 1e9, "w": 1.0}, Reason.ROUNDING),
    ("L = (k + w * 1e-9 - k)**2", {"k": 1e9, "w": 1.0}, Reason.ROUNDING),
    ("L = sigmoid(w)", {"w": 40.0}, Reason.ROUNDING),
    ("L = sum(softmax(w) * t)", {"w": [1.0, 2.0, 3.0], "t": [1.0, 1.0, 1.0]}, Reason.ROUNDING),
    ("L = abs(w)", {"w": 0.0}, Reason.KINK),
    ("L = exp(w)", {"w": 800.0}, Reason.NOT_FINITE),
    ("L = sqrt(w)", {"w": 0.0}, Reason.NOT_FINITE),
]


@pytest.mark.parametrize(("text", "leaves", "reason"), UNTOLD)
def test_what_cannot_be_told_is_neither_right_nor_wrong(
    text: str, leaves: dict[str, object], reason: Reason
) -> None:
    for change in (None, lambda g: g * 0.0, lambda g: g * MILLIONTH):
        found = check(text, leaves, "w", change)
        assert (found.verdict, found.relative_error, found.passed) == (Verdict.UNTOLD, None, True)
        assert set(found.untold_count) == {reason}


def test_a_gradient_that_is_zero_for_good_is_right_and_not_only_lost() -> None:
    """A product with 0 and a shut gate stop a change; a sum beside which it is small only loses it."""
    for text in ("L = sum(w * x) + b", "L = sum(relu(x * w - 5)) + b"):
        found = check(text, {"w": [1.0, 2.0], "x": [0.0, 0.0], "b": 3.0}, "w")
        assert (found.verdict, found.relative_error) == (Verdict.RIGHT, 0.0)
        assert (
            check(text, {"w": [1.0, 2.0], "x": [0.0, 0.0], "b": 3.0}, "w", lambda g: g + 1e-9).passed is False
        )


def mutated(monkeypatch: pytest.MonkeyPatch, name: str, place: int, factor: float) -> None:
    """Let the engine give one array's gradient with one element changed (or all, for -1)."""
    right = Tape.backward

    def wrong(self: Tape, *arguments: object, **options: object) -> None:
        right(self, *arguments, **options)
        node = self.graph.named[name]
        gradient = np.array(np.broadcast_to(self.gradient(node), node.shape))
        gradient.reshape(-1)[slice(None) if place < 0 else place] *= factor
        self.gradients[node.index] = gradient

    monkeypatch.setattr(Tape, "backward", wrong)


CANNOT_BE_TOLD = {("vanishing", "W"), ("ninja", "b1")}
"""Gradients of 1e-9 beside a loss of 1, and 0 but for rounding: differences do not tell their millionth."""
ARRAYS = [
    pytest.param(lesson, node.name, marks=[pytest.mark.slow] if lesson in LONG else [])
    for lesson in BUILTIN
    for graph in (tb.Trainer(tb.load_lesson(lesson)).graph,)
    for node in graph.parameters or graph.inputs
    if (lesson, node.name) not in CANNOT_BE_TOLD
]


@pytest.mark.parametrize(("lesson", "name"), ARRAYS)
@in_part("factor", MILLIONTH, 0.0)
def test_no_lesson_passes_with_a_wrong_gradient(
    factor: float, lesson: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever element it is, unless its gradient is 0, of which 0 and any multiple are right."""
    trainer = tb.Trainer(tb.load_lesson(lesson))
    gradient = np.ravel(trainer.gradients[name])
    changed = np.flatnonzero(gradient)
    monkeypatch.setattr(whole, "_check_slip", lambda slip, *_: None)
    for place in sorted({-1, *changed[:1], *changed[-1:]}):
        with monkeypatch.context() as patch:
            mutated(patch, name, int(place), factor)
            report = tb.check_gradients(trainer)
        assert report.passed is (not changed.size), (place, report.checks[name])
        assert all(check.passed for other, check in report.checks.items() if other != name)


# ------------------------------------------------------ directions


BIG = "h = tanh(X @ W)\nL = mean((h @ v)**2)"
RNG = np.random.default_rng(5)
LEAVES = {"X": RNG.normal(size=(20, 30)), "W": RNG.normal(size=(30, 40)), "v": RNG.normal(size=40)}


@pytest.mark.parametrize("nodes", [("W",), ("W", "v")])
@pytest.mark.parametrize("size", [1.0, 1e-4])
def test_a_direction_shows_a_single_wrong_element(nodes: tuple[str, ...], size: float) -> None:
    graph, arrays = graph_of(BIG, LEAVES), arrays_of(LEAVES)
    tape = Tape(graph, arrays)
    tape.forward()
    moved = [graph.named[name] for name in nodes]
    tape.backward(keep=moved)
    gradients = [np.array(tape.gradient(node)) for node in moved]
    point = Point(graph, arrays)
    assert check_together(point, moved, gradients, 3).verdict is Verdict.RIGHT
    right = check_at(point, moved[0], gradients[0], elements=0, directions=3)
    assert right.verdict is Verdict.RIGHT
    assert right.resolution is not None
    assert right.resolution < size / 10
    gradients[0][17, 23] += size * np.max(np.abs(gradients[0]))
    assert check_together(point, moved, gradients, 3).verdict is Verdict.WRONG
    wrong = check_at(point, moved[0], gradients[0], elements=0, directions=3)
    assert wrong.verdict is Verdict.WRONG
    assert wrong.worst is not None
    assert wrong.worst.index is None


def test_a_direction_stops_before_the_nearest_kink() -> None:
    leaves = {"X": RNG.normal(size=(50, 30)), "W": RNG.normal(size=(30, 20))}
    graph, arrays = graph_of("L = mean(relu(X @ W)**2) + mean(relu(X @ W))", leaves), arrays_of(leaves)
    tape = Tape(graph, arrays)
    tape.forward()
    node = graph.named["W"]
    tape.backward()
    gradient = tape.gradient(node)
    line = Line(Point(graph, arrays), [node])
    assert compare(line, line.dot([gradient])).verdict is Verdict.RIGHT
    assert compare(line, line.dot([gradient]) * MILLIONTH).verdict is Verdict.WRONG
