"""Comparisons, 1 where they hold and else 0; the choice between values by one; what stops gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.kernels import where
from tui_backprop.engine.ops.base import SUM, Op, Term
from tui_backprop.engine.ops.pointwise import PointwiseOp, Slope
from tui_backprop.engine.ops.signature import Signature
from tui_backprop.text.sentences import later

COMPARISON = SUM - 1
"""How tightly a comparison binds: less than a sum."""
_LEVEL = Slope(
    lambda *values: np.zeros(np.shape(values[0])),
    "0",
    later(
        "A comparison is 0 or 1 and does not change with its operands but for a jump: no gradient comes "
        "through."
    ),
)


class ComparisonOp(PointwiseOp):
    """y = 1 where the comparison of a and b holds, else 0; it passes no gradient on."""

    signature = Signature(("a", "b"))
    blind = True
    symbol: str

    def text(self, *operands: Term) -> Term:
        """Write a > b."""
        first, second = (term.within(SUM) for term in operands)
        return Term(f"{first} {self.symbol} {second}", COMPARISON)


def _comparison(name: str, symbol: str, compare: Callable[..., Any]) -> type[ComparisonOp]:
    """Return the class of a comparison."""
    return type(
        name.title().replace("_", ""),
        (ComparisonOp,),
        {
            "__doc__": f"y = 1 where a {symbol} b, else 0; it passes no gradient on.",
            "__module__": __name__,
            "name": name,
            "symbol": symbol,
            "compute": staticmethod(lambda a, b: where(compare(a, b), 1.0, 0.0)),
            "slopes": (_LEVEL, _LEVEL),
            "kink": staticmethod(lambda a, b: a - b),
        },
    )


COMPARISONS: dict[str, type[Op]] = {
    ">": _comparison("greater", ">", np.greater),
    ">=": _comparison("greater_equal", ">=", np.greater_equal),
    "<": _comparison("less", "<", np.less),
    "<=": _comparison("less_equal", "<=", np.less_equal),
    "==": _comparison("equal", "==", np.equal),
    "!=": _comparison("not_equal", "!=", np.not_equal),
}
"""The comparisons by their signs."""


class Where(PointwiseOp):
    """y = a where the condition is not 0, else b; the one that shows in the result gets the gradient."""

    name = "where"
    signature = Signature(("condition", "a", "b"))
    blind = True
    compute = staticmethod(lambda condition, a, b: where(condition != 0.0, a, b))
    slopes = (
        _LEVEL,
        Slope(
            lambda condition, a, b, y: where(condition != 0.0, 1.0, 0.0),
            "1 where {condition} != 0, else 0",
            later(
                "Where the condition holds the first value is the result, so it gets the upstream gradient; "
                "elsewhere it does not show and gets nothing."
            ),
        ),
        Slope(
            lambda condition, a, b, y: where(condition != 0.0, 0.0, 1.0),
            "0 where {condition} != 0, else 1",
            later(
                "Where the condition fails the second value is the result, so it gets the upstream gradient; "
                "elsewhere it does not show and gets nothing."
            ),
        ),
    )
    kink = staticmethod(lambda condition, a, b: np.ones(np.shape(condition)))

    def is_blind(self, index: int) -> bool:
        """Tell whether an operand is the condition."""
        return index == 0

    def downstream(self, index: int, upstream: Array, operands: Any, output: Array) -> Array:
        """Return the upstream gradient where the operand shows, and 0 elsewhere: not a product with 0."""
        holds = operands[0] != 0.0
        result: Array = where(holds, upstream, 0.0) if index == 1 else where(holds, 0.0, upstream)
        return result


class StopGradient(PointwiseOp):
    """y = x, taken as fixed: no gradient goes back to x."""

    name = "stop_gradient"
    blind = True
    compute = staticmethod(lambda x: x)
    slopes = (
        Slope(
            lambda x, y: np.zeros(np.shape(x)),
            "0",
            later("The value passes and the gradient does not: what follows takes it as a fixed number."),
        ),
    )


CHOICES = (Where, StopGradient)
"""The functions of this page, as the table of functions has them."""
