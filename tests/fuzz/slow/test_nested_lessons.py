"""A formula as deep as may be goes every way that another goes: no walk over it is short of stack."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import tui_backprop as tb
from tests.support.fuzz.harness import command
from tests.support.nested import DEEPEST, NESTED, nested_lesson
from tests.support.pilot import launched
from tests.support.scripts import printed
from tests.support.sessions import again, saved
from tests.support.trainers import here

COMMANDS = (
    ("explain",), ("explain", "--format", "json"), ("explain", "--wrt", "w"),
    ("explain", "--wrt", "a", "--whatif", "w=0.4"), ("check",), ("check", "--gradient", "w=1"),
)  # fmt: skip


@pytest.mark.parametrize("kind", [*NESTED, "difference", "transposes"])
def test_commands(kind: str, tmp_path: Path) -> None:
    path = str(nested_lesson(tmp_path, DEEPEST[kind]))
    for name, *options in COMMANDS:
        code, out, err, _ = command([name, path, *options])
        assert (code in (0, 1), err) == (True, ""), (name, options)
        if "json" in options:
            assert json.loads(out)["factors"]


@pytest.mark.parametrize("kind", DEEPEST)
def test_stepped_compiled_and_exported_it_is_the_same_training(kind: str, tmp_path: Path) -> None:
    lesson = tb.load_lesson(nested_lesson(tmp_path, DEEPEST[kind]))
    stepped, compiled = tb.Trainer(lesson, iterations=3), tb.Trainer(lesson, iterations=3)
    for _ in range(3):
        stepped.next()
    compiled.run(3)
    losses = [*stepped.losses.tolist(), stepped.loss]
    assert [*compiled.losses.tolist(), compiled.loss] == losses
    code, script, err, _ = command(["export", str(lesson.path), "--to", "script", "--set", "iterations=3"])
    assert (code, err) == (0, "")
    assert printed(script)[0] == losses
    stepped.back()
    stepped.step()
    assert here(again(saved(stepped))) == here(stepped)


@pytest.mark.parametrize("kind", ["signs", "products in parentheses", "sum of products", "transposes"])
async def test_the_app_shows_it(kind: str, tmp_path: Path) -> None:
    async with launched(nested_lesson(tmp_path, DEEPEST[kind]), size=(120, 36)) as session:
        for key in ("4", "1", "s", "n", "x", "escape", "v", "escape", "e", "escape", "g", "escape", "b"):
            await session.press(key)
            assert session.app.is_running
        assert session.app._exception is None
