"""Text that is rewritten piece by piece and still knows where each character stood in what was typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from msgspec import Struct, structs


class Rewriting(Struct, frozen=True):
    """A text, and the places of its characters in the one that it was made of.

    Attributes:
        text: as it is now.
        places: for each character, and for the end, its place in the original, counted from 0.
        original: what was typed.
    """

    text: str
    places: tuple[int, ...]
    original: str

    @classmethod
    def of(cls, text: str) -> Rewriting:
        """Begin with a text as it was typed."""
        return cls(text, tuple(range(len(text) + 1)), text)

    def stripped(self) -> Rewriting:
        """Return it without blanks around it."""
        start = len(self.text) - len(self.text.lstrip())
        end = max(start, len(self.text.rstrip()))
        return structs.replace(self, text=self.text[start:end], places=self.places[start : end + 1])

    def replaced(self, start: int, end: int, new: str) -> Rewriting:
        """Return it with another text from one place to another, all of which stands where the old began."""
        places = (*self.places[:start], *[self.places[start]] * len(new), *self.places[end:])
        return structs.replace(self, text=self.text[:start] + new + self.text[end:], places=places)

    def substituted(self, pattern: str, new: Callable[[re.Match[str]], str]) -> Rewriting:
        """Return it with other texts in the place of what a pattern matches."""
        pieces: list[str] = []
        places: list[int] = []
        at = 0
        for match in re.finditer(pattern, self.text):
            start, end = match.span()
            text = new(match)
            pieces += (self.text[at:start], text)
            places += self.places[at:start]
            same = text == match[0]
            places += self.places[start:end] if same else [self.places[start]] * len(text)
            at = end
        pieces.append(self.text[at:])
        places += self.places[at:]
        return structs.replace(self, text="".join(pieces), places=tuple(places))

    def translated(self, signs: Mapping[str, str]) -> Rewriting:
        """Return it with other texts in the place of single signs."""
        return self.substituted(f"[{re.escape(''.join(signs))}]", lambda match: signs[match[0]])

    def place(self, line: int, column: int) -> tuple[int, int]:
        """Return line and column in the original of a line and column here, all counted from 1."""
        start = 0
        for _ in range(line - 1):
            start = self.text.find("\n", start) + 1
        at = self.places[min(start + column - 1, len(self.places) - 1)]
        before = self.original[:at]
        return before.count("\n") + 1, at - before.rfind("\n")
