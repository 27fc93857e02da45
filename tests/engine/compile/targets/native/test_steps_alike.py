"""Steps that are alike are compiled once: more of them make more calls, but no more loops."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import tui_backprop as tb
from tui_backprop.engine.compile.iteration import Task, iteration
from tui_backprop.engine.compile.targets.native.writing.program import native_text

LESSON = """
formula = '''
h = zeros((2, 3))
for s in range({steps}):
    h = tanh(X[:, s] @ W + h @ V + b)
L = mse(h, y)
'''
[random]
seed = 1
[samples]
X = {X}
y = [[1.0, 0.0, 2.0], [0.0, 1.0, 2.0]]
[parameters]
W = {{ init = "xavier", shape = [2, 3] }}
V = {{ init = "xavier", shape = [3, 3] }}
b = {{ init = "zeros", shape = [3] }}
"""


def loops(steps: int, folder: Path) -> tuple[int, int]:
    """Return how many loops the text of a recurrent net has, and how many calls of what stands alone."""
    path = folder / f"{steps}.toml"
    data = np.arange(4.0 * steps).reshape(2, steps, 2) / 10
    path.write_text(LESSON.format(steps=steps, X=data.tolist()), encoding="utf-8")
    trainer = tb.Trainer(tb.load_lesson(path))
    task = Task(trainer.graph, "sgd", trainer.hyperparameters.coefficients, batched=False)
    text = native_text(iteration(task, trainer.leaves), "i64").text
    return text.count("\nloop"), text.count("call void @part")


def test_more_steps_make_no_more_loops(tmp_path: Path) -> None:
    few, many = loops(30, tmp_path), loops(60, tmp_path)
    assert many[1] > 1.8 * few[1] > 0
    assert many[0] <= few[0] + 2
