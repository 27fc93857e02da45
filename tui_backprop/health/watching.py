"""The alarms that a training raises on its way, each the first time."""

from __future__ import annotations

from collections.abc import Callable

from tui_backprop.engine.core.errors import never
from tui_backprop.training.stops.alarms import ANY, AlarmWatch
from tui_backprop.training.trainer import Trainer
from tui_backprop.training.vitals.alarms import Raised


def alarms_on_the_way(
    trainer: Trainer, iterations: int, should_stop: Callable[[], bool] = never
) -> tuple[Raised, ...]:
    """Train on to an iteration, whatever alarms are raised; return each that was, the first time.

    The training ends before where it diverges, or is stopped.

    Args:
        trainer: the training; it has no other breakpoints afterwards than before.
        iterations: where to go to.
        should_stop: asked every few milliseconds.
    """
    points = trainer.breakpoints
    own = next((point for point in points if isinstance(point.trigger, AlarmWatch)), None)
    point = points.add(ANY) if own is None or own.text != ANY else own
    found: dict[str, Raised] = {}
    try:
        while trainer.iteration < iterations:
            report = trainer.run(iterations - trainer.iteration, should_stop=should_stop)
            for one in report.hit.alarms if report.hit is not None else ():
                found.setdefault(one.alarm.name, one)
            if report.reason not in ("breakpoint", "early_stop") or report.early_stop is not None:
                break
    finally:
        if point is not own:
            points.delete(list(points).index(point))
    return tuple(found.values())
