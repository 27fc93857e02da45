"""Escape attempts from plain mode: lessons, and the keys of its line editor."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from tui_backprop import Trainer, load_lesson
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.plain import run_plain
from tui_backprop.sessions.autosave import Autosave


def said(folder: Path, *commands: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Do these commands and return the lines after the two at the start, joined where they were wrapped."""
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{command}\n" for command in commands)))
    monkeypatch.setattr(sys, "stdout", out)
    run_plain(Trainer(load_lesson("line", Sandbox.of_folder(folder))), Autosave())
    return out.getvalue().replace("\n  ", " ").splitlines()[2:]


def test_open_lists_the_folder_and_no_paths(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = said(folder, "open", monkeypatch=monkeypatch)
    assert line.endswith(f"{BUILTIN[-1]}, line, table, week1/deep")
    assert ".toml" not in line


@pytest.mark.parametrize("name", ["~/x.toml", "~root/x.toml", "/etc/passwd", "../outside/secret", "~"])
def test_open_takes_names_as_they_are(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (line,) = said(folder, f"open {name}", monkeypatch=monkeypatch)
    reason = "a lesson is a built-in name, or a name in the lesson folder"
    assert line == f"error: found '{name}'; {reason}"


def test_a_backward_pass_is_typed_and_no_file_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("/etc/passwd", "table.csv", "~/x.py"):
        (line,) = said(folder, f"backward {name}", monkeypatch=monkeypatch)
        assert line == "error: a restricted login reads no files; write backward, and the lines below"
    line, _ = said(folder, "backward", "dL = 1", "", monkeypatch=monkeypatch)
    assert line == "1  ok       dL: right"
