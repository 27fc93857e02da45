"""tui-backprop trace: a function of a file as a lesson, with the file's lines beside its records."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.command_line import Result
from tests.support.pilot import launched

Run = Callable[..., Result]
NET = Path(__file__).parents[2] / "docs" / "net.py"
LINES = NET.read_text(encoding="utf-8").splitlines()
H = next(number for number, line in enumerate(LINES, 1) if "h = np.tanh" in line)


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from click.testing import CliRunner

    from tui_backprop.cli.main import cli

    path = tmp_path_factory.mktemp("traced") / "net.toml"
    result = CliRunner().invoke(cli, ["trace", f"{NET}:loss", "--output", str(path)])
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "tui-backprop: note: trained are W1, b1, W2, b2; --parameters names others",
        f"tui-backprop: {path} written; tui-backprop {path} opens it",
    ]
    return path


def test_what_is_written_opens_and_names_the_lines(lesson: Path, run: Run) -> None:
    page = json.loads(run("explain", str(lesson), "--format", "json").out)
    assert {entry["node"]: entry["source"] for entry in page["forward"]}["h"] == f"net.py:{H}"
    assert all(entry["source"].startswith("net.py:") for entry in page["factors"])
    text = " ".join(run("explain", str(lesson), "--wrt", "W1").out.split())
    assert f"source net.py:{H}: h = np.tanh(X @ W1 + b1)" in text
    assert json.loads(run("check", str(lesson), "--format", "json").out)["passed"]


def test_plain_mode_lists_the_lines_around(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(io, "StringIO", lambda *_: typed)
    typed = io.TextIOWrapper(io.BytesIO(b"step\nsource\nquit\n"))
    result = run("trace", f"{NET}:loss", "--parameters", "W1,b2", "--plain")
    assert result.code == 0
    assert f"{H} ->     h = np.tanh(X @ W1 + b1)" in result.out
    assert f"{H + 1}        y_hat = sigmoid(h @ W2 + b2)" in result.out


async def test_the_app_shows_the_line_and_the_listing(lesson: Path) -> None:
    async with launched(lesson) as session:
        await session.press("s")
        assert f"source net.py:{H}: h = np.tanh(X @ W1 + b1)" in session.explanation
        await session.press("L")
        assert session.overlay == "SourceScreen"
        assert f"Source: net.py:{H} · Esc closes" in session.screen
        assert f"{H} ->     h = np.tanh(X @ W1 + b1)" in session.screen
        await session.press("escape")
        assert session.overlay == ""


def test_refusals_are_one_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("import numpy as np\nw = np.ones(2)\ndef loss(w, q):\n    return w.sum()\n1 / w[3]\n")
    bare = tmp_path / "bare.py"
    bare.write_text("def loss(w, q):\n    return w.sum()\n")
    for given, words in (
        ((f"{path}:loss",), "mine.py:5: IndexError: index 3 is out of bounds"),
        ((f"{bare}:loss",), "bare.py has no array w, an argument of loss"),
        ((f"{bare}:los",), "bare.py has no function los; did you mean loss?"),
        ((str(bare),), "write FILE.py:FUNCTION"),
        ((f"{NET}:loss", "--parameters", "W1,W3"), "--parameters: W3 is no argument of loss"),
    ):
        result = run("trace", *given, "--output", "-")
        assert result.code == 2
        assert result.err.count("\n") == 1
        assert words in result.err
