"""The lines of a results file: each vouches for itself and names the one before; marks say how many.

A line is ``OWN BEFORE JSON``: two digests, of BEFORE and JSON, and the one that the line before has as its
own. What a crash has cut, a disk has changed or somebody has taken out is told by its line. A digest is no
secret: who works out all of them anew is found out when the report marks the answers again.

The first lines are fixed: what the file is, and two marks, ``end COUNT OWN DIGEST``, written in turn once a
line is on disk, so that lines missing at the end are missed too.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from hashlib import blake2b
from typing import NamedTuple

from msgspec import Struct

MAGIC = b"tui-backprop results 1\n"
NOTHING = b"0" * 16
"""What the first line names as the one before."""
_MARK = b"end %09d %b %b\n"
MARK_LENGTH = len(_MARK % (0, NOTHING, NOTHING))
FRONT_LINES = 3
MOST_BYTES = 64 << 20
"""A results file that is larger is none."""


class Flaw(Enum):
    """What may be wrong with a line."""

    FRONT = "front"
    MARK = "mark"
    DAMAGED = "damaged"
    TORN = "torn"
    GAP = "gap"
    REPEATED = "repeated"
    SHORT = "short"
    STRANGE = "strange"


class Problem(NamedTuple):
    """Something is wrong with a line of a file, counted from 1."""

    line: int
    flaw: Flaw


class ResultLine(NamedTuple):
    """A line that is whole: its number in the file, its digest, and its JSON."""

    line: int
    own: bytes
    body: bytes


class Lines(Struct, frozen=True):
    """What a file holds.

    Attributes:
        entries: the lines that are whole, in order.
        problems: what is wrong with others.
        last: the digest of the last whole line.
        count: how many lines there are behind the front, whole or not.
        marked: how many the marks tell of, at least.
        torn: bytes behind the last end of a line.
    """

    entries: tuple[ResultLine, ...]
    problems: tuple[Problem, ...]
    last: bytes = NOTHING
    count: int = 0
    marked: int = 0
    torn: int = 0


def digest(before: bytes, body: bytes) -> bytes:
    """Return a line's own digest, 16 hexadecimal digits."""
    return blake2b(before + b" " + body, digest_size=8, person=b"tui-backprop").hexdigest().encode()


def line_of(before: bytes, body: bytes) -> tuple[bytes, bytes]:
    """Return a line with its end, and its digest."""
    own = digest(before, body)
    return b"%b %b %b\n" % (own, before, body), own


def mark_of(count: int, last: bytes) -> bytes:
    """Return a mark: so many lines, the last of which has this digest."""
    return _MARK % (count, last, digest(last, b"%d" % count))


def front() -> bytes:
    """Return what a new file begins with."""
    return MAGIC + mark_of(0, NOTHING) * 2


def mark_place(count: int) -> int:
    """Return where the mark of so many lines stands, in bytes from the file's start."""
    return len(MAGIC) + MARK_LENGTH * (count % 2)


def read_lines(data: bytes) -> Lines:
    """Read a file's bytes, whatever they are; nothing is raised."""
    entries: list[ResultLine] = []
    problems: list[Problem] = []
    ends = data.rfind(b"\n") + 1
    head, torn = data[:ends], data[ends:]
    lines = head.split(b"\n")[:-1]
    marked = max(_front(lines[:FRONT_LINES], problems), default=0)
    last, excused, seen = NOTHING, False, set[bytes]()
    for number, text in enumerate(lines[FRONT_LINES:], FRONT_LINES + 1):
        own, before, body = text[:16], text[17:33], text[34:]
        if text[16:17] + text[33:34] != b"  " or digest(before, body) != own:
            problems.append(Problem(number, Flaw.DAMAGED))
            excused = True
            continue
        if own in seen:
            problems.append(Problem(number, Flaw.REPEATED))
            continue
        if before != last and not excused:
            problems.append(Problem(number, Flaw.GAP))
        seen.add(own)
        entries.append(ResultLine(number, own, body))
        last, excused = own, False
    count = max(len(lines) - FRONT_LINES, 0)
    if torn:
        problems.append(Problem(len(lines) + 1, Flaw.TORN))
    if count < marked:
        problems.append(Problem(max(len(lines), 1), Flaw.SHORT))
    return Lines(tuple(entries), tuple(problems), last, count, marked, len(torn))


def _front(lines: list[bytes], problems: list[Problem]) -> Iterator[int]:
    """Yield how many lines the marks tell of, and note what is wrong with the first lines."""
    if lines[:1] != [MAGIC[:-1]]:
        problems.append(Problem(1, Flaw.FRONT))
    for number, text in enumerate(lines[1:], 2):
        word, count, last, own = [*text.split(b" "), *[b""] * 4][:4]
        right = word == b"end" and len(count) == 9 and count.isdigit() and len(text) == MARK_LENGTH - 1
        if right and digest(last, b"%d" % int(count)) == own:
            yield int(count)
        else:
            problems.append(Problem(number, Flaw.MARK))
    if len(lines) < FRONT_LINES and lines[:1] == [MAGIC[:-1]]:
        problems.append(Problem(len(lines) + 1, Flaw.MARK))
