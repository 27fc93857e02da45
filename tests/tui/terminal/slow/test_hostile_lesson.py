"""The bytes that reach a terminal when a stranger's lesson is opened, spoilt on disk, and read anew."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.terminal_sessions import Session, sessions
from tui_backprop.text.printable import is_safe

OPENED = """title = '''[b]bold[/b] [@click=app.quit]x[/] {x.__class__} 漢字 \\\\ é'''
summary = '''[link=file:///etc/passwd]here[/link] %s $HOME `id`'''
formula = "L = (w * x - t)**2"
[data]
x = 2.0
t = 1.0
[parameters]
w = 3.0
[[why]]
at = "L"
text = "[red]the loss[/red] {L} {{x}} [/]"
[[slip]]
title = "[blink]half[/blink]"
gradient.w = "x * (w * x - t)"
"""
TEXTS = (
    "\x1b]0;PWNED\x07",
    "\x1b[2J",
    "\x9b31m",
    "\u202eevil",
    "\u2066x",
    "a\u200bb",
    "\x07",
    "\x00",
    "\x7f",
)
SPOILT = {
    "title": lambda text: OPENED.replace("bold", text),
    "note": lambda text: OPENED.replace("the loss", text),
    "slip": lambda text: OPENED.replace("half", text),
    "formula": lambda text: OPENED.replace("(w * x", f"(w {text} * x"),
    "name": lambda text: OPENED.replace("x = 2.0", f'"{text}" = 2.0'),
    "key": lambda text: f'"{text}" = 1\n{OPENED}',
    "raw": lambda text: text + OPENED,
}
# what the app itself sends: CSI, DCS and OSC sequences, keypad, charset, save and restore
_OWN = re.compile(
    r"\x1b\[[<>=?]?[\d;:]*[ -/]*[@-~]|\x1bP[^\x1b]*\x1b\\|\x1b[=>78()][B0]?"
    r"|\x1b\]\d+;[^\x07\x1b]*(?:\x07|\x1b\\)"
)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Session]]:
    with sessions(tmp_path) as opening:
        yield opening


def check_bytes(session: Session) -> None:
    text = session.raw.decode("utf-8")
    assert "PWNED" not in "".join(re.findall(r"\x1b\][^\x07\x1b]*", text))
    assert "\x1b[31337" not in text
    left = _OWN.sub("", text)
    assert {c for c in left if c not in "\r\n\b\x0f" and not is_safe(c)} == set()


def toml(text: str) -> str:
    return "".join(f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else c for c in text)


def test_texts_of_a_lesson_are_text(start: Callable[..., Session], tmp_path: Path) -> None:
    path = tmp_path / "hostile.toml"
    path.write_text(OPENED, "utf-8")
    session = start(str(path), size=(120, 36))
    session.shows("[b]bold[/b]", "Start of iteration 0")
    for keys in ("ssss", "g", "\x1b", "m", "\x1b", "?", "\x1b"):
        session.send(keys)
        session.quiet()
    for kind, spoil in SPOILT.items():
        for text in TEXTS:
            if kind == "raw":
                path.write_bytes(spoil(text).encode("utf-8"))
            else:
                path.write_text(spoil(toml(text) if kind != "formula" else text.replace("\x00", "")), "utf-8")
            session.send("R")
            session.quiet(0.15)
    check_bytes(session)
    session.send("q")
    assert session.ends() == 0
    check_bytes(session)


def test_file_names_of_a_stranger(start: Callable[..., Session], tmp_path: Path) -> None:
    for text in TEXTS[:-2]:
        path = tmp_path / f"a{text}b.toml"
        path.write_text(OPENED, "utf-8")
        session = start(str(path))
        assert session.ends() == 2
        check_bytes(session)
        assert session.raw.count(b"\n") <= 1
