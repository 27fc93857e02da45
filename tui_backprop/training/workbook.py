"""What somebody has practised in a training, kept with it: predicting, points, and homework."""

from __future__ import annotations

from msgspec import Struct, structs

MOST_MARKS = 100
"""Marks that are kept; older ones go."""


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


class Workbook(Struct, frozen=True):
    """What somebody has practised in one training.

    Attributes:
        predicting: whether factors are asked for before they are shown.
        earned: what the answers have earned in this training; all of a lesson's are added up elsewhere.
        marks: homework, the latest last.
    """

    predicting: bool = False
    earned: Score = Score()
    marks: tuple[KeptMark, ...] = ()
