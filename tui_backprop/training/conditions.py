"""What a breakpoint may look at: an iteration, numbers that are not finite, relu units that are dead."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeAlias

import numpy as np

from tui_backprop.engine.arrays import Array
from tui_backprop.engine.backprop import Tape
from tui_backprop.engine.errors import BackpropError
from tui_backprop.engine.graph import Graph, Node
from tui_backprop.engine.names import pretty_text
from tui_backprop.engine.ops import Relu
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.samples import sample_axis
from tui_backprop.training.course import Course
from tui_backprop.training.divergence import is_finite
from tui_backprop.training.settings import find

if TYPE_CHECKING:
    from tui_backprop.engine.compiler import Sight

Things: TypeAlias = Collection[Hashable]
HOLDS: Final[Things] = frozenset({True})
NOT: Final[Things] = frozenset()


class Look(Protocol):
    """Something that may be true at the start of an iteration."""

    def fit(self, course: Course) -> None:
        """Refuse a lesson or batches that there is nothing to look at in."""

    def holds(self, course: Course) -> Things:
        """Return what is true now; nothing where it does not hold."""

    def look(self, course: Course, sight: Sight) -> Sequence[Any]:
        """Return truths of which one changes whenever what holds does, from values that keep a record.

        Raises:
            UntraceableError: it has to be looked at step by step.
        """

    def message(self, course: Course, new: Things) -> str:
        """Say what has become true."""


class Reached:
    """An iteration is reached."""

    def __init__(self, iteration: int) -> None:
        self.iteration = iteration

    def fit(self, course: Course) -> None:
        """Fit everywhere."""

    def holds(self, course: Course) -> Things:
        """Tell whether this is the iteration."""
        return HOLDS if course.iteration == self.iteration else NOT

    def look(self, course: Course, sight: Sight) -> Sequence[Any]:
        """Compare the iteration's number."""
        return [sight.number("iteration") == float(self.iteration)]

    def message(self, course: Course, new: Things) -> str:
        """Say that it is reached."""
        return "it is reached"


class NotFinite:
    """A value or a gradient of the iteration is NaN or Infinity."""

    def fit(self, course: Course) -> None:
        """Fit everywhere."""

    def holds(self, course: Course) -> Things:
        """Tell whether there is one."""
        return NOT if self._first(course.tape) is None else HOLDS

    def look(self, course: Course, sight: Sight) -> Sequence[Any]:
        """Ask it of every value and every gradient that a sweep computes."""
        graph = course.graph
        there = [sight.value(node) for node in graph.assignments]
        there += [sight.gradient(node) for node in dict.fromkeys(n.operands[i] for n, i in graph.factors)]
        return [finite if np.ndim(finite) == 0 else finite.all() for finite in map(np.isfinite, there)]

    def message(self, course: Course, new: Things) -> str:
        """Name the first one, in the order in which they are computed."""
        found = self._first(course.tape)
        assert found is not None
        what, node, value = found
        kind = "NaN" if np.isnan(value).any() else "Infinity"
        return f"{kind} in the {what} of {pretty_text(node.name)}{at(course)}"

    @staticmethod
    def _first(tape: Tape) -> tuple[str, Node, Array] | None:
        nodes = tape.graph.nodes
        for node, value in zip(nodes, tape.values, strict=True):
            if value is not None and not is_finite(value):
                return "value", node, value
        for node, gradient in zip(reversed(nodes), reversed(tape.gradients), strict=True):
            if gradient is not None and not is_finite(gradient):
                return "gradient", node, gradient
        return None


class Unit(NamedTuple):
    """A relu unit: its node's index, and its place among the node's units, flat."""

    node: int
    place: int


class DeadRelu:
    """A relu unit is 0 for all samples of the lesson, those of other batches included.

    Every unit counts for itself: one that has been dead for long does not hide the next.
    """

    def __init__(self) -> None:
        self._axes: dict[Graph, list[tuple[Node, tuple[int, ...]]]] = {}

    def fit(self, course: Course) -> None:
        """Refuse a formula without a relu."""
        if not self._units(course.lesson):
            raise BackpropError("dead relu: the formula has no relu")

    def holds(self, course: Course) -> Things:
        """Return the dead units."""
        tape = _all_samples(course)
        dead: set[Unit] = set()
        for node, axes in self._units(course.lesson):
            shut = np.all(tape.value(node) <= 0, axis=axes)
            dead.update(Unit(node.index, int(place)) for place in np.flatnonzero(shut))
        return dead

    def look(self, course: Course, sight: Sight) -> Sequence[Any]:
        """Ask it of every unit, where one batch has all samples."""
        if course.sample_indices is not None:
            from tui_backprop.engine.compiler import UntraceableError

            raise UntraceableError("the samples of other batches")
        return [(sight.value(node) <= 0.0).all(axis=axes) for node, axes in self._units(course.lesson)]

    def message(self, course: Course, new: Things) -> str:
        """Name the first unit that has died, and count the others."""
        first = min(unit for unit in new if isinstance(unit, Unit))
        node, axes = next((n, axes) for n, axes in self._units(course.lesson) if n.index == first.node)
        rest = [length for axis, length in enumerate(node.shape) if axis not in axes]
        place = tuple(int(i) for i in np.unravel_index(first.place, rest))
        unit = f"unit {first.place if len(place) == 1 else place} of " if place else ""
        samples = math.prod(node.shape[axis] for axis in axes)
        for_all = f" for all {samples} samples" if samples > 1 else ""
        others = f", and {len(new) - 1} more" if len(new) > 1 else ""
        return f"{unit}{pretty_text(node.name)} is 0{for_all}{others}{at(course)}"

    def _units(self, lesson: Lesson) -> list[tuple[Node, tuple[int, ...]]]:
        """Return the relu nodes of the graph for all samples, and which of their axes count samples."""
        graph = lesson.graph()
        if graph not in self._axes:
            self._axes[graph] = [(n, _sample_axes(lesson, n)) for n in graph.nodes if isinstance(n.op, Relu)]
        return self._axes[graph]


def _sample_axes(lesson: Lesson, node: Node) -> tuple[int, ...]:
    """Return the axis that counts samples; where none is known to, all but the last one of a matrix."""
    axis = sample_axis(lesson, node)
    return tuple(range(len(node.shape) - 1)) if axis is None else (axis,)


def _all_samples(course: Course) -> Tape:
    """Return the values at the course's parameters over all samples, and not only this batch's."""
    if course.sample_indices is None:
        return course.forward_tape
    lesson = course.lesson
    graph, leaves = lesson.graph(), {**course.leaves, **lesson.samples}
    overrides = {}
    for name, value in course.overrides.items():
        for node in find(graph, name):
            try:
                overrides[node.index] = np.broadcast_to(value, node.shape)
            except ValueError:  # meant for one batch's rows
                continue
    tape = Tape(graph, leaves, overrides)
    tape.forward()
    return tape


def at(course: Course) -> str:
    """Return the end of a message."""
    return f" at iteration {course.iteration}"
