"""The first NaN or Infinity is named: the record that makes it, its operands, and what helps."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tui_backprop as tb
from tests.support.trainers import mine
from tui_backprop.explain.nonfinite import message
from tui_backprop.explain.record import explain

BCE = "p = sigmoid(w * x)\nL = -(y * log(p) + (1 - y) * log(1 - p))"
ONE = "[data]\nx = 1.0\ny = 1.0"
CASES = {
    "bce by hand": (
        BCE,
        ONE,
        "w = 40.0",
        "",
        "Infinity in the value of log(1 − p), iteration 0: log(0) = −Infinity; bce, "
        "bce_with_logits and cross_entropy never come to it",
    ),
    "log2 by hand": (
        BCE.replace("log", "log2"),
        ONE,
        "w = 40.0",
        "",
        "log2(0) = −Infinity; bce, bce_with_logits and cross_entropy never come to it; or keep (1 − p) ",
    ),
    "log1p by hand": (
        BCE.replace("log(1 - p)", "log1p(-p)"),
        ONE,
        "w = 40.0",
        "",
        "log1p(−1) = −Infinity; bce, bce_with_logits and cross_entropy never come to it; log1p takes ",
    ),
    "a softmax by hand of what is far below 0": (
        "e = exp(z)\np = e / sum(e)\nL = -log(p[0])",
        "",
        "z = [-800.0, -900.0]",
        "",
        "0 / 0 = NaN at [0]; sum(e) is 0, as exp is below −745: softmax takes the largest off first",
    ),
    "log below 0": (
        "L = log(w)",
        "",
        "w = 0.1",
        "learning_rate = 0.5",
        "NaN in the value of L, iteration 1: log(−4.9) = NaN; log takes numbers above 0: look "
        "at what makes w negative, or lower the learning rate",
    ),
    "exp": (
        "L = sum(exp(w * x))",
        "[data]\nx = [1.0, 1000.0]",
        "w = 1.0",
        "",
        "exp(1000) = Infinity at [1]; exp overflows above 709.78: sigmoid, ",
    ),
    "the rate": (
        "L = mean((w * x - y)**2)",
        "[samples]\nx = [1.0, 20.0]\ny = [1.0, 2.0]",
        "w = 1.0",
        "learning_rate = 0.5\niterations = 1000",
        "the learning rate is too high: try a tenth of it",
    ),
    "a variance of 0": (
        "s = sqrt(mean((x - mean(x))**2))\nL = sum(w * (x - mean(x)) / s)",
        "[data]\nx = [2.0, 2.0]",
        "w = 1.0",
        "",
        "0 / 0 = NaN at [0]; s is 0, a variance or norm of 0: all values are alike; add a "
        "small number to it, as / (… + 1e−8) does",
    ),
    "a root at 0": (
        "L = sqrt(w) + w",
        "",
        "w = 0.0",
        "",
        "Infinity in the factor sqrt(w) <- w, iteration 0: the slope of sqrt(0) is Infinity; a "
        "root is infinitely steep at 0: keep w above 0, as sqrt(… + 1e−12) does",
    ),
    "a root below 0": (
        "L = sqrt(w)",
        "",
        "w = -1.0",
        "",
        "sqrt(−1) = NaN; sqrt takes numbers from 0 on",
    ),
    "a power of 0": (
        "L = w**-1.0",
        "",
        "w = 0.0",
        "",
        "0**−1 = Infinity; 0 has no negative power",
    ),
    "a power below 0": (
        "L = (w - 2)**1.5",
        "",
        "w = 0.0",
        "",
        "(−2)**1.5 = NaN; a negative number has no such power",
    ),
    "a divisor": (
        "L = w / x",
        "[data]\nx = 0.0",
        "w = 1.0",
        "",
        "1 / 0 = Infinity; x is 0; add a small number",
    ),
    "a product": (
        "L = sum(X @ W)",
        "[data]\nX = [[1e200, 1e200]]",
        "W = [[1e200], [1.0]]",
        "",
        "matmul adds up to more than 1.8e308, the largest number there is; scale the data",
    ),
    "an update": (
        "L = w * 1e300",
        "",
        "w = 1e300",
        "learning_rate = 1e6\niterations = 1000",
        "the step is larger than 1.8e308, the largest number there is; the learning rate is too high",
    ),
}


def trainer(folder: Path, name: str) -> tb.Trainer:
    formula, data, parameters, settings, _ = CASES[name]
    hyperparameters = f"[hyperparameters]\n{settings}\n"
    return mine(
        folder, f"formula = '''\n{formula}\n'''\n{data}\n[parameters]\n{parameters}\n{hyperparameters}"
    )


@pytest.mark.parametrize("name", [name for name in CASES if name != "an update"])
def test_what_made_it_and_what_helps(tmp_path: Path, name: str) -> None:
    found = trainer(tmp_path, name).run().divergence
    assert found is not None
    said = message(found)
    assert said.startswith("diverged: ")
    assert CASES[name][-1] in said
    assert "\n" not in said


def test_zero_times_infinity_is_said_where_it_is_made(tmp_path: Path) -> None:
    t = trainer(tmp_path, "bce by hand")
    said = {}
    for position in range(1, t.record_count + 1):
        explained = explain(t.peek(position), t.tape)
        for row in explained.rows:
            if row.label == "not finite":
                said[explained.title] = row.parts
    assert said["((1 − y) · log(1 − p))"] == (
        "0 × −Infinity = NaN",
        "bce(prediction, target), bce_with_logits(logit, target) and cross_entropy(logits, target) leave "
        "such a term out",
    )
    assert said["(y · log(p) + (1 − y) · log(1 − p))"] == ("NaN comes in with ((1 − y) · log(1 − p))",)


def test_zero_times_infinity_in_a_product_is_said_to_be_that(tmp_path: Path) -> None:
    """(1 - y) @ log(1 - p) = 1·(-20) + 0·(-∞), and no ∞ - ∞."""
    t = mine(
        tmp_path,
        "formula = '''\np = sigmoid(w * x)\nL = -((1 - y) @ log(1 - p))\n'''\n"
        "[samples]\nx = [1.0, 50.0]\ny = [0.0, 1.0]\n[parameters]\nw = 1.0\n",
    )
    parts = [row.parts for n in range(1, t.record_count + 1) for row in explain(t.peek(n), t.tape).rows]
    made = next(part for part in parts if part[0].startswith("matmul"))
    assert made[0] == "matmul meets 0 × −Infinity"
    assert "cross_entropy(logits, target)" in made[1]


def test_training_ends_with_the_cause(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f"formula = '''\n{BCE}\n'''\n{ONE}\n[parameters]\nw = 40.0\n")
    command = [sys.executable, "-m", "tui_backprop", "train", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "log(0) = −Infinity; bce, " in done.stderr
    assert done.stderr.count("\n") == 1
