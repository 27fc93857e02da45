"""Outputs and the confusion matrix, counted by hand beside the product."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.trainers import mine, trainer
from tui_backprop.pictures.figure import Listing, Table
from tui_backprop.pictures.picture import Grain, Wanted
from tui_backprop.pictures.predictions.confusion import Confusion
from tui_backprop.pictures.predictions.outputs import Outputs

FLOWERS = [(1.0, 2.0, "rose"), (2.0, 0.5, "iris"), (0.5, 0.5, "lily"), (3.0, 1.0, "iris"), (1.0, 3.0, "rose")]
CSV = """
formula = "z = X @ W\\nL = cross_entropy(z, y)"
[samples]
csv = "flowers.csv"
X = ["a", "b"]
y = "kind"
[parameters]
W = [[1.0, 0.5, -0.5], [-0.5, 0.25, 1.0]]
"""


def wanted(*of: str) -> Wanted:
    return Wanted(of, Grain(40, 24))


def softmax(z: np.ndarray) -> np.ndarray:
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def iris() -> tuple[tb.Trainer, np.ndarray, np.ndarray]:
    """Return a training of iris with its logits and classes by NumPy."""
    t = trainer("iris")
    t.run(iterations=25)
    X, y = t.lesson.samples["X"], t.lesson.samples["y"].astype(int)
    p = {name: np.asarray(value) for name, value in t.parameters.items()}
    z = np.tanh((X - X.mean(axis=0)) / X.std(axis=0) @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
    return t, z, y


def test_confusion_of_iris_counted_by_hand() -> None:
    t, z, y = iris()
    found = Confusion.of(t, wanted())
    counts = Counter(zip(y.tolist(), z.argmax(axis=1).tolist(), strict=True))
    expected = [[counts[row, column] for column in range(3)] for row in range(3)]
    assert found.numbers() == {"labels": ["0", "1", "2"], "matrix": expected}
    assert found.accuracy == (z.argmax(axis=1) == y).mean() < 1
    assert found.words()[0].startswith(f"right: {(z.argmax(axis=1) == y).sum()} of 120 samples")
    (table,) = found.figure().parts
    assert isinstance(table, Table)
    assert table.cells.texts[1][1] == str(expected[1][1])


def test_those_held_back_agree_with_the_lesson_s_metric(tmp_path: Path) -> None:
    t = mine(
        tmp_path,
        'formula = "L = bce_with_logits(X @ w, y)"\n[samples]\ndataset = "circles"\nsize = 40\nnoise = 0.3\n'
        '[validation]\nshare = 0.3\nmetrics = ["accuracy"]\n[parameters]\nw = [0.4, -1.5]\n',
    )
    assert Confusion.of(t, wanted("validation")).accuracy == t.evaluate()["accuracy"]
    t, _, _ = iris()  # which takes means over all samples: over those held back, as in evaluation
    assert Confusion.of(t, wanted("validation")).accuracy == t.evaluate()["accuracy"]
    losses = [row.loss for row in Outputs.of(t, wanted("validation")).rows]
    assert np.mean(losses) == pytest.approx(t.evaluate().loss, rel=1e-12)


def test_refusals() -> None:
    with pytest.raises(tb.BackpropError, match="confusion needs classes; ŷ of batch-norm has values"):
        Confusion.of(trainer("batch-norm"), wanted())
    with pytest.raises(tb.BackpropError, match=r"confusion: logistic has no \[validation\]"):
        Confusion.of(trainer("logistic"), wanted("validation"))
    with pytest.raises(tb.BackpropError, match="or of validation; found x"):
        Outputs.of(trainer("iris"), wanted("x"))


@pytest.mark.parametrize(
    ("loss", "threshold"),
    [
        ("L = bce_with_logits(z, y)", 0.0),
        ("p = sigmoid(z)\nL = -mean(y * log(p) + (1 - y) * log(1 - p))", 0.0),
        ("L = hinge(z, 2 * y - 1)", 0.0),
        ("L = mse(z, y)", 0.5),
    ],
    ids=["logits", "by hand", "hinge", "mse"],
)
def test_two_classes(tmp_path: Path, loss: str, threshold: float) -> None:
    t = mine(
        tmp_path,
        f'formula = """\nz = X @ w + b\n{loss}\n"""\n[samples]\ndataset = "moons"\nsize = 40\nnoise = 0.2\n'
        "[validation]\nshare = 0.3\n[parameters]\nw = [0.4, -1.5]\nb = 0.4\n"
        "[hyperparameters]\nbatch_size = 7\n",
    )
    held = t.lesson.validation
    assert held is not None
    for of, samples in (((), t.lesson.samples), (("validation",), held.samples)):
        chosen = samples["X"] @ [0.4, -1.5] + 0.4 > threshold
        counts = Counter(zip(samples["y"].astype(int).tolist(), chosen.astype(int).tolist(), strict=True))
        found = Confusion.of(t, wanted(*of))
        assert found.matrix.tolist() == [[counts[i, j] for j in (0, 1)] for i in (0, 1)]
        assert found.matrix.sum() == (28 if not of else 12)


def test_classes_of_a_csv_file_have_their_names(tmp_path: Path) -> None:
    (tmp_path / "flowers.csv").write_text(
        "a,b,kind\n" + "".join(f"{a},{b},{kind}\n" for a, b, kind in FLOWERS), encoding="utf-8"
    )
    t = mine(tmp_path, CSV)
    labels = list(t.lesson.reading.classes["y"])
    W = np.array([[1.0, 0.5, -0.5], [-0.5, 0.25, 1.0]])
    z = np.array([[a, b] for a, b, _ in FLOWERS]) @ W
    chosen = [labels[k] for k in z.argmax(axis=1)]
    counts = Counter((kind, taken) for (_, _, kind), taken in zip(FLOWERS, chosen, strict=True))
    found = Confusion.of(t, wanted()).numbers()
    assert found["labels"] == labels
    assert found["matrix"] == [[counts[a, b] for b in labels] for a in labels]
    rows = Outputs.of(t, wanted()).numbers()["rows"]
    assert {row["index"]: (row["target"], row["prediction"]) for row in rows} == {
        k: (FLOWERS[k][2], chosen[k]) for k in range(5)
    }


def test_each_sample_s_loss_is_its_own_and_the_worst_comes_first() -> None:
    t, z, y = iris()
    found = Outputs.of(t, wanted())
    losses = -np.log(softmax(z)[np.arange(120), y])
    rows = found.numbers()["rows"]
    assert [row["index"] for row in rows] == np.argsort(-losses, kind="stable").tolist()
    np.testing.assert_allclose([row["loss"] for row in rows], np.sort(losses)[::-1], rtol=1e-9)
    assert all(row["right"] == (z[row["index"]].argmax() == y[row["index"]]) for row in rows)
    assert np.mean(losses) == pytest.approx(t.loss, rel=1e-12)
    (listing,) = found.figure().parts
    assert isinstance(listing, Listing)
    assert listing.lengths is not None
    assert listing.lengths[0] == 1.0
    assert listing.marked[0]


def test_a_sum_s_parts_and_the_worst_of_many() -> None:
    t = trainer("polynomial")
    found = Outputs.of(t, wanted())
    x, y = t.lesson.samples["x"], t.lesson.samples["y"]
    a, b, c, d = (float(t.parameters[name]) for name in "abcd")
    losses = (a + b * x + c * x**2 + d * x**3 - y) ** 2
    assert (found.count, len(found.rows)) == (2000, 256)
    np.testing.assert_allclose([row.loss for row in found.rows], np.sort(losses)[::-1][:256], rtol=1e-9)
    assert found.rows[0].right is None


def test_dropout_costs_as_in_evaluation_and_a_row_alone_is_enough() -> None:
    t = trainer("dropout")
    t.run(iterations=5)
    found = Outputs.of(t, wanted("validation"))
    assert np.mean([row.loss for row in found.rows]) == pytest.approx(t.evaluate().loss, rel=1e-12)


def test_a_formula_that_takes_no_single_sample_has_errors(tmp_path: Path) -> None:
    t = mine(
        tmp_path,
        'formula = "y_hat = w * x + c\\nL = mse(y_hat, y)"\n[samples]\nx = [1.0, 2.0]\ny = [3.0, 1.0]\n'
        "[data]\nc = [0.5, 0.25]\n[parameters]\nw = 1.0\n",
    )
    found = Outputs.of(t, wanted())
    assert found.measure == "error"
    assert [(row.index, row.loss) for row in found.rows] == [(0, 1.5), (1, 1.25)]


def test_what_is_not_finite_is_in_no_cell_and_right_nowhere(tmp_path: Path) -> None:
    t = mine(
        tmp_path,
        'formula = "z = w * x\\nL = bce_with_logits(z, y)"\n[samples]\nx = [1.0, 10.0]\ny = [1.0, 1.0]\n'
        "[parameters]\nw = 1e308\n",
    )
    found = Confusion.of(t, wanted())
    assert (found.unknown, found.matrix.tolist(), found.accuracy) == (1, [[0, 0], [0, 1]], 0.5)
    assert "1 prediction is no finite number" in found.words()
    worst = Outputs.of(t, wanted()).rows[0]
    assert (worst.index, worst.right) == (1, False)


def test_what_share_the_worst_have_of_all(tmp_path: Path) -> None:
    t = mine(
        tmp_path,
        """
formula = '''
y_hat = w * x
L = mse(y_hat, y)
'''
[samples]
x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
y = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
[parameters]
w = 1.0
""",
    )
    words = Outputs.of(t, Wanted()).words()
    worst, every = sum(k**2 for k in range(3, 8)), sum(k**2 for k in range(1, 8))
    assert f"these 5 have {100 * worst / every:.3g} % of the sum of all 7" in words
    assert words[-1] == "the least: sample 0, loss 1"
