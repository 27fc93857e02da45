"""A course is a folder: which lessons it has in what order, and what has to come before what."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from msgspec import Struct

from tui_backprop.lessons.errors import LessonError, found
from tui_backprop.lessons.format import LessonFile, read_lesson_file
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import load_file, load_lesson
from tui_backprop.lessons.limits import BUILTIN_FOLDER, OPEN, Sandbox
from tui_backprop.lessons.overlays.reading import in_spoken_language
from tui_backprop.lessons.toml_text.escapes import clean
from tui_backprop.text.sentences import tr

BUILTIN_COURSE = Path(__file__).parent / "builtin"
"""The folder of the course that comes with the program."""


class CourseError(LessonError):
    """A course, or something in its folder, is refused."""


class CourseEntry(Struct, frozen=True):
    """One lesson of a course.

    Attributes:
        name: what the course calls it: a built-in name, or the file in the folder without ``.toml``.
        path: its file; of a built-in lesson that of the program.
        builtin: whether it is one that the program has.
        needs: the names of those that have to be done before it.
    """

    name: str
    path: Path
    builtin: bool = False
    needs: tuple[str, ...] = ()


class LessonParts(NamedTuple):
    """What a lesson has to do and to answer, read from its file alone.

    Attributes:
        title, summary: for people.
        tasks, questions: their keys, in order.
        points: what the questions are worth together.
    """

    title: str
    summary: str = ""
    tasks: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    points: float = 0.0


class CourseFolder(Struct, frozen=True, eq=False):
    """A checked course.

    Attributes:
        folder: where it is.
        title: in the course's own language; results know it by this.
        shown, summary: its title, and what it is about, in the language that is spoken.
        language: code of the language that it is written in; "" where it does not say.
        entries: its lessons, in order.
        solutions: whether solutions may be seen before the course is handed in.
        draw: whether the numbers of lessons without ``[draw]`` are drawn for each student as well.
        whole: whether what is drawn so are small whole numbers.
        sandbox: what it is read with.
    """

    folder: Path
    title: str
    entries: tuple[CourseEntry, ...]
    summary: str = ""
    shown: str = ""
    language: str = ""
    solutions: Literal["open", "locked"] = "open"
    draw: bool = False
    whole: bool = False
    sandbox: Sandbox = OPEN

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its lessons, in order."""
        return tuple(entry.name for entry in self.entries)

    def entry(self, name: str) -> CourseEntry:
        """Return a lesson's entry.

        Raises:
            CourseError: the course has no such lesson.
        """
        for spelling in (name, name.removesuffix(".toml")):
            for entry in self.entries:
                if entry.name == spelling:
                    return entry
        raise CourseError(
            tr("unknown lesson {name}; in this course there are {names}",
               name=found(name, 60), names=", ".join(self.names))
        )  # fmt: skip

    def lesson(self, name: str, student: str = "") -> Lesson:
        """Load a lesson with the numbers of a student; with its own where no student is named.

        Raises:
            LessonError: it is refused.
        """
        from tui_backprop.lessons.drawn import redrawn, seed_of

        entry = self.entry(name)
        if entry.builtin:
            lesson = load_lesson(entry.name, self.sandbox)
        else:
            lesson = load_file(entry.path, sandbox=self.sandbox)
        if student and (self.draw or lesson.draws):
            return redrawn(lesson, seed_of(student, entry.name), whole=self.whole)
        return lesson

    def parts(self, name: str) -> LessonParts:
        """Return what a lesson has to do and to answer; nothing is computed.

        Raises:
            LessonError: its file is refused.
        """
        entry = self.entry(name)
        struct, _ = read_lesson_file(entry.path, self.sandbox)
        struct = in_spoken_language(struct, entry.path, entry.name if entry.builtin else None, self.sandbox)
        return LessonParts(
            clean(struct.title, "title") or entry.name,
            clean(struct.summary, "summary"),
            _keys(struct, "task"),
            _keys(struct, "question"),
            sum(table.points for table in struct.question),
        )

    def all_parts(self) -> Mapping[str, LessonParts]:
        """Return the parts of every lesson by its name; one that cannot be read has none, and says so."""
        found: dict[str, LessonParts] = {}
        for name in self.names:
            try:
                found[name] = self.parts(name)
            except LessonError as error:
                found[name] = LessonParts(name, str(error))
        return found


def _keys(struct: LessonFile, table: Literal["task", "question"]) -> tuple[str, ...]:
    names = [one.name for one in struct.task] if table == "task" else [one.name for one in struct.question]
    return tuple(name or str(number) for number, name in enumerate(names, 1))


def builtin_path(name: str) -> Path:
    """Return the file of a built-in lesson."""
    return BUILTIN_FOLDER / f"{name}.toml"
