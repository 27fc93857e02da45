"""Eight broken set-ups raise their alarm, and a remedy helps; eight sound ones and the lessons raise none."""

from __future__ import annotations

from pathlib import Path

import pytest

import tui_backprop as tb
from tests.support.health_setups import BROKEN, SOUND, lesson_of
from tui_backprop.health.remedies import try_remedies
from tui_backprop.health.watching import alarms_on_the_way
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.training.vitals.names import NAMES

pytestmark = pytest.mark.slow
RAISED_AT = {
    "data": 0, "dead": 0, "saturated": 0, "vanishing": 0, "exploding": 0, "diverging": 30, "overfitting": 250,
    "stuck": 100,
}  # fmt: skip
MEANT = {"vanishing": ["vanishing"]}
"""Lessons that are about what goes wrong."""


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_set_up_raises_its_alarm_and_a_remedy_helps(name: str, tmp_path: Path) -> None:
    t = tb.Trainer(lesson_of(tmp_path, name, BROKEN[name]))
    found = {one.alarm.name: one for one in alarms_on_the_way(t, 1000)}
    assert found[name].iteration == RAISED_AT[name]
    assert next(iter(found)) == name  # before its effects
    best = try_remedies(t, name).helped[0]
    assert best.outcome.silent
    assert best.outcome.loss < 0.7 * best.without.loss or not best.without.loss < 1e9


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_set_up_raises_none(name: str, tmp_path: Path) -> None:
    t = tb.Trainer(lesson_of(tmp_path, name, SOUND[name]))
    assert alarms_on_the_way(t, t.hyperparameters.iterations) == ()


@pytest.mark.parametrize("name", BUILTIN)
def test_lessons_raise_none_but_where_they_are_about_it(name: str) -> None:
    t = tb.Trainer(tb.load_lesson(name))
    if t.lesson.trains:
        found = alarms_on_the_way(t, min(t.hyperparameters.iterations, 3000))
        assert [one.alarm.name for one in found] == MEANT.get(name, [])
