"""Canonical screens; look at each as a picture before accepting it with --snapshot-update."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from rich.console import Console

from tui_backprop.lessons.library import load_lesson
from tui_backprop.text.language.speaking import speaking
from tui_backprop.training.trainer import Trainer
from tui_backprop.tui.app import BackpropApp

THREE_LAYERS = Path(__file__).parents[1] / "support" / "three_layers.toml"
NARROW, WIDE = (80, 24), (120, 36)
FACTORS = {
    "scalar": ("linear", 3, "w"),
    "matrix": ("logistic", 40, "beta"),
    "fork": (THREE_LAYERS, 2, "h1"),
    "broadcast": ("logistic", 0, "b"),
}
"""Lesson, iterations done, and the node whose gradient has just been completed."""


@pytest.fixture(autouse=True)
def _one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give pictures one name: Rich makes it of more than what is seen, and not the same in every process."""
    export = Console.export_svg
    named = {"unique_id": "picture"}
    monkeypatch.setattr(Console, "export_svg", lambda console, **options: export(console, **options, **named))


def at_factor(kind: str) -> BackpropApp:
    """Return an app whose trainer stands still at a factor of that kind."""
    lesson, iterations, node = FACTORS[kind]
    trainer = Trainer(load_lesson(lesson))
    trainer.run(iterations=iterations)
    trainer.seek(trainer.place_of(node))
    return app_with_all_records(trainer)


def at_record(lesson: str, iterations: int, records: int) -> BackpropApp:
    """Return an app whose trainer stands still at a record, losses and all."""
    trainer = Trainer(load_lesson(lesson))
    trainer.run(iterations=iterations)
    trainer.seek(records)
    return app_with_all_records(trainer)


def app_with_all_records(trainer: Trainer) -> BackpropApp:
    """Return an app that lists all records: those that lead to data only are not folded."""
    app = BackpropApp(trainer)
    app.runner.choose_factors(True)
    return app


async def shown(pilot) -> None:
    """Wait until the trainer's state is on the screen."""
    while not pilot.app.runner.idle.is_set() or pilot.app.main.snapshot is None:
        await asyncio.sleep(0.002)
    await pilot.pause()
    await pilot.pause()


@pytest.mark.parametrize(
    "size",
    [pytest.param(NARROW, id="80x24"), pytest.param(WIDE, id="120x36", marks=pytest.mark.slow)],
)
@pytest.mark.parametrize("kind", FACTORS)
def test_chain_rule(snap_compare, kind, size):
    assert snap_compare(at_factor(kind), terminal_size=size, run_before=shown)


@pytest.mark.parametrize(
    ("app", "size"),
    [
        pytest.param(("logistic", 40, 20), WIDE, id="update-120x36"),
        pytest.param(("linear", 3, 8), (50, 14), id="compact-50x14"),
    ],
)
def test_screen(snap_compare, app, size):
    assert snap_compare(at_record(*app), terminal_size=size, run_before=shown)


async def program_shown(pilot) -> None:
    """Open the program and wait for it."""
    await shown(pilot)
    await pilot.press("e")
    while len(pilot.app.screen_stack) == 1:
        await asyncio.sleep(0.002)
    await shown(pilot)


def test_program(snap_compare):
    assert snap_compare(at_record("two-layer", 0, 0), terminal_size=WIDE, run_before=program_shown)


async def homework_shown(pilot) -> None:
    """Ask for a gradient."""
    await shown(pilot)
    await pilot.press("w")
    while len(pilot.app.screen_stack) == 1:
        await asyncio.sleep(0.002)
    await shown(pilot)


@pytest.mark.parametrize(
    ("size", "run_before"),
    [
        pytest.param(NARROW, shown, id="factor-80x24", marks=pytest.mark.slow),
        pytest.param(WIDE, homework_shown, id="homework-120x36", marks=pytest.mark.slow),
    ],
)
def test_korean(snap_compare, size, run_before):
    with speaking("ko"):
        assert snap_compare(at_factor("matrix"), terminal_size=size, run_before=run_before)
