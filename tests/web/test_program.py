"""A program in its pseudo-terminal: sizes, typing, and that it ends with the line."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

import pytest

from tests.support.served import is_there
from tui_backprop.web import program as programs
from tui_backprop.web.program import TerminalProgram


def shell(text: str, **environment: str) -> TerminalProgram:
    return TerminalProgram(["/bin/sh", "-c", text], environment, (80, 24))


async def written(program: TerminalProgram, enough: Callable[[str], object] = lambda text: False) -> str:
    """Return what it writes until that is enough, or until it ends."""
    text = ""
    while not enough(text) and (data := await program.read()):
        text += data.decode()
    return text


async def test_it_has_a_terminal_of_its_own_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_BACKPROP_TOKEN", "secret")
    program = shell("stty size; test -t 0 -a -t 1 -a -t 2 && tty; env; ls -l /proc/self/fd; exit 3", A="b")
    text = await written(program)
    assert text.splitlines()[0] == "24 80"
    assert "/dev/pts/" in text
    assert "A=b" in text
    assert "secret" not in text
    assert "ptmx" not in text  # where others' programs are written to
    assert await program.ended(5) == 3


async def test_it_is_told_of_another_size_and_of_what_is_typed() -> None:
    program = shell(
        "trap 'stty size; read x; echo got $x; exit' WINCH; echo ready; while :; do sleep 0.01; done"
    )
    await written(program, lambda text: "ready" in text)
    program.resize(100, 30)
    program.type("가나\n".encode())
    assert "30 100" in (text := await written(program))
    assert "got 가나" in text
    assert await program.end(5) == 0


async def test_it_ends_when_the_line_does() -> None:
    program = shell("sleep 100")
    assert await program.end(5) == -signal.SIGHUP
    assert not is_there(program.pid)
    assert await program.read() == b""
    program.type(b"x")
    program.resize(1, 1)
    assert await program.end(5) == -signal.SIGHUP


async def test_it_ends_by_force_where_it_does_not_listen() -> None:
    program = shell("trap '' HUP TERM; echo ready; while :; do sleep 0.01; done")
    await written(program, lambda text: "ready" in text)
    assert await program.end(0.05) == -signal.SIGKILL


async def test_who_reads_is_told_that_the_line_is_gone() -> None:
    program = shell("sleep 100")
    reading = asyncio.ensure_future(program.read())
    await asyncio.sleep(0)
    program.hang_up()
    assert await asyncio.wait_for(reading, 10) == b""
    await program.end(5)


async def test_typing_that_nobody_reads_waits_and_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "MOST_TYPED", 20_000)
    program = shell("stty raw -echo; echo ready; sleep 0.1; head -c 9000 | wc -c; exit")
    await written(program, lambda text: "ready" in text)
    program.type(b"x" * 9000)
    program.type(b"y" * 30_000)  # is dropped
    assert "9000" in await written(program)
    assert await program.ended(5) == 0


async def test_what_cannot_be_started_leaves_nothing_open() -> None:
    with pytest.raises(FileNotFoundError):
        TerminalProgram(["/no/such/program"], {}, (80, 24))
