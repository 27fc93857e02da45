"""Small calls that are alike become one, and what is pasted side by side is laid there at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import tui_backprop as tb
from tui_backprop.engine.compile.form import Form, operands
from tui_backprop.engine.compile.iteration import Task, iteration
from tui_backprop.engine.compile.packing import packed

LSTM = """
formula = '''
h = zeros((8, 16))
c = zeros((8, 16))
for s in range(4):
    a = X[:, s] @ Wx + h @ Wh + b
    i = sigmoid(a[:, :16])
    f = sigmoid(a[:, 16:32])
    g = tanh(a[:, 32:48])
    o = sigmoid(a[:, 48:])
    c = f * c + i * g
    h = o * tanh(c)
L = mean(h**2)
'''
[data]
X = {X}
[parameters]
Wx = {{ init = "xavier", shape = [5, 64] }}
Wh = {{ init = "xavier", shape = [16, 64] }}
b = {{ init = "zeros", shape = [64] }}
"""


def forms(folder: Path, text: str) -> tuple[Form, Form]:
    """Return a lesson's form before and after."""
    path = folder / "lesson.toml"
    path.write_text(text, encoding="utf-8")
    trainer = tb.Trainer(tb.load_lesson(path))
    leaves = {name: np.asarray(value) for name, value in trainer.leaves.items()}
    coefficients = trainer.hyperparameters.coefficients
    task = Task(trainer.graph, trainer.hyperparameters.optimizer, coefficients, batched=False)
    after = packed(iteration(task, leaves))
    assert after is not None
    return iteration(task, leaves), after


def counts(form: Form, *calls: str) -> list[int]:
    made = [value.call for value in form.needed()]
    return [made.count(call) for call in calls]


def lstm() -> str:
    return LSTM.format(X=np.random.default_rng(0).normal(size=(8, 4, 5)).tolist())


def test_gates_go_through_a_sigmoid_together(tmp_path: Path) -> None:
    before, after = forms(tmp_path, lstm())
    calls = "exp", "where", "tanh", "pasted", "concatenate"
    assert counts(before, *calls) == [12, 12, 8, 16, 0]
    assert counts(after, *calls) == [4, 4, 8, 0, 4]
    assert counts(after, "copy") == [12]  # three slices become rows in each turn


def test_values_stand_behind_what_they_need_and_in_their_sections(tmp_path: Path) -> None:
    before, after = forms(tmp_path, lstm())
    for place, value in enumerate(after.calls):
        assert value.place == place
        assert all(operand.place < place for operand in operands(value))
    assert after.forward < after.backward < len(after.calls)
    assert after.loss.place < after.forward
    assert {leaf.args[0] for leaf, _ in after.results} == {leaf.args[0] for leaf, _ in before.results}


def test_one_call_more_than_copies_is_no_gain(tmp_path: Path) -> None:
    """Two slices that go through one function would have to be copied to rows: two calls for one."""
    formula = "L = sum(exp(W[:, :9]) @ X + exp(W[:, 9:]) @ X)"
    text = (
        f"formula = '{formula}'\n[data]\nX = {np.ones((9, 3)).tolist()}\n"
        '[parameters]\nW = { init = "normal", shape = [9, 18] }'
    )
    _, after = forms(tmp_path, text)
    assert counts(after, "exp", "rows") == [2, 0]


def test_pasted_arrays_that_leave_zeros_are_added_as_they_are(tmp_path: Path) -> None:
    formula = "L = sum(W[:, :6] * X) + sum(W[:, 8:] * X[:, :4])"
    text = (
        f"formula = '{formula}'\n[data]\nX = {np.ones((12, 6)).tolist()}\n"
        '[parameters]\nW = { init = "normal", shape = [12, 12] }'
    )
    _, after = forms(tmp_path, text)
    assert counts(after, "pasted", "concatenate") == [2, 0]
