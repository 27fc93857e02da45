"""A student's seat: the lesson that is open, its tasks as they are reached, the question that is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tui_backprop.courses.goals import GoalWatch
from tui_backprop.courses.progress import LessonState
from tui_backprop.courses.results.enrolment import Enrolment
from tui_backprop.courses.results.events import ActsCounted, AnyEvent, Opened, TaskDone, now
from tui_backprop.courses.results.summary import LessonRecord, QuestionRecord
from tui_backprop.debugger.seat.asking import OpenQuestion, place_of, texts
from tui_backprop.debugger.seat.lessons import CourseLessons
from tui_backprop.debugger.seat.view import (
    AskedQuestionView,
    CourseView,
    QuestionLine,
    TaskLine,
)
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.text.sentences import tr
from tui_backprop.training.stops.breakpoints import Breakpoint
from tui_backprop.training.trainer import Trainer

if TYPE_CHECKING:
    from tui_backprop.lessons.teaching.tasks import LessonTask

ALONE = "lesson"
"""What a lesson outside of any course is called in its own results, which nobody keeps."""


class Seat:
    """What a session knows of the course, and of the tasks and questions of the lesson that is open.

    Args:
        enrolment: the student and the course.
    """

    def __init__(self, enrolment: Enrolment) -> None:
        self.enrolment = enrolment
        self._here, self.lesson = enrolment, ""
        self._lesson: Lesson | None = None
        self.goals: GoalWatch | None = None
        self._texts: Sequence[str] = ()
        self.open: OpenQuestion | None = None
        self._news: list[str] = []
        self._revision = 0
        self._made: tuple[object, CourseView] | None = None
        self.lessons = CourseLessons(enrolment)

    @property
    def in_course(self) -> bool:
        """Whether there is a course."""
        return self.enrolment.course is not None

    # ------------------------------------------------------------------ lessons

    def enter(self, trainer: Trainer) -> None:
        """Take in that another lesson is open, or this one again."""
        lesson = trainer.lesson.in_type("float64")
        if self._lesson is not None and self._lesson.text == lesson.text and self._lesson.path == lesson.path:
            return
        self.note_times()
        self._lesson, self.open = lesson, None
        name = self.lessons.name_of(lesson)
        self._here = self.enrolment if name else Enrolment(self.enrolment.student)
        self.lesson = name or ALONE
        if name:
            self._write(Opened(time=now(), lesson=name))
        self.goals = GoalWatch(lesson, self.record.tasks, self.record.times)
        self._texts = texts(lesson.questions, Trainer(lesson)) if lesson.questions else ()
        self._revision += 1

    @property
    def record(self) -> LessonRecord:
        """How the lesson that is open went until now."""
        return self._here.lesson(self.lesson)

    @property
    def locked(self) -> bool:
        """Whether solutions of the lesson that is open are not shown before it is handed in."""
        course = self.enrolment.course
        if course is None or course.solutions != "locked" or self.lesson == ALONE:
            return False
        return self.record.handed_in is None

    def hand_in(self) -> None:
        """Hand the lesson in.

        Raises:
            BackpropError: it is none of a course, or was handed in.
        """
        if not self.in_course or self.lesson == ALONE:
            raise BackpropError(tr("only a lesson of a course is handed in"))
        if self.record.handed_in is not None:
            raise BackpropError(tr("this lesson is handed in already"))
        self.enrolment.hand_in(self.lesson)
        self._revision += 1

    # ------------------------------------------------------------------ tasks

    @contextmanager
    def watching(self, trainer: Trainer) -> Iterator[Sequence[Breakpoint]]:
        """Have a run stop where a task's condition is reached; yields what it stops at for that."""
        points = trainer.breakpoints
        added: list[Breakpoint] = []
        for text in self.goals.conditions() if self.goals is not None else ():
            try:
                added.append(points.add(text))
            except BackpropError:  # one of the student's own has the same text, or it does not fit here
                continue
        try:
            yield added
        finally:
            texts_added = {point.text for point in added}
            for place in reversed(range(len(points))):
                if points[place].text in texts_added:
                    points.delete(place)

    def stood(self, trainer: Trainer) -> None:
        """Take in where the training stands."""
        if self.goals is not None and self.goals.current is not None:
            self._reached(self.goals.stood(trainer))

    def acted(self, act: str, node: str = "", times: int = 1) -> None:
        """Take in that something was done."""
        if self.goals is not None and times > 0 and self.goals.current is not None:
            self._reached(self.goals.done(act, node, times))
            if act == "quiz":  # the others are soon done again
                self.note_times()

    def _reached(self, tasks: Sequence[LessonTask]) -> None:
        if not tasks or self.goals is None:
            return
        before = self._state()
        time = now()
        self._write(*(TaskDone(time=time, lesson=self.lesson, task=task.key) for task in tasks))
        for task in tasks:
            self._news.append(
                tr("✓ task {number}: {task}", number=task.number, task=task.text or task.goal.text)
            )
        self._tell_done(before)

    def note_times(self) -> None:
        """Write down how often acts were done that have to be done several times."""
        if self.goals is not None and self.goals.times != self.record.times:
            self._write(ActsCounted(time=now(), lesson=self.lesson, times=self.goals.times))

    def close(self) -> Sequence[str]:
        """Write down what is still to be; return what is lost by leaving now, a line each."""
        self.note_times()
        return self.enrolment.close()

    def take_news(self) -> str:
        """Return what has been reached since it was asked the last time, in a line; "" for nothing."""
        news, self._news = " · ".join(self._news), []
        return news

    def _state(self) -> LessonState | None:
        if not self.in_course or self.lesson == ALONE:
            return None
        return self.enrolment.standing.of(self.lesson).state

    def _tell_done(self, before: LessonState | None) -> None:
        """Say that a lesson is done, and what comes next."""
        if before is None or before is LessonState.DONE or self._state() is not LessonState.DONE:
            return
        standing = self.enrolment.standing
        if standing.next is None:
            self._news.append(tr("the course is done"))
        else:
            self._news.append(tr("the lesson is done; next: {lesson}", lesson=standing.next))

    # ------------------------------------------------------------------ questions

    @property
    def asks(self) -> bool:
        """Whether a question is open that is not closed."""
        return self.open is not None and not self._of(self.open.question.key).closed

    def _of(self, key: str) -> QuestionRecord:
        return self.record.question(key)

    def ask(self, trainer: Trainer, number: int | None = None) -> AskedQuestionView:
        """Ask a question by its number; the first one that is not closed without.

        Raises:
            BackpropError: there is none, or it cannot be asked here.
        """
        questions = trainer.lesson.in_type("float64").questions
        if not questions:
            raise BackpropError(tr("this lesson has no questions"))
        if number is None:
            number = next((one.number for one in questions if not self._of(one.key).closed), None)
            if number is None:
                raise BackpropError(
                    tr("all questions of this lesson are answered; question N shows one again")
                )
        if not 1 <= number <= len(questions):
            raise BackpropError(
                tr("found question {number}; this lesson has {count}", number=number, count=len(questions))
            )
        question = questions[number - 1]
        self.open = OpenQuestion(question, trainer, self._of(question.key))
        self._revision += 1
        return self.asked_view()

    def due(self, trainer: Trainer, before: int, passes_over: Callable[[int], bool]) -> int | None:
        """Return the question whose record comes next or was gone past, by its number; None for none.

        Args:
            trainer: where we are.
            before: how many records of this iteration were done before the step.
            passes_over: tells whether stepping passes over the record at a place, counted from 0: the next
                step shows what is behind it.
        """
        for question in trainer.lesson.in_type("float64").questions if self._lesson is not None else ():
            if self._of(question.key).closed or self.record.handed_in is not None:
                continue
            try:
                place = max(place_of(question, trainer), 1)
            except (BackpropError, ValueError, StopIteration):
                continue
            while place > 1 and passes_over(place - 1):
                place -= 1
            if before < place <= trainer.position:
                return question.number
        return None

    def asked_view(self) -> AskedQuestionView:
        """Return the question that is open.

        Raises:
            BackpropError: none is.
        """
        if self.open is None or self._lesson is None:
            raise BackpropError(tr("no question is open; question asks the next one"))
        solved = self.record.handed_in is not None
        return self.open.view(len(self._lesson.questions), locked=self.locked, solved=solved)

    def answer(self, text: str) -> AskedQuestionView:
        """Judge an answer to the question that is open.

        Raises:
            BackpropError: none is, or the answer cannot be read.
        """
        self._refuse_handed_in()
        return self._done(self._opened.answer(self.lesson, text))

    def hint(self) -> AskedQuestionView:
        """Give a hint.

        Raises:
            BackpropError: no question is open, or there is no further hint.
        """
        self._refuse_handed_in()
        return self._done(self._opened.hint(self.lesson))

    def reveal(self) -> AskedQuestionView:
        """Show the answer.

        Raises:
            BackpropError: no question is open, or solutions are locked.
        """
        self._refuse_handed_in()
        self.refuse_locked()
        return self._done(self._opened.reveal(self.lesson))

    def refuse_locked(self) -> None:
        """Refuse to show a solution before the lesson is handed in."""
        if self.locked:
            raise BackpropError(
                tr("solutions are shown once the lesson is handed in; {command} does that", command="handin")
            )

    def _refuse_handed_in(self) -> None:
        if self.record.handed_in is not None:
            raise BackpropError(tr("the lesson is handed in; answers do not count any more"))

    @property
    def _opened(self) -> OpenQuestion:
        self.asked_view()  # refuses where none is
        assert self.open is not None
        return self.open

    def _done(self, event: AnyEvent) -> AskedQuestionView:
        before = self._state()
        self._write(event)
        self._opened.go_on(self._of(self._opened.question.key))
        self._revision += 1
        self._tell_done(before)
        return self.asked_view()

    def _write(self, *events: AnyEvent) -> None:
        self._here.add(*events)

    # ------------------------------------------------------------------ what is shown

    @property
    def view(self) -> CourseView | None:
        """What is shown; None where there is neither a course nor anything to do in the lesson."""
        lesson = self._lesson
        if lesson is None or not (self.in_course or lesson.tasks or lesson.questions):
            return None
        key = (self._revision, len(self.enrolment.events), len(self._here.events), lesson)
        if self._made is None or self._made[0] != key:
            self._made = key, self._view(lesson)
        return self._made[1]

    def _view(self, lesson: Lesson) -> CourseView:
        course, goals, record = self.enrolment.course, self.goals, self.record
        current = goals.current if goals is not None else None
        reached = goals.reached if goals is not None else frozenset()
        tasks = [
            TaskLine(task.number, task.text or task.goal.text, task.key in reached, task is current)
            for task in lesson.tasks
        ]
        questions = [
            QuestionLine(question.number, text, question.points, record.question(question.key))
            for question, text in zip(lesson.questions, self._texts, strict=True)
        ]
        return CourseView(
            title=course.shown if course is not None else "", student=self.enrolment.student,
            lessons=tuple(self.lessons.lines(self.lesson)), lesson=self.lesson, tasks=tuple(tasks),
            questions=tuple(questions), asked=self.asked_view() if self.open is not None else None,
            locked=self.locked, handed_in=record.handed_in is not None,
        )  # fmt: skip
