"""Two steps of L = w² from w = 1 at rate 0.1, at the defaults, beside PyTorch 2.14.1."""

from __future__ import annotations

from pathlib import Path

import pytest

import tui_backprop as tb
from tests.support.scripts import make_lesson

RECORDED = {
    "adagrad": (0.900000000005, 0.8331035268450359),
    "nadam": (0.8943548213947469, 0.8199730691399016),
    "adadelta": (0.9996837726292671, 0.9993593788142883),
}


@pytest.mark.parametrize("name", RECORDED)
def test_two_steps_as_in_pytorch(name: str, tmp_path: Path) -> None:
    lesson = make_lesson(tmp_path, 'formula = "L = w**2"\n[parameters]\nw = 1')
    trainer = tb.Trainer(lesson, learning_rate=0.1, optimizer=name)
    trainer.run(iterations=2)
    after = [trainer.parameters["w"].item()]
    trainer.back()
    trainer.rewind(to_iteration=1)
    assert [trainer.parameters["w"].item(), *after] == pytest.approx(RECORDED[name], rel=1e-14)


def test_an_optimizers_own_defaults_go_with_it(tmp_path: Path) -> None:
    lesson = make_lesson(tmp_path, 'formula = "L = w**2"\n[parameters]\nw = 1')
    trainer = tb.Trainer(lesson, optimizer="adadelta")
    assert (trainer.hyperparameters.rho, trainer.hyperparameters.epsilon) == (0.9, 1e-6)
    trainer.set(optimizer="rmsprop", epsilon=1e-5)
    assert (trainer.hyperparameters.rho, trainer.hyperparameters.epsilon) == (0.99, 1e-5)
    trainer.set(optimizer="adagrad")  # what was given stays
    assert trainer.hyperparameters.epsilon == 1e-5
