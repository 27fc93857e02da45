"""What is fused, what is left alone, and that the lesson's own graph is still what people read."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.graphs import arrays_of, graph_of
from tui_backprop.engine.autodiff.fusion import ComputedGraph, computed
from tui_backprop.engine.autodiff.graph import Graph
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.ops.fused import Fused

RNG = np.random.default_rng(7)
LEAVES = {
    "a": 0.7, "b": -1.3, "c": 0.2, "x": RNG.normal(size=100).tolist(), "z": RNG.normal(size=100).tolist(),
    "v": RNG.normal(size=3).tolist(), "X": RNG.normal(size=(400, 2)).tolist(),
    "W": RNG.normal(size=(2, 3)).tolist(), "U": RNG.normal(size=(3, 3)).tolist(),
}  # fmt: skip
DATA = frozenset({"x", "z", "X"})


def graph(text: str, fixed: frozenset[str] = DATA) -> Graph:
    return graph_of(text, LEAVES, frozen=set(fixed))


def fused_in(text: str, fixed: frozenset[str] = DATA) -> list[tuple[str, str]]:
    """Return the nodes that a fused operation computes, and which one."""
    operations = computed(graph(text, fixed), fuse=True).operations
    return [(str(o.node), type(o.op).__name__) for o in operations if isinstance(o.op, Fused)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L = sum(x * z)", [("L", "InnerProduct")]),
        ("L = mean((x - z)**2)", [("L", "InnerProduct")]),
        ("L = mean(square(x - z) / 2)", [("L", "InnerProduct")]),
        ("L = sum(-(x * z) * 4)", [("L", "InnerProduct")]),
        ("L = sum(x * z * 3)", []),  # times 3 is not exact
        ("L = sum(x * z) + sum(x)", [("sum(x * z)", "InnerProduct")]),
        ("L = sum(a * x)", [("(a * x)", "Scale")]),
        ("L = sum(x * a)", [("(x * a)", "Scale")]),
        ("u = a * x\nL = sum(u) + sum(sin(u))", [("u", "Scale")]),
        ("L = a * b", []),
        ("L = sum(sin(X @ W + v))", [("(X @ W + v)", "Affine")]),
        ("L = sum(sin(v @ U + v))", []),
        ("L = sum(sin(a + b * x - c * z))", [("(a + b * x - c * z)", "LinearCombination")]),
        ("L = sum(sin(a + b * x))", [("(b * x)", "Scale")]),  # of two a matrix saves nothing
    ],
)
def test_what_is_fused(text: str, expected: list[tuple[str, str]]) -> None:
    assert fused_in(text) == expected


def test_an_input_that_learns_is_not_made_wider() -> None:
    assert fused_in("L = sum(sin(X @ W + v))", frozenset()) == []


def test_a_value_that_somebody_else_uses_is_left() -> None:
    assert fused_in("u = X @ W\nL = sum(sin(u + v)) + sum(sin(u))") == []
    assert fused_in("u = b * x\nL = sum(sin(a + u - c * z)) + sum(sin(u))") == [
        ("u", "Scale"), ("(c * z)", "Scale"),
    ]  # fmt: skip


TEXTS = (
    "L = mean((a + b * x + c * z - z)**2)",
    "h = tanh(X @ W + v)\nL = mean(h * h)",
    "u = a * x\nL = sum(u * sin(u * b)) / 2",
    "L = a * b",
)


def parts(text: str) -> tuple[Graph, ComputedGraph]:
    built = graph(text)
    return built, computed(built, fuse=True)


@pytest.mark.parametrize("text", TEXTS)
def test_every_node_and_factor_keeps_its_place(text: str) -> None:
    built, made = parts(text)
    assert [o.node for o in made.operations] == [node for node in built.nodes if node.op is not None]
    assert len(made.factors) == len(built.factors)
    for (output, index), (operation, place) in zip(built.factors, made.factors, strict=True):
        assert operation.operands[place] is output.operands[index]


@pytest.mark.parametrize("text", TEXTS)
def test_training_leaves_out_only_what_no_parameter_needs(text: str) -> None:
    built, made = parts(text)
    steps = iter(made.factors)
    assert all(step in steps for step in made.training_factors)  # in their order
    tape, whole = (Tape(built, arrays_of(LEAVES)) for _ in range(2))
    for each in (tape, whole):
        each.forward()
    whole.backward()
    tape.backward(built.training_factors)
    for node in built.trainable:
        assert tape.gradient(node).tobytes() == whole.gradient(node).tobytes()


@given(st.sampled_from(TEXTS))
def test_fused_is_what_the_parts_are(text: str) -> None:
    built = graph(text)
    one = Tape(built, arrays_of(LEAVES))
    each = Tape(built, arrays_of(LEAVES))
    each.computed = computed(built, fuse=False)
    assert each.computed.factors is not one.computed.factors
    assert one.forward() == pytest.approx(each.forward(), rel=1e-13)
    one.backward()
    each.backward()
    for node in built.nodes:
        np.testing.assert_allclose(one.gradient(node), each.gradient(node), rtol=1e-11, atol=1e-14)


def test_a_value_put_in_by_hand_acts_on_every_operation() -> None:
    built = graph("L = sum((a * x)**2)")
    product = next(node for node in built.nodes if str(node) == "(a * x)")
    tape = Tape(built, arrays_of(LEAVES), {product.index: np.zeros(100)})
    assert not any(isinstance(operation.op, Fused) for operation in tape.computed.operations)
    assert tape.forward() == 0.0


def test_it_is_worked_out_once_and_goes_with_its_graph() -> None:
    built, made = parts(TEXTS[0])
    assert computed(built, fuse=True) is made
    gone = weakref.ref(built)
    del built
    gc.collect()
    assert gone() is None
