"""Operations whose elements meet those at their own place: functions and texts in a row, and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Any, ClassVar

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.engine.ops.base import Op, common_shape
from tui_backprop.engine.ops.signature import written
from tui_backprop.engine.ops.structure import Pointwise, Structure
from tui_backprop.text.sentences import tr


class Slope(Struct, frozen=True):
    """A local derivative: how it is computed, how it is written, and why it is what it is.

    Attributes:
        value: computes it, of a shape that broadcasts to the operand's, from the operands, the output, and
            the options by name.
        text: the same in the formula language; the operands' names of the signature, ``y`` for the output,
            and the options' names stand in braces. A sentence where words stand in it besides *where* and
            *else*.
        why: one or two sentences.
    """

    value: Callable[..., Array]
    text: str
    why: str


class PointwiseOp(Op):
    """y = f(x₀, x₁, …) at every place; operands of different shapes are broadcast to one before.

    Attributes:
        compute: computes y from the operands, and the options by name.
        slopes: the local derivative for each operand; the last one also for those that follow in ``*xs``.
    """

    elementwise = True
    compute: ClassVar[Callable[..., Array]]
    slopes: ClassVar[tuple[Slope, ...]]
    _values: tuple[Callable[..., Array], ...]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "slopes" in vars(cls):
            cls.whys = tuple(slope.why for slope in cls.slopes)
            cls.sums_up = all(slope.text == "1" for slope in cls.slopes)
            cls._values = tuple(slope.value for slope in cls.slopes)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if self.options:
            self._values = tuple(partial(value, **self.options) for value in self._values)

    def shape(self, *shapes: Shape) -> Shape:
        """Return the common shape (a literal may stay a scalar beside an array)."""
        return shapes[0] if _alike(shapes) else np.broadcast_shapes(*shapes)

    def structure(self, *shapes: Shape) -> Structure:
        """Return that elements meet at their own places."""
        return Pointwise()

    def aligned(self, *shapes: Shape) -> tuple[Shape, ...]:
        """Return the common shape for each operand."""
        return shapes if _alike(shapes) else (common_shape(*shapes),) * len(shapes)

    def forward(self, *operands: Array) -> Array:
        """Compute y at every place."""
        return self.compute(*operands, **self.options) if self.options else self.compute(*operands)

    def local_derivative(self, index: int, operands: Sequence[Array], output: Array) -> Array:
        """Return ∂y/∂operands[index], of a shape that broadcasts to the operand's."""
        try:
            value = self._values[index]
        except IndexError:  # one of those that follow in *xs
            value = self._values[-1]
        return value(*operands, output)

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return upstream ⊙ ∂y/∂operands[index]."""
        return upstream * self.local_derivative(index, operands, output)

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the local derivative, options with their values."""
        return self._filled(self.slopes[min(index, len(self.slopes) - 1)].text, operands, output)

    def _filled(self, text: str, operands: Sequence[str], output: str, **more: object) -> str:
        names = dict(zip(self.signature.operands, operands, strict=False))
        return tr(text, **names, y=output, **self._written, **more)

    @cached_property
    def _written(self) -> dict[str, str]:
        return {name: written(value) for name, value in self.options.items()}


def _alike(shapes: tuple[Shape, ...]) -> bool:
    return shapes.count(shapes[0]) == len(shapes)
