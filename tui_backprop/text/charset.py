"""What characters a screen can show: texts are spelled in them before they are measured, cut and wrapped."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from tui_backprop.text.width import cells, head, tail


class Charset(Struct, frozen=True):
    """The characters that there are for texts; whoever lays out text is given those of its screen.

    Attributes:
        ascii_only: whether there are no others than ASCII's; a text's spelling in them may be longer.
    """

    ascii_only: bool

    def spelled(self, text: str) -> str:
        """Return a text as it is to be shown."""
        if not self.ascii_only:
            return text
        from tui_backprop.text.ascii import to_ascii  # its patterns take a start's time

        return to_ascii(text)

    def sign(self, text: str, in_ascii: str) -> str:
        """Choose a sign where its usual spelling in ASCII would mean something else."""
        return in_ascii if self.ascii_only else text

    def cells(self, text: str) -> int:
        """Return how many terminal cells a text takes once it is spelled."""
        return cells(self.spelled(text))

    def pad(self, text: str, width: int) -> str:
        """Return a text with spaces up to a number of cells."""
        text = self.spelled(text)
        return text + " " * max(0, width - cells(text))

    def fit(self, text: str, width: int) -> str:
        """Return a text in at most ``width`` cells; what is left out leaves a mark."""
        text = self.spelled(text)
        if cells(text) <= width:
            return text
        return head(text, width - 1) + self.sign("…", "~") if width > 0 else ""

    def fit_in_the_middle(self, text: str, width: int) -> str:
        """Return a text in at most ``width`` cells, with a mark in the middle for what is left out there."""
        text = self.spelled(text)
        if cells(text) <= width:
            return text
        if width < 3:
            return self.fit(text, width)
        front = head(text, width // 2)
        return front + self.sign("…", "~") + tail(text, width - cells(front) - 1)

    def wrap(self, text: str, width: int, indent: str = "") -> Iterator[str]:
        """Yield lines of at most ``width`` cells, broken at spaces; later lines start with ``indent``.

        A text that is indented itself stays so. A word longer than a line is broken, so that nothing is ever
        cut off.
        """
        text, width = self.spelled(text), max(width, 1)
        bare = text.lstrip(" ")
        if bare and 0 < (margin := len(text) - len(bare)) < width // 2:
            yield from (" " * margin + line for line in self.wrap(bare, width - margin, indent))
            return
        indent = indent if len(indent) < width // 2 else ""
        line, used = "", 0
        for word in text.split(" "):
            room = cells(word)
            if line and used + 1 + room > width:
                yield line
                line, used = indent, len(indent)
            elif line:
                line, used = line + " ", used + 1
            while used + room > width:
                start = head(word, width - used)
                if not start and line.strip():
                    yield line
                    line, used = indent, len(indent)
                    continue
                start = start or word[0]
                yield line + start
                word = word[len(start) :]
                line, used, room = indent, len(indent), cells(word)
            line, used = line + word, used + room
        yield line


UNICODE, ASCII = Charset(ascii_only=False), Charset(ascii_only=True)
