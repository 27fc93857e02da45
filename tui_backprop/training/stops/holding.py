"""Whether the condition of a breakpoint holds where a training stands, asked without a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.training.iteration import Iteration
from tui_backprop.training.stops.alarms import AlarmWatch
from tui_backprop.training.stops.conditions import Reached, Trigger

if TYPE_CHECKING:
    from tui_backprop.training.vitals.course import Past


def holds_now(trigger: Trigger | AlarmWatch, here: Callable[[], Iteration], past: Callable[[], Past]) -> bool:
    """Tell whether a condition holds now.

    That an iteration is reached holds from there on. What does not fit the batches of now does not hold.

    Args:
        trigger: the condition.
        here: tells the iteration where the training stands.
        past: tells what led there.
    """
    now = here()
    if isinstance(trigger, AlarmWatch):
        return bool(trigger.look(now, past()))
    if isinstance(trigger, Reached):
        return now.number >= trigger.iteration
    try:
        trigger.fit(now)
    except FormulaError:
        return False
    return bool(trigger.holds(now))
