"""What the environment says of the terminal."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from tui_backprop.host.jobs import can_be_woken
from tui_backprop.host.terminal import (
    ascii_only,
    believe_screen,
    escape_delay,
    frames_a_second,
    why_plain,
    without_colours,
)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"LANG": "en_GB.UTF-8"}, False),
        ({"LANG": "en_GB.utf8"}, False),
        ({"LANG": "sr_RS.UTF-8@latin"}, False),
        ({"LC_ALL": "C.UTF-8", "LANG": "C"}, False),
        ({"LC_ALL": "", "LANG": "C.UTF-8"}, False),
        ({"LC_CTYPE": "UTF-8", "LANG": "ko_KR.UTF-8"}, False),  # as Macs send it
        ({"LC_CTYPE": "UTF-8"}, False),
        ({"LC_ALL": "UTF-8"}, False),
        ({"LC_ALL": "utf8"}, False),
        ({"LC_CTYPE": "utf-8", "LANG": "C"}, False),
        ({"LC_CTYPE": "ISO8859-1", "LANG": "ko_KR.UTF-8"}, True),
        ({"LANG": "ko_KR.eucKR"}, True),
        ({"LANG": "ko_KR"}, True),
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


@pytest.mark.parametrize(
    ("environment", "believed"),
    [
        ({"TERM": "screen", "STY": "1.pts-0.host"}, False),
        ({"TERM": "screen"}, False),  # over ssh STY is not handed on
        ({"TERM": "screen-256color", "STY": "1.pts-0.host"}, False),
        ({"TERM": "screen.xterm-256color"}, False),
        ({"TERM": "xterm-256color", "STY": "1.pts-0.host"}, False),
        ({"TERM": "screen-256color", "TMUX": "/tmp/tmux-0/default,1,0"}, True),
        ({"TERM": "tmux-256color", "STY": "1.pts-0.host"}, True),
        ({"TERM": "xterm-256color"}, True),
    ],
)
def test_colours_around_gnu_screen_are_not_believed(environment: dict[str, str], believed: bool) -> None:
    environment |= {"COLORTERM": "truecolor"}
    believe_screen(environment)
    assert ("COLORTERM" in environment) is believed


def test_behind_an_escape_more_is_waited_for_over_ssh() -> None:
    assert escape_delay({}) == 0.1
    assert 0.2 < escape_delay({"SSH_TTY": "/dev/pts/1"}) < 0.5  # bytes of one key come up to 0.2 s apart
    assert escape_delay({"SSH_TTY": "/dev/pts/1", "ESCDELAY": "25"}) == 0.025
    assert escape_delay({"ESCDELAY": "soon"}) == 0.1


@pytest.mark.parametrize("name", ["xterm-ghostty", "rio", "new-256color", "brandnew-direct", "XTERM-NEW"])
def test_new_names_that_look_like_xterm_get_the_app(name: str) -> None:
    assert why_plain({"TERM": name}) is None


def test_of_other_names_it_is_said_how_the_app_opens() -> None:
    line = why_plain({"TERM": "frobozz"})
    assert line is not None
    assert "TERM=xterm-256color tui-backprop" in line
    line = why_plain({"TERM": "frobozz"}, restricted=True)
    assert line is not None
    assert "TERM=xterm-256color ssh -t" in line


def test_who_leads_a_session_of_its_own_cannot_be_woken() -> None:
    code = "from tui_backprop.host.jobs import can_be_woken; print(can_be_woken())"
    for options, expected in (({"start_new_session": True}, "False"), ({"process_group": 0}, "True")):
        run: Any = subprocess.run
        result = run([sys.executable, "-c", code], capture_output=True, text=True, check=True, **options)
        assert result.stdout.strip() == expected
    assert isinstance(can_be_woken(), bool)
