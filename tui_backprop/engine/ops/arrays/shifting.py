"""Elements that are moved along: pad, which puts zeros around, and roll, which goes round."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui_backprop.engine.core import placing
from tui_backprop.engine.core.arrays import Array, Shape, size_of
from tui_backprop.engine.core.errors import ShapeError
from tui_backprop.engine.ops.arrays.arranging import ArrangingOp
from tui_backprop.engine.ops.base import Term
from tui_backprop.engine.ops.reduction import one_axis
from tui_backprop.engine.ops.signature import AxisOption, Signature, WholeNumbersOption
from tui_backprop.engine.ops.structure import Element, Pattern
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import later, tr


class Pad(ArrangingOp):
    """y = x with zeros around it, so many before and behind along each axis, as NumPy's pad.

    ``pad_width`` is one number for all sides, or two for all axes, or two for each axis in a row.
    """

    name = "pad"
    signature = Signature(
        options=(WholeNumbersOption("pad_width", "pad_width=((1, 1), (2, 2))", (1, 1), least=0),)
    )
    whys = (
        later(
            "The zeros around do not hang on anything. Each element stands further in and is handed on "
            "as it is, so its gradient is the one at the place where it stands."
        ),
    )

    def widths(self, shape: Shape) -> tuple[tuple[int, int], ...]:
        """Return how many zeros are before and behind, for each axis."""
        flat: tuple[int, ...] = self.options["pad_width"]
        if len(flat) == 1:
            flat *= 2
        if len(flat) == 2:
            flat *= len(shape)
        if not shape:
            raise ShapeError(tr("pad needs an array with an axis, not a number"))
        if len(flat) != 2 * len(shape):
            raise ShapeError(
                tr(
                    "{shape} has {count} axes, and pad_width {pairs} pairs",
                    shape=shape_text(shape),
                    count=len(shape),
                    pairs=len(flat) // 2,
                )
            )
        return tuple(zip(flat[::2], flat[1::2], strict=True))

    def shape(self, *shapes: Shape) -> Shape:
        """Return the lengths with the zeros."""
        widths = self.widths(shapes[0])
        return tuple(n + before + behind for n, (before, behind) in zip(shapes[0], widths, strict=True))

    def inside(self, shape: Shape) -> tuple[slice, ...]:
        """Return where the operand stands in the result."""
        widths = self.widths(shape)
        return tuple(slice(before, before + n) for n, (before, _) in zip(shape, widths, strict=True))

    def forward(self, *operands: Array) -> Array:
        """Return x in zeros."""
        shape = np.shape(operands[0])
        result: Array = placing.placed(placing.pasted, operands, (self.shape(shape),), self.inside(shape))
        return result[()]

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return the upstream gradient where the operand stands."""
        result: Array = placing.placed(placing.taken, (upstream,), (), self.inside(np.shape(operands[0])))
        return result[()]

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return the element's place further in."""
        widths = self.widths(shapes[0])
        return tuple(at + before for at, (before, _) in zip(element, widths, strict=True))

    def text(self, *operands: Term) -> Term:
        """Write the call as NumPy has it, with a pair for each axis."""
        flat: tuple[int, ...] = self.options["pad_width"]
        pairs = [f"({before}, {behind})" for before, behind in zip(flat[::2], flat[1::2], strict=False)]
        width = flat[0] if len(flat) == 1 else pairs[0] if len(pairs) == 1 else f"({', '.join(pairs)})"
        return Term(f"pad({operands[0].text}, pad_width={width})")

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        inside = ", ".join(f"{part.start}:{part.stop}" for part in self.inside(shapes[0]))
        return f"upstream[{inside}]" if inside else "upstream"

    def shapes_text(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say that the zeros are left out."""
        return tr("without the zeros around, which hang on nothing")


class Roll(ArrangingOp):
    """y = x moved along an axis, or all elements in a row; what leaves at one end comes in at the other."""

    name = "roll"
    signature = Signature(
        options=(WholeNumbersOption("shift", "shift=1", 1, single=True, least=-(10**6)), AxisOption())
    )
    whys = (
        later(
            "Elements only change places: each takes its upstream gradient back to where it came from, "
            "so the gradient is moved back by as much."
        ),
    )

    def axis(self, shape: Shape) -> int | None:
        """Return the axis that is rolled along; None for all elements in a row."""
        axis = self.options["axis"]
        if isinstance(axis, tuple):
            raise ShapeError(
                tr(
                    "{name} is along one axis, or of all elements; found axis={axis}",
                    name=self.name,
                    axis=axis,
                )
            )
        return None if axis is None else one_axis(axis, shape)

    def shape(self, *shapes: Shape) -> Shape:
        """Return the operand's shape."""
        self.axis(shapes[0])
        return shapes[0]

    def moved(self, x: Array, shift: int) -> Array:
        """Return x moved along."""
        shape = np.shape(x)
        if not shape:
            return x
        places = np.roll(np.arange(size_of(shape)).reshape(shape), shift, self.axis(shape))
        result: Array = placing.placed(placing.taken, (np.reshape(x, (-1,)),), (), (places,))
        return result[()]

    def forward(self, *operands: Array) -> Array:
        """Return x moved along."""
        return self.moved(operands[0], self.options["shift"])

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return the upstream gradient moved back."""
        return self.moved(upstream, -self.options["shift"])

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return the place that the element was moved to."""
        (shape,), axis, shift = shapes, self.axis(shapes[0]), self.options["shift"]
        if not shape:
            return ()
        if axis is None:
            place = (int(np.ravel_multi_index(element, shape, mode="wrap")) + shift) % size_of(shape)
            return tuple(int(at) for at in np.unravel_index(place, shape))
        return (*element[:axis], (element[axis] + shift) % shape[axis], *element[axis + 1 :])

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        axis = self.options["axis"]
        return f"roll(upstream, shift={-self.options['shift']}{'' if axis is None else f', axis={axis}'})"

    def shapes_text(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say that elements are moved back."""
        return tr("the same numbers, moved back")


SHIFTING = (Pad, Roll)
"""The functions of this page, as the table of functions has them."""
