"""Which nodes are a layer: found in the graph, whatever way a formula is written."""

from __future__ import annotations

from pathlib import Path

import pytest

import tui_backprop as tb
from tests.support.trainers import mine
from tui_backprop.training.vitals.layers import WeightLayer, layers_of


def of_lesson(name: str) -> dict[str, WeightLayer]:
    return {layer.name: layer for layer in layers_of(tb.load_lesson(name).graph())}


def kinds(layer: WeightLayer) -> list[str]:
    return [one.kind for one in layer.activations]


def test_a_network_of_two_layers() -> None:
    layers = of_lesson("two-layer")
    assert list(layers) == ["W1", "W2"]
    assert kinds(layers["W1"]) == ["tanh"]
    assert layers["W1"].activations[0].node.name == "h"
    assert layers["W1"].hidden
    assert not layers["W2"].hidden
    assert kinds(layers["W2"]) == ["sigmoid"]


def test_each_part_of_a_parameter_that_is_cut_is_a_layer() -> None:
    layers = of_lesson("vanishing")
    names = [f"W[{k}]" for k in range(10)] + ["w"] + [f"V[{k}]" for k in range(10)] + ["v"]
    assert list(layers) == names
    assert len(layers["W[0]"].behind) == 10  # nine sigmoid layers and w; nothing of the other network
    assert kinds(layers["V[3]"]) == ["relu"]


@pytest.mark.parametrize(
    ("lesson", "layer", "found"),
    [
        ("conv", "w", ["relu"]),
        ("rnn", "W", ["tanh"] * 3),
        ("lstm", "U", ["sigmoid", "sigmoid", "tanh", "sigmoid"] * 2),
    ],
)
def test_shared_weights_and_convolutions(lesson: str, layer: str, found: list[str]) -> None:
    assert sorted(kinds(of_lesson(lesson)[layer])) == sorted(found)


def test_an_embedding_stands_before_what_its_rows_go_into() -> None:
    layers = of_lesson("embedding")
    assert layers["C"].behind == {1}
    assert layers["W"].behind == frozenset()


def test_numbers_and_vectors_where_there_is_nothing_larger() -> None:
    assert list(of_lesson("linear")) == ["w", "b"]


BY_HAND = '''
formula = """
z = x @ W
a = 1 / (1 + exp(-z))
r = maximum(0, a @ V)
L = mean((r @ u)**2)
"""
[samples]
x = [[1.0, 2.0], [0.5, -1.0]]
[parameters]
W = [[0.1, 0.2], [0.3, 0.4]]
V = [[0.5, 0.1], [0.2, 0.3]]
u = [[1.0], [2.0]]
'''


def test_activations_written_by_hand_are_known(tmp_path: Path) -> None:
    found = {layer.name: kinds(layer) for layer in layers_of(mine(tmp_path, BY_HAND).graph)}
    assert found == {"W": ["sigmoid"], "V": ["relu"], "u": []}


def test_a_normalisation_may_stand_between() -> None:
    layers = of_lesson("ninja")
    assert kinds(layers["W1"]) == ["tanh"]
