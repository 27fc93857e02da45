"""Elements taken, laid side by side, pasted and scattered, and windows: copies from one look to another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tui_backprop.engine.compile.form import thawed_index
from tui_backprop.engine.compile.targets.native.errors import NotNativeError
from tui_backprop.engine.compile.targets.native.instructions.assembly import WHOLE, Assembly, Register
from tui_backprop.engine.compile.targets.native.instructions.loops import MEMORY, Nest, copied, filled
from tui_backprop.engine.compile.targets.native.instructions.views import ArrayView, c_strides


def joined(assembly: Assembly, parts: Sequence[ArrayView], axis: int, out: ArrayView) -> None:
    """Write arrays side by side along an axis."""
    begin = 0
    for part in parts:
        end = begin + part.shape[axis]
        copied(assembly, part, out.at([*[slice(None)] * axis, slice(begin, end)]))
        begin = end


def stacked(assembly: Assembly, parts: Sequence[ArrayView], out: ArrayView) -> None:
    """Write arrays as the rows of one."""
    for number, part in enumerate(parts):
        copied(assembly, part, out.at([number]))


def looked_at(view: ArrayView, frozen: Any) -> ArrayView | None:
    """Return the view at an index; None where arrays stand in it."""
    index = thawed_index(frozen)
    return None if "array" in [part for part in index if isinstance(part, str)] else view.at(index)


class Chosen:
    """Places of an array that are chosen by arrays of whole numbers, one for each of its first axes.

    Args:
        assembly: where to write.
        frozen: the index.
        places: the arrays in it.
        of: what they choose from.
        stray: the block to go to where a number is outside.
    """

    def __init__(
        self, assembly: Assembly, frozen: Any, places: Sequence[ArrayView], of: ArrayView, stray: str | None
    ) -> None:
        if stray is None:
            raise NotNativeError("an index that is computed once")
        index = thawed_index(frozen)
        if any(part != "array" for part in index) or len({place.shape for place in places}) != 1:
            raise NotNativeError("an index of arrays and others")
        self._assembly, self._places, self._of, self._stray = assembly, places, of, stray
        self._shape = places[0].shape
        rest = of.shape[len(places) :]
        self._row = ArrayView(0, rest, of.strides[len(places) :])

    def taken(self, out: ArrayView) -> None:
        """Write the elements at the places."""
        self._each(out, lambda chosen, own: self._assembly.stored(self._assembly.loaded(chosen), own))

    def scattered(self, values: ArrayView, out_shape: tuple[int, ...]) -> None:
        """Add elements at the places, one after the other."""

        def added(chosen: Register, own: Register) -> None:
            after = self._assembly.loaded(chosen) + self._assembly.loaded(own)
            self._assembly.stored(after, chosen)

        self._each(values.broadcast((*self._shape, *out_shape[len(self._places) :])), added)

    def _each(self, other: ArrayView, body: Any) -> None:
        """Write loops over the places in C's order, and over the elements of each."""
        assembly, count = self._assembly, len(self._shape)
        heads = [ArrayView(p.offset, self._shape, p.strides) for p in self._places]
        own = ArrayView(other.offset, self._shape, other.strides[:count])
        order = ArrayView(0, self._shape, c_strides(self._shape, 8))
        row = ArrayView(0, self._row.shape, other.strides[count:])

        def place(addresses: list[Register]) -> None:
            offset: int | Register = self._of.offset
            for axis, address in enumerate(addresses[2:]):
                number = self._number(assembly.loaded(address), self._of.shape[axis])
                offset = assembly.sum(offset, assembly.times(number, self._of.strides[axis]))
            chosen = assembly.address(MEMORY, offset)
            Nest(self._row.shape, [self._row, row]).write_from(
                assembly, [chosen, addresses[1]], lambda at: body(*at)
            )

        Nest(self._shape, [order, own, *heads]).write(assembly, place, leaves=True)

    def _number(self, x: Register, length: int) -> Register:
        """Return a place from 0 on; a negative one counts from the end."""
        assembly = self._assembly
        # NaN, and what is too large for a whole number, become one; they are outside all the same
        number = assembly.made(f"call i64 @llvm.fptosi.sat.i64.f64(double {x.name})", WHOLE)
        negative = assembly.made(f"icmp slt i64 {number.name}, 0", "i1")
        added = assembly.made(f"select i1 {negative.name}, i64 {length}, i64 0", WHOLE)
        number = assembly.made(f"add i64 {number.name}, {added.name}", WHOLE)
        inside = assembly.made(f"icmp ult i64 {number.name}, {length}", "i1") & (x == x)
        assembly.leave_unless(inside, self._stray)
        return number


