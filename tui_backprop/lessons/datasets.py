"""Seeded toy data."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from tui_backprop.engine.core.arrays import Array
from tui_backprop.lessons.errors import LessonError, found, nearest
from tui_backprop.text.sentences import tr

_STREAM = 0x64617461
"""Keeps the data's random numbers apart from the parameters', which start from the same seed."""


def _halves(size: int) -> tuple[int, int]:
    return size - size // 2, size // 2


def moons(size: int, classes: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Two half circles that grip each other; labels 0 and 1."""
    first, second = _halves(size)
    a, b = np.linspace(0, math.pi, first), np.linspace(0, math.pi, second)
    upper = np.column_stack([np.cos(a), np.sin(a)])
    lower = np.column_stack([1 - np.cos(b), 0.5 - np.sin(b)])
    return np.vstack([upper, lower]), np.repeat([0.0, 1.0], [first, second])


def circles(size: int, classes: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Circle of radius 1 (label 0) around one of radius 0.5 (label 1)."""
    counts = _halves(size)
    rings = []
    for radius, count in zip((1.0, 0.5), counts, strict=True):
        angle = np.linspace(0, 2 * math.pi, count, endpoint=False)
        rings.append(radius * np.column_stack([np.cos(angle), np.sin(angle)]))
    return np.vstack(rings), np.repeat([0.0, 1.0], counts)


def spiral(size: int, classes: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """One spiral arm for each class, wound once around the origin."""
    labels = np.sort(np.arange(size) % classes)
    arms = []
    for label, count in enumerate(np.bincount(labels, minlength=classes).tolist()):
        radius = np.linspace(0.1, 1, count)
        angle = 2 * math.pi * (radius + label / classes)
        arms.append(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
    return np.vstack(arms), labels.astype(np.float64)


def xor(size: int, classes: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Corners of the square [0, 1]²; label 1 where exactly one coordinate is 1."""
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float64)
    points = corners[np.arange(size) % 4]
    return points, np.abs(points[:, 0] - points[:, 1])


def blobs(size: int, classes: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Centres spaced evenly on a circle of radius 2, one for each class; noise spreads them."""
    labels = np.sort(np.arange(size) % classes)
    angle = 2 * math.pi * labels / classes
    return 2 * np.column_stack([np.cos(angle), np.sin(angle)]), labels.astype(np.float64)


def sine(size: int, classes: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Y = sin(x) for x from -π to π; X is one column."""
    x = np.linspace(-math.pi, math.pi, size)
    return x[:, None], np.sin(x)


DATASETS: Mapping[str, Callable[[int, int, np.random.Generator], tuple[Array, Array]]] = {
    function.__name__: function for function in (moons, circles, spiral, xor, blobs, sine)
}
WITH_CLASSES = frozenset({"spiral", "blobs"})


def make_dataset(
    name: str, size: int, noise: float, seed: int, classes: int = 2, one_hot: bool = False
) -> tuple[Array, Array]:
    """Return X of shape (size, 2), or (size, 1) for ``sine``, and y of shape (size,) or (size, classes).

    ``noise`` is the standard deviation added to the points (for ``sine``, to y).

    Raises:
        LessonError: an unknown dataset.
    """
    if name not in DATASETS:
        hint = nearest(name, DATASETS)
        raise LessonError(
            tr("samples.dataset: unknown dataset {found}{hint}", found=found(name, 80), hint=hint)
        )
    rng = np.random.default_rng([seed, _STREAM])
    X, y = DATASETS[name](size, classes, rng)
    if name == "sine":
        return X, y + noise * rng.standard_normal(y.shape)
    X = X + noise * rng.standard_normal(X.shape)
    return X, np.eye(classes)[y.astype(int)] if one_hot else y
