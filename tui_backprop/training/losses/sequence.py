"""The losses of a training as a sequence: all of them exact, by replay where they are thinned out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from tui_backprop.engine.core.errors import BackpropError, never
from tui_backprop.text.sentences import tr
from tui_backprop.training.losses.extremes import Floats
from tui_backprop.training.losses.kept import Kept
from tui_backprop.training.losses.replay import Replay

ARRAY = 1 << 23
"""Losses that are given as one array at most: 64 MiB of them."""
PART = 1 << 16
"""Losses that are had at a time where one goes through all of them."""


class Losses(Sequence[float], NDArrayOperatorsMixin):
    """The losses as they were when this was asked for: ``losses[k]`` is the loss before update k + 1.

    The last ones are kept; older ones are worked out again, to the last bit, from the nearest state that is
    kept, each time somebody asks for them. ``losses[k]`` and ``losses[a:b]``, an array, go everywhere. Up to
    :data:`ARRAY` losses it can be used as an array, read-only: ``np.asarray(losses)``, ``losses < 0.1``,
    ``losses.min()``; of more, a part can.

    Args:
        kept: what is kept of them.
        replay: how to come to the others; None where all are kept.
    """

    def __init__(self, kept: Kept, replay: Replay | None = None) -> None:
        self._kept, self._replay = kept, replay

    def __len__(self) -> int:
        return self._kept.length

    def __repr__(self) -> str:
        count, origin = len(self), self.exact_from
        if not origin:
            return f"<{count:,} losses>"
        return f"<{count:,} losses: the last {count - origin:,} exact, older ones by replay>"

    @property
    def kept(self) -> Kept:
        """What is kept of them."""
        return self._kept

    @property
    def exact_from(self) -> int:
        """The iteration from which on they are kept, and not replayed."""
        return min(self._kept.origin, self._kept.length)

    @property
    def shape(self) -> tuple[int]:
        """(how many,)."""
        return (len(self),)

    @property
    def size(self) -> int:
        """How many."""
        return len(self)

    @property
    def ndim(self) -> int:
        """1."""
        return 1

    @property
    def dtype(self) -> np.dtype[np.float64]:
        """float64."""
        return np.dtype(np.float64)

    @overload  # type: ignore[override]
    def __getitem__(self, key: int) -> float: ...
    @overload
    def __getitem__(self, key: slice) -> Floats: ...
    @overload
    def __getitem__(self, key: Any) -> Any: ...
    def __getitem__(self, key: Any) -> Any:
        """Return a loss, or an array of some.

        Raises:
            IndexError: there is no such loss.
            BackpropError: it would be more than :data:`ARRAY` of them.
        """
        if isinstance(key, slice):
            return self._range(*key.indices(len(self)))
        if isinstance(key, int | np.integer) and not isinstance(key, bool):
            place = int(key) + (len(self) if key < 0 else 0)
            if not 0 <= place < len(self):
                raise IndexError(f"found index {int(key)}; there are {len(self):,} losses")
            return self._range(place, place + 1, 1)[0]
        return np.asarray(self)[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        raise BackpropError(tr("losses are read-only: they follow from the training"))

    def __iter__(self) -> Iterator[float]:
        for part in self.parts():
            yield from part

    def parts(
        self, start: int = 0, stop: int | None = None, should_stop: Callable[[], bool] = never
    ) -> Iterator[Floats]:
        """Yield the losses of a range as arrays, one behind another, each of a bounded size.

        Raises:
            Interrupted: ``should_stop``, asked every few milliseconds of a replay, said so.
        """
        stop = len(self) if stop is None else min(stop, len(self))
        origin = min(max(self.exact_from, start), stop)
        if start < origin:
            if self._replay is None:
                reason = tr(
                    "losses {first} to {last} are thinned out; a trainer replays them",
                    first=start,
                    last=origin - 1,
                )
                raise BackpropError(reason)
            for replayed in self._replay.losses(start, origin, should_stop):
                for place in range(0, len(replayed), PART):
                    yield replayed[place : place + PART]
        for place in range(origin, stop, PART):
            yield self._kept.exact(place, min(place + PART, stop))

    def known(self, iteration: int) -> float | None:
        """Return a loss that is had at once; None where it must be replayed."""
        if iteration >= self.exact_from:
            return float(self[iteration])
        return None if self._replay is None else self._replay.known(iteration)

    def replay(self, iteration: int, should_stop: Callable[[], bool]) -> None:
        """Have a loss replayed, so that it is known for a while; raises as :meth:`parts` does."""
        for _ in self.parts(iteration, iteration + 1, should_stop):
            pass

    def _range(self, start: int, stop: int, step: int) -> Floats:
        count = len(range(start, stop, step))
        if count > ARRAY:
            raise BackpropError(
                tr(
                    "found {count:,} losses; an array has at most {most:,}: take ranges of them, as in "
                    "losses[0:{most}]",
                    count=count,
                    most=ARRAY,
                )
            )
        if step < 0:
            return self._range(start + (count - 1) * step, start + 1, -step)[::-1] if count else np.empty(0)
        if start >= self.exact_from and stop > start:
            return self._kept.exact(start, stop)[::step]
        found, at = [np.empty(0)], start
        for part in self.parts(start, stop):
            found.append(part[-(at - start) % step :: step])
            at += len(part)
        array = np.concatenate(found)
        array.flags.writeable = False
        return array

    # ------------------------------------------------------------------ as an array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        array = self._range(0, len(self), 1)
        if copy or (dtype is not None and np.dtype(dtype) != array.dtype):
            return array.astype(array.dtype if dtype is None else dtype)
        return array

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        given = [np.asarray(value) if isinstance(value, Losses) else value for value in inputs]
        return getattr(ufunc, method)(*given, **options)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(np.ndarray, name):
            raise AttributeError(f"losses have no {name}")
        return getattr(np.asarray(self), name)
