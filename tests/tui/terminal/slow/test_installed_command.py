"""An app that waits, seen from outside."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.support.installed_command import COMMAND, PATIENCE, Terminal


@pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="only Linux tells what a process has used here"
)
def test_an_app_that_waits_uses_no_processor(terminal: Terminal) -> None:
    terminal.send(f"exec {COMMAND} linear\n")
    terminal.shows("Start of iteration 0", "q quit", "┤")

    def used() -> float:
        ticks = Path(f"/proc/{terminal.child.pid}/stat").read_text().rsplit(")")[1].split()[11:13]
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")

    def after(seconds: float) -> float:
        before = used()
        time.sleep(seconds)
        return used() - before

    deadline = time.monotonic() + PATIENCE
    while after(0.5) > 0.01:  # what it loads after its first screen
        assert time.monotonic() < deadline
    assert after(2) <= 0.03
