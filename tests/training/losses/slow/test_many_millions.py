"""Two hundred million losses take no more room than ten million; with LONGER=5 a thousand million."""

from __future__ import annotations

import tracemalloc

import numpy as np

from tests.support.thorough import LONGER
from tui_backprop.training.history import History


def test_hundreds_of_millions_of_losses_take_bounded_room() -> None:
    chunk = np.random.default_rng(0).random(1 << 20)
    tracemalloc.start()
    history = History()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(LONGER * 2 * 10**8 // len(chunk)):
        history.extend(chunk)
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert held < 32 << 20
    envelope = history.envelope(512)
    assert 256 <= len(envelope.iterations) <= 512
    assert (envelope.smallest, envelope.largest) == (chunk.min(), chunk.max())
