"""Small limits for what is kept of losses, and what an envelope must say of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.training.checkpoints.anchors import Anchors
from tui_backprop.training.history import Envelope, History
from tui_backprop.training.losses.thinned import Thinned
from tui_backprop.training.losses.window import Window


@contextmanager
def few_kept(exact: int = 256, page: int = 128, buckets: int = 16) -> Iterator[pytest.MonkeyPatch]:
    """Keep so many losses, in such pages and in at most so many buckets, where one keeps millions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Window, "PAGE", page)
        patch.setattr(History, "EXACT", exact)
        patch.setattr(History, "STEP", page)
        patch.setattr(Thinned, "MOST", buckets)
        patch.setattr(Anchors, "EVERY", 2)
        yield patch


def run_noting(t: tb.Trainer, iterations: int, at_a_time: int = 100) -> np.ndarray:
    """Run, and return the losses as they were when they were new."""
    parts, goal = [], t.iteration + iterations
    while t.iteration < goal:
        begun = t.iteration
        t.run(min(at_a_time, goal - begun))
        parts.append(np.array(t.losses[begun:]))
    return np.concatenate(parts)


def assert_honest(envelope: Envelope, losses: np.ndarray) -> None:
    """Assert that each bucket has the least and the greatest of what it covers, by a plain look."""
    ends = [*envelope.iterations, envelope.stop][1:]
    for k, (begin, end) in enumerate(zip(envelope.iterations, ends, strict=True)):
        bucket = losses[begin:end]
        finite = bucket[np.isfinite(bucket)]
        assert envelope.nonfinite[k] == (len(finite) < len(bucket))
        expected = (finite.min(), finite.max()) if len(finite) else (np.nan, np.nan)
        np.testing.assert_array_equal((envelope.low[k], envelope.high[k]), expected)
    covered = losses[envelope.start : envelope.stop]
    np.testing.assert_array_equal(envelope.last, covered[-1] if len(covered) else np.nan)
    bad = np.flatnonzero(~np.isfinite(covered))
    assert envelope.first_nonfinite == (envelope.start + bad[0] if len(bad) else None)
