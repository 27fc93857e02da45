"""Every operation of the formula language against central differences and HIPS autograd, from one table."""

from __future__ import annotations

from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.graphs import arrays_of, graph_of, swept
from tests.support.op_cases import (
    CASES,
    MATMUL_DIMENSIONS,
    SEEDS,
    SHAPES,
    Case,
    all_subclasses,
    drawn,
    numbers,
    product_shapes,
)
from tests.support.thorough import tried
from tui_backprop.engine.autodiff.records import ChainFactor
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.language.build import evaluate
from tui_backprop.engine.language.formula import parse_expression
from tui_backprop.engine.ops.arithmetic import Power
from tui_backprop.engine.ops.base import Op
from tui_backprop.engine.ops.broadcasting import Broadcast
from tui_backprop.engine.ops.contraction import MatMul
from tui_backprop.engine.ops.registry import FUNCTIONS, OPERATORS, UNWRITTEN


def check_against_both(case: Case, leaves: dict[str, np.ndarray], seed: int) -> None:
    expected = np.asarray(case.reference(*leaves.values()))
    weights = np.random.default_rng(seed).uniform(0.5, 1.5, expected.shape)
    text = f"z = {case.formula}\nL = sum(z * v)"
    graph = graph_of(text, {**leaves, "v": weights}, data=["v"])
    given_arrays = arrays_of({**leaves, "v": weights})
    tape = Tape(graph, given_arrays)
    tape.forward()
    tape.backward()
    node = graph.named["z"]
    assert node.shape == expected.shape
    np.testing.assert_allclose(tape.value(node), expected, rtol=1e-12, atol=1e-14)

    def total(*arguments: Any) -> Any:
        return anp.sum(case.reference(*arguments) * weights)

    def loss_at(name: str, moved: np.ndarray) -> float:
        return Tape(graph, {**given_arrays, name: moved}).forward()

    for position, (name, array) in enumerate(leaves.items()):
        analytic = np.asarray(tape.gradient(graph.named[name]))
        assert analytic.shape == array.shape
        by_autograd = autograd.grad(total, position)(*leaves.values())
        np.testing.assert_allclose(analytic, by_autograd, rtol=1e-10, atol=1e-12, err_msg=name)
        h = 1e-5
        for index in np.ndindex(array.shape):
            above, below = array.copy(), array.copy()
            above[index] += h
            below[index] -= h
            numeric = (loss_at(name, above) - loss_at(name, below)) / (2 * h)
            assert analytic[index] == pytest.approx(numeric, rel=1e-6, abs=1e-8), (name, index)


@pytest.mark.parametrize("case", CASES, ids=str)
@tried(data=st.data(), few=2, many=10)
def test_forward_and_gradients(case: Case, data: st.DataObject) -> None:
    check_against_both(case, drawn(case, data), seed=7)


@pytest.mark.parametrize("dimensions", MATMUL_DIMENSIONS, ids="{0[0]}d @ {0[1]}d".format)
@tried(data=st.data(), few=3, many=8)
def test_matrix_products(dimensions: tuple[int, int], data: st.DataObject) -> None:
    left, right = data.draw(product_shapes(*dimensions))
    leaves = {"x": numbers(data.draw(SEEDS), left, -2, 2, 1), "y": numbers(data.draw(SEEDS), right, -2, 2, 0)}
    case = next(case for case in CASES if case.op == "@")
    check_against_both(case, arrays_of(leaves), seed=3)


STACKED = (2, 1, 2, 1)
SIX_AXES = [((*STACKED, 2, 3), (3,)), ((2,), (*STACKED, 2, 3)), ((*STACKED, 2, 3), (3, 2))]


@pytest.mark.parametrize("shapes", SIX_AXES, ids=str)
def test_products_of_as_many_axes_as_there_may_be(shapes: tuple[tuple[int, ...], ...]) -> None:
    x, y = (np.asarray(numbers(seed, shape, -2, 2, odd=seed)) for seed, shape in enumerate(shapes))
    check_against_both(next(case for case in CASES if case.op == "@"), {"x": x, "y": y}, seed=3)


