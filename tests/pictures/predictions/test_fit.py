"""The fit against the formulas evaluated by NumPy beside the product."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.trainers import mine, trainer
from tui_backprop.pictures.figure import Curve, Plot, Points, Sticks
from tui_backprop.pictures.picture import Grain, Wanted
from tui_backprop.pictures.predictions.fit import Fit

SINE = """
formula = '''
h = tanh(X @ W + b)
y_hat = h @ v
L = mean((y_hat - y)**2)
'''
[samples]
dataset = "sine"
size = 30
noise = 0.1
[validation]
share = 0.2
[parameters]
W = { init = "normal", shape = [1, 4] }
b = { init = "normal", shape = [4] }
v = { init = "normal", shape = [4] }
[hyperparameters]
learning_rate = 0.05
batch_size = 5
"""


def fit(view: tb.Trainer, *of: str, columns: int = 80) -> Fit:
    return Fit.of(view, Wanted(of, Grain(columns, 24)))


def test_polynomial_is_the_cubic_of_its_parameters_on_all_samples() -> None:
    t = trainer("polynomial")
    t.run(iterations=200)
    numbers = fit(t).numbers()
    a, b, c, d = (float(t.parameters[name]) for name in "abcd")
    x = numbers["x"]
    assert len(x) == 160
    assert (x[0], x[-1]) == (pytest.approx(-np.pi * 1.16), pytest.approx(np.pi * 1.16))
    np.testing.assert_allclose(numbers["prediction"], a + b * x + c * x**2 + d * x**3, rtol=1e-12)
    points = numbers["points"]
    assert len(points) == 2000
    assert set(points[7]) == {"x", "y"}
    assert all(point["y"] == np.sin(point["x"]) for point in points)


def test_one_sample_has_a_point_and_a_stick() -> None:
    t = trainer("linear")
    numbers, figure = fit(t).numbers(), fit(t).figure()
    w, b = float(t.parameters["w"]), float(t.parameters["b"])
    np.testing.assert_allclose(numbers["prediction"], w * numbers["x"] + b, rtol=1e-14)
    assert numbers["points"] == [{"x": 2.0, "y": 1.0}]
    (plot,) = figure.parts
    assert isinstance(plot, Plot)
    sticks, curve, points = plot.marks
    assert isinstance(sticks, Sticks)
    assert isinstance(curve, Curve)
    assert isinstance(points, Points)
    assert (sticks.low[0], sticks.high[0]) == (pytest.approx(2 * w + b), 1.0)


def test_batches_and_validation_all_samples_are_there(tmp_path: Path) -> None:
    t = mine(tmp_path, SINE)
    t.run(iterations=7)
    found = fit(t)
    W, b, v = (np.asarray(t.parameters[name]) for name in ("W", "b", "v"))

    def model(x: np.ndarray) -> np.ndarray:
        return np.tanh(x[:, None] * W[0] + b) @ v

    np.testing.assert_allclose(found.prediction, model(found.x), rtol=1e-12)
    points = found.numbers()["points"]
    assert [point["held_back"] for point in points] == [False] * 24 + [True] * 6
    assert t.lesson.validation is not None
    X = np.concatenate([t.lesson.samples["X"], t.lesson.validation.samples["X"]])[:, 0]
    y = np.concatenate([t.lesson.samples["y"], t.lesson.validation.samples["y"]])
    assert [(point["x"], point["y"]) for point in points] == list(zip(X, y, strict=True))
    np.testing.assert_allclose(found.residuals, y - model(X), rtol=1e-9, atol=1e-12)
    mean = np.abs(y - model(X))[:24].mean()
    assert any(line.startswith(f"24 samples, {mean:.4g} from") for line in found.words())


def test_single_precision_follows_the_double_to_its_digits(tmp_path: Path) -> None:
    t = mine(tmp_path, SINE.replace("batch_size = 5", 'dtype = "float32"'))
    W, b, v = (np.asarray(t.parameters[name], np.float64) for name in ("W", "b", "v"))
    found = fit(t)
    np.testing.assert_allclose(found.prediction, np.tanh(found.x[:, None] * W[0] + b) @ v, atol=1e-5)


def test_other_inputs_are_held_at_their_means() -> None:
    t = trainer("logistic")
    t.run(iterations=5)
    found = fit(t, "X[1]")
    beta, b = np.asarray(t.parameters["beta"]), float(t.parameters["b"])
    expected = 1 / (1 + np.exp(-(3.0 * beta[0] + found.x * beta[1] + b)))  # X[0] is 1, 3 and 5
    np.testing.assert_allclose(found.prediction, expected, rtol=1e-12)
    assert "Held at its mean: X[0] = 3." in found.words()
    with pytest.raises(tb.BackpropError, match=r"fit: logistic has no input 'q'; there are X\[0\], X\[1\]"):
        fit(t, "q")


def test_dropout_drops_nothing() -> None:
    t = trainer("dropout")
    t.run(iterations=3)
    found = fit(t)
    W, b, v, c = (np.asarray(t.parameters[name]) for name in ("W", "b", "v", "c"))
    np.testing.assert_allclose(
        found.prediction, (np.tanh(found.x[:, None] @ W + b) @ v + c)[:, 0], rtol=1e-12
    )


def test_batch_norm_has_the_running_statistics() -> None:
    t = trainer("batch-norm")
    t.run(iterations=6)
    found = fit(t, "X[0]")
    p = {name: np.asarray(value) for name, value in t.parameters.items()}
    X = np.column_stack([found.x, np.full(len(found.x), t.lesson.samples["X"][:, 1].mean())])
    z = (X @ p["W"] - p["n.running_mean"]) / np.sqrt(p["n.running_var"] + 1e-5)
    np.testing.assert_allclose(found.prediction, np.tanh(z * p["gamma"] + p["beta"]) @ p["v"], rtol=1e-9)


def test_a_csv_file_s_columns_have_their_names(tmp_path: Path) -> None:
    rows = "\n".join(
        f"{size},{rooms},{30 * size + 5 * rooms}" for size, rooms in [(50, 2), (70, 3), (90, 3), (110, 5)]
    )
    (tmp_path / "flats.csv").write_text(f"size,rooms,price\n{rows}\n", encoding="utf-8")
    t = mine(
        tmp_path,
        'formula = """\ny_hat = X @ w + b\nL = mse(y_hat, y)\n"""\n[samples]\ncsv = "flats.csv"\n'
        'X = ["size", "rooms"]\ny = "price"\nstandardize = ["X"]\n[parameters]\nw = [2.0, 3.0]\nb = 1.0\n',
    )
    found = fit(t, "rooms")
    assert found.input == "rooms"
    np.testing.assert_allclose(found.prediction, 3.0 * found.x + 1.0, rtol=1e-12)  # size at its mean, 0
    assert any(line.startswith("rooms standardised: mean 3.25, deviation") for line in found.words())


def test_refusals() -> None:
    with pytest.raises(tb.BackpropError, match="square has no prediction to show"):
        fit(trainer("square"))
    with pytest.raises(tb.BackpropError, match="fit needs an input; those of embedding pick rows: ix"):
        fit(trainer("embedding"))


@pytest.mark.parametrize(("samples", "drawn"), [(200, 200), (201, 101)])
def test_of_many_samples_some_are_drawn_and_no_residuals(tmp_path: Path, samples: int, drawn: int) -> None:
    t = mine(
        tmp_path,
        f"""
