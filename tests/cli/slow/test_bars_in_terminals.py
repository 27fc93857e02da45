"""Progress bars and rows where standard streams are terminals, and what is written where they are not."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time

from tests.support.processes import COMMAND, run


def in_terminal(args: list[str], *, out: bool) -> tuple[int, str, str]:
    """Run with stderr (and stdout, if asked) on a terminal; return code, what it shows, and piped stdout."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        args,
        stdin=subprocess.DEVNULL,
        stdout=slave if out else subprocess.PIPE,
        stderr=slave,
        close_fds=True,
        env={**os.environ, "COLUMNS": "80", "TERM": "xterm-256color"},
    )
    os.close(slave)
    shown, piped = bytearray(), bytearray()
    pipe = None if process.stdout is None else process.stdout.fileno()
    waiting = {master} if pipe is None else {master, pipe}
    end = time.monotonic() + 60
    while waiting and time.monotonic() < end:
        for descriptor in select.select(list(waiting), [], [], 1)[0]:
            try:
                chunk = os.read(descriptor, 65536)
            except OSError:  # the other side of a pseudo-terminal is closed
                chunk = b""
            if not chunk:
                waiting.discard(descriptor)
            elif descriptor == master:
                shown += chunk
            else:
                piped += chunk
    code = process.wait(timeout=10)
    os.close(master)
    if process.stdout is not None:
        process.stdout.close()
    return code, shown.decode(), piped.decode()


def test_a_progress_bar_on_stderr_when_that_is_a_terminal() -> None:
    args = [COMMAND, "train", "linear", "--iterations", "20000", "--every", "5000", "--format", "jsonl"]
    code, shown, piped = in_terminal(args, out=False)
    assert code == 0
    assert re.search(r"training.*\d+%", shown)
    assert piped.count("\n") == 5
    assert "training" not in piped
    assert shown.endswith("\r\x1b[?25h")  # the bar is taken off its line at the end, and the cursor is back
    assert "training" not in run(*args).stderr


def test_rows_and_bar_share_a_terminal() -> None:
    args = [COMMAND, "train", "linear", "--iterations", "20000", "--every", "10000"]
    code, shown, _ = in_terminal(args, out=True)
    assert code == 0
    last = shown.replace("\r\n", "\n").replace("\x1b[?25h", "").split("\n")
    assert any(line.split("\r")[-1].split()[:2] == ["20000", "20000"] for line in last if line.strip())


def test_explain_in_a_terminal_has_no_escape_sequences() -> None:
    code, shown, _ = in_terminal([COMMAND, "explain", "two-layer"], out=True)
    assert code == 0
    assert "\x1b" not in shown
