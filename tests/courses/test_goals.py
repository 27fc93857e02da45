"""Goals are reached by what happens, each once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.lesson_questions import LOGISTIC, task
from tests.support.trainers import mine
from tui_backprop.courses.goals import GoalWatch
from tui_backprop.training.trainer import Trainer


def watched(folder: Path, *goals: str) -> tuple[Trainer, GoalWatch]:
    trainer = mine(folder, LOGISTIC + "".join(task(goal) for goal in goals))
    return trainer, GoalWatch(trainer.lesson)


@pytest.mark.parametrize(
    "goal", ["loss < 0.36", "abs(beta) > 0.1", "iteration 30", "abs(∂L/∂b) > 0 and epoch > 2", "β > 0.1"]
)
def test_a_condition_holds_where_the_training_stands(tmp_path: Path, goal: str) -> None:
    trainer, goals = watched(tmp_path, goal)
    assert goals.current is not None
    if goal == "abs(∂L/∂b) > 0 and epoch > 2":
        assert goals.stood(trainer) == ()
        trainer.run(iterations=3)
    else:
        assert goals.stood(trainer) == ()
        trainer.run(iterations=100)
    assert [one.goal.text for one in goals.stood(trainer)] == [goal]
    assert goals.reached == {"1"}
    assert goals.stood(trainer) == (), "once"
    trainer.rewind(to_iteration=0)
    assert goals.reached == {"1"}, "and it stays"


def test_a_condition_that_cannot_be_looked_at_does_not_hold(tmp_path: Path) -> None:
    trainer, goals = watched(tmp_path, "nobody < 3", "loss < 1000")
    assert [one.key for one in goals.stood(trainer)] == ["2"]
    assert goals.conditions() == ("nobody < 3",)


def test_places_are_stood_at(tmp_path: Path) -> None:
    trainer, goals = watched(tmp_path, "at z <- beta", "at y_hat", "at b", "at L <- y_hat")
    order = []
    for _ in range(trainer.record_count):
        trainer.step()
        order += [one.goal.text for one in goals.stood(trainer)]
    assert order == ["at y_hat", "at L <- y_hat", "at z <- beta", "at b"], "forward, back, update"


def test_acts_are_told(tmp_path: Path) -> None:
    trainer, goals = watched(tmp_path, "check", "homework β", "homework", "quiz 3", "run 50")
    assert goals.done("explain") == ()
    assert [one.key for one in goals.done("check")] == ["1"]
    assert [one.key for one in goals.done("homework", "b")] == ["3"]
    assert [one.key for one in goals.done("homework", "beta")] == ["2"]
    kept = GoalWatch(trainer.lesson, goals.reached, {"4": 2})
    assert [len(kept.done("quiz")) for _ in range(2)] == [1, 0], "after a resume it goes on from there"
    assert kept.times == {"4": 3}
    assert [len(goals.done("quiz")) for _ in range(4)] == [0, 0, 1, 0]
    assert [len(goals.done("run", times=n)) for n in (20, 20, 20)] == [0, 0, 1]
    assert goals.current is None


def test_what_was_reached_before_is_known(tmp_path: Path) -> None:
    trainer, _ = watched(tmp_path, "loss < 1000", "check")
    goals = GoalWatch(trainer.lesson, ["1", "old"])
    assert goals.reached == {"1"}
    assert goals.stood(trainer) == ()
    assert [one.key for one in goals.done("check")] == ["2"]


def test_a_condition_follows_to_another_trainer(tmp_path: Path) -> None:
    trainer, goals = watched(tmp_path, "iteration 5")
    assert goals.stood(trainer) == ()
    other = Trainer(trainer.lesson)
    other.run(iterations=5)
    assert len(goals.stood(other)) == 1
