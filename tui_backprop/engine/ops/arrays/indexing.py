"""Elements taken out by an index, ``x[1:, 0]`` and ``C[ix]``, and what an index says.

What has been taken out goes back to where it stood: into zeros. A row that is taken twice gets two gradients,
which add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np

from tui_backprop.engine.core import placing
from tui_backprop.engine.core.arrays import Array, Shape, size_of
from tui_backprop.engine.core.errors import BackpropError, PlaceError
from tui_backprop.engine.ops.base import ATOM, Term, common_shape
from tui_backprop.engine.ops.opaque import OpaqueOp
from tui_backprop.engine.ops.structure import Element, Pattern, Places
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import later, tr, tr_count
from tui_backprop.text.subscripts import subscripted

ARRAY: Final = "array"
"""Stands in an index for the next operand, an array of whole numbers."""
Part: TypeAlias = "int | slice | str | None"
"""Of an index: a whole number, a slice, None for a new axis, or :data:`ARRAY`."""


def located(parts: Sequence[Part], shape: Shape) -> tuple[Part, ...]:
    """Return an index with nothing counted from behind, for an operand of this shape.

    Raises:
        PlaceError: more indices than axes, or one that is out of range.
    """
    used = sum(part is not None for part in parts)
    if used > len(shape):
        raise PlaceError(_too_many(used, shape))
    found: list[Part] = []
    axis = 0
    for part in parts:
        if part is None:
            found.append(None)
            continue
        length = shape[axis]
        if isinstance(part, int):
            if not -length <= part < length:
                raise PlaceError(
                    tr(
                        "index {index} is out of range: axis {axis} of {shape} has {length}, from 0 to "
                        "{last}",
                        index=part,
                        axis=axis,
                        shape=shape_text(shape),
                        length=length,
                        last=length - 1,
                    )
                )
            found.append(part % length)
        elif isinstance(part, slice):
            start, stop, step = part.indices(length)
            backwards = stop if stop >= 0 else None
            found.append(slice(start, stop if step > 0 else backwards, step))
        else:
            found.append(part)
        axis += 1
    return tuple(found)


def _too_many(used: int, shape: Shape) -> str:
    told = shape_text(shape)
    if not shape:
        return tr_count(
            "{count} index, but {shape} has no axes, it is a scalar",
            "{count} indices, but {shape} has no axes, it is a scalar",
            used,
            shape=told,
        )
    if len(shape) == 1:
        return tr("{count} indices, but {shape} has 1 axis", count=used, shape=told)
    return tr("{count} indices, but {shape} has {axes} axes", count=used, shape=told, axes=len(shape))


class ByIndex(OpaqueOp):
    """What an index says; ``arrays`` is the place of the first operand that is part of it."""

    arrays = 1
    blind = True

    def __init__(self, parts: Sequence[Part], written: Sequence[str]) -> None:
        super().__init__()
        self.parts, self.written = tuple(parts), tuple(written)

    def is_blind(self, index: int) -> bool:
        """Tell whether an operand is part of the index."""
        return index >= self.arrays

    @cached_property
    def has_arrays(self) -> bool:
        """Whether there are arrays in the index, in which a place may occur more than once."""
        return ARRAY in self.parts

    def at(self, operands: Sequence[Any]) -> tuple[Any, ...]:
        """Return NumPy's index.

        Raises:
            BackpropError: an array has something else than places of its axis.
        """
        shape = np.shape(operands[0])
        arrays = iter(operands[self.arrays :])
        index: list[Any] = []
        axis = 0
        for part in located(self.parts, shape):
            index.append(_places(next(arrays), axis, shape[axis]) if part is ARRAY else part)
            axis += part is not None
        return tuple(index)

    def picked(self, shape: Shape, arrays: Sequence[Shape]) -> Shape:
        """Return the shape of what the index picks."""
        left = iter(arrays)
        parts = located(self.parts, shape)
        tried = tuple(np.zeros(next(left), dtype=np.intp) if part is ARRAY else part for part in parts)
        if self.has_arrays:
            common_shape(*arrays)
        like: Any = np.broadcast_to(np.float64(0.0), shape)
        return np.shape(like[tried])

    def index_text(self, operands: Sequence[str]) -> str:
        """Write what stands between the brackets."""
        arrays = iter(operands[self.arrays :])
        return ", ".join(next(arrays) if text == ARRAY else text for text in self.written)

    def settled(
        self, index: int, upstream: Array, operands: Sequence[Array], output: Array, downstream: Array
    ) -> Array:
        """Return the same: there is no product in it."""
        return downstream

    def averaged(self, index: int, shapes: Sequence[Shape]) -> int:
        """Return 1: nothing is averaged."""
        return 1

    def jacobian_column(
        self, index: int, element: Element, operands: Sequence[Array], output: Array
    ) -> tuple[Places, Array]:
        """Return the column without its zeros: the places that the element went to."""
        where, local = super().jacobian_column(index, element, operands, output)
        there = local != 0.0
        there[:1] |= not there.any()  # one that says so, where it went nowhere
        return where[there], local[there]


def _places(array: Any, axis: int, length: int) -> Any:
    if hasattr(array, "placed"):
        return array
    places = np.asarray(array)
    wrong = (places != np.floor(places)) | (places < -length) | (places >= length)
    if np.any(wrong):
        found = float(places[wrong].flat[0])
        raise BackpropError(
            tr(
                "found the index {found:g}; axis {axis} has {length}, so indices are whole numbers "
                "from 0 to {last}",
                found=found,
                axis=axis,
                length=length,
                last=length - 1,
            )
        )
    return placing.whole(places)


class Index(ByIndex):
    """y = x[…]: what is picked gets its upstream gradient back where it stood, and everything else zero."""

    name = "index"
    whys = (
        later(
            "What is picked is handed on as it is, so its gradient goes back to the place it was taken from."
        ),
    )

    def shape(self, *shapes: Shape) -> Shape:
        """Return the shape of what is picked."""
        return self.picked(shapes[0], shapes[1:])

    def forward(self, *operands: Array) -> Array:
        """Return what is picked."""
        x = operands[0]
        if not self.has_arrays and not self.steps(np.shape(x)):
            view: Array = x[self.at(operands)]
            return view
        result: Array = placing.placed(placing.taken, (x,), (), self.at(operands))[()]
        return result

    def steps(self, shape: Shape) -> bool:
        """Tell whether a slice leaves elements out."""
        return any(isinstance(part, slice) and part.step != 1 for part in located(self.parts, shape))

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        """Return zeros with the upstream gradient where it was picked; where often, all are added."""
        put = placing.scattered if self.has_arrays else placing.pasted
        result: Array = placing.placed(put, (upstream,), (np.shape(operands[0]),), self.at(operands))
        return result

    def why(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say what becomes of what is not picked, and why += where something may be picked twice."""
        if not self.has_arrays:
            if self.shape(*shapes) and size_of(self.shape(*shapes)) == size_of(shapes[0]):
                return tr(
                    "Everything is picked, with other axes or places: each gradient goes back to its own."
                )
            return tr(
                "What is picked is handed on as it is: its gradient goes back to where it was taken from. "
                "Everything else has no part in the result: the way back pastes into zeros."
            )
        return tr(
            "What is picked is handed on as it is, so its gradient goes back to the row it was taken from. "
            "A row that is used twice moves both places, so two gradients add up there (that is why the code "
            "has +=); a row that is not used gets zero."
        )

    def text(self, *operands: Term) -> Term:
        """Write x[…]."""
        inside = self.index_text([term.text for term in operands])
        base = operands[0].within(ATOM)
        return Term(f"({base})[{inside}]" if base[0] in ".0123456789" else f"{base}[{inside}]")

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write the rule."""
        sign = "+=" if self.has_arrays else "="
        return tr(
            "zeros_like({array}), then [{index}] {sign} upstream",
            array=operands[0],
            index=self.index_text(operands),
            sign=sign,
        )

    def affected(self, index: int, element: Element, shapes: Sequence[Shape]) -> Pattern:
        """Return all outputs: where an element is picked follows from the index."""
        return (None,) * len(self.shape(*shapes))

    def partials(self, index: int, element: Element, operands: Sequence[Array], output: Array) -> Array:
        """Return 1 where the element was picked, else 0."""
        mark = np.zeros(np.shape(operands[0]))
        mark[element] = 1.0
        return np.reshape(mark[self.at(operands)], -1)

    def partial_text(
        self, index: int, element: Element, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        """Write that it is 1 where the element was picked."""
        return tr("(1 where {element} was picked)", element=subscripted(operands[0], element))

    def meeting(
        self, index: int, element: Element, shapes: Sequence[Shape]
    ) -> tuple[tuple[int | None, Pattern], ...]:
        """Return the element itself."""
        return ((0, tuple(element)),)

    def shapes_text(self, index: int, shapes: Sequence[Shape]) -> str:
        """Say how what was picked gets back."""
        shape = shape_text(shapes[0])
        if self.has_arrays:
            return tr(
                "added into zeros of {shape} where it was picked, because a row may be picked often",
                shape=shape,
            )
        return tr(
            "pasted into zeros of {shape}, because only what was picked has a part in the result", shape=shape
        )
