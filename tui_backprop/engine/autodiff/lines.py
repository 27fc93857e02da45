"""The loss along a straight line through the point at hand, with the kinks on the way and its rounding."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tui_backprop.engine.autodiff.graph import Graph, Node, reaches
from tui_backprop.engine.autodiff.held import Held, HeldTape
from tui_backprop.engine.autodiff.rounding import EPS, SEED, gradient_jitter, jittered_values
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array, size_of
from tui_backprop.engine.ops.base import Op
from tui_backprop.engine.ops.structure import Contraction

SMALLEST = 4 * 5e-324
AMPLIFIED = (10, 20, 30, 40, 50)
"""Powers of two by which a change is enlarged, to see whether an operation stops it or only rounds it off."""
_ROOM = 1 << 20
_KEPT = 10_000_000
"""Numbers of a graph up to which all values of the point are kept."""


class Sample(NamedTuple):
    """One point of the line: the loss there, and for each operation with a kink what is 0 at the kink."""

    loss: float
    kinks: tuple[Array, ...]


class NearestKink(NamedTuple):
    """The nearest kink on a line: how far it is, and the operation's name."""

    distance: float
    op: str


class Point:
    """Where gradients are checked.

    Args:
        graph: what is computed.
        leaves: the values of its data, samples and parameters.
        tape: the same gone forward, if that is at hand.

    Attributes:
        loss: the loss here.
        finite: whether everything that the loss is made of is finite.
        kinks: for each operation with a kink, by node index, what is 0 at the kink.
        held: what operations are blind to, which does not move with what it is made of.
    """

    def __init__(self, graph: Graph, leaves: Mapping[str, Array], tape: Tape | None = None) -> None:
        self.graph, self.leaves = graph, leaves
        if tape is None:
            tape = Tape(graph, leaves)
            tape.forward()
        self.loss = tape.loss()
        self.held = Held(graph, tape)
        self.reaching = reaches(graph.nodes, graph.loss)
        on_the_way = [n for n in graph.nodes if self.reaching[n.index]]
        self.finite = all(bool(np.isfinite(tape.value(n)).all()) for n in on_the_way)
        self._kinked = [n for n in on_the_way if n.op and n.op.has_kink]
        self.kinks = {node.index: kink_argument(tape, node) for node in self._kinked}
        self._values: list[Array | None] | None = None
        self._rounding: dict[int, Array] = {}
        if sum(size_of(node.shape) for node in graph.nodes) <= _KEPT:
            self._values = list(tape.values)

    def value(self, node: Node) -> Array:
        """Return a node's value here; of large graphs it is computed again."""
        value = self.leaves.get(node.name) if node.is_leaf else None
        if value is None and self._values is not None:
            value = self._values[node.index]
        if value is None:
            tape = Tape(self.graph, self.leaves)
            tape.forward()
            value = tape.value(node)
        return np.asarray(value, dtype=np.float64)

    def gradient_rounding(self, node: Node) -> Array:
        """Return how far rounding may take each element of a node's gradient: what random roundings do."""
        if node.index not in self._rounding:
            self._rounding[node.index] = gradient_jitter(
                self.graph, self.leaves, self.reaching, self.held, node
            )
        return self._rounding[node.index]

    def kinked(self, moved: Sequence[Node]) -> list[Node]:
        """Return the nodes with a kink that depend on one of some nodes, and that the loss depends on."""
        if not self._kinked:
            return []
        after = [False] * len(self.graph.nodes)
        for node in moved:
            after[node.index] = True
        for node in self.graph.nodes:
            after[node.index] |= any(after[operand.index] for operand in node.operands)
        # a node that is moved itself has what it is given, whatever its operation says
        return [node for node in self._kinked if after[node.index] and node not in moved]


