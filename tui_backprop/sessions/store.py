"""The sessions kept in the user's state directory: listing, locking, reading and deleting them.

A session is a state file, a file of losses, perhaps one of samples, and a lock, which the kernel lets go of
however a program ends. The newest :data:`KEPT` sessions stay; older ones go, but never one that is open.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tui_backprop.engine.core.errors import BackpropError, suggest
from tui_backprop.sessions.place import no_place
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.text.system import system_reason

if TYPE_CHECKING:
    from tui_backprop.sessions.format import Summary
    from tui_backprop.sessions.losses import LossesFile

KEPT = 50
ENDING = ".session"
ASIDE = ".session.bad"
"""Ends the name of a damaged state; its losses and samples stay beside it until it is deleted."""
TICK = 1_000_000
"""Nanoseconds by which a session is later than another where the clock does not make it so."""
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class SessionError(BackpropError):
    """A session cannot be used; the message says which and why, in one line."""


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A session in a list.

    Attributes:
        id: its name, short and typable.
        lesson: the lesson's name, safe for a terminal.
        iteration, position: where it stands.
        loss: the loss there; None where it was not known.
        saved: when, in seconds since 1970.
        locked: whether a program has it open.
        problem: why it cannot be resumed; "" where it can.
    """

    id: str
    lesson: str
    iteration: int
    position: int
    loss: float | None
    saved: float
    locked: bool
    problem: str = ""


def sessions_folder() -> Path:
    """Return where sessions are kept; raise an OSError where there is no home folder."""
    from platformdirs import user_state_path

    path = user_state_path("tui-backprop")
    if not path.is_absolute():
        raise OSError(2, tr("there is no home folder"))
    return path / "sessions"


class Lock:
    """A session that this program has open; others are refused it until :meth:`release`."""

    def __init__(self, key: str, handle: int, folder: Path) -> None:
        self.id, self.folder, self._handle = key, folder, handle
        self.generation = 0  # of the losses that the state file names
        self.written = False  # whether there has been a state file

    @property
    def state(self) -> Path:
        """The state file."""
        return self.folder / f"{self.id}{ENDING}"

    @property
    def samples(self) -> Path:
        """The file of samples."""
        return self.folder / f"{self.id}.samples"

    def losses(self, generation: int) -> Path:
        """Return the file of losses of a generation."""
        return self.folder / f"{self.id}.{generation}.losses"

    def is_whole(self) -> bool:
        """Tell whether the lock and, once it was written, the state are where they were."""
        try:
            if not os.path.samestat(os.fstat(self._handle), os.stat(self.folder / f"{self.id}.lock")):
                return False
            return not self.written or self.state.exists()
        except OSError:
            return False

    def has_losses(self, known: LossesFile | None) -> bool:
        """Tell whether the file of losses holds as much as is known to have been written."""
        if known is None or not known.nbytes:
            return True
        try:
            return os.stat(self.losses(self.generation)).st_size >= known.nbytes
        except OSError:
            return False

    def drop_losses(self, keep: int | None) -> None:
        """Delete the files of losses of all generations but one."""
        kept = self.losses(keep).name if keep is not None else ""
        for name in os.listdir(self.folder):
            if name.startswith(f"{self.id}.") and name.endswith(".losses") and name != kept:
                (self.folder / name).unlink(missing_ok=True)

    def delete(self) -> None:
        """Delete the session."""
        self.state.unlink(missing_ok=True)  # first: nothing names the others then
        for name in os.listdir(self.folder):
            if name.startswith((f"{self.id}.", f".{self.id}.")) and not name.endswith(".lock"):
                (self.folder / name).unlink(missing_ok=True)
        (self.folder / f"{self.id}.lock").unlink(missing_ok=True)

    def release(self) -> None:
        """Let others open the session."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def lock(key: str, folder: Path, *, new: bool = False) -> Lock | None:
    """Lock a session; None where another program has it open, or where it is to be new and is not."""
    path = folder / f"{key}.lock"
    tries = 5  # somebody who only lists sessions holds the lock for a moment
    while True:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | (os.O_EXCL if new else 0)
        try:
            handle = os.open(path, flags, 0o600)
        except FileExistsError:
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            tries -= 1
            if not tries:
                return None
            time.sleep(0.01)
            new = False
            continue
        except OSError:
            os.close(handle)
            raise
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), os.stat(path)):
                return Lock(key, handle, folder)
        os.close(handle)  # deleted between opening and locking


def new_session() -> Lock:
    """Lock a session with a new name; its folder is made where it is missing.

    Raises:
        OSError: it cannot be made; a NoPlaceError where it never can.
    """
    folder = _made_folder()
    known = set(_all_ids(folder))
    while True:
        key = "".join(secrets.choice(_LETTERS) for _ in range(4))
        try:
            held = None if key in known else lock(key, folder, new=True)
        except OSError as error:
            raise no_place(error, folder) from None
        if held is not None:
            return held


def renewed(held: Lock) -> Lock:
    """Lock a session anew whose files were removed, under another name where its own is taken by now.

    Raises:
        OSError: as :func:`new_session`.
    """
    held.release()
    try:
        again = lock(held.id, _made_folder())
    except OSError as error:
        raise no_place(error, held.folder) from None
    return again or new_session()


def _made_folder() -> Path:
    """Return the sessions' folder, made where it is missing."""
    folder: Path | None = None
    try:
        folder = sessions_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chmod(folder, 0o700)
    except OSError as error:
        raise no_place(error, folder) from None
    return folder


