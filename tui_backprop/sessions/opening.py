"""Opening a session: the training as it stood, and what the user should know about it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import numpy as np

from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.drawn import undrawn
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import load_file
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.lessons.toml_text.parsing import MAX_FILE_BYTES
from tui_backprop.sessions.format import (
    NewerFormatError,
    SamplesPart,
    SessionFileError,
    StatePart,
    read_state,
)
from tui_backprop.sessions.losses import LossesFile, read
from tui_backprop.sessions.model import restore
from tui_backprop.sessions.store import ASIDE, Lock, SessionError, lock, sessions_folder
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.text.system import system_reason
from tui_backprop.training.trainer import Trainer


def open_session(key: str, sandbox: Sandbox) -> tuple[Trainer, Lock, LossesFile, Sequence[str]]:
    """Lock and read a session; return its training, its lock, its losses on disk, and what to tell the user.

    Raises:
        SessionError: it is open elsewhere, written by a later version, or damaged; it is then kept aside.
    """
    held: Lock | None = None
    try:
        held = lock(key, sessions_folder())
        if held is None:
            raise SessionError(tr("session {id} is open in another program; close it there first", id=key))
        if not held.state.exists() and (aside_name := held.state.with_name(f"{key}{ASIDE}")).exists():
            raise SessionError(
                tr("session {id} is damaged; it is kept as {file}", id=key, file=aside_name.name)
            )
        state = read_state(held.state, StatePart)
        losses = read(held.losses(state.losses.generation), state.losses)
        samples = read_state(held.samples, SamplesPart) if state.samples else None
        trainer = restore(state, losses.kept, samples, sandbox)
        held.drop_losses(state.losses.generation)
        held.generation, held.written = state.losses.generation, True
        return trainer, held, losses, _notes(trainer.lesson, bool(state.samples))
    except NewerFormatError as error:
        reason = tr("session {id} is left as it is: {reason}", id=key, reason=error)
    except SessionFileError as error:
        aside = _set_aside(held) if held is not None else ""
        why = printable(str(error), 200)
        reason = tr("session {id} cannot be resumed: {reason}", id=key, reason=why)
        if aside:
            reason = tr(
                "session {id} cannot be resumed: {reason}; it is kept as {file}",
                id=key,
                reason=why,
                file=aside,
            )
    except OSError as error:
        reason = tr("session {id} cannot be read: {reason}", id=key, reason=system_reason(error))
    except MemoryError:
        reason = tr("session {id} cannot be resumed: there is not enough memory", id=key)
    except BaseException:
        if held is not None:
            held.release()
        raise
    if held is not None:
        held.release()
    raise SessionError(reason)


def _set_aside(held: Lock) -> str:
    """Rename a damaged session; return its new name, "" where that cannot be."""
    bad = held.state.with_name(f"{held.id}{ASIDE}")
    try:
        os.replace(held.state, bad)
    except OSError:
        return ""
    return bad.name


def _notes(lesson: Lesson, from_file: bool) -> Sequence[str]:
    """Say so where the lesson's file, or one that its samples come from, is not what it was."""
    if lesson.builtin:
        return ()
    shown = printable(lesson.path.name, 60)
    try:
        if not lesson.sandbox.confined and not lesson.path.is_file():
            raise FileNotFoundError
        with lesson.sandbox.open_file(lesson.path) as file:
            now = file.read(MAX_FILE_BYTES).decode("utf-8-sig", "replace")
    except (LessonError, FileNotFoundError):  # of a file outside, a restricted login is told nothing
        return (tr("{file} is gone; the session goes on with its text", file=shown),)
    except OSError:
        return (tr("{file} cannot be read; the session goes on with its text", file=shown),)
    if now != (lesson.text if lesson.drawn is None else undrawn(lesson.text)):
        return (tr("{file} has changed since; R reloads it", file=shown),)
    if not from_file or lesson.drawn is not None:
        return ()
    try:
        now_read = load_file(lesson.path, sandbox=lesson.sandbox)
    except BackpropError:
        return (
            tr("the samples of {file} cannot be read; the session goes on with those it had", file=shown),
        )
    if not all(map(_same, _samples(now_read), _samples(lesson))):
        return (tr("the samples of {file} have changed since; R reloads them", file=shown),)
    if not _same(now_read.beside, lesson.beside):
        return (tr("the arrays beside {file} have changed since; R reloads them", file=shown),)
    return ()


def _samples(lesson: Lesson) -> tuple[Mapping[str, Array], Mapping[str, Array]]:
    """Return the samples that are trained on, and those that are not."""
    lesson = lesson.in_type("float64")
    return lesson.samples, lesson.validation.samples if lesson.validation is not None else {}


def _same(one: Mapping[str, Array], other: Mapping[str, Array]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)
