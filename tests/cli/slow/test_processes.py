"""Streams that are closed, and disks that are full."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.processes import COMMAND, run


@pytest.mark.parametrize(
    ("closed", "code", "said"),
    [("<&-", 2, 1), (">&-", 2, 1), ("2>&-", 2, 0), ("--plain <&-", 0, 0), ("--plain <&- >&- 2>&-", 0, 0)],
)
def test_streams_that_are_closed(closed: str, code: int, said: int) -> None:
    result = run("sh", "-c", f"{COMMAND} linear {closed}", stdin=subprocess.DEVNULL)
    assert (result.returncode, result.stderr.count("\n")) == (code, said), result
    assert "internal error" not in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("command", ["train linear", "--plain", "list"])
def test_no_space_left_is_one_line(command: str) -> None:
    result = run("sh", "-c", f"{COMMAND} {command} > /dev/full", stdin=subprocess.DEVNULL)
    line = "tui-backprop: there is no space left where the output goes\n"
    assert (result.returncode, result.stderr) == (2, line)
