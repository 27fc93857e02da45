"""Operations that mix, move or repeat elements: sum, mean, broadcast, transpose, softmax.

None of them has a local derivative of its operand's shape (that would be a full Jacobian); each states the
rule that carries the upstream gradient back.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui_backprop.engine.arrays import Array, Shape, shape_text, size_of
from tui_backprop.engine.errors import ShapeError
from tui_backprop.engine.kernels import column_sums, exp, total
from tui_backprop.engine.ops.base import ATOM, Element, Op, Pattern, Term, selection

Axis = int | tuple[int, ...] | None


def check_axis(axis: Axis, shape: Shape) -> tuple[int, ...]:
    """Return the axes as non-negative numbers in order; raise ShapeError for one the shape does not have."""
    if axis is None:
        return tuple(range(len(shape)))
    axes = axis if isinstance(axis, tuple) else (axis,)
    for number in axes:
        if not -len(shape) <= number < len(shape):
            has = f"axes 0 to {len(shape) - 1}" if shape else "no axes"
            raise ShapeError(f"axis={number} does not exist: {shape_text(shape)} has {has}")
    positive = sorted(number % len(shape) for number in axes)
    if len(set(positive)) != len(positive):
        raise ShapeError(f"axis={axis} names an axis twice")
    return tuple(positive)


class Reduction(Op):
    """A result with fewer axes than its operand; ``axis`` as in NumPy, None for all."""

    elementwise = False

    def __init__(self, axis: Axis = None) -> None:
        self.axis = axis

    def shape(self, *shapes: Shape) -> Shape:
        """Return the operand's shape without the reduced axes."""
        gone = check_axis(self.axis, shapes[0])
        return tuple(length for i, length in enumerate(shapes[0]) if i not in gone)

    def spread(self, upstream: Array, shape: Shape) -> Array:
        """Repeat the upstream gradient over the reduced axes."""
        axes = check_axis(self.axis, shape)
        return np.broadcast_to(np.expand_dims(upstream, axes), shape)

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return the one result that the element goes into."""
        gone = check_axis(self.axis, shapes[index])
        return tuple(at for i, at in enumerate(element) if i not in gone)

    def text(self, *operands: Term) -> Term:
        """Write the call with its axis."""
        axis = "" if self.axis is None else f", axis={self.axis}"
        return Term(f"{self.name}({operands[0].text}{axis})")


class Sum(Reduction):
    """y = Σ a over ``axis``; every summed element gets the upstream gradient once."""

    name = "sum"
    whys = (
        "Each element that is summed moves its sum one for one, so each gets the sum's upstream gradient.",
    )

    def forward(self, *operands: Array) -> Array:
        """Return the sum."""
        result: Array = total(operands[0], self.axis)
        return result

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Repeat the upstream gradient over the summed axes."""
        return self.spread(upstream, np.shape(operands[0]))

    def partials(self, index: int, element: Element, operands: Sequence[Array], output: Array) -> Array:
        """Return 1."""
        return np.ones(1)

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        return "upstream, once for each element summed"


