"""One iteration: values forward, gradients backward, either in one sweep or record by record.

Both ways do the same operations in the same order, so that stopping to look never changes a number.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from tui_backprop.engine.autodiff.fusion import Operation, Step, computed
from tui_backprop.engine.autodiff.graph import Factor, Graph, Kind, Node
from tui_backprop.engine.autodiff.records import Assignment, ChainFactor
from tui_backprop.engine.core.arrays import DOUBLE, Array, broadcast, frozen, in_type
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.core.settled import has_nan
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

Suspect: TypeAlias = Callable[[Step, Array], bool]
"""Tells whether 0 · ∞ may have been met in the downstream gradient of a step."""


def nan_in(step: Step, downstream: Array) -> bool:
    """Suspect a NaN, which is what NumPy makes of 0 · ∞."""
    return has_nan(downstream)


class Tape:
    """Values and gradients of one iteration.

    Args:
        graph: what is computed.
        leaves: values of data, samples and parameters by name.
        overrides: values put in by hand, by node index; they replace what the operation gives.

    Attributes:
        computed: the graph's operations and factors as they are computed.
        values: by node index; None before the forward pass gets there.
        gradients: ∂L/∂node by node index; None where nothing has arrived.
    """

    def __init__(
        self, graph: Graph, leaves: Mapping[str, Array], overrides: Mapping[int, Array] | None = None
    ) -> None:
        self.graph = graph
        self.dtype = graph.dtype
        self._mixed = graph.dtype != DOUBLE  # what is not of the graph's type has to be brought to it
        self.overrides = overrides or {}
        self.computed = computed(graph, fuse=not self.overrides)
        self.values: list[Array | None] = list(graph.numbers)
        self.gradients: list[Array | None] = [None] * len(graph.nodes)
        self._so_far: dict[int, tuple[int, Array | None]] = {}
        for node in graph.given:
            # [()] turns 0-d arrays into NumPy scalars, which are several times faster to compute with
            self.values[node.index] = leaves[node.name][()]
        for index, value in self.overrides.items():
            if graph.nodes[index].op is None:
                self.values[index] = value[()]

    def __repr__(self) -> str:
        return f"<Tape of {len(self.values)} nodes>"

    def value(self, node: Node) -> Array:
        """Return a node's value; it must have been assigned."""
        value = self.values[node.index]
        assert value is not None, node
        return value

    def gradient(self, node: Node) -> Array:
        """Return ∂L/∂node as accumulated so far; zeros where nothing has arrived."""
        gradient = self.gradients[node.index]
        return np.zeros(node.shape, self.dtype) if gradient is None else gradient

    def operands(self, node: Node | Operation) -> list[Array]:
        """Return the values a node is computed from."""
        values = self.values
        return [values[operand.index] for operand in node.operands]  # type: ignore[misc]

    # ---------------------------------------------------------------- both passes

    def forward(self) -> float:
        """Assign every node in order and return the loss."""
        with self.graph.backend.quiet():
            for operation in self.computed.operations:
                self._assign(operation)
        return self.loss()

    def _assign(self, operation: Operation) -> None:
        """Compute a node's value from its operands', or take its override."""
        index = operation.node.index
        override = self.overrides.get(index) if self.overrides else None
        self.values[index] = self.result(operation) if override is None else override[()]

    def result(self, operation: Operation) -> Array:
        """Return a node's value, computed from its operands'."""
        values: list[Any] = self.values
        try:
            value = operation.op.forward(*[values[operand.index] for operand in operation.operands])
        except BackpropError as error:  # an index that is none
            node = operation.node
            reason = tr(
                "in the line of {name}, {expression}: {error}",
                name=node.line or node.name,
                expression=printable(node.term.text, 60),
                error=error,
            )
            raise BackpropError(reason) from None
        return in_type(value, self.dtype) if self._mixed else value

    def backward(
        self,
        factors: Iterable[Factor] | None = None,
        suspect: Suspect | None = None,
        keep: Sequence[Node] | None = None,
    ) -> None:
        """Apply the chain rule along every factor (or the given ones, in order), from the loss back.

        Args:
            factors: which ones.
            suspect: where 0 · ∞ may have been met, which counts as 0; by default where there is a NaN.
            keep: nodes whose gradients are wanted; those of others are let go of once they have been handed
                on, so that few are there at any moment. None keeps all.
        """
        steps = list(self._steps(factors)) if keep is not None else self._steps(factors)
        with self.graph.backend.quiet():
            self._sweep(steps, suspect, keep)
            # every rule hands NaN on, so that what is met on the way is seen where the way ends
            ends = self._ends(factors) if keep is None else map(self.gradient, keep)
            if suspect is None and any(map(has_nan, ends)):
                self._sweep(steps, nan_in, keep)

    def _sweep(self, steps: Iterable[Step], suspect: Suspect | None, keep: Sequence[Node] | None) -> None:
        self._start_backward()
        if keep is None:
            for operation, index in steps:
                self._propagate(operation, index, suspect)
            return
        last = {operation.node.index: at for at, (operation, _) in enumerate(steps)}
        for node in keep:
            last.pop(node.index, None)
        for at, (operation, index) in enumerate(steps):
            self._propagate(operation, index, suspect)
            if last.get(operation.node.index) == at:
                self.gradients[operation.node.index] = None

    def _ends(self, factors: Iterable[Factor] | None) -> Iterator[Array]:
        """Return the gradients where a way back through these factors ends."""
        nodes = self.graph.trainable if factors is self.graph.training_factors else self.graph.nodes
        for node in nodes:
            gradient = self.gradients[node.index]
            if gradient is not None and (node.op is None or factors is not None):
                yield gradient

    def _propagate(self, operation: Operation, index: int, suspect: Suspect | None = None) -> Array:
        """Do one chain-rule step: add the downstream gradient to the operand's gradient, and return it."""
        downstream = self._downstream(operation, index, suspect)
        gradients, operand = self.gradients, operation.operands[index].index
        so_far = gradients[operand]
        gradients[operand] = downstream if so_far is None else so_far + downstream
        return downstream

    def _downstream(self, operation: Operation, index: int, suspect: Suspect | None) -> Array:
        """Return what a step gives its operand."""
        output, op, operands = operation
        values: list[Any] = self.values
        upstream = self.gradients[output.index]
        if upstream is None:  # nothing has led here
            upstream = np.zeros(output.shape, self.dtype)
        inputs = [values[operand.index] for operand in operands]
        downstream = op.downstream(index, upstream, inputs, values[output.index])
        if suspect is not None and suspect((operation, index), downstream):
            downstream = op.settled(index, upstream, inputs, values[output.index], downstream)
        return in_type(downstream, self.dtype) if self._mixed else downstream

    def _start_backward(self) -> None:
        """Set ∂L/∂L = 1 and forget all other gradients."""
        self.gradients = [None] * len(self.graph.nodes)
        shape = self.graph.loss.shape
        self.gradients[self.graph.loss.index] = np.ones(shape, self.dtype)[()]

    def _steps(self, factors: Iterable[Factor] | None) -> Iterable[Step]:
        """Return what computes the given factors."""
        if factors is None:
            return self.computed.factors
        if factors is self.graph.training_factors:
            return self.computed.training_factors
        steps = dict(zip(self.graph.factors, self.computed.factors, strict=True))
        return [steps[factor] for factor in factors]

    def loss(self) -> float:
        """Return the loss as a number."""
        return float(self.value(self.graph.loss).item())

    # ---------------------------------------------------------------- record by record

    def records(self) -> Iterator[Assignment | ChainFactor]:
        """Walk the iteration record by record: assignments forward, then factors backward."""
        operations = {operation.node: operation for operation in self.computed.operations}
        for node in self.graph.assignments:
            if node.op is not None:
                with self.graph.backend.quiet():
                    self._assign(operations[node])
            yield Assignment(node, frozen(self.value(node)), node.index in self.overrides)
        self._start_backward()
        for (output, index), step in zip(self.graph.factors, self.computed.factors, strict=True):
            operand = output.operands[index]
            upstream = self.gradient(output)
            with self.graph.backend.quiet():
                downstream = self._propagate(*step, nan_in)
                local = self._local(output, index)
            accumulated = self.gradient(operand)
            yield ChainFactor(
                output, operand, index, frozen(upstream), local, frozen(downstream), frozen(accumulated)
            )

    def record(self, place: int) -> Assignment | ChainFactor:
        """Return the record at a place without those before it; the tape must have gone both ways.

        It is the same that :meth:`records` comes to there.
        """
        first = len(self.graph.assignments)
        if place < first:
            node = self.graph.assignments[place]
            return Assignment(node, frozen(self.value(node)), node.index in self.overrides)
        place -= first
        output, index = self.graph.factors[place]
        with np.errstate(all="ignore"):
            downstream = self._downstream(*self.computed.factors[place], nan_in)
            local, accumulated = self._local(output, index), self._accumulated(place, downstream)
        return ChainFactor(
            output, output.operands[index], index, frozen(self.gradient(output)), local, frozen(downstream),
            frozen(accumulated),
        )  # fmt: skip

    def _accumulated(self, place: int, downstream: Array) -> Array:
        """Return the gradient of a factor's operand up to it, from where it was asked for last if before."""
        node = self.graph.factors[place].operand
        arriving = self.graph.arriving[node.index]
        if place == arriving[-1]:
            return self.gradient(node)
        number = bisect_left(arriving, place)
        done, total = self._so_far.get(node.index, (0, None))
        if done > number:
            done, total = 0, None
        for one in arriving[done:number]:
            more = self._downstream(*self.computed.factors[one], nan_in)
            total = more if total is None else total + more
        total = downstream if total is None else total + downstream
        self._so_far[node.index] = number + 1, total
        return total

    def local(self, output: Node, index: int) -> Array | None:
        """Return the local derivative in the operand's shape; None for an operation with a rule."""
        with self.graph.backend.quiet():
            return self._local(output, index)

    def _local(self, output: Node, index: int) -> Array | None:
        op = output.op
        if op is None or not op.elementwise:
            return None
        local = op.local_derivative(index, self.operands(output), self.value(output))
        if self._mixed:
            local = in_type(local, self.dtype)
        return frozen(broadcast(local, output.operands[index].shape))

    def gradients_by_name(self) -> dict[str, Array]:
        """Return the gradients of every named node, leaves included, read-only."""
        return {
            name: frozen(np.broadcast_to(self.gradient(node), node.shape))
            for name, node in self.graph.named.items()
            if node.kind is not Kind.LITERAL
        }


def swept(graph: Graph, leaves: Mapping[str, Array], overrides: Mapping[int, Array] | None = None) -> Tape:
    """Return a tape that has gone both ways."""
    tape = Tape(graph, leaves, overrides)
    tape.forward()
    tape.backward()
    return tape
