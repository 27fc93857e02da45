"""What a breakpoint may look at: an iteration, numbers that are not finite, relu units that are dead."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, Protocol, TypeAlias

import numpy as np

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.language.namespace import Quantity
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.iteration import Iteration
from tui_backprop.training.stops.divergence import is_finite

if TYPE_CHECKING:
    from tui_backprop.engine.compile.iteration import Observed

Things: TypeAlias = Collection[Hashable]
HOLDS: Final[Things] = frozenset({True})
NOT: Final[Things] = frozenset()


class Trigger(Protocol):
    """Something that may be true at the start of an iteration.

    Attributes:
        at_once: whether what is true where a run begins, and was not seen there before, stops it as well.
    """

    at_once: ClassVar[bool] = False

    def fit(self, here: Iteration) -> None:
        """Refuse a lesson or batches that there is nothing to look at in."""

    def holds(self, here: Iteration) -> Things:
        """Return what is true now; nothing where it does not hold."""

    def trace(self, here: Iteration, observed: Observed) -> Sequence[Any]:
        """Return truths of which one changes whenever what holds does, from values that keep a record.

        Raises:
            UntraceableError: it has to be looked at step by step.
        """

    def message(self, here: Iteration, new: Things) -> str:
        """Say what has become true."""


class Reached:
    """An iteration is reached."""

    at_once: ClassVar[bool] = False

    def __init__(self, iteration: int) -> None:
        self.iteration = iteration

    def fit(self, here: Iteration) -> None:
        """Fit everywhere."""

    def holds(self, here: Iteration) -> Things:
        """Tell whether this is the iteration."""
        return HOLDS if here.number == self.iteration else NOT

    def trace(self, here: Iteration, observed: Observed) -> Sequence[Any]:
        """Compare the iteration's number."""
        return [observed.number("iteration") == float(self.iteration)]

    def message(self, here: Iteration, new: Things) -> str:
        """Say that it is reached."""
        return tr("it is reached")


class NotFinite:
    """A value or a gradient of the iteration is NaN or Infinity.

    One update with it would spoil the parameters, so a run does not begin with one that nobody has seen.
    """

    at_once: ClassVar[bool] = True

    def fit(self, here: Iteration) -> None:
        """Fit everywhere."""

    def holds(self, here: Iteration) -> Things:
        """Tell whether there is one."""
        return NOT if self._first(here.tape) is None else HOLDS

    def trace(self, here: Iteration, observed: Observed) -> Sequence[Any]:
        """Ask it of every value and every gradient that a sweep computes."""
        graph = here.graph
        there = [observed.value(node) for node in graph.assignments]
        there += [
            observed.gradient(node) for node in dict.fromkeys(factor.operand for factor in graph.factors)
        ]
        return [finite if np.ndim(finite) == 0 else finite.all() for finite in map(np.isfinite, there)]

    def message(self, here: Iteration, new: Things) -> str:
        """Name the first one, in the order in which they are computed."""
        found = self._first(here.tape)
        assert found is not None
        quantity, node, value = found
        kind, name = "NaN" if np.isnan(value).any() else "Infinity", pretty_text(node.name)
        if quantity == "value":
            return at_iteration(tr("{kind} in the value of {name}", kind=kind, name=name), here)
        return at_iteration(tr("{kind} in the gradient of {name}", kind=kind, name=name), here)

    @staticmethod
    def _first(tape: Tape) -> tuple[Quantity, Node, Array] | None:
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

    at_once: ClassVar[bool] = False

    def __init__(self) -> None:
        self._axes: dict[Graph, list[tuple[Node, tuple[int, ...]]]] = {}

    def fit(self, here: Iteration) -> None:
        """Refuse a formula without a relu."""
        if not self._units(here.lesson):
            raise BackpropError(tr("dead relu: the formula has no relu"))

    def holds(self, here: Iteration) -> Things:
        """Return the dead units."""
        from tui_backprop.training.vitals.sampled import over_all_samples

        tape = over_all_samples(here)
        dead: set[Unit] = set()
        for node, axes in self._units(here.lesson):
            shut = np.all(tape.value(node) <= 0, axis=axes)
            dead.update(Unit(node.index, int(place)) for place in np.flatnonzero(shut))
        return dead

    def trace(self, here: Iteration, observed: Observed) -> Sequence[Any]:
        """Ask it of every unit, where one batch has all samples."""
        if here.sample_indices is not None:
            from tui_backprop.engine.compile.errors import UntraceableError

            raise UntraceableError("the samples of other batches")
        return [(observed.value(node) <= 0.0).all(axis=axes) for node, axes in self._units(here.lesson)]

    def message(self, here: Iteration, new: Things) -> str:
        """Name the first unit that has died, and count the others."""
        first = min(unit for unit in new if isinstance(unit, Unit))
        node, axes = next((n, axes) for n, axes in self._units(here.lesson) if n.index == first.node)
        rest = [length for axis, length in enumerate(node.shape) if axis not in axes]
        place = tuple(int(i) for i in np.unravel_index(first.place, rest))
        unit = pretty_text(node.name)
        if place:
            unit = tr("unit {unit} of {name}", unit=first.place if len(place) == 1 else place, name=unit)
        samples = math.prod(node.shape[axis] for axis in axes)
        fact = tr("{unit} is 0", unit=unit)
        if samples > 1:
            fact = tr("{unit} is 0 for all {samples} samples", unit=unit, samples=samples)
        if len(new) > 1:
            fact = tr("{fact}, and {count} more", fact=fact, count=len(new) - 1)
        return at_iteration(fact, here)

    def _units(self, lesson: Lesson) -> list[tuple[Node, tuple[int, ...]]]:
        """Return the relu nodes of the graph for all samples, and which of their axes count samples."""
        from tui_backprop.training.vitals.sampled import sample_axes

        graph = lesson.graph()
        if graph not in self._axes:
            self._axes[graph] = [(n, sample_axes(lesson, n)) for n in graph.nodes if n.op and n.op.is_gate]
        return self._axes[graph]


def at_iteration(fact: str, here: Iteration) -> str:
    """Return what holds, with where."""
    return tr("{fact} at iteration {iteration}", fact=fact, iteration=here.number)


def both(facts: Sequence[str]) -> str:
    """Join what holds at once."""
    said = facts[0]
    for fact in facts[1:]:
        said = tr("{first} and {second}", first=said, second=fact)
    return said
