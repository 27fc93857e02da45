"""The bytes that turn one screen into another: only cells that differ, few moves, few styles."""

from __future__ import annotations

from collections.abc import Iterator

from tui_backprop.tui.terminal.cells import Cell, Grid
from tui_backprop.tui.terminal.styles import PLAIN, change

GAP = 6
"""Cells between two changes that are sent along rather than jumped over, at most."""


class Screen:
    """What a terminal shows by what it was sent, and the sequences that bring it up to date.

    Attributes:
        row: the row that the terminal's cursor is in.
        column: the column of it; None where terminals disagree, as at the right edge.
    """

    def __init__(self, width: int, height: int) -> None:
        self.sent = Grid(width, height)
        self.row, self.column = 0, None
        self._style = PLAIN
        self._fresh = False

    row: int
    column: int | None

    def forget(self) -> None:
        """Take nothing for granted any more: the next update draws everything."""
        self._fresh = False

    def update(self, drawn: Grid) -> str:
        """Return what a terminal must be sent to show this grid; it is taken to be sent."""
        out: list[str] = []
        rows: Iterator[int] | list[int] = sorted(drawn.changed)
        if not self._fresh or (drawn.width, drawn.height) != (self.sent.width, self.sent.height):
            self.sent = Grid(drawn.width, drawn.height)
            self._style, self._fresh = PLAIN, True
            self.row, self.column = 0, 0
            out.append("\x1b]8;;\x1b\\\x1b[m\x1b[2J\x1b[H")  # erased in the plain style: the same everywhere
            rows = list(range(drawn.height))
        drawn.changed.clear()
        for row in rows:
            old, new = self.sent.rows[row], drawn.rows[row]
            if old != new:
                for start, end in _spans(old, new):
                    self._send(out, row, start, new[start:end])
                self.sent.rows[row] = new.copy()
        if out and self._style != PLAIN:  # what others write to the terminal comes out plain
            out.append(change(self._style, PLAIN))
            self._style = PLAIN
        return "".join(out)

    def move(self, row: int, column: int) -> str:
        """Return the shortest sequence that moves the cursor, and take it to be sent."""
        if (row, column) == (self.row, self.column):
            return ""
        address = f"\x1b[{row + 1 if row else ''}{f';{column + 1}' if column else ''}H"
        if not column and row == self.row:
            address = "\r"
        elif not column and row == self.row + 1:
            address = "\r\n"
        elif row == self.row and self.column is not None:
            distance = column - self.column
            ahead = f"\x1b[{abs(distance) if abs(distance) > 1 else ''}{'C' if distance > 0 else 'D'}"
            address = min(address, ahead, key=len)
        self.row, self.column = row, column
        return address

    def _send(self, out: list[str], row: int, start: int, cells: list[Cell]) -> None:
        out.append(self.move(row, start))
        place, doubtful = start, False
        for text, style in cells:
            if text:
                if doubtful:  # terminals do not agree on the width of what came before
                    self.column = None
                    out.append(self.move(row, place))
                out.append(change(self._style, style))
                out.append(text)
                self._style, doubtful = style, _doubtful(text)
            place += 1
        self.column = None if doubtful or place >= self.sent.width else place


def _doubtful(text: str) -> bool:
    """Tell whether terminals may disagree on the width: several code points, or beyond the basic plane."""
    return len(text) > 1 or ord(text) > 0xFFFF


def _spans(old: list[Cell], new: list[Cell]) -> list[tuple[int, int]]:
    """Return where a row must be written anew: half-open ranges, wide clusters whole."""
    width = len(new)
    simple = True
    for cells in (old, new):
        for text, _ in cells:
            if len(text) != 1:
                simple = False
                if len(text) > 1:  # how wide it is to this terminal is not known: all of the row
                    return [(0, width)]
    differs = [before is not after and before != after for before, after in zip(old, new, strict=True)]
    if not simple:
        for places in (range(1, width), range(width - 1, 0, -1)):
            for place in places:
                if (not old[place][0] or not new[place][0]) and (differs[place] or differs[place - 1]):
                    differs[place] = differs[place - 1] = True
    spans: list[tuple[int, int]] = []
    place = 0
    while True:
        try:
            start = differs.index(True, place)
        except ValueError:
            return spans
        end = start + 1
        while end < width and differs[end]:
            end += 1
        if spans and _cheap(new, spans[-1][1], start):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
        place = end


def _cheap(cells: list[Cell], start: int, end: int) -> bool:
    """Tell whether sending these cells, which have not changed, costs less than a move over them."""
    if end - start > GAP:
        return False
    style = cells[start - 1][1]
    gap = cells[start:end]
    move = 4 if end - start > 1 else 3
    return all(one[1] == style for one in gap) and len("".join(one[0] for one in gap).encode()) <= move + 1
