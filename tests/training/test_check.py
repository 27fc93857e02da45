"""The gradient check of a whole lesson: what is caught, what is not, and where nothing can be compared."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

import tui_backprop as tb
from tui_backprop.explain.checks import as_json, as_lines, slip_message, verdict
from tui_backprop.training.check import GradientReport


def report(tmp_path: Path, formula: str, start: str, slip: str = "") -> GradientReport:
    path = tmp_path / "mine.toml"
    slip = f'[[slip]]\ntitle = "by hand"\n{slip}\n' if slip else ""
    path.write_text(f'formula = """\n{formula}\n"""\n[parameters]\n{start}\n{slip}', encoding="utf-8")
    found = tb.check_gradients(tb.load_lesson(path))
    json.dumps(as_json(found))
    return found


def test_a_wrong_gradient_is_caught_and_a_right_one_is_not(tmp_path: Path) -> None:
    for claim, caught in (("gradient.w = '3 * w'", True), ("gradient.w = '2 * w'", False)):
        found = report(tmp_path, "L = w**2", "w = 3.0", claim)
        assert found.passed
        assert found.slips[0].caught is caught
        assert found.slips[0].relative_error is not None
    assert slip_message(found.slips[0]) == "agrees with the central differences at this point"
    assert "NOT caught: by hand" in as_lines(found)


@pytest.mark.parametrize(
    ("formula", "start", "reason"),
    [
        ("L = abs(w)", "w = 0.0", "not differentiable here, nothing to compare"),
        ("L = sum(relu(w))", "w = [0.0, 0.0]", "not differentiable here, nothing to compare"),
        ("L = exp(w)", "w = 800.0", "not finite here, nothing to compare"),
        ("L = log(w)", "w = -1.0", "not finite here, nothing to compare"),
        ("L = 1 / (1 + exp(w))", "w = 800.0", "not finite here, nothing to compare"),
        (
            "L = sum(relu(w)) + sum(log(w + 5e-6))", "w = [0.0, 1e-6]",
            "not differentiable here, nothing to compare",
        ),
    ],
)  # fmt: skip
def test_where_nothing_can_be_compared_nothing_agrees(
    tmp_path: Path, formula: str, start: str, reason: str
) -> None:
    found = report(tmp_path, formula, start, "gradient.w = 'dw * 3'")
    assert found.relative_errors == {"w": None}
    assert found.passed  # no fault of the engine's
    assert (found.slips[0].caught, found.slips[0].relative_error) == (False, None)
    assert slip_message(found.slips[0]) == verdict(found) == reason
    text = "\n".join(as_lines(found))
    for word in ("agree", "WRONG", "failed", "ok ", "NOT caught"):
        assert word not in text
    assert "not compared: by hand" in text
    assert as_json(found)["slips"][0]["relative_error"] is None


def test_the_verdict_counts_what_was_compared(tmp_path: Path) -> None:
    found = report(tmp_path, "L = abs(w) + b**2 + c**2", "w = 0.0\nb = 1.0\nc = 2.0")
    assert verdict(found) == (
        "passed: the gradients of 2 parameters agree with central differences; nothing to compare for w"
    )
    found = report(tmp_path, "L = sum(abs(w))", "w = [0.0, 1.0]")
    assert verdict(found) == "passed: the gradients of 1 parameter agree with central differences"
    assert "not differentiable here: a kink within h at [0]" in "\n".join(as_lines(found))
    found = report(tmp_path, "L = sum(log(w))", "w = [1e-6, 1.0]")
    assert "not finite here at [0]" in "\n".join(as_lines(found))
    assert found.passed


def test_a_claim_that_is_not_finite_at_a_finite_point_is_caught(tmp_path: Path) -> None:
    slip = report(tmp_path, "L = w**2", "w = 0.0", "gradient.w = '1 / w'").slips[0]
    assert slip.caught
    assert slip.relative_error == math.inf


def test_relative_errors_are_of_parameters_or_else_of_inputs(tmp_path: Path) -> None:
    assert set(report(tmp_path, "L = w**2 + b", "w = 1.0\nb = 0.0").relative_errors) == {"w", "b"}
    assert set(tb.check_gradients(tb.load_lesson("square")).relative_errors) == {"x"}
