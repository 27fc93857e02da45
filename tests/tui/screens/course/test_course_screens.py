"""The course in the app: its page, the tasks beside the work, and the question that is asked."""

import pytest

from tests.support.courses import begin, class_app, write_course
from tui_backprop.debugger.seat.view import CourseView
from tui_backprop.tui.screens.course.question import QuestionScreen

WIDE = pytest.param((120, 36), marks=pytest.mark.slow, id="120x36")
SIZES = pytest.mark.parametrize("size", [pytest.param((80, 24), id="80x24"), WIDE])


def view(session) -> CourseView:
    return session.app.main.snapshot.course


def x_of(session):
    return int(session.trainer.lesson.data["x"])


@SIZES
async def test_the_page_of_the_course_opens_it_and_says_what_is_locked(course, size):
    async with class_app(course, size=size) as session:
        await session.until(lambda: session.overlay == "CourseScreen")
        await session.settle()
        for text in (
            "From a slope to a line, for Kim: 0 of 5 points", "0 of 3 lessons done", "▶ A slope", "next",
            "– A line that learns", "locked", "0 of 3 points", "One square, one slope.",
        ):  # fmt: skip
            assert text in session.screen
        await session.press("down")
        assert "locked; to be done first: slope" in session.screen
        await session.press("enter")
        assert "✗ line: locked; to be done first: slope" in session.screen
        assert session.overlay == "CourseScreen"
        await session.press("escape")
        assert session.overlay == ""


@SIZES
async def test_tasks_and_questions_stand_beside_the_work_and_a_question_is_asked_at_its_place(course, size):
    async with class_app(course, size=size) as session:
        await begin(session)
        assert "Tasks 0 of 1 · questions 0 of 2" in session.screen
        assert "▶ 1 Go back from z to x" in session.screen
        await session.press("s", "s")
        assert session.overlay == ""
        await session.press("s")
        assert session.overlay == "QuestionScreen"
        assert f"How fast does y rise with x, at x = {x_of(session)}?" in session.screen
        await session.type("1", "enter")
        assert "✗ " in session.screen
        assert "1 try so far · a right answer earns 1 point" in session.screen
        await session.type("", "enter")
        assert "hint 1: The slope of a square is twice what is squared." in session.screen
        await session.type(str(2 * x_of(session)), "enter")
        assert "✓ right" in session.screen
        assert "why: The slope of x² is 2x." in session.screen
        assert "Enter goes on to question 2" in session.screen
        await session.press("enter")
        assert "And how fast does z rise with x?" in session.screen
        await session.press("ctrl+r")
        assert f"right is ∂z/∂x = {6 * x_of(session)}" in session.screen
        await session.press("enter", "s")
        assert session.note.startswith("✓ task 1: Go back from z to x, factor by factor.")
        assert "next: line" in session.note
        assert "Tasks 1 of 1 · questions 2 of 2" in session.screen
        assert view(session).score == 1


@SIZES
async def test_a_run_ticks_tasks_off_and_choices_are_chosen(course, size):
    async with class_app(course, size=size) as session:
        await begin(session)
        for question in ("1", "2"):
            await session.press("j", *["down"] * int(question), "enter")
            assert session.overlay == "QuestionScreen"
            await session.type({"1": "2*x", "2": "6*x"}[question], "enter", "enter")
        await session.press("s", "s", "s", "s", "k", "enter")
        await session.until(lambda: session.overlay == "" and session.trainer.lesson.name == "line")
        await session.settle()
        await session.press("space")
        await session.until(lambda: not session.app.main.snapshot.running and view(session).tasks_done == 2)
        assert [task.done for task in view(session).tasks] == [True, True, False, False]
        await session.press("g")
        await session.press("escape")
        assert [task.done for task in view(session).tasks] == [True, True, True, False]
        await session.press("j", *["down"] * 6, "enter")
        assert isinstance(session.app.screen, QuestionScreen)
        assert "2. the sum over all samples" in session.screen
        await session.press("down", "enter")
        assert "✓ right: the sum over all samples" in session.screen
        assert view(session).questions[1].record.right


async def test_where_solutions_are_locked_nothing_reveals_them(tmp_path):
    course = write_course(tmp_path / "course", solutions="locked")
    async with class_app(course) as session:
        await begin(session)
        await session.press("s", "s", "s")
        assert "Ctrl+R" not in session.screen
        await session.press("ctrl+r")
        assert "✗ solutions are shown once the lesson is handed in" in session.screen.replace("\n", " ")
        assert "right is" not in session.screen
        await session.press("escape", "s")
        assert "A note of the teacher's." not in session.explanation


async def test_outside_of_a_course_tasks_and_questions_are_there_for_who_asks(course, launch):
    async with launch(course / "slope.toml") as session:
        await session.press("s", "s", "s")
        assert session.overlay == ""
        assert "Model: slope" in session.screen
        await session.press("j")
        assert "Tasks 0 of 1 · questions 0 of 2" in session.screen
        assert session.focus == "tasks"
        await session.press("down", "enter")
        assert session.overlay == "QuestionScreen"
        await session.type("2*x", "enter", "enter", "escape")
        assert view(session).questions[0].record.right


async def test_without_a_course_the_key_says_how_one_is_opened(launch):
    async with launch("linear") as session:
        await session.press("k")
        assert session.note == "no course is open; tui-backprop course DIR opens one"