# ---------------------------------------------------------------------- windows


def sliding(
    x: ArrayView, size: Sequence[int], stride: Sequence[int], dilation: Sequence[int] | None
) -> ArrayView:
    """Return all windows, (samples, channels, places of a window …, windows …)."""
    apart = dilation or [1] * len(size)
    reach = [gap * (width - 1) + 1 for gap, width in zip(apart, size, strict=True)]
    counts = [
        (length - width) // step + 1 for length, width, step in zip(x.shape[2:], reach, stride, strict=True)
    ]
    places = [gap * along for gap, along in zip(apart, x.strides[2:], strict=True)]
    steps = [step * along for step, along in zip(stride, x.strides[2:], strict=True)]
    return ArrayView(x.offset, (*x.shape[:2], *size, *counts), (*x.strides[:2], *places, *steps))


def _inner(whole: ArrayView, padding: Sequence[int], shape: Sequence[int]) -> ArrayView:
    """Return what lies inside a padding."""
    return whole.at(
        [slice(None)] * 2 + [slice(at, at + length) for at, length in zip(padding, shape[2:], strict=True)]
    )


def padded_shape(shape: Sequence[int], padding: Sequence[int]) -> tuple[int, ...]:
    """Return a shape with a padding on all sides."""
    return (*shape[:2], *(n + 2 * zeros for n, zeros in zip(shape[2:], padding, strict=True)))


def patches(
    assembly: Assembly, x: ArrayView, options: Sequence[Any], out: ArrayView, whole: ArrayView | None
) -> None:
    """Write windows as columns; ``whole`` is memory for what has zeros around it."""
    size, stride, padding = options[:3]
    dilation = options[3] if len(options) > 3 else None
    if whole is not None:
        filled(assembly, whole, 0.0)
        copied(assembly, x, _inner(whole, padding, x.shape))
        x = whole
    windows = sliding(x, size, stride, dilation)
    copied(assembly, windows, out.reshaped(windows.shape))


def unpatched(
    assembly: Assembly, columns: ArrayView, options: Sequence[Any], out: ArrayView, whole: ArrayView | None
) -> None:
    """Write columns added up where their windows lie."""
    shape, size, stride, padding = options[:4]
    dilation = options[4] if len(options) > 4 else None
    target = out if whole is None else whole
    filled(assembly, target, 0.0)
    windows = sliding(target, size, stride, dilation)
    columns = columns.reshaped(windows.shape)
    if dilation is None and all(step >= width for step, width in zip(stride, size, strict=True)):
        copied(assembly, columns, windows)
    else:
        for number in range(math.prod(size)):
            place: list[int] = []
            for width in reversed(size):
                number, at = divmod(number, width)
                place.insert(0, at)
            one, other = (view.at([slice(None)] * 2 + place) for view in (windows, columns))

            def added(addresses: list[Register]) -> None:
                after = assembly.loaded(addresses[0]) + assembly.loaded(addresses[1])
                assembly.stored(after, addresses[0])

            Nest(one.shape, [one, other]).write(assembly, added)
    if whole is not None:
        copied(assembly, _inner(whole, padding, shape), out)