@pytest.mark.parametrize("index", [0, 1])
def test_zero_times_infinity_is_left_out_of_stacks_of_any_axes(index: int) -> None:
    """In v @ B and A @ v an element's terms are the matrix's, each times an upstream gradient."""
    matrices = np.arange(12.0).reshape(2, 1, 3, 2) % 3 - 1  # which has zeros in each row and column
    upstream = np.full((2, 1, 3 if index else 2), 2.0)
    upstream[0, 0, 0] = np.inf
    operands = [matrices, np.ones(2)] if index else [np.ones(3), matrices]
    beside = upstream[..., None] if index else upstream[..., None, :]
    terms = np.multiply(matrices, beside, out=np.zeros(matrices.shape), where=matrices != 0)
    expected = terms.sum(axis=(0, 1, 2 if index else 3))
    with np.errstate(invalid="ignore"):
        found = MatMul().downstream(index, upstream, operands, upstream)
    assert np.isnan(found).any()
    settled = MatMul().settled(index, upstream, operands, upstream, found)
    np.testing.assert_array_equal(settled, expected)


BROADCASTS = [
    ((), ()), ((), (3,)), ((3,), ()), ((), (2, 3, 2)), ((1,), (3,)), ((3,), (1,)), ((3,), (2, 3)),
    ((2, 1), (1, 3)),
    ((2, 3), (3,)), ((1, 1, 1), ()), ((2, 1, 3), (2, 1)), ((3, 1), (2, 1, 2)), ((1, 2), (3, 1, 1)),
]  # fmt: skip


@pytest.mark.parametrize("shapes", BROADCASTS, ids=str)
@pytest.mark.parametrize(
    "case", [case for case in CASES if "y" in case.formula and case.op in "+-*/**"], ids=str
)
def test_the_usual_broadcasts(case: Case, shapes: tuple[tuple[int, ...], ...]) -> None:
    leaves = {
        name: np.asarray(numbers(i, shape, 0.3, 2.0, odd=i))
        for i, (name, shape) in enumerate(zip("xy", shapes, strict=True))
    }
    check_against_both(case, leaves, seed=5)


def test_every_operation_is_in_the_table() -> None:
    covered = {case.op for case in CASES}
    assert covered >= set(FUNCTIONS)
    assert not {*OPERATORS, "identity"} - covered
    for name, op in FUNCTIONS.items():
        for option in op.signature.options:
            assert any(case.op == name and f"{option.name}=" in case.formula for case in CASES), name
    two_operands = {name for name, op in FUNCTIONS.items() if len(op.signature.operands) == 2}
    assert two_operands <= {case.op for case in CASES if "y" in case.formula.replace("cross_entropy", "")}


def test_every_op_class_can_be_reached_from_a_formula() -> None:
    reached = {*FUNCTIONS.values(), *OPERATORS.values(), Broadcast}
    named = {
        op for op in all_subclasses(Op) if "name" in vars(op) and op.__module__.startswith("tui_backprop")
    }
    unreached = {op.name for op in named} - {op.name for op in reached}
    assert unreached == {"identity", "constant", "index", "store"}  # which have signs of their own


# ------------------------------------------------------ one step of the chain rule, before any sweep

ELEMENTWISE = [
    op() for op in {*FUNCTIONS.values(), *OPERATORS.values(), *UNWRITTEN} if op.elementwise
]  # fmt: skip


