"""Whatever was done to whatever lesson: resumed it is the same training, and stays so, to the last bit."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import tui_backprop as tb
from tests.support.random_graphs import PARAMETERS, formulas
from tests.support.trainers import here
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.optimizers import OPTIMIZERS
from tui_backprop.sessions import store as sessions
from tui_backprop.sessions.autosave import SessionAutosave, resume

ROWS = (
    "h = tanh(X @ W + b)\nz = h @ V\nL = mse(z, Y)",
    "h = relu(X @ W)\nL = mean((h * s - Y)**2) + 0.01 * sum(c * c)",
    "p = softmax(X @ W @ V.T)\nL = -mean(log(p + 0.01) * Y)",
)
"""Formulas that fit any number of rows."""
X = "[[1.0, 2.0], [-0.5, 0.25], [0.1, 0.7], [2.0, -1.5], [0.3, 0.3]]"
Y = "[[0.1, 0.9], [0.5, 0.5], [1.0, 0.0], [0.2, 0.8], [0.4, 0.6]]"

Action = tuple[str, Any]


def lesson_of(formula: str, rows: bool) -> tb.Lesson:
    samples = [f"X = {X}", f"Y = {Y}"] if rows else ["X = [[1.0, 2.0], [-0.5, 0.25]]"]
    lines = [f"formula = '''\n{formula}\n'''", "[samples]", *samples, "[parameters]"]
    lines += [f"{name} = {value}" for name, value in PARAMETERS.items() if name != "W"]
    lines.append('W = { init = "normal", shape = [2, 2] }')  # drawn, so that the seed counts
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        return tb.load_lesson(path)


numbers = st.floats(-2, 2, width=16)
optimizers = st.sampled_from(list(OPTIMIZERS))
hyperparameters = st.one_of(
    st.tuples(st.just("learning_rate"), st.sampled_from([0.001, 0.03, 0.2])),
    st.tuples(st.just("optimizer"), st.sampled_from(list(OPTIMIZERS))),
    st.tuples(st.just("weight_decay"), st.sampled_from([0.0, 0.01])),
    st.tuples(st.just("batch_size"), st.sampled_from([1, 2, 3, 5])),
    st.tuples(st.just("shuffle"), st.booleans()),
    st.tuples(st.just("seed"), st.integers(0, 3)),
)
elements = st.tuples(st.integers(0, 1), st.integers(0, 1))
actions = st.one_of(
    st.tuples(st.just("step"), st.integers(1, 9)),
    st.tuples(st.just("run"), st.integers(1, 80)),
    st.tuples(st.just("back"), st.integers(1, 9)),
    st.tuples(st.sampled_from(["finish", "next", "previous", "undo", "redo", "reset"]), st.none()),
    st.tuples(st.just("rewind"), st.floats(0, 1)),
    st.tuples(st.just("set"), hyperparameters),
    st.tuples(st.just("put"), st.tuples(st.sampled_from(["W", "V", "X", "h", "n0", "Y"]), numbers, elements)),
    st.tuples(st.just("put whole"), st.tuples(st.sampled_from(["s", "b", "W", "z", "n1"]), numbers)),
    st.tuples(st.just("release"), st.sampled_from(["W", "X", "h", "n0", "s", "b"])),
    st.tuples(st.just("break"), st.sampled_from(["loss < 0.3", "iteration 40", "nan"])),
)


def do(t: tb.Trainer, action: Action) -> str:
    """Do something; return how it was refused, or nothing."""
    name, what = action
    try:
        if name in ("step", "back"):
            for _ in range(what):
                getattr(t, name)()
        elif name == "finish":  # the last record of this iteration stays in view
            for _ in range(t.record_count - t.position):
                t.step()
        elif name == "rewind":
            t.rewind(int(what * t.iteration))
        elif name == "set":
            t.set(**{what[0]: what[1]})
        elif name == "put" or name == "put whole":
            t.put(*what)
        elif name == "break":
            t.breakpoints.add(what)
        elif name == "release":
            t.release(what)
        elif name == "run":
            return str(t.run(what))
        else:
            getattr(t, name)()
    except BackpropError as error:
        return str(error)
    return ""


def alike(one: tb.Trainer, other: tb.Trainer) -> bool:
    """Compare two trainings; pytest would take minutes to write down how they differ."""
    return here(one) == here(other)


@given(
    formula=st.one_of(st.tuples(formulas(), st.just(False)), st.tuples(st.sampled_from(ROWS), st.just(True))),
    before=st.lists(actions, max_size=8),
    after=st.lists(actions, max_size=6),
    optimizer=optimizers,
)
@settings(max_examples=200, deadline=None)
def test_resumed_it_is_the_same_training(
    formula: tuple[str, bool], before: list[Action], after: list[Action], optimizer: str
) -> None:
    t = tb.Trainer(lesson_of(*formula), optimizer=optimizer, learning_rate=0.01)
    keeper = SessionAutosave(t)
    for action in before:
        do(t, action)
        keeper.changed(t)
    keeper.close()
    found = [info for info in sessions.list_sessions() if not info.problem]
    if not found:
        return  # nothing was changed
    resumed = resume(found[0].id)
    u, keeper = resumed.trainer, resumed.autosave  # type: ignore[assignment]
    assert alike(u, t)
    assert (u.undoable, u.redoable) == (t.undoable, t.redoable)
    assert str(u.record) == str(t.record)
    assert [(p.text, p.enabled) for p in u.breakpoints] == [(p.text, p.enabled) for p in t.breakpoints]
    for action in after:
        assert do(u, action) == do(t, action), action
        assert alike(u, t), action
        keeper.changed(u)
    keeper.close()
    resumed = resume(found[0].id)
    resumed.autosave.close()
    assert alike(resumed.trainer, t)
    sessions.delete_session(found[0].id)
