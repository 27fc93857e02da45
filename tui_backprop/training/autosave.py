"""What keeps a training on disk while somebody works on it."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.engine.arrays import Array
    from tui_backprop.training.session import Moment
    from tui_backprop.training.sessions import Lock
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
    """Takes a line for the user, from any thread: that saving fails."""

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


def resume(key: str) -> Resumed:
    """Open a session again, by its whole id.

    Raises:
        SessionError: it cannot be resumed.
    """
    autosave = SessionAutosave()
    trainer, notes = autosave.resume(key)
    return Resumed(trainer, autosave, notes)


class SessionAutosave(Autosave):
    """Saves a training into a session, which begins with the first thing that the user does.

    The trainer's thread only notes references to what is never written again; a thread of its own writes the
    newest of them. Another lesson, or the same one loaded again, begins another session.
    Nothing here waits for a lock, so that a signal's handler may flush whatever it interrupted.
    """

    def __init__(self, trainer: Trainer | None = None) -> None:
        self._wake: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._retired: queue.SimpleQueue[_Writer] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._pending: tuple[int, Moment, _Writer] | None = None
        self._done = 0  # number of the moment dealt with last
        self._number = 0  # of the moment noted last
        self._last = -INTERVAL
        self._failing = False
        self._writer = _Writer()
        self._seen: Moment | None = None  # held, so that nothing else gets its parts' identities
        if trainer is not None:
            self.begin(trainer)

    def _look(self, trainer: Trainer) -> bool:
        """Take the training as it is; tell whether anything has changed since the last time."""
        from tui_backprop.training.session import take  # a start needs none of it

        moment, before = take(trainer), self._seen
        if before is not None and moment.lesson is not before.lesson:
            self.flush()
            self._retire()
            before, self._writer = None, _Writer()
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
            self._look(trainer)

    def changed(self, trainer: Trainer) -> None:
        """Note the state after a user's action, if it is another than before."""
        if self._look(trainer):
            self._note()

    def running(self, trainer: Trainer) -> None:
        """Note the state between two slices of a run, every :data:`INTERVAL` seconds.

        After a save that failed, only every :data:`RETRY` seconds.
        """
        interval = RETRY if self._failing else INTERVAL
        if time.monotonic() - self._last >= interval and self._look(trainer):
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
        """Write what was noted last, and let the session go."""
        self._wait(5 * PATIENCE)
        if self._thread is not None:
            self._wake.put(False)
            self._thread.join(PATIENCE)
            self._thread = None
        self._writer.close()

    def resume(self, key: str) -> tuple[Trainer, Sequence[str]]:
        """Go on with a session; the one until now is closed and stays."""
        from tui_backprop.training.session_opening import open_session

        trainer, lock, notes = open_session(key)
        self.close()
        self._writer, self._seen = _Writer(lock, trainer.losses), None
        self._look(trainer)
        return trainer, notes

    def _loop(self) -> None:
        """Write the newest moment whenever there is one."""
        failed: tuple[int, Moment, _Writer] | None = None
        said = False
        while True:
            go_on = True
            with contextlib.suppress(queue.Empty):
                go_on = self._wake.get(timeout=RETRY if failed is not None else None)
            taken = self._pending  # not taken away: something newer may come in between
            if taken is None or taken[0] <= self._done:
                taken = failed
            if taken is not None:
                number, moment, writer = taken
                try:
                    writer.write(moment)
                    failed, said = None, False
                    self._failing = False
                except Exception as error:  # the app goes on, whatever the disk does
                    failed = taken
                    self._failing = True
                    why = error.strerror if isinstance(error, OSError) and error.strerror else repr(error)
                    if not said and self.tell is not None:
                        said = True
                        self.tell(f"the session cannot be saved: {why}; it is tried again")
                self._done = max(self._done, number)
            with contextlib.suppress(queue.Empty):
                while True:
                    retired = self._retired.get_nowait()
                    retired.close()
                    if failed is not None and failed[2] is retired:
                        failed = None
            if not go_on:
                return


class _Writer:
    """Writes the moments of one session; used by one thread at a time.

    What the state file on disk names is never written over: losses are added behind those that it names, and
    where others take their place, they go into another file.
    """

    def __init__(self, lock: Lock | None = None, losses: Array | None = None) -> None:
        self._lock = lock
        self._attempt = 0 if lock is None else lock.generation  # no file of losses is begun twice
        self._losses = losses  # those that the state on disk names; None where that is not certain
        self._checksum: int | None = None
        self._samples = lock is not None

    def write(self, moment: Moment) -> None:
        """Write a moment; what is on disk stays whole wherever this ends."""
        from tui_backprop.training import session, session_file, sessions

        fresh = self._lock is None
        if self._lock is None:
            self._lock = sessions.new_session()
        lock = self._lock
        if session.has_samples_file(moment.lesson) and not self._samples:
            data = session_file.encode(session_file.NoSummary(), session.pack_samples(moment.lesson))
            session_file.write_state(lock.samples, data)
            self._samples = True
        known, self._losses = self._losses, None
        generation, start, before = lock.generation, 0, 0
        losses, common = moment.losses, 0 if known is None else _common(known, moment.losses)
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
            moment.lesson.name[:200], moment.iteration, moment.position, moment.loss, moment.when
        )
        on_disk = _inode(lock.state)
        try:
            if start < len(losses):
                session_file.write_losses(lock.losses(generation), losses, start)
            session_file.write_state(lock.state, session_file.encode(summary, session.pack(moment, part)))
        except Exception:
            if generation != lock.generation and _inode(lock.state) == on_disk:  # nothing names them
                with contextlib.suppress(OSError):
                    lock.losses(generation).unlink(missing_ok=True)
            raise
        changed, lock.generation = generation != lock.generation, generation
        self._losses, self._checksum = losses, checksum
        with contextlib.suppress(OSError):
            if changed:
                lock.drop_losses(generation)
            if fresh:
                sessions.prune()

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
