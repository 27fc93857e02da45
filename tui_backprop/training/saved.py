"""A training at one moment, as it is kept on disk and made again."""

from __future__ import annotations

from msgspec import Struct

from tui_backprop.lessons.lesson import Lesson
from tui_backprop.training.changes.undo import Change
from tui_backprop.training.checkpoints.anchors import Anchor
from tui_backprop.training.losses.kept import Kept
from tui_backprop.training.schedule import Schedule
from tui_backprop.training.state import TrainingState
from tui_backprop.training.stops.early_stop import NOTHING_SEEN, Lowest
from tui_backprop.training.workbook import Workbook


class Saved(Struct, frozen=True, eq=False):
    """A training at one moment: references to what is never written again, so that taking it is quick.

    Attributes:
        lesson: what is trained.
        schedule: what holds at each iteration.
        states: checkpoints, ascending; where it stands is the last.
        losses: the loss before each update, as far as they are kept.
        loss: the loss where it stands; None where it was not computed.
        position: records done in the iteration where it stands.
        stepped: whether a step led to the iteration's start.
        diverged: whether it was found to have left the finite numbers.
        done, undone: changes that can be undone, and redone, the next one last.
        breakpoints: each one's text, and whether it is on.
        workbook: what was practised in it.
        lowest: its lowest validation loss, as far as they were looked at.
        anchors: states all over the way, packed.
    """

    lesson: Lesson
    schedule: Schedule
    states: tuple[TrainingState, ...]
    losses: Kept
    loss: float | None = None
    position: int = 0
    stepped: bool = False
    diverged: bool = False
    done: tuple[Change, ...] = ()
    undone: tuple[Change, ...] = ()
    breakpoints: tuple[tuple[str, bool], ...] = ()
    workbook: Workbook = Workbook()
    lowest: Lowest = NOTHING_SEEN
    anchors: tuple[Anchor, ...] = ()

    @property
    def iteration(self) -> int:
        """Updates done."""
        return self.states[-1].iteration
