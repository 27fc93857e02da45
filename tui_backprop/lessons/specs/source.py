"""The program that a lesson was made of: the line that each line of its formula came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Annotated

from msgspec import Meta, Struct

from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.language.syntax import FormulaLine, Statement
from tui_backprop.lessons.errors import LessonError
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

AROUND = 5
"""Lines of the program that a listing shows before and behind the current one."""
FORMULA = "formula"
"""What stands for the file where a lesson is made of no program."""
MOST_LINES = 100_000
"""Lines of a formula that are said to come from a program."""


class SourcePart(Struct, frozen=True, forbid_unknown_fields=True):
    """``[[source.part]]``: lines of one file that stand together."""

    file: str
    first: Annotated[int, Meta(ge=1, le=10**7)]
    text: str


class SourceTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``[source]``: for each line of the formula ``FILE:LINE``, and what the lines say."""

    lines: list[str] = []
    notes: list[str] = []
    part: list[SourcePart] = []


class ListedLine(Struct, frozen=True):
    """One line of a program as a listing shows it."""

    number: int
    text: str
    current: bool


class ProgramSource:
    """A program that a formula was made of.

    Args:
        table: what the lesson file says of it.
        formula: the parsed formula.

    Attributes:
        notes: what is to be known of the program, each with its line.
        first: file and line of the formula's first line.

    Raises:
        LessonError: an entry is no ``FILE:LINE``.
    """

    def __init__(self, table: SourceTable, formula: Sequence[Statement]) -> None:
        if len(table.lines) > MOST_LINES:
            raise LessonError(tr("source.lines: more than {most:,} entries", most=MOST_LINES))
        for entry in table.lines:
            if not entry.rpartition(":")[2].isdecimal():
                raise LessonError(
                    tr(
                        "source.lines: found {entry}; write FILE:LINE, such as net.py:12",
                        entry=printable(repr(entry), 60),
                    )
                )
        self.notes = tuple(printable(note, 400) for note in table.notes)
        self.first = printable(next(iter(table.lines), ""), 200)
        self._by_name = _by_name(table, formula)
        self._text: Mapping[tuple[str, int], str] = {
            (part.file, number): line
            for part in table.part
            for number, line in enumerate(part.text.split("\n"), part.first)
        }

    @classmethod
    def of_formula(cls, text: str, formula: Sequence[Statement]) -> ProgramSource:
        """Return a formula as the program that it is itself."""
        rows = text.rstrip().split("\n")
        lines = [f"{FORMULA}:{number}" for number, _ in enumerate(rows[:MOST_LINES], 1)]
        return cls(SourceTable(lines, part=[SourcePart(FORMULA, 1, "\n".join(rows))]), formula)

    def place(self, node: Node) -> str:
        """Return the file and line that a node was computed in, such as ``net.py:12``; "" of a leaf."""
        return self._by_name.get(node.line or "", "")

    def line(self, place: str) -> str:
        """Return what stands in a line of the program."""
        file, _, number = place.rpartition(":")
        return printable(self._text.get((file, int(number or 0)), "").strip(), 200)

    def listing(self, place: str) -> tuple[ListedLine, ...]:
        """Return the lines around one of the program."""
        file, _, number = place.rpartition(":")
        current = int(number or 0)
        before, behind = (
            takewhile(lambda at: (file, at) in self._text, side)
            for side in (range(current, current - AROUND - 1, -1), range(current + 1, current + AROUND + 1))
        )
        return tuple(
            ListedLine(at, printable(self._text[file, at].expandtabs(4), 200), at == current)
            for at in (*reversed(tuple(before)), *behind)
        )


def _by_name(table: SourceTable, formula: Sequence[Statement]) -> dict[str, str]:
    """Return the places by the names that the lines of a formula have in its graph, earlier versions too."""
    lines: dict[str, list[str]] = {}
    for line in formula:
        if isinstance(line, FormulaLine) and 1 <= line.number <= len(table.lines):
            lines.setdefault(line.name, []).append(printable(table.lines[line.number - 1], 200))
    by_name = {}
    for name, places in lines.items():
        by_name.update({f"{name}.{number}": place for number, place in enumerate(places[:-1], 1)})
        by_name[name] = places[-1]
    return by_name
