"""A course in plain mode: what is done is told, what is locked stays so, all goes on where it was left."""

import pytest

from tests.support.courses import in_class, seated, write_course
from tests.support.plain import plain, typed_into
from tui_backprop.cli.teaching.resuming import kept_training, lesson_to_open
from tui_backprop.debugger.course.following import sit
from tui_backprop.debugger.session import DebugSession
from tui_backprop.lessons.limits import OPEN
from tui_backprop.sessions.autosave import SessionAutosave

FIRST = ("question 1", "answer 2*x", "question 2", "answer 6*x", "s 4")
"""All that there is to do in the first lesson, where any formula will do that has the value."""


def flat(said):
    """Return what was said as if on one line."""
    return " ".join(said.text.split())


@pytest.fixture(autouse=True)
def _own_state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def course(tmp_path):
    return write_course(tmp_path / "course")


def test_the_page_says_what_is_next_and_what_is_locked_until_when(course):
    said = in_class(course, "open line", "open slope", "progress")
    assert "slope (next, open here): A slope" in said.text
    assert "line (locked): A line that learns; " in flat(said)
    assert "locked; to be done first: slope" in flat(said)
    assert "error: line: locked; to be done first: slope" in flat(said)
    assert said.code == 2
    assert "slope, question 1: 2 points" in said.text


def test_tasks_are_ticked_off_as_they_are_reached_and_a_lesson_that_is_done_opens_the_next(course):
    said = in_class(course, *FIRST, "open line", "tasks")
    assert "✓ task 1: Go back from z to x, factor by factor." in said.text
    assert "the lesson is done; next: line" in flat(said)
    assert "line: A line that learns" in said.text
    assert "Tasks 0 of 4 · questions 0 of 2" in said.text


def test_a_run_reaches_what_lies_on_its_way_and_goes_on(course):
    said = in_class(course, *FIRST, "open line", "c", "where", "break")
    lines = said.text.splitlines()
    assert "✓ task 2: Pass iteration 7." in lines
    assert "✓ task 1: Train until the loss is below 0.01." in lines
    assert "target reached: iteration 500" in lines
    assert lines[-1] == "there are no breakpoints"  # what was watched is none of the student's


def test_acts_count_once_they_succeed(course):
    said = in_class(
        course,
        *FIRST,
        "open line",
        "homework w = 5",
        "tasks",
        "homework w = mean(2*(y_hat-y)*x)",
        "check",
        "tasks",
    )
    assert said.text.count("✓ task 4") == said.text.count("✓ task 3") == 1
    assert said.text.index("Tasks 0 of 4") < said.text.index("✓ task 4") < said.text.index("Tasks 2 of 4")


def test_a_question_is_asked_at_its_place_once(course):
    said = in_class(course, "s 2", "s", "s", "b", "s")
    assert said.text.count("Question 1 of 2 · 2 points: How fast does y rise with x") == 1
    assert said.text.index("3 of 4: ") < said.text.index("Question 1 of 2") < said.text.index("4 of 4: ")


def test_feedback_hints_and_why_come_in_their_turn(course):
    said = in_class(
        course, "answer 1", "question", "answer nonsense(", "answer 1", "hint", "hint", "hint", "answer 2*x"
    )
    lines = said.text
    assert "error: no question is open; question asks the next one" in lines
    assert "hint 1: The slope of a square is twice what is squared." in lines
    assert "error: there is no further hint" in lines
    assert "why: The slope of x² is 2x." in lines
    assert "earned: 1 of 2 points" in lines
    assert lines.index("1 try so far") < lines.index("hint 1") < lines.index("why: ")


def test_revealing_earns_nothing_and_closes(course):
    said = in_class(course, "question 1", "reveal", "answer 2*x", "tasks")
    assert "right is ∂y/∂x = " in said.text
    assert "earned: 0 of 2 points" in said.text
    assert "error: question 1 is closed; question asks the next one" in said.text


