"""The gradient check in words: one line for each parameter and slip, and the same as a JSON object."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tui_backprop.engine.autodiff.differences import Verdict
from tui_backprop.engine.autodiff.gradcheck import NodeCheck
from tui_backprop.exercises.check import GradientReport, SlipCheck
from tui_backprop.exercises.words import curves
from tui_backprop.exercises.words.compared import error_text, node_message, scope, why_not
from tui_backprop.exercises.words.slips import first_wrong, first_wrong_factor, right_for, right_for_briefly
from tui_backprop.explain.nonfinite import account
from tui_backprop.text.charset import UNICODE
from tui_backprop.text.numbers import inline, number, shape_text
from tui_backprop.text.sentences import later, tr, tr_count
from tui_backprop.text.spelling import pretty
from tui_backprop.training.changes.whatif import element_text

PARTLY = later(
    "a direction shows an error that is large enough beside all that it adds up; a smaller one shows only "
    "where its element is sampled. Every element: check --all"
)
"""What a check that does not look at every element can find, and what it cannot."""


def slip_message(slip: SlipCheck) -> str:
    """Say what a slip gets wrong, in numbers."""
    if slip.problem:
        return tr("cannot be evaluated here: {problem}", problem=slip.problem)
    if slip.misfit is not None:
        name, found, wanted = slip.misfit
        return tr(
            "∂L/∂{name} has shape {needed}, by hand it came out as {found}",
            name=pretty(name),
            needed=shape_text(wanted),
            found=shape_text(found),
        )
    if slip.relative_error is None:
        return why_not(slip.checks)
    worst = max(slip.checks, key=lambda check: (not check.passed, check.relative_error or 0.0))
    name = pretty(worst.name)
    if not slip.caught:
        return tr("agrees with the central differences at this point")
    if slip.claimed is not None and np.any(np.isfinite(worst.numeric)):
        told = inline(worst.numeric).replace("NaN", "?")
        values = {"name": name, "by_hand": inline(slip.claimed[worst.name]), "differences": told}
        if "?" in told:
            return tr(
                "∂L/∂{name} by hand is {by_hand}; central differences give {differences}, and nothing where "
                "? stands",
                **values,
            )
        return tr("∂L/∂{name} by hand is {by_hand}; central differences give {differences}", **values)
    return _with_slip(worst, name)


def _with_slip(worst: NodeCheck, name: str) -> str:
    """Say what a gradient would be with a slip's line, and what it is."""
    element = worst.worst
    assert element is not None
    values = {"name": name, "wrong": number(element.numeric), "right": number(element.analytic)}
    if element.index is None:
        return tr(
            "with this line ∂L/∂{name} along a direction would be {wrong}; the lesson's gradient is {right}",
            **values,
        )
    if worst.size > 1:
        return tr(
            "with this line ∂L/∂{name} at {element} would be {wrong}; the lesson's gradient is {right}",
            element=element_text(element.index),
            **values,
        )
    return tr("with this line ∂L/∂{name} would be {wrong}; the lesson's gradient is {right}", **values)


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
        nothing = tr("nothing was checked: the loss is {loss} here", loss=number(report.loss))
        return nothing + _spoilt(report)
    if not report.passed:
        bad = ", ".join(pretty(name) for name, check in checks.items() if not check.passed)
        if bad:
            return tr("failed: the gradient of {names} does not agree with central differences", names=bad)
        return tr("failed: the gradients of all, taken together, do not agree with central differences")
    told = [name for name, check in checks.items() if check.verdict is Verdict.RIGHT]
    if whole is not None and whole.verdict is Verdict.RIGHT:
        return _passed_together(report, len(told))
    if not told:
        return why_not([*checks.values(), *([whole] if whole else [])]) + _spoilt(report)
    left_out = [
        pretty(name) for name, check in checks.items() if check.relative_error is None and check.looked_at
    ]
    skipped = sum(not check.looked_at for check in checks.values())
    said = [_passed(report, len(told))]
    if left_out:
        said.append(tr("nothing to compare for {names}", names=", ".join(left_out)))
    if skipped:
        said.append(tr("{count:,} not checked: so many would take too long", count=skipped))
    return "; ".join(said) + _spoilt(report)


def _passed(report: GradientReport, count: int) -> str:
    if report.inputs:
        return tr_count(
            "passed: the gradients of {count:,} input agree with central differences",
            "passed: the gradients of {count:,} inputs agree with central differences",
            count,
        )
    return tr_count(
        "passed: the gradients of {count:,} parameter agree with central differences",
        "passed: the gradients of {count:,} parameters agree with central differences",
        count,
    )


def _passed_together(report: GradientReport, alone: int) -> str:
    count = len(report.checks)
    if report.inputs:
        passed = tr_count(
            "passed: the gradients of {count:,} input together agree with central differences",
            "passed: the gradients of {count:,} inputs together agree with central differences",
            count,
        )
    else:
        passed = tr_count(
            "passed: the gradients of {count:,} parameter together agree with central differences",
            "passed: the gradients of {count:,} parameters together agree with central differences",
            count,
        )
    return tr("{passed}, {count} of them also one by one", passed=passed, count=alone) if alone else passed


