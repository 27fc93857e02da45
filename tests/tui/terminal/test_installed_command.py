"""The installed command in a real pseudo-terminal: what is seen, and what is left of the terminal."""

from __future__ import annotations

import re
import termios

from tests.support.installed_command import COMMAND, Terminal

MOUSE = ("1000", "1002", "1003", "1006", "1015", "1016")


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
