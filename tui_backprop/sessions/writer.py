"""Writing one session: what is new goes behind what is there, and what is there stays whole."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.engine.core.arrays import Array
    from tui_backprop.sessions.model import Moment
    from tui_backprop.sessions.store import Lock


class SessionWriter:
    """Writes the moments of one session; used by one thread at a time.

    What the state file on disk names is never written over: losses are added behind those that it names, and
    where others take their place, they go into another file. What somebody else has removed is written anew.

    Attributes:
        saved: the iteration that stands on disk; None where nothing does.
    """

    def __init__(self, lock: Lock | None = None, losses: Array | None = None) -> None:
        self._lock = lock
        self._attempt = 0 if lock is None else lock.generation  # no file of losses is begun twice
        self._losses = losses  # those that the state on disk names; None where that is not certain
        self._checksum: int | None = None
        self._samples = lock is not None
        self.saved: int | None = None

    def is_gone(self) -> bool:
        """Tell whether files of the session have been removed."""
        lock = self._lock
        return lock is not None and not (lock.is_whole() and lock.has_losses(self._losses))

    def write(self, moment: Moment) -> bool:
        """Write a moment; tell whether files were missing. What is on disk stays whole wherever this ends.

        Raises:
            OSError: it cannot be written; a NoPlaceError where there is no place for it at all.
        """
        from tui_backprop.sessions import format as session_file
        from tui_backprop.sessions import model, store

        saved = moment.saved
        fresh, gone = self._lock is None, self.is_gone()
        if self._lock is None:
            self._lock = store.new_session()
        elif not self._lock.is_whole():
            self._lock, self._losses = store.renewed(self._lock), None
        lock = self._lock
        if not lock.has_losses(self._losses):
            self._losses = None
        if model.has_samples_file(saved.lesson) and not (self._samples and lock.samples.exists()):
            data = session_file.encode(session_file.NoSummary(), model.pack_samples(saved.lesson))
            session_file.write_state(lock.samples, data)
            self._samples = True
        known, self._losses = self._losses, None
        generation, start, before = lock.generation, 0, 0
        losses, common = saved.losses, 0 if known is None else _common(known, saved.losses)
        if known is not None and common == len(known) and self._checksum is not None:
            start, before = common, self._checksum
        elif known is not None and common in (len(known), len(losses)):
            start, before = common, session_file.loss_checksum(losses[:common])
        else:
            self._attempt += 1
            generation = self._attempt
        checksum = session_file.loss_checksum(losses[start:], before)
        part = session_file.LossesPart(generation, len(losses), checksum)
        summary = session_file.Summary(
            saved.lesson.name[:200], saved.iteration, saved.position, saved.loss, moment.when
        )
        on_disk = _inode(lock.state)
        try:
            if start < len(losses):
                session_file.write_losses(lock.losses(generation), losses, start)
            data = session_file.encode(summary, model.pack(moment, part))
            session_file.write_state(lock.state, data)
            store.make_newest(lock)
        except Exception:
            if generation != lock.generation and _inode(lock.state) == on_disk:  # nothing names them
                with contextlib.suppress(OSError):
                    lock.losses(generation).unlink(missing_ok=True)
            raise
        lock.written = True
        changed, lock.generation = generation != lock.generation, generation
        self._losses, self._checksum, self.saved = losses, checksum, saved.iteration
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


def _common(one: Array, other: Array) -> int:
    """Return how many losses at the beginning are the same, to the last bit."""
    count = min(len(one), len(other))
    if not count or (one.base is not None and one.base is other.base):  # a history writes nothing anew
        return count
    import numpy as np

    different = one[:count].view(np.int64) != other[:count].view(np.int64)
    return int(np.argmax(different)) if different.any() else count
