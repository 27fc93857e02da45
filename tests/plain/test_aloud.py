"""What is read aloud has its words: rows of matrices, numbers still to come, hints without their question."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.support.plain import plain
from tests.support.thorough import lessons
from tui_backprop import Trainer, load_lesson
from tui_backprop.explain.pages.aloud import aloud
from tui_backprop.explain.rows import Row
from tui_backprop.lessons.library import BUILTIN

QUESTION = "question: ∂L/∂((y − ŷ)² / 2) = ?  (upstream ∂L/∂L is 1)"
HOW = "a line is an answer; an empty line gives a hint; reveal shows the factor"


def test_each_row_of_a_matrix_says_whose_it_is_and_which() -> None:
    value = np.arange(6.0).reshape(3, 2)
    assert aloud(Row("upstream", ("∂L/∂X =", value))).parts == (
        "∂L/∂X, row 0 = [0, 1]", "∂L/∂X, row 1 = [2, 3]", "∂L/∂X, row 2 = [4, 5]",
    )  # fmt: skip
    assert aloud(Row("after", ("W1 ← W1 − step =", value[:1]))).parts == (
        "W1 ← W1 − step", "W1, row 0 = [0, 1]",
    )  # fmt: skip
    cube = aloud(Row("value", ("A =", value.reshape(1, 3, 2)))).parts
    assert cube[0] == "A, matrix 0, row 0 = [0, 1]"
    picture = aloud(Row("value", ("A =", value.reshape(1, 3, 1, 2)))).parts
    assert picture[1] == "A[0, 1], row 0 = [2, 3]"
    said = plain("find W1", "values", lesson="two-layer")
    assert any(line.startswith("                  ∂L/∂W1, row 1 = [−6.23472e−05, ") for line in said.lines)
    assert "  X, row 3: 1.0, 1.0" in said.lines


@pytest.mark.parametrize("lesson", lessons(BUILTIN))
def test_no_line_of_a_lesson_is_a_row_without_a_name_or_a_sign_without_a_word(lesson: str) -> None:
    lines = plain(f"s {Trainer(load_lesson(lesson)).record_count}", "explain all", lesson=lesson).lines
    for line in lines:
        assert "[…]" not in line
        assert not re.search(r"(^|[=·⊙] )\?", line.strip()), line
        assert not re.fullmatch(r"\s*(\w+ +)?\[ .* \]", line), line  # an aligned row of a matrix


def test_a_chain_says_what_is_to_come() -> None:
    text = plain("find W1", "find z1", lesson="two-layer").text
    assert "= array (4×1) · array (4×1) · " in text
    assert "(to come)" in text


def test_the_question_is_asked_once_and_each_hint_alone() -> None:
    lines = plain("quiz", "c", "", "", "7", "7", "", "1").lines
    asked = lines[lines.index(QUESTION) :]
    said = [line for line in asked if not line.startswith("  ")]
    assert [line.split(":")[0] for line in said[:9]] == [
        "question", HOW, "hint 1", "hint 2", "answer", "answer", "hint 3", "answer", "score",
    ]  # fmt: skip
    assert lines.count(QUESTION) == 1


@pytest.mark.parametrize("typed", ["3", "1", "[0.25, 1]", "-0.5", "0.25"])
def test_a_number_behind_a_right_answer_is_no_panel(typed: str) -> None:
    said = plain("quiz", "c", "1", typed, "graph")
    assert "error: no factor is asked for now; continue goes to the next question" in said.lines
    assert not any(line.startswith("β = ") for line in said.lines)


def test_without_a_quiz_a_number_is_the_panel_whose_key_it_is() -> None:
    assert plain("3").lines[0].startswith("β = [0, 0]")


def test_a_place_has_six_digits_and_the_loss_all_where_asked_for() -> None:
    said = plain("c 3", "loss")
    assert said.lines[1].startswith("iteration 3, epoch 3, loss 0.34165,")
    assert re.fullmatch(r"loss 0\.3416496643\d+", said.lines[2])