class Line:
    """The loss as a function of t, with some nodes' values moved by t times a direction.

    Args:
        point: where t = 0.
        nodes: what is moved; a computed node takes the value in place of what its operation gives.
        element: the place of the one element moved, in row-major order; None for a direction.
        seed: what the direction is drawn from, where all elements are moved: whole numbers of 64 to 127 of
            either sign, so that no two errors cancel in all of them, times each node's typical size / 127.

    Attributes:
        scale: how large t may sensibly be: for an element the size of the array's largest, 1 where all are 0.
        blur: how many units in the last place of the scale t is not known by: nothing for an element.
        least: the smallest t that still moves what is moved by more than rounding does.
    """

    def __init__(
        self, point: Point, nodes: Sequence[Node], element: int | None = None, seed: int = 0
    ) -> None:
        self.point, self.nodes, self.seed = point, tuple(nodes), seed
        self.element: int | None = None
        self._values = [point.value(node) for node in nodes]
        size = _largest if element is not None else _typical
        self._scales = [size(value) or 1.0 for value in self._values]
        products = sum(isinstance(node.structure, Contraction) for node in point.graph.assignments)
        self.scale, self.least = 1 / (1 + products / 4), 2.0**-40  # what is raised to a power bends early
        self._centre, self.blur = 0.0, 2.0
        self._buffers = [np.array(value) for value in self._values]
        self._kinked = point.kinked(self.nodes)
        self.centre = Sample(point.loss, tuple(point.kinks[node.index] for node in self._kinked))
        if element is not None:
            self.aim(element)

    def aim(self, element: int) -> None:
        """Move this one element of the node from now on; what was moved before goes back."""
        flat, values = self._buffers[0].reshape(-1), self._values[0].reshape(-1)
        if self.element is not None:
            flat[self.element] = values[self.element]
        self.element = element
        self._centre = float(values[element])
        self.blur = 0.0
        self.scale = self._scales[0]
        self.least = abs(self._centre) * 2.0**-44 or self.scale * 1e-30

    def dot(self, gradients: Sequence[Array]) -> float:
        """Return the derivative along the line that some gradients claim, one of each node's shape."""
        if self.element is not None:
            (gradient,), (node,) = gradients, self.nodes
            return float(np.broadcast_to(gradient, node.shape).reshape(-1)[self.element])
        total = 0.0
        for place, (node, gradient) in enumerate(zip(self.nodes, gradients, strict=True)):
            whole = np.broadcast_to(gradient, node.shape)
            flat = whole.reshape(-1) if whole.flags.c_contiguous else np.ravel(whole)
            for start, part in self._direction(place):
                total += float(np.dot(flat[start : start + len(part)], part))
        return total

    @property
    def unit(self) -> float:
        """How far a direction moves an element of a single node at the least, for t = 1."""
        return self._scales[0] * 64 / 127

    def at(self, t: float) -> tuple[float, Sample]:
        """Return how far was really moved, and what is found there."""
        t = self._move(t)
        leaves = dict(self.point.leaves)
        overrides = {}
        for node, buffer in zip(self.nodes, self._buffers, strict=True):
            if node.is_leaf and node.name in leaves:
                leaves[node.name] = buffer
            else:
                overrides[node.index] = buffer
        tape = HeldTape(self.point.graph, leaves, self.point.held, overrides)
        tape.forward()
        return t, self._sample(tape)

    def nearest_kink(self, left: Sample, right: Sample, t: float) -> NearestKink | None:
        """Return the kink nearest to the centre that was passed on the way to t on either side, if any."""
        nearest: NearestKink | None = None
        for node, here, *sides in zip(self._kinked, self.centre.kinks, left.kinks, right.kinks, strict=True):
            sign, (before, behind) = np.sign(here), [np.sign(side) for side in sides]
            passed = (before != behind) | ((sign != 0) & (behind != sign))
            passed &= ~(np.isnan(before) | np.isnan(behind) | np.isnan(sign))
            if not np.any(passed):
                continue
            distance = t
            for side, there in zip(sides, (before, behind), strict=True):
                crossing = passed & (there != sign)
                if np.any(crossing):
                    a, b = np.abs(here[crossing]), np.abs((here - side)[crossing])
                    distance = min(distance, t * float(np.min(a / b)))
            assert node.op is not None
            if nearest is None or distance < nearest.distance:
                nearest = NearestKink(distance, node.op.name)
        return nearest

    def touching(self) -> str:
        """Return the first operation that is at its kink where t = 0; "" where none is known to be."""
        for node, argument in zip(self._kinked, self.centre.kinks, strict=True):
            if not np.all(argument):
                assert node.op is not None
                return node.op.name
        return ""

    def jitter(self, t: float) -> float:
        """Return how far rounding may take the loss near t: what random roundings of operations make of it.

        Twice on either side each operation's results are moved by a unit in the last place up or down, which
        shows cancellation wherever it is (Monte Carlo arithmetic; Parker, 1997).
        """
        generator = np.random.default_rng(SEED)
        found = 0.0
        for side in (t, -t):
            _, sample = self.at(side)
            for _ in range(2):
                moved = abs(self._jittered(generator) - sample.loss)
                found = max(found, moved if math.isfinite(moved) else 0.0, 2 * EPS * abs(sample.loss))
        return max(found, 2 * EPS * abs(self.centre.loss), SMALLEST)

    def claim_rounding(self) -> float:
        """Return how far rounding may take a derivative that is worked out by the chain rule."""
        found = [self.point.gradient_rounding(node) for node in self.nodes]
        if self.element is not None:
            return float(found[0].reshape(-1)[self.element])
        return math.sqrt(
            sum(self._scales[place] ** 2 * float(np.sum(r * r)) for place, r in enumerate(found))
        )

    def rounded_off(self, t: float) -> Array | None:
        """Return the result in which a change that does not reach the loss is lost; None if it is stopped.

        An operation whose result stays as it is, whatever its operand's change is multiplied by, stops it: a
        product with 0, or a gate that is shut. In ``1e9 + w`` a small change of w is only rounded off, and in
        ``exp(800)`` it is past the largest number.
        """
        held = self.point.held
        base = HeldTape(self.point.graph, self.point.leaves, held, self._overrides(0.0))
        base.forward()
        moved = HeldTape(self.point.graph, self.point.leaves, held, self._overrides(t))
        moved.forward()
        for node in self.point.graph.assignments:
            if node.op is None or not self.point.reaching[node.index] or node in self.nodes:
                continue
            here, there = (held.given(node, tape.operands(node)) for tape in (base, moved))
            if all(map(_same, here, there)) or not _same(base.value(node), moved.value(node)):
                continue
            with self.point.graph.backend.active():
                moves = not node.op.has_kink and _moves(node.op, here, there, base.value(node))
            if moves:
                return base.value(node)
        return None

    # ------------------------------------------------------------------ moving

    def __contains__(self, value: Array) -> bool:
        """Tell whether an array is, or is a view of, what is moved."""
        return any(np.may_share_memory(value, buffer) for buffer in self._buffers)

    @cached_property
    def _drawn(self) -> list[npt.NDArray[np.int8]]:
        found = []
        for place, value in enumerate(self._values):
            generator = np.random.default_rng([SEED, self.seed, place])
            drawn = generator.integers(64, 128, value.size, dtype=np.int8)
            signs = generator.integers(0, 2, value.size, dtype=np.int8)
            drawn *= 2 * signs - 1
            found.append(drawn)
        return found

    def _direction(self, place: int) -> Iterator[tuple[int, Array]]:
        """Yield a node's direction in parts, each behind where it begins."""
        drawn, unit = self._drawn[place], np.float64(self._scales[place] / 127)
        for start in range(0, drawn.size, _ROOM):
            yield start, drawn[start : start + _ROOM] * unit

    def _move(self, t: float) -> float:
        """Set the buffers to the values at t; return how far that really is."""
        if self.element is not None:
            moved = self._centre + t
            self._buffers[0].reshape(-1)[self.element] = moved
            return moved - self._centre
        for place, (value, buffer) in enumerate(zip(self._values, self._buffers, strict=True)):
            flat = buffer.reshape(-1)
            np.multiply(self._drawn[place], np.float64(t * self._scales[place] / 127), out=flat)
            np.add(flat, value.reshape(-1), out=flat)
        return t

    def _overrides(self, t: float) -> dict[int, Array]:
        self._move(t)
        return {node.index: buffer.copy() for node, buffer in zip(self.nodes, self._buffers, strict=True)}

    def _sample(self, tape: Tape) -> Sample:
        found = [kink_argument(tape, node) for node in self._kinked]
        # what is moved may be the argument itself, and is moved on
        return Sample(tape.loss(), tuple(np.array(a) if a in self else a for a in found))

    def _jittered(self, generator: np.random.Generator) -> float:
        """Return the loss where the buffers are, with each operation's result rounded at random."""
        moved = {node.index: buffer for node, buffer in zip(self.nodes, self._buffers, strict=True)}
        point = self.point
        values = jittered_values(point.graph, point.leaves, moved, point.reaching, point.held, generator)
        return float(values[point.graph.loss.index].item())


