"""Machine code that is kept on disk is taken where it is whole, and costs only time where it is not."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

import pytest

pytest.importorskip("llvmlite")

from tui_backprop.engine.compile.targets.native.machine_code import MachineCode, cache_folder

TEXT = "define i64 @answer() {\n  ret i64 42\n}\n"


def answer(code: MachineCode) -> int:
    return int(code.function("answer", ctypes.c_int64)())


def test_the_second_time_it_comes_from_disk(tmp_path: Path) -> None:
    first, second = MachineCode(TEXT, {}, tmp_path), MachineCode(TEXT, {}, tmp_path)
    assert (first.kept, second.kept) == (False, True)
    assert answer(first) == answer(second) == 42
    assert not MachineCode(TEXT.replace("42", "43"), {}, tmp_path).kept


def test_what_is_not_whole_is_compiled_anew(tmp_path: Path) -> None:
    MachineCode(TEXT, {}, tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:-7])
    assert not MachineCode(TEXT, {}, tmp_path).kept
    assert MachineCode(TEXT, {}, tmp_path).kept


def test_a_folder_that_is_not_there_costs_only_time(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    assert answer(MachineCode(TEXT, {}, gone)) == 42
    assert not gone.exists()


def test_the_folder_is_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = cache_folder()
    assert folder == tmp_path / "tui-backprop" / "native"
    if sys.platform != "win32":
        assert folder.stat().st_mode & 0o777 == 0o700
        os.chmod(folder, 0o777)
        assert cache_folder() is None
