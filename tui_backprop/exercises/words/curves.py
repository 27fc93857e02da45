"""The error of central differences over the step: a line for each step, and as a JSON object."""

from __future__ import annotations

from typing import Any

from tui_backprop.engine.autodiff.step_sweep import ErrorCurve
from tui_backprop.text.charset import UNICODE
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.spelling import pretty
from tui_backprop.training.changes.whatif import element_text

HEAD = (later("step h"), "(L(θ + h) − L(θ − h)) / 2h", later("relative error"))
ABOUT = later(
    "large steps: the error of the formula, which falls with h². Small steps: the rounding of the loss, "
    "divided by h. In between lies the best step"
)


def title(curve: ErrorCurve) -> str:
    """Say what the curve is of."""
    at = element_text(curve.index) if curve.index else ""
    return tr(
        "∂L/∂{name} = {gradient}: error of central differences over h",
        name=pretty(curve.name) + at,
        gradient=number(curve.analytic, 8),
    )


def best(curve: ErrorCurve) -> str:
    """Say where the error is least."""
    point = curve.best
    if point is None:
        return tr("no difference is finite")
    return tr(
        "least at h = {step}: relative error {error}",
        step=number(point.step, 2),
        error=number(point.relative_error, 2),
    )


def as_lines(curve: ErrorCurve) -> list[str]:
    """Return a curve as a table, the largest step first."""
    step_head, difference, error_head = UNICODE.pad(tr(HEAD[0]), 9), HEAD[1], tr(HEAD[2])
    beside = " " * max(0, 14 - UNICODE.cells(error_head))
    lines = [title(curve), f"{step_head}  {difference:>26}  {beside}{error_head}"]
    for point in curve.points:
        step, error = number(point.step, 2), number(point.relative_error, 2)
        lines.append(f"{step:<9}  {number(point.numeric, 17):>26}  {error:>14}")
    return [*lines, best(curve), f"{tr(ABOUT)}."]


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
