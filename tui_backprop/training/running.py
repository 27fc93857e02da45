"""A run: one loop with different stop conditions."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from tui_backprop.engine.core.errors import Interrupted
from tui_backprop.training.runs.compiled import Stop
from tui_backprop.training.stops.breakpoints import Hit, Watch
from tui_backprop.training.stops.divergence import Divergence
from tui_backprop.training.stops.early_stop import EarlyStop, Lowest
from tui_backprop.training.training import Training

MOST = 1 << 53
"""Iterations that a training may have: beyond, not each has a float of its own."""
Reason: TypeAlias = Literal[
    "target", "asked", "stopped", "breakpoint", "early_stop", "diverged", "full", "untrainable"
]


class RunReport(Struct, frozen=True):
    """How a run ended.

    Attributes:
        reason: "target" (the iterations hyperparameter), "asked" (the number asked for), "stopped" (from
            outside, or the time given is over), "breakpoint", "early_stop" (the validation loss was not lower
            for that long), "diverged", "full" (it may not have more iterations), or "untrainable" (the lesson
            has nothing to train).
        iterations: updates done; below 0 where :meth:`Trainer.goto` went back.
        divergence: where the numbers stopped being finite, if they did.
        hit: the breakpoint that became true; there may be one beside a divergence as well.
        early_stop: what the validation loss stopped it for; there may be one beside a breakpoint as well.
    """

    reason: Reason
    iterations: int
    divergence: Divergence | None = None
    hit: Hit | None = None
    early_stop: EarlyStop | None = None


def run(
    training: Training,
    watch: Watch | None,
    iterations: int | None = None,
    seconds: float = math.inf,
    should_stop: Callable[[], bool] | None = None,
    *,
    early_stop: bool = False,
) -> RunReport:
    """Do many iterations.

    Args:
        training: what moves.
        watch: what breakpoints ask; None for nothing.
        iterations: as for :meth:`Trainer.run`.
        seconds: as for :meth:`Trainer.run`.
        should_stop: as for :meth:`Trainer.run`.
        early_stop: whether the lesson's early stop ends it.
    """
    start = training.here.number
    deadline = time.monotonic() + seconds if seconds < math.inf else None

    def over() -> bool:
        late = deadline is not None and time.monotonic() > deadline
        return late or (should_stop is not None and should_stop())

    patience = training.here.lesson.patience if early_stop else None
    watching = watch.watching if watch is not None else None
    seen: tuple[Any, ...] | None = None
    while True:
        here = training.here
        # a hyperparameter set in the past and replayed now may move the target
        target = here.settings.hyperparameters.iterations
        goal = target if iterations is None else start + iterations
        stopped = over()
        lowest: Lowest | None = None
        if patience is not None and not here.position:
            try:
                lowest = training.lowest(here.number - 1, over)
                if here.number == start or here.number - lowest.iteration == patience:
                    lowest = training.lowest(here.number, over)
            except Interrupted:
                return RunReport("stopped", here.number - start)
        early = None
        if lowest is not None and here.number > start and here.number - lowest.iteration == patience:
            early = EarlyStop(here.number, patience, lowest.iteration, lowest.loss)
        most = watch.ahead if watch is not None else None
        looks = watch is not None and watch.looks
        ahead = min(goal, here.lesson.sandbox.at_most("losses", MOST)) - here.number
        if (watching is None or seen is not None) and not (stopped or here.position or early or looks):
            chunk = training.advance_many(ahead, Stop(True, watching, seen, lowest, patience, most))
            if chunk is not None:
                seen = chunk.seen
                continue
        hit = watch() if watch is not None else None
        reason: Reason
        if not training.is_finite():
            reason = "diverged"
        elif hit is not None:
            reason = "breakpoint"
        elif early is not None:
            reason = "early_stop"
        elif here.number >= goal and not (here.position and iterations is None):
            reason = "asked" if iterations is not None else "target"
        elif stopped:
            reason = "stopped"
        elif ahead <= 0 and not here.position:
            reason = "full"
        else:
            stop = Stop(True, watching, None, lowest, patience, most)
            seen = _go_on(training, ahead, watching is not None or looks, stop)
            continue
        return RunReport(reason, training.here.number - start, training.divergence, hit, early)


def _go_on(training: Training, ahead: int, tries: bool, stop: Stop) -> tuple[Any, ...] | None:
    """Do many iterations, or one, from where breakpoints were looked at; return what was seen then."""
    if training.here.position:
        training.finish()
    elif not tries:
        training.advance()
    else:
        chunk = training.advance_many(ahead, stop)
        if chunk is not None:
            return chunk.seen
        training.advance()
    return None
