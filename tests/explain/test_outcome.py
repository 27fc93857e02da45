"""Predictions beside targets: told from the loss's operands, counted where classes are predicted."""

from __future__ import annotations

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.trainers import trainer
from tui_backprop.explain.outcome import outcome

COMPARED = {
    "first": ("y", "t", None),
    "linear": ("y", "t", None),
    "neuron": ("r", "y", (1, 1)),
    "relu-net": ("r2", "y", None),
    "theta": ("z1", "y", None),
    "nodes": ("total", "t", None),
    "polynomial": ("ŷ", "y", None),
    "logistic": ("ŷ", "y", (2, 3)),
    "logistic-ce": ("ŷ", "y", (2, 3)),
    "two-layer": ("ŷ", "y", (4, 4)),
}
"""Prediction, target and accuracy after 1,000 updates; XOR is learned, three points of one line are not."""


@pytest.mark.parametrize("name", COMPARED)
def test_of_built_in_lessons(name):
    t = trainer(name)
    t.run(iterations=1000 if name != "theta" else 5)
    found = outcome(t.graph, t.forward_tape)
    assert found is not None
    prediction, target, right = COMPARED[name]
    assert (found.prediction, found.target) == (prediction, target)
    assert (found.right, found.count) == (right or (None, 0))
    assert found.lines[0].startswith(f"{prediction} = ")
    assert found.lines[1].startswith(f"target {target} = ")


@pytest.mark.parametrize("name", ["square", "chain", "guess"])
def test_where_nothing_given_is_compared_nothing_is_said(name):
    t = trainer(name)
    assert outcome(t.graph, t.forward_tape) is None


CLASSES = """
formula = '''
z = X @ W
L = cross_entropy(z, T) + 0.1 * sum(W * W)
'''
[data]
X = [[1.0, 2.0], [3.0, -1.0], [0.5, 0.5]]
T = [[0.0, 1.0], [1.0, 0.0], [1.0, 0.0]]
[parameters]
W = [[1.0, 0.0], [0.0, 1.0]]
"""
FORMULAS = {
    "L = bce_with_logits(z, t)": "accuracy 2/3",
    "L = bce(sigmoid(z), t)": "accuracy 2/3",
    "L = mean(abs(t - sigmoid(z)))": "accuracy 2/3",
    "L = mean((z - t)**2)": "",
}


def test_rows_are_classified_by_their_largest(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(CLASSES, encoding="utf-8")
    t = tb.Trainer(tb.load_lesson(path))
    found = outcome(t.graph, t.forward_tape)
    assert found is not None
    assert (found.prediction, found.right, found.count) == ("z", 3, 3)  # of equal ones the first is taken
    np.testing.assert_array_equal(found.predicted, [[1.0, 2.0], [3.0, -1.0], [0.5, 0.5]])


@pytest.mark.parametrize("formula", FORMULAS)
def test_two_classes(tmp_path, formula):
    path = tmp_path / "own.toml"
    text = f"formula = '''\nz = w * x\n{formula}\n'''\n[data]\nx = [1.0, -2.0, 3.0]\nt = [1.0, 0.0, 0.0]\n"
    path.write_text(text + "[parameters]\nw = 0.5\n", encoding="utf-8")
    t = tb.Trainer(tb.load_lesson(path))
    found = outcome(t.graph, t.forward_tape)
    assert found is not None
    assert "".join(found.lines[2:]) == FORMULAS[formula]


def test_classes_of_a_table_stand_by_their_names(tmp_path):
    (tmp_path / "pets.csv").write_text("size,pet\n1,cat\n-2,dog\n3,dog\n", encoding="utf-8")
    path = tmp_path / "own.toml"
    text = (
        "formula = 'L = cross_entropy(outer(x, w), y)'\n[samples]\ncsv = 'pets.csv'\nx = 'size'\ny = 'pet'\n"
    )
    path.write_text(text + "[parameters]\nw = [0.5, -0.5]\n", encoding="utf-8")
    t = tb.Trainer(tb.load_lesson(path))
    found = outcome(t.graph, t.forward_tape, t.lesson.reading.classes)
    assert found is not None  # rows (0.5, −0.5), (−1, 1) and (1.5, −1.5): cat, dog, cat
    assert found.lines[2:] == ("accuracy 2/3", "predicted cat, dog, cat for dog")
    path.write_text((text + "[parameters]\nw = [0.1, 0.2, 0.5]\n"), encoding="utf-8")
    t = tb.Trainer(tb.load_lesson(path))
    found = outcome(t.graph, t.forward_tape, t.lesson.reading.classes)
    assert found is not None  # a third column, which is no class of the table
    assert found.lines[3:] == ("predicted 2 for cat, cat for dog, 2 for dog",)
