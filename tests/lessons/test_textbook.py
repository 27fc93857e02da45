"""Networks from textbooks and courses, typed as lessons: the numbers expected are the published ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.thorough import in_part
from tests.support.trainers import trainer

FOLDER = Path(__file__).parent / "textbook"


def textbook(name: str, **hyperparameters: object) -> tb.Trainer:
    return trainer(FOLDER / f"{name}.toml", **hyperparameters)


def value(t: tb.Trainer, name: str) -> np.ndarray:
    return t.tape.value(t.graph.named[name])


def digits(actual: object, expected: object, places: int) -> None:
    """Compare with what is printed to that many decimal places."""
    np.testing.assert_allclose(actual, expected, rtol=0, atol=0.5001 * 10.0**-places)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_the_engine_s_gradients_pass_the_check(path: Path) -> None:
    assert tb.check_gradients(tb.load_lesson(path)).passed


def test_mazur_forward_and_error() -> None:
    t = trainer("famous-slip")
    digits(value(t, "h"), [0.593269992, 0.596884378], 9)
    digits(value(t, "o")[0], 0.75136507, 8)
    digits(value(t, "o")[1], 0.772928465, 9)
    digits(t.loss, 0.298371109, 9)


def test_mazur_gradients() -> None:
    t = trainer("famous-slip")
    digits(t.gradients["W2"][0, 0], 0.082167041, 9)
    digits(t.gradients["W1"][0, 0], 0.000438568, 9)
    digits(t.gradients["o"][0], 0.74136507, 8)
    digits(t.gradients["h"][0], 0.036350306, 9)


def test_mazur_after_one_update() -> None:
    t = trainer("famous-slip")
    t.next()
    digits(t.parameters["W2"].reshape(-1)[0], 0.35891648, 8)
    digits(t.parameters["W2"].reshape(-1)[1:], [0.408666186, 0.511301270, 0.561370121], 9)
    digits(t.parameters["W1"].reshape(-1)[0], 0.149780716, 9)
    digits(t.parameters["W1"].reshape(-1)[1:], [0.19956143, 0.24975114, 0.29950229], 8)
    assert t.parameters["b1"] == 0.35


def mazur_in_numpy(updates: int, *, updated_w2_sends_the_error_back: bool) -> tuple[float, np.ndarray]:
    """Train the same by hand; return the error and the two outputs after that many updates."""

    def sigmoid(z: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-z))

    W1, W2 = np.array([[0.15, 0.20], [0.25, 0.30]]), np.array([[0.40, 0.45], [0.50, 0.55]])
    i, t = np.array([0.05, 0.10]), np.array([0.01, 0.99])
    for _ in range(updates):
        h = sigmoid(W1 @ i + 0.35)
        o = sigmoid(W2 @ h + 0.60)
        d2 = (o - t) * o * (1 - o)
        after = W2 - 0.5 * np.outer(d2, h)
        d1 = ((after if updated_w2_sends_the_error_back else W2).T @ d2) * h * (1 - h)
        W1, W2 = W1 - 0.5 * np.outer(d1, i), after
    o = sigmoid(W2 @ sigmoid(W1 @ i + 0.35) + 0.60)
    return float(np.sum((t - o) ** 2) / 2), o


@in_part("updates", 1, 10_000)
def test_mazur_s_totals_come_from_a_script_with_a_slip(updates: int) -> None:
    # The weights he prints (above) are worked out from the old W2, "not the updated weights", as he says.
    # The totals he prints are those of a script that sends the error back through the updated W2.
    error, outputs = mazur_in_numpy(updates, updated_w2_sends_the_error_back=True)
    digits(error, {1: 0.291027924, 10_000: 0.000035085}[updates], 9)
    if updates == 10_000:
        digits(outputs, [0.015912196, 0.984065734], 9)


@in_part("updates", 1, 10_000)
def test_mazur_s_totals_without_that_slip(updates: int) -> None:
    t = trainer("famous-slip")
    t.run(iterations=updates)
    error, outputs = mazur_in_numpy(updates, updated_w2_sends_the_error_back=False)
    assert t.loss == pytest.approx(error, rel=1e-9)
    np.testing.assert_allclose(value(t, "o"), outputs, rtol=1e-9)
    # the slip changes the published totals in the seventh digit after one update, in the fourth after 10,000
    published = {1: (0.291027924, 6e-7), 10_000: (0.000035085, 5e-4)}[updates]
    assert t.loss == pytest.approx(published[0], rel=published[1])
    if updates == 10_000:
        np.testing.assert_allclose(value(t, "o"), [0.015912196, 0.984065734], atol=2e-6)


def test_cs231n_neuron() -> None:
    t = textbook("cs231n")
    digits(value(t, "dot"), 1.00, 2)
    digits(value(t, "f"), 0.73, 2)
    digits(t.gradients["dot"], 0.20, 2)
    # the circuit's figure: gradients on w0, w1, w2 and x0, x1
    digits(t.gradients["w"], [-0.20, -0.39], 2)
    digits(t.gradients["w2"], 0.20, 2)
    digits(t.gradients["x"], [0.39, -0.59], 2)
    # the figure's gates one by one: behind 1/x and + 1 the gradient is −0.53, behind exp −0.20
    by_value = {round(float(t.tape.value(n)), 2): float(t.tape.gradient(n)) for n in t.graph.assignments}
    digits(by_value[1.37], -0.53, 2)
    digits(by_value[0.37], -0.53, 2)
    digits(by_value[-1.0], -0.20, 2)


def test_goodfellow_s_relu_network_is_right_on_every_point() -> None:
    t = textbook("goodfellow_xor")
    np.testing.assert_array_equal(value(t, "H"), [[0, 0], [1, 0], [1, 0], [2, 1]])
    np.testing.assert_array_equal(value(t, "f"), [0, 1, 1, 0])
    assert t.loss == 0
    for name in ("W", "c", "w", "b"):
        np.testing.assert_array_equal(t.gradients[name], np.zeros_like(t.parameters[name]))
    by_name = {node.name: t.tape.value(node) for node in t.graph.assignments}
    np.testing.assert_array_equal(by_name["(X @ W)"], [[0, 0], [1, 1], [1, 1], [2, 2]])
    np.testing.assert_array_equal(by_name["(X @ W + c)"], [[0, -1], [1, 0], [1, 0], [2, 1]])


def test_goodfellow_s_linear_model_answers_a_half_everywhere() -> None:
    t = textbook("goodfellow_linear")
    t.run(iterations=400)
    np.testing.assert_allclose(t.parameters["w"], [0, 0], atol=1e-12)
    assert t.parameters["b"] == pytest.approx(0.5, abs=1e-12)
    np.testing.assert_allclose(value(t, "f"), [0.5] * 4, atol=1e-12)


def test_micrograd() -> None:
    t = textbook("micrograd")
    digits(t.loss, 24.7041, 4)
    digits(t.gradients["a"], 138.8338, 4)
    digits(t.gradients["b"], 645.5773, 4)
