"""The driver that sends differences shows what Textual's own shows, whether the terminal answers or not."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from terminal_sessions import Session, sessions

pytestmark = pytest.mark.slow
Opened = Callable[..., Session]
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
ENDLESS = ("polynomial", "--set", "iterations=1000000000")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    with sessions(tmp_path) as open_session:
        yield open_session


def differing(one: Session, other: Session) -> list[object]:
    return [
        (y, x, *pair)
        for y, rows in enumerate(zip(one.cells, other.cells, strict=True))
        for x, pair in enumerate(zip(*rows, strict=True))
        if pair[0] != pair[1]
    ][:4]


@pytest.mark.parametrize("seed", [1, 2])
def test_after_random_keys_and_sizes_every_cell_is_the_same(opened: Opened, seed: int) -> None:
    both = [opened("logistic", "--driver", driver) for driver in ("diff", "plain")]
    for session in both:
        session.shows("Start of iteration 0", "q quit", "┤")
    chance = random.Random(seed)
    for _ in range(12):
        size = chance.choice(SIZES) if chance.random() < 0.4 else None
        keys = chance.choices(KEYS, k=6)
        for session in both:
            if size is not None:
                session.resize(*size)
                session.quiet(0.25)
            for key in keys:
                session.send(key)
                session.quiet(0.1 if key == "\x1b" else 0.04)
        for _ in range(20):
            for session in both:
                session.quiet(0.2)
            if not differing(*both):
                break
        assert both[0].text == both[1].text, f"after {keys} at {size}"
        assert len(differing(*both)) <= 1, f"after {keys} at {size}"  # the cursor of a field blinks
    assert len(both[0].raw) < len(both[1].raw) / 2


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
    session.look(0.8)
    held = session.asked
    session.look(1)
    assert session.asked == held  # no third frame ahead of the answers
    session.answer()
    session.until(lambda: session.asked == held + 1, patience=1)


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
    session.look(1)
    before = len(session.raw)
    session.look(4)
    assert len(session.raw) - before <= 4 * 6000


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
