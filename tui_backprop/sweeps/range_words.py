"""A learning-rate range test in words, as a table, as JSON, and as a figure."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tui_backprop.pictures.figure import Axis, Curve, Figure, Level, Mark, Plot, axis_around
from tui_backprop.sweeps.rates import RangeTest
from tui_backprop.text.charset import UNICODE
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import tr

TOLD = 12
"""Rates that are written out, roughly."""
DECADES = 1e3
"""Losses that span more than that are shown on a logarithmic axis."""


def points(test: RangeTest) -> list[tuple[float, float, float]]:
    """Return each rate, the loss behind its update, and the smoothed one."""
    behind = test.losses[1:].tolist(), test.smoothed[1:].tolist()
    return list(zip(test.rates.tolist(), *behind, strict=True))


def table_lines(test: RangeTest) -> list[str]:
    """Write some of the rates and the losses behind them, a line each."""
    found = points(test)
    step = max(1, -(-len(found) // TOLD))
    some = found[len(found) % step and len(found) % step - 1 :: step] if found else []
    some = some if not found or some[-1] == found[-1] else [*some, found[-1]]
    loss = tr("loss (running mean)") if test.noisy else tr("loss")
    head = UNICODE.pad(tr("learning rate"), 15) + loss
    return [head, *(f"{number(rate, 3):<14} {number(smoothed)}" for rate, _, smoothed in some)]


def range_lines(test: RangeTest) -> list[str]:
    """Write what the test found, in sentences."""
    lines = [_extent(test)]
    if test.scheduled:
        lines.append(tr("The schedule, {schedule}, was left out.", schedule=test.scheduled))
    if test.noisy:
        lines.append(tr("The losses of batches jump, so that the curve is a running mean of them."))
    proposal = test.proposal
    if proposal is None:
        return [
            *lines,
            tr(
                "The loss fell at none of these rates, so that there is no proposal: the gradient may be 0, "
                "or training may be over already."
            ),
        ]
    values = {
        "loss": number(float(np.nanmin(test.smoothed))),
        "rate": number(proposal.lowest, 3),
        "steepest": number(proposal.steepest, 3),
    }
    lines.append(
        tr(
            "Lowest loss, {loss}, behind the update with rate {rate}; steepest fall at rate {steepest}.",
            **values,
        )
        if test.diverged or proposal.lowest < test.rates[-1]
        else tr(
            "Lowest loss, {loss}, behind the update with rate {rate}, the highest that was tried; steepest "
            "fall at rate {steepest}.",
            **values,
        )
    )
    lines.append(
        tr(
            "Proposal: learning_rate {rate:g}, a tenth of the rate at the lowest loss. It is a proposal and "
            "no proof: each loss owes to all updates before it as well. Set now: {now:g}.",
            rate=proposal.rate,
            now=test.set_rate,
        )
    )
    return lines


def _extent(test: RangeTest) -> str:
    """Say how many updates were tried, from where on, with which rates, and what ended it."""
    values = {
        "count": len(test.rates),
        "iteration": test.begun,
        "low": number(float(test.rates[0]), 3),
        "high": number(float(test.rates[-1]), 3),
    }
    tried = (
        tr(
            "{count} updates of a copy, from iteration {iteration} on, while the learning rate grew from "
            "{low} to {high}",
            **values,
        )
        if test.begun
        else tr(
            "{count} updates of a copy, from the start on, while the learning rate grew from {low} to {high}",
            **values,
        )
    )
    if not test.diverged:
        return f"{tried}."
    if math.isfinite(test.losses[-1]):
        return tr("{tried}, until the loss was more than 4 times the lowest.", tried=tried)
    return tr("{tried}, until the loss was no longer finite.", tried=tried)


def range_figure(test: RangeTest) -> Figure:
    """Draw the losses over the logarithm of the rate, with what is proposed and what is set."""
    losses, smoothed = test.losses[1:], test.smoothed[1:]
    shown = smoothed[:-1] if test.diverged and len(smoothed) > 1 else smoothed  # what ended it is not to rule
    finite = shown[np.isfinite(shown)]
    first, last = float(test.rates[0]), float(test.rates[-1])
    x = Axis(tr("learning rate"), first, max(last, 2 * first), log=True)
    y = axis_around(tr("loss"), finite)
    if finite.size and finite.min() > 0 and finite.max() > DECADES * finite.min():
        y = Axis(tr("loss"), float(finite.min()) / 2, float(finite.max()) * 2, True)
    marks: list[Mark] = []
    if test.noisy:
        marks.append(Curve(test.rates, losses, "muted", tr("each batch")))
    marks.append(Curve(test.rates, smoothed, "line", tr("running mean") if test.noisy else tr("loss")))
    if test.proposal is not None:
        marks.append(Level(test.proposal.rate, False, "good", tr("proposal")))
        marks.append(Level(test.proposal.lowest, False, "muted"))
    title = tr("loss behind each update")
    return Figure(tr("Learning-rate range test"), (Plot(title, x, y, tuple(marks)),))


def range_json(test: RangeTest) -> dict[str, Any]:
    """Return a test as a page of JSON."""
    proposal = test.proposal
    return {
        "begun": test.begun,
        "rates": test.rates.tolist(),
        "losses": test.losses.tolist(),
        "smoothed": test.smoothed.tolist(),
        "diverged": test.diverged,
        "proposal": None if proposal is None else proposal.rate,
        "lowest": None if proposal is None else proposal.lowest,
        "steepest": None if proposal is None else proposal.steepest,
    }
