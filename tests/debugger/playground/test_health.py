"""The command health in plain mode: layers, alarms, and remedies that were tried."""

from __future__ import annotations

from pathlib import Path

from tests.support.health_setups import BROKEN, lesson_of
from tests.support.plain import plain


def test_layers_and_alarms_in_sentences(tmp_path: Path) -> None:
    lesson = str(lesson_of(tmp_path, "dead", BROKEN["dead"]).path)
    said = " ".join(plain("health", "quit", lesson=lesson).text.split())
    assert "alarm: dead units: all 8 relu units behind W1 are 0 for every sample" in said
    assert (
        "W1: gradient norm 0, log10 of update over weight −∞, 100 % of 8 relu units dead: all 8 relu" in said
    )


def test_remedies_that_helped(tmp_path: Path) -> None:
    lesson = str(lesson_of(tmp_path, "diverging", BROKEN["diverging"]).path)
    said = " ".join(plain("break alarm", "continue", "health remedies", "quit", lesson=lesson).text.split())
    assert "breakpoint 1: iteration 30: diverging: the loss is 2272.88" in said
    assert "diverging: what helps (3 tried for 500 iterations from the start, on copies)" in said
    assert "learning_rate = 0.12: loss 0.0453" in said


def test_where_nothing_is_wrong() -> None:
    said = plain("health", "health remedies", "health foo", "quit", lesson="linear").text
    assert "no alarm\n" in said
    assert "no alarm is raised, so there is nothing to try" in said
    assert "unknown alarm 'foo'; there are data, dead" in said


def test_a_lesson_that_trains_nothing() -> None:
    assert "trains nothing: there are no layers" in plain("health", "quit", lesson="square").text


def test_what_is_to_be_predicted_is_kept_secret() -> None:
    assert "the quiz has still to ask for factors" in plain("quiz", "health", "quit", lesson="linear").text
