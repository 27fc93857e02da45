"""The extremes of buckets of losses: all that a chart needs of a run, however long."""

import math

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

_Floats = NDArray[np.float64]
_Bools = NDArray[np.bool_]
_Integers = NDArray[np.int64]


class Envelope(Struct, frozen=True, eq=False):
    """The extremes of consecutive buckets of losses: all that a chart needs, and nothing that changes later.

    A bucket reaches from its first iteration to that of the next one (the last: to `stop`). The arrays have
    one entry a bucket, are read-only and share no memory with the history.
    """

    start: int  # iterations covered, half open
    stop: int
    iterations: _Integers  # first iteration of each bucket, ascending
    low: _Floats  # least and greatest finite loss of each bucket; NaN where it has none
    high: _Floats
    nonfinite: _Bools  # whether the bucket holds a NaN or an Inf
    first_nonfinite: int | None  # the iteration of the first NaN or Inf of all
    last: float  # the loss at stop − 1, finite or not; NaN when nothing is covered
    smallest: float  # over all finite losses covered; NaN when there are none
    largest: float

    def with_next(self, loss: float) -> "Envelope":
        """Return this envelope with one more loss behind its last, in a bucket of its own."""
        finite = math.isfinite(loss)
        value = loss if finite else math.nan
        arrays = {
            "iterations": np.append(self.iterations, self.stop),
            "low": np.append(self.low, value),
            "high": np.append(self.high, value),
            "nonfinite": np.append(self.nonfinite, not finite),
        }
        for array in arrays.values():
            array.flags.writeable = False
        return Envelope(
            start=self.start,
            stop=self.stop + 1,
            **arrays,
            first_nonfinite=self.stop
            if self.first_nonfinite is None and not finite
            else self.first_nonfinite,
            last=loss,
            smallest=float(np.fmin(self.smallest, value)),
            largest=float(np.fmax(self.largest, value)),
        )

    def followed_by(self, later: "Envelope") -> "Envelope":
        """Return this envelope with another behind it."""
        arrays = {
            name: np.concatenate((getattr(self, name), getattr(later, name)))
            for name in ("iterations", "low", "high", "nonfinite")
        }
        first = self.first_nonfinite if self.first_nonfinite is not None else later.first_nonfinite
        return Envelope(
            start=self.start,
            stop=later.stop,
            **arrays,
            first_nonfinite=first,
            last=later.last,
            smallest=float(np.fmin(self.smallest, later.smallest)),
            largest=float(np.fmax(self.largest, later.largest)),
        )
