"""The layers of a formula: each parameter with two axes or more, and the activations that follow it.

They are found in the graph, so that hand-written formulas, convolutions and weights that several places
share have layers like any other. A parameter that is cut along its first axis, as ``W[layer]`` does, is as
many layers as it has such parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Graph, Node, receives
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.ops.arrays.indexing import Index
from tui_backprop.text.spelling import pretty

_ARRANGING: Final = frozenset(
    ("identity", "transpose", "swapaxes", "reshape", "ravel", "expand_dims", "squeeze", "broadcast", "index")
)
_BEFORE_ACTIVATION: Final = _ARRANGING | {
    "add", "subtract", "negate", "multiply", "divide", "power", "square", "sqrt", "mean", "sum", "var",
    "max_pool2d", "avg_pool2d", "concatenate", "stack", "hstack", "vstack",
}  # fmt: skip
"""What may stand between a layer's product and its activation, a normalisation included."""
_BOUNDED: Final = {
    "tanh": (-0.97, 0.97),
    "sigmoid": (0.03, 0.97),
    "softsign": (-0.755, 0.755),
    "hardtanh": (-1, 1),
}
"""Activations that saturate, and the outputs beyond which their slope is below 6 % of the steepest,
of the sigmoid's below 12 %."""


class Activation(Struct, frozen=True, eq=False):
    """What the first function behind a layer gives.

    Attributes:
        node: its node.
        kind: the function's name; "relu" of every one that is 0 wherever its operand is not positive.
    """

    node: Node
    kind: str

    @property
    def saturates(self) -> bool:
        """Whether its slope goes to 0 on both sides."""
        return self.kind in _BOUNDED

    def saturated(self, value: Array) -> float:
        """Return the share of the elements of its value at which its slope is next to nothing."""
        low, high = _BOUNDED[self.kind]
        return float(np.mean((value <= low) | (value >= high)))


class WeightLayer(Struct, frozen=True, eq=False):
    """A parameter, or one of its parts along the first axis, that inputs are multiplied by.

    Attributes:
        parameter: the parameter.
        part: which part; None for all of it.
        uses: the nodes in which it meets what comes in.
        activations: the first functions behind it.
        behind: the places of the layers that its outputs go through on their way to the loss.
    """

    parameter: Node
    part: int | None
    uses: tuple[Node, ...]
    activations: tuple[Activation, ...]
    behind: frozenset[int]

    @property
    def name(self) -> str:
        """What it is called on the screen: ``W1`` or ``W[3]``."""
        return pretty(self.parameter.name) + ("" if self.part is None else f"[{self.part}]")

    @property
    def hidden(self) -> bool:
        """Whether another layer follows."""
        return bool(self.behind)

    def of(self, whole: Array) -> Array:
        """Return its part of an array of the parameter's shape, as a gradient is."""
        return whole if self.part is None else whole[self.part]


@lru_cache(maxsize=8)
def layers_of(graph: Graph) -> tuple[WeightLayer, ...]:
    """Return the layers, in the order of the file; numbers and vectors only where there is nothing larger."""
    users = _users(graph)
    large = [node for node in graph.trainable if len(node.shape) > 1 and users[node.index]]
    chosen = large or [node for node in graph.trainable if users[node.index]]
    found = [
        (node, part, list(_uses(entries, users))) for node in chosen for part, entries in _parts(node, users)
    ]
    met = [0] * len(graph.nodes)
    for place, (_, _, uses) in enumerate(found):
        for node in uses:
            met[node.index] |= 1 << place
    behind = _behind(graph, users, [uses for _, _, uses in found], met)
    return tuple(
        WeightLayer(node, part, tuple(uses), tuple(_activations(place, uses, users, met)), behind[place])
        for place, (node, part, uses) in enumerate(found)
    )


def _users(graph: Graph) -> list[list[Node]]:
    """Return for each node those computed from it that a gradient comes from."""
    users: list[list[Node]] = [[] for _ in graph.nodes]
    reached = receives(graph.nodes, graph.loss)
    for node in graph.nodes:
        if reached[node.index]:
            for operand in dict.fromkeys(node.receiving):
                users[operand.index].append(node)
    return users


def _parts(node: Node, users: Sequence[Sequence[Node]]) -> Iterator[tuple[int | None, list[Node]]]:
    """Yield the parts that a parameter is used in; all of it as one, unless every use picks a part."""
    parts: dict[int, list[Node]] = {}
    if len(node.shape) > 2:
        for user in users[node.index]:
            op = user.op
            first = op.parts[0] if isinstance(op, Index) and not op.has_arrays and op.parts else None
            if not isinstance(first, int):
                parts = {}
                break
            parts.setdefault(first % node.shape[0], []).append(user)
    if not parts:
        yield None, [node]
    yield from sorted(parts.items())


def _uses(entries: Iterable[Node], users: Sequence[Sequence[Node]]) -> Iterator[Node]:
    """Yield where a parameter, arranged in whatever way, meets something."""
    seen: set[int] = set()
    left = list(entries)
    while left:
        for user in users[left.pop().index]:
            if user.index in seen:
                continue
            seen.add(user.index)
            picks = isinstance(user.op, Index) and user.op.has_arrays  # a row for each sample: an embedding
            if user.op is not None and user.op.name in _ARRANGING and not picks:
                left.append(user)
            else:
                yield user


def _behind(
    graph: Graph, users: Sequence[Sequence[Node]], uses: Sequence[Sequence[Node]], met: Sequence[int]
) -> list[frozenset[int]]:
    """Return for each layer those behind it; what lies behind each other, as in a loop, is neither's."""
    after = [0] * len(graph.nodes)
    for node in reversed(graph.nodes):
        for user in users[node.index]:
            after[node.index] |= after[user.index] | met[user.index]
    all_ = [0] * len(uses)
    for place, nodes in enumerate(uses):
        for node in nodes:
            all_[place] |= after[node.index]
    return [
        frozenset(o for o in range(len(uses)) if all_[p] >> o & 1 and not all_[o] >> p & 1 and o != p)
        for p in range(len(uses))
    ]


def _activations(
    place: int, uses: Sequence[Node], users: Sequence[Sequence[Node]], met: Sequence[int]
) -> Iterator[Activation]:
    """Yield the functions that a layer's outputs come to first."""
    seen = {node.index for node in uses}
    left = list(uses)
    while left:
        for user in users[left.pop().index]:
            if user.index in seen or met[user.index] & ~(1 << place) or user.op is None:
                continue
            seen.add(user.index)
            if (found := _activation(user, users)) is not None:
                yield found
            elif user.op.name in _BEFORE_ACTIVATION:
                left.append(user)


def _activation(node: Node, users: Sequence[Sequence[Node]]) -> Activation | None:
    op = node.op
    if op is None:
        return None
    if op.is_gate or (op.name == "maximum" and any(_is(operand, 0.0) for operand in node.operands)):
        return Activation(node, "relu")
    if op.name == "exp":  # 1 / (1 + exp(−z)), as it is written by hand
        for plus in users[node.index]:
            if plus.op is not None and plus.op.name == "add" and any(_is(o, 1.0) for o in plus.operands):
                for over in users[plus.index]:
                    if over.op is not None and over.op.name == "divide" and _is(over.operands[0], 1.0):
                        return Activation(over, "sigmoid")
        return None
    plain = op.elementwise and len(node.operands) == 1 and op.name not in _BEFORE_ACTIVATION
    return Activation(node, op.name) if plain else None


def _is(node: Node, number: float) -> bool:
    while node.is_broadcast:
        node = node.operands[0]
    return node.value == number
