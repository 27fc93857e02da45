"""Models by print and weights have PyTorch's losses and gradients: recorded numbers, 1e-6 relative."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.pytorch_numbers import RECORDED, aimed_at, filled, put_in, told
from tui_backprop.engine.frontends.draft import INPUT
from tui_backprop.lessons.importing.models import Imported, ModelChoices, import_model, read_model
from tui_backprop.lessons.limits import OPEN
from tui_backprop.training.trainer import Trainer

MODELS: dict[str, dict[str, Any]] = json.loads(RECORDED.read_text(encoding="utf-8"))


def brought(recorded: dict[str, Any], folder: Path) -> Imported:
    model, weights, samples = (folder / name for name in ("model.txt", "w.npz", "s.npz"))
    model.write_text(recorded["print"] + "\n", encoding="utf-8")
    shapes = recorded["weights"]
    np.savez(weights, **{name: filled(place, tuple(shapes[name])) for place, name in enumerate(shapes)})
    x = put_in(tuple(recorded["shape"]), recorded["classes"])
    np.savez(samples, x=x, y=aimed_at(tuple(recorded["output"]), recorded["loss"]))
    return import_model(model, ModelChoices(recorded["loss"], weights, samples), OPEN)


@pytest.mark.parametrize("name", MODELS)
def test_losses_and_gradients_are_pytorch_s(name: str, tmp_path: Path) -> None:
    recorded = MODELS[name]
    trainer = Trainer(brought(recorded, tmp_path).lesson)
    assert trainer.loss == pytest.approx(recorded["value"], rel=1e-9)
    called = {one.source: one.name for one in read_model(tmp_path / "model.txt", OPEN).tensors}
    assert called.keys() == recorded["gradients"].keys()
    for source, number in recorded["gradients"].items():
        assert told(trainer.gradients[called[source]]) == pytest.approx(number, rel=1e-6, abs=1e-13), source
    assert INPUT not in called.values()
