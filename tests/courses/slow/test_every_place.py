"""At every factor and node of the built-in lessons what is right is judged right, and its opposite is not."""

from __future__ import annotations

import contextlib
import json
from itertools import product

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.courses.asked import AskedHere
from tui_backprop.courses.grading import grade, solution, typed_answer
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.library import BUILTIN, load_lesson
from tui_backprop.lessons.notes import Places
from tui_backprop.lessons.specs.teaching import QuestionTable
from tui_backprop.lessons.teaching.questions import LessonQuestion, make_question

LARGE = ("vanishing", "ninja", "rnn", "lstm", "attention")
"""Lessons of many records, where an answer takes long."""
MOST = 3
"""Places of one lesson that are tried, spread over it."""


def questions(lesson: tb.Lesson) -> list[LessonQuestion]:
    graph = lesson.graph()
    places = Places(graph)
    edges = [f"{factor.output.expression} <- {factor.operand.expression}" for factor in graph.factors]
    nodes = [node.name for node in (*graph.assignments, *graph.given)]
    found: list[LessonQuestion] = []
    at_edges, at_nodes = (
        ("local", "upstream", "downstream", "gradient", "value"),
        ("value", "gradient", "after"),
    )
    for at, kinds in ((edges, at_edges), (nodes, at_nodes)):
        for place in at[:: max(1, len(at) // MOST)]:
            for of, ask in product(kinds, ("value", "sign", "shape")):
                table = QuestionTable(at=place, ask=ask, of=of)
                with contextlib.suppress(LessonError):  # of what is not there
                    found.append(make_question(table, len(found) + 1, places))
    return found


@pytest.mark.parametrize("name", [name for name in BUILTIN if name not in LARGE])
def test_what_is_right_is_judged_right(name: str) -> None:
    lesson = load_lesson(name)
    trainer = tb.Trainer(lesson)
    asked = questions(lesson)
    assert len(asked) > 3
    for question in asked:
        here = AskedHere(question, trainer)
        try:
            value = here.value()
        except LessonError as refused:
            assert "samples as this batch has" in str(refused)  # noqa: PT017
            continue
        if not np.all(np.isfinite(value)) or value.size > 400:
            continue
        answer = typed_answer(here)
        found = grade(question, trainer, answer)
        assert found.right, (question.at, question.ask, question.of, answer, found.feedback)
        assert solution(question, trainer)
        assert here.text
        if question.ask == "value" and np.max(np.abs(value)) > 1e-6:
            wrong = grade(question, trainer, json.dumps((-value).tolist()))
            assert not wrong.right, (question.at, question.of)
