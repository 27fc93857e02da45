"""Plain sessions of one process, each in the characters that its own terminal can show."""

from __future__ import annotations

import pytest

from tui_backprop import Trainer, load_lesson
from tui_backprop.plain.loop import Loop
from tui_backprop.sessions.autosave import Autosave
from tui_backprop.text.charset import ASCII, UNICODE, Charset
from tui_backprop.text.width import cells

COMMANDS = (
    "help step",
    "model",
    "next",
    "step 12",
    "where",
    "explain",
    "explain beta",
    "examine beta",
    "graph",
)


def session(charset: Charset) -> Loop:
    return Loop(Trainer(load_lesson("logistic")), Autosave(), charset)


def test_two_sessions_write_each_in_its_own_characters(capsys: pytest.CaptureFixture[str]) -> None:
    def said(loop: Loop, command: str) -> str:
        loop.do(command)
        return capsys.readouterr().out

    alone = {charset: [said(loop, command) for command in COMMANDS]
             for charset in (UNICODE, ASCII) for loop in (session(charset),)}  # fmt: skip
    both = {charset: session(charset) for charset in (ASCII, UNICODE)}
    together: dict[Charset, list[str]] = {charset: [] for charset in both}
    for command in COMMANDS:
        for charset, loop in both.items():
            together[charset].append(said(loop, command))
    assert together == alone
    unicode, in_ascii = ("".join(alone[charset]) for charset in (UNICODE, ASCII))
    assert "error: " not in unicode
    assert "∂L/∂β" in unicode
    assert "dL/dbeta" in in_ascii
    assert in_ascii.isascii()
    assert all(cells(line) <= 80 for line in (unicode + in_ascii).splitlines())
