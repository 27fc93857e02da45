"""Quiz: what is asked at which record, what counts as right, and the score."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.exercises.findings import Finding
from tui_backprop.exercises.quiz import Question, Session, next_question
from tui_backprop.exercises.words.quiz import hints, prompt
from tui_backprop.training.workbook import Score


def before(output: str, operand: str, lesson: str = "logistic") -> tb.Trainer:
    """Return a trainer that stands before a factor."""
    trainer = tb.Trainer(tb.load_lesson(lesson))
    while True:
        question = next_question(trainer)
        if question and (question.output.name, question.operand.name) == (output, operand):
            return trainer
        assert trainer.step() is not None
        assert trainer.position


def asked(output: str, operand: str, lesson: str = "logistic") -> Question:
    question = next_question(before(output, operand, lesson))
    assert question is not None
    return question


def test_only_factors_are_asked_for_one_after_the_other() -> None:
    trainer = tb.Trainer(tb.load_lesson("logistic"))
    graph = trainer.graph
    for place in range(trainer.record_count):
        question = next_question(trainer)
        factor = place - len(graph.assignments)
        if 0 <= factor < len(graph.factors):
            assert question is not None
            assert (question.output, question.index) == graph.factors[factor]
            record = trainer.step()
            np.testing.assert_array_equal(question.upstream, record.upstream)
            np.testing.assert_array_equal(question.product, record.downstream)
            assert (question.local is None) == (question.asks == "product")
        else:
            assert question is None
            trainer.step()


@pytest.mark.parametrize(
    ("output", "operand", "text", "answered"),
    [
        ("y_hat", "z", "y_hat * (1 - y_hat)", "local"),
        ("y_hat", "z", "[0.25, 0.25, 0.25]", "local"),
        ("y_hat", "z", "upstream * y_hat * (1 - y_hat)", "product"),
        ("y_hat", "z", "dŷ ⊙ ŷ ⊙ (1 − ŷ)", "product"),
        ("y_hat", "z", "[-0.125, 0.125, -0.125]", "product"),
        ("(y - y_hat)", "y_hat", "-1", "local"),
        ("(y - y_hat)", "y_hat", "-upstream", "product"),
        ("L", "((y - y_hat)**2 / 2)", "upstream", "product"),
        ("L", "((y - y_hat)**2 / 2)", "[1, 1, 1]", "product"),
        ("(X @ beta)", "beta", "X.T @ upstream", "product"),
        ("(X @ beta)", "beta", "X.T @ dz", "product"),
        ("(X @ beta)", "beta", "[-0.375, -0.5]", "product"),
        ("broadcast(b)", "b", "sum(upstream)", "product"),
    ],
)
def test_local_derivative_and_product_are_both_right(
    output: str, operand: str, text: str, answered: str
) -> None:
    verdict = asked(output, operand).answer(text)
    assert (verdict.correct, verdict.answered, verdict.kind) == (True, answered, Finding.RIGHT)


@pytest.mark.parametrize(
    ("output", "operand", "text", "kind"),
    [
        ("y_hat", "z", "upstream", Finding.MISSING),
        ("y_hat", "z", "y_hat * (y_hat - 1)", Finding.SIGN),
        ("y_hat", "z", "-dy_hat * y_hat * (1 - y_hat)", Finding.SIGN),
        ("y_hat", "z", "0.25", Finding.RIGHT),  # one number for all of them: they are equal here
        ("y_hat", "z", "0.25 + 0 * b", Finding.HERE),
        ("y_hat", "z", "upstream * (y_hat * (1 - y_hat))**2", Finding.TWICE),
        ("y_hat", "z", "y_hat", Finding.WRONG),
        ("(y - y_hat)", "y_hat", "1", Finding.SIGN),
        ("broadcast(b)", "b", "mean(upstream)", Finding.MEAN),
        ("broadcast(b)", "b", "upstream", Finding.SHAPES),
        ("(X @ beta)", "beta", "X @ upstream", Finding.SHAPES),
        ("(X @ beta)", "beta", "upstream", Finding.MISSING),
        ("(X @ beta)", "beta", "X", Finding.MISSING),
    ],
)
def test_wrong_ones_are_diagnosed(output: str, operand: str, text: str, kind: Finding) -> None:
    verdict = asked(output, operand).answer(text)
    assert verdict.kind is kind
    assert verdict.correct is (kind is Finding.RIGHT)


def test_a_mean_is_repeated_for_its_elements(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'formula = """\nm = mean(W, axis=1)\nL = sum(m**2)\n"""\n[parameters]\nW = [[1, 2, 3], [4, 5, 7]]\n',
        encoding="utf-8",
    )
    trainer = tb.Trainer(tb.load_lesson(path))
    while not (question := next_question(trainer)) or question.operand.name != "W":
        trainer.step()
    assert question.answer("upstream / 3").correct
    assert question.answer("[1.333, 3.556]").correct  # 2·2/3 and 2·(16/3)/3, each for its row
    assert question.answer("upstream").kind in (Finding.SUM, Finding.MISSING)


def test_the_gradient_asked_for_is_no_answer() -> None:
    for text in ("dz", "2 * dz", "db", "dbeta"):
        with pytest.raises(BackpropError, match="what is asked for"):
            asked("y_hat", "z").answer(text)


def test_at_a_fork_the_product_is_this_path_s_share(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('formula = """\np = sin(w)\nL = p * w\n"""\n[parameters]\nw = 0.5\n', encoding="utf-8")
    trainer = tb.Trainer(tb.load_lesson(path))
    for _ in trainer.graph.assignments:
        trainer.step()
    found = []
    while (question := next_question(trainer)) is not None:
        if question.operand.name == "w":
            assert question.paths == 2
            found.append((question.output.name, question.answer("upstream * cos(w)").correct))
            assert not question.answer("p + w * cos(w)").correct  # the sum over both
        trainer.step()
    assert found == [("L", False), ("p", True)]


def test_overrides_hold_in_practice() -> None:
    trainer = tb.Trainer(tb.load_lesson("logistic"))
    trainer.override("y_hat", [0.8, 0.3, 0.4])
    while not (question := next_question(trainer)) or question.operand.name != "z":
        trainer.step()
    assert question.answer("[0.16, 0.21, 0.24]").correct
    assert question.answer("y_hat * (1 - y_hat)").correct
    assert not question.answer("sigmoid(z) * (1 - sigmoid(z))").correct


def test_a_session_counts_tries_hints_and_what_is_revealed() -> None:
    trainer = before("y_hat", "z")
    session = Session()
    with pytest.raises(BackpropError, match="no question is open"):
        session.answer("1")
    assert session.ask(trainer)
    with pytest.raises(BackpropError):
        session.answer("q + 1")  # no try
    assert session.answer("y_hat * (1 - y_hat)").correct
    assert session.earned == Score(asked=1, first=1)
    assert session.question is None
    session.ask(trainer)
    assert not session.answer("y_hat").correct
    assert session.answer("y_hat * (1 - y_hat)").correct
    session.ask(trainer)
    assert [session.hint() for _ in range(4)] == [1, 2, 3, 3]
    assert session.answer("y_hat * (1 - y_hat)").correct
    session.ask(trainer)
    session.hint()
    assert session.reveal().operand.name == "z"
    session.ask(trainer)  # left open
    assert session.earned == Score(asked=4, first=1, later=2, revealed=1, hints=4)
    assert session.earned.points == 2.0


def test_only_what_leads_to_a_parameter_is_asked_for_unless_all_is_wanted() -> None:
    def operands(lesson: str, every: bool) -> list[str]:
        trainer = tb.Trainer(tb.load_lesson(lesson))
        found = []
        for _ in range(trainer.record_count):
            question = next_question(trainer, all_factors=every)
            if question is not None:
                found.append(question.operand.name)
            trainer.step()
        return found

    few, all_of_them = operands("logistic", False), operands("logistic", True)
    assert len(all_of_them) == 11
    assert [name for name in all_of_them if name not in few] == ["y", "broadcast(b)", "X"]
    assert few[-2:] == ["b", "beta"]
    few = operands("polynomial", False)
    assert not {"x", "y", "x**2", "x**3"} & set(few)
    assert not [n for n in few if n.startswith("broadcast")]
    assert {"a", "b", "c", "d"} <= set(operands("polynomial", False))
    assert operands("square", False) == operands("square", True)  # nothing there leads to a parameter


def test_a_broadcast_is_asked_for_together_with_the_sum_behind_it() -> None:
    trainer = tb.Trainer(tb.load_lesson("polynomial"))
    while (question := next_question(trainer, all_factors=False)) is None or question.operand.name != "c":
        trainer.step()
    assert question.output.name == "(c * x**2)"
    assert question.upstream.shape == (2000,)
    assert question.answer("sum(upstream * x**2)").correct
    assert question.answer("mean(upstream * x**2)").kind is Finding.MEAN
    assert question.answer("sum(upstream)").kind is not Finding.RIGHT
    assert "broadcast" not in prompt(question) + "".join(hints(question)[::2])
