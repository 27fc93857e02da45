"""One iteration, in one sweep and record by record: the same numbers, and the right ones."""

from __future__ import annotations

from collections import defaultdict

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import strategies as st

from tests.support.graphs import arrays_of, graph_of, swept
from tests.support.thorough import tried
from tui_backprop.engine.autodiff.graph import Kind, Node
from tui_backprop.engine.autodiff.records import Assignment, ChainFactor, Record
from tui_backprop.engine.autodiff.tape import Tape

LEAVES = {
    "a": 0.7, "b": -1.3, "v": [0.4, -0.6, 1.1], "M": [[0.3, -0.2, 0.5], [1.2, 0.8, -0.9], [0.1, 0.6, -0.4]],
    "unused": [1.0, 2.0],
}  # fmt: skip
AUTOGRAD = {
    "sin": anp.sin, "cos": anp.cos, "tanh": anp.tanh, "square": anp.square, "abs": anp.abs, "sum": anp.sum,
    "mean": anp.mean, "exp": anp.exp, "sigmoid": lambda x: 1 / (1 + anp.exp(-x)),
    "softplus": lambda x: anp.log(1 + anp.exp(x)), "relu": lambda x: anp.where(x > 0, x, 0.0),
}  # fmt: skip
SMOOTH = st.sampled_from(["sin", "cos", "tanh", "sigmoid", "softplus", "relu", "mean", "sum"])


@st.composite
def formulas(draw: st.DrawFn) -> str:
    """Draw a few lines over the leaves and over each other; every shape broadcasts with every other."""
    names = ["a", "b", "v", "M"]
    lines = []
    for number in range(draw(st.integers(1, 4))):
        parts = st.sampled_from([*names, "2", "0.5"])
        text = draw(parts)
        for _ in range(draw(st.integers(1, 3))):
            form = draw(
                st.sampled_from(
                    ["({x} + {y})", "({x} - {y})", "({x} * {y})", "({y} * {x})", "{f}({x})", "(-{x})",
                     "({x} / 2)", "{f}({x}) ** 2", "tanh({x}) * {x}", "M @ (M * sin({x})).T"]
                )
            )  # fmt: skip
            text = form.format(x=text, y=draw(parts), f=draw(SMOOTH))
        names.append(f"n{number}")
        lines.append(f"n{number} = {text}")
    lines.append(
        f"L = mean(sin({' + '.join(draw(st.lists(st.sampled_from(names), min_size=1, max_size=4)))}))"
    )
    return "\n".join(lines)


@tried(formulas(), st.sets(st.sampled_from(["a", "b", "v", "M"])), few=25, many=150)
def test_records_and_sweeps_give_the_same_bits(text: str, fixed: set[str]) -> None:
    graph, leaves = graph_of(text, LEAVES, frozen=fixed), arrays_of(LEAVES)
    swept_tape, walked, training = Tape(graph, leaves), Tape(graph, leaves), Tape(graph, leaves)
    loss = swept_tape.forward()
    swept_tape.backward()
    records = list(walked.records())
    training.forward()
    training.backward(graph.training_factors)
    assert loss == walked.loss() == training.loss()
    for node in graph.nodes:
        same_bits(swept_tape.value(node), walked.value(node))
        same_bits(swept_tape.gradient(node), walked.gradient(node))
    for node in graph.trainable:
        same_bits(swept_tape.gradient(node), training.gradient(node))
    one_by_one = Tape(graph, leaves)
    one_by_one.forward()
    one_by_one.backward(list(graph.factors))
    for node in graph.nodes:
        same_bits(swept_tape.gradient(node), one_by_one.gradient(node))

    for place in (*reversed(range(len(records))), *range(len(records))):  # sums begun anew, and gone on with
        same_record(swept_tape.record(place), records[place])

    assignments = [record for record in records if isinstance(record, Assignment)]
    factors = [record for record in records if isinstance(record, ChainFactor)]
    assert records == [*assignments, *factors]
    assert tuple(record.node for record in assignments) == graph.assignments
    assert tuple((record.output, record.index) for record in factors) == graph.factors
    sums: dict[Node, list[np.ndarray]] = defaultdict(list)
    for record in records:
        for array in arrays_in(record):
            assert not array.flags.writeable
        if isinstance(record, Assignment):
            assert record.value.shape == record.node.shape
            same_bits(record.value, swept_tape.value(record.node))
            continue
        assert record.operand is record.output.operands[record.index]
        assert record.upstream.shape == record.output.shape
        assert record.downstream.shape == record.accumulated.shape == record.operand.shape
        same_bits(record.upstream, swept_tape.gradient(record.output))
        if record.local is not None:
            assert record.local.shape == record.operand.shape
            same_bits(record.downstream, record.upstream * record.local)
        sums[record.operand].append(record.downstream)
        np.testing.assert_allclose(record.accumulated, sum(sums[record.operand]), rtol=1e-12, atol=1e-15)
    for node, parts in sums.items():
        np.testing.assert_allclose(swept_tape.gradient(node), sum(parts), rtol=1e-12, atol=1e-15)


