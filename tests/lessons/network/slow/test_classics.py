"""The four classic data sets are solved by what the dials stand at, on the command line alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.fuzz.harness import command

pytestmark = pytest.mark.slow
CLASSICS = ("spiral", "circles", "xor", "blobs")


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", CLASSICS)
def test_every_training_sample_is_on_its_side(name: str, seed: int, tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    assert command(["build", "--dataset", name, "--seed", str(seed), "--output", str(path)])[0] == 0
    trainer = tb.Trainer(tb.load_lesson(path))
    trainer.run()
    lesson, p = trainer.lesson, trainer.parameters
    h, last = lesson.samples["X"], len(p) // 2
    for k in range(1, last):
        h = np.tanh(h @ p[f"W{k}"] + p[f"b{k}"])
    z = (h @ p[f"W{last}"] + p[f"b{last}"])[:, 0]
    assert np.mean((z > 0) == (lesson.samples["y"] > 0.5)) >= 0.99


def test_the_spiral_of_x_and_y_alone_is_learnt_for_the_half_held_back(tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    words = ["build", "--dataset", "spiral", "--size", "200", "--noise", "0", "--output", str(path)]
    assert command(words)[0] == 0
    lesson = tb.load_lesson(path)
    assert lesson.samples["X"].shape == (100, 2)
    assert lesson.validation is not None
    assert lesson.validation.samples["X"].shape == (100, 2)
    code, out, _, _ = command(["train", str(path), "--format", "jsonl", "--every", "1000"])
    row = json.loads(out.splitlines()[-1])
    assert (code, row["iteration"]) == (0, 1000)
    assert row["validation_loss"] < 0.1
    assert row["accuracy"] >= 0.99
