"""The bytes that reach the terminal: without colours, in ASCII, without the mouse."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.terminal_sessions import sessions

WAYS = ("s", "s", "4", "\x1b[B", "3", "h", "\x1b", "x", "\x1b", "o", "\x1b", "m", "\x1b[B", "\x1b", "?",
        "\x1b", "v", "\x1b", "\x10", "beta", "\x1b", "\x1b")  # fmt: skip
COLOUR = re.compile(r"(?:^|;)(?:[349]\d|10\d)(?:;|$)")


def written(folder: Path, *options: str, keys: tuple[str, ...] = (), **variables: str) -> bytes:
    """Return all that the app writes until it is left, to a terminal that answers."""
    with sessions(folder) as opened:
        session = opened("logistic", *options, **{"COLORTERM": "", "LC_CTYPE": "", "LANG": "", **variables})
        session.shows("quit", "paused")
        for key in (*keys, "\x1b", "2"):  # the last: Esc and q read in one piece are another key
            session.send(key)
            session.quiet(0.15)
        session.send("q")
        assert session.ends() == 0
        return session.raw


def colours(output: bytes) -> set[str]:
    """Return the SGR sequences that choose a colour."""
    found = re.findall(rb"\x1b\[([\d;]*)m", output)
    return {codes.decode() for codes in found if COLOUR.search(codes.decode())}


def test_no_color_leaves_no_colour_on_any_screen(tmp_path: Path) -> None:
    output = written(tmp_path, keys=WAYS, NO_COLOR="1")
    assert not colours(output)
    assert b"\x1b[1m" in output  # what has the focus is bold
    assert re.search(rb"\x1b\[(?:1;)?7m", output)  # what is chosen in a list is reversed


def test_an_empty_no_color_counts_as_unset(tmp_path: Path) -> None:
    assert any(codes.count("38;5") for codes in colours(written(tmp_path, NO_COLOR="")))


@pytest.mark.parametrize("variables", [{"LC_ALL": "de_DE.ISO-8859-1"}, {"TERM": "linux"}], ids=str)
def test_ascii_is_all_that_is_written(tmp_path: Path, variables: dict[str, str]) -> None:
    output = written(tmp_path, keys=WAYS, **variables)
    assert output.isascii()
    assert b"y_hat" in output
    assert b"?L" not in output


def test_unicode_is_written_where_it_can_be(tmp_path: Path) -> None:
    assert "ŷ".encode() in written(tmp_path, "--no-ascii", keys=("s", "s", "s"), LC_ALL="C")


def test_sixteen_colours_are_all_that_a_plain_terminal_gets(tmp_path: Path) -> None:
    found = colours(written(tmp_path, TERM="screen"))
    assert found
    assert not any("8;" in codes for codes in found)


def test_without_the_mouse_no_mode_of_it_is_set(tmp_path: Path) -> None:
    modes = re.findall(rb"\x1b\[\?([\d;]+)h", written(tmp_path, "--no-mouse"))
    assert b"1049" in modes
    assert not {b"1000", b"1002", b"1003", b"1006", b"1015", b"1016"} & set(modes)
