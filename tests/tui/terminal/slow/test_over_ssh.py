"""The app through a real sshd: quick on a slow line, and gone when the line is."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.slow_lines import Line, Sshd, sshd
from tests.support.ssh_sessions import answers, remote
from tests.support.terminal_sessions import Session


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with sshd(
        tmp_path_factory.mktemp("ssh") / "server", "ClientAliveInterval 1\nClientAliveCountMax 2"
    ) as server:
        yield server


@pytest.fixture
def connect(server: Sshd, tmp_path: Path) -> Iterator[Callable[..., tuple[Session, Line]]]:
    opened: list[Session | Line] = []

    def connected(rate: float = 1e9, delay: float = 0.0) -> tuple[Session, Line]:
        line = Line(server.port)
        command = remote(tmp_path, "polynomial", "--set", "iterations=1000000000")
        session = Session(server.client(command, line.port), tmp_path)
        opened.extend([session, line])
        session.shows("Start of iteration 0", "┤")
        session.send(" ")
        session.shows("running")
        session.look(1)
        line.rate, line.delay = rate, delay
        return session, line

    yield connected
    for one in opened:
        one.close()


def gone(home: Path, patience: float) -> bool:
    pid = int((home / "pid").read_text())
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(("rate", "median", "worst"), [(8000, 0.6, 1.2), (2000, 1.5, 2.5)])
def test_keys_are_answered_on_a_slow_line(
    connect: Callable[..., tuple[Session, Line]], rate: int, median: float, worst: float
) -> None:
    session, _ = connect(rate, 0.1)
    found = answers(session, 8)
    assert statistics.median(found) <= median, found
    assert max(found) <= worst, found


def test_killing_the_client_leaves_no_process(
    connect: Callable[..., tuple[Session, Line]], tmp_path: Path
) -> None:
    session, _ = connect()
    session.child.kill(9)
    assert gone(tmp_path, 10)


def test_a_cut_line_leaves_no_process(connect: Callable[..., tuple[Session, Line]], tmp_path: Path) -> None:
    _, line = connect()
    line.close()
    assert gone(tmp_path, 10)


def test_a_black_hole_leaves_no_process_once_the_server_has_noticed(
    connect: Callable[..., tuple[Session, Line]], tmp_path: Path
) -> None:
    _, line = connect()
    line.cut = True
    assert gone(tmp_path, 20 + 10)  # sshd takes its time, the app does not
