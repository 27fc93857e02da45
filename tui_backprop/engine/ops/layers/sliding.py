"""How windows lie on an array: how many there are, and which of them cover an element."""

from __future__ import annotations

from math import gcd
from typing import Final

from msgspec import Struct

from tui_backprop.engine.core.arrays import MAX_BYTES, Shape, size_of
from tui_backprop.engine.core.errors import ShapeError
from tui_backprop.engine.ops.structure import Element
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import later, tr, tr_count

MAX_PLACES: Final = 10_000
"""Places of one window, each of which is a pass over the array."""
AXES: Final = {1: later("samples, channels and length"), 2: later("samples, channels, height and width")}


_LARGER: Final = {
    (False, False): later(
        "a window of {size} is larger than the {lengths} it slides over; write one that fits"
    ),
    (True, False): later(
        "a window of {size} is larger than the {lengths} it slides over, {padded} with its padding; "
        "write one that fits"
    ),
    (False, True): later(
        "a window of {size}, {reach} with its dilation, is larger than the {lengths} it slides over; "
        "write one that fits"
    ),
    (True, True): later(
        "a window of {size}, {reach} with its dilation, is larger than the {lengths} it slides over, "
        "{padded} with its padding; write one that fits"
    ),
}
"""What is wrong with a window, by whether there is padding, and dilation."""


def per_axis(value: int | tuple[int, ...], axes: int, name: str) -> tuple[int, ...]:
    """Return an option's value for each axis that windows slide along.

    Raises:
        ShapeError: it has another number of them.
    """
    numbers = value if isinstance(value, tuple) else (value,) * axes
    if len(numbers) != axes:
        reason = tr_count(
            "found {name}={found}; windows slide along one axis: write {name}={right}",
            "found {name}={found}; windows slide along {count} axes: write {name}={right}",
            axes,
            name=name,
            found=value,
            right=numbers[0],
        )
        raise ShapeError(reason)
    return numbers


def check_axes(name: str, shape: Shape, axes: int) -> None:
    """Refuse an array that has not the axes of samples and channels, and those that windows slide along.

    Raises:
        ShapeError: with the axes that are needed.
    """
    missing = axes + 2 - len(shape)
    if missing:
        right = {
            1: tr("; write {name}[:, None] for one channel, {name}[None] for one sample", name=name),
            2: tr("; write {name}[None, None] for one sample of one channel", name=name),
        }
        raise ShapeError(
            tr(
                "{name} has {count} axes and needs {right}, {axes}{hint}",
                name=name,
                count=len(shape),
                right=axes + 2,
                axes=tr(AXES[axes]),
                hint=right.get(missing, ""),
            )
        )


class Sliding(Struct, frozen=True):
    """Windows on the last axes of an array; for each of these axes a number.

    Attributes:
        size: how many places a window has.
        stride: how far it is from one to the next.
        padding: how many zeros there are before the array, and behind it.
        dilation: how far it is from one place of a window to the next; None for 1 along all axes.
    """

    size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...] | None = None

    @property
    def apart(self) -> tuple[int, ...]:
        """How far it is from one place of a window to the next."""
        return self.dilation or (1,) * len(self.size)

    @property
    def given(self) -> tuple[tuple[int, ...], ...]:
        """What the functions that lay windows out are given."""
        fixed = self.size, self.stride, self.padding
        return fixed if self.dilation is None else (*fixed, self.dilation)

    @property
    def reach(self) -> tuple[int, ...]:
        """How long a window is from its first place to its last."""
        return tuple(apart * (width - 1) + 1 for width, apart in zip(self.size, self.apart, strict=True))

    def counts(self, shape: Shape) -> tuple[int, ...]:
        """Return how many windows there are along each axis of an array of this shape.

        Raises:
            ShapeError: a window is larger than the array, or there is too much to be laid out.
        """
        lengths = shape[2:]
        padded = tuple(n + 2 * zeros for n, zeros in zip(lengths, self.padding, strict=True))
        if any(width > length for width, length in zip(self.reach, padded, strict=True)):
            raise ShapeError(
                tr(
                    _LARGER[any(self.padding), bool(self.dilation)],
                    size=shape_text(self.size),
                    reach=shape_text(self.reach),
                    lengths=shape_text(lengths),
                    padded=shape_text(padded),
                )
            )
        if size_of(self.size) > MAX_PLACES:
            raise ShapeError(
                tr(
                    "a window of {size} has {count:,} places; write one of at most {limit:,}",
                    size=shape_text(self.size),
                    count=size_of(self.size),
                    limit=MAX_PLACES,
                )
            )
        along = zip(padded, self.reach, self.stride, strict=True)
        counts = tuple((length - width) // step + 1 for length, width, step in along)
        if 8 * size_of((*shape[:2], *self.size, *counts)) > MAX_BYTES:
            raise ShapeError(
                tr(
                    "{counts} windows of {size} take past 1 GiB side by side; write a larger stride, a "
                    "smaller window, or use fewer samples",
                    counts=shape_text(counts),
                    size=shape_text(self.size),
                )
            )
        return counts

    def covering(self, place: Element, shape: Shape) -> tuple[range, ...]:
        """Return, for each axis, which windows cover a place, given without samples and channels."""
        found = []
        along = zip(place, self.reach, self.stride, self.padding, self.apart, self.counts(shape), strict=True)
        for at, width, step, zeros, apart, count in along:
            first = max(0, -((width - 1 - at - zeros) // step))
            stop = max(first, min(count, (at + zeros) // step + 1))
            # of dilated windows only those that have a place there, which is so for every few or for none
            every = apart // gcd(step, apart)
            meets = [
                n for n in range(first, min(stop, first + every)) if (at + zeros - step * n) % apart == 0
            ]
            found.append(range(meets[0], stop, every) if meets else range(first, first))
        return tuple(found)

    def covered(self, windows: tuple[range, ...], lengths: Shape) -> tuple[range, ...]:
        """Return, for each axis, from where to where windows reach on an array of these lengths."""
        along = zip(windows, self.reach, self.stride, self.padding, lengths, strict=True)
        return tuple(
            range(max(0, seen[0] * step - zeros), min(n, seen[-1] * step - zeros + width))
            if seen
            else range(0)
            for seen, width, step, zeros, n in along
        )

    def offsets(self, place: Element, windows: tuple[range, ...]) -> tuple[tuple[int, ...], ...]:
        """Return, for each axis, where in each of these windows the place is."""
        along = zip(place, windows, self.stride, self.padding, self.apart, strict=True)
        return tuple(
            tuple((at + zeros - step * number) // apart for number in seen)
            for at, seen, step, zeros, apart in along
        )
