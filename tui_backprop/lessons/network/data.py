"""What a network learns from: its inputs, targets and samples, as the lesson's text has them."""

from __future__ import annotations

import math

from msgspec import Struct

from tui_backprop.lessons.datasets import WITH_CLASSES
from tui_backprop.lessons.network.dials import FEATURES, Dials

MOST_CLASSES = 100


class NetworkData(Struct, frozen=True):
    """Where samples come from, and what the first layer gets of them.

    Attributes:
        shown: what it is, for people.
        inputs: what the inputs are, by name.
        rows: samples, those held back included.
        classes: how many there are; 0 where numbers are predicted.
        source: the node that the first layer gets: X, or F where it is made of several things.
        lines: formula lines that make it.
        table: the lines of [samples].
        made: whether it is made-up data, whose size and classes can be chosen.
    """

    shown: str
    inputs: tuple[str, ...]
    rows: int
    classes: int
    source: str
    lines: tuple[str, ...]
    table: tuple[str, ...]
    made: bool = True

    def split(self, share: float) -> tuple[int, int]:
        """Return how many samples are trained on, and how many are held back."""
        if not share or self.rows < 2:
            return self.rows, 0
        held = min(max(math.floor(share * self.rows + 0.5), 1), self.rows - 1)
        return self.rows - held, held


def data_of(dials: Dials) -> NetworkData:
    """Return what a data set gives, with the features that are made of it."""
    name = dials.dataset
    plain = ("x",) if name == "sine" else ("x", "y")
    outputs = dials.layers[-1]
    classes = 0 if name == "sine" else 2
    if name in WITH_CLASSES and 2 < outputs <= MOST_CLASSES:
        classes = outputs
    table = [f'dataset = "{name}"', f"size = {dials.size}", f"noise = {dials.noise!r}"]
    if classes > 2:
        table.append(f"classes = {classes}")
    if not dials.features:
        return NetworkData(name, plain, dials.size, classes, "X", (), tuple(table))
    made = [FEATURES[feature] for feature in dials.features]
    lines = [f"{node} = X[:, {place}]" for place, node in enumerate(("x1", "x2")) if _uses(made, node)]
    lines.append(f"F = stack([{', '.join(made)}], axis=1)")
    return NetworkData(name, dials.features, dials.size, classes, "F", tuple(lines), tuple(table))


def _uses(made: list[str], node: str) -> bool:
    return any(node in text for text in made)
