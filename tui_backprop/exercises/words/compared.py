"""How gradients compare with differences, in words: what was found, and how much was looked at."""

from __future__ import annotations

import math
from collections.abc import Iterable

from tui_backprop.engine.autodiff.differences import Reason
from tui_backprop.engine.autodiff.gradcheck import NodeCheck
from tui_backprop.exercises.check import GradientReport
from tui_backprop.exercises.words.lists import either
from tui_backprop.explain.kinks import agreement, at_kink
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import later, tr, tr_count, tr_in
from tui_backprop.training.changes.whatif import element_text


def error_text(value: float | None) -> str:
    """Write a relative error with three digits."""
    return tr_in("error", "none") if value is None else number(value, 3)


def node_message(check: NodeCheck) -> str:
    """Say how one gradient compares with the differences."""
    words = [_untold(check, reason, count) for reason, count in check.untold_count.items()]
    worst = check.worst
    if worst is not None:
        values = {"engine": number(worst.analytic, 8), "differences": number(worst.numeric, 8)}
        if worst.index is None:
            words.append(
                tr("worst along a random direction: engine {engine}, differences {differences}", **values)
            )
        elif check.size > 1:
            at = element_text(worst.index)
            words.append(
                tr("worst at {element}: engine {engine}, differences {differences}", element=at, **values)
            )
        else:
            words.append(tr("engine {engine}, differences {differences}", **values))
    if check.checked < check.size:
        words.append(_looked_at(check))
    return "; ".join(words)


def _looked_at(check: NodeCheck) -> str:
    """Say how much of an array was looked at, where that was not all, and what would have shown."""
    sampled = tr("{checked:,} of {size:,} elements", checked=check.checked, size=check.size)
    if not check.directions:
        return sampled if check.checked else tr("none of {size:,} elements by itself", size=check.size)
    text = tr_count(
        "{count:,} direction over all {size:,} elements",
        "{count:,} directions over all {size:,} elements",
        check.directions,
        size=check.size,
    )
    if check.checked:
        text = tr("{directions} and {elements}", directions=text, elements=sampled)
    if check.resolution is not None and math.isfinite(check.resolution):
        return tr(
            "{what} (a single wrong element shows from {share} of the largest gradient on)",
            what=text,
            share=number(check.resolution, 1),
        )
    return text


_UNTOLD = {
    Reason.KINK: later("not differentiable here"),
    Reason.NOT_FINITE: later("not finite here"),
    Reason.ROUNDING: later("lost in the rounding of the loss"),
    Reason.ROUGH: later("no step at which the differences settle"),
}
"""Why something was not compared."""


def _untold(check: NodeCheck, reason: Reason, count: int) -> str:
    text = _placed(tr(_UNTOLD[reason]), check, check.untold.get(reason, ()), count)
    if reason is not Reason.KINK:
        return text
    if not check.kink:
        return tr(
            "{what}: not compared, the slopes on either side differ (a root of squares at 0 bends like |x|)",
            what=text,
        )
    kink = at_kink(check.kink)
    if kink is None:
        return tr("{what}: not compared, kink of {operation}", what=text, operation=check.kink)
    return tr(
        "{what}: not compared, kink of {operation} ({taken})",
        what=text,
        operation=check.kink,
        taken=agreement(kink),
    )


def _placed(what: str, check: NodeCheck, indices: tuple[tuple[int, ...], ...], count: int) -> str:
    """Say it of the first of the elements, where there is more than one in all."""
    if indices and check.size > 1:
        shown = ", ".join(map(element_text, indices[:4])) + (", …" if count > 4 else "")
        return tr("{what} at {elements}", what=what, elements=shown)
    if not indices and count and check.directions:
        return tr_count(
            "{what} along {count:,} direction", "{what} along {count:,} directions", count, what=what
        )
    return what


def why_not(checks: Iterable[NodeCheck]) -> str:
    """Say why nothing could be compared."""
    met = {reason for check in checks for reason in check.untold_count}
    reasons = [tr(words) for reason, words in _UNTOLD.items() if reason in met]
    return (
        tr("{why}, nothing to compare", why=either(reasons)) if reasons else tr("there is nothing to compare")
    )


def scope(report: GradientReport) -> str:
    """Say how much the check looked at."""
    checks = report.checks.values()
    size, checked = sum(check.size for check in checks), sum(check.checked for check in checks)
    if checked == size:
        return tr_count("all {count:,} element", "all {count:,} elements", size)
    sampled = tr_count("{count:,} sampled element", "{count:,} sampled elements", checked)
    return tr("{directions} and {elements}", directions=_directions(report, size), elements=sampled)


def _directions(report: GradientReport, size: int) -> str:
    if report.together is not None:
        return tr_count(
            "{count:,} direction over all {size:,} elements at once",
            "{count:,} directions over all {size:,} elements at once",
            report.together.directions,
            size=size,
        )
    counts = sorted({check.directions for check in report.checks.values() if check.directions})
    if len(counts) > 1:
        return tr(
            "{least} to {most:,} directions of each array over all its elements ({size:,})",
            least=counts[0],
            most=counts[-1],
            size=size,
        )
    return tr_count(
        "{count:,} direction of each array over all its elements ({size:,})",
        "{count:,} directions of each array over all its elements ({size:,})",
        counts[-1],
        size=size,
    )
