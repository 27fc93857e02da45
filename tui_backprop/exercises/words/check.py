"""The gradient check in words: one line for each parameter and slip, and the same as a JSON object."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from tui_backprop.engine.autodiff.differences import Reason, Verdict
from tui_backprop.engine.autodiff.gradcheck import NodeCheck
from tui_backprop.exercises.check import GradientReport, SlipCheck
from tui_backprop.exercises.words import curves
from tui_backprop.exercises.words.slips import first_wrong, first_wrong_factor, right_for, right_for_briefly
from tui_backprop.explain.kinks import agreement, at_kink
from tui_backprop.explain.nonfinite import account
from tui_backprop.text.numbers import inline, number, shape_text
from tui_backprop.text.spelling import pretty
from tui_backprop.training.changes.whatif import element_text


def error_text(value: float | None) -> str:
    """Write a relative error with three digits."""
    return "none" if value is None else number(value, 3)


def node_message(check: NodeCheck) -> str:
    """Say how one gradient compares with the differences."""
    words = [_untold(check, reason, count) for reason, count in check.untold_count.items()]
    worst = check.worst
    if worst is not None:
        at = ""
        if worst.index is None:
            at = "worst along a random direction: "
        elif check.size > 1:
            at = f"worst at {element_text(worst.index)}: "
        words.append(f"{at}engine {number(worst.analytic, 8)}, differences {number(worst.numeric, 8)}")
    if check.checked < check.size:
        words.append(_looked_at(check))
    return "; ".join(words)


def _looked_at(check: NodeCheck) -> str:
    """Say how much of an array was looked at, where that was not all, and what would have shown."""
    sampled = f"{check.checked:,} of {check.size:,} elements"
    if not check.directions:
        return sampled if check.checked else f"none of {check.size:,} elements by itself"
    text = f"{counted(check.directions, 'direction')} over all {check.size:,} elements"
    text += f" and {sampled}" if check.checked else ""
    if check.resolution is not None and math.isfinite(check.resolution):
        text += (
            f" (a single wrong element shows from {number(check.resolution, 1)} of the largest gradient on)"
        )
    return text


def counted(count: int, noun: str) -> str:
    """Write a number of things."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


_UNTOLD = {
    Reason.KINK: "not differentiable here",
    Reason.NOT_FINITE: "not finite here",
    Reason.ROUNDING: "lost in the rounding of the loss",
    Reason.ROUGH: "no step at which the differences settle",
}
"""Why something was not compared."""


def _untold(check: NodeCheck, reason: Reason, count: int) -> str:
    places = check.untold.get(reason, ())
    text = f"{_UNTOLD[reason]}{_places(check, places, count)}"
    if reason is not Reason.KINK:
        return text
    if not check.kink:
        return (
            f"{text}: not compared, the slopes on either side differ (a root of squares at 0 bends like |x|)"
        )
    kink = at_kink(check.kink)
    said = f" ({agreement(kink)})" if kink is not None else ""
    return f"{text}: not compared, kink of {check.kink}{said}"


def _places(check: NodeCheck, indices: tuple[tuple[int, ...], ...], count: int) -> str:
    """Name the first of the elements, where there is more than one in all."""
    if not indices:
        return f" along {counted(count, 'direction')}" if count and check.directions else ""
    shown = ", ".join(map(element_text, indices[:4])) + (", …" if count > 4 else "")
    return f" at {shown}" if check.size > 1 else ""


def _why_not(checks: Iterable[NodeCheck]) -> str:
    """Say why nothing could be compared."""
    met = {reason for check in checks for reason in check.untold_count}
    reasons = [words for reason, words in _UNTOLD.items() if reason in met]
    return f"{' or '.join(reasons)}, nothing to compare" if reasons else "there is nothing to compare"


def scope(report: GradientReport) -> str:
    """Say how much the check looked at."""
    checks = report.checks.values()
    size, checked = sum(check.size for check in checks), sum(check.checked for check in checks)
    if checked == size:
        return f"all {counted(size, 'element')}"
    sampled = f"{counted(checked, 'sampled element')}"
    if report.together is not None:
        ways = f"{counted(report.together.directions, 'direction')} over all {size:,} elements at once"
        return f"{ways} and {sampled}"
    counts = sorted({check.directions for check in checks if check.directions})
    span = counted(counts[-1], "direction")
    if len(counts) > 1:
        span = f"{counts[0]} to {span}"
    over = f"{span} of each array over all its elements ({size:,})"
    return f"{over} and {sampled}"


PARTLY = (
    "a direction shows an error that is large enough beside all that it adds up; a smaller one shows only "
    "where its element is sampled. Every element: check --all"
)
"""What a check that does not look at every element can find, and what it cannot."""


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
    if slip.claimed is not None and np.any(np.isfinite(worst.numeric)):
        told = inline(worst.numeric).replace("NaN", "?")
        rest = ", and nothing where ? stands" if "?" in told else ""
        by_hand = inline(slip.claimed[worst.name])
        return f"∂L/∂{name} by hand is {by_hand}; central differences give {told}{rest}"
    element = worst.worst
    assert element is not None
    at = f" at {element_text(element.index)}" if worst.size > 1 and element.index is not None else ""
    at = " along a direction" if element.index is None else at
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
        "verdict": verdict(report),
        "loss": report.loss,
        "looked_at": scope(report),
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
    if report.together is not None:
        page["together"] = _node_json(report.together)
    if report.curves:
        page["sweep_h"] = [curves.as_json(curve) for curve in report.curves]
    return page


