"""Arrays of a file beside the lesson: as data, samples and parameters, and in a session as they were."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.support.sessions import again, same_on, saved
from tests.support.trainers import mine
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.library import load_lesson
from tui_backprop.lessons.limits import Sandbox

Refusal = Callable[..., str]

LESSON = """
formula = "L = mse(x @ W + b, y)"
[data]
b = { file = "a.npz", name = "b" }
[samples]
x = { file = "a.npz", name = "x" }
y = [1, 2]
[parameters]
W = { file = "a.npz", name = "0.weight" }
"""
ARRAYS = {"b": np.array(0.5), "x": np.eye(2, 3), "0.weight": np.arange(3.0), "bad": np.array([np.inf])}


def test_they_are_read_and_a_session_keeps_them(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **ARRAYS)
    trainer = mine(tmp_path, LESSON)
    lesson = trainer.lesson
    assert (lesson.data["b"], lesson.samples["x"].shape) == (0.5, (2, 3))
    assert lesson.parameters["W"].value.tolist() == [0, 1, 2]
    trainer.run(iterations=3)
    key = saved(trainer)
    np.savez(tmp_path / "a.npz", **{name: array * 0 for name, array in ARRAYS.items() if name != "bad"})
    other = again(key)
    same_on(trainer, other)
    (tmp_path / "a.npz").unlink()
    twice = again(saved(other))
    twice.rewind(to_iteration=0)
    assert twice.parameters["W"].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        ('{ file = "a.npz", name = "0.weights" }',
         "parameters.w.name: found '0.weights'; did you mean 0.weight?"),
        ('{ file = "../a.npz", name = "b" }', "parameters.w.file: ../a.npz is not beside the lesson"),
        ('{ file = "a.pt", name = "b" }',
         "parameters.w: a.pt: never a pickle, which can run code when it is read: save with safetensors or "
         "np.savez"),
        ('{ file = "b.npz", name = "b" }', "parameters.w: b.npz: no such file"),
        ('{ file = "a.npz", name = "bad" }', "parameters.w: 'bad' is not finite everywhere"),
        ('{ file = "a.npz" }', "parameters.w: the key name is missing"),
        ('{ file = "a.npz", name = "b", scale = 2 }',
         "parameters.w: unknown key 'scale'; there are file, name, trainable"),
    ],
)  # fmt: skip
def test_entries_that_are_refused(refusal: Refusal, tmp_path: Path, entry: str, rule: str) -> None:
    (tmp_path / "lessons").mkdir()
    np.savez(tmp_path / "lessons" / "a.npz", **ARRAYS)
    assert refusal(f'formula = "L = sum(w)"\n[parameters]\nw = {entry}\n') == rule


def test_a_restricted_login_reads_none(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **ARRAYS)
    (tmp_path / "own.toml").write_text(LESSON, encoding="utf-8")
    with pytest.raises(LessonError, match=r"own.toml: data.b: a restricted login reads no files of arrays$"):
        load_lesson("own", Sandbox.of_folder(tmp_path))
