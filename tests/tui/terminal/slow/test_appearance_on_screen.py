"""What a terminal shows: in sixteen colours and in none, at any size, after any keys, at rest."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.terminal_sessions import PATIENCE, Session, sessions

Opened = Callable[..., Session]

KEYS = {
    "start": "", "step": "ssssss", "graph": "4", "element": "x", "what if": "o", "lessons": "m", "help": "?",
    "numbers": "v", "palette": "\x10", "breakpoints": "B", "homework": "w", "code": "e", "find": "f",
    "check": "g", "hyperparameter": "h", "refusal": "hz\r", "note": "y",
}  # fmt: skip
COLOURS = ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white")
LUMINANCE = dict(
    zip(
        [*COLOURS, *(f"bright{name}" for name in COLOURS)],
        # of the palette of the VGA, as WCAG computes it
        (
            0,
            0.086,
            0.288,
            0.152,
            0.029,
            0.115,
            0.317,
            0.402,
            0.091,
            0.315,
            0.748,
            0.933,
            0.148,
            0.37,
            0.804,
            1,
        ),
        strict=True,
    )
)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    with sessions(tmp_path) as open_session:
        yield open_session


def press(session: Session, keys: str, pause: float = 0.12) -> None:
    for key in keys:
        session.send(key)
        session.quiet(pause)


def leave(session: Session) -> None:
    press(session, "\x1b\x1b", 0.2)
    deadline = time.monotonic() + PATIENCE
    while session.child.isalive() and time.monotonic() < deadline:
        press(session, "q", 0.5)  # read in one go with Esc by a busy machine, q is Alt+Q
    assert session.ends() == 0
    assert b"Traceback" not in session.raw
    assert not session.mode("1049")  # the shell's screen is back
    assert b"\x1b[?25h" in session.raw[session.raw.rindex(b"\x1b[?1049l") - 200 :]


def written(session: Session) -> list[Any]:
    """Return the cells of the screen that have a character."""
    return [cell for row in session.cells for cell in row if cell.data.strip()]


def contrast(cell: Any) -> float:
    front = "white" if cell.fg == "default" else cell.fg
    back = "black" if cell.bg == "default" else cell.bg
    low, high = sorted((LUMINANCE[front], LUMINANCE[back]))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("term", "theme"),
    [("linux", ""), ("xterm", "textual-light")],
)
def test_no_text_is_unreadable_in_sixteen_colours(
    opened: Opened, tmp_path: Path, term: str, theme: str
) -> None:
    if theme:
        settings = tmp_path / "CONFIG" / "tui-backprop" / "settings.json"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps({"theme": theme}), encoding="utf-8")
    session = opened("logistic", TERM=term, COLORTERM="")
    session.shows("paused", "quit")
    for screen, keys in KEYS.items():
        press(session, keys)
        deadline = time.monotonic() + PATIENCE
        while len({cell.fg for cell in written(session)}) < 2:  # there are colours
            assert time.monotonic() < deadline, screen
            session.quiet(0.1)
        texts = written(session)
        for cell in texts:
            assert cell.bg in ("default", *COLOURS), (screen, cell)
            assert contrast(cell) > 2.3, (screen, cell)
        press(session, "\x1b")
    leave(session)


def test_without_colours_one_sees_what_is_chosen(opened: Opened) -> None:
    session = opened("logistic", TERM="vt100")

    def is_reversed(text: str) -> None:
        session.until(
            lambda: text in "".join(cell.data for row in session.cells for cell in row if cell.reverse)
        )
        session.quiet()

    session.shows("paused", "quit")
    session.send("m")
    is_reversed("logistic     Logistic regression by hand")
    session.send("\x1b[B")
    is_reversed("logistic-ce")
    press(session, "\x1b\x10", 0.3)
    is_reversed("All factors, or only those")
    press(session, "\x1by", 0.3)
    is_reversed("* s steps to a record first")
    press(session, "s4", 0.3)
    is_reversed("(X @ beta)")
    press(session, "obeta", 0.3)
    line = next(row for row in session.cells if "| beta" in "".join(cell.data for cell in row))
    assert [cell.data for cell in line if cell.reverse] == [" "]  # the cursor
    leave(session)


@pytest.mark.parametrize("opening", ["b", "\x10", "h"])
def test_nothing_is_written_and_computed_while_nothing_happens(opened: Opened, opening: str) -> None:
    """After a run, with the palette open, in a field."""
    session = opened("logistic", "--set", "iterations=50")
    session.shows("paused", "quit")
    if opening == "b":
        session.send(" ")
        session.shows("iteration 50/50")
    press(session, opening, 0.3)
    used, written, asked, deadline = 1.0, 0, 0, time.monotonic() + PATIENCE
    # what is imported behind the first screen, saved, and drawn of it comes to an end
    while used > 0.03 or (len(session.raw), session.asked) != (written, asked):
        assert time.monotonic() < deadline
        written, asked, before = len(session.raw), session.asked, processor_seconds(session.child.pid)
        session.look(3)
        used = processor_seconds(session.child.pid) - before
    leave(session)


def processor_seconds(process: int) -> float:
    times = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(map(int, times[11:13])) / os.sysconf("SC_CLK_TCK")


def test_two_hundred_sizes_in_a_few_seconds(opened: Opened) -> None:
    session = opened("logistic")
    session.shows("paused", "quit")
    press(session, "s" * 9)
    before, chance = len(session.raw), random.Random(5)
    for count in range(200):
        session.resize(chance.randint(1, 200), chance.randint(1, 60))
        session.look(0.012)
        if count % 40 == 20:
            session.send("\x1b?m4x"[count // 40])
    session.resize(80, 24)
    press(session, "\x1b\x1b", 0.5)
    assert len(session.raw) - before < 300_000  # Textual by itself writes a megabyte
    session.send("\x0c")
    session.shows("record 9 of 21", "▶  9", "q quit")
    assert all(len(line) == 80 for line in session.screen.display)
    leave(session)


@pytest.mark.parametrize("size", [(1, 1), (20, 2), (40, 10)])
def test_at_any_size_one_can_step_and_every_screen_closes(opened: Opened, size: tuple[int, int]) -> None:
    width, height = size
    session = opened("logistic", size=size)
    session.until(lambda: session.text.strip())
    session.quiet(1)
    if height <= 2:
        session.shows({1: "0", 20: "it 0 loss 0.375"}[width])
    for key in "mofBwxe?\x10" if height > 2 else "m?\x10":
        session.send(key)
        session.quiet(0.2)
        if height == 10 and key in "moifBw":
            session.shows("─╮")
        press(session, "\x1b" if key != "\x10" else "\x1b\x1b", 0.15)
    press(session, "r" + "s" * 12, 0.1)  # past ∂L/∂y, which leads to data only
    if height >= 5:
        session.shows("∂L/∂ŷ from")
    if width >= 40:
        session.shows("product", "paused  iteration 0")
    press(session, "n", 0.3)
    session.until(lambda: "1" in session.text)
    leave(session)


def test_a_thousand_random_keys_over_every_screen(opened: Opened) -> None:
    chance = random.Random(20260101)
    ways = ["\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[5~", "\x1b[6~", "\x1b[H", "\x1b[F", "\x1b[3~",
            "\t", "\x1b[Z", "\r", "\x7f", "\x10", "\x0c", "\x03",
            "\x15", "\x1b", "\x1b", "\x1b\x1b"]  # fmt: skip
    letters = [chr(code) for code in range(32, 127) if chr(code) != "q"]
    own = list("sbnpcxotmhgweifBuUrlvyR1234? ") * 3
    session = opened("two-layer", "--set", "iterations=200")
    session.shows("paused", "quit")
    pressed = 0
    while pressed < 1000:
        burst = [
            chance.choice(chance.choice((ways, letters, own, own))) for _ in range(chance.randint(1, 25))
        ]
        for key in burst:
            session.send(key)
            if key.startswith("\x1b") and len(key) < 3:
                session.look(0.02)  # else the next key would make another one of it
        pressed += len(burst)
        session.look(0.05 if chance.random() < 0.8 else 0.4)
        assert session.child.isalive(), f"after {pressed} keys, the last {burst}:\n{session.text}"
        if chance.random() < 0.1:
            session.resize(chance.randint(10, 130), chance.randint(3, 40))
    session.resize(80, 24)
    session.quiet(1)
    press(session, "\x1b\x1b\x1b\x1b", 0.4)
    press(session, "1", 0.5)
    session.shows("Model: ")
    leave(session)
