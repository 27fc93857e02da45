"""What follows from cumprod's class and its row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.graphs import swept
from tests.support.scripts import make_lesson, printed, same, script_of, trained
from tui_backprop.engine.autodiff.records import ChainFactor
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.ops.lines.places import CumProd
from tui_backprop.exercises.findings import Finding
from tui_backprop.exercises.homework import mark
from tui_backprop.explain.element.elements import explain_element
from tui_backprop.explain.pages.iteration import as_text
from tui_backprop.explain.pages.whole import WholeIteration

LESSON = """
formula = '''
p = cumprod(x * w)
L = mean((p - t)**2)
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


@pytest.fixture
def lesson(tmp_path: Path) -> tb.Lesson:
    return make_lesson(tmp_path, LESSON)


def test_cumprod_is_stepped_and_checked(lesson: tb.Lesson) -> None:
    trainer = tb.Trainer(lesson)
    records = [trainer.step() for _ in range(trainer.record_count)]
    (factor,) = [r for r in records if isinstance(r, ChainFactor) and r.output.name == "p"]
    assert factor.local is None
    assert tb.check_gradients(lesson).passed


def test_what_is_said_of_cumprod_is_its_own(lesson: tb.Lesson) -> None:
    text = "\n".join(as_text(WholeIteration.of(tb.Trainer(lesson)), width=200))
    assert "(3) → (3): summed from each place on, because each element moves all products that follow" in text
    assert CumProd.whys[0] in text


def test_one_element_of_cumprod_is_explained(lesson: tb.Lesson) -> None:
    trainer = tb.Trainer(lesson)
    factor = next(f for f in trainer.graph.factors if f.output.name == "p")
    explanation = explain_element(trainer, factor.operand, (1,))
    (path,) = explanation.paths
    assert path.symbolic == "∂L/∂(x ⊙ w)₁ = Σᵢ ∂pᵢ/∂(x ⊙ w) · (∂L/∂p)ᵢ"
    assert explanation.total == pytest.approx(explanation.gradient)
    assert [part.mask.sum() for part in path.meeting] == [3, 3]


def test_homework_about_cumprod_is_marked(lesson: tb.Lesson) -> None:
    trainer = tb.Trainer(lesson)
    gradient = trainer.gradients["w"].tolist()
    assert mark(trainer, "w", str(gradient)).diagnosis.kind is Finding.RIGHT
    assert mark(trainer, "x * w", "-dp").diagnosis.kind is not Finding.RIGHT


def test_runs_of_cumprod_have_the_bits_of_steps(lesson: tb.Lesson) -> None:
    ran, stepped = tb.Trainer(lesson), tb.Trainer(lesson)
    ran.run(iterations=400)  # enough to be compiled
    while stepped.iteration < 400:
        stepped.step()
    np.testing.assert_array_equal(ran.losses, stepped.losses)
    np.testing.assert_array_equal(ran.parameters["w"], stepped.parameters["w"])


def test_a_script_of_cumprod_prints_the_same_losses(lesson: tb.Lesson) -> None:
    assert same(printed(script_of(lesson))[0], trained(lesson))


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("cumprod(x, axis=0)", "found axis= in cumprod; cumprod has no options"),
        ("cumprod(3)", "cumprod needs a vector"),
    ],
)
def test_what_cumprod_is_not_for_is_refused(text: str, right: str) -> None:
    with pytest.raises(FormulaError) as caught:
        swept(f"L = sum({text})", {"x": [1.0, 2.0]})
    assert right in str(caught.value)
