"""The schedule of a training: what holds at which iteration. A training follows from it alone."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import TypeAlias

from tui_backprop.engine.core.arrays import DOUBLE, DTYPES, Array, frozen, in_type, size_of
from tui_backprop.engine.core.backends import SOME_NUMPY, UNDECIDED, decided
from tui_backprop.engine.language.nodes import find
from tui_backprop.lessons.hyperparameters import Hyperparameters, check_batch_size, check_dtype
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.training.batches import Batch, Batches
from tui_backprop.training.costs import work
from tui_backprop.training.settings import NOTHING, Settings
from tui_backprop.training.state import TrainingState
from tui_backprop.training.values import fit

Entries: TypeAlias = "tuple[tuple[int, Settings], ...]"
"""Settings and the iterations from which they hold, ascending, the first 0."""


class Schedule:
    """What was set, by iteration; never changed, so that to go back to one is to use it again.

    Args:
        lesson: what is trained.
        entries: the settings.
        batches: those of the first settings, where they are made already.
    """

    __slots__ = ("_one", "_others", "_since", "_upto", "batches", "entries", "lesson")

    def __init__(self, lesson: Lesson, entries: Entries, batches: Batches | None = None) -> None:
        start = entries[0][1].hyperparameters
        self.lesson = lesson.in_type(start.dtype, start.backend)
        self.entries = entries
        self.batches = batches or Batches(self.lesson, start)
        self._others: dict[str, Batches] = {}  # under other back ends
        self._one = all(settings.hyperparameters.backend == start.backend for _, settings in entries)
        self._since, self._upto = entries[-1]

    def at(self, iteration: int) -> Settings:
        """Return what holds at an iteration."""
        return self._upto if iteration >= self._since else self._entry(iteration)[1]

    def edits(self, iteration: int) -> Mapping[str, Array]:
        """Return the values that parameters are moved to at the start of an iteration, by name."""
        since, settings = (self._since, self._upto) if iteration >= self._since else self._entry(iteration)
        return settings.edits if since == iteration else NOTHING

    def parameters(self, state: TrainingState) -> Mapping[str, Array]:
        """Return the parameters that an iteration starts from: those of a state, with what is moved there."""
        if state.iteration > self._since:
            return state.parameters
        edits = self.edits(state.iteration)
        return {**state.parameters, **self.rounded(edits)} if edits else state.parameters

    def rounded(self, values: Mapping[str, Array]) -> Mapping[str, Array]:
        """Return values that were put in as doubles, in the type of the training's arrays."""
        dtype = DTYPES[self.lesson.dtype]
        return values if dtype == DOUBLE else {name: frozen(in_type(v, dtype)) for name, v in values.items()}

    def lesson_at(self, iteration: int) -> Lesson:
        """Return the lesson under the back end of an iteration."""
        return self.batches_at(iteration).lesson

    def batches_at(self, iteration: int) -> Batches:
        """Return the batches under the back end of an iteration."""
        if self._one:
            return self.batches
        backend = self.at(iteration).hyperparameters.backend
        if backend == self.lesson.backend:
            return self.batches
        if backend not in self._others:
            lesson = self.lesson.in_type(self.lesson.dtype, backend)
            self._others[backend] = Batches(lesson, self.entries[0][1].hyperparameters)
        return self._others[backend]

    def batch(self, iteration: int) -> Batch:
        """Return the graph and the samples of an iteration."""
        return (self.batches if self._one else self.batches_at(iteration)).batch(iteration)

    def start(self) -> TrainingState:
        """Return the state before the first update."""
        hyperparameters = self.entries[0][1].hyperparameters
        return TrainingState(0, self.lesson.start(hyperparameters.seed), hyperparameters.optimizer, {})

    def next_change(self, iteration: int) -> int | None:
        """Return the first iteration after this one at which something else is set; None without any."""
        if iteration >= self._since:
            return None
        return self.entries[self._index(iteration) + 1][0]

    def held_since(self, name: str, iteration: int) -> int:
        """Return the iteration since which the override that is in force at an iteration holds."""
        value, since = self.at(iteration).overrides[name], iteration
        for start, settings in reversed(self.upto(iteration)):
            if settings.overrides.get(name) is not value:
                break
            since = start
        return since

    def upto(self, iteration: int) -> Entries:
        """Return what was set up to an iteration, that one included."""
        return self.entries[: self._index(iteration) + 1]

    def since(self, iteration: int) -> Entries:
        """Return what is set at an iteration and later."""
        return self.entries[self._first(iteration) :]

    def changed(self, since: int, settings: Settings) -> Schedule:
        """Return a schedule with other settings from an iteration on; what was set later is dropped."""
        entries = (*self.entries[: self._first(since)], (since, settings))
        return Schedule(self.lesson, entries, self.batches if since else None)

    def ending(self, since: int, end: Entries) -> Schedule:
        """Return a schedule that has another end from an iteration on.

        Raises:
            ValueError: the end is not in order, or begins before that iteration.
        """
        entries = self.entries[: self._first(since)] + end
        return self.of(self.lesson, entries, self.batches if since else None)

    @staticmethod
    def of(lesson: Lesson, entries: Entries, batches: Batches | None = None) -> Schedule:
        """Return a schedule of settings that come from outside.

        Raises:
            ValueError: they are not in order, or do not begin at 0.
        """
        iterations = [iteration for iteration, _ in entries]
        if not entries or iterations[0] != 0 or iterations != sorted(set(iterations)):
            raise ValueError("settings out of order")
        return Schedule(lesson, entries, batches)

    def _first(self, iteration: int) -> int:
        """Return where the entries of an iteration and later ones begin."""
        return bisect_left(self.entries, iteration, key=lambda entry: entry[0])

    def _index(self, iteration: int) -> int:
        return bisect_right(self.entries, iteration, key=lambda entry: entry[0]) - 1

    def _entry(self, iteration: int) -> tuple[int, Settings]:
        return self.entries[self._index(iteration)]


