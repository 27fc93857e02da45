"""One iteration: values forward, gradients backward, either in one sweep or record by record.

Both ways do the same operations in the same order, so that stopping to look never changes a number. Record by
record these are :meth:`Tape.assign` and :meth:`Tape.propagate`, and both ways follow the graph's plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from tui_backprop.engine.arrays import Array, frozen
from tui_backprop.engine.graph import Graph, Kind, Node
from tui_backprop.engine.plans import Propagate


@dataclass(frozen=True, slots=True)
class Assignment:
    """A node got its value in the forward pass.

    Attributes:
        node: the node.
        value: its value, read-only, of the node's shape.
        overridden: whether the value was put in by hand.
    """

    node: Node
    value: Array
    overridden: bool = False


@dataclass(frozen=True, slots=True)
class ChainFactor:
    """One application of the chain rule: upstream gradient × local derivative = downstream gradient.

    Attributes:
        output: the node whose gradient is known.
        operand: the node that gets this contribution.
        index: which operand of ``output`` it is; a node may be both (a * a).
        upstream: ∂L/∂output, of the output's shape.
        local: ∂output/∂operand, of the operand's shape; None where the operation states a rule instead.
        downstream: this contribution to ∂L/∂operand, of the operand's shape.
        accumulated: ∂L/∂operand so far, this contribution included.
    """

    output: Node
    operand: Node
    index: int
    upstream: Array
    local: Array | None
    downstream: Array
    accumulated: Array


@dataclass(frozen=True, slots=True)
class UpdateTerm:
    """One named part of an update, such as weight decay or a velocity.

    Attributes:
        name: what it is called.
        formula: how it is computed, over θ (parameter), g (gradient) and η (learning rate).
        value: its value, of the parameter's shape.
    """

    name: str
    formula: str
    value: Array


@dataclass(frozen=True, slots=True)
class ParameterUpdate:
    """A parameter moved.

    Attributes:
        parameter: the parameter's node.
        gradient: ∂L/∂parameter, without weight decay.
        before: value before the update.
        after: value after it.
        terms: what the optimizer made of the gradient, in the order in which it is computed.
    """

    parameter: Node
    gradient: Array
    before: Array
    after: Array
    terms: tuple[UpdateTerm, ...] = ()


Record: TypeAlias = Assignment | ChainFactor | ParameterUpdate


ONE: Array = np.ones(())[()]


class Tape:
    """Values and gradients of one iteration.

    Args:
        graph: what is computed.
        leaves: values of data, samples and parameters by name.
        overrides: values put in by hand, by node index; they replace what the operation gives.
    """

    def __init__(
        self, graph: Graph, leaves: Mapping[str, Array], overrides: Mapping[int, Array] | None = None
    ) -> None:
        self.graph = graph
        self.overrides = overrides or {}
        self.plan = graph.plain_plan if self.overrides else graph.plan
        self.values: list[Array | None] = list(graph.numbers)
        self.gradients: list[Array | None] = [None] * len(graph.nodes)
        for node in graph.given:
            # [()] turns 0-d arrays into NumPy scalars, which are several times faster to compute with
            self.values[node.index] = leaves[node.name][()]
        for index, value in self.overrides.items():
            if graph.nodes[index].op is None:
                self.values[index] = value[()]

    def value(self, node: Node) -> Array:
        """Return a node's value; it must have been assigned."""
        value = self.values[node.index]
        assert value is not None, node
        return value

    def gradient(self, node: Node) -> Array:
        """Return ∂L/∂node as accumulated so far; zeros where nothing has arrived."""
        gradient = self.gradients[node.index]
        return np.zeros(node.shape) if gradient is None else gradient

    def operands(self, node: Node) -> list[Array]:
        """Return the values a node is computed from."""
        values = self.values
        return [values[operand.index] for operand in node.operands]  # type: ignore[misc]

    def assign(self, node: Node) -> Array:
        """Compute a node's value, or take its override."""
        if node.op is None:
            return self.value(node)
        if node.index in self.overrides:
            value = self.overrides[node.index][()]
        else:
            _, compute, reads = self.plan.assign[node.index]
            value = compute(*[self.values[i] for i in reads])
        self.values[node.index] = value
        return value

    def start_backward(self) -> None:
        """Set ∂L/∂L = 1 and forget all other gradients."""
        self.gradients = [None] * len(self.graph.nodes)
        shape = self.graph.loss.shape
        self.gradients[self.graph.loss.index] = np.ones(shape) if shape else ONE

    def propagate(self, output: Node, index: int) -> Array:
        """Do one chain-rule step: add this path's contribution to the operand's gradient and return it."""
        return self._propagate(self.plan.propagate(output, index))

    def _propagate(self, step: Propagate) -> Array:
        output, at, compute, reads, to = step
        upstream = self.gradients[at]
        if upstream is None:  # nothing has led here
            upstream = np.zeros(output.shape)
        downstream = compute(upstream, *[self.values[i] for i in reads])
        before = self.gradients[to]
        self.gradients[to] = downstream if before is None else before + downstream
        return downstream

    def forward(self) -> float:
        """Assign every node in order and return the loss."""
        values: list[Any] = self.values
        overrides = self.overrides
        with np.errstate(all="ignore"):
            for at, compute, reads in self.plan.forward:
                if at in overrides:
                    values[at] = overrides[at][()]
                else:
                    values[at] = compute(*[values[i] for i in reads])
        return self.loss()

    def loss(self) -> float:
        """Return the loss as a number."""
        return float(self.value(self.graph.loss).item())

    def backward(self, factors: Iterable[tuple[Node, int]] | None = None) -> None:
        """Propagate along every factor (or the given ones, in order)."""
        self.start_backward()
        graph, plan = self.graph, self.plan
        if factors is None:
            steps = plan.backward
        else:
            steps = plan.training if factors is graph.training_factors else plan.along(factors)
        with np.errstate(all="ignore"):
            for step in steps:
                self._propagate(step)

    def records(self) -> Iterator[Assignment | ChainFactor]:
        """Walk the iteration record by record: assignments forward, then factors backward."""
        for node in self.graph.assignments:
            with np.errstate(all="ignore"):
                value = self.assign(node)
            yield Assignment(node, frozen(value), node.index in self.overrides)
        self.start_backward()
        for output, index in self.graph.factors:
            with np.errstate(all="ignore"):
                upstream = self.gradient(output)
                downstream = self.propagate(output, index)
                local = self.local(output, index)
            operand = output.operands[index]
            yield ChainFactor(
                output,
                operand,
                index,
                frozen(upstream),
                local,
                frozen(downstream),
                frozen(self.gradient(operand)),
            )

    def local(self, output: Node, index: int) -> Array | None:
        """Return the local derivative in the operand's shape; None for an operation with a rule."""
        op = output.op
        if op is None or not op.elementwise:
            return None
        with np.errstate(all="ignore"):
            local = op.local_derivative(index, self.operands(output), self.value(output))
        return frozen(np.broadcast_to(local, output.operands[index].shape))

    def gradients_by_name(self) -> dict[str, Array]:
        """Return the gradients of every named node, leaves included, read-only."""
        return {
            name: frozen(np.broadcast_to(self.gradient(node), node.shape))
            for name, node in self.graph.named.items()
            if node.kind is not Kind.LITERAL
        }
