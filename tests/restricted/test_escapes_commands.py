"""Escape attempts by what a client asks for, by the environment, and by the fixed command line's edges."""

from __future__ import annotations

import os

import pytest

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.host.restricted import KEPT, read_command, read_limits, scrub
from tui_backprop.lessons.limits import Limits
from tui_backprop.text.printable import is_safe


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("logistic", ["logistic"]),
        ("week1/xor.toml", ["week1/xor.toml"]),
        ("--plain --fps 2.5 logistic --no-mouse", ["--plain", "--fps", "2.5", "logistic", "--no-mouse"]),
        ("--ascii", ["--ascii"]),
        ("resume", ["resume"]),
        ("resume logistic-2", ["resume", "logistic-2"]),
        ("resume --plain --fps 4", ["resume", "--plain", "--fps", "4"]),
        ("resume xor --ascii", ["resume", "xor", "--ascii"]),
        ("sessions", ["sessions"]),
        ("sessions --delete 3", ["sessions", "--delete", "3"]),
        ("'übung'", ["übung"]),
        ("list", ["list"]),  # the name of a lesson, which no command hides behind
        ("internal-sftp", ["internal-sftp"]),
    ],
)
def test_what_a_client_may_ask_for(text: str, words: list[str]) -> None:
    assert read_command(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "; sh", "sh -i", "$(id)", "`id`", "logistic; cat /etc/passwd", "logistic && id",
        "logistic | sh", "linear\nid",
        "scp -t .", "scp -f /etc/passwd", "/usr/lib/openssh/sftp-server",
        "rsync --server . .",
        "../../etc/passwd", "/etc/passwd", "~/x", "-", "--", "--set iterations=3", "--set",
        "--lessons /", "--restricted",
        "--lessons=/", "--limit memory=9", "--limit=rows=9", "--driver plain", "--help", "--version",
        "-h", "-V",
        "--fps", "--fps sh", "--fps=3", "--fps -1", "--fps 1e9", "--plain=1", "--plain-",
        "train linear", "export linear", "new points.csv --target y",
        "resume ../x", "resume /etc/passwd", "resume a b", "resume --output x", "sessions --delete",
        "sessions --delete ../x",
        "sessions --delete a b", "--plain resume",
        "sessions --plain", "resume a --plain b",
        "resume --set", "logistic resume", "sessions rm x", "'", '"',
        "a\x00b", "\x1b[2J", "x" * 401,
        "check linear", "explain linear --wrt w", "open linear", "a//b", "week1/..",
        ".hidden",
    ],
)  # fmt: skip
def test_what_a_client_may_not_ask_for(text: str) -> None:
    with pytest.raises(BackpropError) as caught:
        read_command(text)
    assert all(map(is_safe, str(caught.value)))
    assert "this login takes a lesson's name" in str(caught.value)


def test_the_environment_keeps_what_a_terminal_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = (
        "TEXTUAL", "TEXTUAL_LOG", "TEXTUAL_SCREENSHOT", "TEXTUAL_DRIVER", "TEXTUAL_PRESS",
        "TUI_BACKPROP_DEBUG",
        "PYTHONSTARTUP", "PYTHONINSPECT", "PYTHONPATH", "LD_PRELOAD", "COLUMNS", "LINES",
        "XDG_CONFIG_HOME", "TMPDIR",
        "EDITOR", "PAGER", "BROWSER", "TERMINFO", "INPUTRC", "SSH_ORIGINAL_COMMAND", "_TUI_BACKPROP_COMPLETE",
    )  # fmt: skip
    monkeypatch.setattr(os, "environ", dict.fromkeys((*bad, *KEPT, "LC_ALL"), "x") | {"TERM": "../../x"})
    scrub()
    assert not set(bad) & set(os.environ)
    assert {*KEPT, "LC_ALL"} <= set(os.environ)
    assert (os.environ["TERM"], os.environ["OPENBLAS_NUM_THREADS"]) == ("dumb", "1")
    os.environ["TERM"] = "xterm-256color"
    scrub()
    assert os.environ["TERM"] == "xterm-256color"


def test_limits_are_read_and_refused_by_name() -> None:
    assert read_limits(["rows=7", "cpu=1"]) == Limits(rows=7, cpu=1)
    for text, reason in (
        ("row=7", "did you mean rows?"),
        ("rows", "found no ="),
        ("rows=0", "a whole number from 1"),
        ("rows=-1", "a whole number from 1"),
        ("rows=1e3", "a whole number from 1"),
        ("=", "unknown limit"),
    ):
        with pytest.raises(BackpropError, match=f"--limit {text}") as caught:
            read_limits([text])
        assert reason in str(caught.value)
