"""The memory of a program: one stretch of bytes in which every array has its place."""

from __future__ import annotations

from typing import Final

import numpy as np

from tui_backprop.engine.compile.targets.native.instructions.views import DOUBLE_BYTES, ArrayView, c_strides
from tui_backprop.engine.core.arrays import Array, Shape

_LINE: Final = 64
"""Bytes of a line of cache, on which arrays begin."""


class ProgramMemory:
    """Gives arrays their places; what is done with gives its place to others.

    Attributes:
        bytes: how many there are.
        constants: arrays that are there from the beginning, and where.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self.constants: list[tuple[int, Array]] = []
        self._free: dict[int, list[int]] = {}

    def taken(
        self, shape: Shape, size: int = DOUBLE_BYTES, strides: tuple[int, ...] | None = None
    ) -> ArrayView:
        """Return a place for an array, in C's order unless strides are given."""
        own = c_strides(shape, size) if strides is None else strides
        view = ArrayView(0, shape, own, size)
        offsets = self._free.get(_rounded(view))
        if offsets:
            return view._replace(offset=offsets.pop())
        offset, self.bytes = self.bytes, self.bytes + _rounded(view)
        return view._replace(offset=offset)

    def given_back(self, view: ArrayView) -> None:
        """Take back the place of an array."""
        self._free.setdefault(_rounded(view), []).append(view.offset)

    def constant(self, array: Array) -> ArrayView:
        """Return a place where an array stands from the beginning."""
        array = np.ascontiguousarray(array)
        offset, self.bytes = self.bytes, self.bytes + _rounded(ArrayView(0, array.shape, (), array.itemsize))
        self.constants.append((offset, array))
        return ArrayView(offset, array.shape, c_strides(array.shape, array.itemsize), array.itemsize)


def _rounded(view: ArrayView) -> int:
    return max(_LINE, -(-view.size * view.bytes // _LINE) * _LINE)
