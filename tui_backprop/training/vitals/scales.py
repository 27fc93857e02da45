"""How large the inputs are: columns of very different sizes make a loss steep one way and flat another."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Graph, Kind, Node
from tui_backprop.engine.core.arrays import Array
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.text.spelling import pretty
from tui_backprop.training.vitals.layers import layers_of

UNEVEN: Final = 30.0
"""Times that a column may be as large as 1, or as another one."""
_KEEPS: Final = frozenset(("identity", "broadcast", "reshape", "transpose", "index", "concatenate", "hstack"))


class InputScale(Struct, frozen=True):
    """One input, and how large its columns are: √mean(x²).

    Attributes:
        name: the input, as the lesson writes it.
        largest, smallest: of the columns that are not the same everywhere.
        column: the place of the largest along the last axis; None where the input has no columns.
        parameters: what it is multiplied by.
    """

    name: str
    largest: float
    smallest: float
    column: int | None
    parameters: tuple[str, ...]

    @property
    def uneven(self) -> bool:
        """Whether it is far from what training likes."""
        return self.largest > UNEVEN or (self.largest > UNEVEN * self.smallest)

    @property
    def text(self) -> str:
        """The largest column's name for people."""
        return pretty(self.name) + ("" if self.column is None else f"[:, {self.column}]")


@lru_cache(maxsize=8)
def input_scales(lesson: Lesson) -> tuple[InputScale, ...]:
    """Return the inputs that a layer multiplies, in the order of the file."""
    met = _multiplied(lesson.graph())
    given = {**lesson.data, **lesson.samples}
    found = (_scale(name, given[name], tuple(dict.fromkeys(met[name]))) for name in given if name in met)
    return tuple(scale for scale in found if scale is not None)


def _multiplied(graph: Graph) -> dict[str, list[str]]:
    """Return the inputs that come to a layer as they are, and the parameters that they meet there."""
    met: dict[str, list[str]] = {}
    for layer in layers_of(graph):
        left: list[Node] = [operand for use in layer.uses for operand in use.receiving]
        seen: set[int] = set()
        while left:
            node = left.pop()
            if node.index in seen:
                continue
            seen.add(node.index)
            if node.kind in (Kind.SAMPLES, Kind.DATA):
                met.setdefault(node.name, []).append(layer.parameter.name)
            elif node.op is not None and node.op.name in _KEEPS:
                left += node.receiving
    return met


def _scale(name: str, value: Array, parameters: tuple[str, ...]) -> InputScale | None:
    """Return how large an input's columns are; None where it is empty, or the same everywhere."""
    if not value.size:
        return None
    columns = value.reshape(-1, value.shape[-1]) if value.ndim > 1 else value.reshape(-1, 1)
    with np.errstate(all="ignore"):
        sizes = np.sqrt(np.mean(np.square(columns), axis=0))
    varied = np.ptp(columns, axis=0) > 0 if len(columns) > 1 else sizes > 0
    if not varied.any():
        return None
    sizes = np.where(varied, sizes, np.nan)
    return InputScale(
        name, float(np.nanmax(sizes)), float(np.nanmin(sizes)),
        int(np.nanargmax(sizes)) if value.ndim > 1 else None, parameters,
    )  # fmt: skip
