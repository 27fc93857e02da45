"""One element as the sum of its scalar terms: they make the engine's element, each with a true derivative."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import strategies as st

from tests.support.graphs import arrays_of, graph_of, swept
from tests.support.op_cases import CASES, MATMUL_DIMENSIONS, SEEDS, Case, drawn, numbers, product_shapes
from tests.support.thorough import tried
from tui_backprop.engine.autodiff.element_terms import element_terms, parse_element
from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.ops.broadcasting import Broadcast
from tui_backprop.engine.ops.registry import FUNCTIONS

MORE = [
    Case("sum", "sum(x, axis=(0, 2))", None, shapes=st.just(((2, 3, 2),))),
    Case("mean", "mean(x, axis=-2)", None, shapes=st.just(((2, 3, 2),))),
    Case("softmax", "softmax(x, axis=1)", None, shapes=st.just(((2, 3, 2),))),
    Case("+", "x + y", None, shapes=st.just(((2, 1, 3), (2, 1)))),
    Case("cross_entropy", "cross_entropy(x, y)", None, shapes=st.just(((2, 3, 2), (2, 3, 2)))),
]


def tape_of(case: Case, leaves: dict[str, np.ndarray]) -> Tape:
    """Return the swept tape of ``z = case`` under a loss that gives every element of z its own weight."""
    plain = swept(f"z = {case.formula}\nL = sum(z)", leaves)
    shape = plain.graph.named["z"].shape
    weights = np.random.default_rng(7).uniform(-1.5, 1.5, shape)
    return swept(f"z = {case.formula}\nL = sum(z * v)", {**leaves, "v": weights}, data=["v"])


def some_element(node: Node, data: st.DataObject) -> tuple[int, ...]:
    return tuple(data.draw(st.integers(0, length - 1)) for length in node.shape)


def check(tape: Tape, data: st.DataObject) -> None:
    for output, index in tape.graph.factors:
        assert output.op is not None
        operand = output.operands[index]
        element = some_element(operand, data)
        terms = element_terms(output, index, element, tape)
        n = len(terms.where)
        assert terms.where.shape == (n, len(output.shape))
        assert terms.local.shape == terms.upstream.shape == terms.products.shape == (n,)
        assert len(set(map(tuple, terms.where.tolist()))) == n
        operands, value = tape.operands(output), tape.value(output)
        downstream = output.op.downstream(index, tape.gradient(output), operands, value)
        engine = np.broadcast_to(downstream, operand.shape)[element]
        room = 1e-12 * np.abs(terms.products).sum() + 1e-300
        assert abs(terms.total - engine) <= room, (output, operand, element)
        column = np.zeros(output.shape)
        column[tuple(terms.where.T)] = terms.local if output.shape else terms.local[0]
        np.testing.assert_allclose(
            column, differences(output, index, element, operands), rtol=2e-6, atol=2e-8
        )


def differences(output: Node, index: int, element: tuple[int, ...], operands: list[np.ndarray]) -> np.ndarray:
    """Return ∂output/∂element by central differences, for every output element."""
    ends = []
    for h in (1e-5, -1e-5):
        moved = [np.array(operand) for operand in operands]
        moved[index][element] += h
        ends.append(np.asarray(output.op.forward(*moved)))  # type: ignore[union-attr]
    return (ends[0] - ends[1]) / 2e-5


@pytest.mark.parametrize("case", [*CASES, *MORE], ids=str)
@tried(data=st.data(), few=1, many=4)
def test_terms_make_the_element_and_are_derivatives(case: Case, data: st.DataObject) -> None:
    check(tape_of(case, drawn(case, data)), data)


@pytest.mark.parametrize("dimensions", MATMUL_DIMENSIONS, ids="{0[0]}d @ {0[1]}d".format)
@tried(data=st.data(), few=3, many=5)
def test_terms_of_matrix_products(dimensions: tuple[int, int], data: st.DataObject) -> None:
    left, right = data.draw(product_shapes(*dimensions))
    leaves = {"x": numbers(data.draw(SEEDS), left, -2, 2, 1), "y": numbers(data.draw(SEEDS), right, -2, 2, 0)}
    case = next(case for case in CASES if case.op == "@")
    check(tape_of(case, arrays_of(leaves)), data)


def test_every_function_is_in_the_table() -> None:
    assert {case.op for case in CASES} >= set(FUNCTIONS)


def factor(tape: Tape, operand: str) -> tuple[Node, int]:
    return next((node, i) for node, i in tape.graph.factors if node.operands[i].name == operand)


def logistic() -> Tape:
    leaves = {"X": [[1, 2], [3, 4], [5, 6]], "y": [1, 0, 1], "beta": [0, 0], "b": 0}
    text = "z = X @ beta + b\ny_hat = sigmoid(z)\nL = sum((y - y_hat)**2 / 2)"
    return swept(text, leaves, data=["X", "y"])


def test_the_terms_of_logistic_regression() -> None:
    """SOURCES, 004: ∂L/∂z = [−0.125, 0.125, −0.125], X's first column 1, 3, 5; ∂L/∂β₁ = −0.375."""
    tape = logistic()
    terms = element_terms(*factor(tape, "beta"), (0,), tape)
    np.testing.assert_array_equal(terms.where, [[0], [1], [2]])
    np.testing.assert_array_equal(terms.local, [1, 3, 5])
    np.testing.assert_array_equal(terms.upstream, [-0.125, 0.125, -0.125])
    np.testing.assert_array_equal(terms.products, [-0.125, 0.375, -0.625])
    assert terms.total == -0.375
    bias = element_terms(*factor(tape, "b"), (), tape)
    np.testing.assert_array_equal(bias.local, [1, 1, 1])
    np.testing.assert_array_equal(bias.products, [-0.125, 0.125, -0.125])
    for array in (terms.where, terms.local, terms.upstream, terms.products):
        assert not array.flags.writeable


