"""Opening the debugger: which front end, on which training, with what of the terminal."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tui_backprop.training.autosave import Autosave, SessionAutosave, resume
from tui_backprop.training.trainer import Trainer


@dataclass(frozen=True, slots=True)
class Launch:
    """What the command line says about how to open.

    Attributes:
        plain: lines of text instead of the app.
        mouse: whether the app listens to the mouse.
        fps: frames a second while a run goes on; None for what suits the line.
        driver: "diff" sends only cells that changed; "plain" is Textual's own.
        restricted: whether this is a login that must not reach anything but lessons.
        lessons: the folder that a restricted login reads lessons from.
    """

    plain: bool = False
    mouse: bool = True
    fps: float | None = None
    driver: Literal["diff", "plain"] = "diff"
    restricted: bool = False
    lessons: Path | None = None


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
    notes: Sequence[str] = ()
    autosave: Autosave
    if session is not None:
        resumed = resume(session)
        trainer, autosave, notes = resumed.trainer, resumed.autosave, resumed.notes
    else:
        trainer = make_trainer()
        autosave = SessionAutosave(trainer if options.plain else None)  # the app shows it first
    try:
        return _open(trainer, autosave, options, offers, notes)
    finally:
        autosave.close()


def _open(trainer: Trainer, autosave: Autosave, options: Launch, offers: bool, notes: Sequence[str]) -> int:
    if options.plain:
        from tui_backprop.plain import run_plain

        for note in notes:
            sys.stdout.write(f"{note}\n")
        return run_plain(trainer, autosave)
    gc.disable()  # what a start makes is there to stay; the app turns it on again behind its first screen
    from tui_backprop.tui.app import BackpropApp

    app = BackpropApp(trainer, autosave=autosave, fps=options.fps, offers=offers, notes=notes)
    app.run(mouse=options.mouse)
    return app.return_code or 0


def refusal(options: Launch) -> str | None:
    """Return why the debugger cannot open here, in one line; None where it can."""
    if not options.plain and not (sys.stdin.isatty() and sys.stdout.isatty()):
        which = "output" if sys.stdin.isatty() else "input"
        return (
            f"standard {which} is not a terminal, so the app cannot open; "
            "use --plain, or tui-backprop list, train, explain or check (over ssh, add -t)"
        )
    return None
