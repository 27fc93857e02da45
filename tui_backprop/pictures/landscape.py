"""The loss over two parameters, or over two directions through all of them, with the path that led here."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct, structs

from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.core.arrays import Array, frozen, size_of
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.pictures.elements import ParameterElement, elements_named
from tui_backprop.pictures.elsewhere import LossElsewhere
from tui_backprop.pictures.figure import Axis, Contour, Curve, Figure, Heat, Mark, Plot, Points
from tui_backprop.pictures.picture import Grain, Wanted
from tui_backprop.text.numbers import number
from tui_backprop.training.view import TrainingView

FINEST, COARSEST = (80, 40), (20, 10)
"""Points across and up, at most, and at least where there is room for them."""
MOST_NUMBERS = 1_000_000_000
"""Numbers in all nodes of all points: some seconds."""
PATH = 256
"""Iterations of the path that are drawn, at most."""
_STRIDES = (8, 4, 2, 1)
"""The grid is filled with every eighth point first, then with those between."""
_LEVELS = 8
_NOTHING = 1e-12
"""Of the square of the longest way, what is no direction of its own."""
_LOGARITHMIC = 30.0
"""Shades and contours are of the loss's logarithm where the largest is so many times the smallest."""


class Plane(Struct, frozen=True, eq=False):
    """Two directions through the parameters, from where they are.

    Attributes:
        names: what the two axes are called.
        nodes: the parameters that move.
        start: their values.
        across, up: how each of them moves for a step of 1 along the two axes, of its shape.
        here: where the parameters are, on both axes.
        scale: how far it is worth looking, at least.
        path: where the training was, shape (n, 2), the last where it is.
    """

    names: tuple[str, str]
    nodes: tuple[Node, ...]
    start: tuple[Array, ...]
    across: tuple[Array, ...]
    up: tuple[Array, ...]
    here: tuple[float, float]
    scale: tuple[float, float]
    path: Array

    def values(self, x: float, y: float) -> dict[int, Array]:
        """Return the parameters at a place, by their nodes' index."""
        dx, dy = x - self.here[0], y - self.here[1]
        with np.errstate(all="ignore"):
            return {
                node.index: np.asarray(start + dx * one + dy * other, start.dtype)[()]
                for node, start, one, other in zip(self.nodes, self.start, self.across, self.up, strict=True)
            }

    def gone_on(self, view: TrainingView) -> Plane:
        """Return it with the place of a training's parameters at the end of the path, seen from above."""
        place = list(self.here)
        for node, start, *ways in zip(self.nodes, self.start, self.across, self.up, strict=True):
            moved = np.asarray(view.leaves[node.name], np.float64) - start
            for axis, way in enumerate(ways):
                place[axis] += float(np.sum(moved * way))
        path = np.vstack([self.path[-PATH:], [place]])
        return structs.replace(self, path=frozen(path))


