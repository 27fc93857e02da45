"""The debugger as lines of text, for pipes, dumb terminals and screen readers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_backprop.host.recording import Recording
from tui_backprop.sessions.autosave import Autosave
from tui_backprop.text.charset import UNICODE, Charset
from tui_backprop.training.trainer import Trainer

if TYPE_CHECKING:
    from tui_backprop.debugger.seat.seat import Seat


def run_plain(
    trainer: Trainer,
    autosave: Autosave,
    *,
    charset: Charset = UNICODE,
    offers: bool = False,
    notes: Sequence[str] = (),
    recording: Recording | None = None,
    seat: Seat | None = None,
) -> int:
    """Read commands from standard input until it ends or quits, and return the exit code.

    Args:
        trainer: what to start with.
        autosave: what keeps it on disk.
        charset: what the lines are written in.
        offers: whether to offer the newest session, where somebody can answer.
        notes: lines to begin with, such as why it is plain mode.
        recording: what keeps all that is read and written.
        seat: the student's, in a course.
    """
    from tui_backprop.plain.loop import Loop

    loop = Loop(trainer, autosave, charset, recording)
    if seat is not None:
        from tui_backprop.plain.course import opening

        notes = (*notes, *opening(loop.session, seat, loop.tell))
    return loop.run(notes, offers=offers)
