"""What the environment says of the terminal."""

from __future__ import annotations

import pytest

from tui_backprop.terminal_conditions import ascii_only, frames_a_second, without_colours


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"LANG": "en_GB.UTF-8"}, False),
        ({"LANG": "en_GB.utf8"}, False),
        ({"LANG": "sr_RS.UTF-8@latin"}, False),
        ({"LC_ALL": "C.UTF-8", "LANG": "C"}, False),
        ({"LC_ALL": "", "LANG": "C.UTF-8"}, False),
        ({"LC_ALL": "C", "LANG": "en_GB.UTF-8"}, True),
        ({"LC_CTYPE": "POSIX"}, True),
        ({"LANG": "de_DE.ISO-8859-1"}, True),
        ({"LANG": "de_DE@euro"}, True),
        ({"LANG": "en_GB.UTF-8", "TERM": "linux"}, True),
        ({"LANG": "en_GB.UTF-8", "TERM": "vt100"}, True),
        ({"LANG": "en_GB.UTF-8", "TERM": "screen"}, False),
    ],
)
def test_ascii_follows_locale_and_terminal(environment: dict[str, str], expected: bool) -> None:
    assert ascii_only(environment) is expected


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"NO_COLOR": ""}, False),
        ({"NO_COLOR": "0"}, True),
        ({"TERM": "vt220"}, True),
        ({"TERM": "xterm-mono"}, True),
        ({"TERM": "screen.vt100"}, True),
        ({"TERM": "linux"}, False),
    ],
)
def test_colours_follow_no_color_and_terminal(environment: dict[str, str], expected: bool) -> None:
    assert without_colours(environment) is expected


def test_frames_follow_the_line_unless_asked_for() -> None:
    assert frames_a_second(None, {}) == 10
    assert frames_a_second(None, {"SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22"}) == 4
    assert frames_a_second(None, {"SSH_TTY": "/dev/pts/1"}) == 4
    assert frames_a_second(7, {"SSH_TTY": "/dev/pts/1"}) == 7
