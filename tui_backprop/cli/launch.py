"""Opening the debugger: which front end, on which training, with what of the terminal."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import Struct

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.host.recording import Recording
from tui_backprop.host.terminal import (
    ascii_only,
    believe_screen,
    frames_a_second,
    why_plain,
    without_colours,
)
from tui_backprop.lessons.limits import OPEN, Sandbox
from tui_backprop.sessions.autosave import Autosave, SessionAutosave, resume
from tui_backprop.text.charset import ASCII, UNICODE, Charset
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr, tr_in
from tui_backprop.training.trainer import Trainer

if TYPE_CHECKING:
    from tui_backprop.debugger.seat.seat import Seat

NOT_SAVED = 74
"""The exit code where something is not saved: EX_IOERR of sysexits.h."""


class Launch(Struct, frozen=True):
    """What the command line says about how to open.

    Attributes:
        plain: lines of text instead of the app.
        mouse: whether the app listens to the mouse.
        fps: frames a second while a run goes on; None for what suits the line.
        driver: "diff" sends only cells that changed; "plain" is Textual's own.
        ascii: whether only ASCII is shown; None for what suits locale and terminal.
        record: the file that what the terminal is sent is recorded into.
        sandbox: what lessons are read with.
    """

    plain: bool = False
    mouse: bool = True
    fps: float | None = None
    driver: Literal["diff", "plain"] = "diff"
    ascii: bool | None = None
    record: Path | None = None
    sandbox: Sandbox = OPEN


class _Begun(NamedTuple):
    """What either face begins with."""

    trainer: Trainer
    autosave: Autosave
    offers: bool
    notes: Sequence[str]
    recording: Recording | None
    seat: Seat | None


def open_debugger(
    make_trainer: Callable[[], Trainer],
    options: Launch,
    *,
    session: str | None = None,
    offers: bool = False,
    chosen: Sequence[str] = (),
    notes: Sequence[str] = (),
    seat: Seat | None = None,
    kept: tuple[Trainer, Autosave] | None = None,
) -> int:
    """Open the app, or the debugger as lines of text, and return the exit code.

    Args:
        make_trainer: makes the training to start with.
        options: how to open.
        session: the id of a session to resume in place of that.
        offers: whether to offer the newest session.
        chosen: the hyperparameters that were named; where one has no effect, that is said.
        notes: what the user should know.
        seat: the student's, in a course.
        kept: the training that was left there, and what keeps it; in place of one that is made.
    """
    why = None if options.plain else why_plain(os.environ, restricted=options.sandbox.confined)
    plain = options.plain or why is not None
    notes = notes if why is None else (*notes, why)
    autosave: Autosave
    if kept is not None:
        trainer, autosave = kept
    elif session is not None:
        resumed = resume(session, options.sandbox)
        trainer, autosave, notes = resumed.trainer, resumed.autosave, (*notes, *resumed.notes)
    else:
        trainer = make_trainer()
        notes = (*notes, *trainer.hyperparameters.unused((*trainer.lesson.chosen, *chosen)))
        autosave = SessionAutosave(trainer if plain else None, options.sandbox)  # the app shows it first
    recording = _recording(options, trainer)
    begun = _Begun(trainer, autosave, offers, notes, recording, seat)
    try:
        return _open_plain(begun, options) if plain else _open_app(begun, options)
    finally:
        autosave.close()


def _recording(options: Launch, trainer: Trainer) -> Recording | None:
    """Begin to record, where that is asked for."""
    if options.record is None:
        return None
    if options.sandbox.confined:
        raise BackpropError(tr("a restricted login records nothing"))
    size = shutil.get_terminal_size()
    return Recording(options.record, (size.columns, size.lines), f"tui-backprop {trainer.lesson.name}")


def _open_plain(begun: _Begun, options: Launch) -> int:
    trainer, autosave, offers, notes, recording, seat = begun
    from tui_backprop.plain import run_plain

    if trainer.lesson.sandbox.confined:
        from tui_backprop.host.restricted import end_when_cpu_used_up

        end_when_cpu_used_up(autosave.flush)
    gc.enable()  # the app does that behind its first screen
    code = run_plain(
        trainer,
        autosave,
        charset=_charset(options),
        offers=offers,
        notes=notes,
        recording=recording,
        seat=seat,
    )
    return _code(code, autosave, recording, seat)


def _open_app(begun: _Begun, options: Launch) -> int:
    trainer, autosave, offers, notes, recording, seat = begun
    believe_screen(os.environ)
    from tui_backprop.tui.app import BackpropApp
    from tui_backprop.tui.terminal.driver import DiffDriver, GuardedDriver
    from tui_backprop.tui.terminal.guard import Guard

    guard = Guard(lambda: app.save_now())
    app = BackpropApp(
        trainer,
        autosave=autosave,
        fps=frames_a_second(options.fps, os.environ),
        driver_class=DiffDriver if options.driver == "diff" else GuardedDriver,
        guard=guard,
        offers=offers,
        notes=notes,
    )
    if seat is not None:
        from tui_backprop.debugger.course.following import sit

        app.runner.prepare(lambda session: sit(session, seat, app.autosave.tell or str))
    app.recording = recording
    app.adapt(colours=not without_colours(os.environ), charset=_charset(options))
    if options.sandbox.confined:
        from tui_backprop.host.restricted import on_cpu_used_up

        on_cpu_used_up(app.leave_with)
    threading.excepthook = app.failed_in_thread
    with guard:
        try:
            app.run(mouse=options.mouse)
        except Exception as error:
            app.failed(error)
        finally:
            guard.put_right()  # what has ended in the middle has not done so
        autosave.close()  # while a signal still has it saved
    if app.last_line:
        _say(app.last_line)
    return _code(app.return_code or 0, autosave, recording, seat)


def _say(line: str) -> None:
    sys.stderr.write(f"tui-backprop: {printable(line, 600)}\n")


def _code(code: int, autosave: Autosave, recording: Recording | None, seat: Seat | None) -> int:
    """Say what is not saved, and return the exit code that tells; one that tells of something else stays."""
    unsaved = [*autosave.unsaved, *(seat.close() if seat is not None else ())]
    if recording is not None:
        recording.close()
        unsaved += [recording.problem] if recording.problem else []
    for line in unsaved:
        _say(line)
    return code or (NOT_SAVED if unsaved else 0)


def _charset(options: Launch) -> Charset:
    """Return what texts are written in: what the command line says, or what locale and terminal can show."""
    only = ascii_only(os.environ) if options.ascii is None else options.ascii
    return ASCII if only else UNICODE


def refusal(options: Launch) -> str | None:
    """Return why the debugger cannot open here, in one line; None where it can."""
    if not options.plain and not (sys.stdin.isatty() and sys.stdout.isatty()):
        which = tr_in("standard", "output") if sys.stdin.isatty() else tr_in("standard", "input")
        if options.sandbox.confined:
            return tr(
                "standard {which} is not a terminal, so the app cannot open; use ssh -t, or --plain "
                "behind a lesson's name",
                which=which,
            )
        return tr(
            "standard {which} is not a terminal, so the app cannot open; use --plain, or "
            "tui-backprop list, train, explain or check (over ssh, add -t)",
            which=which,
        )
    return None
