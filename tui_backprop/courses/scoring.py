"""What the answers to one question earn: all at the first try without a hint, half later, nothing if shown.

It is the rule of the quiz (``exercises/quiz.py``).
"""

from __future__ import annotations

from msgspec import Struct, structs


class Attempt(Struct, frozen=True):
    """How somebody has come along with one question.

    Attributes:
        tries: answers that could be read.
        hints: hints that were taken.
        right: whether one was right.
        revealed: whether the solution was shown before.
    """

    tries: int = 0
    hints: int = 0
    right: bool = False
    revealed: bool = False

    @property
    def closed(self) -> bool:
        """Whether there is nothing more to earn: answered right, or shown."""
        return self.right or self.revealed

    def answered(self, right: bool) -> Attempt:
        """Return it after an answer; one to a closed question changes nothing."""
        return self if self.closed else structs.replace(self, tries=self.tries + 1, right=right)

    def hinted(self) -> Attempt:
        """Return it after a hint."""
        return self if self.closed else structs.replace(self, hints=self.hints + 1)

    def shown(self) -> Attempt:
        """Return it after the solution was shown."""
        return self if self.closed else structs.replace(self, revealed=True)

    def earned(self, points: float) -> float:
        """Return what it earns of a question's points."""
        if not self.right or self.revealed:
            return 0.0
        return points if self.tries == 1 and not self.hints else points / 2
