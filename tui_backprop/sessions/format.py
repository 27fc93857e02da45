"""The files of a session: their format, and writing them so that a crash at any moment leaves a whole one.

A state file is a magic word, the format's number, two lengths and two checksums, then two msgpack structs: a
short one for lists of sessions, and the state. Nothing in it is ever executed.
"""

from __future__ import annotations

import contextlib
import os
import struct
import zlib
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec
import numpy as np
from msgspec import Meta, Struct

from tui_backprop.engine.autodiff.groups import Part
from tui_backprop.engine.core.arrays import MAX_DIMENSIONS, Array, size_of
from tui_backprop.lessons.csv_files.reading import Reading
from tui_backprop.text.sentences import tr
from tui_backprop.training.changes.undo import What

FORMAT = 3
"""Earlier ones can be read: 2 had all losses, and 1 texts in English for what a change was and for an
optimizer's memory."""
MAX_STATE = 1 << 30
"""Bytes; a larger file is none of ours."""
MAX_SUMMARY = 1 << 16
_MAGIC = b"tui-backprop session\n"
_HEADER = struct.Struct("<HIQII")  # format, lengths of summary and state, their checksums

Count = Annotated[int, Meta(ge=0, le=1 << 27)]
Iteration = Annotated[int, Meta(ge=0, le=1 << 53)]
T = TypeVar("T")


class SessionFileError(ValueError):
    """A file is not a session's, or is damaged; the message says what is wrong with it."""


class NewerFormatError(SessionFileError):
    """A file was written by a later version."""


class ArrayPart(Struct, frozen=True, array_like=True):
    """A float64 array with the order of its axes in memory, on which the last bits of a product depend."""

    shape: tuple[Count, ...]
    axes: tuple[Count, ...]
    scalar: bool
    data: bytes


class Summary(Struct, frozen=True):
    """What a list of sessions shows."""

    lesson: str
    iteration: Iteration
    position: Count
    loss: float | None
    saved: float


class SettingsPart(Struct, frozen=True, array_like=True):
    """What holds from an iteration on; arrays by their number in the pool."""

    hyperparameters: dict[str, int | float | str | bool]
    overrides: dict[str, Count]
    edits: dict[str, Count]
    whole: list[str]


EntriesPart = list[tuple[Iteration, Count]]
"""Iterations, and settings by their number in the pool."""


class ChangePart(Struct, frozen=True, array_like=True):
    """One change that can be undone or redone."""

    what: What
    since: Iteration
    before: EntriesPart
    after: EntriesPart
    iteration: Iteration
    position: Count
    restarts: bool
    nbytes: Annotated[int, Meta(ge=0)]


class CheckpointPart(Struct, frozen=True, array_like=True):
    """What one iteration starts from."""

    iteration: Iteration
    parameters: dict[str, Count]
    optimizer: str
    states: dict[str, tuple[Annotated[int, Meta(ge=0)], dict[str, Count]]]


AnchorPart = tuple[Iteration, Iteration, bytes]
"""A state of those all over the way: its iteration, in how many chunks it was reached, and the rest."""


class LossesPart(Struct, frozen=True):
    """Which companion file has the losses, how many there are in all, and the file's checksum.

    It has the losses from iteration ``first`` on, and before these ``front`` bytes of older, thinned out.
    """

    generation: Annotated[int, Meta(ge=0)]
    length: Iteration
    checksum: int
    first: Iteration = 0
    front: Count = 0


class MarkPart(Struct, frozen=True, array_like=True):
    """One answer of homework, as it was marked."""

    name: str
    given: str
    passed: bool
    verdict: str


class FoldsPart(Struct, frozen=True, array_like=True):
    """What was folded and unfolded: stretches of records, and the keys of calls and turns."""

    chosen: list[tuple[Count, Count, Part]] = []
    unfolded: list[tuple[Count, Count]] = []


class PinPart(Struct, frozen=True, array_like=True):
    """A run that was pinned: what was set in it, how far it went, and the extremes of its losses."""

    entries: EntriesPart
    iteration: Iteration
    loss: float
    iterations: list[Iteration]
    low: list[float]
    high: list[float]
    nonfinite: list[bool]
    first_nonfinite: Iteration | None = None


class PracticePart(Struct, frozen=True):
    """What was practised, folded, and pinned."""

    predicting: bool = False
    earned: dict[str, Count] = {}
    marks: list[MarkPart] = []
    folds: FoldsPart = FoldsPart()
    pins: list[PinPart] = []


class LowestPart(Struct, frozen=True, array_like=True):
    """The lowest validation loss, as far as they were looked at."""

    upto: Iteration
    iteration: Iteration
    loss: float


