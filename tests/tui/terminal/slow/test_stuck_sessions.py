"""Sessions that end from outside while the app itself is stuck, saves slowly, or fails."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.terminal_sessions import PATIENCE, SUPPORT, Session, environment

STUCK_APP = str(SUPPORT / "stuck_app.py")


def appears(path: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < deadline, f"no {path.name}"
        time.sleep(0.02)


@pytest.fixture
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Session]:
    opened = Session((sys.executable, STUCK_APP, request.param, str(tmp_path), "linear"), tmp_path)
    try:
        opened.before = termios.tcgetattr(opened.fd)
        opened.shows("Start of iteration 0", "q quit")
        yield opened
    finally:
        opened.close()


def restored(session: Session) -> None:
    assert not any(session.mode(number) for number in ("1000", "1002", "1004", "1006", "1049", "2004"))
    assert session.mode("25")
    assert termios.tcgetattr(session.fd) == session.before


@pytest.mark.parametrize("session", ["stuck"], indirect=True)
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_an_app_that_is_stuck(session: Session, tmp_path: Path, number: int, code: int) -> None:
    session.send("x")
    appears(tmp_path / "stuck")
    os.kill(session.child.pid, number)
    assert session.ends(10) == code
    restored(session)


def test_an_app_that_is_stuck_ends_with_its_terminal(tmp_path: Path) -> None:
    """The terminal is not the process's own, so that no signal tells of its end."""
    main, side = os.openpty()
    command = [sys.executable, STUCK_APP, "stuck", str(tmp_path), "linear"]
    process = subprocess.Popen(
        command, stdin=side, stdout=side, stderr=side, env=environment(tmp_path), start_new_session=True
    )
    os.close(side)
    try:
        seen = b""
        while b"quit" not in seen:
            seen += os.read(main, 65536)
        os.write(main, b"x")
        appears(tmp_path / "stuck")
        os.close(main)
        assert process.wait(10) == 129
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("session", ["slow"], indirect=True)
def test_it_saves_before_it_gives_the_terminal_back(session: Session, tmp_path: Path) -> None:
    os.kill(session.child.pid, signal.SIGTERM)
    session.until(lambda: b"\x1b[?1049l" in session.raw, 10)
    assert (tmp_path / "saved").exists()
    assert session.ends() == 143
    restored(session)


@pytest.mark.parametrize("session", ["hangs"], indirect=True)
def test_saving_that_never_ends_does_not_keep_it(session: Session) -> None:
    begun = time.monotonic()
    os.kill(session.child.pid, signal.SIGTERM)
    assert session.ends(10) == 143
    assert time.monotonic() - begun > 2  # it was given its time
    restored(session)


@pytest.mark.parametrize("session", ["crash"], indirect=True)
def test_a_crash_gives_the_terminal_back(session: Session) -> None:
    session.send("x")
    assert session.ends() == 70
    restored(session)
    assert "internal error" in session.text
    assert "Traceback" not in session.text


FAULTS = ("crash", "look", "reader", "thread", "callback")


@pytest.mark.parametrize("confined", [False, True], ids=["open", "restricted"])
@pytest.mark.parametrize("fault", [*FAULTS, "end"])
def test_whatever_fails_ends_in_one_line_with_the_work_saved(
    fault: str, confined: bool, tmp_path: Path
) -> None:
    """A message's handler, an error with a look of its own, the thread that reads, others, the loop."""
    lessons = tmp_path / "lessons"
    lessons.mkdir()
    words = ("--restricted", "--lessons", str(lessons)) if confined else ("linear",)
    command = (sys.executable, STUCK_APP, fault, str(tmp_path), *words)
    session = Session(command, tmp_path)
    try:
        session.before = termios.tcgetattr(session.fd)  # type: ignore[attr-defined]
        session.shows("Start of iteration 0", "q quit", "┤")
        if fault in ("reader",):
            session.send("nns")
            session.shows("iteration 2", "record 1 of")
        session.send("x")
        assert session.ends() == 70
        restored(session)
    finally:
        session.close()
    said = session.raw.rpartition(b"\x1b[?25h")[2].decode()
    lines = re.sub(r"\x1b\[[\d;?<]*[a-z]", "", said).split("\r\n")
    assert [line for line in lines if line.strip()] == [lines[0]], said
    assert lines[0].startswith("tui-backprop: internal error, sorry")
    assert b"Traceback" not in session.raw
    assert b"several lines" not in session.raw
    if confined:
        assert "/" not in said.replace("tui-backprop", "")
        assert "crash.log" in said
    if fault == "reader":
        found = subprocess.run(
            [sys.executable, "-m", "tui_backprop", "sessions", "--format", "json"],
            env=environment(tmp_path), capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert '"iteration": 2' in found.stdout
        assert '"position": 1' in found.stdout
