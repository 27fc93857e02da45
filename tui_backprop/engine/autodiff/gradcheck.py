"""The gradients of arrays against differences of the loss: element by element, and along directions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from msgspec import Struct, structs

from tui_backprop.engine.autodiff.differences import (
    SURE,
    TOLERANCE,
    Comparison,
    Reason,
    Verdict,
    compare,
    relative_error,
)
from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.autodiff.lines import Line, Point
from tui_backprop.engine.core.arrays import Array, frozen, size_of
from tui_backprop.engine.core.errors import Interrupted, never
from tui_backprop.text.sentences import tr

ALL_TOGETHER = "all together"
MOST_LISTED = 100
"""Elements of which an array's check keeps the indices, of each kind."""
MOST_NUMERIC = 1_000_000
"""Elements up to which an array's check keeps the numeric values."""
THOROUGH = 8
"""Wrong elements of an array that are looked at with ever smaller steps."""
Index = tuple[int, ...]


class ElementCheck(Struct, frozen=True):
    """One element or direction: its index (None for a direction), and the derivative by both ways."""

    index: Index | None
    analytic: float
    numeric: float
    relative_error: float


class NodeCheck(Struct, frozen=True):
    """One parameter (or input): how far the gradient is from the differences of the loss.

    Attributes:
        name: the lesson's name.
        verdict: wrong where one element or direction is; else right where one is; else untold.
        relative_error: the largest |a - n| / max(|a|, |n|) over what could be told; None where nothing could.
        worst: the element, or direction, it belongs to.
        untold: for each reason, the indices of elements that cannot be told for it, at most a hundred.
        untold_count: for each reason, how many elements and directions there are.
        kink: the operation whose kink is in the way, if any is.
        checked, size: how many elements were differenced, and how many there are.
        directions: how many random directions were.
        resolution: the smallest error of a single element, relative to the largest element of the gradient,
            that would have shown in the directions; None where there were none.
        numeric: the numeric values, NaN where not known.
        rounding: the part of ``relative_error`` that is there because the gradient was worked out in single
            precision; None in double precision, of which the differences always are.
    """

    name: str
    verdict: Verdict
    relative_error: float | None
    worst: ElementCheck | None
    untold: dict[Reason, tuple[Index, ...]]
    untold_count: dict[Reason, int]
    kink: str
    checked: int
    size: int
    directions: int
    resolution: float | None
    numeric: Array
    rounding: float | None = None

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return self.verdict is not Verdict.WRONG

    @property
    def looked_at(self) -> bool:
        """Whether anything of it was compared, or tried to be."""
        return self.checked + self.directions > 0

    @property
    def kinks(self) -> tuple[Index, ...]:
        """Indices of elements at a kink: not differentiable here."""
        return self.untold.get(Reason.KINK, ())

    @property
    def not_finite(self) -> tuple[Index, ...]:
        """Indices of elements beside which the loss, or at which point and gradient, are not finite."""
        return self.untold.get(Reason.NOT_FINITE, ())


def in_single(check: NodeCheck, single: Array, double: Array) -> NodeCheck:
    """Return the check of a gradient in single precision, given that of the same gradient in doubles.

    The verdict is that of the doubles, as the two differ by nothing but rounding, unless single precision
    has left the finite numbers. Where an array was looked at along directions only, its errors stay those.
    """
    single, double = np.asarray(single, dtype=np.float64), np.asarray(double, dtype=np.float64)
    if np.any(np.isfinite(double) & ~np.isfinite(single)):
        return structs.replace(check, verdict=Verdict.WRONG, rounding=np.inf)
    largest = max(float(np.max(np.abs(double), initial=0.0)), np.finfo(np.float64).tiny)
    rounding = float(np.max(np.abs(single - double), initial=0.0)) / largest
    known = np.argwhere(np.isfinite(check.numeric)) if check.numeric.shape == double.shape else ()
    errors = [
        ElementCheck(at, a, n, relative_error(a, n))
        for at in map(tuple, np.asarray(known).tolist())
        for a, n in [(float(single[at]), float(check.numeric[at]))]
    ]
    worst = max(errors, key=lambda element: element.relative_error, default=check.worst)
    total = worst.relative_error if worst is not None else check.relative_error
    if worst is not None and worst.index is not None:
        rounding = relative_error(worst.analytic, float(double[worst.index]))
    return structs.replace(check, relative_error=total, worst=worst, rounding=rounding)


def check_node(
    graph: Graph, leaves: Mapping[str, Array], node: Node, analytic: Array, tolerance: float = TOLERANCE
) -> NodeCheck:
    """Compare every element of a gradient with differences of the loss; see :func:`check_at`."""
    return check_at(Point(graph, leaves), node, analytic, tolerance=tolerance)