def settled(lesson: Lesson, hyperparameters: Hyperparameters) -> Hyperparameters:
    """Return hyperparameters with a back end that is decided, as it suits the lesson."""
    name = hyperparameters.backend
    if name in (UNDECIDED, SOME_NUMPY):
        graph = lesson.graph(lesson.batch_rows(hyperparameters.batch_size)[0])
        elements = max(
            (size_of(node.shape) for node in graph.nodes if node.op and node.op.name == "tanh"), default=0
        )
        seconds = hyperparameters.iterations * work(graph)
        hyperparameters = hyperparameters.replace(backend=decided(name, elements, seconds))
    return hyperparameters


def checked(
    lesson: Lesson,
    hyperparameters: Hyperparameters,
    overrides: Mapping[str, Array] = NOTHING,
    edits: Mapping[str, Array] = NOTHING,
) -> Settings:
    """Return settings that fit a lesson in every batch, the uneven last one of an epoch included.

    Raises:
        HyperparameterError: the batches are larger than the samples.
        FormulaError: the formula does not fit the batch size.
        BackpropError: an override does not fit.
    """
    check_batch_size(hyperparameters, lesson.rows)
    check_dtype(hyperparameters)
    samples = lesson.samples
    whole = frozenset(n for n in samples if n in overrides and overrides[n].shape == samples[n].shape)
    sizes = lesson.batch_rows(hyperparameters.batch_size)
    for rows in sizes:
        graph = lesson.graph(rows)
        for name, value in overrides.items():
            all_samples = samples[name].shape if name in samples and rows != lesson.rows else None
            for node in () if name in whole else find(graph, name):
                fit(node, value, rows if len(sizes) > 1 else None, all_samples)
    return Settings(settled(lesson, hyperparameters), overrides, edits, whole)
