"""A sweep's rows are what each setting's own training gives; what cannot be swept is refused in one line."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.engine.core.errors import BackpropError, Interrupted
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.sweeps.kept import SweepFile, resumed
from tui_backprop.sweeps.plan import SweepPlan, parse_values, split_values
from tui_backprop.sweeps.portions import Begun, Portion, WantedLosses, work
from tui_backprop.sweeps.rows import sorted_rows
from tui_backprop.sweeps.run import InGroups, InTurn, portions

COSINE = '{ kind = "cosine", t_max = 20 }'
SQUARE = """
formula = "L = w**2"
[parameters]
w = 1.0
"""


@pytest.fixture
def square(tmp_path: Path) -> Lesson:
    path = tmp_path / "square.toml"
    path.write_text(SQUARE, encoding="utf-8")
    return tb.load_lesson(path)


def test_too_many_seeds_are_refused_before_they_are_made(square) -> None:
    with pytest.raises(BackpropError, match="1,000,000,000 settings; a sweep has at most 100,000"):
        SweepPlan.of(square, parse_values(square, [], 10**9))


def test_rows_are_in_closed_form(square) -> None:
    # L = w²: an update multiplies w by 1 − 2η, so that the loss after n updates is (1 − 2η)^(2n)
    rates = [0.1, 0.25, 0.5, 1.0]
    rows = tb.sweep(square, {"learning_rate": rates}, iterations=7)
    assert [row.settings["learning_rate"] for row in rows] == rates
    for row in rows:
        factor = 1 - 2 * row.settings["learning_rate"]
        assert row.iteration == 7
        assert row.loss == pytest.approx(factor**14, rel=1e-12, abs=1e-300)
        np.testing.assert_allclose(row.losses, [factor ** (2 * k) for k in range(7)], rtol=1e-12, atol=0)


def test_rows_equal_a_training_of_their_own() -> None:
    lesson = tb.load_lesson("two-layer")
    settings = {"learning_rate": [0.05, 0.5], "optimizer": ["sgd", "adam"], "seed": range(2)}
    rows = tb.sweep(lesson, settings, iterations=30)
    assert len(rows) == 8
    assert [row.settings["seed"] for row in rows] == [0, 1] * 4  # the last one varies fastest
    for row in rows:
        trainer = tb.Trainer(lesson, **row.settings)
        trainer.run(iterations=30)
        assert row.loss == trainer.loss
        np.testing.assert_array_equal(row.losses, trainer.losses)


def test_rows_of_every_so_many_iterations(square) -> None:
    rows = tb.sweep(square, {"learning_rate": 0.25}, iterations=7, every=3)
    assert [(row.iteration, row.loss) for row in rows] == [(k, 0.25**k) for k in (0, 3, 6, 7)]


def test_one_that_diverges_ends_alone(square) -> None:
    rows = tb.sweep(square, {"learning_rate": [1e3, 0.1]}, iterations=200)
    assert [row.ended for row in rows] == ["diverged", "asked"]
    assert rows[0].iteration < 200
    assert not math.isfinite(rows[0].loss)
    assert [row.settings["learning_rate"] for row in sorted_rows(rows)] == [0.1, 1e3]


def test_the_number_of_iterations_may_be_swept(square) -> None:
    rows = tb.sweep(square, {"iterations": [1, 4], "learning_rate": 0.25})
    assert [(row.iteration, row.loss) for row in rows] == [(1, 0.25), (4, 0.25**4)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("0.1,0.2", ["0.1", "0.2"]),
        (f"constant, {COSINE}", ["constant", COSINE]),
        ('{ kind = "a,}b" },[1,2],(3,4)', ['{ kind = "a,}b" }', "[1,2]", "(3,4)"]),
        ("", [""]),
    ],
)
def test_lists_are_split_at_their_own_commas(text: str, parts: list[str]) -> None:
    assert split_values(text) == parts


def test_a_schedule_s_table_is_one_value() -> None:
    values = parse_values(
        tb.load_lesson("linear"), [f"schedule=constant,{COSINE}", "learning_rate=0.1,1e-2"], seeds=3
    )
    assert [str(value) for value in values["schedule"]] == ["constant", COSINE]
    assert values["learning_rate"] == [0.1, 0.01]
    assert list(values["seed"]) == [0, 1, 2]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"learning_rat": [1]}, "learning_rate"),
        ({"learning_rate": []}, "learning_rate: found no value"),
        ({"learning_rate": [0.1, -1]}, "learning_rate: found -1"),
        ({"batch_size": [2]}, "batch_size: found 2"),
        ({"seed": range(400), "learning_rate": np.linspace(0.1, 1, 400)}, "160,000 settings"),
    ],
)
def test_what_cannot_be_swept_is_refused(settings, reason: str) -> None:
    with pytest.raises(BackpropError, match=reason):
        tb.sweep(tb.load_lesson("linear"), settings)


def test_what_was_interrupted_goes_on_from_there(square, tmp_path: Path) -> None:
    plan = SweepPlan.of(square, {"learning_rate": [0.1, 0.2, 0.3]}, 5)
    trained: list[float] = []

    class Noting(InTurn):
        def train(self, plan, points, should_stop=None):
            for one in super().train(plan, points):
                trained.append(one.point.settings["learning_rate"])
                yield one

    going = resumed(plan, SweepFile(plan, resumes=False, folder=tmp_path), Noting())
    next(going), next(going)
    going.close()  # as Ctrl-C leaves it
    (file,) = tmp_path.glob("*.jsonl")
    file.write_text(file.read_text() + '{"setting": "cut of')
    again = SweepFile(plan, resumes=True, folder=tmp_path)
    assert again.done == 2
    rows = {point.number: rows for point, rows in resumed(plan, again, Noting())}
    assert trained == [0.1, 0.2, 0.3]
    assert [rows[number][0].loss for number in range(3)] == [
        row.loss for row in tb.sweep(square, plan.values, iterations=5)
    ]
    assert SweepFile(SweepPlan.of(square, plan.values, 6), resumes=True, folder=tmp_path).done == 0


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_what_was_at_work_goes_on_from_there(tmp_path: Path, optimizer: str) -> None:
    lesson, every = tb.load_lesson("two-layer"), 900
    settings = {"learning_rate": np.geomspace(0.01, 1.0, 8), "seed": range(2)}
    plan = SweepPlan.of(lesson, settings, 2_000, every, base={"optimizer": optimizer})
    few = WantedLosses(every, whole=False)

    def interrupting(done: float) -> None:
        if done > 10:  # of 16
            raise KeyboardInterrupt

    first = SweepFile(plan, resumes=False, folder=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        list(resumed(plan, first, InGroups(interrupting, few)))
    again, told = SweepFile(plan, resumes=True, folder=tmp_path), list[float]()
    assert again.done == 0
    (begun,) = again.begun
    assert begun.state.iteration > 1_200
    rows = {p.number: r for p, r in resumed(plan, again, InGroups(told.append, few, again.begun))}
    assert told[0] > 10
    alone = {one.point.number: list(one.rows(every)) for one in InGroups().train(plan, plan)}
    for number, expected in alone.items():
        assert [(row.iteration, row.loss) for row in rows[number]] == [
            (r.iteration, r.loss) for r in expected
        ]
    assert SweepFile(plan, resumes=True, folder=tmp_path).begun == []


def test_a_state_that_is_damaged_or_of_another_sweep_is_left(tmp_path: Path) -> None:
    lesson = tb.load_lesson("two-layer")
    plan = SweepPlan.of(lesson, {"learning_rate": [0.1, 0.2, 0.3, 0.4]}, 400)
    runner = InGroups(wanted=WantedLosses(None, whole=False))
    (portion,) = portions(plan, range(4), runner._wanted, 1)
    points = list(plan)
    work(portion, [plan.schedule(point.settings) for point in points], seconds=0.0)
    file = SweepFile(plan, resumes=False, folder=tmp_path)
    file.keep_begun([portion])
    assert len(SweepFile(plan, resumes=True, folder=tmp_path).begun) == 1
    (path,) = tmp_path.glob("*.jsonl")
    text = path.read_text()
    for spoilt in (
        text.replace('": "', '": "AAAA'),
        text[:60],
        text.replace("begun", "began"),
        '{"begun": 3}',
    ):
        path.write_text(spoilt)
        assert SweepFile(plan, resumes=True, folder=tmp_path).begun == []
    begun = Begun(tuple(range(4)), portion.family.differing, portion.state, np.empty((3, 9)))
    assert Portion.of_begun(begun, [portion.family], WantedLosses()) is None  # so many losses are not its


def test_a_folder_that_cannot_be_written_costs_only_the_keeping(square, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    plan = SweepPlan.of(square, {"learning_rate": [0.1]}, 5)
    file = SweepFile(plan, resumes=True, folder=tmp_path / "file")
    assert file.problem
    assert [rows[0].iteration for _, rows in resumed(plan, file, InTurn())] == [5]


def test_a_training_can_be_given_up(square) -> None:
    plan = SweepPlan.of(square, {"learning_rate": [0.1, 0.2]}, 10**9)
    with pytest.raises(Interrupted):
        next(InTurn().train(plan, plan, lambda: True))
