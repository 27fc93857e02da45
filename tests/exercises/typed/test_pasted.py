"""Numbers pasted as NumPy and PyTorch print them are the answer that a list of them is."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.trainers import trainer
from tui_backprop.exercises.answers import read_answer
from tui_backprop.exercises.homework import mark

PRINTED = [
    "[-0.375 -0.5  ]", "array([-0.375, -0.5  ])", "np.array([-0.375, -0.5])",
    "array([-0.375, -0.5  ], dtype=float64)",
    "tensor([-0.3750, -0.5000], dtype=torch.float64)", "tensor([-0.3750, -0.5000], grad_fn=<MulBackward0>)",
    "tensor([-0.3750, -0.5000], device='cuda:0', requires_grad=True)", "[-3.75e-01 -5.00e-01]",
    "[ -.375\n  -.5 ]",
    "<tf.Tensor: shape=(2,), dtype=float32, numpy=array([-0.375, -0.5  ], dtype=float32)>",
]  # fmt: skip


@pytest.mark.parametrize("text", PRINTED)
def test_printed_numbers_are_read(text: str) -> None:
    t = trainer("logistic")
    answer = read_answer(text, t.graph, t.graph.named["beta"])
    np.testing.assert_array_equal(answer.at(t.tape), [-0.375, -0.5])
    assert mark(t, "beta", text).passed


def test_single_numbers_and_matrices_over_several_lines() -> None:
    t = trainer("logistic")
    for text, value in [
        ("np.float64(-0.125)", -0.125), ("tensor(-0.1250)", -0.125), ("-0.125", -0.125),
        ("array([[ 1. ,  2.5],\n       [-3. ,  4. ]])", [[1, 2.5], [-3, 4]]),
        ("[[ 1.   2.5]\n [-3.   4. ]]", [[1, 2.5], [-3, 4]]), ("[[1 2]\n [3 4]]", [[1, 2], [3, 4]]),
    ]:  # fmt: skip
        np.testing.assert_array_equal(read_answer(text, t.graph, t.graph.named["beta"]).at(t.tape), value)


def test_digits_count_as_they_are_printed() -> None:
    t = trainer("logistic")
    answer = read_answer("tensor([-0.3750, -0.5000])", t.graph, t.graph.named["beta"])
    assert answer.half_unit is not None
    np.testing.assert_allclose(answer.half_unit, 0.00005)


@pytest.mark.parametrize("name", ["dbeta", "∂L/∂β", "dL/dbeta", "dβ", "beta"])
def test_a_gradient_may_have_its_d_on_the_left(name: str) -> None:
    assert mark(trainer("logistic"), name, "[-0.375, -0.5]").passed
