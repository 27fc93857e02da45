"""Sessions that commit 3027bc2 wrote, in format 1, go on as the same training made afresh.

The last bits of exp and its like depend on the processor, and the files were written on another.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.trainers import here, mine, trainer
from tui_backprop.explain.nonfinite import message
from tui_backprop.sessions import format as session_file
from tui_backprop.sessions import store as sessions
from tui_backprop.sessions.autosave import resume
from tui_backprop.training.workbook import KeptMark, Score, Workbook

WRITTEN = Path(__file__).parent / "format_1"
POINTS = """formula = "y = X * w + b\\nL = mean((y - t)**2)"
[samples]
csv = "points.csv"
X = "x"
t = "t"
[parameters]
w = { init = "normal", shape = [] }
b = 0.5
[hyperparameters]
learning_rate = 0.02
"""
TABLE = "x,t\n1,2\n2,4\n3,7\n-1,-2.5\n0.5,1\n"


def within(folder: Path) -> tb.Trainer:
    """Stand within an iteration of plain gradient descent."""
    t = trainer("linear")
    t.run(40)
    for _ in range(3):
        t.step()
    return t


def optimizers(folder: Path) -> tb.Trainer:
    """Go through several optimizers, and step over the end of an iteration."""
    t = trainer("logistic", optimizer="adam", weight_decay=0.01)
    t.run(70)
    t.set(optimizer="momentum", momentum=0.5)
    t.run(12)
    t.set(learning_rate=0.05)
    for _ in range(t.record_count):
        t.step()
    return t


def changes(folder: Path) -> tb.Trainer:
    """Make every kind of change, and undo some."""
    t = trainer("logistic")
    t.run(12)
    t.put("beta", 0.25, (0,))
    t.run(3)
    t.put("y_hat", 0.5, (1,))
    t.override("y_hat", [0.8, 0.3, 0.4])
    t.run(5)
    t.release("y_hat")
    t.edit("beta", [0.1, -2.0])
    t.set(seed=7)
    t.run(4)
    t.edit("beta", 1.5)
    t.reset()
    t.run(2)
    t.set(learning_rate=0.2, optimizer="adamw")
    t.run(2)
    t.step()
    t.put("beta", -1e-7, (1,))
    t.undo()
    t.undo()
    return t


def rows(folder: Path) -> tb.Trainer:
    """Train on a CSV file's rows in batches, with a sample put in."""
    (folder / "points.csv").write_text(TABLE)
    t = mine(folder, POINTS, batch_size=2, optimizer="rmsprop")
    t.run(13)
    t.put("X", 2.5, (1,))
    t.run(100)
    t.rewind(50)
    t.set(shuffle=False)
    t.run(8)
    t.seek(2)
    return t


def practised(folder: Path) -> tb.Trainer:
    """Diverge, with breakpoints and a workbook."""
    t = trainer("linear", learning_rate=1e6)
    t.breakpoints.add("loss < 0.01")
    t.breakpoints.add("nan")
    t.breakpoints.toggle(1)
    t.workbook = Workbook(True, Score(asked=3, first=2, revealed=1), (KeptMark("b", "y - t", True, "right"),))
    t.run(100)
    assert t.divergence is not None
    return t


TRAININGS = {make.__name__: make for make in (within, optimizers, changes, rows, practised)}


def opened(name: str) -> tb.Trainer:
    folder = sessions.sessions_folder()
    folder.mkdir(parents=True)
    for path in WRITTEN.glob(f"{name}.*"):
        shutil.copy(path, folder / path.name.replace(name, "abcd", 1))
    resumed = resume("abcd")
    resumed.autosave.close()
    return resumed.trainer


def assert_alike(found: Any, expected: Any) -> None:
    """Compare what :func:`here` returns: numbers to nine digits, everything else exactly."""
    if isinstance(expected, bytes):
        numbers = (np.frombuffer(part, dtype=np.float64) for part in (found, expected))
        np.testing.assert_allclose(*numbers, rtol=1e-9, atol=1e-12)
    elif isinstance(expected, dict):
        assert list(found) == list(expected)
        assert_alike(list(found.values()), list(expected.values()))
    elif isinstance(expected, tuple | list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_alike(one, other)
    else:
        assert found == expected


def diverged(t: tb.Trainer) -> tuple[str, str] | None:
    return None if t.divergence is None else (message(t.divergence), str(t.divergence.record))


@pytest.mark.parametrize("name", TRAININGS)
def test_it_is_the_same_training_and_goes_on_so(name: str, tmp_path: Path) -> None:
    t, fresh = opened(name), TRAININGS[name](tmp_path)
    assert_alike(here(t), here(fresh))
    assert str(t.record) == str(fresh.record)
    assert diverged(t) == diverged(fresh)
    assert [(p.text, p.enabled) for p in t.breakpoints] == [(p.text, p.enabled) for p in fresh.breakpoints]
    assert t.workbook == fresh.workbook
    for _ in range(60):
        t.back()
        fresh.back()
        assert (t.iteration, t.position) == (fresh.iteration, fresh.position)
    assert_alike(here(t), here(fresh))
    for go in (lambda t: t.run(75), lambda t: t.step(), lambda t: t.rewind(1), lambda t: t.goto(60)):
        go(t)
        go(fresh)
        assert_alike(here(t), here(fresh))


@pytest.mark.parametrize("name", TRAININGS)
def test_undoing_and_redoing_give_the_texts_that_were_saved(name: str, tmp_path: Path) -> None:
    t, fresh = opened(name), TRAININGS[name](tmp_path)
    for change, count in (("redo", 2), ("undo", 20), ("redo", 20)):
        for _ in range(count):
            assert (t.undoable, t.redoable) == (fresh.undoable, fresh.redoable)
            assert getattr(t, change)() == getattr(fresh, change)()
            assert_alike(here(t), here(fresh))
            t.run(3)
            fresh.run(3)


def test_what_is_written_now_has_no_sentences(tmp_path: Path) -> None:
    changed = TRAININGS["changes"](tmp_path)
    saved = changed.snapshot()
    assert saved.done
    assert saved.undone
    assert not any(isinstance(change.what, str) for change in (*saved.done, *saved.undone))
    state = session_file.read_state(WRITTEN / "changes.session", session_file.StatePart)
    assert all(isinstance(part.what, str) for part in (*state.done, *state.undone))
