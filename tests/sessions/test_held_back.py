"""A session of a lesson that holds samples back: the same samples, and the same early stop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from tests.support.held_back import STOPPING
from tests.support.sessions import again, same_on, saved
from tests.support.trainers import mine
from tui_backprop.lessons.limits import OPEN
from tui_backprop.sessions.format import LossesPart, SessionFileError
from tui_backprop.sessions.model import pack, pack_samples, restore, take

FILES = """
formula = '''
p = w * x
L = mse(p, y)
'''
[samples]
csv = "a.csv"
x = "a"
y = "b"
[validation]
HOW
[parameters]
w = 0.5
"""


@pytest.mark.parametrize("at", [0, 20, 60, 85])
def test_it_stops_where_it_would_have(tmp_path: Path, at: int) -> None:
    t = mine(tmp_path, STOPPING)
    t.run(iterations=at)
    other = again(saved(t))
    assert other.evaluate() == t.evaluate()
    assert other.snapshot().lowest == t.snapshot().lowest
    assert other.run() == t.run()
    other.rewind(10)
    t.rewind(10)
    assert other.run() == t.run()


def test_it_is_the_same_training(tmp_path: Path) -> None:
    t = mine(tmp_path, STOPPING)
    t.run(iterations=20)
    same_on(t, again(saved(t)))


@pytest.mark.parametrize("how", ["share = 0.4", 'csv = "b.csv"'])
def test_samples_of_files_are_those_it_had(tmp_path: Path, how: str) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n2,4\n3,7\n4,8\n5,9\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("a,b\n6,13\n7,13\n", encoding="utf-8")
    t = mine(tmp_path, FILES.replace("HOW", how))
    key = saved(t)
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("a,b\n1,1\n2,2\n3,3\n", encoding="utf-8")
    other = again(key)
    assert other.loss == t.loss
    assert other.evaluate() == t.evaluate()
    held, kept = t.lesson.validation, other.lesson.validation
    assert held is not None
    assert kept is not None
    np.testing.assert_array_equal(held.samples["x"], kept.samples["x"])


@pytest.mark.parametrize("kept", [(), ("x",)])
def test_samples_that_are_missing_are_told_of_in_a_line(tmp_path: Path, kept: tuple[str, ...]) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n2,4\n3,7\n", encoding="utf-8")
    t = mine(tmp_path, FILES.replace("HOW", "share = 0.4"))
    state, samples = pack(take(t), LossesPart(0, 0, 0)), pack_samples(t.lesson)
    damaged = structs.replace(samples, validation={name: samples.validation[name] for name in kept})
    with pytest.raises(SessionFileError, match=r"^validation: its samples are missing, or have other names"):
        restore(state, t.losses.kept, damaged, OPEN)


def test_parameters_come_back_in_the_lesson_s_type_and_read_only(tmp_path: Path) -> None:
    t = mine(tmp_path, STOPPING, dtype="float32")
    t.run(iterations=50)
    for state in again(saved(t)).snapshot().states:
        assert {value.dtype for value in state.parameters.values()} == {np.dtype(np.float32)}
        assert not state.parameters["w"].flags.writeable
