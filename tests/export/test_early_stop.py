"""A script of a lesson that stops early ends where train does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.held_back import STOPPING
from tests.support.scripts import check_script, make_lesson


@pytest.mark.parametrize("options", [{}, {"batch_size": 7, "iterations": 400}, {"iterations": 60}])
def test_it_prints_what_train_prints(tmp_path: Path, options: dict[str, object]) -> None:
    script, report = check_script(make_lesson(tmp_path, STOPPING), **options)
    assert report.reason == ("target" if options.get("iterations") == 60 else "early_stop")
    assert "It ends where the validation loss was not lower for 50 iterations." in script
