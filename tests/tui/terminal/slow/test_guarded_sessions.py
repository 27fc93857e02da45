"""Sessions that end from outside, and sessions whose terminal misbehaves."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.terminal_sessions import APP, PATIENCE, Session, environment, sessions

Opened = Callable[..., Session]
MODES = ("1000", "1003", "1006", "1015", "2004", "1004", "1049")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    with sessions(tmp_path) as open_session:
        yield open_session


def running(session: Session) -> None:
    session.shows("Start of iteration 0", "q quit")
    session.send(" ")
    session.shows("running")


def restored(session: Session) -> None:
    assert not any(session.mode(number) for number in MODES)
    assert session.mode("25")
    assert session.mode("7")
    assert b"\x1b[<u" in session.raw
    assert session.raw.rindex(b"\x1b[?1049l") > session.raw.rindex(b"\x1b[?1049h")


@pytest.mark.parametrize("driver", ["diff", "plain"])
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGQUIT, 131), (signal.SIGHUP, 129)]
)
def test_a_signal_ends_it_with_the_terminal_restored(
    opened: Opened, driver: str, number: int, code: int
) -> None:
    session = opened("polynomial", "--driver", driver, "--set", "iterations=100000000")
    before = termios.tcgetattr(session.fd)
    running(session)
    assert termios.tcgetattr(session.fd) != before
    os.kill(session.child.pid, number)
    assert session.ends() == code
    restored(session)
    assert termios.tcgetattr(session.fd) == before
    assert b"Traceback" not in session.raw


def test_a_second_signal_while_leaving_changes_nothing(opened: Opened) -> None:
    session = opened("linear")
    session.shows("q quit")
    for _ in range(5):
        os.kill(session.child.pid, signal.SIGTERM)
    assert session.ends() == 143
    restored(session)


@pytest.mark.parametrize("driver", ["diff", "plain"])
def test_a_terminal_that_is_not_read_any_more_does_not_keep_it(opened: Opened, driver: str) -> None:
    session = opened("polynomial", "--driver", driver, "--set", "iterations=100000000")
    running(session)
    session.answers = False
    time.sleep(3)  # nobody reads; what it writes stays in the way
    os.kill(session.child.pid, signal.SIGTERM)
    assert session.ends(reading=False) == 143


def test_quitting_does_not_wait_for_a_terminal_that_is_not_read(opened: Opened) -> None:
    session = opened("linear", "--set", "iterations=100000000")
    running(session)
    time.sleep(2)
    session.send("q")
    assert session.ends(reading=False) == 0


def test_training_goes_on_while_the_terminal_is_not_read(opened: Opened) -> None:
    session = opened("polynomial", "--set", "iterations=1000000000")
    running(session)

    def used() -> float:
        fields = Path(f"/proc/{session.child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    time.sleep(3)
    before, deadline = used(), time.monotonic() + PATIENCE
    while used() - before < 0.1:  # it computes
        assert time.monotonic() < deadline
        time.sleep(0.1)
    session.send(" ")
    session.shows("paused")


def test_a_terminal_that_goes_without_a_signal_ends_it(tmp_path: Path) -> None:
    """As with setsid or an ignored SIGHUP: the terminal is not the process's own."""
    main, side = os.openpty()
    process = subprocess.Popen(
        [*APP, "linear"],
        stdin=side,
        stdout=side,
        stderr=side,
        env=environment(tmp_path),
        start_new_session=True,
    )
    os.close(side)
    seen = b""
    while b"quit" not in seen:
        seen += os.read(main, 65536)
    os.close(main)
    assert process.wait(10) == 129


def test_the_end_of_the_terminal_ends_it(opened: Opened) -> None:
    session = opened("polynomial", "--set", "iterations=100000000")
    running(session)
    pid = session.child.pid
    os.close(session.fd)
    deadline = time.monotonic() + PATIENCE
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_errors_may_go_anywhere(opened: Opened, tmp_path: Path) -> None:
    """With standard error in a file the app opens all the same: its screen is standard output."""
    command = " ".join([*APP, "linear", f"2>{tmp_path}/errors"])
    session = Session(("/bin/sh", "-c", command), tmp_path)
    try:
        session.shows("Start of iteration 0", "q quit")
        session.send("q")
        assert session.ends() == 0
    finally:
        session.close()
    assert (tmp_path / "errors").read_bytes() == b""


