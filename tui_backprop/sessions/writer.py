"""Writing one session: what is new goes behind what is there, and what is there stays whole."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.sessions.losses import LossesFile
    from tui_backprop.sessions.model import Moment
    from tui_backprop.sessions.store import Lock


class SessionWriter:
    """Writes the moments of one session; used by one thread at a time.

    What the state file on disk names is never written over: losses are added behind those that it names, and
    where others take their place, or there is no room, they go into another file. What somebody else has
    removed is written anew.

    Attributes:
        saved: the iteration that stands on disk; None where nothing does.
    """

    def __init__(self, lock: Lock | None = None, file: LossesFile | None = None) -> None:
        self._lock = lock
        self._attempt = 0 if lock is None else lock.generation  # no file of losses is begun twice
        self._file = file  # the losses that the state on disk names; None where that is not certain
        self._samples = lock is not None
        self.saved: int | None = None

    def is_gone(self) -> bool:
        """Tell whether files of the session have been removed."""
        lock = self._lock
        return lock is not None and not (lock.is_whole() and lock.has_losses(self._file))

    def write(self, moment: Moment) -> bool:
        """Write a moment; tell whether files were missing. What is on disk stays whole wherever this ends.

        Raises:
            OSError: it cannot be written; a NoPlaceError where there is no place for it at all.
        """
        from tui_backprop.sessions import format as session_file
        from tui_backprop.sessions import losses as session_losses
        from tui_backprop.sessions import model, store

        saved = moment.saved
        fresh, gone = self._lock is None, self.is_gone()
        if self._lock is None:
            self._lock = store.new_session()
        elif not self._lock.is_whole():
            self._lock, self._file = store.renewed(self._lock), None
        lock = self._lock
        if not lock.has_losses(self._file):
            self._file = None
        if model.has_samples_file(saved.lesson) and not (self._samples and lock.samples.exists()):
            data = session_file.encode(session_file.NoSummary(), model.pack_samples(saved.lesson))
            session_file.write_state(lock.samples, data)
            self._samples = True
        known, self._file = self._file, None
        generation, front = lock.generation, b""
        going_on = None if known is None else known.going_on(saved.losses)
        if going_on is not None:
            file, start = going_on
        else:
            self._attempt += 1
            generation = self._attempt
            file, front = session_losses.begun(saved.losses)
            start = file.first
        summary = session_file.Summary(
            saved.lesson.name[:200], saved.iteration, saved.position, saved.loss, moment.when
        )
        on_disk = _inode(lock.state)
        try:
            file = session_losses.write(lock.losses(generation), file, start, front)
            data = session_file.encode(summary, model.pack(moment, file.part(generation)))
            session_file.write_state(lock.state, data)
            store.make_newest(lock)
        except Exception:
            if generation != lock.generation and _inode(lock.state) == on_disk:  # nothing names them
                with contextlib.suppress(OSError):
                    lock.losses(generation).unlink(missing_ok=True)
            raise
        lock.written = True
        changed, lock.generation = generation != lock.generation, generation
        self._file, self.saved = file, saved.iteration
        with contextlib.suppress(OSError):
            if changed:
                lock.drop_losses(generation)
            if fresh:
                store.prune(moment.saved.lesson.sandbox.at_most("sessions", store.KEPT))
        return gone

    def close(self) -> None:
        """Let the session go."""
        if self._lock is not None:
            self._lock.release()


def _inode(path: Path) -> int:
    """Return which file a path is of; 0 where there is none."""
    try:
        return os.lstat(path).st_ino
    except OSError:
        return 0
