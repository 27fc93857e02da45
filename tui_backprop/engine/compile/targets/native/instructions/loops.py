"""Loops over the elements of several arrays at once, as few and as long as their layouts allow."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui_backprop.engine.compile.targets.native.instructions.assembly import Assembly, Register
from tui_backprop.engine.compile.targets.native.instructions.views import ArrayView
from tui_backprop.engine.core.arrays import Shape

MEMORY = "%memory"
"""The address of a program's memory."""


class Nest:
    """Loops over all places of a shape, in the order in which the first array's elements lie.

    Args:
        shape: what is gone through.
        views: the arrays, of that shape or repeated to it.
    """

    def __init__(self, shape: Shape, views: Sequence[ArrayView]) -> None:
        spread = [view.broadcast(shape) for view in views]
        order = sorted(range(len(shape)), key=lambda axis: -abs(spread[0].strides[axis])) if spread else []
        lengths, strides = list[int](), list[list[int]]()
        for axis in order:
            length, own = shape[axis], [view.strides[axis] for view in spread]
            if length == 1:
                continue
            if lengths and all(
                outer == length * inner for outer, inner in zip(strides[-1], own, strict=True)
            ):
                lengths[-1] *= length
                strides[-1] = own
            else:
                lengths.append(length)
                strides.append(own)
        self._lengths, self._strides = lengths, strides
        self._offsets = [view.offset for view in views]
        self._stretches = [view.stretch for view in spread]

    def write(
        self,
        assembly: Assembly,
        body: Callable[[list[Register]], None],
        *,
        written: int | None = None,
        leaves: bool = False,
    ) -> None:
        """Write the loops.

        Args:
            assembly: where to.
            body: is given the address of each array's element.
            written: how many of the arrays, the first ones, are written to; None where that is not known.
            leaves: whether the body may leave the function.
        """
        if assembly.parts is None or leaves or not self._lengths:
            memory = Register(assembly, MEMORY, "ptr")
            self._level(assembly, 0, [memory] * len(self._offsets), list(self._offsets), body)
            return
        offsets = list(dict.fromkeys(self._offsets))

        def write(begins: list[Register]) -> None:
            own = [begins[offsets.index(offset)] for offset in self._offsets]
            self._level(assembly, 0, own, [0] * len(own), body)

        given = [assembly.address(MEMORY, offset) for offset in offsets]
        assembly.apart(given, write, disjoint=self._is_disjoint(written))

    def _is_disjoint(self, written: int | None) -> bool:
        """Tell whether what is written lies in no other array that begins elsewhere."""
        arrays = list(zip(self._offsets, self._stretches, strict=True))
        return all(
            one[0] == other[0] or one[1].stop <= other[1].start or other[1].stop <= one[1].start
            for one in arrays[:written]
            for other in arrays
        )

    def write_from(
        self, assembly: Assembly, begins: Sequence[Register], body: Callable[[list[Register]], None]
    ) -> None:
        """Write the loops over arrays that begin at addresses, plus their offsets."""
        self._level(assembly, 0, begins, list(self._offsets), body)

    def _level(
        self,
        assembly: Assembly,
        depth: int,
        begins: Sequence[Register],
        offsets: list[int | Register],
        body: Callable[[list[Register]], None],
    ) -> None:
        if depth == len(self._lengths):
            body([assembly.address(b.name, offset) for b, offset in zip(begins, offsets, strict=True)])
            return
        with assembly.loop(self._lengths[depth]) as number:
            own = [
                assembly.sum(offset, assembly.times(number, stride))
                for offset, stride in zip(offsets, self._strides[depth], strict=True)
            ]
            self._level(assembly, depth + 1, begins, own, body)


def copied(assembly: Assembly, source: ArrayView, target: ArrayView) -> None:
    """Write a copy of an array's elements, repeated to the shape of where they go."""
    kind = "double" if source.bytes == target.bytes == 8 else "i1"

    def body(addresses: list[Register]) -> None:
        assembly.stored(assembly.loaded(addresses[1], kind), addresses[0])

    Nest(target.shape, [target, source]).write(assembly, body)


def filled(assembly: Assembly, target: ArrayView, number: float) -> None:
    """Write one number to all places of an array."""
    Nest(target.shape, [target]).write(
        assembly, lambda addresses: assembly.stored(assembly.double(number), addresses[0])
    )