class Landscape(Struct, frozen=True, eq=False):
    """Losses over a grid.

    Attributes:
        plane: the two directions.
        x, y: the places of the grid, ascending, shapes (columns,) and (rows,).
        z: the losses, shape (rows, columns), a row for each y; NaN where they are not computed yet.
        ahead: the points still to be computed, row and column.
        elsewhere: computes them.
    """

    plane: Plane
    x: Array
    y: Array
    z: Array
    ahead: tuple[tuple[int, int], ...]
    elsewhere: LossElsewhere

    @classmethod
    def of(cls, view: TrainingView, wanted: Wanted) -> Landscape:
        """Return the grid, still empty.

        Raises:
            BackpropError: something else than two numbers is named, or there are not two that are trained.
        """
        plane = _named(view, wanted.of) if wanted.of else _chosen(view)
        elsewhere = LossElsewhere(view, plane.nodes)
        columns, rows = _grid(wanted.grain, elsewhere.cost)
        (left, right), (low, high) = _extent(plane, 0), _extent(plane, 1)
        x, y = np.linspace(left, right, columns), np.linspace(low, high, rows)
        order = tuple(_coarse_first(rows, columns))
        return cls(plane, frozen(x), frozen(y), np.full((rows, columns), np.nan), order, elsewhere)

    @property
    def left(self) -> int:
        """How many points are still to be computed."""
        return len(self.ahead)

    @np.errstate(all="ignore")
    def grow(self, seconds: float) -> Landscape:
        """Return it with more of its points, after about so many seconds, and one point at least."""
        until, z, done = time.monotonic() + seconds, self.z.copy(), 0
        for row, column in self.ahead:
            z[row, column] = self.elsewhere.at(self.plane.values(float(self.x[column]), float(self.y[row])))
            done += 1
            if time.monotonic() >= until:
                break
        return structs.replace(self, z=z, ahead=self.ahead[done:])

    def gone_on(self, view: TrainingView) -> Landscape:
        """Return it with the path drawn on to where a run has come to, over the losses from before."""
        return structs.replace(self, plane=self.plane.gone_on(view))

    def numbers(self) -> Mapping[str, Any]:
        """Return the grid and the path."""
        return {"names": self.plane.names, "x": self.x, "y": self.y, "z": self.z, "path": self.plane.path}

    def figure(self) -> Figure:
        """Draw the losses as shades with lines of equal loss, and the path over them."""
        x, y = self.x, self.y
        shown, label = self._shown()
        finite = shown[np.isfinite(shown)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        high = high if high > low else low + 1.0
        half_x, half_y = ((axis[-1] - axis[0]) / (len(axis) - 1) / 2 for axis in (x, y))
        across, up = (
            (float(x[0] - half_x), float(x[-1] + half_x)),
            (float(y[0] - half_y), float(y[-1] + half_y)),
        )
        marks: list[Mark] = [Heat(shown, across, up, low, high, label=label)] if finite.size else []
        if not self.ahead:
            levels = tuple(float(level) for level in np.linspace(low, high, _LEVELS + 2)[1:-1])
            marks.append(Contour(shown, x, y, levels))
        path = self.plane.path
        if len(path) > 1:
            marks.append(Curve(path[:, 0], path[:, 1], "path", "path so far"))
            marks.append(Points(path[:1, 0], path[:1, 1], role="path", label="start"))
        marks.append(Points(path[-1:, 0], path[-1:, 1], role="here", label="here"))
        names = self.plane.names
        plot = Plot("landscape", Axis(names[0], *across), Axis(names[1], *up), tuple(marks))
        return Figure(f"{label} over {names[0]} and {names[1]}", (plot,), tuple(self.words()[1:]))

    def _shown(self) -> tuple[Array, str]:
        """Return what the shades are of, and its name; points not computed yet are as their neighbours."""
        z = self.z if not self.ahead else _spread(self.z)
        finite = z[np.isfinite(z)]
        if finite.size and finite.min() > 0 and finite.max() > _LOGARITHMIC * finite.min():
            with np.errstate(all="ignore"):
                return np.log10(z), "log10 of the loss"
        return z, "loss"

    def words(self) -> Sequence[str]:
        """Say between which losses the grid lies, where the lowest is, and how the path went."""
        names, z = self.plane.names, self.z
        (a, b), known = map(float, self.plane.path[-1]), np.isfinite(z)
        here = f"loss over {names[0]} and {names[1]}; here at {number(a)}, {number(b)}"
        if not known.any():
            return (here, "no loss here is finite") if not self.ahead else (here,)
        row, column = np.unravel_index(np.where(known, z, np.inf).argmin(), z.shape)
        lowest = (
            f"losses from {number(float(z[known].min()))} to {number(float(z[known].max()))}; lowest at "
            f"{number(float(self.x[column]))}, {number(float(self.y[row]))}"
        )
        (p, q), count = self.plane.path[0], len(self.plane.path)
        way = f"the path begins at {number(float(p))}, {number(float(q))}" if count > 1 else "no path yet"
        return here, lowest, way


def _grid(grain: Grain, cost: int) -> tuple[int, int]:
    """Return columns and rows: as many as can be told apart, fewer where each takes many numbers."""
    columns, rows = (min(n, most) for n, most in zip((grain.columns, grain.rows), FINEST, strict=True))
    share = min(1.0, math.sqrt(MOST_NUMBERS / (cost * columns * rows)))
    least_columns, least_rows = COARSEST
    return (
        max(round(columns * share), min(columns, least_columns)),
        max(round(rows * share), min(rows, least_rows)),
    )


def _coarse_first(rows: int, columns: int) -> Iterator[tuple[int, int]]:
    """Yield all points, each once, those of a coarse grid before those of a finer one."""
    seen = np.zeros((rows, columns), np.bool_)
    for stride in _STRIDES:
        for row in range(0, rows, stride):
            for column in range(0, columns, stride):
                if not seen[row, column]:
                    seen[row, column] = True
                    yield row, column


def _spread(z: Array) -> Array:
    """Return numbers with those of the coarse grid spread over what is not known yet."""
    shown = z.copy()
    for stride in reversed(_STRIDES):
        coarse = z[::stride, ::stride].repeat(stride, 0).repeat(stride, 1)[: z.shape[0], : z.shape[1]]
        shown = np.where(np.isnan(shown), coarse, shown)
    return shown


# ---------------------------------------------------------------------- the plane


def _named(view: TrainingView, names: Sequence[str]) -> Plane:
    """Return the plane of two numbers of parameters, that were named."""
    elements = [element for name in names for element in elements_named(view, name)]
    if len(elements) != 2 or elements[0] == elements[1]:
        count = f"found {len(elements)}" if len(elements) != 2 else f"found {elements[0].name} twice"
        raise BackpropError(
            f"landscape lies over two numbers; {count}: name two elements, such as {_such_as(view)}"
        )
    return _of_elements(view, elements[0], elements[1])


def _such_as(view: TrainingView) -> str:
    every = [one for node in view.graph.parameters for one in elements_named(view, node.name)[:2]]
    return ",".join(one.name for one in every[:2]) or "w,b"


def _of_elements(view: TrainingView, one: ParameterElement, other: ParameterElement) -> Plane:
    nodes = tuple(dict.fromkeys((one.node, other.node)))
    start = tuple(view.leaves[node.name] for node in nodes)

    def along(element: ParameterElement) -> tuple[Array, ...]:
        steps = [np.zeros(node.shape) for node in nodes]
        steps[nodes.index(element.node)][element.at] = 1.0
        return tuple(steps)

    here = tuple(float(view.leaves[element.node.name][element.at]) for element in (one, other))
    paths = [
        {
            iteration: float(value[element.at])
            for iteration, value in view.recent_values(element.node.name, PATH)
        }
        for element in (one, other)
    ]
    path = [
        (paths[0][k], paths[1][k]) for k in sorted(paths[0].keys() & paths[1].keys()) if k < view.iteration
    ]
    return Plane(
        (one.name, other.name), nodes, start, along(one), along(other), (here[0], here[1]),
        (_scale(here[0]), _scale(here[1])), frozen([*path, here]),
    )  # fmt: skip


def _chosen(view: TrainingView) -> Plane:
    """Return the plane of the two numbers that are trained; of more, the two directions that training went.

    These are the principal components of the parameters on the path (Li et al. 2018, arXiv:1712.09913).
    """
    trained = tuple(node for node in view.graph.parameters if node.trainable)
    count = sum(size_of(node.shape) for node in trained)
    if count < 2:
        raise BackpropError(
            f"landscape lies over two numbers, and {view.lesson.name} trains {count}; slice shows one"
        )
    if count == 2:
        one, other = (element for node in trained for element in elements_named(view, node.name))
        return _of_elements(view, one, other)
    start = tuple(view.leaves[node.name] for node in trained)
    here = _flat(start)
    values = [dict(view.recent_values(node.name, PATH)) for node in trained]
    common = sorted(set.intersection(*(set(one) for one in values)))
    way = [_flat([one[k] for one in values]) - here for k in common if k < view.iteration]
    across, up = _directions(way, _flat([view.tape.gradient(node) for node in trained]))
    scale = 0.5 * float(np.linalg.norm(here)) / math.sqrt(len(here)) or 1.0
    path = frozen([*((float(step @ across), float(step @ up)) for step in way), (0.0, 0.0)])
    return Plane(
        ("direction 1", "direction 2"),
        trained,
        start,
        _shaped(across, start),
        _shaped(up, start),
        (0.0, 0.0),
        (scale, scale),
        path,
    )


def _scale(value: float) -> float:
    """Return how far it is worth looking around a number."""
    return 0.5 * abs(value) or 0.5


def _flat(arrays: Sequence[Array]) -> Array:
    return np.concatenate([np.asarray(array, np.float64).reshape(-1) for array in arrays])


def _shaped(direction: Array, like: Sequence[Array]) -> tuple[Array, ...]:
    ends = np.cumsum([array.size for array in like])
    return tuple(
        part.reshape(array.shape) for part, array in zip(np.split(direction, ends[:-1]), like, strict=True)
    )


def _directions(way: Sequence[Array], gradient: Array) -> tuple[Array, Array]:
    """Return two unit vectors at right angles: along the path, then the gradient, then what is drawn."""
    found: list[Array] = []
    steps = np.array(way)
    # of few steps in many dimensions, their products with each other tell the same as they do
    with np.errstate(all="ignore"):
        products = steps @ steps.T
    if len(way) > 1 and np.isfinite(products).all():
        squares, mixtures = np.linalg.eigh(products)
        found = [
            mixture @ steps / math.sqrt(square)
            for square, mixture in zip(squares[:-3:-1], mixtures.T[:-3:-1], strict=True)
            if square > _NOTHING * max(squares[-1], 1e-300)
        ]
    drawn = np.random.default_rng(0).standard_normal((2, len(gradient)))
    for candidate in (gradient, *drawn):
        rest = candidate - sum((float(candidate @ one) * one for one in found), np.zeros(len(candidate)))
        size = float(np.linalg.norm(rest))
        if len(found) < 2 and math.isfinite(size) and size > 1e-9 * float(np.linalg.norm(candidate)):
            found.append(rest / size)
    return found[0], found[1]


def _extent(plane: Plane, axis: int) -> tuple[float, float]:
    """Return between which places of an axis the grid lies: the path with room around it."""
    path = plane.path[np.isfinite(plane.path).all(axis=1)][:, axis]
    low, high = (float(path.min()), float(path.max())) if len(path) else (0.0, 0.0)
    room = max(0.5 * (high - low), plane.scale[axis])
    return low - room, high + room
