"""Whole keys come of bytes however they are spread over time, and what is cut off gives the keys back."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

from tui_backprop.tui.terminal.typed import PASTE, UNFINISHED, Typed

ESCAPE = 0.35
WHOLE = {
    "\x1b[C": "right", "\x1bOA": "up", "\x1b[1;5C": "ctrl+right", "\x1b[15~": "f5", "s": "s",
    "\x1b[[A": "f1", "\x1b[27u": "escape", "\x1b[<0;5;5M": "MouseDown",
    "\x1b[3;4R": "CursorPosition", "\x1b[I": "AppFocus",
    "\x1b[200~a\x1bbé\x1b[201~": "Paste a\x1bbé", "ㄴ": "ㄴ",
}  # fmt: skip
"""What terminals send for one thing, and what it is."""


def named(messages: Iterable[Message]) -> list[str]:
    """Return what came, in short."""
    return [
        message.key
        if isinstance(message, events.Key)
        else f"Paste {message.text}"
        if isinstance(message, events.Paste)
        else type(message).__name__
        for message in messages
    ]


@pytest.fixture
def typed() -> Typed:
    return Typed(XTermParser().feed, ESCAPE)


@given(st.lists(st.sampled_from(sorted(WHOLE)), min_size=1, max_size=6), st.data())
def test_however_the_bytes_come_apart_the_keys_are_the_same(sent: list[str], data: st.DataObject) -> None:
    typed, now, found = Typed(XTermParser().feed, ESCAPE), 0.0, []
    text = "".join(sent)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text)))) | {len(text)})
    start = 0
    for cut in cuts:
        now += 0.2  # as far apart as they come over ssh
        found += named(typed.tick(now)) + named(typed.feed(text[start:cut], now))
        start = cut
    assert found == [WHOLE[one] for one in sent]
    assert typed.due() is None


def test_an_escape_alone_is_the_key_when_its_time_is_over(typed: Typed) -> None:
    assert named(typed.feed("\x1b", 10)) == []
    assert typed.due() == 10 + ESCAPE
    assert named(typed.tick(10 + ESCAPE - 0.01)) == []
    assert named(typed.tick(10 + ESCAPE)) == ["escape"]
    assert typed.due() is None


def test_a_letter_behind_an_escape_is_another_key_though_it_comes_soon(typed: Typed) -> None:
    assert named(typed.feed("\x1b", 0)) == []
    assert named(typed.feed("s", 0.15)) == ["escape", "s"]


def test_what_never_becomes_whole_is_given_up(typed: Typed) -> None:
    assert named(typed.feed("\x1b[1;", 0)) == []
    list(typed.tick(UNFINISHED))
    assert typed.due() is None


@pytest.mark.parametrize("sign", ["\x03", "\x1b[99;5u"])
def test_ctrl_c_gives_the_keys_back_from_a_paste_that_is_cut_off(typed: Typed, sign: str) -> None:
    assert named(typed.feed("\x1b[200~hello", 0)) == []
    assert named(typed.feed("s", 1)) == []
    assert named(typed.feed(f"{sign}n", 2)) == ["n"]


def test_so_does_a_while_without_input(typed: Typed) -> None:
    assert named(typed.feed("\x1b[200~hel", 0)) == []
    assert named(typed.feed("lo", 3)) == []
    assert named(typed.tick(3 + PASTE - 0.1)) == []
    assert named(typed.tick(3 + PASTE)) == ["Paste hello"]
    assert named(typed.feed("s\x1b[201~n", 9)) == ["s", "n"]  # the end that was late after all
