"""The installed command in a real pseudo-terminal: what is seen, and what is left of the terminal."""

from __future__ import annotations

import os
import re
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pyte
import pytest

COMMAND = Path(sys.executable).with_name("tui-backprop")
ROWS, COLUMNS = 24, 80
MOUSE = ("1000", "1002", "1003", "1006", "1015", "1016")
PATIENCE = 30.0


class Terminal:
    """A shell in a pseudo-terminal with a screen that can be read."""

    def __init__(self, folder: Path) -> None:
        environment = {
            **os.environ,
            "TERM": "xterm-256color",
            "PS1": "READY> ",
            "LC_ALL": "C.UTF-8",
            "HOME": str(folder),
        }
        for name in ("COLUMNS", "LINES", "NO_COLOR", "TEXTUAL_DEVTOOLS", "PROMPT_COMMAND"):
            environment.pop(name, None)
        self.child = pexpect.spawn(
            "/bin/bash", ["--norc", "--noprofile", "--noediting"],
            env=environment, dimensions=(ROWS, COLUMNS), timeout=PATIENCE, cwd=str(folder),
        )  # fmt: skip
        self.child.delaybeforesend = None
        self.raw = b""
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self._screen.display]

    @property
    def screen(self) -> str:
        return "\n".join(self.lines)

    def send(self, text: str) -> None:
        self.raw += b"\0"  # what is waited for comes after this
        self.child.send(text)

    def until(self, happened: Callable[[], object], what: str = "") -> None:
        """Feed the screen what arrives, until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not happened():
            assert time.monotonic() < deadline, f"{what} did not come:\n{self.screen}"
            try:
                chunk = self.child.read_nonblocking(65536, timeout=0.05)
            except pexpect.TIMEOUT:
                continue
            self.raw += chunk
            for _ in range(chunk.count(b"\x1b[6n")):
                self.child.send("\x1b[9;1R")  # any place but where Shift+F3 is
            # pyte 0.8 takes a private CSI (a question to the terminal) for text
            self._stream.feed(re.sub(rb"\x1b\[[<>=][\d;]*[a-zA-Z]|\x1b\[\?[\d;]*\$p", b"", chunk))

    def shows(self, *texts: str) -> None:
        """Wait until the screen has all of these."""
        self.until(lambda: all(text in self.screen for text in texts), f"{texts}")

    def prompts(self) -> None:
        """Wait until the shell asks for the next command."""
        self.until(lambda: self.raw.endswith(b"READY> "), "the prompt")

    def mode(self, number: str) -> bool:
        """Tell whether a private mode was set last, or reset."""
        changes = re.findall(rb"\x1b\[\?([\d;]+)([hl])", self.raw)
        states = [kind == b"h" for numbers, kind in changes if number.encode() in numbers.split(b";")]
        return bool(states) and states[-1]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    if not COMMAND.exists():
        pytest.skip("tui-backprop is not installed beside this Python")
    opened = Terminal(tmp_path)
    try:
        opened.until(lambda: opened.lines[0] == "READY>", "the prompt")
        yield opened
    finally:
        opened.child.close(force=True)


def test_step_run_pause_back_and_quit(terminal: Terminal) -> None:
    before = termios.tcgetattr(terminal.child.child_fd)
    terminal.send(f"{COMMAND} logistic\n")
    terminal.shows(
        "logistic: Logistic regression by hand", "Start of iteration 0", "record 0 of 21", "q quit"
    )
    assert terminal.mode("1049")
    assert not terminal.mode("25")

    terminal.send("ss")
    terminal.shows("record 2 of 21", "▶  2 broadcast(b)", "✓  1 (X @ β)")
    terminal.send("\x1b[D")
    terminal.shows("record 1 of 21", "▶  1 (X @ β)")
    terminal.send("n")
    terminal.shows("iteration 1", "Loss 0.346769 · iteration 1", "at the start")
    terminal.send("b")
    terminal.shows("▶ 20 update β", "record 20 of 21")

    terminal.send("h")
    terminal.shows("━Hyperparameters")
    terminal.send("\x1b[B")
    terminal.shows("updates after which a run stops")
    terminal.send("100000000\r\x1b")  # a target that is not reached
    terminal.shows("━Chain rule")
    terminal.send(" ")
    terminal.shows("running", "Running: iteration")
    terminal.send(" ")
    terminal.shows("paused", "at the start")
    (reached,) = re.findall(r"paused  iteration (\d+)", terminal.screen)
    assert int(reached) > 1
    terminal.send("p")
    terminal.shows(f"paused  iteration {int(reached) - 1}/")

    terminal.send("q")
    terminal.prompts()
    terminal.send("echo code $?\n")
    terminal.prompts()
    assert "code 0" in terminal.screen
    assert terminal.mode("25")  # the cursor is shown
    assert not any(terminal.mode(number) for number in MOUSE)
    assert not terminal.mode("2004")
    terminal.until(lambda: termios.tcgetattr(terminal.child.child_fd) == before, "the old settings")
    assert b"Traceback" not in terminal.raw
    left = terminal.raw[terminal.raw.rindex(b"\x1b[?1049l") + len(b"\x1b[?1049l") :]
    assert b"\x1b[" not in re.sub(rb"\x1b\[\?\d+[hl]|\x1b\[<u|\x1b\[0?m", b"", left)
    assert left.count(b"READY> ") == 2


def test_a_bad_name_ends_in_one_line(terminal: Terminal) -> None:
    terminal.send(f"{COMMAND} logisitc; echo code $?\n")
    terminal.shows("code 2\nREADY>")
    _, _, output = terminal.raw.partition(b"echo code $?\r\n")
    lines = output.decode().split("\r\n")
    assert len(lines) == 3
    assert lines[0].startswith("tui-backprop: unknown lesson 'logisitc'; did you mean logistic?")
    assert "\x1b" not in lines[0]


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="only Linux tells what a process has used here"
)
def test_an_app_that_waits_uses_no_processor(terminal: Terminal) -> None:
    terminal.send(f"exec {COMMAND} linear\n")
    terminal.shows("Start of iteration 0", "q quit", "┤")

    def used() -> float:
        ticks = Path(f"/proc/{terminal.child.pid}/stat").read_text().rsplit(")")[1].split()[11:13]
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")

    time.sleep(0.5)
    before = used()
    time.sleep(2)
    assert used() - before <= 0.03
