"""A training's health in words: a table for a screen, sentences for who does not see it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from tui_backprop.health.remedies import Remedies
from tui_backprop.health.report import HealthReport, LayerHealth
from tui_backprop.text.charset import UNICODE
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import later, tr

HEADING = (later("layer"), later("gradient"), later("step"), later("saturated"), later("dead"))
"""What stands over :func:`cells`."""
ABOUT_STEP = later("step: log10 of update over weight; about −3 is usual, −1 fast, −6 next to nothing")


def cells(row: LayerHealth) -> tuple[str, str, str, str, str]:
    """Return a layer's name and numbers, short: gradient norm, log10 of update over weight, two shares."""
    measure = row.measure
    gradient = number(float(f"{measure.gradient:.3g}"))
    return row.name, gradient, _step(measure.step), _share(measure.saturated), _share(measure.dead_share)


def _step(step: float) -> str:
    if math.isnan(step):
        return "–"
    if math.isinf(step):
        return "∞" if step > 0 else "−∞"
    return f"{round(step, 1) or 0.0:.1f}".replace("-", "−")


def _share(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"


def sentences(report: HealthReport) -> Iterator[str]:
    """Yield the alarms, and a sentence or two for each layer."""
    yield tr("iteration {iteration}, loss {loss}", iteration=report.iteration, loss=number(report.loss))
    if not report.alarms:
        yield tr("no alarm")
    for one in report.alarms:
        yield tr("alarm: {alarm}", alarm=report.alarm_text(one))
    for row in report.layers:
        yield layer_sentence(report, row)


def layer_sentence(report: HealthReport, row: LayerHealth) -> str:
    """Return what is measured of a layer, and what there is to say of it."""
    name, gradient, step, saturated, dead = cells(row)
    parts = [tr("gradient norm {norm}", norm=gradient)]
    if len(row.steps) > 1 and math.isfinite(row.steps[0]):
        parts.append(
            tr(
                "log10 of update over weight {step} ({before} at iteration {iteration})",
                step=step,
                before=_step(row.steps[0]),
                iteration=report.iterations[0],
            )
        )
    else:
        parts.append(tr("log10 of update over weight {step}", step=step))
    if row.measure.saturated is not None:
        parts.append(tr("{share} saturated", share=saturated))
    if row.measure.dead is not None:
        parts.append(tr("{share} of {units} relu units dead", share=dead, units=row.measure.units))
    return f"{name}: {', '.join(parts)}: {row.sentence}"


def table(report: HealthReport) -> Iterator[str]:
    """Yield the alarms, and a table of the layers with the sentence behind."""
    for one in report.alarms:
        yield tr("alarm: {alarm}", alarm=report.alarm_text(one))
    rows = [(*cells(row), row.sentence) for row in report.layers]
    heading = (*map(tr, HEADING), "")
    widths = [max(UNICODE.cells(row[k]) for row in (heading, *rows)) for k in range(len(heading))]
    for row in (heading, *rows):
        name, *numbers, said = row
        columns = "  ".join(
            " " * (width - UNICODE.cells(text)) + text
            for text, width in zip(numbers, widths[1:-1], strict=True)
        )
        yield f"{UNICODE.pad(name, widths[0])}  {columns}  {said}".rstrip()
    yield tr(ABOUT_STEP)


def remedies_as_lines(found: Remedies) -> Iterator[str]:
    """Yield what helped against an alarm, or what was tried in vain."""
    if not found.trials:
        yield tr("{alarm}: nothing is known that could be tried here", alarm=found.alarm)
        return
    values = {"alarm": found.alarm, "count": len(found.trials), "iterations": found.iterations}
    if found.helped:
        yield tr(
            "{alarm}: what helps ({count} tried for {iterations} iterations from the start, on copies)",
            **values,
        )
    else:
        yield tr(
            "{alarm}: none of these helps ({count} tried for {iterations} iterations from the start, on "
            "copies)",
            **values,
        )
    for trial in found.helped or found.trials:
        how = f" ({trial.candidate.how})" if trial.candidate.how else ""
        yield f"  {trial.text}{how}"


def remedies_as_json(found: Remedies) -> Mapping[str, Any]:
    """Return what was tried against an alarm, for ``--format json``."""
    return {
        "alarm": found.alarm,
        "iterations": found.iterations,
        "tried": [
            {
                "remedy": trial.candidate.text,
                "settings": dict(trial.candidate.settings),
                "how": trial.candidate.how,
                "helped": trial.helped,
                "loss": trial.outcome.loss,
                "loss_without": trial.without.loss,
                "silent": trial.outcome.silent,
            }
            for trial in found.trials
        ],
    }
