"""What the user has set: the hyperparameters, and values put in by hand for nodes of the graph."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Graph
from tui_backprop.engine.autodiff.records import UpdateTerm
from tui_backprop.engine.core.arrays import Array, in_type
from tui_backprop.engine.language.nodes import find
from tui_backprop.engine.optimizers import OPTIMIZERS, Coefficients, Optimizer, TermSpec
from tui_backprop.engine.optimizers.rate_schedules import SCHEDULES, Rate
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.text.sentences import later
from tui_backprop.training.values import fit

NOTHING: Mapping[str, Array] = MappingProxyType({})


class Settings(Struct, frozen=True, dict=True):
    """What the user has set from an iteration on.

    Attributes:
        hyperparameters: the hyperparameters.
        overrides: values put in by hand, by node name.
        edits: values that parameters are moved to at the start of the first of these iterations, by name.
        whole: names of the overrides that have a row for each sample of the lesson; a batch takes its own.
    """

    hyperparameters: Hyperparameters
    overrides: Mapping[str, Array]
    edits: Mapping[str, Array] = NOTHING
    whole: frozenset[str] = frozenset()

    @cached_property
    def rule(self) -> Optimizer:
        """The optimizer."""
        return OPTIMIZERS[self.hyperparameters.optimizer]

    @cached_property
    def coefficients(self) -> Coefficients:
        """What its formulas need, as the hyperparameters have it."""
        return self.hyperparameters.coefficients

    @cached_property
    def scheduled(self) -> Mapping[str, Rate]:
        """Those that a schedule gives in their place, by name."""
        return self.hyperparameters.scheduled

    @cached_property
    def _by_graph(self) -> dict[Graph, Mapping[int, Array]]:
        return {}

    def coefficients_at(self, iteration: int) -> Coefficients:
        """Return what the optimizer's formulas need at an iteration, with what a schedule gives then."""
        if not self.scheduled:
            return self.coefficients
        return self.coefficients.at({name: rate(iteration) for name, rate in self.scheduled.items()})

    def scheduled_terms(self, iteration: int) -> tuple[UpdateTerm, ...]:
        """Return what a schedule gives at an iteration, as its updates show it."""
        kind = SCHEDULES[self.hyperparameters.schedule.kind]
        shown = {
            "learning_rate": TermSpec(
                "learning_rate", later("learning rate"), f"η = {kind.formula}", single=True
            ),
            "momentum": TermSpec("momentum", later("momentum"), f"μ = {kind.momentum_formula}", single=True),
            "beta1": TermSpec("beta1", "beta1", f"β₁ = {kind.momentum_formula}", single=True),
        }
        return tuple(shown[n].shown(np.array(rate(iteration)), ()) for n, rate in self.scheduled.items())

    def overrides_in(self, graph: Graph, chosen: npt.NDArray[np.intp] | None = None) -> Mapping[int, Array]:
        """Return the overrides by node index, each in its nodes' shape; looked up once for each graph.

        Args:
            graph: the graph of a batch.
            chosen: the samples of the batch; None for all in order.

        Raises:
            BackpropError: a value does not fit.
        """
        by_row = self.whole if chosen is not None else ()
        if graph not in self._by_graph:
            self._by_graph[graph] = {
                node.index: fit(node, in_type(value, graph.dtype))
                for name, value in self.overrides.items()
                if name not in by_row
                for node in find(graph, name)
            }
        fixed = self._by_graph[graph]
        if not by_row:
            return fixed
        rows = {graph.named[name].index: self.overrides[name][chosen] for name in by_row}
        return {**fixed, **{index: in_type(value, graph.dtype) for index, value in rows.items()}}
