"""The dials of a network as one value, and what they stand at for each data set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct, structs

from tui_backprop.lessons.datasets import DATASETS

AUTO = "auto"
FEATURES: Final[Mapping[str, str]] = {
    "x": "x1",
    "y": "x2",
    "xx": "x1**2",
    "yy": "x2**2",
    "xy": "x1 * x2",
    "sinx": "sin(x1)",
    "siny": "sin(x2)",
}
"""What can be made of the two inputs of a data set, as formulas have it."""
ACTIVATIONS: Final[Mapping[str, str]] = {
    "tanh": "tanh({})",
    "relu": "relu({})",
    "sigmoid": "sigmoid({})",
    "linear": "{}",
    "leaky_relu": "leaky_relu({})",
    "elu": "elu({})",
    "gelu": "gelu({})",
    "silu": "silu({})",
    "softplus": "softplus({})",
    "sin": "sin({})",
}
"""What can stand behind a hidden layer."""
ONE_SIDED = frozenset({"relu", "leaky_relu", "elu", "gelu", "silu", "softplus"})
"""Activations that let about half of their inputs through, so that weights start larger."""
LOSSES = (AUTO, "bce_with_logits", "cross_entropy", "mse", "mae")


class Dials(Struct, frozen=True, kw_only=True):
    """All that a network is built of.

    Attributes:
        layers: widths from the inputs to the outputs.
        activation: what stands behind each hidden layer; one for all of them, or one for each.
        dataset: the name of the made-up data.
        csv, target: a table and the column to predict, in place of a data set.
        size, noise: samples of the data set, and the deviation added to them.
        features: what is made of the data set's two inputs; empty where they are taken as they are.
        loss: its name; "auto" for what fits the targets.
        initializer: how weights start; "auto" for what fits the activation. Biases start at 0.
        batch: samples in one update.
        validation: the share of the samples that is not trained on; 0 for none.
        l1, l2: factors of the sum of |w| and of half the sum of w² over all weights, in the loss.
        optimizer, learning_rate, iterations, seed: the hyperparameters of these names.
        settings: further hyperparameters, name and value as they are typed.
    """

    layers: tuple[int, ...]
    activation: tuple[str, ...] = ("tanh",)
    dataset: str = "spiral"
    csv: str = ""
    target: str = ""
    size: int = 200
    noise: float = 0.0
    features: tuple[str, ...] = ()
    loss: str = AUTO
    initializer: str = AUTO
    batch: int | Literal["all"] = "all"
    validation: float = 0.5
    l1: float = 0.0
    l2: float = 0.0
    optimizer: str = "adam"
    learning_rate: float = 0.03
    iterations: int = 1000
    seed: int = 0
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def hidden(self) -> tuple[int, ...]:
        """The widths of the hidden layers."""
        return self.layers[1:-1]

    @property
    def activations(self) -> tuple[str, ...]:
        """What stands behind each hidden layer, one for each where the number fits."""
        return self.activation * len(self.hidden) if len(self.activation) == 1 else self.activation

    @property
    def name(self) -> str:
        """A name for the lesson: the data and the widths."""
        return "-".join((self.dataset or "table", *map(str, self.layers)))


PRESETS: Final[Mapping[str, Dials]] = {
    "spiral": Dials(layers=(2, 16, 16, 1)),
    "circles": Dials(layers=(2, 8, 1), dataset="circles", noise=0.05),
    "xor": Dials(layers=(2, 8, 1), dataset="xor", noise=0.15, iterations=500),
    "blobs": Dials(layers=(2, 4, 1), dataset="blobs", noise=0.5, iterations=300),
    "moons": Dials(layers=(2, 8, 8, 1), dataset="moons", noise=0.1),
    "sine": Dials(layers=(1, 16, 1), dataset="sine", noise=0.1, learning_rate=0.02, iterations=2000),
}
"""What solves each data set, the first one shown first; ``tests/lessons/network`` holds that it does."""
assert PRESETS.keys() == DATASETS.keys()
OF_TABLE = Dials(layers=(), dataset="", iterations=2000, learning_rate=0.01, size=0)
"""What a table is begun with; its widths follow from its columns."""


def with_dataset(dials: Dials, name: str) -> Dials:
    """Return the dials for another data set: what stands as the former one's preset has it follows."""
    old, new = PRESETS.get(dials.dataset), PRESETS[name]
    follows = {
        field: getattr(new, field)
        for field in Dials.__struct_fields__
        if old is not None and getattr(dials, field) == getattr(old, field)
    }
    if new.layers[0] == 1:
        follows["features"] = ()
    changed = structs.replace(dials, **(follows | {"dataset": name}))
    return changed if "layers" in follows and not changed.features else fitted(changed)


def fitted(dials: Dials) -> Dials:
    """Return the dials with as many inputs as the data set and its features have, and outputs that fit."""
    inputs = len(dials.features) or PRESETS[dials.dataset].layers[0]
    outputs = dials.layers[-1] if dials.dataset in ("spiral", "blobs") else min(dials.layers[-1], 2)
    outputs = 1 if dials.dataset == "sine" else outputs
    layers = (inputs, *dials.hidden, outputs)
    activation = dials.activation
    if len(activation) > 1 and len(activation) != len(dials.hidden):
        activation = tuple((*activation, *activation[-1:] * len(layers))[: max(len(dials.hidden), 1)])
    return structs.replace(dials, layers=layers, activation=activation)
