"""Breakpoints that are alarms: looked at now and then, at iterations that depend on nothing but their number.

A look costs about as much as some dozen iterations, so it is taken ever more seldom: at iterations 0, 10, …,
100, then at 150, 200, …, 1000, at 1500, 2000 and so on: 18 more in a run ten times as long. Whether it is
stuck takes longer to find out, and is asked at 100, 200, 500, 1000, 2000 and so on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from tui_backprop.engine.core.errors import BackpropError, suggest
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.training.iteration import Iteration
from tui_backprop.training.state import TrainingState
from tui_backprop.training.validation.evaluation import validation_loss
from tui_backprop.training.vitals.names import NAMES

if TYPE_CHECKING:  # what alarms look at is imported with the first of them
    from tui_backprop.training.vitals.alarms import Raised
    from tui_backprop.training.vitals.course import Past

ANY: Final = "alarm"
"""What stands for all alarms."""


def is_look(iteration: int) -> bool:
    """Tell whether alarms are looked at before this iteration."""
    return iteration % _stride(iteration) == 0


def next_look(iteration: int) -> int:
    """Return the first iteration after one at which alarms are looked at."""
    stride = _stride(iteration)
    return iteration - iteration % stride + stride


def _stride(iteration: int) -> int:
    return 5 * 10 ** (len(str(iteration)) - 2) if iteration >= 100 else 10


def _is_long_look(iteration: int) -> bool:
    return str(iteration).rstrip("0") in ("1", "2", "5")


class LastLook(Struct, frozen=True):
    """What was found at the look before.

    Attributes:
        state: where that was.
        names: the alarms that were raised.
    """

    state: TrainingState
    names: frozenset[str]


class AlarmWatch:
    """One breakpoint that is an alarm, or all of them.

    Args:
        word: the alarm's name, or ``alarm``.

    Attributes:
        names: what it looks for.
    """

    def __init__(self, word: str) -> None:
        self.names = frozenset(NAMES if word == ANY else (word,))
        self._looked: LastLook | None = None

    @property
    def description(self) -> str:
        """When it stops, in words."""
        from tui_backprop.training.vitals.alarms import ALARMS

        about = [alarm.about for alarm in ALARMS if alarm.name in self.names]
        return tr("when an alarm is raised") if len(about) > 1 else tr("when {about}", about=tr(about[0]))

    def fit(self, here: Iteration) -> None:
        """Refuse a lesson in which it cannot be raised.

        Raises:
            BackpropError: there is nothing that it could look at.
        """
        if not here.lesson.trains:
            raise BackpropError(tr("the lesson trains nothing, so no alarm can be raised"))
        if self.names == {"overfitting"} and here.lesson.validation is None:
            raise BackpropError(tr("overfitting shows on samples held back; the lesson has no [validation]"))

    def look(self, here: Iteration, past: Past) -> tuple[Raised, ...]:
        """Return the alarms that were not raised at the look before, if this is an iteration for a look."""
        before, number = self._looked, here.number
        if not is_look(number) or (before is not None and before.state is here.state):
            return ()
        if before is not None and before.state.iteration >= number:
            before = None  # somebody has gone back
        from tui_backprop.training.vitals.alarms import raised
        from tui_backprop.training.vitals.causes import Vitals

        if here.lesson.validation is not None and "overfitting" in self.names:
            past.validated.add(number, validation_loss(here.lesson, here.parameters))
        short = self.names if _is_long_look(number) else self.names - {"stuck"}
        found = raised(Vitals(here, past, is_look), short)
        kept = before.names & (self.names - short) if before is not None else frozenset()
        self._looked = LastLook(here.state, kept | frozenset(one.alarm.name for one in found))
        return tuple(one for one in found if before is None or one.alarm.name not in before.names)


def read_alarm(text: str) -> AlarmWatch | None:
    """Return what a breakpoint's text asks for, where it is an alarm; None where it is something else."""
    from tui_backprop.training.vitals.alarms import ALARMS

    word = " ".join(text.lower().split())
    word = {alarm.title: alarm.name for alarm in ALARMS}.get(word, word)
    return AlarmWatch(word) if word in (ANY, *NAMES) else None


def checked_name(text: str) -> str:
    """Return the name of an alarm.

    Raises:
        BackpropError: there is none of it.
    """
    watch = read_alarm(text)
    if watch is None or len(watch.names) > 1:
        found, names = printable(text, 30), ", ".join(NAMES)
        if hint := suggest(text.lower(), NAMES):
            raise BackpropError(tr("unknown alarm {name!r}{hint}", name=found, hint=hint))
        raise BackpropError(tr("unknown alarm {name!r}; there are {names}", name=found, names=names))
    return next(iter(watch.names))
