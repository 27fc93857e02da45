"""A sweep in a process of its own that gets SIGINT goes on with --resume to the rows of one that did not."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.support.installed_command import PATIENCE
from tests.support.processes import COMMAND

RATES = "learning_rate=0.01,0.02,0.05,0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,1.0,1.1,1.2,1.3"
SHORT, SOME, MANY = 40, 20_000, 25_000
pytestmark = pytest.mark.slow


def started(folder: Path, *words: str, iterations: int) -> subprocess.Popen[str]:
    given = (
        "--set",
        f"iterations={SHORT},{iterations}",
        "--set",
        RATES,
        "--format",
        "jsonl",
        "--every",
        "7000",
    )
    return subprocess.Popen(
        [COMMAND, "sweep", "two-layer", *given, *words], text=True, start_new_session=True,
        env={**os.environ, "XDG_CACHE_HOME": str(folder)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def went_well(folder: Path, *words: str, iterations: int) -> str:
    process = started(folder, *words, iterations=iterations)
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    return out


@pytest.mark.parametrize(
    ("words", "iterations"), [((), SOME), (("--seeds", "5", "--workers", "2"), MANY)], ids=["one", "workers"]
)
def test_interrupted_and_resumed(tmp_path: Path, words: tuple[str, ...], iterations: int) -> None:
    whole = went_well(tmp_path / "whole", *words, iterations=iterations)
    there = tmp_path / "there"
    process = started(there, *words, iterations=iterations)
    assert process.stdout is not None
    count = 16 if not words else 80
    rows = [process.stdout.readline().rstrip() for _ in range(2 * count)]  # the short ones are done and told
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.3)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal sends Ctrl-C
    rest, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert said == (
        f"tui-backprop: interrupted: {count} of {2 * count} settings are done and kept; --resume goes on\n"
    )
    rows += rest.splitlines()
    assert sorted(rows) == sorted(line for line in whole.splitlines() if f'"iterations": {SHORT},' in line)
    assert went_well(there, *words, "--resume", iterations=iterations) == whole
