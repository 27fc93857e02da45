"""Schedules and clipping in training: stepped, run, gone back over, changed on the way, saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.scripts import make_lesson
from tui_backprop.engine.autodiff.records import ParameterUpdate
from tui_backprop.engine.optimizers import OPTIMIZERS
from tui_backprop.engine.optimizers.rate_schedules import SCHEDULES, RateSchedule
from tui_backprop.explain.record import explain
from tui_backprop.training.runs import compiled as compiled_runs

SQUARE = 'formula = "L = w**2"\n[parameters]\nw = 1'
BATCHES = {"batch_size": 3, "learning_rate": 0.05, "iterations": 30}


@pytest.fixture(autouse=True)
def compile_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_runs, "FEW", 1)


def same(one: tb.Trainer, other: tb.Trainer) -> None:
    assert one.iteration == other.iteration
    np.testing.assert_array_equal(one.losses, other.losses)
    for name, value in one.parameters.items():
        np.testing.assert_array_equal(value, other.parameters[name])


def stepped(trainer: tb.Trainer, until: int) -> tb.Trainer:
    while trainer.iteration < until:
        trainer.step()
    return trainer


def ran(trainer: tb.Trainer, until: int) -> tb.Trainer:
    trainer.run(iterations=until - trainer.iteration)
    assert trainer.programs
    assert all(trainer.programs.values())
    return trainer


def updates(trainer: tb.Trainer) -> Iterator[ParameterUpdate]:
    for position in range(1, trainer.record_count + 1):
        record = trainer.peek(position)
        if isinstance(record, ParameterUpdate):
            yield record


def settings_of(kind: str) -> dict[str, Any]:
    return {"schedule": kind, "clip_norm": 0.5, "clip_value": 0.25, "weight_decay": 0.01, **BATCHES}


@pytest.mark.parametrize("kind", sorted(SCHEDULES))
def test_runs_have_the_bits_of_steps(kind: str) -> None:
    lesson = tb.load_lesson("two-layer")
    settings = settings_of(kind)
    same(ran(tb.Trainer(lesson, **settings), 40), stepped(tb.Trainer(lesson, **settings), 40))


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_every_optimizer_takes_the_rate_of_the_iteration(optimizer: str) -> None:
    lesson = tb.load_lesson("neuron")
    settings = {**settings_of("warmup_cosine"), "optimizer": optimizer, "batch_size": "all"}
    same(ran(tb.Trainer(lesson, **settings), 40), stepped(tb.Trainer(lesson, **settings), 40))


def test_gradient_descent_with_a_cosine(tmp_path: Path) -> None:
    table = {"kind": "cosine", "t_max": 10}
    trainer = tb.Trainer(make_lesson(tmp_path, SQUARE), learning_rate=0.1, schedule=table)
    w = 1.0
    for k in range(25):
        assert trainer.parameters["w"] == pytest.approx(w, rel=1e-12)
        assert trainer.learning_rate == pytest.approx(0.1 * (1 + np.cos(np.pi * k / 10)) / 2, rel=1e-12)
        w -= 0.1 * (1 + np.cos(np.pi * k / 10)) / 2 * 2 * w
        trainer.next()


ONE_CYCLE = {"kind": "one_cycle", "total_steps": 25, "max_lr": 0.05, "cycle_momentum": True}


def test_gradient_descent_with_a_momentum_that_turns(tmp_path: Path) -> None:
    trainer = tb.Trainer(make_lesson(tmp_path, SQUARE), optimizer="momentum", schedule=ONE_CYCLE)
    kind = RateSchedule("one_cycle", (("total_steps", 25), ("max_lr", 0.05), ("cycle_momentum", True)))
    rate, momentum = kind.rate(1.0, 1), kind.momentum(1.0, 1)
    w, v = 1.0, 0.0
    for k in range(30):
        assert trainer.parameters["w"] == pytest.approx(w, rel=1e-12)
        v = momentum(k) * v + 2 * w
        w -= rate(k) * v
        trainer.next()
    trainer.rewind(to_iteration=7)
    (record,) = updates(trainer)
    first, second, *_ = record.terms
    assert (first.code, second.code) == ("learning_rate", "momentum")
    assert second.value == momentum(7)
    assert second.formula.startswith("μ = cosine from max_momentum down to base_momentum")


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_runs_with_a_momentum_that_turns_have_the_bits_of_steps(optimizer: str) -> None:
    lesson = tb.load_lesson("two-layer")
    settings = {**BATCHES, "optimizer": optimizer, "schedule": ONE_CYCLE}
    turned = ran(tb.Trainer(lesson, **settings), 40)
    same(turned, stepped(tb.Trainer(lesson, **settings), 40))
    own = {"momentum", "beta1"}.intersection(OPTIMIZERS[optimizer].coefficients)
    assert turned.hyperparameters.scheduled.keys() == {"learning_rate", *own}
    straight = tb.Trainer(lesson, **settings | {"schedule": {**ONE_CYCLE, "cycle_momentum": False}})
    straight.run(iterations=40)
    assert np.array_equal(straight.losses, turned.losses) == (not own)


def test_the_rate_is_a_line_of_the_update() -> None:
    trainer = tb.Trainer(tb.load_lesson("logistic"), schedule="cosine", learning_rate=0.2, iterations=10)
    trainer.run(iterations=5)
    for record in updates(trainer):
        rate, step = record.terms
        assert (rate.code, rate.name, step.code) == ("learning_rate", "learning rate", "step")
        assert rate.formula.startswith("η = eta_min + (η₀ − eta_min)·")
        assert rate.value == pytest.approx(0.1)
        np.testing.assert_array_equal(step.value, rate.value * record.gradient)


def test_a_rate_whose_formula_is_a_sentence_stands_in_front_of_it() -> None:
    trainer = tb.Trainer(tb.load_lesson("schedules"))  # one cycle: 0.07 / 25 to begin with
    (record, _) = updates(trainer)
    row = next(row for row in explain(record, trainer.tape).rows if row.label == "learning rate")
    assert row.parts[0] == "η = 0.0028"
    assert str(row.parts[1]).startswith("cosine from max_lr / div_factor up to max_lr at k = ")


def test_clipping_is_lines_of_the_update_and_nowhere_else(tmp_path: Path) -> None:
    lesson = make_lesson(
        tmp_path, 'formula = "L = sum(w * g) + 0 * b"\n[data]\ng = [3, 4]\n[parameters]\nw = [0, 0]\nb = 0.0'
    )
    settings = {"clip_norm": 1, "clip_value": 0.7, "learning_rate": 1.0}
    trainer, plain = tb.Trainer(lesson, **settings), tb.Trainer(lesson, learning_rate=1.0)
    record = next(updates(trainer))
    assert [term.code for term in record.terms] == ["gradient_norm", "clip_norm", "clip_value", "step"]
    assert record.terms[0].value == 5.0
    assert record.terms[1].value.tolist() == [0.599999880000024, 0.799999840000032]
    assert record.after.tolist() == [-0.599999880000024, -0.7]
    assert record.gradient.tolist() == trainer.gradients["w"].tolist() == [3.0, 4.0]
    assert trainer.loss == plain.loss
    assert [term.code for term in next(updates(plain)).terms] == ["step"]


@pytest.mark.parametrize("kind", sorted(SCHEDULES))
def test_going_back_and_on_is_the_same_again(kind: str) -> None:
    lesson = tb.load_lesson("two-layer")
    trainer, straight = (tb.Trainer(lesson, **settings_of(kind)) for _ in range(2))
    trainer.run(iterations=60)
    trainer.rewind(to_iteration=23)
    ran(straight, 23)
    assert all(np.array_equal(value, straight.parameters[n]) for n, value in trainer.parameters.items())
    assert trainer.learning_rate == straight.learning_rate
    same(ran(trainer, 60), ran(straight, 60))


def test_turned_on_the_way_and_undone() -> None:
    lesson = tb.load_lesson("logistic")
    turned, stepping = tb.Trainer(lesson, iterations=40), tb.Trainer(lesson, iterations=40)
    for trainer, go in ((turned, ran), (stepping, stepped)):
        go(trainer, 12)
        trainer.set(schedule={"kind": "cosine", "t_max": 20}, clip_norm=0.1)
        assert trainer.iteration == 12
        go(trainer, 30)
        trainer.set(schedule="constant", clip_norm="none")
        go(trainer, 40)
    same(turned, stepping)
    assert turned.undo() == 'schedule { kind = "cosine", t_max = 20 } → constant, clip_norm 0.1 → none'
    assert turned.iteration == 30
    assert turned.learning_rate == pytest.approx(0.1 * (1 + np.cos(1.5 * np.pi)) / 2)
    turned.undo()
    assert (turned.iteration, turned.learning_rate) == (12, lesson.hyperparameters.learning_rate)
    same(ran(turned, 40), ran(tb.Trainer(lesson), 40))


def test_breakpoints_see_the_rate_of_the_iteration() -> None:
    stopped = []
    for go in ("run", "step"):
        table = {"kind": "exponential", "gamma": 0.5}
        trainer = tb.Trainer(tb.load_lesson("logistic"), learning_rate=1.0, schedule=table)
        trainer.breakpoints.add("learning_rate < 0.01")
        if go == "run":
            trainer.run(iterations=100)
        else:
            while trainer.learning_rate >= 0.01:
                trainer.next()
        stopped.append(trainer.iteration)
    assert stopped == [7, 7]


def test_clipping_keeps_what_would_blow_up_finite() -> None:
    lesson = tb.load_lesson("polynomial")
    free = tb.Trainer(lesson, learning_rate=10.0)
    assert free.run(iterations=200).reason == "diverged"
    held = tb.Trainer(lesson, learning_rate=10.0, clip_norm=0.01)
    held.run(iterations=200)
    assert held.iteration == 200
