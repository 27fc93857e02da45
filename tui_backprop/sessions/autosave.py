"""What keeps a training on disk while somebody works on it."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from tui_backprop.lessons.limits import OPEN, Sandbox
from tui_backprop.sessions.place import NoPlaceError
from tui_backprop.sessions.writer import SessionWriter
from tui_backprop.text.sentences import tr
from tui_backprop.text.system import system_reason

if TYPE_CHECKING:
    from tui_backprop.sessions.model import Moment
    from tui_backprop.training.trainer import Trainer

INTERVAL = 0.8
"""Seconds between two saves of a run; with the time that one takes, at most a second of work is lost."""
PATIENCE = 1.0
"""Seconds that :meth:`Autosave.flush` waits for the disk, at most."""
RETRY = 10.0
"""Seconds after which a save that failed is tried again, if there is nothing newer to save."""


class Autosave:
    """Saves a training as it changes; this one keeps nothing."""

    tell: Callable[[str], object] | None = None
    """Takes a line for the user, from any thread: that saving fails, once."""
    warn: Callable[[str], object] | None = None
    """Takes a line that holds until the next, from any thread: that saving fails; "" where it works again."""

    @property
    def unsaved(self) -> Sequence[str]:
        """What is lost by leaving now, a line each; to be asked behind :meth:`close`."""
        return ()

    def begin(self, trainer: Trainer) -> None:
        """Take the state before the user's first action, which need not be saved; once."""

    def changed(self, trainer: Trainer) -> None:
        """Note the state after a user's action; it is written soon. Called by the trainer's thread."""

    def running(self, trainer: Trainer) -> None:
        """Note the state between two slices of a run; it is written at most once a second."""

    def flush(self) -> None:
        """Write what was noted last, if it is not written yet; any thread, also in a signal's handler."""

    def close(self) -> None:
        """Write what was noted last and let the session go."""

    def resume(self, key: str) -> tuple[Trainer, Sequence[str]]:
        """Go on with a session, and return its training and what the user should know.

        Raises:
            SessionError: it cannot be resumed; what was saved until now goes on being saved.
        """
        raise NotImplementedError


class Resumed(Struct, frozen=True):
    """A session that was opened again.

    Attributes:
        trainer: the training, where it stood.
        autosave: what goes on saving it, into the same session.
        notes: what the user should know.
    """

    trainer: Trainer
    autosave: Autosave
    notes: Sequence[str]


def resume(key: str, sandbox: Sandbox = OPEN) -> Resumed:
    """Open a session again, by its whole id; its lesson is read with this sandbox.

    Raises:
        SessionError: it cannot be resumed.
    """
    autosave = SessionAutosave(sandbox=sandbox)
    trainer, notes = autosave.resume(key)
    return Resumed(trainer, autosave, notes)