def _written(folder: Path) -> dict[str, int]:
    """Return the sessions there are, with when each was written, in nanoseconds since 1970."""
    found: dict[str, int] = {}
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            key, _, rest = entry.name.partition(".")
            if f".{rest}" in (ENDING, ASIDE) and key and set(key) <= set(_LETTERS):
                with contextlib.suppress(OSError):
                    found[key] = max(found.get(key, 0), entry.stat(follow_symlinks=False).st_mtime_ns)
    return found


def _ids(folder: Path) -> list[str]:
    """Return the sessions there are, the newest first."""
    found = _written(folder)
    return sorted(found, key=lambda key: (found[key], key), reverse=True)


def make_newest(held: Lock) -> None:
    """Date a session that has just been written behind all others, also where the clock was ahead once."""
    with contextlib.suppress(OSError, OverflowError):  # a date that no file can have
        others = [when for key, when in _written(held.folder).items() if key != held.id]
        if others and os.stat(held.state).st_mtime_ns <= max(others):
            os.utime(held.state, ns=(max(others) + TICK,) * 2)


def _all_ids(folder: Path) -> list[str]:
    """Return the sessions that any file is of, also what was left of one that was never whole."""
    names = (name.removeprefix(".").partition(".") for name in os.listdir(folder))
    return list(dict.fromkeys(key for key, _, rest in names if key and rest and set(key) <= set(_LETTERS)))


def _is_locked(key: str, folder: Path) -> bool:
    """Tell whether a program has a session open; this makes no file."""
    try:
        handle = os.open(folder / f"{key}.lock", os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def _info(key: str, folder: Path) -> SessionInfo:
    from tui_backprop.sessions.format import SessionFileError, read_summary

    locked = _is_locked(key, folder)
    path = folder / f"{key}{ENDING}"
    try:
        found: Summary = read_summary(path)
    except (SessionFileError, OSError) as error:
        problem = system_reason(error) if isinstance(error, OSError) else str(error)
        if isinstance(error, FileNotFoundError) and (folder / f"{key}{ASIDE}").exists():
            path = folder / f"{key}{ASIDE}"
            problem = tr("damaged, kept as {file}", file=path.name)
        with contextlib.suppress(OSError):
            return SessionInfo(key, "?", 0, 0, None, path.stat().st_mtime, locked, printable(problem, 200))
        return SessionInfo(key, "?", 0, 0, None, 0.0, locked, printable(problem, 200))
    name = printable(found.lesson, 80)
    return SessionInfo(key, name, found.iteration, found.position, found.loss, found.saved, locked)


def list_sessions() -> list[SessionInfo]:
    """Return all sessions, the newest first; none where there is no home folder."""
    try:
        folder = sessions_folder()
    except OSError:
        return []
    return [_info(key, folder) for key in _ids(folder)]


def offer() -> SessionInfo | None:
    """Return the newest session that can be resumed and that nobody has open."""
    try:
        folder = sessions_folder()
    except OSError:
        return None
    infos = (_info(key, folder) for key in _ids(folder))
    return next((info for info in infos if not info.locked and not info.problem), None)


def find_session(text: str) -> str:
    """Return the key that a text, or the beginning of one, stands for.

    Raises:
        SessionError: none, or several.
    """
    try:
        ids = _ids(sessions_folder())
    except OSError:
        ids = []
    matches = [text] if text in ids else [key for key in ids if text and key.startswith(text)]
    if len(matches) == 1:
        return matches[0]
    shown = printable(text, 40) or tr("nothing")
    if matches:
        several = ", ".join(sorted(matches))
        raise SessionError(tr("session {id} may be any of {ids}; type more of it", id=shown, ids=several))
    if not ids:
        raise SessionError(tr("found no session {id}; there are none", id=shown))
    if hint := suggest(text, ids):
        raise SessionError(tr("found no session {id}{hint}", id=shown, hint=hint))
    raise SessionError(tr("found no session {id}; tui-backprop sessions lists them", id=shown))


def delete_session(key: str) -> None:
    """Delete a session.

    Raises:
        SessionError: a program has it open, or it cannot be deleted.
    """
    try:
        held = lock(key, sessions_folder())
        if held is None:
            raise SessionError(tr("session {id} is open in another program; close it there first", id=key))
        try:
            held.delete()
        finally:
            held.release()
    except OSError as error:
        reason = tr("session {id} cannot be deleted: {reason}", id=key, reason=system_reason(error))
        raise SessionError(reason) from None


def prune(keep: int) -> None:
    """Delete the oldest sessions beyond that many, and what is left of any never written whole; none open."""
    folder = sessions_folder()
    known = _ids(folder)
    kept = known[:keep]
    for key in [*known[len(kept) :], *(key for key in _all_ids(folder) if key not in known)]:
        with contextlib.suppress(SessionError):
            delete_session(key)
