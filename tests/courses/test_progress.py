"""What is done, what comes next, what is locked and why."""

from __future__ import annotations

from pathlib import Path

from tests.support.lesson_questions import SQUARE, course, question, task
from tui_backprop.courses.progress import CourseStanding, LessonFacts, LessonState, standing

ABOUT = 'order = ["a", "b", "c", "d"]\n[needs]\nb = "a"\nc = ["a", "b"]\n'
PARTS = task("check") + task("at y <- x") + question(at="x", ask="value")


def stand(folder: Path, **facts: LessonFacts) -> CourseStanding:
    found = course(folder, ABOUT, a=SQUARE + PARTS, b=SQUARE + PARTS, c=SQUARE, d=SQUARE)
    return standing(found, found.all_parts(), facts)


def states(found: CourseStanding) -> list[str]:
    return [one.state.value for one in found.lessons]


def test_a_new_learner(tmp_path: Path) -> None:
    found = stand(tmp_path)
    assert states(found) == ["open", "locked", "locked", "open"]
    assert (found.next, found.finished) == ("a", False)
    assert found.of("c").waits_for == ("a", "b")
    assert found.of("c").reason == "locked; to be done first: a, b"
    assert (found.of("a").done, found.of("a").of) == (0, 3)


def test_half_way(tmp_path: Path) -> None:
    found = stand(
        tmp_path, a=LessonFacts(True, frozenset("12")), b=LessonFacts(True, frozenset("1"), frozenset("1"))
    )
    assert states(found) == ["begun", "locked", "locked", "open"]
    assert found.of("a").done == 2
    done = LessonFacts(True, frozenset("12"), frozenset("1"))
    found = stand(tmp_path, a=done, b=LessonFacts(True, frozenset("1"), frozenset("1")))
    assert states(found) == ["done", "begun", "locked", "open"]
    assert (found.next, found.of("c").waits_for) == ("b", ("b",))


def test_a_lesson_without_tasks_is_done_when_it_was_opened(tmp_path: Path) -> None:
    done, opened = LessonFacts(True, frozenset("12"), frozenset("1")), LessonFacts(opened=True)
    found = stand(tmp_path, a=done, b=done, c=opened)
    assert states(found) == ["done", "done", "done", "open"]
    assert found.next == "d"
    found = stand(tmp_path, a=done, b=done, c=opened, d=opened)
    assert (found.next, found.finished) == (None, True)


def test_keys_of_another_version_of_the_lesson_do_not_count(tmp_path: Path) -> None:
    found = stand(tmp_path, a=LessonFacts(True, frozenset(("1", "7", "old")), frozenset("9")))
    assert (found.of("a").done, found.of("a").state) == (1, LessonState.BEGUN)
