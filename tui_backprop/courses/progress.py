"""How far somebody is in a course: what is done, what comes next, what is locked and why."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum, auto

from msgspec import Struct

from tui_backprop.courses.course import CourseFolder, LessonParts
from tui_backprop.text.sentences import tr


class LessonState(StrEnum):
    """Where somebody stands in one lesson."""

    LOCKED = auto()
    OPEN = auto()
    BEGUN = auto()
    DONE = auto()


class LessonFacts(Struct, frozen=True):
    """What somebody has done in one lesson.

    Attributes:
        opened: whether it was opened.
        tasks: keys of the tasks that are reached.
        questions: keys of the questions that are closed: answered right, or shown.
    """

    opened: bool = False
    tasks: frozenset[str] = frozenset()
    questions: frozenset[str] = frozenset()


class Standing(Struct, frozen=True):
    """One lesson of the course as somebody finds it.

    Attributes:
        name, title: the lesson.
        state: where they stand.
        done, of: how many of its tasks and questions are done.
        waits_for: of a locked one, the lessons that have to be done first.
    """

    name: str
    title: str
    state: LessonState
    done: int = 0
    of: int = 0
    waits_for: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """Why it is locked, in a sentence; "" where it is not."""
        if self.state is not LessonState.LOCKED:
            return ""
        return tr("locked; to be done first: {lessons}", lessons=", ".join(self.waits_for))


class CourseStanding(Struct, frozen=True):
    """A whole course as somebody finds it.

    Attributes:
        lessons: its lessons, in order.
        next: the lesson to go on with; None where all are done.
    """

    lessons: tuple[Standing, ...]
    next: str | None = None

    @property
    def finished(self) -> bool:
        """Whether all is done."""
        return all(one.state is LessonState.DONE for one in self.lessons)

    def of(self, name: str) -> Standing:
        """Return one lesson's."""
        return next(one for one in self.lessons if one.name == name)


def standing(
    course: CourseFolder, parts: Mapping[str, LessonParts], facts: Mapping[str, LessonFacts]
) -> CourseStanding:
    """Return where somebody stands.

    Args:
        course: the course.
        parts: what its lessons have to do, as ``course.all_parts()`` gives it.
        facts: what was done, by lesson; one that is missing was never opened.
    """
    done = {entry.name for entry in course.entries if _is_done(parts[entry.name], _of(facts, entry.name))}
    lessons = []
    for entry in course.entries:
        part, fact = parts[entry.name], _of(facts, entry.name)
        waits = tuple(name for name in entry.needs if name not in done)
        state = (
            LessonState.DONE if entry.name in done
            else LessonState.LOCKED if waits
            else LessonState.BEGUN if fact.opened
            else LessonState.OPEN
        )  # fmt: skip
        count = len(fact.tasks & set(part.tasks)) + len(fact.questions & set(part.questions))
        total = len(part.tasks) + len(part.questions)
        lessons.append(Standing(entry.name, part.title, state, count, total, waits))
    open_ = (LessonState.BEGUN, LessonState.OPEN)
    return CourseStanding(tuple(lessons), next((one.name for one in lessons if one.state in open_), None))


def _of(facts: Mapping[str, LessonFacts], name: str) -> LessonFacts:
    return facts.get(name, LessonFacts())


def _is_done(part: LessonParts, fact: LessonFacts) -> bool:
    """Tell whether a lesson is done: all its tasks and questions; where it has none, it was opened."""
    whole = set(part.tasks) <= fact.tasks and set(part.questions) <= fact.questions
    return whole and (fact.opened or bool(part.tasks or part.questions))
