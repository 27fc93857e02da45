"""Operations whose result at each place of a line depends on others of the line: softmax, cumsum."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.engine.core.elementary import exp, log
from tui_backprop.engine.core.errors import ShapeError
from tui_backprop.engine.core.kernels import solid, total
from tui_backprop.engine.core.settled import settled
from tui_backprop.engine.ops.opaque import OpaqueOp
from tui_backprop.engine.ops.reduction import check_axis
from tui_backprop.engine.ops.signature import AxisOption, Signature
from tui_backprop.engine.ops.structure import Element, Pattern, selection
from tui_backprop.text.numbers import axes_text
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.subscripts import Subscripts, lettered, subscripted


class AlongLineOp(OpaqueOp):
    """A result of the operand's shape, whose elements hang on those of their line; ``axis`` as in NumPy."""

    signature = Signature(options=(AxisOption(-1),))
    how: ClassVar[str]
    """What the way back does along the axis, and why."""

    def axis(self, shape: Shape) -> int:
        """Return the axis that a line runs along."""
        axis = self.options["axis"]
        if isinstance(axis, tuple) or axis is None:
            raise ShapeError(tr("axis={axis}: {name} runs along one axis", axis=axis, name=self.name))
        (number,) = check_axis(axis, shape)
        return number

    @abstractmethod
    def compute(self, x: Array, axis: int) -> Array:
        """Return the result for lines along an axis."""
        raise NotImplementedError

    def forward(self, *operands: Array) -> Array:
        """Compute the result."""
        return self.compute(operands[0], self.axis(np.shape(operands[0])))

    def shape(self, *shapes: Shape) -> Shape:
        """Return the operand's shape."""
        if not shapes[0]:
            raise ShapeError(tr("{name} needs a vector or a matrix, not a scalar", name=self.name))
        self.axis(shapes[0])
        return shapes[0]

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return the outputs along the axis through the element."""
        axis = self.axis(shapes[0])
        return (*element[:axis], None, *element[axis + 1 :])

    def partials(self, index: int, element: Element, operands: Sequence[Array], output: Array) -> Array:
        """Return ∂output/∂element at each place of the line."""
        line = output[selection(self.affected(index, element, [np.shape(output)]))]
        return self.column(line, element[self.axis(np.shape(output))])

    @abstractmethod
    def column(self, line: Array, place: int) -> Array:
        """Return the line's slopes by the element at a place, given the line's outputs, (n,)."""
        raise NotImplementedError

    def kronecker(self, index: int, element: Element, shapes: Sequence[Shape]) -> tuple[Subscripts, str]:
        """Return the letters of a place of the element's line, and δ, 1 where that is the element's."""
        axis = self.axis(shapes[0])
        at = lettered(self.affected(index, element, shapes))
        return at, subscripted("δ", (at[axis], element[axis]))

    def along_text(self, shape: Shape) -> str:
        """Write how a sum along the line is called."""
        return f"axis={self.options['axis']}" + (", keepdims=True" if len(shape) > 1 else "")

    def meeting(
        self, index: int, element: Element, shapes: Sequence[Shape]
    ) -> tuple[tuple[int | None, Pattern], ...]:
        """Return the outputs along the axis through the element."""
        return ((None, self.affected(index, element, shapes)),)

    def shapes_text(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say over which axis the rule sums."""
        return tr(self.how, axes=axes_text((self.axis(shapes[0]),)))

    def averaged(self, index: int, shapes: Sequence[Shape]) -> int:
        """Return 1: nothing is averaged."""
        return 1


def softmax(a: Array, axis: int = -1) -> Array:
    """Return exp(a) / Σ exp(a) along ``axis``, shifted by the maximum so that nothing overflows."""
    weights = exp(a - np.maximum.reduce(a, axis=axis, keepdims=True))
    result: Array = weights / total(weights, axis, keepdims=True)
    return result


def log_softmax(a: Array, axis: int = -1) -> Array:
    """Return a - log Σ exp(a) along ``axis``, shifted by the maximum so that nothing overflows."""
    shifted = a - np.maximum.reduce(a, axis=axis, keepdims=True)
    result: Array = shifted - log(total(exp(shifted), axis, keepdims=True))
    return result