def test_only_what_is_connected_is_a_term() -> None:
    """A dead relu is one term of 0, not none; a softmax reaches its own row only."""
    tape = swept("L = sum(relu(x) * 3)", {"x": [-1.0, 2.0]})
    terms = element_terms(*factor(tape, "x"), (0,), tape)
    assert (terms.where.tolist(), terms.local.tolist(), terms.upstream.tolist()) == ([[0]], [0.0], [3.0])
    rows = swept("L = sum(softmax(x) * v)", {"x": np.zeros((3, 2)), "v": [[1.0, 2.0]] * 3})
    softmax = element_terms(*factor(rows, "x"), (1, 0), rows)
    assert softmax.where.tolist() == [[1, 0], [1, 1]]
    assert softmax.local.tolist() == [0.25, -0.25]  # s(1 − s) and −s·s at s = ½


def test_a_hundred_thousand_terms() -> None:
    tape = swept("L = sum(b * x)", {"b": 2.0, "x": np.arange(100_000.0)})
    terms = element_terms(*factor(tape, "b"), (), tape)
    assert len(terms.products) == 100_000
    assert terms.total == 99_999 * 100_000 / 2


def test_numbers_that_are_not_finite_make_a_sum_that_is_not() -> None:
    tape = swept("L = sum(b * x)", {"b": 2.0, "x": [np.inf, -np.inf]})
    assert np.isnan(element_terms(*factor(tape, "b"), (), tape).total)


def test_one_node_that_is_both_operands() -> None:
    tape = swept("L = a * a", {"a": 3.0})
    for index in (0, 1):
        assert element_terms(tape.graph.loss, index, (), tape).products.tolist() == [3.0]


# ------------------------------------------------------ elements as text

