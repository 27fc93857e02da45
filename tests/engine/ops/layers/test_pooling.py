"""Pooling: PyTorch's numbers, ties, the windows of an element, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.graphs import graph_of, swept
from tui_backprop.engine.autodiff.element_terms import element_terms
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.ops.base import Op
from tui_backprop.engine.ops.layers.convolution import Conv2d
from tui_backprop.engine.ops.layers.pooling import AvgPool2d, MaxPool2d
from tui_backprop.explain.element.term_formulas import symbolic

X = np.sin(np.arange(40.0)).reshape(1, 2, 4, 5).round(3)


def test_numbers_of_pytorch() -> None:
    """Of PyTorch 2.13.0: the result, and the gradient of the sum of its squares."""
    tape = swept("z = max_pool2d(x, 3, 1)\nL = sum(z * z)", {"x": X})
    z, x = (tape.graph.named[name] for name in "zx")
    np.testing.assert_array_equal(
        tape.value(z).ravel(),
        [0.909, 0.989, 0.991, 0.657, 0.989, 0.991, 0.956, 1.0, 1.0, 0.956, 1.0, 1.0],
    )
    expected = np.zeros(40)
    expected[[2, 7, 8, 14, 27, 33]] = [1.818, 1.314, 3.956, 3.964, 3.824, 8.0]
    np.testing.assert_allclose(tape.gradient(x).ravel(), expected)
    tape = swept("z = avg_pool2d(x, (2, 3))\nL = sum(z * z)", {"x": X})
    means = [0.19483333333333333, -0.4466666666666667, 0.5546666666666666, -0.4841666666666667]
    np.testing.assert_allclose(tape.value(tape.graph.named["z"]).ravel(), means, rtol=1e-12)
    column = tape.gradient(tape.graph.named["x"])[0, :, ::2, 0].ravel()
    np.testing.assert_allclose(column, np.array(means) / 3, rtol=1e-12)


@pytest.mark.parametrize("written", ["x, size=2", "x, kernel_size=2, stride=2", "x, 2", "x, (2, 2), 2"])
def test_the_size_and_the_stride_may_be_written_in_every_way(written: str) -> None:
    graph = graph_of(f"L = sum(F.max_pool2d({written}))", {"x": X})
    assert graph.nodes[1].shape == (1, 2, 2, 2)
    assert graph.nodes[1].expression.startswith("max_pool2d(x, ")


def test_elements_that_tie_share_equally() -> None:
    """PyTorch, JAX and mygrad give all to the first; max and maximum share here, and so does this."""
    tape = swept("L = 6 * sum(max_pool2d(x, 2))", {"x": np.array([[[[1.0, 3.0], [3.0, 3.0]]]])})
    np.testing.assert_array_equal(tape.gradient(tape.graph.named["x"])[0, 0], [[0.0, 2.0], [2.0, 2.0]])


def test_in_windows_that_overlap_gradients_add_up() -> None:
    x = np.array([[[[0.0, 1.0, 5.0, 1.0, 0.0]]]])
    tape = swept("L = sum(max_pool2d(x, (1, 3), 1))", {"x": x})
    np.testing.assert_array_equal(tape.gradient(tape.graph.named["x"]).ravel(), [0, 0, 3, 0, 0])


def test_where_a_window_has_an_infinity_upstream_its_others_get_zero() -> None:
    tape = swept("L = sum(sqrt(max_pool2d(x, 2)))", {"x": np.array([[[[-1.0, 0.0], [-2.0, -3.0]]]])})
    np.testing.assert_array_equal(tape.gradient(tape.graph.named["x"]).ravel(), [0, np.inf, 0, 0])


def test_an_element_meets_the_windows_that_cover_it() -> None:
    tape = swept("z = max_pool2d(x, 3, 1)\nL = sum(z)", {"x": X})
    (factor,) = (f for f in tape.graph.factors if f.operand.name == "x")
    terms = element_terms(*factor, (0, 0, 1, 3), tape)
    assert terms.where.tolist() == [[0, 0, i, j] for i in (0, 1) for j in (1, 2)]
    np.testing.assert_array_equal(terms.local, [1, 0, 1, 0])
    assert symbolic("L", factor, (0, 0, 1, 3)) == (
        "∂L/∂x₀,₀,₁,₃ = Σₖₗ (1 where x₀,₀,₁,₃ == z₀,₀ₖₗ, shared equally in a tie, else 0) · (∂L/∂z)₀,₀ₖₗ"
    )
    ((_, window),) = factor.structure.account.meeting(0, (0, 0, 1, 3), factor.shapes)
    assert window == (0, 0, range(4), range(1, 5))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("max_pool2d(x, 5)", "a window of (5×5) is larger than the (4×5) it slides over; write one"),
        ("max_pool2d(x, 0)", "found kernel_size=0; write a whole number, 1 or more, such as kernel_size=2"),
        ("avg_pool2d(x, 2, 0.5)", "found stride=0.5; write a whole number, 1 or more, such as stride=1"),
        ("avg_pool2d(x[0], 2)", "x has 3 axes and needs 4, samples, channels, height and width; "
                                "write x[:, None] for one channel, x[None] for one sample"),
        ("max_pool2d(x, 2, padding=1)", "found padding= in max_pool2d; only kernel_size= and stride= are"),
    ],
)  # fmt: skip
def test_what_does_not_fit_gets_one_line(call: str, said: str) -> None:
    with pytest.raises(FormulaError) as refused:
        graph_of(f"L = sum({call})", {"x": X})
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("op", "operands"),
    [
        (MaxPool2d(kernel_size=2, stride=1), (X,)), (AvgPool2d(kernel_size=2, stride=1), (X,)),
        (Conv2d(stride=2, padding=1), (X, X[:, :, :2, :2])),
    ],
)  # fmt: skip
def test_single_precision_stays_on_the_way_back(op: Op, operands: tuple[np.ndarray, ...]) -> None:
    single = [operand.astype(np.float32) for operand in operands]
    output = op.forward(*single)
    for index in range(len(single)):
        assert op.downstream(index, output, single, output).dtype == np.float32
