"""Whole iterations at full speed: compiled programs, and how many iterations between two looks around."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np

from tui_backprop.engine.arrays import Array
from tui_backprop.engine.compiler import Fixed, Iterations, Program, UntraceableError, compile_graph
from tui_backprop.engine.graph import Graph
from tui_backprop.engine.optimizers import Coefficients, State
from tui_backprop.training.batches import Batches
from tui_backprop.training.divergence import is_finite

STRETCH = 0.004
"""Seconds of training between two looks at the clock, roughly."""
FEW = 8
"""Iterations that are done step by step rather than compiled for."""


class Programs:
    """The compiled programs of one training, made when they are first needed."""

    def __init__(self) -> None:
        self._programs: dict[tuple[Graph, str, bool], tuple[Program, Fixed] | None] = {}
        self._pace: dict[Graph, int] = {}

    def worth(self, graph: Graph, iterations: int) -> bool:
        """Tell whether so many iterations are worth a program, or there is one already."""
        return iterations >= FEW or graph in self._pace

    def run(
        self,
        batches: Batches,
        iteration: int,
        most: int,
        optimizer: str,
        coefficients: Coefficients,
        parameters: Mapping[str, Array],
        states: Mapping[str, State],
        finite: bool,
    ) -> tuple[Iterations, Array] | None:
        """Do iterations for about :data:`STRETCH` seconds.

        Args:
            batches: where the samples come from.
            iteration: the number of the first.
            most: how many to do at most.
            optimizer: the optimizer's name.
            coefficients: what its updates are made with.
            parameters: their values at the start.
            states: the optimizer's memory at the start.
            finite: whether to stop in front of a loss, or behind an update, that is not finite.

        Returns:
            What came of it, and the loss before each update; None where there is none to do this way.
        """
        graph = batches.graph(iteration)
        found = self._find(graph, batches, iteration, optimizer, coefficients, parameters)
        if found is None or (finite and not are_finite(parameters)):
            return None
        program, fixed = found
        samples = batches.stretch(iteration)

        def go(count: int) -> tuple[Iterations, Array]:
            losses = np.empty(count)
            result = program.run(fixed, count, losses, coefficients, parameters, states, samples)
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

    def _find(
        self,
        graph: Graph,
        batches: Batches,
        iteration: int,
        optimizer: str,
        coefficients: Coefficients,
        parameters: Mapping[str, Array],
    ) -> tuple[Program, Fixed] | None:
        key = graph, optimizer, bool(coefficients.weight_decay)
        if key not in self._programs:
            inputs = batches.inputs(iteration)
            try:
                program = compile_graph(
                    graph, optimizer, coefficients, {**inputs, **parameters}, not batches.whole
                )
                self._programs[key] = program, program.bind(inputs)
            except (UntraceableError, ArithmeticError, ValueError):  # such as exp(800) of the data alone
                self._programs[key] = None
        return self._programs[key]


def are_finite(values: Mapping[str, Array]) -> bool:
    """Tell whether every element of every value is finite."""
    return all(map(is_finite, values.values()))


def finite_part(
    done: tuple[Iterations, Array], go: Callable[[int], tuple[Iterations, Array]]
) -> tuple[Iterations, Array]:
    """Return iterations up to the first loss that is not finite, or update behind which a parameter is not.

    Numbers that are not finite stay so, whatever is added to them, so the update is found by bisection.
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
    return go(bad)