NODES = graph_of(
    "L = sum(W) + sum(beta) + sum(S) + s * 3 + sum(c)",
    {"W": np.ones((3, 2)), "beta": np.ones(2), "S": np.ones((2, 3, 4)), "s": 1.0, "c": np.ones(1)},
).named


@pytest.mark.parametrize(
    ("name", "text", "element"),
    [
        ("beta", "0", (0,)), ("beta", " 1 ", (1,)), ("beta", "[1]", (1,)), ("beta", "(1,)", (1,)),
        ("W", "2,1", (2, 1)), ("W", "2, 0", (2, 0)), ("W", "[2, 0]", (2, 0)),
        ("S", "1,2,3", (1, 2, 3)), ("s", "", ()), ("s", "()", ()), ("s", " [] ", ()), ("c", "0", (0,)),
    ],
)  # fmt: skip
def test_elements_are_read(name: str, text: str, element: tuple[int, ...]) -> None:
    assert parse_element(text, NODES[name]) == element


BETA = "beta has shape (2): give one index from 0 to 1"
W = "W has shape (3×2): give two indices, from 0 to 2 and from 0 to 1"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("beta", "2", f"found element 2; {BETA}"),
        ("beta", "-1", f"found element -1; {BETA}"),
        ("beta", "", f"found no element; {BETA}"),
        ("beta", "0,0", f"found element 0,0; {BETA}"),
        ("beta", "1.0", f"found element 1.0; {BETA}"),
        ("beta", "0:2", f"found element 0:2; {BETA}"),
        ("beta", "٣", f"found element ٣; {BETA}"),
        ("beta", "9" * 5000, f"found element {'9' * 39}…; {BETA}"),
        ("beta", "\x1b[2J", f"found element \\x1b[2J; {BETA}"),
        ("W", "1", f"found element 1; {W}"),
        ("W", "3,0", f"found element 3,0; {W}"),
        ("W", "0,2", f"found element 0,2; {W}"),
        ("W", "0,,1", f"found element 0,,1; {W}"),
        ("s", "0", "found element 0; s is a scalar: give no index"),
        ("c", "1", "found element 1; c has shape (1): give one index from 0 to 0"),
        (
            "S", "0,0",
            "found element 0,0; S has shape (2×3×4): "
            "give three indices, from 0 to 1 and from 0 to 2 and from 0 to 3",
        ),
    ],
)  # fmt: skip
def test_elements_that_are_not_there_are_refused(name: str, text: str, message: str) -> None:
    with pytest.raises(BackpropError) as caught:
        parse_element(text, NODES[name])
    assert str(caught.value) == message


def test_bad_elements_of_a_factor_are_refused() -> None:
    tape = logistic()
    for element in [(2,), (-1,), (), (0, 0)]:
        with pytest.raises(BackpropError, match="beta has shape"):
            element_terms(*factor(tape, "beta"), element, tape)
    half = next(node for node in tape.graph.nodes if node.name == "2")
    user = next(node for node in tape.graph.nodes if half in node.operands)
    with pytest.raises(BackpropError, match="written in the formula"):
        element_terms(user, user.operands.index(half), (), tape)


def test_every_broadcast_of_two_axes_sums_over_its_copies() -> None:
    """A column of 3 against a row of 2: x₁ is copied along a row of the result, y₁ down a column."""
    tape = swept(
        "L = sum((x + y) * v)", {"x": [[1.0]] * 3, "y": [1.0, 2.0], "v": np.arange(6.0).reshape(3, 2)}
    )
    copies = {n.operands[0].name: n for n in tape.graph.nodes if isinstance(n.op, Broadcast)}
    column = element_terms(copies["x"], 0, (1, 0), tape)
    assert (column.where.tolist(), column.upstream.tolist()) == ([[1, 0], [1, 1]], [2, 3])
    row = element_terms(copies["y"], 0, (1,), tape)
    assert (row.where.tolist(), row.upstream.tolist()) == ([[0, 1], [1, 1], [2, 1]], [1, 3, 5])
