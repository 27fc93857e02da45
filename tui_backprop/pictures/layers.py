"""Weights, activations and gradients by layer: how their numbers are spread, and where they lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.core.mode import Mode
from tui_backprop.engine.language.names import resolve
from tui_backprop.pictures.figure import Axis, Bars, Figure, Heat, Level, Listing, Part, Plot
from tui_backprop.pictures.picture import Wanted, overridden
from tui_backprop.text.numbers import number, shape_text
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.view import TrainingView

DRAWN: Final = 8
"""Arrays that are drawn, at most; more can be named."""
SIDE: Final = 64
"""Rows and columns of a heat map, at most; of more every so manieth is shown."""


_TITLES: Final = {
    "weights": later("weights"),
    "activations": later("activations"),
    "gradients": later("gradients"),
}


class Histogram(Struct, frozen=True, eq=False):
    """How the numbers of one array are spread.

    Attributes:
        name: whose they are, as the lesson writes it.
        shape: the array's.
        counts: shape (bins,), how many of the finite numbers lie in each bin.
        edges: shape (bins + 1,), ascending.
        mean, deviation, low, high: of the finite numbers; NaN without any.
        other: how many are not finite.
        heat: the numbers as a matrix, the first row on top; None where there is one axis or none.
        zero: which share of an array that a gate lets through is 0; None of others.
    """

    name: str
    shape: Shape
    counts: Array
    edges: Array
    mean: float
    deviation: float
    low: float
    high: float
    other: int
    heat: Array | None = None
    zero: float | None = None

    @classmethod
    def of(cls, name: str, value: Array, *, gated: bool = False) -> Histogram:
        """Count the numbers of an array."""
        array = np.asarray(value, np.float64)
        finite = array[np.isfinite(array)]
        bins = int(np.clip(round(2 * np.sqrt(finite.size)), 4, 24))
        mean = deviation = low = high = float("nan")
        if finite.size:
            with np.errstate(all="ignore"):
                mean, deviation = float(finite.mean()), float(finite.std())
            low, high = float(finite.min()), float(finite.max())
        edges = _edges(finite, bins)
        counts = np.bincount(np.searchsorted(edges[1:-1], finite, "right"), minlength=bins)
        heat = array.reshape(len(array), -1) if array.ndim > 1 and array.size else None
        if heat is not None:
            down, across = (-(-length // SIDE) for length in heat.shape)
            heat = heat[::down, ::across]
        zero = float(np.mean(array == 0)) if gated and array.size else None
        counted = np.asarray(counts, np.float64)
        other = array.size - finite.size
        return cls(name, array.shape, counted, edges, mean, deviation, low, high, other, heat, zero)

    def numbers(self) -> Mapping[str, Any]:
        """Return the counts, the edges of the bins, mean and standard deviation."""
        counts = [int(count) for count in self.counts]
        return {"histogram": counts, "edges": self.edges, "mean": self.mean, "std": self.deviation}

    def plots(self) -> Iterator[Plot]:
        """Draw the matrix, and the histogram with 0 marked where it is among the numbers."""
        name = pretty_text(self.name)
        if self.heat is not None:
            yield _matrix(name, self.heat, self.shape)
        low, high = float(self.edges[0]), float(self.edges[-1])
        zero = (Level(0.0, across=False),) if low < 0 < high else ()
        top = max(1.0, float(self.counts.max()))
        marks = (Bars(self.edges, self.counts), *zero)
        yield Plot(
            f"{name} {shape_text(self.shape)}", Axis(name, low, high), Axis(tr("count"), 0.0, top), marks
        )

    @property
    def text(self) -> str:
        """Mean, deviation and range in a sentence."""
        name = f"{pretty_text(self.name)} {shape_text(self.shape)}"
        if not self.counts.any():
            nothing = tr("no finite number")
            return f"{name}: {nothing}"
        told = [
            tr(
                "mean {mean}, deviation {deviation}, from {low} to {high}",
                mean=number(self.mean, 4),
                deviation=number(self.deviation, 4),
                low=number(self.low, 4),
                high=number(self.high, 4),
            )
        ]
        if self.zero:
            told.append(tr("{percent:.3g} % are 0", percent=100 * self.zero))
        if self.other:
            told.append(tr("{count} not finite", count=self.other))
        return f"{name}: {', '.join(told)}"


class Layers(Struct, frozen=True, eq=False):
    """Histograms of several arrays, and single numbers.

    Attributes:
        what: what they are of: "weights", "activations", "gradients".
        told: where they were taken, in words; empty where that goes without saying.
        arrays: the histograms of all, in the lesson's order.
        single: those of one number, by name.
        notes: what is left out, in words.
    """

    what: str
    told: str
    arrays: tuple[Histogram, ...]
    single: Mapping[str, float]
    notes: tuple[str, ...] = ()

    @classmethod
    def weights(cls, view: TrainingView, wanted: Wanted) -> Layers:
        """Return the parameters as they are.

        Raises:
            BackpropError: the lesson has none, or another name is given.
        """
        parameters = view.parameters
        names = _names(view, wanted.of, [node.name for node in view.graph.parameters], "parameter")
        return _layers("weights", "", [(name, parameters[name], False) for name in names])

    @classmethod
    def gradients(cls, view: TrainingView, wanted: Wanted) -> Layers:
        """Return the gradients of the parameters, on the batch of this iteration.

        Raises:
            BackpropError: as :meth:`weights` does.
        """
        names = _names(view, wanted.of, [node.name for node in view.graph.parameters], "parameter")
        found = view.gradients
        rows = view.sample_indices
        told = tr("on the {count} samples of this batch", count=len(rows)) if rows is not None else ""
        return _layers("gradients", told, [(name, found[name], False) for name in names])

    @classmethod
    def activations(cls, view: TrainingView, wanted: Wanted) -> Layers:
        """Return what each line of the formula gives on all samples, in evaluation mode.

        Raises:
            BackpropError: the formula has one line only, or another name is given.
        """
        lesson = view.lesson
        graph = lesson.graph(None, Mode.EVALUATION)
        computed = {
            name: node
            for name, node in graph.named.items()
            if node.op is not None and node is not graph.loss and (wanted.of or not _is_inner(name))
        }
        names = _names(view, wanted.of, list(computed), "line before the loss")
        tape = Tape(graph, {**lesson.data, **lesson.samples, **view.parameters})
        tape.forward()
        rows = lesson.rows
        told = tr("on all {count} samples", count=rows) if rows is not None else ""
        values = [(name, tape.value(computed[name]), _gates(computed[name])) for name in names]
        return _layers("activations", told, values, overridden(view))

    def numbers(self) -> Mapping[str, Any]:
        """Return histogram, edges, mean and std by name."""
        return {one.name: one.numbers() for one in self.arrays}

    def figure(self) -> Figure:
        """Draw matrices and histograms; single numbers are listed."""
        parts: list[Part] = []
        drawn = [one for one in self.arrays if one.name not in self.single]
        for one in drawn[:DRAWN]:
            parts += one.plots()
        if self.single:
            sizes = [abs(one) if np.isfinite(one) else 0.0 for one in self.single.values()]
            most = max(sizes) or 1.0
            rows = tuple((pretty_text(name), number(value)) for name, value in self.single.items())
            lengths = tuple(size / most for size in sizes)
            parts.append(Listing(tr("single numbers"), (tr("name"), tr(_TITLES[self.what])), rows, lengths))
        left = [pretty_text(one.name) for one in drawn[DRAWN:]]
        listed = ", ".join(left[:20]) + (", …" if left[20:] else "")
        notes = (tr("Not drawn: {names}; name them to see them.", names=listed),) if left else ()
        return Figure(self._title, tuple(parts), (*notes, *self.notes))

    @property
    def _title(self) -> str:
        what = tr(_TITLES[self.what])
        return tr("{what} {where}", what=what, where=self.told) if self.told else what

    def words(self) -> Sequence[str]:
        """Say of each array how its numbers are spread."""
        lines = [self._title] if self.told else []
        for one in self.arrays:
            if one.name in self.single:
                lines.append(f"{pretty_text(one.name)}: {number(self.single[one.name])}")
            else:
                lines.append(one.text)
        return (*lines, *self.notes)


def _layers(
    what: str, told: str, values: Sequence[tuple[str, Array, bool]], notes: tuple[str, ...] = ()
) -> Layers:
    arrays = tuple(Histogram.of(name, value, gated=gated) for name, value, gated in values)
    single = {name: float(np.asarray(value).item()) for name, value, _ in values if np.size(value) == 1}
    return Layers(what, told, arrays, single, notes)


def _names(view: TrainingView, of: Sequence[str], known: list[str], what: str) -> list[str]:
    if of:
        return list(dict.fromkeys(resolve(name, known, what) for name in of))
    if not known:
        raise BackpropError(
            tr("{lesson} has no parameter to show a picture of", lesson=view.lesson.name)
            if what == "parameter"
            else tr("{lesson} has no line before the loss to show a picture of", lesson=view.lesson.name)
        )
    return known


def _is_inner(name: str) -> bool:
    """Tell whether a name is of what a layer works out inside, such as ``n.mean``; not an earlier version."""
    _, dot, rest = name.partition(".")
    return bool(dot) and not rest.isdecimal()


def _gates(node: Node) -> bool:
    return node.op is not None and node.op.is_gate


def _edges(finite: Array, bins: int) -> Array:
    """Return the edges of so many equal bins, far enough apart to be told apart; nothing overflows."""
    if not finite.size:
        return np.linspace(0.0, 1.0, bins + 1)
    low, high = float(finite.min()), float(finite.max())
    size = max(abs(low), abs(high))
    if high / 2 - low / 2 <= 1e-9 * size:
        room = min(size / 2 or 0.5, (np.finfo(np.float64).max - size) / 2)
        low, high = low - room, high + room
    share = np.linspace(0.0, 1.0, bins + 1)
    return np.asarray(low * (1.0 - share) + high * share)


def _matrix(name: str, heat: Array, shape: Shape) -> Plot:
    """Draw a matrix as it is written: the first row on top; 0 lies between two colours."""
    rows, columns = heat.shape
    down, across = -(-shape[0] // SIDE), -(-int(np.prod(shape[1:])) // SIDE)
    x = Axis(tr("column"), -0.5, columns - 0.5, names=tuple(str(k * across) for k in range(columns)))
    y = Axis(tr("row"), -0.5, rows - 0.5, names=tuple(str(k * down) for k in reversed(range(rows))))
    finite = np.abs(heat[np.isfinite(heat)])
    most = float(finite.max()) if finite.size and finite.max() > 0 else 1.0
    z = heat[::-1]
    shades = Heat(z, (x.low, x.high), (y.low, y.high), -most, most, 0.0, name)
    return Plot(f"{name} {shape_text(shape)}", x, y, (shades,))
