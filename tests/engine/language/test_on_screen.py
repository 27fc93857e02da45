"""What the screen shows can be typed: gradients, broadcasts, choices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.trainers import mine, trainer
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.exercises.answers import read_answer, read_formula
from tui_backprop.exercises.quiz import next_question
from tui_backprop.explain.factor import derivative

LOGISTIC = trainer("logistic")


@pytest.mark.parametrize("name", ["linear", "logistic", "logistic-ce", "nodes", "relu-net"])
def test_the_formula_of_each_factor_answers_its_question(name: str) -> None:
    lesson = trainer(name)
    asked = 0
    for _ in range(lesson.record_count):
        question = next_question(lesson)
        if question is not None:
            text = derivative(question.graph, question.factor)
            assert question.answer(text).correct, text
            asked += 1
        lesson.step()
    assert asked == len(lesson.graph.factors)


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("leaky_relu(x, negative_slope=0.3)", "1 where x > 0, else 0.3"),
        ("maximum(x, y)", "1 where x > y, 0.5 at a tie, else 0"),
        ("clip(x, -1, 1)", "1 where −1 < x < 1, else 0"),
        ("max(x, axis=-1, keepdims=True)", "du ⊙ 1 where x == u, shared equally in a tie, else 0"),
        ("sign(x)", "0 where x != 0, taken as 0 at the jump"),
        ('einsum("ij,jk->ik", x, y)', 'einsum("ik,jk−>ij", ∂L/∂u, y)'),
        ("hinge(x, y)", "(−y where y ⊙ x < 1, else 0) / 4"),
    ],
)
def test_choices(tmp_path: Path, formula: str, shown: str) -> None:
    text = f'formula = """\nu = {formula}\nL = sum(u * cos(u))\n"""\n[parameters]\n'
    lesson = mine(tmp_path, f"{text}x = [[0.5, -0.7], [1.5, 2.0]]\ny = [[0.3, 0.1], [-1.0, 3.0]]\n")
    while (question := next_question(lesson)) is None or question.output.label != "u":
        lesson.step()
    assert question.answer(shown).correct


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("Xᵀ @ ∂L/∂z", "X.T @ dz"),
        ("X.T @ ∂L/∂(X @ β)", "X.T @ dz"),
        ("Xᵀ·dL/dz", "X.T * dz"),
        ("(∂L/∂y_hat * y_hat)[0] + ∂L/∂ŷ[0]", "(dy_hat * y_hat)[0] + dy_hat[0]"),
        ("sum(∂L/∂broadcast(b)) * broadcast(b)", "dz @ ones(3) * zeros(3)"),
        ("outer(∂L/∂z, β)", "dz[:, None] * beta"),
    ],
)
def test_gradients_and_broadcasts(typed: str, plain: str) -> None:
    graph, tape = LOGISTIC.graph, LOGISTIC.tape
    value = read_formula(typed, graph, rows=3).at(tape)
    np.testing.assert_array_equal(value, read_formula(plain, graph, rows=3).at(tape))


def test_a_broadcast_has_its_shape() -> None:
    assert read_formula("broadcast(b)", LOGISTIC.graph).at(LOGISTIC.tape).shape == (3,)


@pytest.mark.parametrize(
    ("typed", "column", "reason"),
    [
        ("X.T @ ∂L/∂foo", 11, "found the gradient of foo, which is no node's name"),
        ("∂L/∂ŷ ⊙ ∂ŷ/∂z", 9, "found ∂ŷ/∂z; a local derivative is written out"),
        ("dz * ∂", 6, "found ∂; a local"),
        ("Xᵀ·n @ ∂L/∂z + (foo)", 17, "unknown name foo"),
        ("∂L/∂broadcast(b) * broadcast(foo)", 20, "unknown function broadcast"),
    ],
)
def test_what_is_none_is_refused_where_it_was_typed(typed: str, column: int, reason: str) -> None:
    with pytest.raises(FormulaError, match=reason) as caught:
        read_answer(typed, LOGISTIC.graph, LOGISTIC.graph.named["beta"], rows=3)
    assert (caught.value.line, caught.value.column) == (1, column)
