"""Arrays from .npz, .npy and .safetensors: exact numbers, and one line for what is something else."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tui_backprop.lessons.beside.array_files import read_arrays
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.limits import OPEN, Sandbox


def safetensors(header: object, numbers: bytes = b"") -> bytes:
    """Write the format as its specification has it: length (u64, little endian), JSON, numbers."""
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + numbers


def entry(dtype: str, shape: list[int], start: int, end: int) -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def npy(header: str, numbers: bytes = b"") -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + numbers


def test_numpy_s_files_are_read_exactly(tmp_path: Path) -> None:
    arrays: dict[str, Any] = {
        "W1": np.linspace(-1, 1, 6).reshape(2, 3), "columns": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "single": np.array([0.1, 2], "f4"), "half": np.array([0.5], "f2"), "big": np.array([1.5, 2], ">f8"),
        "whole": np.arange(3), "yes": np.array([True, False]), "one": np.array(2.0), "none": np.zeros((0, 2)),
    }  # fmt: skip
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "a.npz", **arrays)
        read = read_arrays(tmp_path / "a.npz", OPEN)
        assert list(read) == list(arrays)
        for name, value in arrays.items():
            np.testing.assert_array_equal(read[name], value)
            assert read[name].dtype == (np.float32 if name in ("single", "half") else np.float64)
    np.save(tmp_path / "dW.npy", arrays["W1"])
    np.testing.assert_array_equal(read_arrays(tmp_path / "dW.npy", OPEN)["dW"], arrays["W1"])


def test_safetensors_are_read_exactly(tmp_path: Path) -> None:
    values: dict[str, npt.NDArray[Any]] = {
        "F64": np.array([0.1, -3], "f8"), "F32": np.array([[0.1], [2]], "f4"), "F16": np.array([0.5], "f2"),
        "I64": np.array([-7], "i8"), "I32": np.array([7], "i4"), "I16": np.array([-2], "i2"),
        "I8": np.array([-1], "i1"),
        "U8": np.array([255], "u1"), "BOOL": np.array([True, False]),
    }  # fmt: skip
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    numbers = b""
    for dtype, value in values.items():
        header[dtype] = entry(dtype, list(value.shape), len(numbers), len(numbers) + value.nbytes)
        numbers += value.tobytes()
    header["BF16"] = entry("BF16", [2], len(numbers), len(numbers) + 4)
    numbers += b"\xc0\x3f\x00\xc0"  # 1.5 and −2: the upper halves of their float32
    (tmp_path / "m.safetensors").write_bytes(safetensors(header, numbers))
    read = read_arrays(tmp_path / "m.safetensors", OPEN)
    for dtype, value in {**values, "BF16": np.array([1.5, -2.0])}.items():
        np.testing.assert_array_equal(read[dtype], value)


def objects() -> bytes:
    stream = io.BytesIO()
    np.savez(stream, W=np.array([{}], dtype=object))
    return stream.getvalue()


def archive(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, held in members.items():
            file.writestr(f"{name}.npy", held)
    return stream.getvalue()


HEADER = "{'descr': %s, 'fortran_order': False, 'shape': %s}"
REFUSED: list[tuple[str, bytes, str]] = [
    ("m.pt", pickle.dumps({}), "never a pickle, which can run code when it is read"),
    ("m.txt", b"1 2", "arrays are read from .npz, .npy and .safetensors"),
    ("m.npz", pickle.dumps({}), "is no .npz file (a pickle, which is never read)"),
    ("m.npz", b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
    ("m.npz", b"", "is no .npz file (empty)"),
    ("m.npz", objects(), "'W' holds Python objects (a pickle); real numbers are read"),
    ("m.npz", archive(W=npy(HEADER % ("'<f8'", "(2,)"), b"1" * 8)),
     "damaged: 'W' has fewer numbers than it says"),
    ("m.npz", archive(W=npy(HEADER % ("'<f8'", "(99999, 99999)"))),
     "holds more than 256 MiB of numbers"),
    ("m.npz", archive(W=npy("[" * 3000)), "damaged: the header of 'W' cannot be read"),
    ("m.npz", archive(W=npy(HEADER % ("'<f8'", "(-1,)"))), "says (-1,) for"),
    ("m.npz", archive(W=npy(HEADER % ("'<c16'", "()"))), "complex numbers"),
    ("m.npz", archive(W=npy(HEADER % ("None", "()"))), "holds records"),
    ("m.npz", archive(), "holds no array"),
    ("m.npz", archive(W=b"1" * 400)[:-300], "damaged"),
    ("m.npy", b"\x80\x04.", "is no array in NumPy's format (a pickle, which is never read)"),
    ("m.safetensors", b"\xff" * 9, "is no .safetensors file (another format), or cut off"),
    ("m.safetensors", safetensors([1]), "damaged: its header"),
    ("m.safetensors", safetensors({"W": entry("F8_E4M3", [1], 0, 1)}), "'W' is of type 'F8_E4M3'"),
    ("m.safetensors", safetensors({"W": entry("F64", [2], 0, 16)}, b"1" * 8), "lies outside of the file"),
    ("m.safetensors", safetensors({"W": entry("F64", [1], -8, 0)}, b"1" * 8), "lies outside of the file"),
    ("m.safetensors", safetensors({"W": entry("F64", [2], 0, 8)}, b"1" * 8), "lies outside of the file"),
    ("m.safetensors", safetensors({"a": entry("U8", [2], 0, 2), "b": entry("U8", [2], 1, 3)}, b"123"),
     "two of its arrays overlap"),
    ("m.safetensors", safetensors({"W": entry("U8", [1] * 7, 0, 1)}, b"1"), "has 7 axes; at most 6"),
]  # fmt: skip


def test_what_cannot_be_read_is_refused_on_one_line(tmp_path: Path) -> None:
    for name, held, said in REFUSED:
        (tmp_path / name).write_bytes(held)
        with pytest.raises(LessonError) as refused:
            read_arrays(tmp_path / name, OPEN)
        line = str(refused.value)
        assert line.startswith(f"{name}: ")
        assert said in line
        assert "\n" not in line


def test_any_cut_or_flipped_byte_is_an_error_of_ours_or_none(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.savez_compressed(stream, W=np.arange(50.0))
    whole = {
        "a.npz": stream.getvalue(),
        "a.safetensors": safetensors({"W": entry("F64", [2], 0, 16)}, b"1" * 16),
    }
    for name, held in whole.items():
        for place in range(0, len(held), 7):
            for damaged in (held[:place], held[:place] + bytes([held[place] ^ 0x55]) + held[place + 1 :]):
                (tmp_path / name).write_bytes(damaged)
                try:
                    read_arrays(tmp_path / name, OPEN)
                except LessonError:
                    continue


def test_a_restricted_login_reads_nothing_outside_its_folder(tmp_path: Path) -> None:
    inside = tmp_path / "lessons"
    inside.mkdir()
    for folder in (tmp_path, inside):
        np.savez(folder / "a.npz", W=[1.0])
    sandbox = Sandbox.of_folder(inside)
    assert list(read_arrays(inside / "a.npz", sandbox)) == ["W"]
    for path in (tmp_path / "a.npz", tmp_path / "none.npz"):
        with pytest.raises(LessonError, match=r"no such file in the lesson folder"):
            read_arrays(path, sandbox)
