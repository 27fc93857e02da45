"""Convolutions: every window meets the same weights; as columns of a matrix it is one product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from tui_backprop.engine.core.arrays import Array, Shape, size_of
from tui_backprop.engine.core.errors import ShapeError
from tui_backprop.engine.core.kernels import product, total
from tui_backprop.engine.core.settled import settled_sum
from tui_backprop.engine.core.windows import called, patches, unpatched
from tui_backprop.engine.ops.layers.sliding import Sliding, check_axes, per_axis
from tui_backprop.engine.ops.opaque import OpaqueOp
from tui_backprop.engine.ops.signature import PerAxisOption, Signature
from tui_backprop.engine.ops.structure import Element, Pattern
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.subscripts import LETTERS, listed, running


class Convolution(OpaqueOp):
    """y[n, f, o] = Σ over c, k of w[f, c, k] · x[n, c, o·stride + k - padding], the kernel not flipped.

    With the windows of x as the columns of a matrix C that is w @ C for each sample, a row of w a filter. So
    ∂L/∂w = Σ over n of U @ Cᵀ, and ∂L/∂C = wᵀ @ U, whose columns are added up where their windows lie.

    Attributes:
        axes: along how many axes windows slide.
    """

    signature = Signature(("x", "w"), (PerAxisOption("stride", 1), PerAxisOption("padding", 0, least=0)))
    axes: ClassVar[int]
    whys = (
        "In every window that covers it an element of x is multiplied by the weight at its place there, in "
        "each filter. Its effects add, so each upstream gradient is laid back over its window, times the "
        "weights, and what overlaps is summed.",
        "A convolution's weight meets every window, one element of x in each, so its gradients add up over "
        "all places and samples. At each place that is the element of x that it met, times the upstream "
        "gradient there.",
    )

    def sliding(self, w: Shape) -> Sliding:
        """Return how windows of the weights' size lie."""
        stride, padding = (per_axis(self.options[name], self.axes, name) for name in ("stride", "padding"))
        return Sliding(w[2:], stride, padding)

    def shape(self, *shapes: Shape) -> Shape:
        """Return samples, filters, and the number of windows along each axis."""
        x, w = shapes
        check_axes("x", x, self.axes)
        if len(w) != self.axes + 2:
            names = "filters, channels and width" if self.axes == 1 else "filters, channels, height and width"
            raise ShapeError(f"w has shape {shape_text(w)} and needs {self.axes + 2} axes: {names}")
        if x[1] != w[1]:
            raise ShapeError(
                f"x has {_channels(x[1])} and w is for {_channels(w[1])}, each on axis 1; these must be equal"
            )
        return (x[0], w[0], *self.sliding(w).counts(x))

    def columns(self, x: Array, w: Array) -> Array:
        """Return the windows of x as columns, (samples, channels · places of a window, windows)."""
        sliding = self.sliding(np.shape(w))
        columns: Array = called(patches, x, sliding.size, sliding.stride, sliding.padding)
        return columns.reshape(np.shape(x)[0], size_of(np.shape(w)[1:]), -1)

    def forward(self, *operands: Array) -> Array:
        """Return w times the windows."""
        x, w = operands
        rows = product(_rows(w), self.columns(x, w))
        result: Array = rows.reshape(self.shape(np.shape(x), np.shape(w)))
        return result

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return Σ U @ Cᵀ for the weights; for x, wᵀ @ U added up where the windows lie."""
        x, w = operands
        u = _flat(upstream)
        if index == 1:
            summed = total(product(u, np.swapaxes(self.columns(x, w), -1, -2)), 0)
            weights: Array = summed.reshape(np.shape(w))
            return weights
        return self._laid_back(product(_rows(w).T, u), np.shape(x), np.shape(w))

    def _laid_back(self, columns: Array, x: Shape, w: Shape) -> Array:
        sliding = self.sliding(w)
        gradient: Array = called(unpatched, columns, x, sliding.size, sliding.stride, sliding.padding)
        return gradient

    def settled(
        self, index: int, upstream: Array, operands: Sequence[Array], output: Array, downstream: Array
    ) -> Array:
        """Return the same without the terms of an exact 0 and an infinity."""
        x, w = operands
        u = _flat(upstream)
        if index == 0:
            left = _rows(w).T
            return self._laid_back(settled_sum(product(left, u), left, u), np.shape(x), np.shape(w))
        columns = self.columns(x, w)
        filters, places = np.swapaxes(u, 0, 1), np.swapaxes(columns, 0, 1)  # all samples in one sum
        found = settled_sum(
            downstream.reshape(np.shape(w)[0], -1),
            filters.reshape(np.shape(w)[0], -1),
            places.reshape(np.shape(columns)[1], -1).T,
        )
        result: Array = found.reshape(np.shape(w))
        return result

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        x, w = operands
        if index:
            return f"sum(windows({x}) * upstream), over samples and windows"
        return f"sum({w} * upstream), over the windows on each element"

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return the windows that cover an element of x, in every filter; for a weight all of its filter."""
        x, w = shapes
        if index == 0:
            return (element[0], None, *self.sliding(w).covering(element[2:], x))
        return (None, element[0], *(None for _ in range(self.axes)))

    def partials(self, index: int, element: Element, operands: Sequence[Array], output: Array) -> Array:
        """Return the weight at the element's place in each window; or what a weight meets in each."""
        x, w = operands
        sliding = self.sliding(np.shape(w))
        if index == 0:
            windows = sliding.covering(element[2:], np.shape(x))
            offsets = sliding.offsets(element[2:], windows)
            return np.ravel(w[:, element[1]][np.ix_(range(len(w)), *offsets)])
        columns = self.columns(x, w)
        row = int(np.ravel_multi_index(element[1:], np.shape(w)[1:]))
        return np.ravel(columns[:, row])

    def partial_text(
        self, index: int, element: Element, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the other operand's element that is met, the window's number being ₖ, ₗ."""
        sliding, letters = self.sliding(shapes[1]), LETTERS[2:]
        along = list(zip(letters, element[2:], sliding.stride, sliding.padding, strict=False))
        if index == 0:
            places = [running(letter, -step, at + zeros) for letter, at, step, zeros in along]
            return listed(operands[1], (LETTERS[1], element[1], *places))
        places = [running(letter, step, at - zeros) for letter, at, step, zeros in along]
        return listed(operands[0], (LETTERS[0], element[1], *places))

    def meeting(
        self, index: int, element: Element, shapes: Sequence[Shape]
    ) -> tuple[tuple[int | None, Pattern], ...]:
        """Return the weights that an element of x meets, or the elements that a weight meets."""
        x, w = shapes
        sliding = self.sliding(w)
        if index == 0:
            offsets = sliding.offsets(element[2:], sliding.covering(element[2:], x))
            return ((1, (None, element[1], *(_reach(met) for met in offsets))),)
        along = zip(element[2:], sliding.stride, sliding.padding, sliding.counts(x), x[2:], strict=True)
        met = (
            [at for at in (place - zeros + step * number for number in range(count)) if 0 <= at < length]
            for place, step, zeros, count, length in along
        )
        return ((0, (None, element[1], *map(_reach, met))),)

    def shapes_text(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say over what it sums, and why."""
        x, w = shapes
        counts = self.sliding(w).counts(x)
        if index:
            samples = f" of {x[0]} samples" if x[0] > 1 else ""
            return f"summed over {size_of(counts)} windows{samples}, because each weight meets all of them"
        return "summed where windows overlap, because an element meets every window that covers it"

    def averaged(self, index: int, shapes: Sequence[Shape]) -> int:
        """Return 1: nothing is averaged."""
        return 1


def _rows(w: Array) -> Array:
    """Return the weights as a matrix, a row a filter."""
    rows: Array = w.reshape(np.shape(w)[0], size_of(np.shape(w)[1:]))
    return rows


def _flat(upstream: Array) -> Array:
    """Return a gradient with the windows on one axis, (samples, filters, windows)."""
    samples, filters, *counts = np.shape(upstream)
    flat: Array = upstream.reshape(samples, filters, size_of(tuple(counts)))
    return flat


def _channels(count: int) -> str:
    return f"{count} channel{'s' if count != 1 else ''}"


def _reach(places: Sequence[int]) -> range:
    """Return places at equal distances in ascending order."""
    step = abs(places[1] - places[0]) if len(places) > 1 else 1
    return range(min(places), max(places) + 1, step) if places else range(0)


class Conv1d(Convolution):
    """y = x with a window of weights sliding along it, as PyTorch's conv1d: (N, C, L) and (F, C, K)."""

    name = "conv1d"
    axes = 1


class Conv2d(Convolution):
    """y = x with a window of weights sliding over it, as PyTorch's conv2d: (N, C, H, W) and (F, C, K, K)."""

    name = "conv2d"
    remark = (
        "of samples, channels, height and width; the kernel is not flipped; bias= is added behind, in both"
    )
    axes = 2


CONVOLUTIONS = (Conv1d, Conv2d)
"""The functions of this page, as the table of functions has them."""
