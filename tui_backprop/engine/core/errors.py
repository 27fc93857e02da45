"""The one family of errors a user may cause; each message is a single plain line."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from typing import Self

from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr


class BackpropError(ValueError):
    """Something the user gave cannot be used; the message says what was found and what would be right.

    Attributes:
        further: lines about what else cannot be used, where several things are found at once.
    """

    further: tuple[str, ...] = ()


class Interrupted(BackpropError):  # noqa: N818
    """Something long was stopped from outside; nothing has changed."""


def never() -> bool:
    """Return False: what a long computation asks where nobody may stop it."""
    return False


class FormulaError(BackpropError):
    """A formula is refused. ``line`` and ``column`` count from 1; 0 where no place applies.

    Attributes:
        others: what else is refused in the same formula, by place.
        depth: how many places the reason names besides, of calls and turns around the line.
    """

    others: tuple[FormulaError, ...] = ()
    depth: int = 0

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        self.line = line
        self.column = column
        self.reason = message
        super().__init__(
            tr("line {line}, column {column}: {reason}", line=line, column=column, reason=message)
            if line
            else message
        )

    @property
    def of_one_line(self) -> str:
        """The message for a text of one line only."""
        if self.line != 1:
            return str(self)
        return tr("column {column}: {reason}", column=self.column, reason=self.reason)

    def at(self, place: Callable[[int, int], tuple[int, int]]) -> Self:
        """Return the same refusal with its line and column, where it has them, as in another text."""
        found = type(self)(self.reason, *(place(self.line, self.column) if self.line else ()))
        found.depth = self.depth
        found.others = tuple(other.at(place) for other in self.others)
        found.further = tuple(map(str, found.others))
        return found

    def behind(self, before: str) -> Self:
        """Return the same refusal with a line and column that count another text before this one as well."""
        last = len(before) - (before.rfind("\n") + 1)
        return self.at(lambda line, column: (line + before.count("\n"), column + (last if line == 1 else 0)))


def together(findings: Iterable[FormulaError]) -> FormulaError:
    """Return several errors of one formula as the first of them, the others with it."""
    by_place = {(error.line, error.column, error.reason): error for error in findings}
    first, *others = (by_place[place] for place in sorted(by_place))
    first.others = tuple(others)
    first.further = tuple(map(str, others))
    return first


class ShapeError(BackpropError):
    """Two shapes do not fit the operation between them."""


class PlaceError(ShapeError):
    """An index names a place, or an axis, that an array does not have."""


class FormulaShapeError(FormulaError, ShapeError):
    """A formula that can be read, in which two shapes do not fit."""


MAX_TYPO = 60
"""Longer words get no suggestion: comparing them takes time that grows with the square of their length."""


def suggest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return ``"; did you mean ...?"`` for the nearest known word, or an empty string.

    Args:
        word: what was found.
        known: what there is.
        cutoff: how like it the nearest has to be, from 0 to 1.
    """
    if len(word) > MAX_TYPO:
        return ""
    short = [k for k in known if len(k) <= MAX_TYPO]
    alike = [
        k for k in short if k.lower() == word.lower() and k != word
    ]  # SGD for sgd, of which no letter is
    nearest = alike or difflib.get_close_matches(word, short, n=1, cutoff=cutoff)
    return tr("; did you mean {name}?", name=printable(nearest[0])) if nearest else ""
