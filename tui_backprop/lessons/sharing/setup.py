"""What a shared string holds: a lesson, hyperparameters by iteration, and a place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from tui_backprop.engine.core.backends import named
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.hyperparameters import MAX_ITERATIONS, parse_setting
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import BUILTIN, lesson_of_text, load_lesson
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.lessons.network.lesson_text import build_lesson
from tui_backprop.lessons.network.reading import dials_of, read_words, written_out
from tui_backprop.lessons.sharing.packing import pack, unpack
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

MOST_SETTINGS = 200
_NAME = re.compile(r"\w[\w.-]{0,59}")
_WHOLE = r"0|[1-9]\d{0,9}"
_HEAD = re.compile(rf"([ndt]) ({_WHOLE}) ({_WHOLE})(?: (\S{{1,60}}))?", re.ASCII)
_SETTING = re.compile(rf"({_WHOLE}) (\w{{1,40}}=.{{1,400}})", re.ASCII)


class SharedSetup(Struct, frozen=True):
    """A set-up and a place in it.

    Attributes:
        kind: how the lesson is given: "n", the name of a built-in one; "d", dials; "t", its text.
        body: that.
        name: what a lesson of text is called.
        settings: hyperparameters and back ends, ``NAME=VALUE``, each with the iteration that it holds from.
        iteration, position: the place.
    """

    kind: Literal["n", "d", "t"]
    body: str
    name: str = ""
    settings: tuple[tuple[int, str], ...] = ()
    iteration: int = 0
    position: int = 0

    @property
    def string(self) -> str:
        """The short string that holds it."""
        head = f"{self.kind} {self.iteration} {self.position}" + (f" {self.name}" if self.name else "")
        return pack("\n".join((head, *(f"{since} {text}" for since, text in self.settings), "", self.body)))

    def lesson(self, sandbox: Sandbox) -> Lesson:
        """Return the lesson, read as any other: nothing of it is trusted.

        Raises:
            BackpropError: it is refused.
        """
        if self.kind == "n":
            if self.body not in BUILTIN:
                raise LessonError(
                    tr("this version has no lesson {name}", name=printable(repr(self.body), 60))
                )
            return load_lesson(self.body, sandbox)
        if self.kind == "d":
            dials = read_words(self.body)
            if dials.csv:
                raise LessonError(tr("the string is of a table, which it does not hold"))
            return build_lesson(dials, sandbox)
        path = (sandbox.folder or Path()) / f"{self.name or 'shared'}.toml"
        try:
            return lesson_of_text(self.body, path, sandbox=sandbox)
        except FormulaError as error:
            raise LessonError(tr("the formula in the string, {error}", error=error)) from None


def told_by(lesson: Lesson) -> SharedSetup:
    """Return the set-up of a lesson: by name, by dials where these build the same text, or by its text.

    Raises:
        LessonError: the lesson reads files that a string cannot hold.
    """
    if lesson.builtin and lesson.drawn is None:
        return SharedSetup("n", lesson.name)
    files = sorted({*lesson.beside, *lesson.reading.files})
    if files:
        raise LessonError(
            tr(
                "the lesson reads {files}, which a string cannot hold; send its files",
                files=printable(", ".join(files), 120),
            )
        )
    dials = dials_of(lesson.text)
    if dials is not None and build_lesson(dials, lesson.sandbox).text == lesson.text:
        return SharedSetup("d", written_out(dials))
    return SharedSetup("t", lesson.text, lesson.name if _NAME.fullmatch(lesson.name) else "")


def parse_shared(text: str) -> tuple[str, Any]:
    """Parse a setting of a string: a hyperparameter, or the full name of a back end.

    Raises:
        BackpropError: what was found and what would be right.
    """
    name, _, value = text.partition("=")
    return (name, named(value)) if name == "backend" else parse_setting(text)


def read_shared(string: str) -> SharedSetup:
    """Return what a string holds.

    Raises:
        LessonError: it is cut, changed or made by somebody who does not know the form.
    """
    head, _, rest = unpack(string).partition("\n")
    wrong = LessonError(tr("the string does not say a set-up as this version writes it"))
    found = _HEAD.fullmatch(head)
    if found is None or (found[4] and not _NAME.fullmatch(found[4])):
        raise wrong
    settings: list[tuple[int, str]] = []
    while True:
        line, end, rest = rest.partition("\n")
        if not line:
            break
        setting = _SETTING.fullmatch(line)
        if setting is None or not end or len(settings) == MOST_SETTINGS:
            raise wrong
        parse_shared(setting[2])
        settings.append((int(setting[1]), setting[2]))
    iteration, position = int(found[2]), int(found[3])
    if iteration > MAX_ITERATIONS or any(since > iteration for since, _ in settings):
        raise wrong
    kinds: dict[str, Literal["n", "d", "t"]] = {"n": "n", "d": "d", "t": "t"}
    return SharedSetup(kinds[found[1]], rest, found[4] or "", tuple(settings), iteration, position)
