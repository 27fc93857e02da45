"""A net with a fork, broadcasts, three layers and a softmax cross-entropy: no factor is mute."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.engine.autodiff.records import ChainFactor
from tui_backprop.explain.element.elements import explain_element
from tui_backprop.explain.record import explain
from tui_backprop.explain.titles import record_titles

LESSON = Path(__file__).parents[1] / "support" / "three_layers.toml"


@pytest.fixture
def trainer() -> tb.Trainer:
    return tb.Trainer(tb.load_lesson(LESSON))


def by_hand(trainer: tb.Trainer) -> dict[str, np.ndarray]:
    """Write the gradients out with NumPy, as one would in a notebook."""
    p, X, T = trainer.parameters, trainer.inputs["X"], trainer.inputs["T"]
    a1 = X @ p["W1"] + p["b1"]
    h1 = np.tanh(a1)
    a2 = h1 @ p["W2"] + p["b2"]
    h2 = np.maximum(a2, 0) + h1
    z = h2 @ p["W3"] + p["b3"]
    s = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    dz = (s - T) / len(X)
    dh2 = dz @ p["W3"].T
    da2 = dh2 * (a2 > 0)
    dh1 = dh2 + da2 @ p["W2"].T
    da1 = dh1 * (1 - h1**2)
    return {
        "W1": X.T @ da1, "b1": da1.sum(0), "W2": h1.T @ da2, "b2": da2.sum(0),
        "W3": h2.T @ dz, "b3": dz.sum(0), "h1": dh1, "h2": dh2, "z": dz,
    }  # fmt: skip


def test_every_factor_has_numbers_shapes_and_a_why(trainer: tb.Trainer) -> None:
    titles = record_titles(trainer.graph)
    factors = 0
    for title in titles:
        record = trainer.step()
        assert record is not None
        if not isinstance(record, ChainFactor):
            continue
        factors += 1
        explanation = explain(record, trainer.tape)
        assert explanation.title == title
        labels = {row.label for row in explanation.rows}
        assert {"chain", "upstream", "shapes", "general"} & labels >= {"upstream", "shapes"}, labels
        assert record.output.op is not None
        assert record.output.op.why(record.index, [n.shape for n in record.output.operands])
    assert factors == len(trainer.graph.factors)


def test_stepping_gives_what_numpy_gives_by_hand(trainer: tb.Trainer) -> None:
    expected = by_hand(trainer)
    gradients = {name: np.array(trainer.gradients[name]) for name in expected}
    for name, value in expected.items():
        np.testing.assert_allclose(gradients[name], value, rtol=1e-12, atol=1e-15, err_msg=name)
    first = np.array(trainer.parameters["W1"])
    for _ in record_titles(trainer.graph):
        trainer.step()
    assert trainer.iteration == 1
    np.testing.assert_allclose(trainer.parameters["W1"], first - 0.5 * expected["W1"], rtol=1e-12)


def test_the_fork_is_the_sum_of_its_paths(trainer: tb.Trainer) -> None:
    node = trainer.graph.named["h1"]
    explanation = explain_element(trainer, node, (2, 1))
    assert len(explanation.paths) == 2
    np.testing.assert_allclose(explanation.total, by_hand(trainer)["h1"][2, 1], rtol=1e-12)
    assert explanation.sum_line().startswith("∂L/∂(h1)₂,₁ = ")
