"""A script of a lesson that stops early ends where train does."""

from __future__ import annotations

from pathlib import Path

import pytest

import tui_backprop as tb
from tests.support.held_back import STOPPING
from tests.support.scripts import make_lesson, printed, same, script_of


@pytest.mark.parametrize("options", [{}, {"batch_size": 7, "iterations": 400}, {"iterations": 60}])
def test_it_prints_what_train_prints(tmp_path: Path, options: dict[str, object]) -> None:
    lesson = make_lesson(tmp_path, STOPPING)
    script = script_of(lesson, **options)
    losses, code = printed(script)
    t = tb.Trainer(lesson, **options)
    report = t.run()
    assert report.reason == ("target" if options.get("iterations") == 60 else "early_stop")
    assert code is None
    assert same(losses, [*t.losses.tolist(), t.loss])
    assert "It ends where the validation loss was not lower for 50 iterations." in script
