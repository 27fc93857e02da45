"""The command that writes a script: where to, and what it refuses."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tui_backprop.cli.main import FORMS, cli
from tui_backprop.export.targets.registry import TARGETS

Run = Callable[..., Any]


def test_the_script_prints_what_train_prints(run: Run, tmp_path: Path) -> None:
    hyperparameters = ("--set", "learning_rate=0.3", "--set", "optimizer=adam", "--set", "iterations=30")
    path = tmp_path / "logistic.py"
    path.write_text(run("export", "logistic", "--to", "script", *hyperparameters).out, encoding="utf-8")
    ran = subprocess.run([sys.executable, "-I", path], capture_output=True, text=True, check=True)
    rows = run("train", "logistic", *hyperparameters, "--format", "jsonl").lines
    assert ran.stdout.splitlines() == [repr(json.loads(row)["loss"]) for row in rows]


def test_output_is_written_whole_into_a_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "new" / "script.py"
    result = run("export", "linear", "--to", "script", "--output", str(path))
    assert (result.out, result.err) == ("", f"tui-backprop: {path} written\n")
    assert path.read_text(encoding="utf-8") == run("export", "linear", "--to", "script").out
    assert os.listdir(path.parent) == ["script.py"]
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask


def test_a_dash_is_standard_output(run: Run, tmp_path: Path) -> None:
    assert run("export", "linear", "--to", "script", "--output", "-").out.startswith('"""One linear unit')


def test_refusals_are_one_line(run: Run, tmp_path: Path) -> None:
    refusal = run("export", "linear").refusal
    assert refusal == f"Missing option '--to'. Choose from: {', '.join(FORMS)}"
    assert "'pdf' is not one of 'script'," in run("export", "linear", "--to", "pdf").refusal
    refusal = run("export", "linear", "--to", "torch", "--iteration", "3").refusal
    assert refusal == "--iteration is for one iteration; --to torch writes the whole training"
    refusal = run("export", "square", "--to", "html", "--iteration", "3").refusal
    assert refusal == "square trains nothing; there is iteration 0 only"
    assert "unknown lesson" in run("export", "nothing", "--to", "script").refusal
    assert "learning_rate" in run("export", "linear", "--to", "script", "--set", "learning_rate=x").refusal
    where = str(tmp_path)
    refusal = run("export", "linear", "--to", "script", "--output", where).refusal
    assert refusal == f"{where} cannot be written: Is a directory"
    path = tmp_path / "own.toml"
    path.write_text("formula = 'L = w * w / (1 + exp(x))'\n[data]\nx = 800.0\n[parameters]\nw = 0.5\n")
    refusal = run("export", str(path), "--to", "script").refusal
    assert refusal == "own is done step by step: its data give a math range error"


def test_forms_are_completed() -> None:
    command = cli.commands["export"]
    (option,) = (param for param in command.params if param.name == "form")
    context = command.make_context("export", ["linear"], resilient_parsing=True)
    assert [item.value for item in option.shell_complete(context, "s")] == ["script"]
    assert tuple(TARGETS) == FORMS


def test_an_iteration_is_chosen(run: Run) -> None:
    """The loss of iteration 7 is the one that train prints."""
    loss = json.loads(run("train", "logistic", "--format", "jsonl", "--iterations", "7").lines[-1])["loss"]
    for form in sorted(set(FORMS) - {name for name, target in TARGETS.items() if target.of_training}):
        page = run("export", "logistic", "--to", form, "--iteration", "7").out
        assert "iteration 7" in page
        assert f"loss {loss:.6g}" in page or form == "notebook"
