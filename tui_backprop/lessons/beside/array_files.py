"""Named arrays from files that hold numbers and nothing else: .npz, .npy and .safetensors; never a pickle.

A header says what a file holds; nothing is made of it before its sizes have been found to fit into the file
and into the limits.
"""

from __future__ import annotations

import ast
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, BinaryIO

import msgspec
import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import MAX_DIMENSIONS, Array, frozen, size_of
from tui_backprop.lessons.errors import LessonError, found, is_file
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr, tr_in
from tui_backprop.text.system import system_reason

MAX_ARRAY_BYTES = 256 << 20
"""Bytes of one file, and of all its arrays in double precision together."""
MAX_ARRAYS = 10_000
"""Arrays of one file."""
MAX_HEADER = 8 << 20
"""Bytes of a .safetensors header."""
MAX_NPY_HEADER = 10_000
"""Bytes of the header of one array in NumPy's format; NumPy has the same limit."""
BEST = later("save with safetensors or np.savez")

_NUMBERS = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2",
    "I8": "|i1", "U8": "|u1", "BOOL": "|b1",
}  # fmt: skip
"""The types of .safetensors that are read, as NumPy writes them; BF16 is the upper half of a float32."""
_PICKLES = frozenset({".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".bin", ".joblib"})
_BROKEN_ZIP = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, ValueError, RuntimeError, EOFError,
    OSError,
)  # fmt: skip
"""What Python's zipfile and its decompressors raise for damaged bytes."""
_NPY = b"\x93NUMPY"
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"


def read_arrays(path: Path, sandbox: Sandbox) -> Mapping[str, Array]:
    """Read the arrays of a .npz, .npy or .safetensors file by name, in the order of the file.

    An array of a .npy file has the file's name, without its ending. Single precision stays single; half
    precision and bfloat16 become single, whole numbers and booleans double, all exactly but for whole
    numbers beyond 2⁵³. Arrays are read-only.

    Raises:
        LessonError: the file is missing, damaged, too large, a pickle, or holds something else than real
            numbers of at most six axes; one line that begins with the file's name.
    """
    shown = printable(path.name)
    ending = path.suffix.lower()
    if ending in _PICKLES:
        raise LessonError(
            tr(
                "{shown}: never a pickle, which can run code when it is read: {best}",
                shown=shown,
                best=tr(BEST),
            )
        )
    if ending not in _READERS:
        raise LessonError(
            tr(
                "{shown}: arrays are read from .npz, .npy and .safetensors; {best}",
                shown=shown,
                best=tr(BEST),
            )
        )
    if not sandbox.confined and not is_file(path):
        raise LessonError(tr("{file}: no such file", file=shown))
    try:
        with sandbox.open_file(path) as file:
            arrays = _READERS[ending](_held(file), path)
    except LessonError as error:
        raise LessonError(f"{shown}: {error}") from None
    except OSError as error:
        raise LessonError(
            tr("{file}: cannot be read: {reason}", file=shown, reason=printable(system_reason(error)))
        ) from None
    if not arrays:
        raise LessonError(tr("{shown}: holds no array", shown=shown))
    return MappingProxyType(arrays)


def _held(file: BinaryIO) -> bytes:
    """Return the file, which is not trusted to tell its size."""
    held = file.read(MAX_ARRAY_BYTES + 1)
    if len(held) > MAX_ARRAY_BYTES:
        raise LessonError(_too_large())
    return held


def _too_large() -> str:
    return tr(
        "holds more than {size} MiB of numbers; give a file of fewer arrays", size=MAX_ARRAY_BYTES >> 20
    )


class _Room:
    """How much of the limit for all arrays of a file is left."""

    def __init__(self) -> None:
        self.left = MAX_ARRAY_BYTES

    def take(self, name: str, shape: tuple[int, ...]) -> int:
        """Return how many numbers a shape has, if they fit."""
        if len(shape) > MAX_DIMENSIONS:
            raise LessonError(
                tr(
                    "{name} has {count} axes; at most {most} are read",
                    name=name,
                    count=len(shape),
                    most=MAX_DIMENSIONS,
                )
            )
        size = size_of(shape)
        self.left -= 8 * size
        if self.left < 0:
            raise LessonError(_too_large())
        return size


# ---------------------------------------------------------------------- .npy and .npz


def _read_npy(held: bytes, path: Path) -> dict[str, Array]:
    return {path.stem: _array(io.BytesIO(held), tr("the array"), _Room())}


def _read_npz(held: bytes, path: Path) -> dict[str, Array]:
    if not held.startswith((_ZIP, _EMPTY_ZIP)):
        raise LessonError(tr("is no .npz file ({what}); {best}", what=_what(held), best=tr(BEST)))
    room = _Room()
    try:
        with zipfile.ZipFile(io.BytesIO(held)) as archive:
            members = archive.infolist()
            if len(members) > MAX_ARRAYS:
                raise LessonError(
                    tr(
                        "holds {count:,} arrays; at most {most:,} are read",
                        count=len(members),
                        most=MAX_ARRAYS,
                    )
                )
            arrays = {}
            for member in members:
                name = member.filename.removesuffix(".npy")
                with archive.open(member) as stream:
                    arrays[name] = _array(stream, found(name, 60), room)
    except LessonError:
        raise
    except _BROKEN_ZIP:
        raise _damaged(tr("the archive is cut off, encrypted, or does not fit together")) from None
    return arrays


def _array(stream: IO[bytes], name: str, room: _Room) -> Array:
    """Read one array in NumPy's format, whose header is checked before NumPy sees the numbers."""
    head = stream.read(8)
    if not head.startswith(_NPY) or len(head) < 8:
        raise LessonError(
            tr(
                "{name} is no array in NumPy's format ({what}); {best}",
                name=name,
                what=_what(head),
                best=tr(BEST),
            )
        )
    wide = 4 if head[6] > 1 else 2
    length = int.from_bytes(stream.read(wide), "little")
    if length > MAX_NPY_HEADER:
        raise _damaged(tr("the header of {name} is {length:,} bytes long", name=name, length=length))
    dtype, shape, by_columns = _npy_header(stream.read(length), name)
    if dtype.kind not in "fiub":
        raise LessonError(
            tr(
                "{name} holds {kind}; real numbers are read. Save with safetensors or np.savez",
                name=name,
                kind=_kind(dtype),
            )
        )
    size = room.take(name, shape)
    wanted = size * dtype.itemsize
    numbers = stream.read(wanted + 1)
    if len(numbers) != wanted:
        raise _damaged(
            tr("{name} has more numbers than it says", name=name)
            if len(numbers) > wanted
            else tr("{name} has fewer numbers than it says", name=name)
        )
    made = np.frombuffer(numbers, dtype).reshape(shape, order="F" if by_columns else "C")
    return _real(made)


def _npy_header(header: bytes, name: str) -> tuple[np.dtype[Any], tuple[int, ...], bool]:
    """Return what an array's header says: its type, its shape, and whether its columns come first."""
    try:
        said = ast.literal_eval(header.decode("utf-8").strip())
        dtype = np.dtype(said["descr"] if isinstance(said["descr"], str) else "V1")  # a list is of records
        shape, by_columns = said["shape"], said["fortran_order"]
    except (ValueError, TypeError, SyntaxError, KeyError, MemoryError, RecursionError):
        raise _damaged(tr("the header of {name} cannot be read", name=name)) from None
    if not isinstance(shape, tuple) or not all(type(n) is int and n >= 0 for n in shape):
        raise _damaged(tr("the header of {name} says {shape} for its shape", name=name, shape=found(shape)))
    return dtype, shape, bool(by_columns)


def _kind(dtype: np.dtype[Any]) -> str:
    kinds = {
        "O": tr("Python objects (a pickle)"),
        "c": tr("complex numbers"),
        "U": tr_in("kind of numbers", "text"),
        "S": tr_in("kind of numbers", "text"),
        "V": tr_in("kind of numbers", "records"),
    }
    return kinds.get(dtype.kind, str(dtype))


def _real(value: Any) -> Array:
    """Return numbers as the engine has them: half precision as single, all else but single as double."""
    kept = value.astype(np.float32) if value.dtype == np.float16 else value
    if kept.dtype.kind == "f" and kept.dtype.itemsize == 4:
        kept = kept.astype(np.float32)  # in this machine's order of bytes
    return frozen(np.ascontiguousarray(kept).reshape(np.shape(value)))


# ---------------------------------------------------------------------- .safetensors


class _Tensor(Struct, forbid_unknown_fields=True):
    """One entry of a .safetensors header."""

    dtype: str
    shape: list[int]
    data_offsets: tuple[int, int]


def _read_safetensors(held: bytes, path: Path) -> dict[str, Array]:
    """Read the format of safetensors 0.3 and later: 8 bytes of length, a JSON header, the numbers."""
    length = int.from_bytes(held[:8], "little")
    if len(held) < 8 or length > min(len(held) - 8, MAX_HEADER):
        raise LessonError(
            tr("is no .safetensors file ({what}), or cut off; {best}", what=_what(held), best=tr(BEST))
        )
    try:
        raw = msgspec.json.decode(held[8 : 8 + length], type=dict[str, msgspec.Raw])
        raw.pop("__metadata__", None)
        tensors = {name: msgspec.json.decode(one, type=_Tensor) for name, one in raw.items()}
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise _damaged(tr("its header is not that of a .safetensors file")) from None
    if len(tensors) > MAX_ARRAYS:
        raise LessonError(
            tr(
                "holds {count:,} arrays; at most {most:,} are read",
                count=len(tensors),
                most=MAX_ARRAYS,
            )
        )
    numbers = memoryview(held)[8 + length :]
    spans = sorted(one.data_offsets for one in tensors.values())
    if any(before[1] > after[0] for before, after in pairwise(spans)):
        raise _damaged(tr("two of its arrays overlap"))
    room = _Room()
    return {name: _tensor(one, numbers, found(name, 60), room) for name, one in tensors.items()}


def _tensor(tensor: _Tensor, numbers: memoryview, name: str, room: _Room) -> Array:
    if tensor.dtype not in _NUMBERS:
        raise LessonError(
            tr(
                "{name} is of type {kind}; read are {known}",
                name=name,
                kind=found(tensor.dtype, 20),
                known=", ".join(_NUMBERS),
            )
        )
    if any(n < 0 for n in tensor.shape):
        raise _damaged(
            tr("the header says {shape} for the shape of {name}", shape=found(tensor.shape), name=name)
        )
    dtype = np.dtype(_NUMBERS[tensor.dtype])
    size = room.take(name, tuple(tensor.shape))
    start, end = tensor.data_offsets
    if not 0 <= start <= end <= len(numbers) or end - start != size * dtype.itemsize:
        raise _damaged(
            tr("{name} lies outside of the file, or its place has another size than its shape", name=name)
        )
    made = np.frombuffer(numbers[start:end], dtype)
    if tensor.dtype == "BF16":
        made = (made.astype(np.uint32) << np.uint32(16)).view(np.float32)
    return _real(made.reshape(tensor.shape))


# ---------------------------------------------------------------------- what it is instead


def _damaged(reason: str) -> LessonError:
    return LessonError(tr("damaged: {reason}; save it again", reason=reason))


def _what(held: bytes) -> str:
    """Say what a file looks like that is something else."""
    if held.startswith(b"version https://git-lfs"):
        return tr("a Git LFS pointer: git lfs pull brings the file itself")
    if re.match(rb"\s*<(!doctype|html|\?xml)", held[:200], re.IGNORECASE):
        return tr("a web page")
    if held.startswith(b"\x80") and len(held) > 1 and held[1] in range(2, 6):
        return tr("a pickle, which is never read")
    if held.startswith(_ZIP):
        return tr("a zip archive")
    if held.startswith(_NPY):
        return tr("an .npy file")
    return tr_in("file", "empty") if not held else tr("another format")


_READERS = {".npz": _read_npz, ".npy": _read_npy, ".safetensors": _read_safetensors}
