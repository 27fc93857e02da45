"""Lessons of up to millions of parameters are checked with a few sweeps, within a gibibyte."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.engine.autodiff.differences import Verdict
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.exercises.words.check import scope


def network(folder: Path) -> Path:
    """Write a lesson of a hundred thousand parameters."""
    rng = np.random.default_rng(1)
    X = np.round(rng.normal(size=(60, 780)), 3).tolist()
    T = np.eye(10)[rng.integers(0, 10, 60)].tolist()
    path = folder / "network.toml"
    path.write_text(
        "formula = '''\nh = relu(X @ W1 + b1)\np = h @ W2 + b2\nL = cross_entropy(p, T)\n'''\n"
        f"[samples]\nX = {X}\nT = {T}\n[parameters]\n"
        'W1 = { init = "he", shape = [780, 128] }\nb1 = { init = "zeros", shape = [128] }\n'
        'W2 = { init = "he", shape = [128, 10] }\nb2 = { init = "zeros", shape = [10] }\n'
    )
    return path


def test_a_hundred_thousand_parameters_take_a_few_hundred_sweeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = tb.Trainer(tb.load_lesson(network(tmp_path)))
    sweeps = 0
    forward, backward = Tape.forward, Tape.backward

    def counted(self: Tape) -> float:
        nonlocal sweeps
        sweeps += 1
        return forward(self)

    monkeypatch.setattr(Tape, "forward", counted)
    report = tb.check_gradients(trainer)
    assert report.passed
    assert {check.verdict for check in report.checks.values()} == {Verdict.RIGHT}
    assert sweeps < 2000  # each element by itself would take 400,000 of them
    assert "over all its elements (101,258)" in scope(report)
    resolution = report.checks["W1"].resolution
    assert resolution is not None
    assert resolution < 1e-4

    def wrong(self: Tape, *arguments: object, **options: object) -> None:
        backward(self, *arguments, **options)
        node = self.graph.named["W1"]
        gradient = np.array(self.gradient(node))
        gradient[417, 77] += 0.01 * np.max(np.abs(gradient))
        self.gradients[node.index] = gradient

    monkeypatch.setattr(Tape, "backward", wrong)
    found = tb.check_gradients(trainer)
    assert not found.passed
    assert [name for name, check in found.checks.items() if not check.passed] == ["W1"]


MEASURED = """
import json, re, sys
import tui_backprop as tb
report = tb.check_gradients(tb.load_lesson(sys.argv[1]))
whole = report.together or report.checks["W"]
# of this process alone: ru_maxrss begins with that of the one that started it
most = int(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1]) / 1024
print(json.dumps([report.passed, whole.verdict.value, whole.directions, most]))
"""
LARGE = {
    "25 million": (
        "h = tanh(x @ W)\nL = mean(h**2)",
        "[data]\nx = { linspace = [0, 0.01, 5000] }\n"
        '[parameters]\nW = { init = "normal", shape = [5000, 5000] }\n',
    ),
    "2 million": (
        "L = mean(log(1 + W**2) * W)",
        '[parameters]\nW = { init = "normal", shape = [1000, 2000] }\n',
    ),
    "20 products": (
        "h0 = X @ W\n" + "".join(f"h{i} = h{i - 1} @ W\n" for i in range(1, 20)) + "L = mean(h19**2)",
        '[parameters]\nW = { init = "normal", shape = [400, 400], scale = 0.05 }\n'
        'X = { init = "normal", shape = [400, 400] }\n',
    ),
}


@pytest.mark.parametrize("which", LARGE)
def test_millions_of_parameters_are_checked_within_a_gibibyte(which: str, tmp_path: Path) -> None:
    formula, rest = LARGE[which]
    path = tmp_path / "large.toml"
    path.write_text(f"formula = '''\n{formula}\n'''\n{rest}")
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path)], capture_output=True, text=True, check=True, timeout=600
    )
    passed, verdict, directions, most = json.loads(done.stdout)
    assert (passed, verdict) == (True, "right")
    assert directions >= 1
    assert most < 1024
