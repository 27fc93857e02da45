"""Planes through the parameters: two of their numbers, or two directions that training went."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from msgspec import Struct, structs

from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.core.arrays import Array, frozen, size_of
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.pictures.elements import ParameterElement, elements_named
from tui_backprop.text.sentences import tr
from tui_backprop.training.view import TrainingView

PATH = 256
"""Iterations of the path that are drawn, at most."""
_NOTHING = 1e-12
"""Of the square of the longest way, what is no direction of its own."""


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


def named_plane(view: TrainingView, names: Sequence[str]) -> Plane:
    """Return the plane of two numbers of parameters, that were named."""
    elements = [element for name in names for element in elements_named(view, name)]
    if len(elements) != 2 or elements[0] == elements[1]:
        such = _such_as(view)
        raise BackpropError(
            tr(
                "landscape lies over two numbers; found {count}: name two elements, such as {example}",
                count=len(elements),
                example=such,
            )
            if len(elements) != 2
            else tr(
                "landscape lies over two numbers; found {name} twice: name two elements, such as {example}",
                name=elements[0].name,
                example=such,
            )
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


def chosen_plane(view: TrainingView) -> Plane:
    """Return the plane of the two numbers that are trained; of more, the two directions that training went.

    These are the principal components of the parameters on the path (Li et al. 2018, arXiv:1712.09913).
    """
    trained = tuple(node for node in view.graph.parameters if node.trainable)
    count = sum(size_of(node.shape) for node in trained)
    if count < 2:
        raise BackpropError(
            tr(
                "landscape lies over two numbers, and {lesson} trains {count}; slice shows one",
                lesson=view.lesson.name,
                count=count,
            )
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
        (tr("direction 1"), tr("direction 2")),
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


def extent(plane: Plane, axis: int) -> tuple[float, float]:
    """Return between which places of an axis the grid lies: the path with room around it."""
    path = plane.path[np.isfinite(plane.path).all(axis=1)][:, axis]
    low, high = (float(path.min()), float(path.max())) if len(path) else (0.0, 0.0)
    room = max(0.5 * (high - low), plane.scale[axis])
    return low - room, high + room
