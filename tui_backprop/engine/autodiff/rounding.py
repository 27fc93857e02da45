"""What rounding does to a loss and its gradients, found by rounding every result at random.

Monte Carlo arithmetic (Parker, 1997): each result is left, or moved by a unit in its last place. That
shows every cancellation, wherever it is, without a bound to be worked out for each operation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tui_backprop.engine.autodiff.fusion import computed
from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.autodiff.held import Held
from tui_backprop.engine.core.arrays import Array, broadcast
from tui_backprop.engine.core.settled import has_nan
from tui_backprop.engine.ops.arithmetic import Negate
from tui_backprop.engine.ops.arrays.arranging import ARRANGING
from tui_backprop.engine.ops.arrays.indexing import Index
from tui_backprop.engine.ops.arrays.joining import JOINING
from tui_backprop.engine.ops.arrays.permuting import PERMUTING
from tui_backprop.engine.ops.arrays.storing import Store
from tui_backprop.engine.ops.broadcasting import Broadcast
from tui_backprop.engine.ops.functions.choice import CHOICES, COMPARISONS
from tui_backprop.engine.ops.layers.pooling import MaxPool2d
from tui_backprop.engine.ops.lines.statistics import Extreme

EPS = float(np.finfo(np.float64).eps)
SEED = 271828
EXACT = (
    Broadcast, Negate, *ARRANGING, *PERMUTING, *JOINING, Index, Store, *CHOICES, *COMPARISONS.values(),
    Extreme, MaxPool2d,
)  # fmt: skip
"""Operations that round nothing; what picks an element finds it by its value on the way back."""
RUNS = 6
"""Sweeps that are compared: so many that all round the same way by chance in one of hundreds."""


def _rounded(value: Any, generator: np.random.Generator) -> Any:
    shape = np.shape(value)
    units = generator.integers(-1, 2, shape) if shape else int(generator.integers(-1, 2))  # far faster
    return value * (1.0 + EPS * units)


def jittered_values(
    graph: Graph,
    leaves: Mapping[str, Array],
    moved: Mapping[int, Array],
    reaching: Sequence[bool],
    held: Held,
    generator: np.random.Generator,
) -> list[Any]:
    """Return the values of a forward sweep with each operation's result rounded at random.

    Args:
        graph: what is computed; only what reaches the loss is.
        leaves: values of its data, samples and parameters.
        moved: values that stand in place of others, by node index.
        reaching: for each node whether the loss depends on it.
        held: what operations are blind to.
        generator: where the roundings come from.
    """
    values: list[Any] = list(graph.numbers)
    for node in graph.given:
        values[node.index] = leaves[node.name][()]
    for index, value in moved.items():
        values[index] = value[()]
    with graph.backend.quiet():
        for node, op, operands in computed(graph, fuse=False).operations:
            if node.index in moved or not reaching[node.index]:
                continue
            value = op.forward(*held.given(node, [values[operand.index] for operand in operands]))
            values[node.index] = value if isinstance(op, EXACT) else _rounded(value, generator)
    return values


def gradient_jitter(
    graph: Graph,
    leaves: Mapping[str, Array],
    reaching: Sequence[bool],
    held: Held,
    node: Node,
    moved: Mapping[int, Array] | None = None,
) -> Array:
    """Return how far apart gradients of one node come out with random roundings, for each element.

    The arguments are those of :func:`jittered_values`.
    """
    generator = np.random.default_rng(SEED)
    found = []
    with graph.backend.quiet():
        for _ in range(RUNS):
            values = jittered_values(graph, leaves, moved or {}, reaching, held, generator)
            gradients: list[Any] = [None] * len(graph.nodes)
            gradients[graph.loss.index] = np.ones(graph.loss.shape)
            for (output, op, operands), index in computed(graph, fuse=False).factors:
                upstream = gradients[output.index]
                if upstream is None:
                    continue
                inputs = held.given(output, [values[operand.index] for operand in operands])
                downstream = op.downstream(index, upstream, inputs, values[output.index])
                if has_nan(downstream):
                    downstream = op.settled(index, upstream, inputs, values[output.index], downstream)
                downstream = _rounded(broadcast(downstream, operands[index].shape), generator)
                at = operands[index].index
                gradients[at] = downstream if gradients[at] is None else gradients[at] + downstream
            gradient = gradients[node.index]
            found.append(np.broadcast_to(0.0 if gradient is None else gradient, node.shape))
        spread = np.ptp(np.stack(found), axis=0)
    result: Array = np.where(np.isfinite(spread), spread, 0.0)
    return result
