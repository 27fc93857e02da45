"""What a terminal shows after the bytes that were saved is what it would show after all of them."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

import pyte
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tui_backprop.tui.terminal.cells import Grid
from tui_backprop.tui.terminal.difference import Screen
from tui_backprop.tui.terminal.pacing import AHEAD, ANSWERING, LOST, RARELY, SLOW, SMALL, Pacing
from tui_backprop.tui.terminal.styles import PLAIN, change, restyled

WIDTH, HEIGHT = 12, 4
CODES = [
    "0",
    "1",
    "3",
    "4",
    "7",
    "9",
    "22",
    "23",
    "24",
    "27",
    "31",
    "92",
    "39",
    "44",
    "49",
    "38;2;1;2;3",
    "48;5;17",
]
SGR = st.lists(st.sampled_from(["", *CODES]), min_size=1, max_size=3).map(";".join).map("\x1b[{}m".format)
MOVE = st.tuples(st.integers(1, HEIGHT), st.integers(1, WIDTH)).map(lambda at: f"\x1b[{at[0]};{at[1]}H")
TEXT = st.text(st.sampled_from("ab ─∂"), min_size=1, max_size=WIDTH)
WIDE = st.text(st.sampled_from("ab漢字é"), min_size=1, max_size=6)


def shown(*writes: str) -> list[list[object]]:
    screen = pyte.Screen(WIDTH, HEIGHT)
    screen.reset_mode(pyte.modes.DECAWM)
    stream = pyte.Stream(screen)
    for data in writes:
        stream.feed(data.replace("\x1b]8;;\x1b\\", "").replace("\r\n", "\n").replace("\n", "\r\n"))
    return [[screen.buffer[y][x] for x in range(WIDTH)] for y in range(HEIGHT)]


def sent(frames: list[list[str]]) -> str:
    grid, screen, out = Grid(WIDTH, HEIGHT), Screen(WIDTH, HEIGHT), ""
    for frame in frames:
        assert grid.feed("".join(frame)) == []
        out += screen.update(grid)
    return out


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(SGR | MOVE | TEXT, max_size=8), max_size=4))
@example([["\x1b[4;12Ha", "b"], ["\x1b[4;11Hx"]])
def test_the_screen_is_what_all_bytes_make_it(frames: list[list[str]]) -> None:
    assert shown(sent(frames)) == shown(*(data for frame in frames for data in frame))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1), WIDE), max_size=12))
@example([(0, 0, "漢漢"), (0, 1, "漢")])
@example([(0, 0, "e\u0301a"), (0, 2, "b")])
def test_wide_and_combined_characters_stay_whole(writes: list[tuple[int, int, str]]) -> None:
    """Written frame by frame, the screen is that of one frame with everything."""
    grid, screen, out = Grid(WIDTH, HEIGHT), Screen(WIDTH, HEIGHT), ""
    for row, column, text in writes:
        column = min(column, WIDTH - 2 * len(text)) if len(text) * 2 <= WIDTH else 0
        grid.feed(f"\x1b[{row + 1};{column + 1}H{text}")
        for cells in grid.rows:  # no half of a wide character without the other
            assert cells[0][0]
        out += screen.update(grid)
    grid.changed.update(range(HEIGHT))
    assert shown(out) == shown(Screen(WIDTH, HEIGHT).update(grid))


@pytest.mark.parametrize(
    "rest",
    [
        "\x1b]52;c;aGk=\x07",
        "\x1b]22;pointer\x07",
        "\x1b[?1049h",
        "\x1b[>25u",
        "\x1b[?2026$p",
        "\x07",
        "\x1b7",
    ],
)
def test_what_is_no_cell_is_passed_on(rest: str) -> None:
    grid = Grid(WIDTH, HEIGHT)
    assert "".join(grid.feed(f"a{rest}b")) == rest
    assert [cell[0] for cell in grid.rows[0][:3]] == ["a", "b", " "]


def test_a_link_is_opened_and_closed() -> None:
    grid, screen = Grid(WIDTH, HEIGHT), Screen(WIDTH, HEIGHT)
    screen.update(grid)
    grid.feed("\x1b]8;id=1;https://a.b\x1b\\go\x1b]8;;\x1b\\on")
    assert screen.update(grid) == "\x1b]8;id=1;https://a.b\x1b\\go\x1b]8;;\x1b\\on"


def test_an_unchanged_screen_costs_nothing() -> None:
    grid, screen = Grid(WIDTH, HEIGHT), Screen(WIDTH, HEIGHT)
    grid.feed("\x1b[2;1Hhello")
    assert screen.update(grid)
    grid.feed("\x1b[2;1Hhello")
    assert screen.update(grid) == ""
    screen.forget()
    assert "hello" in screen.update(grid)


def test_only_what_changes_is_sent() -> None:
    grid, screen = Grid(WIDTH, HEIGHT), Screen(WIDTH, HEIGHT)
    grid.feed("\x1b[2;1Hloss 0.125")
    screen.update(grid)
    grid.feed("\x1b[2;1Hloss 0.124")
    assert screen.update(grid) == "\x1b[D4"
    grid.feed("\x1b[2;1Hloss 0.129")
    assert screen.update(grid) == "\x1b[D9"


@given(SGR, SGR)
def test_a_change_of_style_has_the_effect_of_the_whole(before: str, after: str) -> None:
    old, new = restyled(PLAIN, before[2:-1]), restyled(PLAIN, after[2:-1])
    step = change(old, new)
    assert not step or restyled(old, step[2:-1]) == new


def test_a_frame_waits_for_the_answer_to_the_one_before() -> None:
    pacing = Pacing()
    assert pacing.delay(0) == 0
    pacing.asked(0)
    assert pacing.delay(0.1) == pytest.approx(LOST - 0.1)
    assert pacing.answered(0.2, 10, 10)
    assert pacing.delay(0.2) == 0


def test_what_a_key_brings_about_goes_ahead_of_one_answer() -> None:
    pacing = Pacing()
    pacing.asked(0)
    pacing.pressed(0.1)
    for _ in range(AHEAD - 1):
        assert pacing.delay(0.15) == 0
        pacing.asked(0.15)
    assert pacing.delay(0.2) > 0
    assert pacing.answered(0.3, 10, 10)
    assert pacing.delay(0.3) == 0
    assert pacing.delay(0.1 + ANSWERING) > 0


def test_nothing_goes_ahead_of_a_large_frame() -> None:
    pacing = Pacing()
    pacing.asked(0, SMALL)
    pacing.pressed(0.1)
    assert pacing.delay(0.1) > 0
    assert pacing.answered(0.2, 10, 10)
    assert pacing.delay(0.2) == 0


def test_a_terminal_that_never_answers_gets_a_slow_rate_until_it_does() -> None:
    pacing = Pacing()
    pacing.asked(0)
    pacing.asked(0)
    assert pacing.delay(LOST) == 0
    assert pacing.silent
    pacing.asked(LOST)
    assert pacing.delay(LOST + 0.1) == pytest.approx(SLOW - 0.1)
    assert pacing.answered(LOST + 0.2, 10, 10)
    assert not pacing.silent
    assert pacing.delay(LOST + 0.2) == 0


def test_a_lost_answer_costs_one_wait() -> None:
    pacing = Pacing()
    pacing.asked(0)
    pacing.asked(0.1)
    assert pacing.answered(0.3, 10, 10)  # the second; the first is lost
    pacing.asked(0.3)
    assert pacing.answered(0.5, 10, 10)
    assert pacing.delay(LOST + 0.4) == 0
    assert not pacing.silent


def test_a_line_that_has_stalled_is_tried_more_and_more_rarely_until_something_comes() -> None:
    pacing = Pacing()
    pacing.asked(0)
    assert pacing.answered(0.1, 10, 10)
    pacing.asked(1)
    pacing.asked(1)
    now, waits = 1 + LOST, []
    for _ in range(8):
        waits.append(pacing.delay(now))
        now += waits[-1]
        assert pacing.delay(now) == 0
        pacing.asked(now)
    assert waits == sorted(waits)
    assert waits[2] > LOST
    assert waits[-1] == RARELY
    assert pacing.heard()
    assert pacing.delay(now) == pytest.approx(SLOW)
    assert pacing.answered(now, 10, 10)
    assert not pacing.heard()


def test_shift_f3_is_no_answer() -> None:
    """Shift+F3 comes as the cursor in the first row and second column would."""
    pacing = Pacing()
    assert not pacing.answered(0, 0, 1)
    pacing.asked(0)
    assert not pacing.answered(0, 0, 1)
    assert pacing.answered(0, 5, 1)
    assert not pacing.answered(0, 5, 1)  # nothing was asked
    pacing.asked(0, in_first_row=True)
    assert pacing.answered(0, 0, 1)


def test_an_answer_that_comes_while_the_next_frame_is_thought_about_does_no_harm() -> None:
    """The thread that reads takes frames off the list; it must not do so between two looks at it."""

    class Sent(deque[tuple[float, bool, int]]):
        def __getitem__(self, place: object) -> Any:
            reader = threading.Thread(target=pacing.answered, args=(0.1, 10, 10))
            reader.start()
            reader.join(0.05)
            readers.append(reader)
            return super().__getitem__(place)  # type: ignore[index]

    pacing, readers = Pacing(), list[threading.Thread]()
    pacing._sent = Sent([(0.0, False, SMALL)])
    assert pacing.delay(0.1) > 0
    for reader in readers:
        reader.join()
    assert readers
    assert pacing.delay(0.2) == 0
