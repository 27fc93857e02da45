"""``--output`` says the same in every command, makes a folder that is missing, and fails in a line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
COMMANDS = {
    "export": ("export", "linear", "--to", "script"),
    "plot": ("plot", "linear", "--what", "loss", "--iterations", "1"),
    "build": ("build", "--layers", "2,2,1"),
    "new": ("new", "table.csv", "--target", "y"),
    "import": ("import", "model.txt", "--loss", "mse"),
    "trace": ("trace", "program.py:loss", "--parameters", "w"),
}


@pytest.fixture
def given(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("table.csv").write_text("x,y\n1,2\n2,4\n3,6\n")
    Path("model.txt").write_text("Sequential(\n  (0): Linear(in_features=2, out_features=1, bias=True)\n)\n")
    Path("program.py").write_text("w = 2.0\ndef loss(w):\n    return w * w\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_it_is_written_and_said(run: Run, given: None, command: str) -> None:
    result = run(*COMMANDS[command], "--output", "made/one.toml")
    opens = "" if command in ("export", "plot") else "; tui-backprop made/one.toml opens it"
    if command == "new":  # a lesson reads tables of its own folder
        assert "a lesson reads files of its own folder only" in result.err
        result, opens = run(*COMMANDS[command], "--output", "one.toml"), "; tui-backprop one.toml opens it"
        assert result.err == f"tui-backprop: one.toml written{opens}\n"
        return
    assert (result.code, result.err.splitlines()[-1]) == (0, f"tui-backprop: made/one.toml written{opens}")
    assert Path("made/one.toml").stat().st_size


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "new"])
def test_what_cannot_be_written_is_said_in_a_line(run: Run, given: None, command: str) -> None:
    result = run(*COMMANDS[command], "--output", "table.csv/one.toml")
    assert result.code == 2
    assert (
        result.err.splitlines()[-1]
        == "tui-backprop: table.csv/one.toml cannot be written: table.csv is no folder"
    )