def test_solutions_are_locked_until_the_lesson_is_handed_in(tmp_path):
    course = write_course(tmp_path / "course", solutions="locked")
    said = in_class(
        course, "question 1", "reveal", "s 4", "homework x = ?", "homework x = 1", "homework x = 1",
        "homework x = 1", "handin", "handin now", "answer 1", "question 1", "homework x = ?", "b", "s",
    )  # fmt: skip
    before, after = flat(said).split("handed in; solutions are shown from now on")
    assert before.count("error: solutions are shown once the lesson is handed in; handin does that") == 2
    assert "error: 2 questions are not answered yet; handin now hands the lesson in all the same" in before
    assert "A note of the teacher's." not in before
    assert "right is ∂y/∂x = " in after
    assert "A note of the teacher's." in after
    assert "error: the lesson is handed in; answers do not count any more" in after
    assert "right is" not in before


def test_the_quiz_reveals_nothing_while_solutions_are_locked(tmp_path):
    course = write_course(tmp_path / "course", solutions="locked")
    said = in_class(course, "quiz", "c", "reveal", "s", "q")
    assert flat(said).count("error: solutions are shown once the lesson is handed in") == 2


def test_a_course_goes_on_where_it_was_left(course):
    seat, trainer = seated(course)
    autosave = SessionAutosave(trainer)
    typed_into(trainer, FIRST, seat=seat)
    autosave.changed(trainer)
    session = DebugSession(trainer)
    sit(session, seat, str)
    session.adopt(type(trainer)(seat.lessons.fresh("line")))
    seat.enter(session.trainer)
    trainer = session.trainer
    autosave.changed(trainer)
    trainer.run(3)
    autosave.changed(trainer)
    autosave.close()
    seat.close()

    again, fresh = seated(course)
    assert lesson_to_open(again) == "line"
    assert fresh.iteration == 0
    kept = kept_training(fresh.lesson, OPEN)
    assert kept is not None
    assert (kept[0].lesson.name, kept[0].iteration) == ("line", 3)
    kept[1].close()
    other, lees = seated(course, "Lee")  # with numbers of their own
    assert lesson_to_open(other) == "slope"
    assert kept_training(lees.lesson, OPEN) is None


def test_what_was_counted_goes_on_the_next_time(course):
    text = (course / "slope.toml").read_text()
    (course / "slope.toml").write_text(text.replace('goal = "at y <- x"', 'goal = "back 3"'))
    assert "✓ task 1" not in in_class(course, "s 4", "b", "b").text
    assert "✓ task 1" in in_class(course, "s 4", "b").text


def test_students_have_other_numbers(course):
    texts = {
        in_class(course, "question 1", student=name).text.partition("at x = ")[2][:1] for name in "abcdefgh"
    }
    assert len(texts) > 2


def test_a_question_about_values_put_in_by_hand_is_about_the_lessons_own(course):
    said = in_class(course, *FIRST, "open line", "whatif w = 2", "question 1", "answer -", "progress")
    assert "(With the lesson's own numbers, at iteration 0.)" in flat(said)
    assert "line, question sign-of-w: right, 1 of 1 point" in said.text


def test_tasks_of_a_lesson_outside_of_a_course_count_as_long_as_it_is_open(course):
    said = plain("question 1", "answer 2*x", "tasks", "course", "handin now", lesson=course / "slope.toml")
    assert "question 1, right, 2 of 2 points" in said.text
    assert "no course is open; tui-backprop course DIR opens one" in said.text
    assert "error: only a lesson of a course is handed in" in said.text


def test_a_lesson_without_any_says_so(course):
    said = plain("tasks", "question", "hint", lesson=course / "quiet.toml")
    assert "this lesson has no tasks and no questions" in said.text
    assert "error: this lesson has no questions" in said.text


def test_reload_keeps_the_students_numbers(course):
    said = in_class(course, "reload", "question 1", "answer 2*x", "tasks")
    assert "question 1, right, 2 of 2 points" in said.text


def test_a_question_comes_before_its_record_is_seen_where_stepping_passes_over_the_one_before(tmp_path):
    (tmp_path / "course.toml").write_text('order = ["theta"]\n')
    said = in_class(tmp_path, *["step"] * 7)  # record 8, ∂L/∂y, leads to data only; record 9 is −1
    assert any("What is ∂z2/∂z1?" in line for line in said.lines)
    assert not any(line.startswith("9/13") for line in said.lines)
