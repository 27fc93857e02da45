"""The user's program around the line that a record came from, as pdb's list shows it."""

from __future__ import annotations

from msgspec import Struct

from tui_backprop.lessons.specs.source import ListedLine


class SourcePage(Struct, frozen=True):
    """Lines of the program that a lesson was made of, or of its formula, the current one marked.

    Attributes:
        place: its file and line.
        lines: the lines around it.
        notes: what is to be known of the program.
    """

    place: str
    lines: tuple[ListedLine, ...]
    notes: tuple[str, ...]

    @property
    def rows(self) -> tuple[str, ...]:
        """The lines with their numbers, and an arrow at the current one."""
        width = len(str(self.lines[-1].number)) if self.lines else 1
        return tuple(
            f"{line.number:>{width}} {'->' if line.current else '  '} {line.text}".rstrip()
            for line in self.lines
        )