class Mean(Reduction):
    """y = (1/n) Σ a over ``axis``; each of the n elements gets upstream / n."""

    name = "mean"
    whys = (
        "Each of the n elements averaged moves the mean by one n-th of its own change, "
        "so each gets that part of the mean's upstream gradient.",
    )

    def forward(self, *operands: Array) -> Array:
        """Return the mean."""
        result: Array = total(operands[0], self.axis)
        return result / self.count(np.shape(operands[0]))

    def count(self, shape: Shape) -> int:
        """Return n, the number of elements that are averaged into one."""
        return size_of(tuple(shape[i] for i in check_axis(self.axis, shape)))

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Repeat upstream / n over the averaged axes."""
        shape = np.shape(operands[0])
        return self.spread(upstream / self.count(shape), shape)

    def partials(self, index: int, element: Element, operands: Sequence[Array], output: Array) -> Array:
        """Return 1/n."""
        return np.array([1.0 / self.count(np.shape(operands[0]))])

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        n = self.count(shapes[0])
        return f"upstream / {n}, for each of the {n} elements averaged"


class Broadcast(Op):
    """y repeats a along new or length-1 axes; the way back sums over exactly those axes."""

    name = "broadcast"
    elementwise = False

    def __init__(self, target: Shape) -> None:
        self.target = target

    def shape(self, *shapes: Shape) -> Shape:
        """Return the target shape."""
        return self.target

    def axes(self, shape: Shape) -> tuple[int, ...]:
        """Return the axes of the target along which an operand of ``shape`` is repeated."""
        extra = len(self.target) - len(shape)
        repeated = [i for i, length in enumerate(shape, extra) if length == 1 and self.target[i] != 1]
        return (*range(extra), *repeated)

    def forward(self, *operands: Array) -> Array:
        """Return a, repeated (a read-only view)."""
        return np.broadcast_to(operands[0], self.target)

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Sum the upstream gradient over the repeated axes."""
        shape = np.shape(operands[0])
        axes = self.axes(shape)
        result: Array = (
            column_sums(upstream) if axes == (0,) and upstream.ndim == 2 else total(upstream, axes)
        )
        return result.reshape(shape)[()]

    def why(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say what was copied where, and that the copies' effects add."""
        shape, axes = shapes[0], self.axes(shapes[0])
        if size_of(shape) == 1:
            copied = "The one number was copied to every place"
        elif len(self.target) == 2:
            copied = (
                "The column was copied to every column" if axes == (1,) else "The row was copied to every row"
            )
        elif axes == (0,):
            copied = "The matrix was copied to every matrix of the stack"
        else:
            copied = "Each element was copied along the repeated axes"
        return (
            f"{copied}, and moving the original moves all its copies at once. "
            "Their effects add, so the upstream gradient is summed over the copies."
        )

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return all copies of the element."""
        repeated = self.axes(shapes[0])
        whole: Pattern = (*(None for _ in range(len(self.target) - len(element))), *element)
        return tuple(None if axis in repeated else at for axis, at in enumerate(whole))

    def partials(self, index: int, element: Element, operands: Sequence[Array], output: Array) -> Array:
        """Return 1 for each copy."""
        shape = np.shape(operands[0])
        return np.ones(size_of(tuple(self.target[axis] for axis in self.axes(shape))))

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        if not shapes[0]:
            return "sum(upstream)"
        axes = self.axes(shapes[0])
        kept = ", keepdims=True" if len(shapes[0]) == len(self.target) else ""
        return f"sum(upstream, axis={axes[0] if len(axes) == 1 else axes}{kept})"


class Transpose(Op):
    """y = aᵀ (all axes reversed, as NumPy's ``.T``); the way back transposes again."""

    name = "transpose"
    elementwise = False

    def shape(self, *shapes: Shape) -> Shape:
        """Return the reversed shape."""
        return shapes[0][::-1]

    def forward(self, *operands: Array) -> Array:
        """Return aᵀ (a view)."""
        return operands[0].T

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return upstreamᵀ."""
        return upstream.T

    def why(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say that elements only change places."""
        if len(shapes[0]) < 2:
            return "With fewer than two axes nothing moves, so the upstream gradient is handed on unchanged."
        return (
            "Transposing changes where an element stands and not what it is, "
            "so each takes its upstream gradient back to its own place: the gradient is transposed again."
        )

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return the place the element was moved to."""
        return element[::-1]

    def partials(self, index: int, element: Element, operands: Sequence[Array], output: Array) -> Array:
        """Return 1."""
        return np.ones(1)

    def text(self, *operands: Term) -> Term:
        """Write a.T."""
        text = operands[0].within(ATOM)
        return Term(f"({text}).T" if text[0] in ".0123456789" else f"{text}.T")  # 2.T would be a number

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        return "upstream.T"


def softmax(a: Array, axis: int = -1) -> Array:
    """Return exp(a) / Σ exp(a) along ``axis``, shifted by the maximum so that nothing overflows."""
    weights = exp(a - np.maximum.reduce(a, axis=axis, keepdims=True))
    result: Array = weights / total(weights, axis, keepdims=True)
    return result


class Softmax(Op):
    """s = softmax(a) along ``axis``; ∂L/∂a = s ⊙ (u - Σ u ⊙ s), since ∂sᵢ/∂aⱼ = sᵢ(δᵢⱼ - sⱼ)."""

    name = "softmax"
    whys = (
        "The outputs along the axis share a sum of one, so what one gains the others lose. "
        "What counts is how far an upstream gradient lies from their average, weighted by the shares.",
    )
    elementwise = False

    def __init__(self, axis: Axis = -1) -> None:
        self.axis = -1 if axis is None else axis

    def shape(self, *shapes: Shape) -> Shape:
        """Return the operand's shape."""
        if isinstance(self.axis, tuple):
            raise ShapeError(f"axis={self.axis}: softmax runs along one axis")
        if not shapes[0]:
            raise ShapeError("softmax needs a vector or a matrix, not a scalar")
        check_axis(self.axis, shapes[0])
        return shapes[0]

    def forward(self, *operands: Array) -> Array:
        """Return softmax(a)."""
        assert isinstance(self.axis, int)
        return softmax(operands[0], self.axis)

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return s ⊙ (u - Σ u ⊙ s)."""
        result: Array = output * (upstream - total(upstream * output, self.axis, keepdims=True))
        return result

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return the outputs along the axis through the element."""
        (axis,) = check_axis(self.axis, shapes[0])
        return (*element[:axis], None, *element[axis + 1 :])

    def partials(self, index: int, element: Element, operands: Sequence[Array], output: Array) -> Array:
        """Return sᵢ(δᵢⱼ - sⱼ) for each i, j being the element's place along the axis."""
        (axis,) = check_axis(self.axis, np.shape(output))
        line = output[selection(self.affected(index, element, [np.shape(output)]))]
        kronecker = np.arange(line.size) == element[axis]
        result: Array = line * (kronecker - output[element])
        return result

    def text(self, *operands: Term) -> Term:
        """Write the call; the default axis is left out."""
        axis = "" if self.axis == -1 else f", axis={self.axis}"
        return Term(f"softmax({operands[0].text}{axis})")

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        kept = ", keepdims=True" if len(shapes[0]) > 1 else ""
        return f"{output} * (upstream - sum(upstream * {output}, axis={self.axis}{kept}))"
