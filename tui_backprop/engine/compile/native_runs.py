"""Many runs of one graph as machine code: one after the other, which is as quick as together there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tui_backprop.engine.autodiff.graph import Kind
from tui_backprop.engine.compile.iteration import Task
from tui_backprop.engine.compile.native import compile_natively
from tui_backprop.engine.compile.together import Came, Differing, ManyRequest
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.optimizers import COEFFICIENTS


class NativeRuns:
    """A graph compiled for many runs; it is used as :class:`TogetherProgram` is.

    Args:
        task: what each iteration does.
        leaves: values of data, samples and parameters of one run, as a sample.
        differing: what they differ in.
        folder: where machine code is kept; None to keep none.

    Attributes:
        calls: calls of an iteration.
        elements: elements that an iteration computes.

    Raises:
        UntraceableError: they have to be done by NumPy.
    """

    def __init__(
        self, task: Task, leaves: Mapping[str, Array], differing: Differing, folder: Path | None
    ) -> None:
        self._program = compile_natively(task, leaves, folder)
        self._differing = differing
        self.calls, self.elements = self._program.source.calls, self._program.source.elements
        self._fixed = self._program.bind(leaves)
        self._stay = {node.name for node in task.graph.parameters if not node.trainable}
        self._stay -= {*task.graph.handed, *differing.parameters}
        self._samples = [node.name for node in task.graph.inputs if node.kind is Kind.SAMPLES]

    def run(self, request: ManyRequest) -> Came:
        """Do iterations of all, and return the parameters and the memory behind them.

        Raises:
            IndexError: they have to be done one after another.
        """
        losses, parameters = request.losses, request.parameters
        (iterations, runs), source = losses.shape, self._program.source
        kept = [request.memory[name][code] if request.updates else 0.0 for name, code, _ in source.kept]
        own = [*(self._each(name, parameters[name], runs) for name in source.parameters), *kept]
        places = [*source.parameters.values(), *(place for *_, place in source.kept)]
        state = np.concatenate(
            [
                np.broadcast_to(a, (runs, *place.shape)).reshape(runs, -1)
                for a, place in zip(own, places, strict=True)
            ],
            axis=1,
        )
        found = np.empty((runs, iterations))
        numbers = np.array([[getattr(c, name) or 0.0 for name in COEFFICIENTS] for c in request.coefficients])
        samples = request.samples
        rows = [[self._own(samples[name], run) for name in self._samples if samples] for run in range(runs)]
        masks = self._masks(request.seeds, request.first, iterations)
        given = [[*one, *masks[seed]] for one, seed in zip(rows, request.seeds, strict=True)]
        done = self._program.run_many(
            self._fixed, found, numbers, self._rates(request.scheduled, runs, iterations), given, state,
            (request.batch, request.batches), request.updates, request.first,
        )  # fmt: skip
        if not done:
            raise IndexError("a place outside")
        losses[...] = found.T
        bounds = np.cumsum([0, *(place.size for place in places)])
        after = [
            state[:, low:high].reshape(runs, *place.shape)
            for low, high, place in zip(bounds[:-1], bounds[1:], places, strict=True)
        ]
        arrays: dict[str, dict[str, Array]] = {}
        for (name, code, _), array in zip(source.kept, after[len(source.parameters) :], strict=True):
            arrays.setdefault(name, {})[code] = array
        return dict(zip(source.parameters, after, strict=False)), arrays

    def _each(self, name: str, value: Array, runs: int) -> Array:
        """Return a parameter's values in each run."""
        return np.broadcast_to(value, (runs, *np.shape(value))) if name in self._stay else value

    def _own(self, samples: Array, run: int) -> Array:
        """Return the epoch's samples of one run."""
        return np.ascontiguousarray(samples[run] if self._differing.order else samples)

    def _masks(self, seeds: Sequence[int], first: int, iterations: int) -> dict[int, list[Array]]:
        """Return what is drawn in the iterations, by seed."""
        return {
            seed: [
                np.array([mask.values(seed, first + k, shape) for k in range(iterations)])
                for mask, shape in self._program.source.drawn
            ]
            for seed in dict.fromkeys(seeds)
        }

    def _rates(self, scheduled: Mapping[str, Any], runs: int, iterations: int) -> Array:
        """Return the values of what is scheduled, (runs, scheduled, iterations)."""
        names = self._program.source.scheduled
        rates = np.empty((runs, len(names), iterations))
        for number, name in enumerate(names):
            given = np.asarray(scheduled[name], np.float64)
            rates[:, number] = given if given.ndim == 1 else given.T
        return rates
