"""Masks of dropout: drawn anew in each iteration, and the same whenever that iteration is done again."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import SINGLE, Array, Shape, in_type


def dropout_mask(seed: int, iteration: int, place: int, shape: Shape, p: float) -> Any:
    """Return an array of 0 with probability p, and of 1 / (1 - p) elsewhere."""
    # a child of the seed: no draw of parameters, batches or samples held back comes from it
    stream = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1, iteration, place)))
    return np.where(stream.random(shape) >= p, 1.0 / (1.0 - p), 0.0)


class Mask(Struct, frozen=True):
    """What a mask's numbers follow from, beside seed and iteration.

    Attributes:
        place: which of its formula's masks it is.
        p: the probability of a 0, at least 0 and below 1.
        single: whether its numbers are of single precision.
    """

    place: int
    p: float
    single: bool = False

    def values(self, seed: int, iteration: int, shape: Shape) -> Array:
        """Return the mask of an iteration, of that shape."""
        values: Array = dropout_mask(seed, iteration, self.place, shape, self.p)
        return in_type(values, SINGLE) if self.single else values

    def call(self, seed: str, iteration: str, shape: Shape) -> str:
        """Write the same as Python text; a mask of one number as Python's."""
        text = f"dropout_mask({seed}, {iteration}, {self.place}, {shape}, {self.p!r})"
        if self.single:
            return f"{text}.astype(np.float32)" if shape else f"np.float32({text})"
        return text if shape else f"{text}.item()"
