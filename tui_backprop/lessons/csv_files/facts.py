"""How a CSV file was found to be written, as facts: sessions keep them, and they are said when shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from tui_backprop.text.sentences import later, tr, tr_count

_SAID: Final = {
    "separated": later("separated by {separator}"),
    "counting": later("line {line} counts {rows} rows"),
    "row names": later("rows begin with a name"),
    "closed": later("{separator} behind each row"),
    "named": later("names in line {line}"),
    "nameless": later("without names of columns"),
    "comma": later("decimal comma"),
}
"""What each kind of fact says. A session's file may be anybody's, so that it cannot bring a sentence."""
_LISTED: Final = 10


class Fact(Struct, frozen=True):
    """One thing that a file was found to be.

    Attributes:
        kind: which.
        values: what it says, by name.
    """

    kind: str
    values: Mapping[str, str | int] = {}

    @property
    def said(self) -> str:
        """The fact in words; empty for one of another version."""
        try:
            return tr(_SAID[self.kind], **self.values) if self.values else tr(_SAID[self.kind])
        except (LookupError, ValueError):
            return ""


class FileFacts(Struct, frozen=True):
    """What a CSV file was found to be.

    Attributes:
        name: the file's.
        rows, columns: how many it has.
        facts: how it is written.
        left_out: the lines of rows that were left out.
    """

    name: str
    rows: int
    columns: int
    facts: tuple[Fact, ...] = ()
    left_out: tuple[int, ...] = ()

    @property
    def lines(self) -> list[str]:
        """All of it as lines for people."""
        rows = tr_count("{count:,} row", "{count:,} rows", self.rows)
        columns = tr_count("{count:,} column", "{count:,} columns", self.columns)
        size = tr("{rows} of {columns}", rows=rows, columns=columns)
        lines = [f"{self.name}: {', '.join(filter(None, (size, *(fact.said for fact in self.facts))))}"]
        if self.left_out:
            shown = ", ".join(map(str, self.left_out[:_LISTED]))
            lines.append(
                tr_count(
                    "{count:,} row with a missing cell left out: line {lines}",
                    "{count:,} rows with a missing cell left out: line {lines}",
                    len(self.left_out),
                    lines=shown + (", …" if len(self.left_out) > _LISTED else ""),
                )
            )
        return lines
