"""Escape attempts from plain mode: lessons, and the keys of its line editor."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pexpect
import pytest
from login_tools import make_folder

from tui_backprop import Trainer, load_lesson
from tui_backprop.plain import run_plain
from tui_backprop.training.autosave import Autosave


def said(*commands: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Do these commands and return the lines after the two at the start, joined where they were wrapped."""
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{command}\n" for command in commands)))
    monkeypatch.setattr(sys, "stdout", out)
    run_plain(Trainer(load_lesson("line")), Autosave())
    return out.getvalue().replace("\n  ", " ").splitlines()[2:]


def test_open_lists_the_folder_and_no_paths(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = said("open", monkeypatch=monkeypatch)
    assert line.endswith("two-layer, line, table, week1/deep")
    assert ".toml" not in line


@pytest.mark.parametrize("name", ["~/x.toml", "~root/x.toml", "/etc/passwd", "../outside/secret", "~"])
def test_open_takes_names_as_they_are(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (line,) = said(f"open {name}", monkeypatch=monkeypatch)
    reason = "a lesson is a built-in name, or a name in the lesson folder"
    assert line == f"error: found '{name}'; {reason}"


@pytest.mark.slow
def test_no_key_of_the_line_editor_tells_of_the_host(tmp_path: Path) -> None:
    """Left alone, readline expands ~NAME, takes vi's keys, and reads settings from the home folder."""
    (tmp_path / ".inputrc").write_text('"Z": "quit\\n"\n"Y": tilde-expand\n"W": complete-into-file\n')
    environment = {**os.environ, "HOME": str(tmp_path), "TERM": "xterm-256color"}
    words = ["-m", "tui_backprop", "--restricted", "--lessons", str(make_folder(tmp_path)), "line", "--plain"]
    child = pexpect.spawn(sys.executable, words, dimensions=(30, 100), env=environment, timeout=30)
    child.expect_exact(b"(backprop) ")
    tell = ["&", "~", "\n\x1b&", "\r\x1b&", "?", "*", "/"]
    for keys in [*(f"\x1b{key}" for key in tell), "Y", "W", "\x18\x12Y", "\x18\x05", "\t\t"]:
        child.send(f"open ~root{keys}\r")
        child.expect_exact(b"a name in the lesson folder")
        assert b"/root" not in child.before, keys
        child.send("open /etc/pass" + keys + "\r")
        child.expect_exact(b"a name in the lesson folder")
        assert b"passwd" not in child.before, keys
    child.send("Z\r")
    child.expect_exact(b"unknown command")
    child.send("q\r")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    names = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")}
    assert names <= {".inputrc", "lessons", "outside", "xdg_state_home"}, names
