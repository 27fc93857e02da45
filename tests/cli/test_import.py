"""The command that makes a lesson of a model: what it takes where nothing is said, and what it writes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tui_backprop.cli.main import cli
from tui_backprop.lessons.library import load_lesson

Run = Callable[..., Any]
PAGE = (Path(__file__).parents[2] / "docs" / "import.md").read_text(encoding="utf-8")
MODEL = "Sequential(\n  (0): Linear(in_features=2, out_features=200, bias=True)\n  (1): Tanh()\n)\n"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.txt"
    path.write_text(MODEL, encoding="utf-8")
    return path


def test_what_is_taken_is_said_and_the_lesson_written(run: Run, model: Path, tmp_path: Path) -> None:
    output = tmp_path / "own.toml"
    weights = tmp_path / "w.npz"
    np.savez(weights, **{"0.weight": np.ones((200, 2)), "0.bias": np.zeros(200)})
    said = run("import", str(model), "--weights", str(weights), "--output", str(output))
    assert said.code == 0
    assert said.err.splitlines() == [
        "tui-backprop: note: the loss is mse; give another with --loss NAME",
        "tui-backprop: note: the input is drawn: x is (4×2); give one with --input FILE",
        "tui-backprop: note: the target is drawn: y is (4×200); give one with --input FILE",
        f"tui-backprop: {output} and own.npz written; tui-backprop {output} opens it",
    ]
    lesson = load_lesson(output)
    assert lesson.formula.splitlines()[1:] == ["h0 = x @ W0.T + b0", "# (1): Tanh()", "y_hat = tanh(h0)",
                                               "L = mse(y_hat, y)"]  # fmt: skip
    assert lesson.parameters["W0"].value.shape == (200, 2)
    assert run("train", str(output), "--iterations", "1").code == 0


def test_pytorch_s_names_of_losses_are_known(run: Run, model: Path, tmp_path: Path) -> None:
    output = tmp_path / "own.toml"
    assert run("import", str(model), "--loss", "CrossEntropyLoss", "--output", str(output)).code == 0
    assert "L = cross_entropy(y_hat, y)" in output.read_text(encoding="utf-8")
    refusal = run("import", str(model), "--loss", "msee", "--output", str(output)).refusal
    assert refusal == "the loss is 'msee', which is not known; did you mean mse?"


def test_refusals_are_one_line(run: Run, model: Path, tmp_path: Path) -> None:
    assert run("import", str(model), "--output", str(tmp_path / "own.txt")).refusal.endswith(
        "own.txt: a lesson's file ends in .toml"
    )
    refusal = run("import", str(model), "--loss", "mse").refusal
    assert refusal.startswith("standard input is not a terminal, so the app cannot open")
    missing = str(tmp_path / "gone.onnx")
    assert run("import", missing, "--loss", "mse", "--plain").refusal == "gone.onnx: no such file"


def test_the_page_has_every_option() -> None:
    command = cli.commands["import"]
    own = {name for option in command.params for name in option.opts if name.startswith("--")}
    screen = {name for option in cli.commands["resume"].params for name in option.opts}
    table = re.findall(r"^\| `(--[\w-]+)", PAGE, re.MULTILINE)
    assert set(table) == own - screen


def test_the_page_s_model_is_a_lesson(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = re.findall(r"^tui-backprop (import .*)$", PAGE, re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.txt").write_text(MODEL, encoding="utf-8")
    np.savez("sample.npz", x=np.ones((3, 2)), y=np.arange(3))
    np.savez("model.npz", **{"0.weight": np.ones((200, 2)), "0.bias": np.zeros(200)})
    said = run(*line.replace(".safetensors", ".npz").split(), "--output", "own.toml")
    assert said.err.splitlines() == [
        "tui-backprop: own.toml and own.npz written; tui-backprop own.toml opens it"
    ]


def test_a_restricted_login_imports_nothing(run: Run, model: Path, tmp_path: Path) -> None:
    refusal = run("import", str(model), "--restricted", "--lessons", str(tmp_path)).refusal
    assert "--restricted" in refusal