def same_bits(left: np.ndarray, right: np.ndarray) -> None:
    assert np.asarray(left).tobytes() == np.asarray(right).tobytes()


def same_record(one: Record, other: Record) -> None:
    assert type(one) is type(other)
    for name in one.__slots__:
        left, right = getattr(one, name), getattr(other, name)
        if isinstance(left, np.ndarray):
            same_bits(left, right)
            assert not left.flags.writeable
        else:
            assert left is right or left == right


def arrays_in(record: object) -> list[np.ndarray]:
    values = [getattr(record, name) for name in record.__slots__]  # type: ignore[attr-defined]
    return [value for value in values if isinstance(value, np.ndarray)]


@tried(formulas(), few=25, many=150)
def test_gradients_match_autograd(text: str) -> None:
    names = ["a", "b", "v", "M"]

    def loss(*leaves: object) -> object:
        values = {**AUTOGRAD, **dict(zip(names, leaves, strict=True))}
        exec(text, values)
        return values["L"] + 0.0 * sum(anp.sum(leaf) for leaf in leaves)  # autograd warns of unused ones

    tape = swept(text, LEAVES)
    leaves = [np.asarray(LEAVES[name]) for name in names]
    assert tape.loss() == pytest.approx(float(loss(*leaves)), rel=1e-11, abs=1e-13)
    for position, name in enumerate(names):
        node = tape.graph.named[name]
        expected = autograd.grad(loss, position)(*leaves)
        np.testing.assert_allclose(tape.gradient(node), expected, rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize(
    ("text", "slope"), [("a + a", 2.0), ("a * a", 6.0), ("a - a", 0.0), ("maximum(a, a)", 1.0)]
)
def test_a_node_that_is_both_operands_has_two_records(text: str, slope: float) -> None:
    tape = Tape(graph_of(f"L = {text}", {"a": 3.0}), arrays_of({"a": 3.0}))
    factors = [record for record in tape.records() if isinstance(record, ChainFactor)]
    assert [factor.index for factor in factors] == [0, 1]
    assert {factor.operand.name for factor in factors} == {"a"}
    assert factors[0].accumulated == factors[0].downstream
    assert factors[1].accumulated == factors[0].downstream + factors[1].downstream == slope


def test_the_records_of_one_linear_unit() -> None:
    """SOURCES, 000: y = 0.99342831, ∂L/∂y = −0.00657169, ∂L/∂x, ∂L/∂w, ∂L/∂b as printed there."""
    leaves = {"w": 0.4967141530112327, "b": 0.0, "x": 2.0, "t": 1.0}
    graph = graph_of("y = w * x + b\nL = (y - t)**2 / 2", leaves, data=["x", "t"])
    tape = Tape(graph, arrays_of(leaves))
    records = list(tape.records())
    assert [str(record.node) for record in records if isinstance(record, Assignment)] == [
        "(w * x)", "y", "(y - t)", "(y - t)**2", "L",
    ]  # fmt: skip
    factors = [(str(r.output), str(r.operand)) for r in records if isinstance(r, ChainFactor)]
    assert factors == [
        ("L", "(y - t)**2"), ("(y - t)**2", "(y - t)"), ("(y - t)", "y"), ("(y - t)", "t"), ("y", "(w * x)"),
        ("y", "b"), ("(w * x)", "w"), ("(w * x)", "x"),
    ]  # fmt: skip
    gradients = tape.gradients_by_name()
    assert tape.loss() == pytest.approx(2.15935809e-05, rel=1e-8)
    for name, expected in {"y": -0.00657169, "x": -0.00326425, "w": -0.01314339, "b": -0.00657169}.items():
        assert float(gradients[name]) == pytest.approx(expected, rel=2e-6)
    assert [(str(n), i) for n, i in graph.training_factors][-1] == ("(w * x)", 0)


def test_what_does_not_reach_the_loss_has_gradient_zero_and_no_factor() -> None:
    tape = swept("side = sin(p) * q\ny = x * 2\nL = y**2", {"x": 1.0, "p": [1.0, 2.0], "q": 3.0})
    graph = tape.graph
    assert {str(node) for node, _ in graph.factors} == {"L", "y"}
    gradients = tape.gradients_by_name()
    np.testing.assert_array_equal(gradients["p"], [0.0, 0.0])
    np.testing.assert_array_equal(gradients["side"], [0.0, 0.0])
    assert gradients["q"] == 0.0
    assert gradients["x"] == 8.0
    assert not any(array.flags.writeable for array in gradients.values())


def test_literals_have_neither_records_nor_factors() -> None:
    graph = graph_of("k = 2\ny = 3 * x + k\nL = y**2", {"x": 1.0})
    records = list(Tape(graph, arrays_of({"x": 1.0})).records())
    assert [str(r.node) for r in records if isinstance(r, Assignment)] == ["k", "(3 * x)", "y", "L"]
    factors = [r for r in records if isinstance(r, ChainFactor)]
    assert not any(r.operand.kind is Kind.LITERAL for r in factors)
    assert {str(r.operand) for r in factors} == {"y", "(3 * x)", "k", "x"}


def test_a_broadcast_is_a_node_and_its_way_back_a_sum() -> None:
    leaves = {"x": [[1.0], [2.0]], "b": [10.0, 20.0, 30.0]}
    tape = Tape(graph_of("L = sum((x + b)**2)", leaves), arrays_of(leaves))
    factors = {str(r.output): r for r in tape.records() if isinstance(r, ChainFactor)}
    back = factors["broadcast(b)"]
    assert back.local is None
    np.testing.assert_array_equal(back.upstream, [[22, 42, 62], [24, 44, 64]])
    np.testing.assert_array_equal(back.downstream, [46, 86, 126])
    np.testing.assert_array_equal(factors["broadcast(x)"].downstream, [[126], [132]])


def test_a_loss_of_one_element_in_an_array() -> None:
    """SOURCES, 001: relu-net's loss has shape (1)."""
    leaves = {"x": [2.0]}
    tape = Tape(graph_of("L = x**2 / 2", leaves), arrays_of(leaves))
    records = list(tape.records())
    assert tape.loss() == 2.0
    assert isinstance(tape.loss(), float)
    np.testing.assert_array_equal(records[-1].accumulated, [2.0])  # type: ignore[union-attr]


def test_an_override_replaces_the_value_and_backward_goes_on() -> None:
    """SOURCES, 004: ŷ = [0.8, 0.3, 0.4] put in by hand."""
    leaves = {"X": [[1, 2], [3, 4], [5, 6]], "y": [1, 0, 1], "beta": [0, 0], "b": 0}
    text = "z = X @ beta + b\ny_hat = sigmoid(z)\nL = sum((y - y_hat)**2 / 2)"
    graph = graph_of(text, leaves, data=["X", "y"])
    at = graph.named["y_hat"].index
    tape, walked = (Tape(graph, arrays_of(leaves), {at: np.array([0.8, 0.3, 0.4])}) for _ in range(2))
    tape.forward()
    tape.backward()
    gradients = tape.gradients_by_name()
    np.testing.assert_allclose(gradients["y_hat"], [-0.2, 0.3, -0.6], rtol=1e-12)
    np.testing.assert_allclose(gradients["z"], [-0.032, 0.063, -0.144], rtol=1e-12)
    np.testing.assert_allclose(gradients["beta"], [-0.563, -0.676], rtol=1e-12)
    assert gradients["b"] == pytest.approx(-0.113)
    records = list(walked.records())
    assert [r.node.name for r in records if isinstance(r, Assignment) and r.overridden] == ["y_hat"]
    for node in graph.nodes:
        same_bits(tape.gradient(node), walked.gradient(node))


def test_an_override_of_a_leaf() -> None:
    graph = graph_of("L = x * w", {"x": 2.0, "w": 3.0})
    tape = Tape(graph, arrays_of({"x": 2.0, "w": 3.0}), {graph.named["x"].index: np.array(5.0)})
    assert tape.forward() == 15.0
    tape.backward()
    assert tape.gradient(graph.named["w"]) == 5.0


def test_numbers_that_overflow_are_quiet() -> None:
    leaves = {"x": 1e200}
    tape = Tape(graph_of("L = x**2 - x**2", leaves), arrays_of(leaves))
    records = list(tape.records())
    assert np.isnan(tape.loss())
    assert len(records) == 3 + 4


def test_graphs_say_what_they_hold() -> None:
    graph = graph_of("y = w * x\nL = y**2", {"x": 1.0, "w": 2.0, "c": 1.0}, data=["x"], frozen=["c"])
    assert [node.name for node in graph.parameters] == ["w", "c"]
    assert [node.name for node in graph.trainable] == ["w"]
    assert [node.name for node in graph.inputs] == ["x"]
    assert list(graph.named) == ["x", "w", "c", "y", "L"]
    for node in graph.nodes:
        assert all(operand.index < node.index for operand in node.operands)
