"""The driver that sends differences shows what Textual's own shows, whether the terminal answers or not."""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyte
import pytest

from tests.support.terminal_sessions import ODD, PATIENCE, SUPPORT, Session, sessions
from tui_backprop.tui.terminal.pacing import AHEAD, LOST

Opened = Callable[..., Session]
RECORDED_APP = str(SUPPORT / "recorded_app.py")
KEYS = [
    *"sssbbnpxvgl1234?hmeiuUr",
    "\t",
    "\x1b",
    "\x1b[A",
    "\x1b[B",
    "\x1b[C",
    "\x1b[D",
    "\r",
    "\x1b[5~",
    "\x1b[6~",
    "\x0c",
]
SIZES = [(80, 24), (120, 36), (60, 16), (40, 10), (100, 30), (79, 23)]
SEEDS = int(os.environ.get("SEEDS", "1"))
"""Environment: how many sequences of 180 keys are tried."""
ENDLESS = ("polynomial", "--set", "iterations=1000000000")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    with sessions(tmp_path) as open_session:
        yield open_session


def differing(some: list[list[Any]], others: list[list[Any]]) -> list[object]:
    sizes = [[len(row) for row in screen] for screen in (some, others)]
    if sizes[0] != sizes[1]:  # the app has not heard of the terminal's new size yet
        return sizes
    return [
        (y, x, *pair)
        for y, rows in enumerate(zip(some, others, strict=True))
        for x, pair in enumerate(zip(*rows, strict=True))
        if pair[0] != pair[1]
    ]


class Undiminished:
    """The screen that everything Textual wrote would have made, which its own driver sends as it is."""

    def __init__(self, record: Path) -> None:
        self.record = record.open()
        self.screen = pyte.Screen(80, 24)
        self._stream = pyte.Stream(self.screen)

    def catch_up(self) -> list[list[Any]]:
        for line in self.record:
            columns, rows, data = json.loads(line)
            if (columns, rows) != (self.screen.columns, self.screen.lines):
                self.screen.resize(rows, columns)
            self.screen.reset_mode(pyte.modes.DECAWM)
            self._stream.feed(ODD.sub(b"", data.encode()).decode().replace("\n", "\r\n"))
        return [
            [self.screen.buffer[y][x] for x in range(self.screen.columns)] for y in range(self.screen.lines)
        ]


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_after_random_keys_and_sizes_every_cell_is_as_textual_wrote_it(tmp_path: Path, seed: int) -> None:
    record = tmp_path / "record"
    session = Session((sys.executable, RECORDED_APP, str(record), "logistic"), tmp_path)
    whole = None
    try:
        session.shows("Start of iteration 0", "q quit", "┤")
        whole, chance = Undiminished(record), random.Random(seed)
        for _ in range(30):
            size = chance.choice(SIZES) if chance.random() < 0.4 else None
            keys = chance.choices(KEYS, k=6)
            if size is not None:
                session.resize(*size)
                session.quiet(0.4)
            for key in keys:
                session.send(key)
                session.quiet(0.1 if key == "\x1b" else 0.03)
            deadline = time.monotonic() + PATIENCE
            while (different := differing(whole.catch_up(), session.cells)) and time.monotonic() < deadline:
                session.quiet(0.15)
            assert not different, f"after {keys} at {size}"
        assert len(session.raw) < record.stat().st_size / 3
    finally:
        session.close()
        if whole is not None:
            whole.record.close()


def test_a_terminal_that_never_answers_is_drawn_slowly(opened: Opened) -> None:
    session = opened(*ENDLESS, answers=False)
    session.shows("Start of iteration 0")
    session.send(" ")
    session.shows("running")
    session.look(3)
    before = session.asked
    session.look(3)
    assert 6 <= session.asked - before <= 13  # four frames a second
    session.send(" ")
    session.shows("paused")


def test_frames_wait_for_answers_that_come_late(opened: Opened) -> None:
    session = opened(*ENDLESS)
    session.shows("Start of iteration 0", "┤")
    session.send(" ")
    session.shows("running")
    session.quiet(0.05)
    session.answers = False
    before, begun = session.asked, time.monotonic()
    while True:
        session.look(0.1)
        held, passed = session.asked, time.monotonic() - begun
        if passed >= LOST - 0.3:  # from then on an answer may be taken not to come
            break
        assert held - before <= AHEAD  # no third frame ahead of the answers
    session.answer()
    session.until(lambda: session.asked > held)


def test_an_app_that_rests_asks_nothing(opened: Opened) -> None:
    session = opened("linear", answers=False)
    session.shows("Start of iteration 0", "┤")
    session.look(4)
    before = len(session.raw)
    session.look(3)
    assert len(session.raw) == before


def test_a_run_costs_few_bytes(opened: Opened) -> None:
    session = opened(*ENDLESS)
    session.shows("Start of iteration 0", "┤")
    session.quiet(0.6)
    assert len(session.raw) <= 8000
    session.send(" ")
    session.shows("running")
    session.look(3)  # the boundary comes to where it hardly moves any more
    before, begun = len(session.raw), time.monotonic()
    session.look(4)
    assert len(session.raw) - before <= (time.monotonic() - begun) * 6000


def test_a_run_with_a_boundary_costs_few_bytes(opened: Opened) -> None:
    session = opened("two-layer", "--set", "iterations=1000000000", "--set", "learning_rate=0.05")
    session.shows("Start of iteration 0", "┤")
    session.send("5")
    session.shows("Boundary")
    session.send(" ")
    session.shows("running")
    session.look(3)  # the boundary comes to where it hardly moves any more
    before, begun = len(session.raw), time.monotonic()
    session.look(4)
    assert len(session.raw) - before <= (time.monotonic() - begun) * 6000


def test_resizes_in_a_burst_are_drawn_together(opened: Opened) -> None:
    session = opened("linear")
    session.shows("Start of iteration 0", "┤")
    session.quiet()
    before = len(session.raw)
    for place in range(100):
        session.resize(80 + place % 40, 24 + place % 12)
        session.read(0.01)
    session.resize(80, 24)
    session.quiet(0.6)
    assert len(session.raw) - before < 150_000
    assert "Start of iteration 0" in session.text
