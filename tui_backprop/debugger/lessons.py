"""Opening another lesson, and reading this one again."""

from __future__ import annotations

import os
from itertools import chain
from pathlib import Path

from tui_backprop.debugger.command import Key, typed
from tui_backprop.debugger.lines.listing import SourcePage
from tui_backprop.debugger.looking import refuse_secrets
from tui_backprop.debugger.replies import LessonNames, Note, Replies, View
from tui_backprop.debugger.session import DebugSession
from tui_backprop.engine.core.backends import again, named
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import BUILTIN, load_file, load_lesson
from tui_backprop.lessons.sharing.packing import is_shared
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr
from tui_backprop.training.trainer import Trainer

NO_FILES = later("a restricted login writes no files")
"""What a class's login is told; said by ``tr``."""


def open_(session: DebugSession, argument: str) -> Replies:
    """Open another lesson, or list those that have names."""
    sandbox = session.trainer.lesson.sandbox
    if not argument:
        yield LessonNames((*BUILTIN, *sandbox.lesson_names()), files=not sandbox.confined)
        return
    if is_shared(argument):
        yield from _open_shared(session, argument)
        return
    if session.seat is not None and (name := session.seat.lessons.find(argument)):
        yield from _adopt(session, session.seat.lessons.fresh(name))
        return
    # a restricted login is not told whose home is where
    home = argument.startswith("~") and not sandbox.confined
    path = str(Path(argument).expanduser()) if home else argument
    yield from _adopt(session, load_lesson(path, sandbox))


def _adopt(session: DebugSession, lesson: Lesson) -> Replies:
    session.adopt(Trainer(lesson, backend=again(session.trainer.hyperparameters.backend)))
    yield View.LESSON
    yield View.PLACE
    yield from map(Note, session.trainer.hyperparameters.unused(session.trainer.lesson.chosen))


def _open_shared(session: DebugSession, string: str) -> Replies:
    """Open what a string holds, and run to its place.

    Raises:
        BackpropError: the string is cut or changed, or something in it is refused; nothing changes then.
    """
    from tui_backprop.sessions.sharing import go_there, opened

    trainer, setup = opened(string, session.trainer.lesson.sandbox)
    missed = go_there(trainer, setup, should_stop=session.patience(tr("running to the string's place")))
    session.adopt(trainer)
    yield View.LESSON
    yield View.PLACE
    if missed:
        yield Note(missed, warning=True)


def reload(session: DebugSession, argument: str = "") -> Replies:
    """Read the lesson's file again, with hyperparameters and breakpoints as here; a refusal keeps the old."""
    old = session.trainer
    changed = old.hyperparameters.changed_from(old.lesson.hyperparameters)
    del changed["backend"]  # no lesson sets it
    path = Path(old.lesson.path)
    seat = session.seat
    if seat is not None and seat.in_course and (name := seat.lessons.find(seat.lesson)):
        lesson = seat.lessons.fresh(name)
    else:
        lesson = load_file(path, old.lesson.name if old.lesson.builtin else None, sandbox=old.lesson.sandbox)
        if old.lesson.drawn is not None:  # with the numbers of the same student
            from tui_backprop.lessons.drawn import redrawn

            lesson = redrawn(lesson, old.lesson.drawn.seed, whole=old.lesson.drawn.whole)
    session.adopt(Trainer(lesson, backend=named(old.hyperparameters.backend), **changed))
    file, names = printable(path.name), ", ".join(changed)
    yield Note(
        tr("{file} reloaded, with {names} as set here", file=file, names=names)
        if changed
        else tr("{file} reloaded", file=file)
    )
    if lost := session.trainer.breakpoints.take(old.breakpoints):
        gone = tr("breakpoints that do not fit any more: {breakpoints}", breakpoints="; ".join(lost))
        yield Note(gone, warning=True)
    yield View.PLACE


def export(session: DebugSession, argument: str = "") -> Replies:
    """Write the training, or this iteration, into a new file of the current folder or one that is named.

    Raises:
        BackpropError: a restricted login, a file that is there or cannot be written, or numbers that a quiz
            has still to ask for.
    """
    from tui_backprop.export.targets.registry import TARGETS
    from tui_backprop.sessions.files import write_whole

    lesson = session.trainer.lesson
    if lesson.sandbox.confined:
        raise BackpropError(tr(NO_FILES))
    word, _, rest = argument.partition(" ")
    target, wanted = (TARGETS[word], rest.strip()) if word in TARGETS else (TARGETS["script"], argument)
    if not target.of_training:
        refuse_secrets(session)
    suffix = target.suffix
    names = (f"{lesson.name}{number}{suffix}" for number in ("", *(f"-{n}" for n in range(2, MOST_FILES))))
    free = (Path(name) for name in names if not os.path.lexists(name))
    path = Path(wanted).expanduser() if wanted else next(free)
    shown = printable(str(path.absolute()), 200)
    if os.path.lexists(path):
        raise BackpropError(tr("{file} is there already; give another name", file=shown))
    text = target.write(session.trainer)
    try:
        write_whole(path, text, shared=True)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", error)
        raise BackpropError(tr("{file} cannot be written: {reason}", file=shown, reason=why)) from None
    yield Note(tr("written: {path}", path=shown))


def source(session: DebugSession, argument: str = "") -> Replies:
    """List the lines around the current record's: of the user's program, or of the formula."""
    from tui_backprop.explain.titles import node_of

    trainer = session.trainer
    program = trainer.lesson.program
    explained = session.explained()
    records = (explained.record,) if explained is not None else ()
    following = (trainer.peek(number) for number in range(1, trainer.record_count + 1))
    nodes = (node_of(record) for record in chain(records, following))
    place = next((place for node in nodes if node is not None and (place := program.place(node))), "")
    place = place or program.first
    yield SourcePage(place, program.listing(place), program.notes)


MOST_FILES = 1000
"""Exports of one lesson in one folder."""
COMMANDS = (
    typed(
        "open m", open_, later("Open a lesson: a name, a .toml file, a shared string; alone, list"),
        "open logistic",
        arguments="[LESSON]",
        key=Key("m", later("open"), 8, help=later("Open a lesson: from the list, or a file of your own")),
    ),
    typed(
        "reload R", reload, later("Reload the lesson file; hyperparameters and breakpoints stay"), "reload",
        key=Key("R", later("reload")),
    ),
    typed(
        "source L", source,
        later("Source: the lines around the current record's, of your program or the formula"),
        "source",
        changes=False, key=Key("L", later("source")),
    ),
    typed(
        "export", export, later("Write the training as a NumPy script into the current folder"), "export",
        arguments="[TARGET] [FILE]", changes=False,
        more=later(
            "TARGET is script, notebook, torch, jax, latex, markdown or html. Without FILE it is named "
            "after the lesson; no file is replaced."
        ),
        offered_by="program",
    ),
)  # fmt: skip