def kink_argument(tape: Tape, node: Node) -> Array:
    """Return what is 0 at the kink of a node's operation."""
    assert node.op is not None
    with np.errstate(all="ignore"):
        argument = node.op.kink_argument(tape.operands(node))
    assert argument is not None
    return np.asarray(argument)


def _largest(value: Array) -> float:
    finite = value if np.all(np.isfinite(value)) else value[np.isfinite(value)]
    return max(float(np.max(finite, initial=0.0)), -float(np.min(finite, initial=0.0)))


def _typical(value: Array) -> float:
    """Return the root mean square of an array's elements; its largest element where that has none."""
    flat = value.reshape(-1)
    size = math.sqrt(float(np.dot(flat, flat)) / max(1, flat.size))
    return size if math.isfinite(size) and size else _largest(value)


def _moves(op: Op, here: Sequence[Array], there: Sequence[Array], value: Array) -> bool:
    """Tell whether an operation's result changes with its operands once their change is enlarged."""
    with np.errstate(all="ignore"):
        for power in AMPLIFIED:
            for times in (2.0**power, -(2.0**power)):
                far = [a + (b - a) * times for a, b in zip(here, there, strict=True)]
                moved = op.forward(*far)
                if not _same(np.where(np.isnan(value), value, moved), value):  # a NaN that matters shows
                    return True
    return False


def _same(a: Array, b: Array) -> bool:
    return np.array_equal(a, b, equal_nan=True)
