"""What somebody has practised in a training, what they folded, and the runs they pinned, kept with it."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct, structs

from tui_backprop.engine.autodiff.groups import Stretch
from tui_backprop.training.history import Envelope
from tui_backprop.training.schedule import Schedule

MOST_MARKS = 100
"""Marks that are kept; older ones go."""
MOST_PINS = 6
"""Runs that are pinned at a time: more curves cannot be told apart."""
PIN_BUCKETS = 128
"""Buckets of a pinned run's losses, at most."""


class Score(Struct, frozen=True):
    """How many factors were asked for in a lesson, and how they were answered.

    Attributes:
        asked: answered right or revealed.
        first: right at the first try without a hint.
        later: right after another try or with hints.
        revealed: given up.
        hints: hints used.
    """

    asked: int = 0
    first: int = 0
    later: int = 0
    revealed: int = 0
    hints: int = 0

    @property
    def points(self) -> float:
        """One for each that was right at once, half a one for each that was right later."""
        return self.first + self.later / 2

    def __add__(self, other: Score) -> Score:
        mine, theirs = structs.asdict(self), structs.asdict(other)
        return Score(**{name: mine[name] + theirs[name] for name in mine})


class KeptMark(Struct, frozen=True):
    """A gradient worked out by hand, as it was marked.

    Attributes:
        name: the node.
        given: the answer as it was typed.
        passed: whether it was right.
        verdict: the code of what it was.
    """

    name: str
    given: str
    passed: bool
    verdict: str


class Folds(NamedTuple):
    """What somebody folded and unfolded of an iteration's records.

    Attributes:
        chosen: stretches of records that they chose to be one line.
        unfolded: the keys of calls and turns that they opened.
    """

    chosen: tuple[Stretch, ...] = ()
    unfolded: frozenset[tuple[int, int]] = frozenset()


class Pin(Struct, frozen=True, eq=False):
    """A run that was pinned, to be compared with others: what led to it, and how its losses went.

    Attributes:
        schedule: what holds at each of its iterations; the run follows from it.
        iteration: how far it went.
        loss: the loss there.
        envelope: its losses, that one included, in at most :data:`PIN_BUCKETS` buckets and one.
    """

    schedule: Schedule
    iteration: int
    loss: float
    envelope: Envelope


class Workbook(Struct, frozen=True):
    """What somebody has practised in one training, and what belongs to it besides.

    Attributes:
        predicting: whether factors are asked for before they are shown.
        earned: what the answers have earned in this training; all of a lesson's are added up elsewhere.
        marks: homework, the latest last.
        folds: which of its records are one line for them.
        pins: runs that were pinned, of this lesson or others.
    """

    predicting: bool = False
    earned: Score = Score()
    marks: tuple[KeptMark, ...] = ()
    folds: Folds = Folds()
    pins: tuple[Pin, ...] = ()
