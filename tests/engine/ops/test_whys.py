"""Every operation says why, for every operand and every shape: one or two plain sentences."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.support.graphs import graph_of
from tests.support.operations import OPS, accepted
from tui_backprop.engine.core.arrays import Shape
from tui_backprop.engine.ops.arithmetic import Identity
from tui_backprop.engine.ops.arrays.constants import Constant
from tui_backprop.engine.ops.arrays.indexing import Index
from tui_backprop.engine.ops.arrays.permuting import Transpose
from tui_backprop.engine.ops.arrays.storing import Store
from tui_backprop.engine.ops.base import Op
from tui_backprop.engine.ops.broadcasting import Broadcast
from tui_backprop.engine.ops.contraction import MatMul
from tui_backprop.engine.ops.registry import FUNCTIONS, OPERATORS
from tui_backprop.text.printable import is_safe

INDEXED = {
    Index: (
        "X[0]", "X[1:, 0]", "X[:, None]", "X[[0, 2, 2]]", "X[range(3), k]", "X[-1, -1]", "v[k]", "v[::2]",
    ),
    Store: (
        "Z[0] = v[:2]", "Z[1:, 0] = 5", "Z[[0, 2]] = u", "Z[range(3), k] = v", "a[k] = v * v", "a[1] = u[0]",
    ),
}  # fmt: skip


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=\.) (?=[A-Z])", text)


def check_sentences(text: str) -> None:
    assert 1 <= len(sentences(text)) <= 2, text
    for sentence in sentences(text):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    assert all(map(is_safe, text)), text
    assert "  " not in text
    assert not re.search(r"[-*^]\S", text.replace("n-th", "")), text  # a true minus, · and ⊙, superscripts
    assert not re.search(r"\d\.\d|[3-9]", text), text  # no numbers but the −1, 0, 1 and 2 of the rules


def test_no_operation_is_mute() -> None:
    for op in OPS:
        shapes = [((),), *(((length,),) for length in (1, 3))] if isinstance(op, Broadcast) else accepted(op)
        assert shapes, op.name
        for fitting in shapes:
            for index in range(len(op.signature.operands)):
                check_sentences(op.why(index, fitting))


@pytest.mark.parametrize(("op", "text"), [(op, text) for op in INDEXED for text in INDEXED[op]])
def test_no_index_is_mute(op: type[Op], text: str) -> None:
    leaves = {"X": np.ones((3, 2)), "v": np.ones(3), "u": np.ones(2), "k": np.array([0, 1, 1])}
    if op is Index:
        graph = graph_of(f"L = sum({text})", leaves, data=("k",))
    else:
        graph = graph_of(f"Z = X * 1\na = v * 1\n{text}\nL = sum(Z) + sum(a)", leaves, data=("k",))
    factors = [factor for factor in graph.factors if type(factor.output.op) is op]
    assert factors
    for factor in factors:
        check_sentences(factor.output.op.why(factor.index, factor.shapes))


def test_a_constant_has_nothing_to_say_it_of() -> None:
    graph = graph_of("L = sum(x * np.arange(3) + eye(3)[0])", {"x": np.ones(3)})
    made = [node for node in graph.nodes if isinstance(node.op, Constant)]
    assert len(made) == 2
    assert not {factor.output for factor in graph.factors} & set(made)
    assert not any(node.operands for node in made)


def test_the_list_has_every_operation() -> None:
    reached = {*FUNCTIONS.values(), *OPERATORS.values(), Broadcast, Identity}
    assert {type(op) for op in OPS} | {*INDEXED, Constant} == reached | {*INDEXED, Constant}


def test_an_operation_without_a_why_has_none_to_fall_back_on() -> None:
    class Mute(Op):
        name = "mute"

    with pytest.raises(AttributeError):
        Mute().why(0, [()])


def test_both_operands_have_their_own_why_where_they_differ() -> None:
    differing = {
        op.name
        for op in OPS
        if len(op.signature.operands) == 2 and len({op.why(i, accepted(op)[-1]) for i in (0, 1)}) == 2
    }
    assert differing == {
        "subtract", "divide", "power", "matmul", "mse", "bce", "bce_with_logits", "cross_entropy",
        "mae", "huber", "hinge", "kl_div", "nll", "outer", "inner", "einsum", "conv1d", "conv2d",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("left", "right", "index", "part"),
    [
        ((3, 2), (2, 4), 1, "Aᵀ @ U"), ((3, 2), (2, 4), 0, "U @ Bᵀ"), ((3, 2), (2,), 1, "Aᵀ @ u"),
        ((3, 2), (2,), 0, "outer product"), ((2,), (2, 4), 1, "outer product"), ((2,), (2, 4), 0, "B @ u"),
        ((2,), (2,), 0, "dot product"), ((5, 3, 2), (5, 2, 4), 1, "matrix by matrix"),
        ((5, 3, 2), (2,), 1, "over the matrices"), ((2,), (5, 2, 4), 0, "over the matrices"),
        ((5, 3, 2), (2,), 0, "matrix by matrix"), ((2,), (5, 2, 4), 1, "matrix by matrix"),
        ((6, 5, 3, 2), (6, 5, 2, 4), 1, "matrix by matrix"), ((2,), (6, 5, 2, 4), 0, "over the matrices"),
        ((6, 5, 3, 2), (2,), 1, "over the matrices"), ((6, 5, 3, 2), (2,), 0, "matrix by matrix"),
    ],
)  # fmt: skip
def test_a_matrix_product_says_its_own_case(left: Shape, right: Shape, index: int, part: str) -> None:
    assert part in MatMul().why(index, [left, right])


@pytest.mark.parametrize(
    ("shape", "target", "part"),
    [
        ((), (3,), "The one number"), ((1,), (3,), "The one number"), ((1, 1), (3, 2), "The one number"),
        ((2,), (3, 2), "The row was copied to every row"), ((1, 2), (3, 2), "The row was copied"),
        ((3, 1), (3, 2), "The column was copied to every column"), ((3, 2), (4, 3, 2), "The matrix"),
        ((2, 1), (4, 2, 2), "along the repeated axes"),
    ],
)  # fmt: skip
def test_a_broadcast_says_what_was_copied(shape: Shape, target: Shape, part: str) -> None:
    text = Broadcast(target).why(0, [shape])
    check_sentences(text)
    assert part in text


def test_a_vector_is_its_own_transpose() -> None:
    assert "unchanged" in Transpose().why(0, [(3,)])
    assert "transposed again" in Transpose().why(0, [(3, 2)])
