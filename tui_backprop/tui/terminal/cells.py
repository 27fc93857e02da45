"""A grid of cells that reads what a program writes to a terminal: what the screen should show by now."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len

from tui_backprop.tui.terminal.styles import PLAIN, Style, restyled

Cell = tuple[str, Style]
"""A cluster of characters and its style. The right half of a wide cluster is a cell with empty text."""

BLANK: Cell = (" ", PLAIN)
_TOKEN = re.compile(
    r"(?P<text>[^\x00-\x1f\x7f]+)"
    r"|\x1b\[(?P<style>[\d;]*)m"
    r"|\x1b\[(?P<row>\d*)(?:;(?P<column>\d*))?[Hf]"
    r"|\x1b\]8;(?P<link>[^\x07\x1b]*)(?:\x1b\\|\x07)"
    r"|(?P<line>[\r\n])"
    r"|\x1b\[(?P<erase>[0-3]?[JK])"
    r"|(?P<other>\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x1b\\|\x07)|\x1b[ -/]*[0-~]|.)",
    re.DOTALL,
)


class Grid:
    """The cells of a screen, as wide and high as the terminal, and the cursor.

    Attributes:
        rows: the cells by row and column, both from 0.
        changed: the rows that were written to since somebody cleared this set.
        row: the cursor's row.
        column: the cursor's column.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.rows: list[list[Cell]] = [[BLANK] * width for _ in range(height)]
        self.changed: set[int] = set(range(height))
        self.row = self.column = 0
        self._style = PLAIN

    def feed(self, data: str) -> list[str]:
        """Take what a program writes, and return what does not concern cells, in order.

        Lines do not wrap, as the app has told the terminal: what does not fit lands in the last column.
        """
        rest = []
        for match in _TOKEN.finditer(data):
            kind = match.lastgroup
            if kind == "text":
                self._write(match["text"])
            elif kind == "style":
                self._style = restyled(self._style, match["style"])
            elif kind == "link":
                link = match["link"]
                self._style = self._style._replace(link="" if link == ";" else link)
            elif kind == "line":
                self.column = 0
                if match["line"] == "\n":  # the terminal's driver makes CR LF of it
                    self.row = min(self.row + 1, self.height - 1)
            elif kind == "erase":
                self._erase(match["erase"])
            elif kind == "other":
                rest.append(match["other"])
            else:  # a cursor address, in which every number may be missing
                self.row = min(int(match["row"] or 1), self.height) - 1
                self.column = min(int(match["column"] or 1), self.width) - 1
        return rest

    def _write(self, text: str) -> None:
        width, style = self.width, self._style
        if not width or not self.height:
            return
        row, column = self.rows[self.row], self.column
        self.changed.add(self.row)
        if text.isascii():
            if len(text) > width - column:  # the last column is written again and again
                text = text[: width - column - 1] + text[-1]
            cells: list[Cell] = [(character, style) for character in text]
        else:
            cells = []
            for cluster, cells_wide in clusters(text):
                if not cells_wide:  # nothing before it that it could join
                    continue
                if len(cells) + cells_wide > width - column:
                    cells = cells[: width - column - 1]
                    cells += [(" ", style)] * (width - column - 1 - len(cells))
                    cells.append((cluster if cells_wide == 1 else " ", style))
                    continue
                cells.append((cluster, style))
                cells += [("", style)] * (cells_wide - 1)
        end = column + len(cells)
        if cells and not row[column][0]:  # the left half of what is cut there goes too
            start = column - 1
            while start and not row[start][0]:
                start -= 1
            for place in range(start, column):
                row[place] = (" ", row[place][1])
        after = end
        while after < width and not row[after][0]:
            row[after] = (" ", row[after][1])
            after += 1
        row[column:end] = cells
        self.column = min(end, width - 1)

    def _erase(self, kind: str) -> None:
        blank = (" ", Style(background=self._style.background))
        how, rows = kind[:-1] or "0", [self.row]
        if kind[-1] == "J":
            if how == "0":
                rows = list(range(self.row + 1, self.height))
                self._erase("0K")
            elif how == "1":
                rows = list(range(self.row))
                self._erase("1K")
            else:
                rows = list(range(self.height))
            how = "2"
        start = self.column if how == "0" else 0
        end = self.column + 1 if how == "1" else self.width
        for row in rows:
            self.rows[row][start:end] = [blank] * (end - start)
            self.changed.add(row)


def clusters(text: str) -> Iterator[tuple[str, int]]:
    """Split text into what a terminal shows as one, each with its width in cells."""
    cluster = ""
    for character in text:
        if cluster and (cluster[-1] == "\u200d" or (not character.isascii() and not cell_len(character))):
            cluster += character
            continue
        if cluster:
            yield cluster, cell_len(cluster)
        cluster = character
    if cluster:
        yield cluster, cell_len(cluster)