formula = '''
y_hat = w * x
L = mse(y_hat, y)
'''
[samples]
x = {{ linspace = [0, 1, {samples}] }}
y = {{ formula = "x * x" }}
[parameters]
w = 1.0
""",
    )
    figure = Fit.of(t, Wanted()).figure()
    marks = figure.parts[0].marks
    (points,) = (mark for mark in marks if isinstance(mark, Points))
    assert len(points.x) == drawn
    assert any(isinstance(mark, Sticks) for mark in marks) == (drawn == samples)
    assert figure.notes == (() if drawn == samples else ("One of 2 samples is drawn.",))


def test_an_input_that_picks_rows_is_held_at_the_first_sample(tmp_path: Path) -> None:
    t = mine(
        tmp_path,
        """
formula = '''
y_hat = E[kind] + w * x
L = mse(y_hat, y)
'''
[samples]
x = [1.0, 2.0, 4.0]
kind = [2, 0, 1]
y = [0.0, 1.0, 2.0]
[parameters]
E = [10.0, 20.0, 30.0]
w = 0.5
""",
    )
    found = Fit.of(t, Wanted(("x",)))
    np.testing.assert_allclose(found.prediction, 30.0 + 0.5 * found.x)
    np.testing.assert_allclose(found.met, [30.5, 11.0, 22.0])
