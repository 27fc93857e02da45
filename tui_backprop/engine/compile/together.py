"""Many runs of one graph at a time: what differs between them has an axis of runs, and the rest is done once.

Each run is computed as it would be by itself, from the same intermediate form, but for the last bits in which
libraries differ where an array has an axis more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from tui_backprop.engine.autodiff.graph import Kind
from tui_backprop.engine.compile.form import Form
from tui_backprop.engine.compile.iteration import Task, iteration, plain
from tui_backprop.engine.compile.targets.together.program import together_functions, together_text
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.optimizers import COEFFICIENTS, Coefficients

Came: TypeAlias = "tuple[dict[str, Array], dict[str, dict[str, Array]]]"
"""Parameters and memory of all runs behind their iterations."""
Memory = Mapping[str, Mapping[str, Array]]
"""An optimizer's arrays by parameter and code, each with an axis of runs in front."""


class Differing(NamedTuple):
    """What runs differ in, beside the parameters that are trained.

    Attributes:
        coefficients: which of the optimizer's.
        parameters: which of those that stay.
        order: whether the samples of a batch are others.
        seed: whether what is drawn is other.
    """

    coefficients: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    order: bool = False
    seed: bool = False


class ManyRequest(NamedTuple):
    """Iterations that are to be done of many runs, and what they start from.

    Attributes:
        losses: where the losses before each update are written, (iterations, runs).
        coefficients: the optimizer's, of each run.
        parameters: all parameters' values; those that differ have an axis of runs in front. They are not
            written to.
        memory: the optimizer's; it is not written to.
        updates: how many it has made.
        first: the number of the first iteration.
        seeds: what masks are drawn from, of each run.
        scheduled: by coefficient that changes, its values by iteration: numbers, or arrays of runs.
        samples: the epoch's, where batches are taken from them; with an axis of runs where orders differ.
        batch, batches: the number of the first batch, and of batches.
    """

    losses: Array
    coefficients: Sequence[Coefficients]
    parameters: Mapping[str, Array]
    memory: Memory
    updates: int
    first: int
    seeds: Sequence[int]
    scheduled: Mapping[str, Any]
    samples: Mapping[str, Array] = {}
    batch: int = 0
    batches: int = 1


class TogetherProgram:
    """A graph compiled for many runs.

    Args:
        task: what each iteration does.
        leaves: values of data, samples and parameters of one run, as a sample.
        differing: what they differ in.

    Attributes:
        source: its text.

    Raises:
        UntraceableError: they have to be done one after another.
    """

    def __init__(self, task: Task, leaves: Mapping[str, Array], differing: Differing) -> None:
        form = iteration(task, leaves)
        self._differing = differing.coefficients - {*form.scheduled}
        self.source = together_text(form, _names(form, task, differing))
        self._samples = [node.name for node in task.graph.inputs if node.kind is Kind.SAMPLES]
        self._prepare, self._train = together_functions(self.source)
        with np.errstate(all="ignore"):
            self._fixed = self._prepare(*(plain(leaves[name]) for name in self.source.inputs))

    def run(self, request: ManyRequest) -> Came:
        """Do iterations, and return the parameters and the memory behind them.

        Raises:
            ArithmeticError, ValueError, IndexError: they have to be done one after another.
        """
        source, (iterations, runs) = self.source, request.losses.shape
        hyperparameters = []
        for name in COEFFICIENTS:
            values = [getattr(one, name) for one in request.coefficients]
            hyperparameters.append(np.array(values) if name in self._differing else values[0])
        rows = [request.samples[name] for name in self._samples] if request.samples else []
        kept = [request.memory[name][code] for name, code in source.memory]
        with np.errstate(all="ignore"):
            after, arrays = self._train(
                iterations, request.losses, self._fixed, hyperparameters,
                [request.parameters[name] for name in source.parameters], kept, request.updates, rows,
                request.batch, request.batches, request.first, request.scheduled, request.seeds, runs,
            )  # fmt: skip
        own: dict[str, dict[str, Array]] = {}
        for (name, code), array in zip(source.memory, arrays, strict=True):
            own.setdefault(name, {})[code] = array
        return dict(zip(source.parameters, after, strict=True)), own


def _names(form: Form, task: Task, differing: Differing) -> Collection[str]:
    """Return the form's names of what differs."""
    names = {name for *_, name in form.memory} | differing.coefficients
    stay = {node.name for node in task.graph.parameters if not node.trainable}
    stay -= set(task.graph.handed)
    names |= {
        name
        for parameter, name in form.parameters.items()
        if parameter not in stay or parameter in differing.parameters
    }
    if differing.order:
        names |= set(form.samples)
    if differing.seed:
        names |= {name for name, *_ in form.drawn}
    return names
