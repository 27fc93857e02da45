"""The file of a session's losses: those before an iteration thinned out, those from there on as they are.

What stands in it is never written over. A run adds to it behind what is there; once it is as long as
:data:`MOST`, another file begins, with the last of the losses.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import IO, Any

import msgspec
import numpy as np
from msgspec import Struct, structs

from tui_backprop.engine.core.arrays import Array
from tui_backprop.sessions.format import LossesPart, SessionFileError, open_plain, sync_folder
from tui_backprop.text.sentences import tr
from tui_backprop.training.history import History
from tui_backprop.training.losses.extremes import BLOCK
from tui_backprop.training.losses.kept import Kept
from tui_backprop.training.losses.thinned import ROWS, Thinned

MOST = 1 << 20
"""Exact losses in a file, roughly: 8 MiB of them."""
LEAST = 1 << 19
"""Exact losses with which a file begins where there are more than it may have."""
_PIECE = 1 << 18
_TYPES = {"at": np.int64, "bad": np.int64}


class _Front(Struct, frozen=True, array_like=True):
    """Losses that are thinned out, as they are written."""

    width: int
    base: int
    head: bytes
    rows: dict[str, bytes]


class LossesFile(Struct, frozen=True, eq=False):
    """What is on disk, as far as the state file names it.

    Attributes:
        kept: the losses it was written from.
        first: the first iteration whose loss it has as it is.
        front: bytes of those before, and ``front_sum`` their checksum.
        checksum: of all of it.
    """

    kept: Kept
    first: int = 0
    front: int = 0
    front_sum: int = 0
    checksum: int = 0

    @property
    def nbytes(self) -> int:
        """How long the file is at least."""
        return self.front + 8 * (len(self.kept) - self.first) if len(self.kept) else 0

    def part(self, generation: int) -> LossesPart:
        """Return what a state file says of it."""
        return LossesPart(generation, len(self.kept), self.checksum, self.first, self.front)

    def going_on(self, kept: Kept) -> tuple[LossesFile, int] | None:
        """Return the same file with other losses, and how many it has already; None where another must begin.

        It goes on where these are those that it has and more, or fewer, and where it has room.
        """
        common = self.kept.common(kept)
        if len(kept) - self.first > MOST or common < self.first or common not in (len(self.kept), len(kept)):
            return None
        if common == len(self.kept):
            before = self.checksum
        elif kept.origin <= self.first:
            before = _checksum(kept, self.first, common, self.front_sum)
        else:
            return None
        if kept.origin > common:
            return None
        return LossesFile(kept, self.first, self.front, self.front_sum, before), common


def begun(kept: Kept) -> tuple[LossesFile, bytes]:
    """Return a file of these losses that is to be written, with its front's checksum, and its front."""
    if len(kept) <= MOST and not kept.origin:
        return LossesFile(kept), b""
    first = kept.origin
    if len(kept) - first > MOST:
        first = (len(kept) - LEAST) // BLOCK * BLOCK
    front = _packed(kept.thinned_to(first))
    checksum = zlib.crc32(front)
    return LossesFile(kept, first, len(front), checksum, checksum), front


def write(path: Path, file: LossesFile, start: int, front: bytes = b"") -> LossesFile:
    """Put losses from number ``start`` on into their file, on the disk before this returns.

    Args:
        path: the file.
        file: what is to be in it, with the checksum of what is there already.
        start: the first loss that is not.
        front: what it begins with, where it is new.

    Returns:
        The same with the checksum of all.

    Raises:
        OSError: it cannot be written.
    """
    if start >= len(file.kept) and not front:
        return file
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with open(handle, "wb") as opened:
        opened.write(front)
        opened.seek(file.front + 8 * (start - file.first))
        for place in range(start, len(file.kept), _PIECE):
            opened.write(file.kept.exact(place, min(place + _PIECE, len(file.kept))).data)
        opened.flush()
        os.fsync(handle)
    if start == file.first:
        sync_folder(path.parent)
    checksum = _checksum(file.kept, start, len(file.kept), file.checksum)
    return structs.replace(file, checksum=checksum)


def _checksum(kept: Kept, start: int, stop: int, before: int) -> int:
    """Return the checksum of losses that follow others whose checksum is ``before``."""
    for place in range(start, stop, _PIECE):
        before = zlib.crc32(kept.exact(place, min(place + _PIECE, stop)).data, before)
    return before


def read(path: Path, part: LossesPart) -> LossesFile:
    """Return the losses that a state names; of many, as an earlier version wrote them, the old ones thin out.

    Raises:
        SessionFileError: the file is damaged.
        OSError: it cannot be read.
    """
    if not part.length:
        return LossesFile(Kept.of(()))
    if part.first > part.length:
        raise SessionFileError(tr("its losses do not fit each other"))
    with open(path, "rb", opener=open_plain) as file:
        if os.fstat(file.fileno()).st_size < part.front + 8 * (part.length - part.first):
            raise SessionFileError(tr("its losses are cut off"))
        front = file.read(part.front)
        history, checksum = History(_begin(front, part)), zlib.crc32(front)
        front_sum = checksum
        while len(history) < part.length:
            losses = _piece(file, min(_PIECE, part.length - len(history)))
            checksum = zlib.crc32(losses.data, checksum)
            history.extend(losses)
    if checksum != part.checksum:
        raise SessionFileError(tr("its losses are damaged"))
    return LossesFile(history.kept(), part.first, part.front, front_sum, checksum)


def _piece(file: IO[bytes], count: int) -> Array:
    losses: Array = np.fromfile(file, dtype=np.float64, count=count)
    if len(losses) != count:
        raise SessionFileError(tr("its losses are cut off"))
    return losses


def _packed(thinned: Thinned) -> bytes:
    rows = {name: np.ascontiguousarray(getattr(thinned, name)).tobytes() for name in ROWS}
    return msgspec.msgpack.encode(_Front(thinned.width, thinned.base, thinned.head.tobytes(), rows))


def _begin(front: bytes, part: LossesPart) -> Kept:
    """Return the losses that are thinned out; refuse what does not fit."""
    if not part.first and not part.front:
        return Kept()
    wrong = SessionFileError(tr("its losses are damaged"))
    try:
        found = msgspec.msgpack.decode(front, type=_Front)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise wrong from None
    width, base = found.width, found.base
    if width < BLOCK or width & (width - 1) or base != part.first or not base or base % BLOCK:
        raise wrong
    count = -(-base // width)
    if count > Thinned.MOST or found.rows.keys() != set(ROWS) or len(found.head) != 8 * min(base, BLOCK):
        raise wrong
    if any(len(data) != 8 * count for data in found.rows.values()):
        raise wrong
    rows: dict[str, Any] = {
        name: np.frombuffer(data, _TYPES.get(name, np.float64)) for name, data in found.rows.items()
    }
    starts = np.arange(count, dtype=np.int64) * width
    for name in _TYPES:
        places = rows[name]
        if not ((places == -1) | ((places >= starts) & (places < np.minimum(starts + width, base)))).all():
            raise wrong
    return Kept.of((), Thinned(width, base, np.frombuffer(found.head, np.float64), **rows))
