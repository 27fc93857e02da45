"""Central differences against the engine: (L(θ + h) - L(θ - h)) / 2h for every element, no calculus."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tui_backprop.engine.arrays import Array, frozen, size_of
from tui_backprop.engine.backprop import Tape
from tui_backprop.engine.errors import Interrupted, never
from tui_backprop.engine.graph import Graph, Kind, Node, reaches

STEP = 1e-5
TOLERANCE = 1e-5
SMALLEST_SCALE = 1e-8
MAX_ELEMENTS = 2000
"""Elements checked of one array; of a larger one an evenly spaced choice, and the report says so."""
MAX_WORK = 300_000
"""Elements times nodes of a whole check, since each is differenced over the graph; about two seconds."""
ROUNDING = 4 * np.finfo(np.float64).eps
"""Rounding error of a loss, relative to it and what it is made of; divided by 2h, of a difference."""
SPREAD_STEPS = (1.2, 1.4, 1.6, 1.8, 2.0)
SPREAD_ALLOWED = 4.0
"""How far off a difference may be, in units of its own spread over those multiples of h."""


@dataclass(frozen=True, slots=True)
class ElementCheck:
    """One element: its index, the engine's gradient and the central difference."""

    index: tuple[int, ...]
    analytic: float
    numeric: float
    relative_error: float


@dataclass(frozen=True, slots=True)
class NodeCheck:
    """One parameter (or input): how far the gradient is from the central differences.

    Attributes:
        name: the lesson's name.
        relative_error: the largest |a - n| / max(|a|, |n|, 1e-8) over the elements that could be compared;
            None where none could.
        worst: the element it belongs to.
        passed: whether every element is within tolerance, or within what rounding makes of a difference.
        kinks: indices of elements with a kink of relu, abs or maximum within h: not differentiable here.
        checked: how many elements were differenced.
        size: how many there are.
        numeric: the central differences, NaN where not computed.
        not_finite: indices of elements with a difference, or a point and a gradient, that is not finite.
    """

    name: str
    relative_error: float | None
    worst: ElementCheck | None
    passed: bool
    kinks: tuple[tuple[int, ...], ...]
    checked: int
    size: int
    numeric: Array
    not_finite: tuple[tuple[int, ...], ...] = ()


def relative_error(analytic: float, numeric: float) -> float:
    """Return |a - n| / max(|a|, |n|, 1e-8); infinite where exactly one side is not finite."""
    if analytic == numeric or (math.isnan(analytic) and math.isnan(numeric)):
        return 0.0
    if not (math.isfinite(analytic) and math.isfinite(numeric)):
        return math.inf
    return abs(analytic - numeric) / max(abs(analytic), abs(numeric), SMALLEST_SCALE)


def check_node(
    graph: Graph,
    leaves: Mapping[str, Array],
    node: Node,
    analytic: Array,
    tolerance: float = TOLERANCE,
    should_stop: Callable[[], bool] = never,
    limit: int | None = None,
) -> NodeCheck:
    """Compare a gradient with central differences of the loss in one node's value.

    Args:
        graph: what is computed.
        leaves: values of its data, samples and parameters.
        node: a leaf, or any computed node, whose value is then moved in place of what its operation gives.
        analytic: the gradient to check, of the node's shape.
        tolerance: largest relative error that passes.
        should_stop: asked before each element.
        limit: elements to check, evenly spaced; :data:`MAX_ELEMENTS` by default.

    Raises:
        Interrupted: ``should_stop`` said so.
    """
    size = size_of(node.shape)
    limit = MAX_ELEMENTS if limit is None else limit
    if not limit:
        return NodeCheck(node.name, None, None, True, (), 0, size, frozen(np.full(node.shape, np.nan)))
    probe = _Probe(graph, leaves, node)
    flat = np.broadcast_to(analytic, node.shape).reshape(-1)
    chosen = np.unique(np.linspace(0, size - 1, min(size, limit)).astype(int))
    numeric = np.full(size, np.nan)
    kinks: list[tuple[int, ...]] = []
    not_finite: list[tuple[int, ...]] = []
    worst: ElementCheck | None = None
    passed = True
    for position in chosen:
        if should_stop():
            raise Interrupted("the gradient check was interrupted")
        index = tuple(int(i) for i in np.unravel_index(position, node.shape))
        difference, noise, kink = probe.difference(int(position))
        numeric[position] = difference
        if kink:
            kinks.append(index)
            continue
        a = float(flat[position])
        if not math.isfinite(difference) or not (probe.finite or math.isfinite(a)):
            not_finite.append(index)
            continue
        error = relative_error(a, difference)
        if worst is None or error > worst.relative_error:
            worst = ElementCheck(index, a, difference, error)
        if error > tolerance and not abs(a - difference) <= noise:
            passed &= abs(a - difference) <= SPREAD_ALLOWED * probe.spread(int(position))
    return NodeCheck(
        node.name, worst.relative_error if worst else None, worst, bool(passed), tuple(kinks),
        len(chosen), size, frozen(numeric.reshape(node.shape)), tuple(not_finite),
    )  # fmt: skip


