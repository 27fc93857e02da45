"""Trainings done together are those done by themselves: random graphs, every lesson, one that diverges.

The reference is :class:`Trainer`, which knows nothing of other runs; rows may differ by 1e-9 of the loss.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.random_graphs import formulas, random_lesson
from tests.support.thorough import lessons, tried
from tui_backprop.engine.core.errors import Interrupted
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.sweeps import alike
from tui_backprop.sweeps.plan import SweepPlan
from tui_backprop.sweeps.portions import ALL, Portion, Trained, WantedLosses, work
from tui_backprop.sweeps.run import InGroups, finished, portions, train_one
from tui_backprop.training.schedule import Schedule

STEPS = '{ kind = "step", step_size = 9 }'
NAMES = [name for name in BUILTIN if tb.load_lesson(name).trains]


@pytest.fixture(autouse=True)
def always(monkeypatch) -> None:
    """Train together whatever can be, also where that is no quicker."""
    monkeypatch.setattr(alike, "ARRAY", 1e6)
    monkeypatch.setattr(alike, "NUMBER", 1e6)
    monkeypatch.setattr(alike, "LEAST_RUNS", 2)


def done_together(plan: SweepPlan) -> list[np.ndarray | None]:
    """Return the losses of each setting; None of those that are left to be trained by themselves."""
    points = {point.number: point for point in plan}
    found: dict[int, np.ndarray] = {}
    for portion in portions(plan, points, ALL, 1):
        if portion.together:
            work(portion, schedules(plan, portion.numbers))
            found |= {one.point.number: one.losses for one in finished(portion, points)}
    return [found.get(number) for number in points]


def schedules(plan: SweepPlan, numbers: Sequence[int]) -> list[Schedule]:
    points = list(plan)
    return [plan.schedule(points[number].settings) for number in numbers]


def same(losses: Any, alone: Trained) -> None:
    assert alone.ended == "asked"
    np.testing.assert_allclose(losses, alone.losses, rtol=1e-9, atol=1e-300)


def check(plan: SweepPlan, *, all_go: bool = False) -> None:
    for losses, point in zip(done_together(plan), plan, strict=True):
        alone = train_one(plan, point)
        assert losses is not None or not all_go or alone.ended == "diverged"
        if losses is not None:
            same(losses, alone)


RATES = st.lists(st.floats(1e-4, 0.05), min_size=2, max_size=3, unique=True)
VALUES: dict[str, list[Any]] = {
    "momentum": [0.5, 0.9], "beta1": [0.8, 0.9], "epsilon": [1e-8, 1e-3], "weight_decay": [0.05, 0.1],
    "clip_norm": [0.5, 2.0], "clip_value": [0.1, 0.3], "schedule": ["constant", STEPS],
}  # fmt: skip
ANOTHER = st.sampled_from(sorted(VALUES))


@tried(few=8, many=60, formula=formulas(), rates=RATES, other=ANOTHER,
       optimizer=st.sampled_from(["sgd", "momentum", "rmsprop", "adam", "nadam", "lion"]))  # fmt: skip
def test_random_graphs(formula: str, rates: list[float], other: str, optimizer: str) -> None:
    settings = {"learning_rate": rates, other: VALUES[other]}
    check(SweepPlan.of(random_lesson(formula), settings, 32, base={"optimizer": optimizer}))


@pytest.mark.parametrize("name", lessons(NAMES))
def test_every_lesson(name: str) -> None:
    lesson = tb.load_lesson(name)
    rates = {"learning_rate": [1e-3, 1e-2], "seed": range(2)}
    check(SweepPlan.of(lesson, rates, 33), all_go=lesson.patience is None)


@pytest.mark.parametrize("name", ["two-layer", "embedding", "theta"])
def test_batches_of_which_the_order_differs(name: str) -> None:
    lesson = tb.load_lesson(name)
    assert lesson.rows is not None
    uneven = next(size for size in (3, 4, 5) if lesson.rows % size)  # an epoch's last batch is smaller
    settings = {"seed": range(3), "learning_rate": [0.01, 0.1]}
    check(SweepPlan.of(lesson, settings, 40, base={"batch_size": uneven}), all_go=True)


def test_one_of_64_that_diverges_ends_alone() -> None:
    lesson = tb.load_lesson("polynomial")
    rates = [*np.geomspace(1e-7, 1e-6, 63), 1.0]
    plan = SweepPlan.of(lesson, {"learning_rate": rates}, 300)
    trained = {one.point.number: one for one in InGroups().train(plan, plan)}
    assert [number for number in range(64) if trained[number].ended == "diverged"] == [63]
    assert trained[63].iterations < 300
    assert not math.isfinite(trained[63].losses[-1])
    for number in (0, 31, 62):
        same(trained[number].losses, train_one(plan, trained[number].point))


def test_zero_times_infinity_counts_as_zero(tmp_path: Path) -> None:
    # √relu(w) is flat below 0, where its slope is 0 · ∞: only a training by itself looks for that
    path = tmp_path / "root.toml"
    path.write_text('formula = "L = sqrt(relu(w)) + v**2"\n[parameters]\nw = -1.0\nv = 1.0\n')
    plan = SweepPlan.of(tb.load_lesson(path), {"learning_rate": [0.1, 0.2]}, 40)
    for one in InGroups().train(plan, plan):
        factor = 1 - 2 * one.point.settings["learning_rate"]
        np.testing.assert_allclose(one.losses, [factor ** (2 * k) for k in range(41)], rtol=1e-12)


def test_what_cannot_go_together_sets_groups_apart() -> None:
    rates = {"learning_rate": [0.1, 0.2, 0.3], "optimizer": ["sgd", "adam"], "batch_size": ["all", 2]}
    check(SweepPlan.of(tb.load_lesson("two-layer"), rates, 35), all_go=True)


@pytest.mark.skipif(np.__version__ < "2", reason="single precision needs NumPy 2")
def test_single_precision_goes_one_after_another() -> None:
    plan = SweepPlan.of(tb.load_lesson("two-layer"), {"seed": range(4)}, 35, base={"dtype": "float32"})
    assert done_together(plan) == [None] * 4
    assert len(list(InGroups().train(plan, plan))) == 4


def test_it_can_be_given_up_and_tells_how_far_it_is() -> None:
    lesson = tb.load_lesson("two-layer")
    plan = SweepPlan.of(lesson, {"learning_rate": [0.1, 0.2, 0.3, 0.4]}, 5_000)
    told: list[float] = []
    with pytest.raises(Interrupted):
        list(InGroups(told.append).train(plan, plan, lambda: len(told) >= 3))
    assert 0 < told[0] < told[-1] < 4
    told.clear()
    assert len(list(InGroups(told.append).train(plan, list(plan)[:2]))) == 2
    assert told[-1] == 2


# ---------------------------------------------------------------------- whoever does them, and however often


def shares(count: int, sizes: Sequence[int]) -> list[range]:
    """Return the numbers from 0 on, cut into pieces of these sizes in turn."""
    found, low = list[range](), 0
    while low < count:
        high = min(count, low + sizes[len(found) % len(sizes)])
        found.append(range(low, high))
        low = high
    return found


def same_bits(plan: SweepPlan, sizes: Sequence[int], looks: int) -> None:
    """Train all together in one go, and in pieces that are left and gone on with; compare the bits."""
    points = {point.number: point for point in plan}
    (whole,) = [portion for portion in portions(plan, points, ALL, 1) if portion.together]
    work(whole, schedules(plan, whole.numbers))
    expected = {one.point.number: one.losses for one in finished(whole, points)}
    for numbers in shares(len(whole.numbers), sizes):
        piece = Portion([whole.numbers[place] for place in numbers], whole.family, ALL, together=True)
        group = schedules(plan, piece.numbers)
        for _ in range(looks):
            work(piece, group, seconds=0.0)  # up to the first look
        work(piece, group)
        for one in finished(piece, points):
            np.testing.assert_array_equal(one.losses, expected.pop(one.point.number))
    assert not expected


@tried(few=4, many=20, formula=formulas(), optimizer=st.sampled_from(["sgd", "momentum", "adam"]),
       sizes=st.lists(st.integers(1, 4), min_size=1, max_size=3))  # fmt: skip
def test_random_graphs_in_other_company(formula: str, optimizer: str, sizes: list[int]) -> None:
    settings = {"learning_rate": [1e-4, 2e-3, 0.01], "weight_decay": [0.005, 0.01], "epsilon": [1e-8, 1e-3]}
    plan = SweepPlan.of(random_lesson(formula), settings, 40, base={"optimizer": optimizer})
    if any(portion.together for portion in portions(plan, range(len(plan)), ALL, 1)):
        same_bits(plan, sizes, 2)


@pytest.mark.parametrize("name", lessons(NAMES))
def test_every_lesson_in_other_company(name: str) -> None:
    lesson = tb.load_lesson(name)
    plan = SweepPlan.of(lesson, {"learning_rate": [1e-3, 2e-3, 1e-2], "seed": range(2)}, 40)
    if lesson.patience is None:
        same_bits(plan, (1, 3), 3)


def test_only_the_losses_that_are_wanted() -> None:
    lesson = tb.load_lesson("two-layer")
    plan = SweepPlan.of(lesson, {"learning_rate": [0.1, 0.2, 1e6], "seed": range(2)}, 50)
    for every in (None, 1, 7, 50, 60):
        alls = {one.point.number: list(one.rows(every)) for one in InGroups().train(plan, plan)}
        few = InGroups(wanted=WantedLosses(every, whole=False))
        for one in few.train(plan, plan):
            rows = list(one.rows(every))
            assert len(one.losses) == len(rows)
            expected = alls[one.point.number]
            assert [row.iteration for row in rows] == [row.iteration for row in expected]
            np.testing.assert_array_equal([row.loss for row in rows], [row.loss for row in expected])
            assert rows[-1].ended == expected[-1].ended
