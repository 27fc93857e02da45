"""Recordings: asciicast version 2 as https://docs.asciinema.org/manual/asciicast/v2/ has it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.processes import COMMAND, run
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.host.recording import Recording


def lines(path: Path) -> list[object]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_header_and_then_what_was_written_and_when(tmp_path: Path) -> None:
    path = tmp_path / "one.cast"
    recording = Recording(path, (80, 24), "linear")
    recording.resized(80, 24)
    recording.wrote("ŷ\x1b[6n")
    recording.wrote("\x1b[6n\x1b[?2026$p")  # questions alone
    recording.resized(100, 30)
    recording.close()
    header, *events = lines(path)
    assert isinstance(header, dict)
    assert (header["version"], header["width"], header["height"]) == (2, 80, 24)
    assert [event[1:] for event in events] == [["o", "ŷ"], ["r", "100x30"]]  # type: ignore[index]
    times = [event[0] for event in events]  # type: ignore[index]
    assert times == sorted(times)
    assert times[0] >= 0


def test_no_file_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "one.cast"
    path.write_text("mine")
    with pytest.raises(BackpropError, match="there is such a file already"):
        Recording(path, (80, 24), "linear")
    assert path.read_text() == "mine"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackpropError, match="cannot be written: No such file"):
        Recording(tmp_path / "no" / "one.cast", (80, 24), "linear")


def test_a_full_disk_ends_the_recording_and_nothing_else() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    recording = Recording.__new__(Recording)
    recording._shown, recording._size, recording.problem = "x.cast", (80, 24), None
    recording._begun, recording._file = 0.0, open("/dev/full", "w", encoding="utf-8")  # noqa: SIM115
    recording.wrote("one")
    recording.wrote("two")
    recording.close()
    assert recording.problem == "--record x.cast: the recording ends early: No space left on device"


def test_plain_mode_records_what_is_read_and_written(tmp_path: Path) -> None:
    path = tmp_path / "one.cast"
    done = run(COMMAND, "linear", "--plain", "--record", str(path), input="s\nq\n")
    assert done.returncode == 0
    _, *events = lines(path)
    said = "".join(event[2] for event in events).replace("\r\n", "\n")  # type: ignore[index]
    assert "(backprop) s\n1 of 15:" in said
    assert said.replace("(backprop) s\n", "").replace("(backprop) q\n", "") == done.stdout
