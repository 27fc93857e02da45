"""What comes from the terminal, cut into whole keys, however its bytes are spread over time.

Textual's parser takes what is cut off for other keys: after 0.1 s the half of an arrow is Esc and letters,
and a paste without an end takes every key for its text. So it gets nothing here that is not whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator

from textual import events
from textual.message import Message

UNFINISHED = 0.5
"""Seconds that what has begun as a key's sequence gets to become whole."""
PASTE = 4.0
"""Seconds without input after which a paste is taken to be cut off."""
LONGEST = 64
"""Characters of a sequence that is waited for; what is longer is none of a key's."""
PASTE_START, PASTE_END = "\x1b[200~", "\x1b[201~"
_GIVE_UP = ("\x03", "\x1b[99;5u")
"""Ctrl+C, as all terminals send it, and with the kitty protocol."""
_PART = r"\x1b(?:\[(?:M.{0,2}|\[|[\d;:<>=?$-]*[ -/]*)|O|[P\]X^_][^\x07\x1b]*\x1b?)?\Z"
_BEGINS_A_SEQUENCE = "[OP]X^_\x1b"

Parse = Callable[[str], Iterable[Message]]


class Typed:
    """Takes characters as they come, and hands on whole keys, pastes and answers as messages.

    Times are seconds of a steady clock.

    Args:
        parse: Textual's parser, for whatever is whole.
        escape: seconds after which an Esc alone is the key.
    """

    def __init__(self, parse: Parse, escape: float) -> None:
        self._parse, self._escape = parse, escape
        self._part = ""  # a sequence that is not whole
        self._pasted: str | None = None
        self._last = 0.0

    def due(self) -> float | None:
        """Return when :meth:`tick` has something to do, if nothing comes before; None where never."""
        if self._pasted is not None:
            return self._last + PASTE
        if not self._part:
            return None
        return self._last + (self._escape if self._part == "\x1b" else UNFINISHED)

    def feed(self, data: str, now: float) -> Iterator[Message]:
        """Take characters that have come."""
        self._last = now
        while data:
            data = yield from self._pasting(data) if self._pasted is not None else self._typing(data)

    def tick(self, now: float) -> Iterator[Message]:
        """Give up waiting for what has not come in time."""
        due = self.due()
        if due is None or now < due:
            return
        part, self._part = self._part, ""
        if self._pasted is not None:
            text, self._pasted = self._pasted, None
            yield events.Paste(text.replace("\0", ""))
        elif part == "\x1b":
            yield events.Key("escape", part)
        else:
            yield from self._parse(part)

    def _typing(self, data: str) -> Generator[Message, None, str]:
        """Hand on keys up to a paste; return what is left."""
        if self._part == "\x1b" and data[0] not in _BEGINS_A_SEQUENCE:  # two keys, by the time between them
            self._part = ""
            yield events.Key("escape", "\x1b")
        data, self._part = self._part + data, ""
        before, start, after = data.partition(PASTE_START)
        if start:
            self._pasted = ""
        elif (part := re.search(_PART, before, re.DOTALL)) and len(part[0]) <= LONGEST:
            before, self._part = before[: part.start()], part[0]
        if before:
            yield from self._parse(before)
        return after

    def _pasting(self, data: str) -> Generator[Message, None, str]:
        """Gather a paste up to its end, or to Ctrl+C, which no pasted text holds; return what is left."""
        assert self._pasted is not None
        text = self._pasted + data
        found = [(at, sign) for sign in (PASTE_END, *_GIVE_UP) if (at := text.find(sign)) >= 0]
        if not found:
            self._pasted = text
            return ""
        at, sign = min(found)
        self._pasted = None
        if sign == PASTE_END:
            yield events.Paste(text[:at].replace("\0", ""))
        return text[at + len(sign) :]
