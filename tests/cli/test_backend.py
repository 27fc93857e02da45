"""``--backend``: one option of all commands that train, refused in a line where it cannot be had."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.plain import plain
from tui_backprop.cli.main import cli
from tui_backprop.engine.core import backends

Run = Callable[..., Any]
TRAINS = (
    ("train", "linear", "--iterations", "2"),
    ("explain", "linear"),
    ("check", "linear"),
    ("export", "linear", "--to", "script"),
    ("plot", "linear", "--what", "loss"),
    ("sweep", "linear", "--set", "learning_rate=0.1,0.2", "--iterations", "2"),
    ("compare", "linear", "--with", "learning_rate=0.2", "--iterations", "2"),
    ("rates", "linear"),
    ("health", "linear"),
    ("linear", "--plain"),
)


@pytest.fixture
def compiler(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    return lambda there: monkeypatch.setattr(backends, "can_compile", lambda: there)


@pytest.mark.parametrize("command", TRAINS, ids=lambda words: words[0])
def test_every_command_that_trains_has_it(
    command: tuple[str, ...], run: Run, compiler: Callable[[bool], None]
) -> None:
    compiler(False)
    line = run(*command, "--backend", "native").refusal
    assert line == (
        "back end: native needs llvmlite; install it with pip install 'tui-backprop[native]', "
        "or pip install '.[native]' in a checkout"
    )
    assert "'numba' is not one of 'numpy', 'native'" in run(*command, "--backend", "numba").refusal


def test_all_that_set_hyperparameters_have_it() -> None:
    for name in [
        *cli.commands,
        *("explain", "check", "health", "trace", "build", "plot", "sweep", "compare", "rates"),
    ]:
        command = cli.get_command(None, name)
        options = {param.name for param in command.params}
        assert ("settings" in options) == ("backend" in options), name


def test_single_precision_is_numpys(run: Run, compiler: Callable[[bool], None]) -> None:
    compiler(True)
    asked = run("train", "linear", "--backend", "native", "--set", "dtype=float32")
    assert asked.refusal == "back end: native computes float64 only; NumPy computes float32"


def test_both_back_ends_train(run: Run, compiler: Callable[[bool], None]) -> None:
    compiler(True)
    losses = [run("train", "two-layer", "--iterations", "300", "--format", "csv", "--backend", name).lines
              for name in ("numpy", "native")]  # fmt: skip
    ends = [float(lines[-1].split(",")[-1]) for lines in losses]
    assert ends[0] == pytest.approx(ends[1], rel=1e-9)
    assert losses[0] != losses[1]


def test_it_is_no_hyperparameter(run: Run, tmp_path: Path) -> None:
    told = "the back end is none: --backend sets it, and the command backend"
    assert told in run("train", "linear", "--set", "backend=native").refusal
    mine = tmp_path / "mine.toml"
    mine.write_text("formula = 'L = w**2'\n[parameters]\nw = 1.0\n[hyperparameters]\nbackend = 'native'\n")
    assert told in run("train", str(mine)).refusal


def test_plain_mode_sets_and_says_it(compiler: Callable[[bool], None]) -> None:
    compiler(True)
    said = plain("run 20", "backend", "backend numpy", "where", "undo", "backend", backend="native")
    assert said.code == 0
    assert "back end: native" in said.lines
    assert "backend native → numpy from iteration 20 on" in said.lines
    assert "back end: numpy" in said.lines
    assert said.lines[-1] == "back end: native"
    compiler(False)
    said = plain("backend native", "backend numba", "backend numpy", lesson="two-layer")
    assert " ".join(said.lines).startswith("error: back end: native needs llvmlite; install it with pip")
    assert said.lines[-2:] == [
        "error: back end: found 'numba'; it must be numpy or native",
        "backend is numpy already",
    ]


def test_what_is_opened_next_has_it_too(compiler: Callable[[bool], None]) -> None:
    compiler(True)
    said = plain("open linear", "backend", "reload", "backend", lesson="two-layer", backend="native")
    assert [line for line in said.lines if line.startswith("back end")] == ["back end: native"] * 2
