"""Three canonical screens; look at each as a picture before accepting it with --snapshot-update."""

from __future__ import annotations

import asyncio

import pytest

from tui_backprop.lessons.library import load_lesson
from tui_backprop.training.trainer import Trainer
from tui_backprop.tui.app import BackpropApp

FACTOR = 14  # ∂L/∂z from ŷ
UPDATE = 20  # update β


def at(lesson: str, iterations: int, records: int) -> BackpropApp:
    """Return an app whose trainer stands still at a record, losses and all."""
    trainer = Trainer(load_lesson(lesson))
    trainer.run(iterations=iterations)
    for _ in range(records):
        trainer.step()
    return BackpropApp(trainer)


async def shown(pilot) -> None:
    """Wait until the trainer's state is on the screen."""
    while not pilot.app.runner.idle.is_set() or pilot.app.snapshot is None:
        await asyncio.sleep(0.002)
    await pilot.pause()
    await pilot.pause()


@pytest.mark.parametrize(
    ("app", "size"),
    [
        pytest.param(("logistic", 40, FACTOR), (80, 24), id="factor-80x24"),
        pytest.param(("logistic", 40, UPDATE), (120, 36), id="update-120x36"),
        pytest.param(("linear", 3, 8), (50, 14), id="compact-50x14"),
    ],
)
def test_screen(snap_compare, app, size):
    assert snap_compare(at(*app), terminal_size=size, run_before=shown)