class SessionAutosave(Autosave):
    """Saves a training into a session, which begins with the first thing that the user does.

    The trainer's thread only notes references to what is never written again; a thread of its own writes the
    newest of them. Another lesson, or the same one loaded again, begins another session.
    Nothing here waits for a lock, so that a signal's handler may flush whatever it interrupted.
    """

    def __init__(self, trainer: Trainer | None = None, sandbox: Sandbox = OPEN) -> None:
        self.sandbox = sandbox
        self._wake: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._retired: queue.SimpleQueue[SessionWriter] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._pending: tuple[int, Moment, SessionWriter] | None = None
        self._done = 0  # number of the moment dealt with last
        self._number = 0  # of the moment noted last
        self._last = -INTERVAL
        self._failing = False
        self._told = self._told_gone = False
        self._lost: list[str] = []
        self._failed: tuple[int, Moment, SessionWriter] | None = None
        self._why = ""
        self._writer = SessionWriter()
        self._seen: Moment | None = None  # held, so that nothing else gets its parts' identities
        if trainer is not None:
            self.begin(trainer)

    def _take(self, trainer: Trainer) -> bool:
        """Take the training as it is; tell whether anything has changed since the last time."""
        from tui_backprop.sessions.model import take  # a start needs none of it

        moment, before = take(trainer), self._seen
        if before is not None and moment.saved.lesson is not before.saved.lesson:
            self.flush()
            self._retire()
            before, self._writer = None, SessionWriter()
        self._seen = moment
        return before is not None and moment.key != before.key

    def _retire(self) -> None:
        """Let the session go, by the thread that may be writing it."""
        if self._thread is None:
            self._writer.close()
        else:
            self._retired.put(self._writer)
            self._wake.put(True)

    def begin(self, trainer: Trainer) -> None:
        """Look at the training, unless it has been looked at."""
        if self._seen is None:
            self._take(trainer)

    def changed(self, trainer: Trainer) -> None:
        """Note the state after a user's action, if it is another than before, with the loss there."""
        _ = trainer.loss  # which whoever looks on works out as well, and which the list of sessions shows
        if self._take(trainer):
            self._note()

    def running(self, trainer: Trainer) -> None:
        """Note the state between two slices of a run, every :data:`INTERVAL` seconds.

        After a save that failed, only every :data:`RETRY` seconds.
        """
        interval = RETRY if self._failing else INTERVAL
        if time.monotonic() - self._last >= interval and self._take(trainer):
            self._note()

    def _note(self) -> None:
        assert self._seen is not None
        self._last = time.monotonic()
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name="autosave", daemon=True)
            self._thread.start()
        self._number += 1
        self._pending = self._number, self._seen, self._writer  # at once, for a handler that flushes
        self._wake.put(True)

    def flush(self) -> None:
        """Have the newest state written, within :data:`PATIENCE` seconds."""
        self._wait(PATIENCE)

    def _wait(self, patience: float) -> None:
        pending, deadline = self._pending, time.monotonic() + patience
        if self._thread is None or pending is None:
            return
        self._wake.put(True)
        while self._done < pending[0] and self._thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.002)

    def close(self) -> None:
        """Write what was noted last, also where its files have gone since, and let the session go."""
        if self._seen is not None and self._writer.is_gone():
            self._note()
        self._wait(5 * PATIENCE)
        if self._thread is not None:
            self._wake.put(False)
            self._thread.join(PATIENCE)
            self._thread = None
        self._writer.close()

    @property
    def unsaved(self) -> Sequence[str]:
        """What is lost by leaving now; what could never begin to be kept has been said, and is none of it."""
        now = [] if self._failed is None or not self._why else [_loss(*self._failed[1:], self._why)]
        return [*self._lost, *now]

    def resume(self, key: str) -> tuple[Trainer, Sequence[str]]:
        """Go on with a session; the one until now is closed and stays."""
        from tui_backprop.sessions.opening import open_session

        trainer, lock, losses, notes = open_session(key, self.sandbox)
        self.close()
        self._writer, self._seen = SessionWriter(lock, losses), None
        self._take(trainer)
        return trainer, notes

    def _loop(self) -> None:
        """Write the newest moment whenever there is one."""
        while True:
            go_on = True
            with contextlib.suppress(queue.Empty):
                go_on = self._wake.get(timeout=RETRY if self._failed is not None else None)
            taken = self._pending  # not taken away: something newer may come in between
            if taken is None or taken[0] <= self._done:
                taken = self._failed
            if taken is not None:
                self._write(taken)
                self._done = max(self._done, taken[0])
            with contextlib.suppress(queue.Empty):
                while True:
                    retired = self._retired.get_nowait()
                    retired.close()
                    if self._failed is not None and self._failed[2] is retired:
                        self._give_up()
            if not go_on:
                return

    def _write(self, taken: tuple[int, Moment, SessionWriter]) -> None:
        """Write a moment; where that goes wrong, or right again, say so: the app goes on all the same."""
        _, moment, writer = taken
        if self._failed is not None and self._failed[2] is not writer:
            self._give_up()
        try:
            anew = writer.write(moment)
        except Exception as error:
            self._failed, self._failing = taken, True
            why = system_reason(error) if isinstance(error, OSError) else repr(error)
            nowhere = isinstance(error, NoPlaceError) and writer.saved is None
            if isinstance(error, NoPlaceError) and self.sandbox.confined:
                why = error.reason  # no place of the host's
            self._why = "" if nowhere else why
            line = (
                tr("no session is kept: {reason}", reason=why)
                if nowhere
                else tr("the session cannot be saved: {reason}; it is tried again", reason=why)
            )
            self._say_failing(line, stays=not nowhere)
        else:
            self._failed, self._failing, self._why = None, False, ""
            if self._told and self.warn is not None:
                self.warn("")
            self._told = False
            if anew and not self._told_gone and self.tell is not None:
                self._told_gone = True
                self.tell(tr("files of the session had been removed; they are written anew"))

    def _say_failing(self, line: str, *, stays: bool) -> None:
        if self._told:
            return
        self._told = True
        if self.tell is not None:
            self.tell(line)
        if stays and self.warn is not None:
            self.warn(line)

    def _give_up(self) -> None:
        """Note that a session which nobody has any more could not be saved."""
        if self._failed is not None and self._why:
            self._lost.append(_loss(*self._failed[1:], self._why))
        self._failed, self._failing, self._why = None, False, ""


def _loss(moment: Moment, writer: SessionWriter, why: str) -> str:
    """Say what of a training is not saved."""
    from tui_backprop.text.printable import printable

    saved, name = moment.saved, printable(moment.saved.lesson.name, 60)
    if writer.saved is None:
        return tr(
            "`{lesson}` at iteration {iteration} is not saved: {reason}; nothing of it is kept",
            lesson=name,
            iteration=saved.iteration,
            reason=why,
        )
    return tr(
        "`{lesson}` at iteration {iteration} is not saved: {reason}; it is as of iteration {before} kept",
        lesson=name,
        iteration=saved.iteration,
        reason=why,
        before=writer.saved,
    )
