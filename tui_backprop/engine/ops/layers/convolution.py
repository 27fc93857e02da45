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
from tui_backprop.engine.ops.signature import PerAxisOption, Signature, WholeNumbersOption
from tui_backprop.engine.ops.structure import Element, Pattern
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import later, tr, tr_count
from tui_backprop.text.subscripts import LETTERS, listed, running


class Convolution(OpaqueOp):
    """y[n, f, o] = Σ over c, k of w[f, c, k] · x[n, c, o·stride + k·dilation - padding].

    The kernel is not flipped. With the windows of x as the columns of a matrix C that is w @ C for each
    sample, a row of w a filter. So ∂L/∂w = Σ over n of U @ Cᵀ, and ∂L/∂C = wᵀ @ U, whose columns are added up
    where their windows lie. In several groups, each of as many channels and filters, that holds for each
    group on its own.

    Attributes:
        axes: along how many axes windows slide.
    """

    signature = Signature(
        ("x", "w"),
        (
            PerAxisOption("stride", 1),
            PerAxisOption("padding", 0, least=0),
            WholeNumbersOption("groups", "groups=2", 1, single=True, least=1),
            PerAxisOption("dilation", 1),
        ),
    )
    axes: ClassVar[int]
    whys = (
        later(
            "In every window that covers it an element of x is multiplied by the weight at its place "
            "there, in each filter of its channel. Its effects add, so each upstream gradient is laid "
            "back over its window, times the weights, and what overlaps is summed."
        ),
        later(
            "A convolution's weight meets every window, one element of x in each, so its gradients add "
            "up over all places and samples. At each place that is the element of x that it met, times "
            "the upstream gradient there."
        ),
    )

    def sliding(self, w: Shape) -> Sliding:
        """Return how windows of the weights' size lie."""
        stride, padding, dilation = (
            per_axis(self.options[name], self.axes, name) for name in ("stride", "padding", "dilation")
        )
        return Sliding(w[2:], stride, padding, dilation if set(dilation) != {1} else None)

    def shape(self, *shapes: Shape) -> Shape:
        """Return samples, filters, and the number of windows along each axis."""
        x, w = shapes
        check_axes("x", x, self.axes)
        if len(w) != self.axes + 2:
            needs = later("w has shape {shape} and needs 4 axes: filters, channels, height and width")
            if self.axes == 1:
                needs = later("w has shape {shape} and needs 3 axes: filters, channels and width")
            raise ShapeError(tr(needs, shape=shape_text(w)))
        groups = self.groups
        if x[1] != groups * w[1]:
            reason = later("x has {found} and w is for {right}, each on axis 1; these must be equal")
            if groups > 1:
                reason = later(
                    "x has {found} and w is for {right} in each of {groups} groups, each on axis 1"
                )
            raise ShapeError(tr(reason, found=_channels(x[1]), right=_channels(w[1]), groups=groups))
        if w[0] % groups:
            raise ShapeError(
                tr(
                    "axis 0 of w, the filters, has length {length}; groups={groups} must divide that",
                    length=w[0],
                    groups=groups,
                )
            )
        return (x[0], w[0], *self.sliding(w).counts(x))

    def columns(self, x: Array, w: Array) -> Array:
        """Return the windows of x as columns, (samples, channels · places of a window, windows)."""
        sliding = self.sliding(np.shape(w))
        columns: Array = called(patches, x, *sliding.given)
        return columns.reshape(np.shape(x)[0], self.groups * size_of(np.shape(w)[1:]), -1)

    @property
    def groups(self) -> int:
        """How many groups of channels there are, each with filters of its own."""
        groups: int = self.options["groups"]
        return groups

    def grouped(self, a: Array, axis: int) -> Array:
        """Return an array with its groups apart along an axis, in front of it; as it is if there is one."""
        if self.groups == 1:
            return a
        shape = np.shape(a)
        apart: Array = a.reshape(*shape[:axis], self.groups, shape[axis] // self.groups, *shape[axis + 1 :])
        return apart

    def forward(self, *operands: Array) -> Array:
        """Return w times the windows."""
        x, w = operands
        made = product(self.grouped(_rows(w), 0), self.grouped(self.columns(x, w), 1))
        result: Array = made.reshape(self.shape(np.shape(x), np.shape(w)))
        return result

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return Σ U @ Cᵀ for the weights; for x, wᵀ @ U added up where the windows lie."""
        x, w = operands
        u = self.grouped(_flat(upstream), 1)
        if index == 1:
            columns = self.grouped(self.columns(x, w), 1)
            weights: Array = total(product(u, np.swapaxes(columns, -1, -2)), 0).reshape(np.shape(w))
            return weights
        return self._laid_back(product(self._turned(w), u), np.shape(x), np.shape(w))

    def _turned(self, w: Array) -> Array:
        """Return the weights as a matrix, a column a filter; several groups as a stack of these."""
        rows = self.grouped(_rows(w), 0)
        return np.swapaxes(rows, -1, -2) if self.groups > 1 else rows.T

    def _laid_back(self, columns: Array, x: Shape, w: Shape) -> Array:
        gradient: Array = called(unpatched, columns, x, *self.sliding(w).given)
        return gradient

    def settled(
        self, index: int, upstream: Array, operands: Sequence[Array], output: Array, downstream: Array
    ) -> Array:
        """Return the same without the terms of an exact 0 and an infinity."""
        x, w = operands
        u = _flat(upstream)
        if index == 0:
            left, u = self._turned(w), self.grouped(u, 1)
            return self._laid_back(settled_sum(product(left, u), left, u), np.shape(x), np.shape(w))
        columns = self.columns(x, w)
        filters, places = np.swapaxes(u, 0, 1), np.swapaxes(columns, 0, 1)  # all samples in one sum
        met = self.grouped(places.reshape(np.shape(columns)[1], -1), 0)
        found = settled_sum(
            self.grouped(downstream.reshape(np.shape(w)[0], -1), 0),
            self.grouped(filters.reshape(np.shape(w)[0], -1), 0),
            np.swapaxes(met, -1, -2) if self.groups > 1 else met.T,
        )
        result: Array = found.reshape(np.shape(w))
        return result

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        x, w = operands
        if index:
            formula = f"sum(windows({x}) * upstream)"
            return tr("{formula}, over samples and windows", formula=formula)
        formula = f"sum({w} * upstream)"
        return tr("{formula}, over the windows on each element", formula=formula)

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return the windows that cover an element of x, in every filter; for a weight all of its filter."""
        x, w = shapes
        if index == 0:
            return (element[0], self._filters(element[1], w), *self.sliding(w).covering(element[2:], x))
        return (None, element[0], *(None for _ in range(self.axes)))

    def _filters(self, channel: int, w: Shape) -> range | None:
        """Return the filters that take a channel of x; None for all."""
        if self.groups == 1:
            return None
        count = w[0] // self.groups
        group = channel // w[1]
        return range(group * count, (group + 1) * count)

    def _channel(self, element: Element, w: Shape) -> int:
        """Return which channel of x a weight meets."""
        return element[0] // (w[0] // self.groups) * w[1] + element[1]

    def partials(self, index: int, element: Element, operands: Sequence[Array], output: Array) -> Array:
        """Return the weight at the element's place in each window; or what a weight meets in each."""
        x, w = operands
        sliding = self.sliding(np.shape(w))
        if index == 0:
            windows = sliding.covering(element[2:], np.shape(x))
            offsets = sliding.offsets(element[2:], windows)
            filters = self._filters(element[1], np.shape(w)) or range(len(w))
            return np.ravel(w[:, element[1] % np.shape(w)[1]][np.ix_(filters, *offsets)])
        columns = self.columns(x, w)
        at = self._channel(element, np.shape(w)), *element[2:]
        row = int(np.ravel_multi_index(at, (np.shape(x)[1], *np.shape(w)[2:])))
        return np.ravel(columns[:, row])

    def partial_text(
        self, index: int, element: Element, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the other operand's element that is met, the window's number being ₖ, ₗ."""
        sliding, letters = self.sliding(shapes[1]), LETTERS[2:]
        along = list(zip(letters, element[2:], sliding.stride, sliding.padding, sliding.apart, strict=False))
        if index == 0:
            places = [running(letter, -step, at + zeros, apart) for letter, at, step, zeros, apart in along]
            return listed(operands[1], (LETTERS[1], element[1] % shapes[1][1], *places))
        places = [running(letter, step, apart * at - zeros) for letter, at, step, zeros, apart in along]
        return listed(operands[0], (LETTERS[0], self._channel(element, shapes[1]), *places))

    def meeting(
        self, index: int, element: Element, shapes: Sequence[Shape]
    ) -> tuple[tuple[int | None, Pattern], ...]:
        """Return the weights that an element of x meets, or the elements that a weight meets."""
        x, w = shapes
        sliding = self.sliding(w)
        if index == 0:
            offsets = sliding.offsets(element[2:], sliding.covering(element[2:], x))
            filters = self._filters(element[1], w)
            return ((1, (filters, element[1] % w[1], *(_reach(met) for met in offsets))),)
        firsts = (
            apart * place - zeros
            for place, apart, zeros in zip(element[2:], sliding.apart, sliding.padding, strict=True)
        )
        along = zip(firsts, sliding.stride, sliding.counts(x), x[2:], strict=True)
        met = (
            [at for at in (first + step * number for number in range(count)) if 0 <= at < length]
            for first, step, count, length in along
        )
        return ((0, (None, self._channel(element, w), *map(_reach, met))),)

    def shapes_text(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say over what it sums, and why."""
        x, w = shapes
        counts = self.sliding(w).counts(x)
        if index:
            if x[0] > 1:
                return tr(
                    "summed over {count} windows of {samples} samples, because each weight meets all of them",
                    count=size_of(counts),
                    samples=x[0],
                )
            return tr(
                "summed over {count} windows, because each weight meets all of them", count=size_of(counts)
            )
        return tr("summed where windows overlap, because an element meets every window that covers it")

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
    return tr_count("{count} channel", "{count} channels", count)


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
