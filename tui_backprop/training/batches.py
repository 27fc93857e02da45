"""Which samples an iteration uses: computed from seed, epoch and iteration, so going back needs no state."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tui_backprop.engine.autodiff.graph import Graph
from tui_backprop.engine.core.arrays import Array, frozen
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.lessons.lesson import Lesson

MANY = 1 << 40


class Batch(NamedTuple):
    """What one iteration computes and trains on.

    Attributes:
        graph: the graph for this many samples.
        inputs: data, this batch's samples, and masks that are drawn, by name, read-only.
        indices: which samples these are, read-only; None for all in order.
    """

    graph: Graph
    inputs: Mapping[str, Array]
    indices: npt.NDArray[np.intp] | None


class Batches:
    """The batches of one lesson under one setting of batch_size, shuffle and seed."""

    def __init__(self, lesson: Lesson, hyperparameters: Hyperparameters) -> None:
        self.lesson = lesson
        rows = lesson.rows
        self.rows = rows or 0
        self.size = self.rows if hyperparameters.batch_size == "all" else hyperparameters.batch_size
        self.whole = rows is None or hyperparameters.batch_size == "all"
        self.seed = hyperparameters.seed
        self.shuffle = hyperparameters.shuffle
        self.per_epoch = 1 if self.whole else -(-self.rows // self.size)
        self._everything: Mapping[str, Array] = MappingProxyType({**lesson.data, **lesson.samples})
        self._all: Batch | None = None
        self._shuffled: tuple[int, Mapping[str, Array]] | None = None
        self._order: tuple[int, npt.NDArray[np.intp]] | None = None

    @property
    def sizes(self) -> tuple[int | None, ...]:
        """The sizes of batches that occur."""
        return self.lesson.batch_rows("all" if self.whole else self.size)

    def batch(self, iteration: int) -> Batch:
        """Return the batch of update ``iteration`` + 1."""
        if not self.whole:
            return Batch(self.graph(iteration), self.inputs(iteration), self.indices(iteration))
        if self._all is None:
            everything = Batch(self.lesson.graph(), self.everything(iteration), None)
            if everything.graph.drawn:
                return everything
            self._all = everything
        return self._all

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

    def alike(self, iteration: int) -> int:
        """Return how many updates from ``iteration`` + 1 on have batches of one size out of one order."""
        if self.whole:
            return MANY
        place = iteration % self.per_epoch
        full = self.rows // self.size
        if place >= full:
            return 1
        return MANY if not self.shuffle and full == self.per_epoch else full - place

    def epoch_samples(self, iteration: int) -> tuple[Mapping[str, Array], int, int] | None:
        """Return an epoch's samples in its order, the batch's number in it, and the number of full batches.

        None where there is one batch of all samples.
        """
        if self.whole:
            return None
        epoch, place = divmod(iteration, self.per_epoch)
        samples = self._in_order(epoch)
        full = self.rows // self.size
        if place < full:
            return samples, place, full
        return {name: array[full * self.size :] for name, array in samples.items()}, 0, 1

    def _in_order(self, epoch: int) -> Mapping[str, Array]:
        """Return all samples in an epoch's order, read-only; those of the last epoch asked for are kept."""
        if not self.shuffle:
            return self.lesson.samples
        if self._shuffled is None or self._shuffled[0] != epoch:
            order = self._epoch_order(epoch)
            self._shuffled = None  # or two epochs' samples would be held at once
            shuffled = {name: frozen(array[order]) for name, array in self.lesson.samples.items()}
            self._shuffled = epoch, shuffled
        return self._shuffled[1]

    def _epoch_order(self, epoch: int) -> npt.NDArray[np.intp]:
        if self._order is None or self._order[0] != epoch:
            order = np.arange(self.rows)
            if self.shuffle:
                order = np.random.default_rng([self.seed, epoch]).permutation(self.rows)
            order.flags.writeable = False
            self._order = epoch, order
        return self._order[1]

    def inputs(self, iteration: int) -> Mapping[str, Array]:
        """Return data, this batch's samples and masks by name, read-only."""
        if self.whole:
            return self.everything(iteration)
        epoch, batch = divmod(iteration, self.per_epoch)
        rows = slice(batch * self.size, (batch + 1) * self.size)
        # views, as compiled code has them: at another alignment the BLAS of NumPy 1.26 adds up otherwise
        samples = {name: array[rows] for name, array in self._in_order(epoch).items()}
        masks = self.graph(iteration).draw(self.seed, iteration)
        return MappingProxyType({**self.lesson.data, **samples, **masks})

    def everything(self, iteration: int) -> Mapping[str, Array]:
        """Return data, all samples, and masks for all of them, by name, read-only."""
        masks = self.lesson.graph().draw(self.seed, iteration)
        return MappingProxyType({**self._everything, **masks}) if masks else self._everything