@pytest.mark.parametrize("op", sorted(ELEMENTWISE, key=lambda op: op.name), ids=lambda op: op.name)
@tried(shape=SHAPES, seed=SEEDS, few=3, many=10)
def test_downstream_is_upstream_times_local_derivative(op: Op, shape: tuple[int, ...], seed: int) -> None:
    operands = [
        np.asarray(numbers(seed + i, shape, 0.1, 0.9, odd=i))[()] for i in range(len(op.signature.operands))
    ]
    output = op.forward(*operands)
    upstream = np.asarray(numbers(seed + 5, np.shape(output), -2.0, 2.0, odd=1))[()]
    for index in range(len(op.signature.operands)):
        local = op.local_derivative(index, operands, output)
        downstream = op.downstream(index, upstream, operands, output)
        np.testing.assert_array_equal(downstream, upstream * local)
        assert np.broadcast_shapes(np.shape(local), shape) == shape


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("x * 3", [3.0]), ("-x", [-1.0]), ("x - 5", [1.0]), ("x ** 2", [4.0]), ("exp(x * 0)", [1.0]),
        ("sigmoid(x - 2)", [0.25]), ("sqrt(x * 2)", [0.25]),
    ],
)  # fmt: skip
def test_local_derivatives_by_hand(formula: str, expected: list[float]) -> None:
    """At x = 2, of the last operation alone."""
    graph = graph_of(f"L = {formula}", {"x": 2.0})
    tape = Tape(graph, arrays_of({"x": 2.0}))
    factors = [record for record in tape.records() if isinstance(record, ChainFactor)]
    assert [float(np.asarray(factors[0].local))] == expected


# ------------------------------------------------------ kinks


def test_relu_and_abs_have_slope_zero_at_zero() -> None:
    x = [-1.0, 0.0, -0.0, 2.0]
    for function, expected in [("relu", [0, 0, 0, 1]), ("abs", [-1, 0, 0, 1])]:
        tape = swept(f"L = sum({function}(x))", {"x": x})
        np.testing.assert_array_equal(tape.gradient(tape.graph.named["x"]), expected)


def test_leaky_relu_slopes() -> None:
    tape = swept("L = sum(leaky_relu(x))", {"x": [-4.0, 0.0, 4.0]})
    assert tape.loss() == pytest.approx(4.0 - 0.04)
    np.testing.assert_array_equal(tape.gradient(tape.graph.named["x"]), [0.01, 0.01, 1.0])


def test_a_tie_of_maximum_shares_in_halves() -> None:
    tape = swept("L = sum(maximum(a, b))", {"a": [1.0, 2.0, 5.0], "b": [1.0, 3.0, 4.0]})
    np.testing.assert_array_equal(tape.gradient(tape.graph.named["a"]), [0.5, 0.0, 1.0])
    np.testing.assert_array_equal(tape.gradient(tape.graph.named["b"]), [0.5, 1.0, 0.0])


def test_maximum_of_a_node_with_itself_has_slope_one() -> None:
    tape = swept("L = maximum(a, a)", {"a": 3.0})
    assert tape.gradient(tape.graph.named["a"]) == 1.0


# ------------------------------------------------------ far from zero

FAR = [-1000.0, -50.0, 0.0, 50.0, 1000.0]
INF = float("inf")


def finite_gradients(text: str, leaves: dict[str, Any]) -> Tape:
    with np.errstate(all="raise", under="ignore"):  # the tape itself must be quiet and finite
        tape = swept(text, leaves)
    for name, node in tape.graph.named.items():
        assert not np.isnan(tape.value(node)).any(), name
        assert not np.isnan(tape.gradient(node)).any(), name
    return tape


def test_sigmoid_far_out() -> None:
    tape = finite_gradients("s = sigmoid(x)\nL = sum(s)", {"x": [-INF, *FAR, INF]})
    s = tape.value(tape.graph.named["s"])
    np.testing.assert_allclose(s, [0, 0, np.exp(-50.0), 0.5, 1, 1, 1], rtol=1e-12)
    np.testing.assert_allclose(
        tape.gradient(tape.graph.named["x"]), [0, 0, np.exp(-50), 0.25, 0, 0, 0], atol=1e-30, rtol=1e-12
    )


def test_softplus_far_out() -> None:
    tape = finite_gradients("s = softplus(x)\nL = sum(s)", {"x": [-INF, *FAR, INF]})
    s = tape.value(tape.graph.named["s"])
    np.testing.assert_allclose(s, [0, 0, np.exp(-50.0), np.log(2), 50, 1000, INF], rtol=1e-12)
    np.testing.assert_allclose(tape.gradient(tape.graph.named["x"])[[0, 3, -1]], [0, 0.5, 1])