def _spoilt(report: GradientReport) -> str:
    """Name the record whose NaN or Infinity kept something from being compared; "" where none did."""
    return "" if report.spoilt is None else f"; {account(report.spoilt)}"


SINGLE = later(
    "single precision: the loss is differenced in double precision at the same numbers; rounding is how far "
    "the gradient is from the same one worked out there"
)
"""What is judged where a gradient is one of single precision."""
_MARKS = {Verdict.RIGHT: later("ok"), Verdict.WRONG: later("WRONG"), Verdict.UNTOLD: later("untold")}
_BAD = (later("WRONG"), later("failed"), later("NOT caught"))
"""What lines begin with that tell of something wrong; the sentences in question begin so in any language."""


def is_bad(line: str) -> bool:
    """Tell whether a line of the report tells of something wrong."""
    return line.startswith(tuple(map(tr, _BAD)))


def _line(name: str, check: NodeCheck) -> str:
    if not check.looked_at:
        return f"–       {name}: {node_message(check)}"
    error = tr("relative error {error}", error=error_text(check.relative_error))
    if check.rounding is not None:
        rounding = error_text(check.rounding)
        error = tr(
            "{relative_error}, of which {rounding} is rounding", relative_error=error, rounding=rounding
        )
    return f"{UNICODE.pad(tr(_MARKS[check.verdict]), 6)}  {name}: {error}; {node_message(check)}"


MOST_LINES = 60
"""Arrays that the report has a line for; wrong ones come before others."""


def at_a_glance(report: GradientReport) -> list[str]:
    """Return the verdicts alone, which all fit a small screen: of each slip what is wrong first."""
    lines = [verdict(report)]
    for slip in report.slips:
        lines.append(f"{_slip_mark(slip)}: {slip.slip.title}")
        wrong, right = first_wrong_factor(slip), _loss_of(slip, right_for_briefly(slip))
        said = [tr("first wrong: {factor}", factor=wrong)] if wrong else []
        said += [tr("right for: {loss}", loss=right)] if right else []
        if said:
            lines.append(f"  {'; '.join(said)}")
    return lines


def _loss_of(slip: SlipCheck, right: str) -> str:
    """Return what a slip would be right for; nothing where that is the lesson's note, which is no loss."""
    return right if slip.cause is not None and right_for(slip) != slip.slip.note else ""


def _slip_mark(slip: SlipCheck) -> str:
    if slip.relative_error is None:
        return tr("not compared")
    return tr("caught") if slip.caught else tr("NOT caught")


def as_lines(report: GradientReport) -> list[str]:
    """Return the report as lines of text."""
    lines = [
        tr(
            "{lesson}, iteration {iteration}: gradient check by central differences",
            lesson=report.lesson,
            iteration=report.iteration,
        ),
        tr("looked at: {scope}", scope=scope(report)),
        tr(
            "right: relative error up to {tolerance}, or as close as rounding lets one tell",
            tolerance=number(report.tolerance),
        ),
        tr(
            "step h: {step} of the array's size, less before kinks and edges; extrapolated to 0",
            step=number(report.step),
        ),
    ]
    if any(check.rounding is not None for check in report.checks.values()):
        lines.append(tr(SINGLE))
    if any(check.checked < check.size for check in report.checks.values()):
        lines.append(tr(PARTLY))
    if report.lifted:
        names = ", ".join(pretty(name) for name in report.lifted)
        lines.append(tr("for the check these are not overridden: {names}", names=names))
    lines.append("")
    shown = sorted(report.checks.items(), key=lambda item: (item[1].passed, not item[1].looked_at))
    listed = shown if len(shown) > MOST_LINES else list(report.checks.items())
    lines += [_line(pretty(name), check) for name, check in listed[:MOST_LINES]]
    if len(listed) > MOST_LINES:
        lines.append(
            "        " + tr("… {count:,} more; --format json has all", count=len(listed) - MOST_LINES)
        )
    if report.together is not None:
        lines.append(_line(tr("all at once"), report.together))
    lines.append(verdict(report))
    if report.slips:
        lines += ["", tr("slips: mistakes made by hand, and what the check makes of them")]
        for slip in report.slips:
            lines.append(f"{_slip_mark(slip)}: {slip.slip.title}")
            error = tr("relative error {error}", error=error_text(slip.relative_error))
            lines.append(f"  {slip_message(slip)} ({error})")
            if wrong := first_wrong(slip):
                lines.append("  " + tr("first wrong: {factor}", factor=wrong))
            if right := _loss_of(slip, right_for(slip)):
                lines.append("  " + tr("right for: {loss}", loss=right))
            if slip.slip.note:
                lines.append(f"  {slip.slip.note}")
    for curve in report.curves:
        lines += ["", *curves.as_lines(curve)]
    return lines
