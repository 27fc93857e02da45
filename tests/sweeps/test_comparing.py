"""Where two runs first differ, with the values of both and the setting that did it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.engine.core.errors import Interrupted
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.sweeps.comparing import ComparedRun, FirstDifference, RunComparison, compare_runs
from tui_backprop.sweeps.words import comparison_json, comparison_lines, verdict, why

LINE = """
formula = '''
y = w * x + b
L = (y - t)**2 / 2
'''
[data]
x = 2.0
t = 1.0
[parameters]
w = 0.25
b = 0.5
"""
Change = Callable[[tb.Trainer], object]


@pytest.fixture
def line(tmp_path: Path) -> Lesson:
    return lesson_of(tmp_path, LINE)


def lesson_of(folder: Path, text: str) -> Lesson:
    path = folder / "line.toml"
    path.write_text(text, encoding="utf-8")
    return tb.load_lesson(path)


def compared(here: tb.Trainer, there: tb.Trainer) -> RunComparison:
    return compare_runs(ComparedRun.of_trainer(here), ComparedRun.of_trainer(there, "there"))


def run(
    lesson: Lesson, iterations: int = 5, at: int = 0, change: Change | None = None, **settings
) -> tb.Trainer:
    trainer = tb.Trainer(lesson, **settings)
    trainer.run(at)
    if change is not None:
        change(trainer)
    trainer.run(iterations - at)
    return trainer


def test_the_rate_shows_in_the_first_update(line) -> None:
    # y = 0.25·2 + 0.5 = 1 = t would give no gradient; with b moved to 0 the error is −0.5, ∂L/∂w = −0.5·2
    here, there = (run(line, learning_rate=rate, change=lambda t: t.edit("b", 0.0)) for rate in (0.1, 0.01))
    found = compared(here, there)
    difference = found.difference
    assert difference is not None
    assert (difference.kind, difference.iteration, difference.node) == ("update", 0, "w")
    assert difference.title == "update w"
    assert float(difference.here) == pytest.approx(0.25 + 0.1 * 1.0, rel=1e-15)
    assert float(difference.there) == pytest.approx(0.25 + 0.01 * 1.0, rel=1e-15)
    assert why(found) == "learning_rate 0.1 here, 0.01 there: the update of w is the first that differs"
    assert [one.name for one in found.causes] == ["learning_rate"]


def test_where_the_gradient_is_0_the_rate_makes_no_difference(line) -> None:
    found = compared(run(line, learning_rate=0.1), run(line, learning_rate=0.01))
    assert found.difference is None
    assert verdict(found) == "nothing differs up to iteration 5, the last one that both have"


def test_the_same_run_is_called_that(line) -> None:
    found = compared(run(line, 5), run(line, 9))
    assert (found.settings, found.last) == ((), 5)
    assert verdict(found).startswith("the same run")


def test_a_change_on_the_way_is_found_at_its_iteration() -> None:
    lesson = tb.load_lesson("linear")
    here = run(lesson, 400, learning_rate=0.01)
    there = run(lesson, 400, 150, lambda t: t.set(learning_rate=0.02), learning_rate=0.01)
    difference = compared(here, there).difference
    assert difference is not None
    assert (difference.kind, difference.iteration) == ("update", 150)
    # both are at the same parameters there, and a step is −η times the gradient
    trainer = run(lesson, 150, learning_rate=0.01)
    before, gradient = (float(values[difference.node]) for values in (trainer.parameters, trainer.gradients))
    assert float(difference.here) == pytest.approx(before - 0.01 * gradient, rel=1e-12)
    assert float(difference.there) == pytest.approx(before - 0.02 * gradient, rel=1e-12)


def test_a_value_held_and_a_parameter_moved_are_told_apart() -> None:
    lesson = tb.load_lesson("two-layer")
    held = compared(run(lesson), run(lesson, 5, 3, lambda t: t.override("h", 0.5)))
    assert held.difference is not None
    assert (held.difference.kind, held.difference.iteration, held.difference.node) == ("value", 3, "h")
    assert "h held by hand from iteration 3 on: computed here, at 0.5 there" in why(held)
    moved = compared(run(lesson), run(lesson, 5, 2, lambda t: t.edit("b1", np.ones(4))))
    assert moved.difference is not None
    assert (moved.difference.kind, moved.difference.iteration, moved.difference.place) == ("parameter", 2, 0)
    assert "b1 moved by hand at iteration 2" in why(moved)


def test_another_seed_starts_elsewhere() -> None:
    lesson = tb.load_lesson("two-layer")
    found = compared(run(lesson, seed=1), run(lesson, seed=2))
    difference = found.difference
    assert difference is not None
    assert (difference.kind, difference.iteration, difference.place) == ("parameter", 0, 0)
    drawn = [np.random.default_rng(seed).standard_normal((2, 4)) for seed in (1, 2)]
    np.testing.assert_array_equal(difference.here, drawn[0])
    np.testing.assert_array_equal(difference.there, drawn[1])
    apart = np.abs(drawn[0] - drawn[1])
    assert difference.most == np.unravel_index(apart.argmax(), apart.shape)
    assert difference.elements[0] == (0, 0)
    assert why(found) == "seed 1 here, 2 there: the start of W1 is drawn differently"


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"batch_size": 20}, "batch_size 10 here, 20 there: the batch has other samples"),
        ({"batch_size": 10, "shuffle": False}, "shuffle true here, false there: the batch has other samples"),
    ],
)
def test_batches(settings, reason: str) -> None:
    lesson = tb.load_lesson("iris")
    found = compared(run(lesson, batch_size=10), run(lesson, **settings))
    assert found.difference is not None
    assert found.difference.kind == "samples"
    assert why(found) == reason


def test_what_has_no_effect_is_said_and_blamed_for_nothing() -> None:
    lesson = tb.load_lesson("two-layer")
    found = compared(run(lesson, momentum=0.5, learning_rate=0.1), run(lesson, momentum=0.9))
    assert [one.name for one in found.causes] == ["learning_rate"]
    assert any("momentum has no effect" in line for line in comparison_lines(found))


def test_memory_that_differs_first_shows_in_the_next_update() -> None:
    # the first step of momentum is that of gradient descent: v = g; the second is not
    lesson = tb.load_lesson("two-layer")
    found = compared(run(lesson, optimizer="momentum", momentum=0.5), run(lesson, optimizer="momentum"))
    assert found.difference is not None
    assert (found.difference.kind, found.difference.iteration) == ("update", 1)


def test_lessons_whose_text_differs(tmp_path: Path, line) -> None:
    other = lesson_of(tmp_path, LINE.replace("w * x + b", "w * x - b"))
    found = compared(run(line), run(other))
    assert found.difference is not None
    assert found.difference.kind == "formula"
    assert "line 3 of its file: y = w * x + b here, y = w * x - b there" in why(found)


def test_a_long_walk_can_be_given_up() -> None:
    lesson = tb.load_lesson("linear")
    runs = [ComparedRun.of_trainer(run(lesson, learning_rate=rate)) for rate in (0.1, 0.2)]
    with pytest.raises(Interrupted):
        compare_runs(*runs, lambda: True)


def test_the_page_as_json() -> None:
    lesson = tb.load_lesson("linear")
    page = comparison_json(compared(run(lesson, learning_rate=0.1), run(lesson, learning_rate=0.2)))
    assert page["compared"] == 5
    assert page["difference"]["kind"] == "update"
    assert page["settings"] == [
        {"kind": "hyperparameter", "name": "learning_rate", "here": "0.1", "there": "0.2", "since": 0}
    ]


def test_what_is_finite_in_one_run_only_differs_most() -> None:
    here, there = np.array([np.nan, 1.0, np.nan, 5.0]), np.array([np.nan, 1.5, 2.0, 9.0])
    found = FirstDifference("value", 0, 1, 1, "z", "z", "z", here, there)
    assert found.elements == ((1,), (2,), (3,))
    assert found.most == (2,)