def test_softmax_far_out() -> None:
    tape = finite_gradients("s = softmax(x)\nL = sum(s * v)", {"x": [FAR, FAR[::-1]], "v": [FAR, FAR]})
    np.testing.assert_allclose(tape.value(tape.graph.named["s"])[0], [0, 0, 0, 0, 1], atol=1e-300)
    masked = finite_gradients("s = softmax(x)\nL = sum(s * v)", {"x": [-INF, 0.0, 0.0], "v": [1.0, 2.0, 4.0]})
    np.testing.assert_array_equal(masked.value(masked.graph.named["s"]), [0, 0.5, 0.5])
    np.testing.assert_array_equal(masked.gradient(masked.graph.named["x"]), [0, -0.5, 0.5])


def test_cross_entropy_far_out() -> None:
    tape = finite_gradients("L = cross_entropy(z, t)", {"z": [[1000.0, -1000.0]], "t": [[0.0, 1.0]]})
    assert tape.loss() == 2000.0
    np.testing.assert_array_equal(tape.gradient(tape.graph.named["z"]), [[1.0, -1.0]])
    sure = finite_gradients("L = cross_entropy(z, t)", {"z": [[1000.0, -1000.0]], "t": [[1.0, 0.0]]})
    assert sure.loss() == 0.0


@pytest.mark.parametrize(
    ("z", "t", "loss", "slope"), [(1000, 0, 1000, 1), (1000, 1, 0, 0), (-1000, 1, 1000, -1)]
)
def test_bce_with_logits_far_out(z: float, t: float, loss: float, slope: float) -> None:
    tape = finite_gradients("L = bce_with_logits(z, t)", {"z": z, "t": t})
    assert tape.loss() == loss
    assert tape.gradient(tape.graph.named["z"]) == slope


def test_bce_of_certain_predictions_is_floored_as_in_pytorch() -> None:
    """BCELoss clamps each logarithm at -100: a wrong certainty costs 100, a right one nothing."""
    tape = finite_gradients("L = bce(p, t)", {"p": [0.0, 1.0], "t": [0.0, 1.0]})
    assert tape.loss() == 0.0
    wrong = finite_gradients("L = bce(p, t)", {"p": [0.0, 1.0], "t": [1.0, 0.0]})
    assert wrong.loss() == 100.0
    assert np.isfinite(wrong.gradient(wrong.graph.named["p"])).all()


def test_power_at_its_borders() -> None:
    for text, x, slope in [("x**0", 0.0, 0.0), ("x**1", 0.0, 1.0), ("x**2", 0.0, 0.0), ("x**3", -2.0, 12.0)]:
        tape = finite_gradients(f"L = {text}", {"x": x})
        assert tape.gradient(tape.graph.named["x"]) == slope
    tape = finite_gradients("L = a**b", {"a": 0.0, "b": 2.0})
    assert tape.gradient(tape.graph.named["a"]) == tape.gradient(tape.graph.named["b"]) == 0.0


def test_binary_operations_meet_in_one_shape() -> None:
    """Broadcasting is a node of its own, so that an elementwise operation never sees two array shapes."""
    graph = graph_of("L = sum(a * b + c)", {"a": np.ones((2, 1)), "b": np.ones(3), "c": 1.0})
    broadcasts = [node for node in graph.nodes if isinstance(node.op, Broadcast)]
    assert [(node.operands[0].name, node.shape) for node in broadcasts] == [
        ("a", (2, 3)),
        ("b", (2, 3)),
        ("c", (2, 3)),
    ]
    for node in graph.nodes:
        if node.op and node.op.elementwise:
            assert len({operand.shape for operand in node.operands}) == 1


# ------------------------------------------------------ the derivative as text

WRITTEN: list[Op] = [
    op
    for op in sorted(ELEMENTWISE, key=lambda op: op.name)
    if op.kink is None and not isinstance(op, Power)  # what has a kink is told by cases
]


def compare_text(op: Op, *operands: np.ndarray) -> None:
    """Evaluate what ``derivative_text`` says for each operand and compare it with the numbers used."""
    output = np.asarray(op.forward(*operands))
    names = {f"x{i}": operand for i, operand in enumerate(operands)}
    for index, operand in enumerate(operands):
        text = op.derivative_text(index, list(names), "y", [x.shape for x in operands])
        found = evaluate(parse_expression(text), {**names, "y": output})
        local = np.broadcast_to(op.local_derivative(index, operands, output), operand.shape)
        np.testing.assert_allclose(np.broadcast_to(found, operand.shape), local, rtol=1e-9, err_msg=text)


