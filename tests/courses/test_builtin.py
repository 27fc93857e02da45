"""The built-in course: nothing would go wrong in class, and each slip of the notes is in it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import tui_backprop
from tests.support.thorough import in_part
from tui_backprop.courses.checking import check_course
from tui_backprop.courses.course import BUILTIN_COURSE
from tui_backprop.courses.loading import load_course
from tui_backprop.text.language.speaking import speaking

BUILTIN = Path(tui_backprop.__file__).parent / "lessons" / "builtin"


def test_it_goes_from_a_square_to_attention_in_about_twenty_lessons() -> None:
    course = load_course(BUILTIN_COURSE)
    names = [entry.name for entry in course.entries]
    assert (names[0], names[-1]) == ("square", "attention")
    assert 18 <= len(names) <= 24


@in_part("code", ("en",), ("en", "ko"))
def test_course_check_finds_nothing(code: tuple[str, ...]) -> None:
    for one in code:
        with speaking(one):
            assert not [finding.line for finding in check_course(BUILTIN_COURSE)]


@pytest.mark.parametrize(
    ("lesson", "line"),
    [
        ("neuron", "dW = dz * x   # x = 3.0"),
        ("relu-net", "L = sum((y - r)**2 / 2)   # r of the cell before"),
        ("logistic", "dy_hat = y - y_hat"),
        ("logistic", "db = mean(dz)"),
        ("logistic", "L = mean((y - y_hat)**2 / 2)"),
    ],
)
def test_each_slip_of_the_notes_is_to_be_found_once(lesson: str, line: str) -> None:
    """The slips are those that the notes themselves have: 001 (two of them) and 004 (a), (b), (c)."""
    text = (BUILTIN / f"{lesson}.toml").read_text(encoding="utf-8")
    questions = [one for one in tomllib.loads(text)["question"] if one["ask"] == "choice"]
    right = [one["choices"][one["answer"] - 1] for one in questions]
    assert right.count(line) == 1


def test_who_is_asked_for_a_derivative_is_graded_by_it() -> None:
    """By default a node that does not train is asked for its value: 'What is ∂L/∂ŷ?' was graded by ŷ."""
    asked = 0
    for entry in load_course(BUILTIN_COURSE).entries:
        for question in load_course(BUILTIN_COURSE).lesson(entry.name).questions:
            text = f"{question.text}"
            if question.ask != "choice" and re.search(r"∂\w+/∂|derivative|slope", text):
                assert question.of != "value", (entry.name, question.number)
                asked += 1
    assert asked > 12


def test_its_title_is_said_in_the_language_that_is_spoken_and_results_know_it_by_its_own() -> None:
    english = load_course(BUILTIN_COURSE)
    with speaking("ko"):
        korean = load_course(BUILTIN_COURSE)
    assert (english.shown, korean.shown) == ("From a square to attention", "제곱에서 어텐션까지")
    assert english.title == korean.title
