"""When alarms are raised, and that one stops a run at the same iteration, however the run is cut."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.health_setups import BROKEN, SOUND, lesson_of
from tests.support.trainers import mine, trainer
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.training.checkup.signs import vitals_of
from tui_backprop.training.stops.alarms import is_look, next_look
from tui_backprop.training.vitals.alarms import ALARMS, raised
from tui_backprop.training.vitals.names import NAMES


def broken(folder: Path, name: str) -> tb.Trainer:
    return tb.Trainer(lesson_of(folder, name, BROKEN[name]))


def test_looks_are_taken_ever_more_seldom() -> None:
    looks = [0]
    while looks[-1] < 20_000:
        looks.append(next_look(looks[-1]))
    assert looks[:13] == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 150, 200]
    assert looks[-2:] == [15_000, 20_000]
    assert [k for k in range(2001) if is_look(k)] == [k for k in looks if k <= 2000]
    assert sum(1 for k in looks if 1000 < k <= 10_000) == 18


def test_a_run_is_stopped_at_the_same_iteration_however_it_is_cut(tmp_path: Path) -> None:
    whole = broken(tmp_path, "diverging")
    whole.breakpoints.add("alarm")
    report = whole.run(400)
    assert report.reason == "breakpoint"
    assert report.hit is not None
    assert report.hit.message.startswith("breakpoint 1: iteration 30: diverging: the loss is 2272.88")

    cut = broken(tmp_path, "diverging")
    cut.breakpoints.add("alarm")
    while cut.run(min(7, 400 - cut.iteration)).hit is None:
        assert cut.iteration < 400
    stepped = broken(tmp_path, "diverging")
    stepped.breakpoints.add("diverging")
    stepped.breakpoints.add("iteration 25")
    assert stepped.run(400).hit.breakpoint.text == "iteration 25"
    stepped.next()
    assert stepped.run(400).hit.breakpoint.text == "diverging"
    assert whole.iteration == cut.iteration == stepped.iteration == 30
    np.testing.assert_array_equal(whole.losses, cut.losses)
    np.testing.assert_array_equal(whole.losses, stepped.losses)


def test_an_alarm_that_holds_stops_a_run_once(tmp_path: Path) -> None:
    t = broken(tmp_path, "dead")
    t.breakpoints.add("dead")
    assert (t.run(50).reason, t.iteration) == ("breakpoint", 0)
    assert (t.run(50).reason, t.iteration) == ("asked", 50)
    t.rewind(20)
    assert (t.run(50).reason, t.iteration) == ("breakpoint", 20)  # for who has gone back it is news again


def test_without_an_alarm_a_run_gives_the_same_bits(tmp_path: Path) -> None:
    lesson = lesson_of(tmp_path, "sound", SOUND["xor, batches"])
    watched, plain = tb.Trainer(lesson), tb.Trainer(lesson)
    watched.breakpoints.add("alarm")
    assert watched.run(300).reason == plain.run(300).reason == "asked"
    np.testing.assert_array_equal(watched.losses, plain.losses)
    assert watched.loss == plain.loss


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("alarm", "when an alarm is raised"),
        (" Vanishing  gradient ", "when a layer's gradient beside its weights is below a thousandth"),
        ("data", "when an input is 30 times"),
    ],
)
def test_alarms_are_breakpoints_like_others(text: str, words: str) -> None:
    t = trainer("two-layer")
    assert t.breakpoints.add(text).description.startswith(words)
    with pytest.raises(BackpropError, match="is there already"):
        t.breakpoints.add(text)


def test_what_cannot_be_raised_is_refused() -> None:
    with pytest.raises(BackpropError, match=r"the lesson has no \[validation\]"):
        trainer("two-layer").breakpoints.add("overfitting")
    with pytest.raises(BackpropError, match="trains nothing"):
        trainer("square").breakpoints.add("alarm")


ALIKE = '''
formula = """
h = tanh(X @ W1)
L = mean((h @ W2 - y)**2)
"""
[samples]
X = [[1.0, 2.0], [-1.0, 0.5], [0.5, -2.0], [2.0, 1.0]]
y = [[1.0], [0.2], [1.0], [0.1]]
[parameters]
W1 = { value = [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]] }
W2 = { value = [[0.0], [0.0], [0.0]] }
[hyperparameters]
learning_rate = 0.1
'''


def test_units_that_start_alike_are_stuck(tmp_path: Path) -> None:
    t = mine(tmp_path, ALIKE)
    t.run(100)
    (alarm,) = raised(vitals_of(t))
    assert alarm.alarm.name == "stuck"
    assert alarm.cause.startswith("all 3 units of h give the same: they started alike")


def test_the_columns_of_an_input_are_named(tmp_path: Path) -> None:
    t = broken(tmp_path, "data")
    (alarm,) = raised(vitals_of(t))
    sizes = np.sqrt(np.mean(t.inputs["X"] ** 2, axis=0))
    assert sizes[0] > 20 * sizes[1]
    assert alarm.cause.startswith(
        f"X[:, 0] is {sizes[0]:.3g} large (root of the mean square), another column "
    )


def test_the_table_has_the_eight() -> None:
    assert NAMES == (
        "data", "dead", "saturated", "vanishing", "exploding", "diverging", "overfitting", "stuck",
    )  # fmt: skip


def test_the_names_are_those_of_the_alarms_in_their_order() -> None:
    assert tuple(alarm.name for alarm in ALARMS) == NAMES
