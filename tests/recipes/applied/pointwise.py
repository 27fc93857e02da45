"""What follows from celu's class and its name in the list."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.graphs import swept
from tests.support.scripts import make_lesson, printed, same, script_of, trained
from tui_backprop.engine.autodiff.element_terms import element_terms
from tui_backprop.engine.autodiff.gradcheck import check_node
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.exercises.findings import Finding
from tui_backprop.exercises.homework import mark
from tui_backprop.exercises.words.homework import message
from tui_backprop.explain.pages.iteration import as_text
from tui_backprop.explain.pages.whole import WholeIteration

LESSON = """
formula = '''
p = x * w
h = celu(p - 1, alpha=0.5)
L = mean((h - t)**2)
'''
[data]
x = [1.5, 0.5, 2.0]
t = [0.0, 1.0, -1.0]
[parameters]
w = [0.9, 1.2, 0.7]
[hyperparameters]
learning_rate = 0.05
iterations = 12
"""
LEAVES = {"x": [0.8, -1.3, 1.7, 0.6], "v": [1.0, -2.0, 0.5, 3.0]}
SLOPE = "1 where (p − 1) > 0, else exp((p − 1) / 0.5)"


@pytest.fixture
def lesson(tmp_path: Path) -> tb.Lesson:
    return make_lesson(tmp_path, LESSON)


@pytest.mark.parametrize("call", ["celu(x)", "celu(x, alpha=0.25)", "celu(x, α=3)"])
def test_celu_has_the_gradient_of_central_differences_and_its_terms_add_up(call: str) -> None:
    tape = swept(f"L = sum({call} * v)", LEAVES)
    leaves = {name: np.asarray(value) for name, value in LEAVES.items()}
    node = tape.graph.named["x"]
    assert check_node(tape.graph, leaves, node, tape.gradient(node)).passed
    factor = next(factor for factor in tape.graph.factors if factor.operand is node)
    for place in range(4):
        total = element_terms(*factor, (place,), tape).total
        assert total == pytest.approx(tape.gradient(node)[place])


def test_celu_is_stepped_and_checked(lesson: tb.Lesson) -> None:
    trainer = tb.Trainer(lesson)
    records = [trainer.step() for _ in range(trainer.record_count)]
    (factor,) = [record for record in records if getattr(record, "output", None) is trainer.graph.named["h"]]
    assert factor.local is not None
    assert tb.check_gradients(lesson).passed


def test_what_is_said_of_celu_is_its_own(lesson: tb.Lesson) -> None:
    text = "\n".join(as_text(WholeIteration.of(tb.Trainer(lesson)), width=200))
    assert SLOPE in text
    assert "h = celu(p − 1, α=0.5)" in text
    assert "(3) ⊙ (3) → (3): element by element" in text
    assert "Elsewhere the slope falls as an exponential function does." in text


def test_homework_about_celu_is_marked(lesson: tb.Lesson) -> None:
    trainer = tb.Trainer(lesson)
    factor = next(f for f in trainer.graph.factors if f.output.name == "h")
    right = mark(trainer, factor.operand.name, "dh * exp(-relu(1 - p) / 0.5)")
    assert right.diagnosis.kind is Finding.RIGHT
    wrong = mark(trainer, factor.operand.name, "dh")
    assert wrong.diagnosis.kind is Finding.MISSING
    assert SLOPE in message(wrong)


def test_runs_of_celu_have_the_bits_of_steps(lesson: tb.Lesson) -> None:
    ran, stepped = tb.Trainer(lesson), tb.Trainer(lesson)
    ran.run(iterations=400)  # enough to be compiled
    while stepped.iteration < 400:
        stepped.step()
    np.testing.assert_array_equal(ran.losses, stepped.losses)
    np.testing.assert_array_equal(ran.parameters["w"], stepped.parameters["w"])


def test_a_script_of_celu_prints_the_same_losses(lesson: tb.Lesson) -> None:
    assert same(printed(script_of(lesson))[0], trained(lesson))


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("celu(x, alpha=0)", "found alpha=0; write a number above 0, such as alpha=1"),
        ("celu(x, alpha=-1)", "found alpha=-1; write a number above 0, such as alpha=1"),
        ("celu(x, alpha=x)", "found alpha=x; write a number above 0, such as alpha=1"),
        ("celu(x, axis=0)", "found axis= in celu; only alpha= is known"),
        ("celu(x, alpha=2, beta=1)", "found beta= in celu; only alpha= is known"),
        ("celu(x, 2, 3)", "found celu(x, 2, 3) with 3 arguments; write celu(x), with alpha= by name"),
        ("celux(x)", "did you mean celu"),
    ],
)
def test_what_celu_is_not_called_with_is_refused(text: str, right: str) -> None:
    with pytest.raises(FormulaError) as caught:
        swept(f"L = sum({text})", LEAVES)
    assert right in str(caught.value)
