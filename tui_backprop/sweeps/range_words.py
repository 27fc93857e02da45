"""A learning-rate range test in words, as a table, as JSON, and as a figure."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tui_backprop.pictures.figure import Axis, Curve, Figure, Level, Mark, Plot, axis_around
from tui_backprop.sweeps.rates import RangeTest
from tui_backprop.text.numbers import number

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
    head = f"{'learning rate':<14} loss" + (" (running mean)" if test.noisy else "")
    return [head, *(f"{number(rate, 3):<14} {number(smoothed)}" for rate, _, smoothed in some)]


def range_lines(test: RangeTest) -> list[str]:
    """Write what the test found, in sentences."""
    where = "the start" if not test.begun else f"iteration {test.begun}"
    tried = f"from {number(float(test.rates[0]), 3)} to {number(float(test.rates[-1]), 3)}"
    count = f"{len(test.rates)} updates of a copy, from {where} on, while the learning rate grew {tried}"
    how = "more than 4 times the lowest" if math.isfinite(test.losses[-1]) else "no longer finite"
    end = f", until the loss was {how}" if test.diverged else ""
    lines = [f"{count}{end}."]
    if test.scheduled:
        lines.append(f"The schedule, {test.scheduled}, was left out.")
    if test.noisy:
        lines.append("The losses of batches jump, so that the curve is a running mean of them.")
    proposal = test.proposal
    if proposal is None:
        none = "The loss fell at none of these rates, so that there is no proposal"
        return [*lines, f"{none}: the gradient may be 0, or training may be over already."]
    rising = "" if test.diverged or proposal.lowest < test.rates[-1] else ", the highest that was tried"
    lines += [
        f"Lowest loss, {number(float(np.nanmin(test.smoothed)))}, behind the update with rate "
        f"{number(proposal.lowest, 3)}{rising}; steepest fall at rate {number(proposal.steepest, 3)}.",
        f"Proposal: learning_rate {proposal.rate:g}, a tenth of the rate at the lowest loss. It is a "
        "proposal and no proof: each loss owes to all updates before it as well. "
        f"Set now: {test.set_rate:g}.",
    ]
    return lines


def range_figure(test: RangeTest) -> Figure:
    """Draw the losses over the logarithm of the rate, with what is proposed and what is set."""
    losses, smoothed = test.losses[1:], test.smoothed[1:]
    shown = smoothed[:-1] if test.diverged and len(smoothed) > 1 else smoothed  # what ended it is not to rule
    finite = shown[np.isfinite(shown)]
    first, last = float(test.rates[0]), float(test.rates[-1])
    x = Axis("learning rate", first, max(last, 2 * first), log=True)
    y = axis_around("loss", finite)
    if finite.size and finite.min() > 0 and finite.max() > DECADES * finite.min():
        y = Axis("loss", float(finite.min()) / 2, float(finite.max()) * 2, True)
    marks: list[Mark] = []
    if test.noisy:
        marks.append(Curve(test.rates, losses, "muted", "each batch"))
    marks.append(Curve(test.rates, smoothed, "line", "running mean" if test.noisy else "loss"))
    if test.proposal is not None:
        marks.append(Level(test.proposal.rate, False, "good", "proposal"))
        marks.append(Level(test.proposal.lowest, False, "muted"))
    title = "loss behind each update"
    return Figure("Learning-rate range test", (Plot(title, x, y, tuple(marks)),))


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
