"""The gradient check in words: one line for each parameter and slip, and the same as a JSON object."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tui_backprop.engine.arrays import shape_text
from tui_backprop.engine.gradcheck import NodeCheck
from tui_backprop.engine.names import pretty
from tui_backprop.explain.numbers import inline, number
from tui_backprop.explain.slips import first_wrong, right_for
from tui_backprop.training.check import GradientReport, SlipCheck
from tui_backprop.training.whatif import element_text


def error_text(value: float | None) -> str:
    """Write a relative error with three digits."""
    return "none" if value is None else number(value, 3)


def node_message(check: NodeCheck) -> str:
    """Say how one gradient compares with the central differences."""
    words = []
    if check.kinks:
        words.append("not differentiable here: a kink within h" + _places(check, check.kinks))
    if check.not_finite:
        words.append("not finite here" + _places(check, check.not_finite))
    worst = check.worst
    if worst is not None:
        at = f"worst at {element_text(worst.index)}: " if check.size > 1 else ""
        words.append(f"{at}engine {number(worst.analytic, 8)}, differences {number(worst.numeric, 8)}")
    if check.checked < check.size:
        words.append(f"{check.checked:,} of {check.size:,} elements checked")
    return "; ".join(words)


def _places(check: NodeCheck, indices: tuple[tuple[int, ...], ...]) -> str:
    """Name the first of the elements, where there is more than one in all."""
    shown = ", ".join(map(element_text, indices[:4])) + (", …" if len(indices) > 4 else "")
    return f" at {shown}" if check.size > 1 else ""


def _why_not(checks: Iterable[NodeCheck]) -> str:
    """Say why nothing could be compared."""
    reasons = ["not differentiable here"] * any(check.kinks for check in checks)
    reasons += ["not finite here"] * any(check.not_finite for check in checks)
    return f"{' or '.join(reasons)}, nothing to compare" if reasons else "there is nothing to compare"


def slip_message(slip: SlipCheck) -> str:
    """Say what a slip gets wrong, in numbers."""
    if slip.problem:
        return f"cannot be evaluated here: {slip.problem}"
    if slip.misfit is not None:
        name, found, wanted = slip.misfit
        return (
            f"∂L/∂{pretty(name)} has shape {shape_text(wanted)}, by hand it came out as {shape_text(found)}"
        )
    if slip.relative_error is None:
        return _why_not(slip.checks)
    worst = max(slip.checks, key=lambda check: (not check.passed, check.relative_error or 0.0))
    name = pretty(worst.name)
    if not slip.caught:
        return "agrees with the central differences at this point"
    if slip.claimed is not None:
        return (
            f"∂L/∂{name} by hand is {inline(slip.claimed[worst.name])}; central differences give "
            f"{inline(worst.numeric)}"
        )
    element = worst.worst
    assert element is not None
    at = f" at {element_text(element.index)}" if worst.size > 1 else ""
    return (
        f"with this line ∂L/∂{name}{at} would be {number(element.numeric)}; the lesson's gradient is "
        f"{number(element.analytic)}"
    )


def as_json(report: GradientReport) -> dict[str, Any]:
    """Return the report as one object; names are as the lesson writes them."""
    page: dict[str, Any] = {
        "lesson": report.lesson,
        "iteration": report.iteration,
        "passed": report.passed,
        "step": report.step,
        "tolerance": report.tolerance,
        "parameters": {name: _node_json(check) for name, check in report.parameters.items()},
        "slips": [
            {
                "title": slip.slip.title,
                "caught": slip.caught,
                "relative_error": slip.relative_error,
                "message": slip_message(slip),
                "first_wrong": list(slip.cause.names) if slip.cause and slip.cause.names else None,
                "right_for": right_for(slip),
            }
            for slip in report.slips
        ],
    }
    if report.inputs:
        page["inputs"] = {name: _node_json(check) for name, check in report.inputs.items()}
    return page


def _node_json(check: NodeCheck) -> dict[str, Any]:
    return {
        "relative_error": check.relative_error,
        "passed": check.passed,
        "checked": check.checked,
        "size": check.size,
        "not_differentiable": [list(index) for index in check.kinks],
        "not_finite": [list(index) for index in check.not_finite],
    }


def verdict(report: GradientReport) -> str:
    """Say the result in one line."""
    checks = {**report.parameters, **report.inputs}
    if not report.passed:
        bad = ", ".join(pretty(name) for name, check in checks.items() if not check.passed)
        return f"failed: the gradient of {bad} does not agree with central differences"
    left_out = [
        pretty(name) for name, check in checks.items() if check.relative_error is None and check.checked
    ]
    skipped = sum(not check.checked for check in checks.values())
    count = len(checks) - len(left_out) - skipped
    if not count:
        return _why_not(checks.values())
    word = "input" if report.inputs else "parameter"
    noun = word if count == 1 else f"{word}s"
    rest = f"; nothing to compare for {', '.join(left_out)}" if left_out else ""
    rest += f"; {skipped:,} not checked: so many would take too long" if skipped else ""
    return f"passed: the gradients of {count} {noun} agree with central differences{rest}"


def as_lines(report: GradientReport) -> list[str]:
    """Return the report as lines of text."""
    lines = [
        f"{report.lesson}, iteration {report.iteration}: gradient check by central differences",
        f"step h = {report.step:g} (times the element where that is above 1)",
        f"relative tolerance {report.tolerance:g}, or what rounding makes of the differences",
    ]
    if report.lifted:
        names = ", ".join(pretty(name) for name in report.lifted)
        lines.append(f"for the check these are not overridden: {names}")
    lines.append("")
    for name, check in (*report.parameters.items(), *report.inputs.items()):
        mark = "ok   " if check.passed else "WRONG"
        if check.relative_error is None:
            mark = "kink " if check.kinks else "none "
        lines.append(
            f"{mark}  {pretty(name)}: relative error {error_text(check.relative_error)}; "
            f"{node_message(check)}"
        )
    lines.append(verdict(report))
    if report.slips:
        lines += ["", "slips: mistakes made by hand, and what the check makes of them"]
        for slip in report.slips:
            mark = "caught" if slip.caught else "NOT caught"
            if slip.relative_error is None:
                mark = "not compared"
            lines.append(f"{mark}: {slip.slip.title}")
            lines.append(f"  {slip_message(slip)} (relative error {error_text(slip.relative_error)})")
            if wrong := first_wrong(slip):
                lines.append(f"  first wrong: {wrong}")
            if right := right_for(slip):
                lines.append(f"  right for: {right}")
            if slip.slip.note and slip.slip.note != right:
                lines.append(f"  {slip.slip.note}")
    return lines
