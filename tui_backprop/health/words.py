"""A training's health in words: a table for a screen, sentences for who does not see it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from tui_backprop.health.remedies import Remedies
from tui_backprop.health.report import HealthReport, LayerHealth
from tui_backprop.text.numbers import number

HEADING = ("layer", "gradient", "step", "saturated", "dead")
"""What stands over :func:`cells`."""
ABOUT_STEP = "step: log10 of update over weight; about −3 is usual, −1 fast, −6 next to nothing"


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
    yield f"iteration {report.iteration}, loss {number(report.loss)}"
    if not report.alarms:
        yield "no alarm"
    for one in report.alarms:
        yield f"alarm: {report.alarm_text(one)}"
    for row in report.layers:
        yield layer_sentence(report, row)


def layer_sentence(report: HealthReport, row: LayerHealth) -> str:
    """Return what is measured of a layer, and what there is to say of it."""
    name, gradient, step, saturated, dead = cells(row)
    before = ""
    if len(row.steps) > 1 and math.isfinite(row.steps[0]):
        before = f" ({_step(row.steps[0])} at iteration {report.iterations[0]})"
    parts = [f"gradient norm {gradient}", f"log10 of update over weight {step}{before}"]
    if row.measure.saturated is not None:
        parts.append(f"{saturated} saturated")
    if row.measure.dead is not None:
        parts.append(f"{dead} of {row.measure.units} relu units dead")
    return f"{name}: {', '.join(parts)}: {row.sentence}"


def table(report: HealthReport) -> Iterator[str]:
    """Yield the alarms, and a table of the layers with the sentence behind."""
    for one in report.alarms:
        yield f"alarm: {report.alarm_text(one)}"
    rows = [(*cells(row), row.sentence) for row in report.layers]
    heading = (*HEADING, "")
    widths = [max(len(row[k]) for row in (heading, *rows)) for k in range(len(heading))]
    for row in (heading, *rows):
        name, *numbers, said = row
        columns = "  ".join(f"{text:>{width}}" for text, width in zip(numbers, widths[1:-1], strict=True))
        yield f"{name:<{widths[0]}}  {columns}  {said}".rstrip()
    yield ABOUT_STEP


def remedies_as_lines(found: Remedies) -> Iterator[str]:
    """Yield what helped against an alarm, or what was tried in vain."""
    tried = f"{len(found.trials)} tried for {found.iterations} iterations from the start, on copies"
    if not found.trials:
        yield f"{found.alarm}: nothing is known that could be tried here"
        return
    if found.helped:
        yield f"{found.alarm}: what helps ({tried})"
    else:
        yield f"{found.alarm}: none of these helps ({tried})"
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
