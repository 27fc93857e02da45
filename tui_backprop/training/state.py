"""The state of a training: all that an iteration starts from, beside what somebody has set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.optimizers import State

OVERHEAD = 1000
"""Bytes of Python objects in a state, roughly."""


class TrainingState(NamedTuple):
    """What an iteration starts from; data and the order of batches follow from its number.

    Arrays are never written after they were computed, so keeping a state holds references and copies nothing.

    Attributes:
        iteration: updates done.
        parameters: all parameters by name, as the update before left them, and running statistics.
        optimizer: the optimizer whose memory this is.
        memory: its memory by parameter; empty before its first update.
    """

    iteration: int
    parameters: Mapping[str, Array]
    optimizer: str
    memory: Mapping[str, State]

    @property
    def nbytes(self) -> int:
        """Bytes that it keeps alive, if nothing else does."""
        arrays = [*self.parameters.values(), *(a for s in self.memory.values() for a in s.arrays.values())]
        return OVERHEAD + sum(array.nbytes for array in arrays)


class Chunk(NamedTuple):
    """What some iterations came to.

    Attributes:
        losses: the loss before each of their updates, shape (iterations,).
        state: the state behind them; its arrays are read-only.
        seen: what was looked at for breakpoints last; None where nothing was.
        validation: their validation losses, of that shape, where they were looked at.
    """

    losses: Array
    state: TrainingState
    seen: tuple[Any, ...] | None = None
    validation: Array | None = None


def reached(
    iteration: int, parameters: Mapping[str, Array], optimizer: str, memory: Mapping[str, State]
) -> TrainingState:
    """Return the state that updates have led to; its memory is read-only from now on."""
    for state in memory.values():
        for array in state.arrays.values():
            if isinstance(array, np.ndarray):
                array.flags.writeable = False
    return TrainingState(iteration, parameters, optimizer, memory)