def shared_out(graph: Graph, nodes: Sequence[Node]) -> list[int]:
    """Return how many elements of each node are to be checked, so that all take a bounded time.

    Each gets its share of what is left; where even one element of each is too much, some get none.
    """
    limits = [0] * len(nodes)
    left = max(1, MAX_WORK // len(graph.nodes))
    if 2 * len(nodes) > left:  # to begin with a node costs as much as one more element
        for place in np.linspace(0, len(nodes) - 1, min(len(nodes), max(1, left // 2))).astype(int):
            limits[place] = 1
        return limits
    smallest_first = sorted(range(len(nodes)), key=lambda place: size_of(nodes[place].shape))
    for done, place in enumerate(smallest_first):
        share = left // (len(nodes) - done)
        limits[place] = min(size_of(nodes[place].shape), MAX_ELEMENTS, share)
        left -= limits[place]
    return limits


class _Probe:
    """The loss as a function of one element of one node."""

    def __init__(self, graph: Graph, leaves: Mapping[str, Array], node: Node) -> None:
        base = Tape(graph, leaves)
        base.forward()
        self.graph, self.leaves, self.node = graph, leaves, node
        self.value = np.array(base.value(node), dtype=np.float64)
        reaching = reaches(graph.nodes, graph.loss)
        on_the_way = (n for n in graph.nodes if reaching[n.index])
        self.finite = all(bool(np.isfinite(base.value(n)).all()) for n in on_the_way)
        self.kinked = [n for n in graph.assignments if n.op and reaching[n.index] and self.is_kinked(base, n)]

    @staticmethod
    def is_kinked(tape: Tape, node: Node) -> bool:
        assert node.op is not None
        with np.errstate(all="ignore"):
            return node.op.kink_argument(tape.operands(node)) is not None

    def at(self, position: int, value: float) -> tuple[float, float, list[Array]]:
        """Return loss, largest magnitude on the way, and the sides of all kinks, with one element moved."""
        moved = self.value.copy()
        moved.reshape(-1)[position] = value
        tape = Tape(self.graph, self.leaves, {self.node.index: moved})
        loss = tape.forward()
        sides = []
        with np.errstate(all="ignore"):
            for node in self.kinked:
                assert node.op is not None
                argument = node.op.kink_argument(tape.operands(node))
                assert argument is not None
                sides.append(np.sign(argument))
            # a loss near zero still carries the rounding of the large terms it is the difference of
            terms = [o for o in self.graph.loss.operands if o.kind is not Kind.LITERAL]
            scale = max((_largest(tape.value(o)) for o in terms), default=0.0)
        return loss, max(abs(loss), scale), sides

    def spread(self, position: int) -> float:
        """Return how much the difference varies with the step: rounding, or a curve too sharp for it."""
        found = [self.difference(position, times)[0] for times in (1.0, *SPREAD_STEPS)]
        return max(found) - min(found) if all(map(math.isfinite, found)) else 0.0

    def difference(self, position: int, times: float = 1.0) -> tuple[float, float, bool]:
        """Return the central difference, the rounding it may carry, and whether a kink lies within h."""
        centre = float(self.value.reshape(-1)[position])
        h = times * STEP * max(1.0, abs(centre))
        above, below = centre + h, centre - h
        right, scale_right, sides_right = self.at(position, above)
        left, scale_left, sides_left = self.at(position, below)
        kink = any(
            not np.array_equal(a, b, equal_nan=True) for a, b in zip(sides_right, sides_left, strict=True)
        )
        width = above - below
        noise = float(ROUNDING) * max(scale_right, scale_left) / width
        return (right - left) / width, noise if math.isfinite(noise) else 0.0, kink


def _largest(value: Array) -> float:
    finite = np.asarray(value)[np.isfinite(value)]
    return float(np.max(np.abs(finite))) if finite.size else 0.0
