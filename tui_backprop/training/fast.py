"""Whole iterations at full speed: compiled programs, and how many iterations between two looks around."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from tui_backprop.engine.arrays import Array, size_of
from tui_backprop.engine.graph import Graph
from tui_backprop.engine.optimizers import Coefficients, State
from tui_backprop.training.batches import Batches
from tui_backprop.training.divergence import is_finite

if TYPE_CHECKING:
    from tui_backprop.engine.compiler import Fixed, Iterations, Program, Watching

STRETCH = 0.004
"""Seconds of training between two looks at the clock, roughly."""
FEW = 32
"""Iterations that are done step by step in the time in which small arrays' could be compiled."""
NODE, ELEMENT = 4e-6, 4e-9
"""Seconds that a node, and an element of one, cost step by step, very roughly."""
PROGRAMS = 4
"""Programs whose arrays are kept: those of two sizes of batches, with and without breakpoints."""
Key: TypeAlias = "tuple[Graph, str, bool, bool, int, tuple[str, ...]]"
Stretch: TypeAlias = "tuple[Iterations, Array]"
"""What some iterations came to, and the loss before each of their updates."""


class Start(NamedTuple):
    """Where a stretch of iterations starts, and what its updates are made by."""

    batches: Batches
    iteration: int
    optimizer: str
    coefficients: Coefficients
    parameters: Mapping[str, Array]
    states: Mapping[str, State]


class Programs:
    """The compiled programs of one training, made when they are first needed."""

    def __init__(self) -> None:
        self._programs: dict[Key, tuple[Program, Fixed] | None] = {}
        self._pace: dict[Graph, int] = {}

    def worth(self, graph: Graph, iterations: int) -> bool:
        """Tell whether so many iterations are worth a program, or there is one already."""
        return graph in self._pace or iterations >= FEW * overhead(graph)

    def run(
        self,
        start: Start,
        most: int,
        *,
        finite: bool = False,
        watching: Watching | None = None,
        seen: tuple[Any, ...] | None = None,
    ) -> Stretch | None:
        """Do iterations for about :data:`STRETCH` seconds; None where there are none to do this way.

        Args:
            start: the place.
            most: how many to do at most.
            finite: stop in front of a loss, or behind an update, that is not finite.
            watching: stop in front of the iteration in which something changes.
            seen: what was seen before; None to compare with the first iteration.
        """
        batches, iteration, optimizer, coefficients, parameters, states = start
        graph = batches.graph(iteration)
        if optimizer != "sgd" and not states:
            return None  # the first update has no memory to add to, not even zeros
        whole, per_epoch, watched = batches.whole, batches.per_epoch, watching.key if watching else ()
        key = graph, optimizer, bool(coefficients.weight_decay), whole, per_epoch, watched
        found = self._find(key, start, watching)
        if found is None or (finite and not are_finite(parameters)):
            return None
        program, fixed = found
        samples = batches.stretch(iteration)

        def go(count: int) -> Stretch:
            losses = np.empty(count)
            result = program.run(
                fixed, count, losses, coefficients, parameters, states, samples, iteration, seen
            )
            return result, losses[: result.done]

        pace = self._pace.get(graph, 1)
        count = min(most, pace, batches.alike(iteration))
        begun = time.perf_counter()
        done = go(count)
        took = time.perf_counter() - begun
        if count == pace or took > STRETCH:
            # as many as fit, but never more than twice as many as were seen to fit
            self._pace[graph] = max(1, min(2 * pace, int(STRETCH * count / max(took, 1e-9))))
        if finite:
            done = finite_part(done, go)
        return done if done[0].done else None

    def _find(self, key: Key, start: Start, watching: Watching | None) -> tuple[Program, Fixed] | None:
        if key in self._programs:
            self._programs[key] = self._programs.pop(key)  # the one used last stands last
        else:
            from tui_backprop.engine.compiler import UntraceableError, compile_graph  # a start needs neither

            batches = start.batches
            inputs = batches.inputs(start.iteration)
            leaves = {**inputs, **start.parameters}
            try:
                program = compile_graph(
                    key[0], start.optimizer, start.coefficients, leaves, not batches.whole, watching
                )
                self._programs[key] = program, program.bind(inputs)
            except (UntraceableError, ArithmeticError, ValueError, MemoryError, RecursionError):
                self._programs[key] = None  # step by step it can still be done
            while len(self._programs) > PROGRAMS:
                del self._programs[next(iter(self._programs))]
        return self._programs[key]


def overhead(graph: Graph) -> float:
    """Estimate the part of an iteration, step by step, that is not spent computing; up to 1."""
    calls, elements = len(graph.nodes), sum(size_of(node.shape) for node in graph.nodes)
    return calls * NODE / (calls * NODE + elements * ELEMENT)


def are_finite(values: Mapping[str, Array]) -> bool:
    """Tell whether every element of every value is finite."""
    return all(map(is_finite, values.values()))


def finite_part(done: Stretch, go: Callable[[int], Stretch]) -> Stretch:
    """Return iterations up to the first loss that is not finite, or update that would spoil a parameter.

    Numbers that are not finite stay so, whatever is added to them, so the update is found by bisection. It is
    left to be done step by step: at the edge of the floating-point numbers, that may end otherwise.
    """
    finite = np.isfinite(done[1])
    if not finite.all():
        done = go(int(np.argmin(finite)))
    good, bad = 0, done[0].done
    if not bad or are_finite(done[0].parameters):
        return done
    while bad - good > 1:
        middle = (good + bad) // 2
        if are_finite(go(middle)[0].parameters):
            good = middle
        else:
            bad = middle
    return go(good)
