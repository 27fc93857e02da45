"""The alarms: what is wrong with a training, said in this lesson's numbers, causes before their effects.

A row each: its name, what it means, and a condition that answers with the cause or with nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from tui_backprop.text.sentences import later, tr
from tui_backprop.training.vitals import causes
from tui_backprop.training.vitals.causes import Vitals
from tui_backprop.training.vitals.names import AlarmName


class Alarm(Struct, frozen=True):
    """One alarm.

    Attributes:
        name: what it is called.
        title: what it is called in a sentence; said by ``tr``, as is the next.
        about: when it is raised.
        cause: says the cause in the lesson's numbers; None where there is nothing to say.
    """

    name: AlarmName
    title: str
    about: str
    cause: Callable[[Vitals], str | None]


class Raised(Struct, frozen=True):
    """An alarm that was raised.

    Attributes:
        alarm: which.
        iteration: where.
        cause: one sentence in the lesson's numbers.
    """

    alarm: Alarm
    iteration: int
    cause: str

    @property
    def text(self) -> str:
        """The alarm and its cause, on one line."""
        return f"{tr(self.alarm.title)}: {self.cause}"


def raised(vitals: Vitals, names: frozenset[str] | None = None) -> tuple[Raised, ...]:
    """Return the alarms that are raised, in the order of the table; of those named, where some are."""
    found: list[Raised] = []
    for alarm in ALARMS:
        if names is not None and alarm.name not in names:
            continue
        if alarm.name == "stuck" and found:
            continue  # why it is stuck is said already
        cause = alarm.cause(vitals)
        if cause is not None:
            found.append(Raised(alarm, vitals.here.number, cause))
    return tuple(found)


ALARMS: Final = (
    Alarm(
        "data", later("data not scaled"),
        later("an input is 30 times as large as 1, or one of its columns as another"), causes.data,
    ),
    Alarm(
        "dead", later("dead units"), later("four fifths of a layer's relu units are 0 for every sample"),
        causes.dead,
    ),
    Alarm(
        "saturated", later("saturated"),
        later("four fifths of what a layer gives are where the slope is next to 0, and little is learnt"),
        causes.saturated,
    ),
    Alarm(
        "vanishing", later("vanishing gradient"),
        later("a layer's gradient beside its weights is below a thousandth of the last one's"),
        causes.vanishing,
    ),
    Alarm(
        "exploding", later("exploding gradient"), later("a step promises 20 times the loss there is"),
        causes.exploding,
    ),
    Alarm(
        "diverging", later("diverging"),
        later("the loss is 3 times what it was at its start and at its lowest"), causes.diverging,
    ),
    Alarm(
        "overfitting", later("overfitting"),
        later("the validation loss is a quarter above its lowest while the training loss falls"),
        causes.overfitting,
    ),
    Alarm(
        "stuck", later("stuck"),
        later("the loss stays where it is though a step of another length would lower it"), causes.stuck,
    ),
)  # fmt: skip
"""Every alarm, causes before their effects."""
