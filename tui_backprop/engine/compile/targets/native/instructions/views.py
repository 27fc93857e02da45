"""Arrays in a program's memory: where they begin, and how far apart their elements lie."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from tui_backprop.engine.core.arrays import Shape

DOUBLE_BYTES: Final = 8


class ArrayView(NamedTuple):
    """An array, or a look at one.

    Attributes:
        offset: bytes from the memory's start to its first element.
        shape: its shape.
        strides: bytes from an element to the next along each axis.
        bytes: of an element: 8 of a double, 1 of a truth.
    """

    offset: int
    shape: Shape
    strides: tuple[int, ...]
    bytes: int = DOUBLE_BYTES

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def stretch(self) -> range:
        """The bytes from its first to its last."""
        reach = [
            (length - 1) * stride for length, stride in zip(self.shape, self.strides, strict=True) if length
        ]
        first = self.offset + sum(min(0, way) for way in reach)
        return range(first, self.offset + sum(max(0, way) for way in reach) + self.bytes)

    @property
    def T(self) -> ArrayView:  # noqa: N802
        """The transpose."""
        return self._replace(shape=self.shape[::-1], strides=self.strides[::-1])

    def broadcast(self, shape: Shape) -> ArrayView:
        """Return it repeated to a shape."""
        missing = len(shape) - len(self.shape)
        strides = [
            0 if length == 1 and wanted != 1 else stride
            for length, wanted, stride in zip(self.shape, shape[missing:], self.strides, strict=True)
        ]
        return self._replace(shape=shape, strides=(*[0] * missing, *strides))

    def at(self, index: Sequence[Any]) -> ArrayView:
        """Return the view at an index of whole numbers, slices and None; it may be shorter than the shape."""
        count = sum(part is not None and part is not Ellipsis for part in index)
        if Ellipsis in index:
            at = list(index).index(Ellipsis)
            index = (*index[:at], *[slice(None)] * (len(self.shape) - count), *index[at + 1 :])
        else:
            index = (*index, *[slice(None)] * (len(self.shape) - count))
        offset, shape, strides, axis = self.offset, list[int](), list[int](), 0
        for part in index:
            if part is None:
                shape.append(1)
                strides.append(0)
                continue
            length, stride = self.shape[axis], self.strides[axis]
            axis += 1
            if isinstance(part, slice):
                places = range(length)[part]
                offset += places.start * stride if len(places) else 0
                shape.append(len(places))
                strides.append(stride * places.step)
            else:
                offset += range(length)[part] * stride
        return ArrayView(offset, tuple(shape), tuple(strides), self.bytes)

    def swapped(self, one: int, other: int) -> ArrayView:
        """Return it with two axes exchanged."""
        shape, strides = list(self.shape), list(self.strides)
        shape[one], shape[other] = shape[other], shape[one]
        strides[one], strides[other] = strides[other], strides[one]
        return self._replace(shape=tuple(shape), strides=tuple(strides))

    def expanded(self, axes: Sequence[int]) -> ArrayView:
        """Return it with axes of one place put in."""
        shape, strides = list(self.shape), list(self.strides)
        for axis in sorted(number % (len(self.shape) + len(axes)) for number in axes):
            shape.insert(axis, 1)
            strides.insert(axis, 0)
        return self._replace(shape=tuple(shape), strides=tuple(strides))

    def permuted(self, order: Sequence[int]) -> ArrayView:
        """Return it with its axes in another order."""
        return self._replace(
            shape=tuple(self.shape[axis] for axis in order),
            strides=tuple(self.strides[axis] for axis in order),
        )

    def reshaped(self, shape: Shape) -> ArrayView:
        """Return the elements of an array in C's order in another shape."""
        assert self.is_c, "an array that does not lie in C's order"
        return self._replace(shape=shape, strides=c_strides(shape, self.bytes))

    @property
    def is_c(self) -> bool:
        """Whether the elements stand one after the other, the last axis fastest."""
        step = self.bytes
        for length, stride in zip(reversed(self.shape), reversed(self.strides), strict=True):
            if length != 1 and stride != step:
                return False
            step *= length
        return True

    @property
    def is_f(self) -> bool:
        """Whether they do with the first axis fastest."""
        return self.T.is_c


def c_strides(shape: Shape, size: int) -> tuple[int, ...]:
    """Return the strides of an array in C's order, elements being of a size in bytes."""
    strides, step = list[int](), size
    for length in reversed(shape):
        strides.append(step)
        step *= length
    return tuple(reversed(strides))
