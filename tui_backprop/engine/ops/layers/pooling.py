"""Pooling: of every window one number is left, its largest element or its mean."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from tui_backprop.engine.core.arrays import Array, Shape, size_of
from tui_backprop.engine.core.kernels import indicator, total, where
from tui_backprop.engine.core.windows import called, patches, unpatched
from tui_backprop.engine.ops.base import Term
from tui_backprop.engine.ops.layers.sliding import Sliding, check_axes, per_axis
from tui_backprop.engine.ops.opaque import OpaqueOp
from tui_backprop.engine.ops.signature import PerAxisOption, Signature
from tui_backprop.engine.ops.structure import Element, Pattern, selection
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.subscripts import LETTERS, subscripted

_AXES = 2


class Pooling(OpaqueOp):
    """One number of every window of every channel; ``kernel_size`` and ``stride`` as in PyTorch."""

    signature = Signature(options=(PerAxisOption("kernel_size", 2), PerAxisOption("stride", None)))

    def sliding(self) -> Sliding:
        """Return how the windows lie; without a stride, side by side."""
        size = per_axis(self.options["kernel_size"], _AXES, "kernel_size")
        stride = self.options["stride"]
        return Sliding(size, size if stride is None else per_axis(stride, _AXES, "stride"), (0,) * _AXES)

    def text(self, *operands: Term) -> Term:
        """Write the call with the window's size, as it has to be in PyTorch."""
        size, stride = self.options["kernel_size"], self.options["stride"]
        steps = "" if stride is None else f", stride={stride}"
        return Term(f"{self.name}({operands[0].text}, {size}{steps})")

    def shape(self, *shapes: Shape) -> Shape:
        """Return samples, channels, and the number of windows along each axis."""
        (x,) = shapes
        check_axes("x", x, _AXES)
        return (*x[:2], *self.sliding().counts(x))

    def columns(self, x: Array) -> Array:
        """Return the windows of x, (samples, channels, places of a window, windows)."""
        sliding = self.sliding()
        columns: Array = called(patches, x, sliding.size, sliding.stride, sliding.padding)
        return columns

    def laid_back(self, columns: Array, shape: Shape) -> Array:
        """Return columns added up where their windows lie."""
        sliding = self.sliding()
        gradient: Array = called(unpatched, columns, shape, sliding.size, sliding.stride, sliding.padding)
        return gradient

    def settled(
        self, index: int, upstream: Array, operands: Sequence[Array], output: Array, downstream: Array
    ) -> Array:
        """Return the same: there is no product in it."""
        return downstream

    def forward(self, *operands: Array) -> Array:
        """Compute each window's number."""
        (x,) = operands
        return self.pooled(self.columns(x)).reshape(self.shape(np.shape(x)))

    @abstractmethod
    def pooled(self, columns: Array) -> Array:
        """Return each window's number, (samples, channels, windows), given its elements along axis 2."""
        raise NotImplementedError

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return the windows that cover the element."""
        return (*element[:2], *self.sliding().covering(element[2:], shapes[0]))

    def meeting(
        self, index: int, element: Element, shapes: Sequence[Shape]
    ) -> tuple[tuple[int | None, Pattern], ...]:
        """Return the elements of the windows that cover the element."""
        sliding, (x,) = self.sliding(), shapes
        reached = sliding.covered(sliding.covering(element[2:], x), x[2:])
        return ((0, (*element[:2], *reached)),)

    def averaged(self, index: int, shapes: Sequence[Shape]) -> int:
        """Return 1: what is averaged are windows, which may overlap."""
        return 1


class MaxPool2d(Pooling):
    """y = the largest element of each window; ∂y/∂x = 1 there, 0 elsewhere; those that tie share it equally.

    PyTorch's gives all to the first of a tie. Equal shares are what max and maximum have here.
    """

    name = "max_pool2d"
    remark = "windows side by side without a stride; ties share the gradient"
    whys = (
        later(
            "Only the largest element of a window shows in the result, so it alone gets the window's "
            "upstream gradient, and all others get nothing. Where several tie they share it equally."
        ),
    )

    def pooled(self, columns: Array) -> Array:
        """Return the largest element of each window."""
        best: Array = np.maximum.reduce(columns, axis=2)
        return best

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return each window's upstream gradient at its largest element."""
        (x,) = operands
        best = output.reshape(*np.shape(x)[:2], 1, -1)
        hits = self.columns(x) == best
        share = upstream.reshape(np.shape(best)) / total(indicator(hits, x), 2, keepdims=True)
        return self.laid_back(where(hits, share, 0.0), np.shape(x))

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        return tr(
            "upstream where {x} == {output} in its window, shared equally in a tie, else 0",
            x=operands[0],
            output=output,
        )

    def partials(self, index: int, element: Element, operands: Sequence[Array], output: Array) -> Array:
        """Return 1, or its share in a tie, for each window whose largest element it is, else 0."""
        (x,) = operands
        channel, best = x[element[0], element[1]], output[element[0], element[1]]
        columns = self.columns(channel[None, None])[0, 0]
        ties = np.sum(columns == np.ravel(best), axis=0).reshape(np.shape(best))
        at = selection(self.affected(index, element, [np.shape(x)])[2:])
        return np.ravel(np.where(x[element] == best[at], 1.0 / np.maximum(ties[at], 1), 0.0))

    def partial_text(
        self, index: int, element: Element, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write that it is 1 where the element is the largest."""
        at = _numbered(self.affected(index, element, shapes))
        here, there = subscripted(operands[0], element), subscripted(output, at)
        return tr("(1 where {here} == {there}, shared equally in a tie, else 0)", here=here, there=there)

    def shapes_text(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say where a window's number goes."""
        return tr(
            "each window's number goes to its largest element, {places} places in each",
            places=_places(self.sliding()),
        )

    def kink_argument(self, operands: Sequence[Array]) -> Array | None:
        """Return how far each element is from the largest of the others of its window, for each window."""
        columns = self.columns(operands[0])
        best = np.max(columns, axis=2, keepdims=True)
        second = np.max(np.where(columns == best, -np.inf, columns), axis=2, keepdims=True)
        alone = np.sum(columns == best, axis=2, keepdims=True) == 1
        apart: Array = columns - np.where((columns == best) & alone, second, best)
        return apart


class AvgPool2d(Pooling):
    """y = the mean of each window; ∂y/∂x = one over the number of its places."""

    name = "avg_pool2d"
    whys = (
        later(
            "All elements of a window have the same part in its mean, so each gets an equal share of its "
            "upstream gradient. In windows that overlap an element gets a share of each, and they add up."
        ),
    )

    def pooled(self, columns: Array) -> Array:
        """Return the mean of each window."""
        mean: Array = total(columns, 2) / _places(self.sliding())
        return mean

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return each window's upstream gradient in equal shares, added up where windows overlap."""
        shape, places = np.shape(operands[0]), _places(self.sliding())
        share = (upstream / places).reshape(*shape[:2], 1, -1)
        columns = np.broadcast_to(share, (*shape[:2], places, np.shape(share)[3]))
        return self.laid_back(columns, shape)

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        formula = f"sum(upstream / {_places(self.sliding())})"
        return tr("{formula}, over the windows on each element", formula=formula)

    def partials(self, index: int, element: Element, operands: Sequence[Array], output: Array) -> Array:
        """Return an equal share for each window."""
        sliding = self.sliding()
        count = size_of(tuple(map(len, sliding.covering(element[2:], np.shape(operands[0])))))
        return np.full(count, 1.0 / size_of(sliding.size))

    def partial_text(
        self, index: int, element: Element, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the share."""
        return f"(1/{_places(self.sliding())})"

    def meeting(
        self, index: int, element: Element, shapes: Sequence[Shape]
    ) -> tuple[tuple[int | None, Pattern], ...]:
        """Return nothing: the share is made of no element."""
        return ()

    def shapes_text(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say that a window's number is shared out."""
        return tr(
            "1/{places} of it to each element of its window, which was averaged",
            places=_places(self.sliding()),
        )


def _places(sliding: Sliding) -> int:
    """Return how many places a window has."""
    return size_of(sliding.size)


def _numbered(pattern: Pattern) -> tuple[int | str, ...]:
    """Return the subscripts of windows: a letter along an axis where there are several, or none."""
    return tuple(
        (at.start if len(at) == 1 else LETTERS[axis]) if isinstance(at, range) else at or 0
        for axis, at in enumerate(pattern)
    )


POOLINGS = (MaxPool2d, AvgPool2d)
"""The functions of this page, as the table of functions has them."""
