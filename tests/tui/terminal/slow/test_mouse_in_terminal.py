"""The mouse in a real terminal: clicks, the wheel and dragging; nothing is asked of it beyond these."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.terminal_sessions import Session, sessions

Opened = Callable[..., Session]
LEFT, DRAGGED, WHEEL_DOWN = 0, 32, 65


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    with sessions(tmp_path) as open_session:
        yield open_session


def mouse(button: int, column: int, row: int, *, up: bool = False) -> str:
    return f"\x1b[<{button};{column};{row}{'m' if up else 'M'}"


def modes(session: Session) -> set[bytes]:
    found = re.findall(rb"\x1b\[\?([\d;]+)h", session.raw)
    return {mode for modes in found for mode in modes.split(b";")} & {
        b"%d" % one for one in range(1000, 1017)
    }


@pytest.mark.parametrize("driver", ["diff", "plain"])
def test_clicks_wheel_and_dragging_work(opened: Opened, driver: str) -> None:
    session = opened("polynomial", "--driver", driver)
    session.shows("Start of iteration 0", "q quit", "Model: polynomial  ↓")
    session.quiet()
    assert modes(session) == {b"1000", b"1002", b"1004", b"1006"}  # 1004 is the focus
    column = session.text.splitlines()[-1].index("s step") + 1
    session.send(mouse(LEFT, column, 24) + mouse(LEFT, column, 24, up=True))
    session.shows("record 1 of")
    session.send(mouse(WHEEL_DOWN, 60, 6))
    session.shows("Model: polynomial  ↑")
    hidden = re.compile(r"Model: polynomial  ↑ (\d+)")
    before = int(hidden.search(session.text)[1])
    for held in (mouse(LEFT, 79, 4), mouse(DRAGGED, 79, 6), mouse(DRAGGED, 79, 8)):
        session.send(held)
        session.quiet(0.2)  # the scroll bar takes the mouse a moment after it is pressed
    session.until(lambda: (found := hidden.search(session.text)) and int(found[1]) > before + 1)
    session.send(mouse(LEFT, 79, 8, up=True))
    session.send("q")
    assert session.ends() == 0
    assert not any(session.mode(number) for number in ("1000", "1002", "1004", "1006"))


def test_without_a_mouse_nothing_is_asked(opened: Opened) -> None:
    session = opened("linear", "--no-mouse")
    session.shows("Start of iteration 0", "q quit")
    session.quiet()
    assert modes(session) == {b"1004"}