@pytest.mark.parametrize("away", ["</dev/null", "| cat", ">out"])
def test_without_a_terminal_it_says_so(tmp_path: Path, away: str) -> None:
    session = Session(("/bin/sh", "-c", f"{' '.join(APP)} linear {away}; echo code $?"), tmp_path)
    try:
        session.until(lambda: "code" in session.text)
    finally:
        session.close()
    assert "is not a terminal, so the app cannot open" in session.text.replace("\n", "")
    assert b"\x1b" not in session.raw


def in_shell(home: Path) -> Session:
    """Return a session in a shell, whose prompt is ``READY> ``."""
    shell = ("/bin/bash", "--norc", "--noprofile", "--noediting", "-i")
    return Session(shell, home, PS1="READY> ", PROMPT_COMMAND="")


@pytest.mark.parametrize("driver", ["diff", "plain"])
@pytest.mark.parametrize("how", ["key", "TSTP", "STOP"])
def test_suspend_and_come_back(tmp_path: Path, driver: str, how: str) -> None:
    session = in_shell(tmp_path)
    try:
        session.shows("READY>")
        before = termios.tcgetattr(session.fd)
        session.send(f"{' '.join(APP)} linear --driver {driver}\n")
        session.shows("Start of iteration 0", "q quit", "┤")  # the chart comes behind the first screen
        raw = termios.tcgetattr(session.fd)
        session.quiet()
        cells = session.cells
        if how == "key":
            session.send("\x1a")
        else:
            name = "tui_backprop"
            found = subprocess.run(
                ["pgrep", "-P", str(session.child.pid), "-f", name], capture_output=True, text=True
            )
            os.kill(int(found.stdout), getattr(signal, f"SIG{how}"))
        session.until(lambda: b"Stopped" in session.raw)
        session.until(lambda: session.raw.endswith(b"READY> "))
        if how != "STOP":
            restored(session)
            assert termios.tcgetattr(session.fd) == before
        session.send("echo $((6*7)); clear\n")
        session.until(lambda: b"42\r\n" in session.raw and session.raw.endswith(b"READY> "))
        session.screen.reset()  # as another program would leave it
        session.send("fg\n")
        session.shows("Start of iteration 0", "q quit", "┤")
        session.quiet()
        assert termios.tcgetattr(session.fd) == raw
        assert session.cells == cells
        session.send("s")
        session.shows("record 1 of")
        session.send("q")
        session.until(lambda: session.raw.endswith(b"READY> "))
        session.send("echo code $?\n")
        session.shows("code 0")
        restored(session)
        assert termios.tcgetattr(session.fd) == before
    finally:
        session.close()


def test_ctrl_l_draws_everything_anew(opened: Opened) -> None:
    session = opened("linear")
    session.shows("Start of iteration 0", "q quit", "┤")
    session.quiet()
    cells = session.cells
    session.screen.reset()
    session.send("\x0c")
    session.shows("Start of iteration 0", "q quit", "┤")
    session.quiet()
    assert session.cells == cells


def test_late_answers_are_not_left_for_the_shell(tmp_path: Path) -> None:
    session = in_shell(tmp_path)
    try:
        session.shows("READY>")
        session.send(f"{' '.join(APP)} linear\n")
        session.shows("Start of iteration 0", "q quit", "┤")
        session.quiet()
        session.answers, asked = False, session.asked
        session.send("s")
        session.shows("record 1 of")
        session.send("q")
        session.look(0.8)
        for _ in range(session.asked - asked):
            session.answer()
        session.until(lambda: session.raw.endswith(b"READY> "))
        session.look(0.3)
        assert session.raw.endswith(b"READY> ")
    finally:
        session.close()


@pytest.mark.parametrize("driver", ["diff", "plain"])
def test_a_signal_may_reach_any_thread(opened: Opened, driver: str) -> None:
    """The system chooses one; the main thread acts on it, and wakes for it."""
    session = opened("linear", "--driver", driver)
    session.shows("Start of iteration 0", "q quit", "┤")
    session.quiet()
    pid = session.child.pid
    threads = sorted(map(int, os.listdir(f"/proc/{pid}/task")))
    assert len(threads) > 2
    for thread in threads:
        session.screen.reset()
        if (
            ctypes.CDLL(None).tgkill(pid, thread, signal.SIGCONT) == 0
        ):  # a coming back ends the one that reads
            session.shows("Start of iteration 0", "q quit", "┤")
            session.quiet()
