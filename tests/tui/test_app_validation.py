"""The app on a lesson that holds samples back: their loss in status, chart and model, and the early stop."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from tests.support.held_back import STOPPING
from tui_backprop.lessons.network.data import data_of
from tui_backprop.lessons.network.dials import PRESETS
from tui_backprop.lessons.network.lesson_text import lesson_text


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_run_stops_early_and_its_best_is_a_key_away(launch, tmp_path: Path, size) -> None:
    path = tmp_path / "moons.toml"
    path.write_text(STOPPING, encoding="utf-8")
    async with launch(path, size=size) as session:
        assert "validation 0.65636" in session.status
        await session.press("space")
        assert session.where == (85, 0)
        assert session.note == (
            "early stop at iteration 85: for 50 iterations the validation loss was not lower than at "
            "iteration 35, 0.50372; i 35 goes back there"
        )
        assert "loss 0.298291  validation 0.519608" in session.status
        assert "Loss 0.298291 · o validation 0.519608" in session.screen
        await session.press("i")
        await session.type("35", "enter")
        assert session.where == (35, 0)
        assert "validation 0.50372" in session.status
        if size[1] == 40:
            assert "10 samples held back: validation loss" in session.screen
            assert "0.50372, accuracy 0.8" in session.screen


async def test_levels_the_best_so_far_and_accuracy_are_on_the_screen(launch, tmp_path):
    path = tmp_path / "xor.toml"
    dials = PRESETS["xor"]
    path.write_text(lesson_text(dials, data_of(dials)), encoding="utf-8")
    async with launch(path, size=(120, 36), iterations=60) as session:
        await session.press("space")
        counts = np.bincount(session.trainer.lesson.samples["y"].astype(int))
        shares = counts / counts.sum()
        entropy = float(-(shares * np.log(shares)).sum())
        assert abs(entropy - math.log(2)) < 1e-3
        assert "guess, constant 0.693" in session.screen
        assert "◆" in session.screen
        assert "accuracy" in session.status
        assert session.app.main.snapshot.baselines.constant == pytest.approx(entropy)