class StatePart(Struct, frozen=True):
    """A training, whole but for its losses and for samples that came from a file of their own."""

    name: str
    text: str
    path: str
    builtin: bool
    samples: bool
    position: Count
    stepped: bool
    diverged: bool
    arrays: list[ArrayPart]
    settings: list[SettingsPart]
    log: EntriesPart
    done: list[ChangePart]
    undone: list[ChangePart]
    breakpoints: list[tuple[str, bool]]
    checkpoints: list[CheckpointPart]
    losses: LossesPart
    practice: PracticePart = PracticePart()
    lowest: LowestPart | None = None
    anchors: list[AnchorPart] = []


class SamplesPart(Struct, frozen=True):
    """Samples by name, and how they were read: trained on, and not; arrays of other files, by entry."""

    arrays: dict[str, ArrayPart]
    validation: dict[str, ArrayPart] = {}
    beside: dict[str, ArrayPart] = {}
    reading: Reading = Reading()


class NoSummary(Struct, frozen=True):
    """Nothing for a list to show."""

    kind: Literal["samples"] = "samples"


def pack_array(value: Array) -> ArrayPart:
    """Return an array as it is written."""
    array = np.asarray(value, dtype=np.float64)
    axes = tuple(int(axis) for axis in np.argsort([-abs(s) for s in array.strides], kind="stable"))
    data = np.ascontiguousarray(array.transpose(axes)).tobytes()
    return ArrayPart(array.shape, axes, not isinstance(value, np.ndarray), data)


def unpack_array(part: ArrayPart) -> Array:
    """Return an array as it was, read-only; refuse one whose numbers do not add up."""
    dimensions = len(part.shape)
    if (
        dimensions > MAX_DIMENSIONS
        or sorted(part.axes) != list(range(dimensions))
        or size_of(part.shape) * 8 != len(part.data)
        or (part.scalar and dimensions)
    ):
        raise SessionFileError(tr("an array does not fit its shape"))
    flat = np.frombuffer(part.data, dtype=np.float64).copy()
    array = flat.reshape([part.shape[axis] for axis in part.axes]).transpose(np.argsort(part.axes).tolist())
    if part.scalar:
        return array[()]
    array.flags.writeable = False
    return array


def encode(summary: Struct, state: Struct) -> bytes:
    """Return the bytes of a state file."""
    head, body = msgspec.msgpack.encode(summary), msgspec.msgpack.encode(state)
    header = _HEADER.pack(FORMAT, len(head), len(body), zlib.crc32(head), zlib.crc32(body))
    return b"".join((_MAGIC, header, head, body))


def read_state(path: Path, kind: type[T]) -> T:
    """Return the state in a file.

    Raises:
        SessionFileError: the file is damaged, or none of ours.
        OSError: it cannot be read.
    """
    return _read(path, kind, whole=True)


def read_summary(path: Path) -> Summary:
    """Return what a list shows of a file, without reading the rest; raises as :func:`read_state` does."""
    return _read(path, Summary, whole=False)


def _read(path: Path, kind: type[T], *, whole: bool) -> T:
    with open(path, "rb", opener=open_plain) as file:
        start = file.read(len(_MAGIC) + _HEADER.size)
        if not start.startswith(_MAGIC) or len(start) < len(_MAGIC) + _HEADER.size:
            raise SessionFileError(tr("it is not a session"))
        number, head_length, body_length, head_sum, body_sum = _HEADER.unpack(start[len(_MAGIC) :])
        if number > FORMAT:
            raise NewerFormatError(
                tr("found format {found}; this version reads up to {most}", found=number, most=FORMAT)
            )
        size = os.fstat(file.fileno()).st_size
        if head_length > MAX_SUMMARY or body_length > MAX_STATE:
            raise SessionFileError(tr("it is damaged"))
        if number < 1 or size != len(start) + head_length + body_length:
            raise SessionFileError(tr("it is cut off or damaged"))
        data, checksum = file.read(head_length), head_sum
        if whole:
            data, checksum = file.read(body_length), body_sum
    if zlib.crc32(data) != checksum:
        raise SessionFileError(tr("it is damaged"))
    try:
        return msgspec.msgpack.decode(data, type=kind, strict=True)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise SessionFileError(tr("it is damaged")) from None


def open_plain(path: str, flags: int) -> int:
    """Open without waiting for a pipe, or following a link, that somebody put there."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def write_state(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, and have it on the disk before this returns.

    Raises:
        OSError: it cannot be written; the old file is as it was.
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        with open(beside, "wb", opener=_open_private) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have a folder's entries on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
