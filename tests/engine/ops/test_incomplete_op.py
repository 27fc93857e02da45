"""What an operation does not state is refused when it is registered; a registration for a while ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tests.support.graphs import swept
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.ops.base import Op
from tui_backprop.engine.ops.functions.elementwise import LeakyRelu
from tui_backprop.engine.ops.opaque import OpaqueOp
from tui_backprop.engine.ops.pointwise import PointwiseOp, Slope
from tui_backprop.engine.ops.registry import FUNCTIONS, Family, IncompleteOpError
from tui_backprop.engine.ops.signature import Signature
from tui_backprop.engine.ops.structure import Pointwise, Reduction


def test_a_registration_ends() -> None:
    before = list(FUNCTIONS)
    with FUNCTIONS.including(Family("more", Signature(), (renamed(LeakyRelu, "leaky"),))):
        assert [*before, "leaky"] == list(FUNCTIONS)
    assert list(FUNCTIONS) == before
    twice = Family("more", Signature(), (renamed(LeakyRelu, "leaky"), LeakyRelu))
    with pytest.raises(IncompleteOpError, match="a function leaky_relu already"), FUNCTIONS.including(twice):
        pass
    assert list(FUNCTIONS) == before


def renamed(op: type, name: str, **others: Any) -> type:
    return type(name, (op,), {"name": name, **others})


class CumSum(Op):
    """A rule, and nothing said of what it means."""

    name = "tally"
    whys = ("Each element is in its own sum and in all that follow.",)

    def shape(self, *shapes: Shape) -> Shape:
        return shapes[0]

    def forward(self, *operands: Array) -> Array:
        return np.tally(operands[0])

    def downstream(self, index: int, upstream: Array, operands: Sequence[Array], output: Array) -> Array:
        return np.tally(upstream[::-1])[::-1]

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        return "the sum of upstream from each place on"


class CumSumOpaque(OpaqueOp):
    """The same, said to be opaque, and still nothing said of what it means."""

    name = "tally"
    whys = CumSum.whys
    shape, forward, downstream = CumSum.shape, CumSum.forward, CumSum.downstream
    derivative_text = CumSum.derivative_text


SLOPE = Slope(lambda x, y: y, "1 where {x} > 0, else 0", "It is.")


@pytest.mark.parametrize(
    ("op", "missing"),
    [
        (CumSum, "tally does not state: structure"),
        (
            CumSumOpaque,
            "tally does not state: affected, averaged, meeting, partial_text, partials, shapes_text",
        ),
        (type("NoName", (PointwiseOp,), {}), "NoName does not state: name, slopes, compute"),
        (renamed(PointwiseOp, "gate", slopes=(SLOPE,), compute=np.abs), "gate does not state: kink"),
        (
            renamed(LeakyRelu, "two", signature=Signature(("a", "b"))),
            r"two does not state: a why for each operand \(1 of 2\)",
        ),
        (renamed(CumSum, "claimed", elementwise=True), "structure, slopes"),
        (
            renamed(CumSum, "claimed", structure=lambda self, *shapes: Reduction((0,))),
            r"claimed makes \(2, 3\) of \(\(2, 3\),\), which is not Reduction",
        ),
        (renamed(CumSum, "claimed", structure=lambda self, *shapes: Pointwise()), "is not Pointwise"),
    ],
)
def test_an_incomplete_operation_is_refused_by_name(op: type, missing: str) -> None:
    with (
        pytest.raises(IncompleteOpError, match=missing),
        FUNCTIONS.including(Family("more", Signature(), (op,))),
    ):
        pass
    assert "tally" not in FUNCTIONS


class MeanOf(PointwiseOp):
    """y = (x₁ + x₂ + …)/n, of any number of operands."""

    name = "mean_of"
    signature = Signature(("*xs",))
    compute = staticmethod(lambda *xs: sum(xs[1:], start=xs[0]) / len(xs))
    slopes = (
        Slope(lambda *xs_and_y: np.asarray(1.0 / (len(xs_and_y) - 1)), "1 / {n}", "Each is one of them."),
    )

    def derivative_text(
        self, index: int, operands: Sequence[str], output: str, shapes: Sequence[Shape]
    ) -> str:
        return f"1 / {len(operands)}"


def test_any_number_of_operands() -> None:
    with FUNCTIONS.including(Family("more", Signature(("*xs",)), (MeanOf,))):
        tape: Tape = swept("L = sum(mean_of(x, 2 * x, c))", {"x": [1.0, 2.0], "c": 3.0})
        assert tape.loss() == pytest.approx((1 + 2 + 3 + 2 + 4 + 3) / 3)
        assert tape.gradient(tape.graph.named["x"]).tolist() == pytest.approx([1.0, 1.0])
        with pytest.raises(FormulaError, match=r"with 0 arguments; write mean_of\(\*xs\)"):
            swept("L = mean_of()", {})
