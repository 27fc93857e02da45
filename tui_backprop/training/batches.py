"""Which samples an iteration uses: computed from seed, epoch and iteration, so going back needs no state."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from tui_backprop.engine.arrays import Array, frozen
from tui_backprop.engine.graph import Graph
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.lessons.lesson import Lesson


class Batches:
    """The batches of one lesson under one setting of batch_size, shuffle and seed."""

    def __init__(self, lesson: Lesson, dials: Hyperparameters) -> None:
        self.lesson = lesson
        rows = lesson.rows
        self.rows = rows or 0
        self.size = self.rows if dials.batch_size == "all" else dials.batch_size
        self.whole = rows is None or dials.batch_size == "all"
        self.seed = dials.seed
        self.shuffle = dials.shuffle
        self.per_epoch = 1 if self.whole else -(-self.rows // self.size)
        self._everything: Mapping[str, Array] = MappingProxyType({**lesson.data, **lesson.samples})
        self._order: tuple[int, npt.NDArray[np.intp]] | None = None

    @property
    def sizes(self) -> tuple[int | None, ...]:
        """The sizes of batches that occur."""
        return self.lesson.batch_rows("all" if self.whole else self.size)

    def graph(self, iteration: int) -> Graph:
        """Return the graph for the batch of update ``iteration`` + 1."""
        if self.whole:
            return self.lesson.graph()
        first = iteration % self.per_epoch * self.size
        return self.lesson.graph(min(self.size, self.rows - first))

    def indices(self, iteration: int) -> npt.NDArray[np.intp] | None:
        """Return the samples that update ``iteration`` + 1 uses, read-only; None for all in order."""
        if self.whole:
            return None
        epoch, batch = divmod(iteration, self.per_epoch)
        return self._epoch_order(epoch)[batch * self.size : (batch + 1) * self.size]

    def _epoch_order(self, epoch: int) -> npt.NDArray[np.intp]:
        if self._order is None or self._order[0] != epoch:
            order = np.arange(self.rows)
            if self.shuffle:
                order = np.random.default_rng([self.seed, epoch]).permutation(self.rows)
            order.flags.writeable = False
            self._order = epoch, order
        return self._order[1]

    def inputs(self, iteration: int) -> Mapping[str, Array]:
        """Return data and this batch's samples by name, read-only."""
        chosen = self.indices(iteration)
        if chosen is None:
            return self._everything
        batch = {name: frozen(array[chosen]) for name, array in self.lesson.samples.items()}
        return MappingProxyType({**self.lesson.data, **batch})
