"""A session keeps its back end by its full name, and has the same bits where nothing can be compiled."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

import tui_backprop as tb
from tests.support.sessions import again, same_on, saved
from tests.support.trainers import here, trainer
from tui_backprop.engine.core import backends
from tui_backprop.engine.core.backends import BACKENDS, named
from tui_backprop.lessons.limits import OPEN
from tui_backprop.sessions import format as session_file
from tui_backprop.sessions import store as sessions
from tui_backprop.sessions.autosave import resume
from tui_backprop.sessions.sharing import go_there, opened, shared

OLD = Path(__file__).parent / "format_1"


@pytest.fixture(autouse=True)
def without_a_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "can_compile", lambda: False)
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)


def changed_twice() -> tb.Trainer:
    t = trainer("two-layer", backend=named("native"))
    t.run(30)
    t.set(backend="numpy")
    t.run(10)
    t.set(backend=named("numpy-table"))
    t.step()
    return t


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_session_goes_on_bit_for_bit(backend: str) -> None:
    t = trainer("two-layer", backend=named(backend))
    t.run(40)
    t.step()
    other = again(saved(t))
    assert other.graph.backend.name == backend
    same_on(t, other)


def test_changes_of_the_back_end_come_back() -> None:
    t = changed_twice()
    other = again(saved(t))
    same_on(t, other)
    for one in (t, other):
        one.rewind(35)
        assert one.graph.backend.name == "numpy"
        one.rewind(5)
        assert one.graph.backend.name == "native"
        one.run(60)
        assert one.graph.backend.name == "numpy-table"
    assert here(t) == here(other)


def test_a_string_leads_to_the_same_bits() -> None:
    t = changed_twice()
    other, setup = opened(shared(t).string, OPEN)
    assert go_there(other, setup) == ""
    assert here(other) == here(t)
    plain = trainer("two-layer", backend="numpy")
    assert "backend" not in str(opened(shared(plain).string, OPEN)[1].settings)
    assert opened(shared(plain).string, OPEN)[0].graph.backend.name == "numpy"


def test_an_older_session_is_numpys() -> None:
    folder = sessions.sessions_folder()
    folder.mkdir(parents=True, mode=0o700)
    for file in OLD.glob("within.*"):
        shutil.copy(file, folder)
    assert again("within").hyperparameters.backend == "numpy"


@pytest.mark.parametrize("name", ["jax", "\x1b[2J"])
def test_a_back_end_that_there_is_not_is_refused_in_a_line(name: str) -> None:
    t = trainer("linear")
    t.run(3)
    key = saved(t)
    path = sessions.sessions_folder() / f"{key}.session"
    state = session_file.read_state(path, session_file.StatePart)
    settings = [msgspec.structs.replace(one, hyperparameters={**one.hyperparameters, "backend": name})
                for one in state.settings]  # fmt: skip
    data = session_file.encode(
        session_file.read_summary(path), msgspec.structs.replace(state, settings=settings)
    )
    session_file.write_state(path, data)
    with pytest.raises(tb.BackpropError) as refused:
        resume(key)
    assert "back end: found '" in str(refused.value)
    assert "it must be numpy, numpy-table or native" in str(refused.value)
    assert str(refused.value).isprintable()


def test_nothing_is_compiled_where_there_is_no_compiler() -> None:
    t = trainer("linear", backend=named("native"))
    t.run(20_000)  # long enough for machine code to be wanted
    t._training.runs.wait()
    other = again(saved(t))
    other.rewind(0)
    other.run(20_000)
    np.testing.assert_array_equal(other.losses, t.losses)


def test_what_is_opened_in_its_place_computes_here() -> None:
    t = trainer("two-layer", backend=named("native"))
    assert backends.again(t.hyperparameters.backend) is None
    assert np.isfinite(t.loss)