@pytest.mark.parametrize("op", WRITTEN, ids=lambda op: op.name)
@tried(seed=SEEDS, shape=SHAPES, few=4, many=15)
def test_the_derivative_in_words_is_the_one_computed(op: Op, seed: int, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(seed)
    compare_text(op, *(rng.uniform(0.05, 0.95, shape) for _ in op.signature.operands))


@given(
    seed=SEEDS,
    exponent=st.one_of(
        st.floats(-64, 64), st.sampled_from([None, 0.0, 1.0, 2.0, 3.0, 3.3, -1.0, 1.23456789, 0.1, 1e-7])
    ),
)
def test_the_derivative_of_a_power_in_words(seed: int, exponent: float | None) -> None:
    base = np.random.default_rng(seed).uniform(0.5, 2.0, 3)
    op = Power(exponent)
    if exponent is None:
        compare_text(op, base, np.full(3, 1.7))
        return
    text = op.derivative_text(0, ["x", "n"], "y", [(3,), ()])
    found = evaluate(parse_expression(text), {"x": base})
    local = op.local_derivative(0, [base, np.asarray(exponent)], base**exponent)
    np.testing.assert_allclose(np.broadcast_to(found, 3), np.broadcast_to(local, 3), rtol=1e-9, err_msg=text)


@pytest.mark.parametrize(
    ("exponent", "text"),
    [
        (1.23456789, "1.23456789 * x**0.23456789"),
        (3.3, "3.3 * x**2.3"),
        (-2.0, "-2 * x**(-3)"),
        (2.0, "2 * x"),
    ],
)
def test_powers_are_written_with_their_digits(exponent: float, text: str) -> None:
    assert Power(exponent).derivative_text(0, ["x", "n"], "y", [(), ()]) == text


@settings(max_examples=20)
@given(seed=SEEDS)
def test_the_rules_of_cross_entropy_hold_for_targets_of_any_sum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    op = FUNCTIONS["cross_entropy"]()
    z, t = rng.normal(size=4), rng.uniform(0, 1, 4)
    for index in (0, 1):
        text = op.derivative_text(index, ["z", "t"], "y", [(4,), (4,)])
        found = evaluate(parse_expression(text), {"z": z, "t": t, "upstream": np.asarray(3.0)})
        right = op.downstream(index, np.asarray(3.0), [z, t], op.forward(z, t))
        np.testing.assert_allclose(found, right, rtol=1e-9)
    Z, T = rng.normal(size=(3, 4)), rng.uniform(0, 1, (3, 4))
    text, each = op.derivative_text(0, ["z", "t"], "y", [(3, 4), (3, 4)]).split(", ")
    assert each == "row by row"
    rule = parse_expression(text)
    found = [
        evaluate(rule, {"z": row, "t": target, "upstream": np.asarray(3.0)})
        for row, target in zip(Z, T, strict=True)
    ]
    np.testing.assert_allclose(found, op.downstream(0, np.asarray(3.0), [Z, T], op.forward(Z, T)), rtol=1e-9)


@given(case=st.sampled_from(CASES), data=st.data())
@settings(max_examples=60)
def test_values_and_gradients_lie_in_the_order_of_c(case: Case, data: st.DataObject) -> None:
    # else BLAS may add up in another order where compiled code leaves out an array of equal numbers
    leaves = {name: value.copy() for name, value in drawn(case, data).items()}
    tape = Tape(graph_of(f"z = {case.formula}\nL = sum(z * z)", leaves), arrays_of(leaves))
    tape.forward()
    tape.backward()
    for array in (*tape.values, *tape.gradients):
        steps = zip(np.shape(array), np.asarray(array).strides, strict=True)
        strides = [stride for length, stride in steps if length > 1 and stride]  # 0 where it is repeated
        assert strides == sorted(strides, reverse=True)
