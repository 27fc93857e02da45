"""What an answer is found to be, as data: right, or a mistake that has a name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tui_backprop.engine.autodiff.graph import Factor, Node
from tui_backprop.engine.core.arrays import Shape
from tui_backprop.exercises.hypotheses import Counted
from tui_backprop.exercises.locating import FirstWrong
from tui_backprop.exercises.mistakes.what import What
from tui_backprop.exercises.repairs import Repair


class Finding(Enum):
    """What an answer is; the codes are kept with a training."""

    RIGHT = "right"
    HERE = "here"  # right at this point only
    DIGITS = "digits"  # too few of them
    SIGN = "sign"
    TRANSPOSED = "transposed"
    SHAPES = "shapes"
    MEAN = "mean"  # off by 1/n
    SUM = "sum"  # off by n
    CONSTANT = "constant"  # off by a constant factor
    MISSING = "missing"  # a factor is
    PATH = "path"  # one is missing
    TWICE = "twice"  # a factor too many
    SHARE = "share"  # a path off by a constant factor
    SLOPE = "slope"  # another rule for a local derivative
    VALUE = "value"  # another value in the place of one
    WRONG = "wrong"


@dataclass(frozen=True, eq=False, slots=True)
class Diagnosis:
    """What an answer is, and what makes it so.

    Attributes:
        kind: what it is.
        needed: the shape that is right.
        found: the answer's shape; None where it has none.
        multiple: the answer is this many times what is right, or times what the mistake leads to.
        count, counted: for off by 1/n and n: n, and what it counts.
        what, factor: the mistake that leads to the answer, and the factor where it is made.
        instead: the node that stands in another's place, where that is the mistake.
        share: for a path off by a constant, that constant; for an updated weight, the rate.
        first: where an answer that nothing explains is wrong first.
        repair: a formula near the answer that is right.
        problem: why the shapes in the formula do not fit.
        points: how many random points it was compared at; 0 where only this one says anything about it.
        elsewhere: for right here only, what it is at the random points.
        digits: for too few digits, how many significant ones were given where more are needed; for what is
            right, or nearly, to how many it is; 0 where it is exact.
        near: whether wrong numbers are within 1 % all the same, so that only their digits are wrong.
        unused: whether the loss does not depend on the node, so that its gradient is zero.
    """

    kind: Finding
    needed: Shape
    found: Shape | None = None
    multiple: float = 1.0
    count: int = 0
    counted: Counted | None = None
    what: What | None = None
    factor: Factor | None = None
    instead: Node | None = None
    share: float = 0.0
    first: FirstWrong | None = None
    repair: Repair | None = None
    problem: str = ""
    points: int = 0
    elsewhere: Diagnosis | None = None
    digits: int = 0
    near: bool = False
    unused: bool = False