def _node_json(check: NodeCheck) -> dict[str, Any]:
    return {
        "relative_error": check.relative_error,
        **({} if check.rounding is None else {"rounding": check.rounding}),
        "verdict": check.verdict.value,
        "passed": check.passed,
        "checked": check.checked,
        "size": check.size,
        "directions": check.directions,
        "resolution": check.resolution,
        "not_differentiable": [list(index) for index in check.kinks],
        "not_finite": [list(index) for index in check.not_finite],
        "untold": {reason.value: count for reason, count in check.untold_count.items()},
    }


def verdict(report: GradientReport) -> str:
    """Say the result in one line."""
    checks, whole = report.checks, report.together
    if not math.isfinite(report.loss):
        return f"nothing was checked: the loss is {number(report.loss)} here{_spoilt(report)}"
    if not report.passed:
        bad = ", ".join(pretty(name) for name, check in checks.items() if not check.passed)
        of = f"gradient of {bad} does" if bad else "gradients of all, taken together, do"
        return f"failed: the {of} not agree with central differences"
    told = [name for name, check in checks.items() if check.verdict is Verdict.RIGHT]
    left_out = [
        pretty(name) for name, check in checks.items() if check.relative_error is None and check.looked_at
    ]
    skipped = sum(not check.looked_at for check in checks.values())
    word = "input" if report.inputs else "parameter"
    if whole is not None and whole.verdict is Verdict.RIGHT:
        each = f", {len(told)} of them also one by one" if told else ""
        those = f"{counted(len(checks), word)} together"
        return f"passed: the gradients of {those} agree with central differences{each}"
    if not told:
        return _why_not([*checks.values(), *([whole] if whole else [])]) + _spoilt(report)
    rest = f"; nothing to compare for {', '.join(left_out)}" if left_out else ""
    rest += f"; {skipped:,} not checked: so many would take too long" if skipped else ""
    rest += _spoilt(report)
    return f"passed: the gradients of {counted(len(told), word)} agree with central differences{rest}"


def _spoilt(report: GradientReport) -> str:
    """Name the record whose NaN or Infinity kept something from being compared; "" where none did."""
    return "" if report.spoilt is None else f"; {account(report.spoilt)}"


SINGLE = (
    "single precision: the loss is differenced in double precision at the same numbers; rounding is how far "
    "the gradient is from the same one worked out there"
)
"""What is judged where a gradient is one of single precision."""
_MARKS = {Verdict.RIGHT: "ok    ", Verdict.WRONG: "WRONG ", Verdict.UNTOLD: "untold"}


def _line(name: str, check: NodeCheck) -> str:
    if not check.looked_at:
        return f"–       {name}: {node_message(check)}"
    mark = _MARKS[check.verdict]
    of = "" if check.rounding is None else f", of which {error_text(check.rounding)} is rounding"
    return f"{mark}  {name}: relative error {error_text(check.relative_error)}{of}; {node_message(check)}"


MOST_LINES = 60
"""Arrays that the report has a line for; wrong ones come before others."""


def at_a_glance(report: GradientReport) -> list[str]:
    """Return the verdicts alone, which all fit a small screen: of each slip what is wrong first."""
    lines = [verdict(report)]
    for slip in report.slips:
        lines.append(f"{_slip_mark(slip)}: {slip.slip.title}")
        wrong, right = first_wrong_factor(slip), right_for_briefly(slip) if slip.cause else ""
        said = [f"first wrong: {wrong}" if wrong else "", f"right for: {right}" if right else ""]
        if any(said):
            lines.append(f"  {'; '.join(filter(None, said))}")
    return lines


def _slip_mark(slip: SlipCheck) -> str:
    if slip.relative_error is None:
        return "not compared"
    return "caught" if slip.caught else "NOT caught"


def as_lines(report: GradientReport) -> list[str]:
    """Return the report as lines of text."""
    lines = [
        f"{report.lesson}, iteration {report.iteration}: gradient check by central differences",
        f"looked at: {scope(report)}",
        f"right: relative error up to {number(report.tolerance)}, or as close as rounding lets one tell",
        f"step h: {number(report.step)} of the array's size, less before kinks and edges; extrapolated to 0",
    ]
    if any(check.rounding is not None for check in report.checks.values()):
        lines.append(SINGLE)
    if any(check.checked < check.size for check in report.checks.values()):
        lines.append(PARTLY)
    if report.lifted:
        names = ", ".join(pretty(name) for name in report.lifted)
        lines.append(f"for the check these are not overridden: {names}")
    lines.append("")
    shown = sorted(report.checks.items(), key=lambda item: (item[1].passed, not item[1].looked_at))
    listed = shown if len(shown) > MOST_LINES else list(report.checks.items())
    lines += [_line(pretty(name), check) for name, check in listed[:MOST_LINES]]
    if len(listed) > MOST_LINES:
        lines.append(f"        … {len(listed) - MOST_LINES:,} more; --format json has all")
    if report.together is not None:
        lines.append(_line("all at once", report.together))
    lines.append(verdict(report))
    if report.slips:
        lines += ["", "slips: mistakes made by hand, and what the check makes of them"]
        for slip in report.slips:
            lines.append(f"{_slip_mark(slip)}: {slip.slip.title}")
            lines.append(f"  {slip_message(slip)} (relative error {error_text(slip.relative_error)})")
            if wrong := first_wrong(slip):
                lines.append(f"  first wrong: {wrong}")
            if right := right_for(slip):
                lines.append(f"  right for: {right}")
            if slip.slip.note and slip.slip.note != right:
                lines.append(f"  {slip.slip.note}")
    for curve in report.curves:
        lines += ["", *curves.as_lines(curve)]
    return lines
