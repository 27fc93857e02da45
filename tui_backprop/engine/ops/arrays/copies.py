"""Elements that stand in the result several times: tile and repeat. The gradients of all copies add up."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from tui_backprop.engine.core import placing
from tui_backprop.engine.core.arrays import Array, Shape, size_of
from tui_backprop.engine.core.errors import ShapeError
from tui_backprop.engine.ops.opaque import OpaqueOp
from tui_backprop.engine.ops.reduction import one_axis
from tui_backprop.engine.ops.signature import AxisOption, Signature, WholeNumbersOption
from tui_backprop.engine.ops.structure import Element, Pattern, Places
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.subscripts import subscripted


class CopyingOp(OpaqueOp):
    """Each element of the result is one of the operand's: ∂output/∂element is 1 at each of its copies."""

    whys: ClassVar[tuple[str, ...]] = (
        later(
            "Each copy is moved by the element it was made of, one for one, and its effects add: "
            "the element's gradient is the sum of the upstream gradients of all its copies."
        ),
    )

    @abstractmethod
    def sources(self, shape: Shape) -> Array:
        """Return for each place of the result which element it is of, counted in C's order."""
        raise NotImplementedError

    def forward(self, *operands: Array) -> Array:
        """Return the copies."""
        (x,) = operands
        index = (self.sources(np.shape(x)),)
        result: Array = placing.placed(placing.taken, (np.reshape(x, (-1,)),), (), index)
        return result

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return for each element the sum over its copies."""
        shape = np.shape(operands[0])
        sums = placing.placed(placing.scattered, (upstream,), ((size_of(shape),),), (self.sources(shape),))
        result: Array = np.reshape(sums, shape)[()]
        return result

    def settled(
        self, index: int, upstream: Array, operands: Sequence[Array], output: Array, downstream: Array
    ) -> Array:
        """Return the same: there is no product in it."""
        return downstream

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        return tr(
            "{formula}, summed over the copies of each element of {array}",
            formula="upstream",
            array=operands[0],
        )

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return all outputs: which of them are copies of an element follows from the options."""
        return (None,) * len(self.shape(*shapes))

    def partials(self, index: int, element: Element, operands: Sequence[Array], output: Array) -> Array:
        """Return 1 at the element's copies, else 0."""
        shape = np.shape(operands[0])
        place = int(np.ravel_multi_index(element, shape)) if shape else 0
        return np.where(self.sources(shape).ravel() == place, 1.0, 0.0)

    def jacobian_column(
        self, index: int, element: Element, operands: Sequence[Array], output: Array
    ) -> tuple[Places, Array]:
        """Return the column without its zeros: the places of the copies."""
        where, local = super().jacobian_column(index, element, operands, output)
        there = local != 0.0
        there[:1] |= not there.any()  # one that says so, where there is no copy
        return where[there], local[there]

    def partial_text(
        self, index: int, element: Element, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write that it is 1 at a copy."""
        return tr("(1 at a copy of {element})", element=subscripted(operands[0], element))

    def meeting(
        self, index: int, element: Element, shapes: Sequence[Shape]
    ) -> tuple[tuple[int | None, Pattern], ...]:
        """Return the element itself."""
        return ((0, tuple(element)),)

    def shapes_text(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say that copies are added."""
        return tr("summed over the copies, because each of them was moved by the element")

    def averaged(self, index: int, shapes: Sequence[Shape]) -> int:
        """Return 1: nothing is averaged."""
        return 1


class Tile(CopyingOp):
    """y = copies of x side by side, so many along each axis, as NumPy's tile makes them."""

    name = "tile"
    signature = Signature(options=(WholeNumbersOption("reps", "reps=(2, 1)", (2,), least=0),))

    def shape(self, *shapes: Shape) -> Shape:
        """Return the lengths times the numbers of copies, aligned from the last axis."""
        reps: tuple[int, ...] = self.options["reps"]
        axes = max(len(reps), len(shapes[0]))
        lengths = (1,) * (axes - len(shapes[0])) + shapes[0]
        copies = (1,) * (axes - len(reps)) + reps
        return tuple(length * count for length, count in zip(lengths, copies, strict=True))

    def sources(self, shape: Shape) -> Array:
        """Return the elements' own places, tiled."""
        return np.tile(np.arange(size_of(shape)).reshape(shape), self.options["reps"])


class Repeat(CopyingOp):
    """y = each element of x so many times in a row, along an axis, or of all elements in a row."""

    name = "repeat"
    signature = Signature(
        options=(WholeNumbersOption("repeats", "repeats=2", 2, least=0, single=True), AxisOption())
    )

    def shape(self, *shapes: Shape) -> Shape:
        """Return the shape, the axis longer by the number of copies."""
        (shape,), repeats, axis = shapes, self.options["repeats"], self.options["axis"]
        if axis is None:
            return (size_of(shape) * repeats,)
        if isinstance(axis, tuple):
            raise ShapeError(tr("{name} is along one axis; found axis={axis}", name=self.name, axis=axis))
        axis = one_axis(axis, shape)
        return (*shape[:axis], shape[axis] * repeats, *shape[axis + 1 :])

    def sources(self, shape: Shape) -> Array:
        """Return the elements' own places, repeated."""
        whole = np.arange(size_of(shape)).reshape(shape)
        return np.repeat(whole, self.options["repeats"], self.options["axis"])


COPYING = (Tile, Repeat)
"""The functions of this page, as the table of functions has them."""
