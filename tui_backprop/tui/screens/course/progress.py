"""One's own progress in the course: every lesson, and of the one highlighted what is done, locked or next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Self

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui_backprop.debugger.commands import BY_NAME
from tui_backprop.debugger.seat.view import CoursePage, CourseView, LessonLine
from tui_backprop.debugger.seat.words import (
    course_heading,
    earned_text,
    lesson_notes,
    mark,
    question_lines,
    state_text,
)
from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.tui.messages import Requested
from tui_backprop.tui.request import request
from tui_backprop.tui.screens.overlay import TALL, Overlay
from tui_backprop.tui.widgets.lines import Line, LinesView, paragraph
from tui_backprop.tui.widgets.options import Options

SIDE_BY_SIDE = 100
"""Columns from which on a lesson's details stand beside the list."""
COUNT = 7
"""Cells of what is done of a lesson."""
BESIDES = 14
"""Rows of the screen besides the lessons, at least."""


class CourseScreen(Overlay):
    """The lessons; Enter opens the one highlighted."""

    DEFAULT_CSS = """
    CourseScreen {
        & .box { max-width: 116; max-height: 92%; }
        & #course-heading { height: auto; text-style: bold; color: $text-primary; }
        & #course-bar { height: 1; color: $text-success; margin-bottom: 1; }
        & #course-body { height: 1fr; layout: vertical; }
        & #course-lessons { height: auto; max-height: 60%; border: none; padding: 0; background: $surface; }
        & #course-lesson { height: 1fr; border-top: solid $surface-lighten-2; padding: 0; }
        & #course-message { height: auto; max-height: 3; color: $text-error; display: none; }
        & #course-message.refused { display: block; }
        &.-beside #course-body { layout: horizontal; }
        &.-beside #course-lessons { width: 1fr; height: 1fr; max-height: 100%; }
        &.-beside #course-lesson { width: 44; height: 1fr; border-top: none; padding: 0 1; }
        &.-beside #course-lesson { border-left: solid $surface-lighten-2; }
        &.-low #course-bar { display: none; }
        &.-low #course-lesson { display: none; }
        &.-low #course-lessons { max-height: 100%; height: 1fr; }
    }
    """
    OPENED_BY = "course"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (SIDE_BY_SIDE, "-beside")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = TALL

    def __init__(self, view: CourseView) -> None:
        super().__init__()
        self.course = view
        self._generation: int | None = None

    @classmethod
    def of_page(cls, page: CoursePage) -> Self:
        """Return the screen that shows somebody's progress."""
        return cls(page.view)

    def compose(self) -> ComposeResult:
        """Put what was earned above the lessons, and the highlighted one's details below or beside."""
        with Vertical(id="course-box", classes="box"):
            yield Static("", id="course-heading", markup=False)
            yield Static("", id="course-bar", markup=False)
            with Container(id="course-body"):
                yield Options(id="course-lessons", markup=False)
                yield LinesView(self._details, id="course-lesson")
            yield Static("", id="course-message", markup=False)

    def opened(self) -> None:
        """Begin at the lesson to go on with."""
        spelled = self.charset.spelled
        heading = tr("Course · Enter opens a lesson, Esc closes")
        self.query_one("#course-box").border_title = Content(spelled(heading))
        snapshot = getattr(self.app.screen_stack[0], "snapshot", None)
        self._generation = snapshot.generation if snapshot is not None else None
        self._list()
        choices = self.query_one(Options)
        lessons = self.course.lessons
        here = next((place for place, one in enumerate(lessons) if one.next), None)
        at = next((place for place, one in enumerate(lessons) if one.here and one.state != "done"), here)
        if lessons:
            choices.highlighted = at or 0
        choices.focus()
        self.query_one("#course-box").styles.height = max(len(lessons) + BESIDES, 18)
        self.watch(self.app.screen_stack[0], "snapshot", self._follow, init=False)

    def _follow(self, snapshot: Snapshot | None) -> None:
        """Show what has changed meanwhile; close once a lesson is open."""
        if snapshot is None:
            return
        if snapshot.generation != self._generation:
            self.leave()
        elif snapshot.course is not None and snapshot.course.lessons != self.course.lessons:
            self.course = snapshot.course
            self._list()

    def on_resize(self, event: events.Resize) -> None:
        """Lay the lessons out for the width."""
        self.call_after_refresh(self._list)

    def _list(self) -> None:
        spelled, view = self.charset.spelled, self.course
        self.query_one("#course-heading", Static).update(spelled(printable(course_heading(view), 200)))
        self.query_one("#course-bar", Static).update(spelled(self._bar()))
        choices = self.query_one(Options)
        at = choices.highlighted
        width = max(choices.scrollable_content_region.width - 2, 20)
        choices.clear_options()
        choices.add_options([Option(Content(self._row(one, width))) for one in view.lessons])
        if at is not None and view.lessons:
            choices.highlighted = min(at, len(view.lessons) - 1)
        self.query_one(LinesView).show(self._details)

    def _bar(self) -> str:
        """Return how much of the course is done, as a bar and in numbers."""
        lessons = self.course.lessons
        done, count = sum(one.state == "done" for one in lessons), len(lessons)
        said = tr("{done} of {count} lessons done", done=done, count=count)
        width = max(min(self.query_one("#course-bar").size.width - self.charset.cells(said) - 2, 40), 8)
        filled = round(width * done / count) if count else 0
        return f"{'━' * filled}{'─' * (width - filled)}  {said}"

    def _row(self, lesson: LessonLine, width: int) -> str:
        charset = self.charset
        count = f"{lesson.done}/{lesson.of}" if lesson.of else ""
        points = earned_text(lesson.score, lesson.points) if lesson.points else ""
        lessons = self.course.lessons
        room = max(charset.cells(earned_text(one.score, one.points)) for one in lessons)
        states = max(charset.cells(state_text(one)) for one in lessons)
        end = charset.pad(state_text(lesson), states)
        if width >= 40:
            end += f"{count:>{COUNT}}"
        if width >= 56:
            end += " " * (room + 2 - charset.cells(points)) + charset.spelled(points)
        front = f"{charset.spelled(mark(lesson))} "
        room = max(width - charset.cells(front) - charset.cells(end) - 1, 6)
        return f"{front}{charset.pad(charset.fit(lesson.title, room), room)} {end}"

    @property
    def highlighted(self) -> LessonLine | None:
        """The lesson highlighted."""
        at = self.query_one(Options).highlighted
        return self.course.lessons[at] if at is not None and at < len(self.course.lessons) else None

    def _details(self, width: int) -> Sequence[Line]:
        lesson = self.highlighted
        if lesson is None:
            return ()
        return [
            line for text, part in self._about(lesson) for line in paragraph(self.charset, text, width, part)
        ]

    def _about(self, lesson: LessonLine) -> Iterator[tuple[str, str]]:
        yield f"{lesson.name}: {lesson.title}", "strong"
        for note in lesson_notes(lesson):
            yield note, "bad" if note == lesson.reason else "good" if lesson.state == "done" else "label"
        if lesson.summary:
            yield "", ""
            yield lesson.summary, ""
        if lesson.questions and lesson.state != "locked":
            yield "", ""
            yield from ((line, "label") for line in question_lines(lesson))

    @on(OptionList.OptionHighlighted)
    def _describe(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.query_one("#course-message").remove_class("refused")
        self.query_one(LinesView).show(self._details, keep_place=False)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        lesson = self.highlighted
        if lesson is None:
            return
        if lesson.here:
            self.leave()
        else:
            self.app.post_message(Requested(request(BY_NAME["open"], lesson.name)))

    def refuse(self, source: str, reason: str) -> bool:
        """Say below the lessons why one does not open."""
        if source != "open":
            return False
        message = self.query_one("#course-message", Static)
        message.add_class("refused")
        message.update(self.charset.spelled(printable(f"✗ {reason}", 400)))
        return True
