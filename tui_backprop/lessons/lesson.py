"""A lesson: a formula, data and starting parameters; everything else about it is notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from msgspec import Struct

from tui_backprop.engine.arrays import Array, Shape, frozen
from tui_backprop.engine.build import Leaf, build_graph
from tui_backprop.engine.formula import Line
from tui_backprop.engine.graph import Graph, Kind
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.lessons.notes import Slip, Why


class ParameterSpec(Struct, frozen=True):
    """How one parameter starts: a value, or a rule with shape and scale."""

    name: str
    shape: Shape
    trainable: bool
    value: Array | None = None
    rule: str = ""
    scale: float = 1.0


def count_rows(samples: Mapping[str, Array]) -> int | None:
    """Return how many samples these arrays have; None where there are no arrays."""
    return next((len(array) for array in samples.values()), None)


@dataclass(frozen=True, eq=False)
class Lesson:
    """A checked lesson.

    Attributes:
        name: the built-in name, or the file's stem.
        title, summary: for people.
        path: the file it came from.
        text: the file's text.
        formula: the formula as the file has it.
        lines: the parsed formula.
        loss: name of the loss.
        data: constants by name.
        samples: arrays whose first axis counts samples, by name.
        recipes: of those that the file has as a table, the table: ``linspace`` or ``formula``.
        parameters: how the parameters start, in file order.
        hyperparameters: where the dials start.
        generator: "pcg64" or "legacy", the source of random starts.
        whys, slips: the teacher's notes and the mistakes to catch.
    """

    name: str
    title: str
    summary: str
    path: Path
    text: str
    formula: str
    lines: tuple[Line, ...]
    loss: str | None
    data: Mapping[str, Array]
    samples: Mapping[str, Array]
    parameters: Mapping[str, ParameterSpec]
    hyperparameters: Hyperparameters
    generator: str = "pcg64"
    builtin: bool = False
    whys: tuple[Why, ...] = ()
    slips: tuple[Slip, ...] = ()
    recipes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    _graphs: dict[int | None, Graph] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        # one layout for all that is given: the last bits of a sum depend on it
        for name in ("data", "samples"):
            arrays = {key: frozen(np.array(value, order="C")) for key, value in getattr(self, name).items()}
            object.__setattr__(self, name, MappingProxyType(arrays))

    @property
    def rows(self) -> int | None:
        """How many samples there are; None for a lesson without samples."""
        return count_rows(self.samples)

    def rows_of(self, values: Mapping[str, Array]) -> int | None:
        """Return how many samples a batch has, given its values by name; None without samples."""
        return count_rows({name: values[name] for name in self.samples})

    def batch_rows(self, batch_size: int | Literal["all"]) -> tuple[int | None, ...]:
        """Return the sizes of batches that occur: the usual one and, with a rest, that of an epoch's last."""
        rows = self.rows
        if rows is None or batch_size == "all":
            return (rows,)
        rest = rows % batch_size
        return (batch_size, rest) if rest else (batch_size,)

    @property
    def trains(self) -> bool:
        """Whether there is anything to update."""
        return any(spec.trainable for spec in self.parameters.values())

    def graph(self, rows: int | None = None) -> Graph:
        """Return the graph for a batch of that many samples (all of them by default); each is built once.

        Raises:
            FormulaError: shapes that do not fit.
        """
        key = self.rows if rows is None else rows
        if key not in self._graphs:
            self._graphs[key] = self.build(self.lines, key)
        return self._graphs[key]

    def build(self, lines: tuple[Line, ...], rows: int | None) -> Graph:
        """Build a graph from these lines over the lesson's leaves."""
        leaves: dict[str, Leaf] = {name: Leaf(Kind.DATA, array.shape) for name, array in self.data.items()}
        for name, array in self.samples.items():
            leaves[name] = Leaf(Kind.SAMPLES, (rows if rows is not None else len(array), *array.shape[1:]))
        for name, spec in self.parameters.items():
            leaves[name] = Leaf(Kind.PARAMETER, spec.shape, spec.trainable)
        return build_graph(lines, leaves, self.loss)

    def start(self, seed: int) -> dict[str, Array]:
        """Draw the starting parameters: one stream for all draws, in file order."""
        stream = _Stream(self.generator, seed)
        return {name: _start(spec, stream) for name, spec in self.parameters.items()}


class _Stream:
    """A stream of random numbers, made when the first is drawn: NumPy takes 10 ms to import them."""

    def __init__(self, generator: str, seed: int) -> None:
        self._generator, self._seed = generator, seed

    @cached_property
    def draws(self) -> Any:
        """What draws them."""
        make = np.random.RandomState if self._generator == "legacy" else np.random.default_rng
        return make(self._seed)


def _start(spec: ParameterSpec, stream: _Stream) -> Array:
    if spec.value is not None:
        return spec.value
    if spec.rule in ("zeros", "ones"):
        return np.full(spec.shape, spec.scale if spec.rule == "ones" else 0.0)
    if spec.rule == "uniform":
        return np.asarray(stream.draws.uniform(-spec.scale, spec.scale, spec.shape), dtype=np.float64)
    # axis 0 is where the inputs come in, as in X @ W
    fan_in = spec.shape[0] if spec.shape else 1
    fan_out = spec.shape[-1] if len(spec.shape) > 1 else 1
    spread = {"normal": 1.0, "he": (2 / fan_in) ** 0.5, "xavier": (2 / (fan_in + fan_out)) ** 0.5}[spec.rule]
    return np.asarray(spec.scale * spread * stream.draws.standard_normal(spec.shape), dtype=np.float64)
