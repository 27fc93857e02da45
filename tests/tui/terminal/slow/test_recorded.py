"""A recording played in a terminal ends with the screen that was recorded, also after another size."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest

from tests.support.terminal_sessions import Session, sessions

Opened = Callable[..., Session]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    with sessions(tmp_path) as open_session:
        yield open_session


@pytest.mark.parametrize("driver", ["diff", "plain"])
def test_it_ends_with_what_was_seen(opened: Opened, tmp_path: Path, driver: str) -> None:
    path = tmp_path / "one.cast"
    session = opened("logistic", "--driver", driver, "--record", str(path))
    session.shows("Start of iteration 0", "q quit")
    session.send("sss")
    session.shows("record 3 of")
    session.resize(100, 30)
    session.send("s")
    session.shows("record 4 of")
    session.until(lambda: lines(played(path)) == lines(session.text.splitlines()))
    session.send("q")
    assert session.ends() == 0


def played(path: Path) -> list[str]:
    """Return what a terminal shows at the end of a recording."""
    header, *events = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    screen = pyte.Screen(header["width"], header["height"])
    stream = pyte.Stream(screen)
    for _, kind, text in events:
        if kind == "r":
            columns, rows = map(int, text.split("x"))
            screen.resize(rows, columns)
        else:
            stream.feed(text)
    return list(screen.display)


def lines(shown: list[str]) -> str:
    return "\n".join(line.rstrip() for line in shown).rstrip()