class Softmax(AlongLineOp):
    """s = softmax(a) along ``axis``; ∂L/∂a = s ⊙ (u - Σ u ⊙ s), since ∂sᵢ/∂aⱼ = sᵢ(δᵢⱼ - sⱼ)."""

    name = "softmax"
    how = later("summed along {axes}, because each element moves all of its line")
    whys = (
        later(
            "The outputs along the axis share a sum of one, so what one gains the others lose. "
            "What counts is how far an upstream gradient lies from their average, weighted by the shares."
        ),
    )

    def compute(self, x: Array, axis: int) -> Array:
        """Return softmax(a)."""
        return softmax(x, axis)

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return s ⊙ (u - Σ u ⊙ s)."""
        axis = self.axis(np.shape(output))
        result: Array = output * (upstream - total(upstream * output, axis, keepdims=True))
        return result

    def settled(
        self, index: int, upstream: Array, operands: Sequence[Array], output: Array, downstream: Array
    ) -> Array:
        """Return the same where 0 · ∞ counts as 0 in both products."""
        shares = settled(upstream * output, upstream, output)
        rest = upstream - total(shares, self.axis(np.shape(output)), keepdims=True)
        result: Array = settled(output * rest, output, rest)
        return result

    def column(self, line: Array, place: int) -> Array:
        """Return sᵢ(δᵢⱼ - sⱼ) for each i, j being the element's place."""
        slopes: Array = line * ((np.arange(line.size) == place) - line[place])
        return slopes

    def partial_text(
        self, index: int, element: Element, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write sᵢ · (δᵢⱼ - sⱼ)."""
        at, kronecker = self.kronecker(index, element, shapes)
        return f"{subscripted(output, at)} · ({kronecker} − {subscripted(output, element)})"

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        return f"{output} * (upstream - sum(upstream * {output}, {self.along_text(shapes[0])}))"


class LogSoftmax(AlongLineOp):
    """y = a - log Σ exp(a) along ``axis``; ∂L/∂a = u - softmax(a) Σ u, since ∂yᵢ/∂aⱼ = δᵢⱼ - sⱼ."""

    name = "log_softmax"
    how = later("summed along {axes}, because each element moves all of its line")
    whys = (
        later(
            "An element raises its own output and lowers all outputs of its line by its share of the sum. "
            "So its upstream gradient comes back, less that share of all of them."
        ),
    )

    def compute(self, x: Array, axis: int) -> Array:
        """Return log softmax(a), shifted so that nothing overflows."""
        return log_softmax(x, axis)

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return u - softmax(a) Σ u."""
        axis = self.axis(np.shape(output))
        result: Array = upstream - exp(output) * total(upstream, axis, keepdims=True)
        return result

    def settled(
        self, index: int, upstream: Array, operands: Sequence[Array], output: Array, downstream: Array
    ) -> Array:
        """Return the same where 0 · ∞ counts as 0 in the product."""
        shares, whole = exp(output), total(upstream, self.axis(np.shape(output)), keepdims=True)
        result: Array = upstream - settled(shares * whole, shares, whole)
        return result

    def column(self, line: Array, place: int) -> Array:
        """Return δᵢⱼ - sⱼ for each i, j being the element's place."""
        slopes: Array = (np.arange(line.size) == place) - exp(line[place])
        return slopes

    def partial_text(
        self, index: int, element: Element, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write (δᵢⱼ - exp(yⱼ))."""
        _, kronecker = self.kronecker(index, element, shapes)
        return f"({kronecker} − exp({subscripted(output, element)}))"

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        return f"upstream - exp({output}) * sum(upstream, {self.along_text(shapes[0])})"


class CumSum(AlongLineOp):
    """yᵢ = x₀ + … + xᵢ along ``axis``; ∂L/∂xⱼ = Σ over i ≥ j of uᵢ."""

    name = "cumsum"
    signature = Signature(options=(AxisOption(),))
    how = later(
        "summed along {axes}, from each place to the end, because an element is in all sums from its own on"
    )
    whys = (
        later(
            "An element is part of its own sum and of all that follow along the axis. "
            "So the upstream gradients from its place to the end add up."
        ),
    )

    def axis(self, shape: Shape) -> int:
        """Return the axis that the sums run along; that of a vector need not be given."""
        if self.options["axis"] is None and len(shape) == 1:
            return 0
        if self.options["axis"] is None:
            raise ShapeError(
                tr("cumsum of more than one axis needs axis=; cumsum(ravel(x)) takes all in a row")
            )
        return super().axis(shape)

    def compute(self, x: Array, axis: int) -> Array:
        """Return the sums."""
        return _running(x, axis, backwards=False)

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return the sums from each place to the end."""
        return _running(upstream, self.axis(np.shape(output)), backwards=True)

    def settled(
        self, index: int, upstream: Array, operands: Sequence[Array], output: Array, downstream: Array
    ) -> Array:
        """Return the same: there is no product in it."""
        return downstream

    def column(self, line: Array, place: int) -> Array:
        """Return 1 from the element's place on."""
        return (np.arange(line.size) >= place).astype(float)

    def partial_text(
        self, index: int, element: Element, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write that it is 1 from the element's place on."""
        axis = self.axis(shapes[0])
        letter = lettered(self.affected(index, element, shapes))[axis]
        return f"[{letter} ≥ {element[axis]}]"

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        return tr(
            "{formula}, from each place on along axis {axis}",
            formula="sum(upstream)",
            axis=self.axis(shapes[0]),
        )


def _running(a: Any, axis: int, *, backwards: bool) -> Array:
    """Return running sums along an axis, slice by slice, as both stepping and compiled code do it."""
    length = np.shape(a)[axis]
    front = (slice(None),) * axis
    order = range(length - 1, -1, -1) if backwards else range(length)
    sums: list[Any] = []
    a = solid(a)
    for place in order:
        part = a[(*front, slice(place, place + 1))]
        sums.append(sums[-1] + part if sums else part)
    return np.concatenate(sums[::-1] if backwards else sums, axis=axis)


PLACES = (Softmax, LogSoftmax, CumSum)
"""The functions of this page, as the table of functions has them."""