def check_at(
    point: Point,
    node: Node,
    analytic: Array,
    *,
    tolerance: float = TOLERANCE,
    elements: int | None = None,
    directions: int = 0,
    should_stop: Callable[[], bool] = never,
    advance: Callable[[int], None] | None = None,
) -> NodeCheck:
    """Compare a gradient with differences of the loss in one node's value.

    Args:
        point: the graph and its leaves.
        node: a leaf, or any computed node, whose value is then moved in place of what its operation gives.
        analytic: the gradient to check, of the node's shape.
        tolerance: largest relative error that passes.
        elements: how many elements to look at, evenly spaced; all by default.
        directions: how many random directions to look along.
        should_stop: asked before each element and direction.
        advance: told how many are done.

    Raises:
        Interrupted: ``should_stop`` said so.
    """
    size = size_of(node.shape)
    count = size if elements is None else min(elements, size)
    tally = _Tally(node.name, node.shape, size)
    if count:
        chosen = np.unique(np.linspace(0, size - 1, count).astype(np.int64))
        line = Line(point, [node], int(chosen[0]))
        for position in chosen.tolist():
            _stop_if(should_stop)
            line.aim(position)
            found = compare(line, line.dot([analytic]), tolerance, tally.wrong < THOROUGH)
            tally.add(found, position)
            if advance is not None:
                advance(1)
    largest = float(np.max(np.abs(analytic), initial=0.0)) if directions else 0.0
    for seed in range(directions):
        _stop_if(should_stop)
        line = Line(point, [node], seed=seed)
        tally.add(compare(line, line.dot([analytic]), tolerance), None, largest * line.unit, tolerance)
        if advance is not None:
            advance(1)
    return tally.result()


def check_together(
    point: Point,
    nodes: Sequence[Node],
    analytic: Sequence[Array],
    directions: int,
    tolerance: float = TOLERANCE,
    should_stop: Callable[[], bool] = never,
    advance: Callable[[int], None] | None = None,
) -> NodeCheck:
    """Compare the gradients of several nodes with differences along directions that move all of them at once.

    Raises:
        Interrupted: ``should_stop`` said so.
    """
    tally = _Tally(ALL_TOGETHER, (), sum(size_of(node.shape) for node in nodes))
    for seed in range(directions):
        _stop_if(should_stop)
        line = Line(point, nodes, seed=seed)
        tally.add(compare(line, line.dot(analytic), tolerance), None)
        if advance is not None:
            advance(1)
    return tally.result()


def _stop_if(should_stop: Callable[[], bool]) -> None:
    if should_stop():
        raise Interrupted(tr("the gradient check was interrupted"))


class _Tally:
    """What the comparisons of one array add up to."""

    def __init__(self, name: str, shape: Index, size: int) -> None:
        self.name, self.shape, self.size = name, shape, size
        self.numeric: Array | None = None
        self.untold: dict[Reason, list[Index]] = {}
        self.count: dict[Reason, int] = {}
        self.kink = ""
        self.right = self.wrong = self.checked = self.directions = 0
        self.resolution: float | None = None
        self.worst: ElementCheck | None = None

    def add(
        self, found: Comparison, position: int | None, largest: float = 0.0, tolerance: float = TOLERANCE
    ) -> None:
        """Count one comparison: of an element, or of a direction moving the largest by ``largest``."""
        index = None
        if position is None:
            self.directions += 1
        else:
            self.checked += 1
            index = tuple(int(i) for i in np.unravel_index(position, self.shape))
            if self.size <= MOST_NUMERIC:
                if self.numeric is None:
                    self.numeric = np.full(self.size, np.nan)
                self.numeric[position] = found.numeric
        if found.verdict is Verdict.UNTOLD:
            self.count[found.reason] = self.count.get(found.reason, 0) + 1
            listed = self.untold.setdefault(found.reason, [])
            if index is not None and len(listed) < MOST_LISTED:
                listed.append(index)
            self.kink = self.kink or found.op
            return
        error = relative_error(found.analytic, found.numeric)
        wrong = found.verdict is Verdict.WRONG
        # what is wrong comes before an agreement within a large uncertainty
        if self.worst is None or (wrong, error) > (self.wrong > 0, self.worst.relative_error):
            self.worst = ElementCheck(index, found.analytic, found.numeric, error)
        self.wrong += wrong
        self.right += not wrong
        if position is None and largest:
            seen = max(SURE * found.uncertainty, tolerance * abs(found.numeric)) / largest
            self.resolution = seen if self.resolution is None else min(seen, self.resolution)

    def result(self) -> NodeCheck:
        """Return the sum of it."""
        verdict = Verdict.WRONG if self.wrong else Verdict.RIGHT if self.right else Verdict.UNTOLD
        if self.numeric is None:
            numeric = np.broadcast_to(np.float64(np.nan), self.shape)
        else:
            numeric = self.numeric.reshape(self.shape)
        return NodeCheck(
            self.name, verdict, self.worst.relative_error if self.worst else None, self.worst,
            {reason: tuple(found) for reason, found in self.untold.items()}, self.count, self.kink,
            self.checked, self.size, self.directions, self.resolution, frozen(numeric),
        )  # fmt: skip
