"""The error of central differences over the step: a line for each step, and as a JSON object."""

from __future__ import annotations

from typing import Any

from tui_backprop.engine.autodiff.step_sweep import ErrorCurve
from tui_backprop.text.numbers import number
from tui_backprop.text.spelling import pretty
from tui_backprop.training.changes.whatif import element_text

HEAD = ("step h", "(L(θ + h) − L(θ − h)) / 2h", "relative error")
ABOUT = (
    "large steps: the error of the formula, which falls with h². Small steps: the rounding of the loss, "
    "divided by h. In between lies the best step"
)


def title(curve: ErrorCurve) -> str:
    """Say what the curve is of."""
    at = element_text(curve.index) if curve.index else ""
    return f"∂L/∂{pretty(curve.name)}{at} = {number(curve.analytic, 8)}: error of central differences over h"


def best(curve: ErrorCurve) -> str:
    """Say where the error is least."""
    point = curve.best
    if point is None:
        return "no difference is finite"
    return f"least at h = {number(point.step, 2)}: relative error {number(point.relative_error, 2)}"


def as_lines(curve: ErrorCurve) -> list[str]:
    """Return a curve as a table, the largest step first."""
    lines = [title(curve), f"{HEAD[0]:<9}  {HEAD[1]:>26}  {HEAD[2]:>14}"]
    for point in curve.points:
        step, error = number(point.step, 2), number(point.relative_error, 2)
        lines.append(f"{step:<9}  {number(point.numeric, 17):>26}  {error:>14}")
    return [*lines, best(curve), f"{ABOUT}."]


def as_json(curve: ErrorCurve) -> dict[str, Any]:
    """Return a curve as an object."""
    return {
        "name": curve.name,
        "index": list(curve.index),
        "gradient": curve.analytic,
        "points": [
            {"h": point.step, "numeric": point.numeric, "relative_error": point.relative_error}
            for point in curve.points
        ],
    }
