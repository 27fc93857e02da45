"""What is shown of a course: immutable, so that panels and lines of text show the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from tui_backprop.debugger.replies import SeenPage

if TYPE_CHECKING:  # a start without a course needs none of it
    from tui_backprop.courses.progress import LessonState
    from tui_backprop.courses.results.summary import QuestionRecord


class TaskLine(Struct, frozen=True):
    """A task: its number, its sentence, whether it is done, and whether it is the one to do now."""

    number: int
    text: str
    done: bool
    current: bool = False


class QuestionLine(Struct, frozen=True):
    """A question of the lesson that is open.

    Attributes:
        number: its place, from 1 on.
        text: what is asked.
        points: what it is worth.
        record: how it went until now.
    """

    number: int
    text: str
    points: float
    record: QuestionRecord


class AskedQuestionView(Struct, frozen=True):
    """The question that is open, or was closed last.

    Attributes:
        number, count: which of how many.
        text: what is asked.
        form: what an answer looks like.
        record: how it went until now.
        choices: of a choice, what can be chosen.
        hints: those that were seen, in order.
        more_hints: how many there are besides.
        said: what is to be said of the last answer.
        solution: the right answer, once it is closed.
        why: what is said once it is closed.
        points: what it is worth.
        worth: what a right answer would earn now.
        locked: whether its answer is not shown before the lesson is handed in.
    """

    number: int
    count: int
    text: str
    form: str
    record: QuestionRecord
    choices: Sequence[str] = ()
    hints: Sequence[str] = ()
    more_hints: int = 0
    said: str = ""
    solution: str = ""
    why: str = ""
    points: float = 1.0
    worth: float = 1.0
    locked: bool = False


class LessonLine(Struct, frozen=True):
    """A lesson of the course.

    Attributes:
        name, title, summary: the lesson.
        state: where the student stands in it.
        done, of: how many of its tasks and questions are done.
        reason: why it is locked; "" where it is not.
        score, points: what was earned, and what its questions are worth.
        next: whether it is the one to go on with.
        here: whether it is open.
        handed_in: whether it was handed in.
        questions: of each its name in results, what it is worth, and how it went.
    """

    name: str
    title: str
    summary: str
    state: LessonState
    done: int
    of: int
    reason: str
    score: float
    points: float
    next: bool = False
    here: bool = False
    handed_in: bool = False
    questions: Sequence[tuple[str, float, QuestionRecord]] = ()


class CourseView(Struct, frozen=True):
    """A course as its student finds it; of a lesson with tasks outside of any course, that lesson.

    Attributes:
        title: the course; "" where there is none.
        student: who they are.
        lessons: all lessons; none where there is no course.
        lesson: the name of the one that is open, where it is one of these.
        tasks, questions: what it has.
        asked: the question that is open.
        locked: whether its solutions are not shown before it is handed in.
        handed_in: whether it was.
    """

    title: str
    student: str
    lessons: Sequence[LessonLine] = ()
    lesson: str = ""
    tasks: Sequence[TaskLine] = ()
    questions: Sequence[QuestionLine] = ()
    asked: AskedQuestionView | None = None
    locked: bool = False
    handed_in: bool = False

    @property
    def tasks_done(self) -> int:
        """How many of the tasks are done."""
        return sum(task.done for task in self.tasks)

    @property
    def questions_closed(self) -> int:
        """How many of the questions are answered, or were shown."""
        return sum(question.record.closed for question in self.questions)

    @property
    def score(self) -> float:
        """What was earned in the course."""
        return sum(lesson.score for lesson in self.lessons)

    @property
    def points(self) -> float:
        """What the course is worth."""
        return sum(lesson.points for lesson in self.lessons)


class CoursePage(SeenPage, frozen=True):
    """One's own progress."""

    view: CourseView


class TasksPage(SeenPage, frozen=True):
    """The tasks and questions of this lesson."""

    view: CourseView


class ProgressPage(SeenPage, frozen=True):
    """Each question of the course, and what it has earned."""

    view: CourseView


class QuestionPage(SeenPage, frozen=True):
    """The question that is open: the whole of it, or what is new since the last answer.

    Attributes:
        asked: the question.
        begins: whether it has only now been asked.
        following: once it is closed, the number of another one that is asked at the same place.
    """

    asked: AskedQuestionView
    begins: bool = False
    following: int | None = None
