"""Practice in words: the prompt, the hints in order, and messages that do not give the answer away."""

from __future__ import annotations

import pytest

import tui_backprop as tb
from tests.support.thorough import lessons
from tui_backprop.exercises.quiz import Question, next_question
from tui_backprop.exercises.words.quiz import hints, message, prompt, score_line
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.training.workbook import Score


def questions(lesson: str) -> list[Question]:
    trainer = tb.Trainer(tb.load_lesson(lesson))
    found = []
    for _ in range(trainer.record_count):
        if question := next_question(trainer):
            found.append(question)
        trainer.step()
    return found


def asked(operand: str, lesson: str = "logistic") -> Question:
    return next(question for question in questions(lesson) if question.operand.name == operand)


def test_prompts() -> None:
    assert prompt(asked("z")) == "∂ŷ/∂z = ?  (upstream ∂L/∂ŷ is [−0.5, 0.5, −0.5])"
    assert prompt(asked("beta")) == "∂L/∂β = ?  (upstream ∂L/∂(X @ β) is [−0.125, 0.125, −0.125])"


def test_hints_tell_more_and_more() -> None:
    question = asked("z")
    assert question.output.op is not None
    assert hints(question) == (
        "ŷ = sigmoid(z): sigmoid; shapes (3) ⊙ (3) → (3): element by element",
        question.output.op.why(0, [(3,)]),
        "∂ŷ/∂z = ŷ ⊙ (1 − ŷ); the product is ∂L/∂ŷ ⊙ ∂ŷ/∂z",
    )
    first, _, last = hints(asked("beta"))
    assert first.startswith("(X @ β): matmul; shapes (2×3) @ (3) → (2): summed over the 3 samples")
    assert last == "∂L/∂β = Xᵀ @ ∂L/∂z"


@pytest.mark.parametrize("lesson", lessons(BUILTIN))
def test_every_factor_of_every_lesson_has_a_prompt_and_three_hints(lesson: str) -> None:
    for question in questions(lesson):
        assert prompt(question).count(" = ?  (upstream ∂") == 1
        assert len(set(hints(question))) == 3
        assert not any("\x00" in hint for hint in hints(question))


@pytest.mark.parametrize(
    ("operand", "text", "expected"),
    [
        ("z", "y_hat * (1 - y_hat)", "right: the local derivative, ∂ŷ/∂z"),
        ("z", "upstream * y_hat * (1 - y_hat)", "right: the product with the upstream gradient, ∂L/∂z"),
        ("z", "upstream", "missing a factor: this is ∂L/∂ŷ; the factor at ŷ ← z is still to come"),
        ("beta", "X", "missing a factor: the upstream gradient ∂L/∂z"),
        ("y_hat", "1", "wrong sign: it is −1 times ∂(y − ŷ)/∂ŷ"),
        ("y_hat", "upstream", "wrong sign: it is −1 times ∂L/∂ŷ"),
        ("b", "mean(upstream)", "off by 1/n: a mean where the sum is right (n = 3, the number of samples)"),
        ("z", "-upstream", "missing a factor: this is −1 times ∂L/∂ŷ; the factor at ŷ ← z is still to come"),
    ],
)  # fmt: skip
def test_messages(operand: str, text: str, expected: str) -> None:
    question = asked(operand)
    assert message(question, question.answer(text)) == expected


def test_score_lines() -> None:
    assert score_line(Score()) == "no factor answered yet"
    assert score_line(Score(asked=9, first=6, later=1, revealed=2, hints=1)) == (
        "6.5 of 9 points: 6 at the first try, 1 later, 2 revealed, 1 hint"
    )
