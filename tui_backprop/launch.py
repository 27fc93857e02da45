"""Opening the debugger: which front end, on which training, with what of the terminal."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import Struct

from tui_backprop.explain.text import write_ascii
from tui_backprop.lessons.confinement import confinement
from tui_backprop.terminal_conditions import ascii_only, frames_a_second, why_plain, without_colours
from tui_backprop.training.autosave import Autosave, SessionAutosave, resume
from tui_backprop.training.trainer import Trainer


class Launch(Struct, frozen=True):
    """What the command line says about how to open.

    Attributes:
        plain: lines of text instead of the app.
        mouse: whether the app listens to the mouse.
        fps: frames a second while a run goes on; None for what suits the line.
        driver: "diff" sends only cells that changed; "plain" is Textual's own.
        ascii: whether only ASCII is shown; None for what suits locale and terminal.
    """

    plain: bool = False
    mouse: bool = True
    fps: float | None = None
    driver: Literal["diff", "plain"] = "diff"
    ascii: bool | None = None


def open_debugger(
    make_trainer: Callable[[], Trainer], options: Launch, *, session: str | None = None, offers: bool = False
) -> int:
    """Open the app, or the debugger as lines of text, and return the exit code.

    Args:
        make_trainer: makes the training to start with.
        options: how to open.
        session: the id of a session to resume in place of that.
        offers: whether to offer the newest session.
    """
    write_ascii(ascii_only(os.environ) if options.ascii is None else options.ascii)
    why = None if options.plain else why_plain(os.environ)
    plain = options.plain or why is not None
    notes: Sequence[str] = () if why is None else (why,)
    autosave: Autosave
    if session is not None:
        resumed = resume(session)
        trainer, autosave, notes = resumed.trainer, resumed.autosave, (*notes, *resumed.notes)
    else:
        trainer = make_trainer()
        autosave = SessionAutosave(trainer if plain else None)  # the app shows it first
    try:
        if plain:
            return _open_plain(trainer, autosave, offers, notes)
        return _open_app(trainer, autosave, options, offers, notes)
    finally:
        autosave.close()


def _open_plain(trainer: Trainer, autosave: Autosave, offers: bool, notes: Sequence[str]) -> int:
    from tui_backprop.plain import run_plain

    if confinement() is not None:
        from tui_backprop.restricted import end_when_cpu_used_up

        end_when_cpu_used_up(autosave.flush)
    return run_plain(trainer, autosave, offers=offers, notes=notes)


def _open_app(
    trainer: Trainer, autosave: Autosave, options: Launch, offers: bool, notes: Sequence[str]
) -> int:
    gc.disable()  # what a start makes is there to stay; the app turns it on again behind its first screen
    from tui_backprop.tui.app import BackpropApp
    from tui_backprop.tui.terminal.guard import Guard

    guard = Guard(lambda: app.save_now())
    app = BackpropApp(
        trainer,
        autosave=autosave,
        fps=frames_a_second(options.fps, os.environ),
        driver_class=guard.driver(options.driver),
        offers=offers,
        notes=notes,
    )
    app.look(
        colours=not without_colours(os.environ),
        ascii_only=ascii_only(os.environ) if options.ascii is None else options.ascii,
    )
    if confinement() is not None:
        from tui_backprop.restricted import on_cpu_used_up

        on_cpu_used_up(app.leave_with)
    with guard:
        app.run(mouse=options.mouse)
        autosave.close()  # while a signal still has it saved
    return app.return_code or 0


def refusal(options: Launch) -> str | None:
    """Return why the debugger cannot open here, in one line; None where it can."""
    if not options.plain and not (sys.stdin.isatty() and sys.stdout.isatty()):
        which = "output" if sys.stdin.isatty() else "input"
        if confinement() is not None:
            return (
                f"standard {which} is not a terminal, so the app cannot open; "
                "use ssh -t, or --plain behind a lesson's name"
            )
        return (
            f"standard {which} is not a terminal, so the app cannot open; "
            "use --plain, or tui-backprop list, train, explain or check (over ssh, add -t)"
        )
    return None
