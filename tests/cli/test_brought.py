"""``check --against`` and ``check --backward``: exit codes, tables, JSON, refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import tui_backprop as tb

Run = Callable[..., Any]


def test_check_against_a_file(run: Run, tmp_path: Path) -> None:
    trainer = tb.Trainer(tb.load_lesson("two-layer"))
    trainer.run(iterations=3)
    own = {f"d{name}": trainer.gradients[name] for name in ("W1", "W2")}
    for name, arrays, code in (
        ("right", own, 0),
        ("wrong", {**own, "dW2": -own["dW2"]}, 1),
        ("none", {"foo": np.ones(2)}, 2),
    ):
        np.savez(tmp_path / f"{name}.npz", **arrays)
        file = str(tmp_path / f"{name}.npz")
        result = run("check", "two-layer", "--against", file, "--iteration", "3", "--format", "json")
        page = json.loads(result.out)
        assert (result.code, page["passed"]) == (code, code == 0)
        assert set(page["names"]) == ({"dW1", "dW2"} if code < 2 else set())
        table = run("check", "two-layer", "--against", file, "--iteration", "3")
        assert table.code == code
        assert all(len(line) <= 80 for line in table.out.splitlines())
    assert page["left_out"] == {"foo": "no name of the lesson, and no gradient of one"}
    wrong = run("check", "two-layer", "--against", str(tmp_path / "wrong.npz"), "--iteration", "3", "--ascii")
    assert wrong.out.startswith("WRONG  dW2 as dL/dW2: wrong sign")
    assert run("check", "two-layer", "--against", "a.pt").refusal.startswith("a.pt: never a pickle")


def test_check_a_backward_pass(run: Run, tmp_path: Path) -> None:
    lines = "dy_hat = 2 * (y_hat - y) / N\ndz2 = dy_hat * y_hat * (1 - y_hat)\ndW2 = h.T @ dz2\n"
    for text, code in ((lines, 0), (lines.replace("h.T", "-h.T"), 1), ("a = X\n", 2)):
        (tmp_path / "mine.py").write_text(text, encoding="utf-8")
        result = run("check", "two-layer", "--backward", str(tmp_path / "mine.py"), "--format", "json")
        page = json.loads(result.out)
        assert (result.code, page["passed"]) == (code, code == 0)
        assert [line["line"] for line in page["lines"]] == ([1, 2, 3] if code < 2 else [1])
        table = run("check", "two-layer", "--backward", str(tmp_path / "mine.py"))
        assert (table.code, all(len(line) <= 80 for line in table.out.splitlines())) == (code, True)
    (tmp_path / "mine.py").write_text("dW1 = X.T @\n", encoding="utf-8")
    assert "line 1, column" in run("check", "two-layer", "--backward", str(tmp_path / "mine.py")).refusal
    both = run("check", "two-layer", "--backward", "a.py", "--against", "a.npz")
    assert both.refusal == "--against FILE and --backward FILE go alone, or with --iteration and --set"
