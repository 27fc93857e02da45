"""Screens to read something and go back: all numbers of a record, lines of a program."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, Self, overload

import numpy as np
from textual.app import ComposeResult

from tui_backprop.debugger.lines.listing import SourcePage
from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.explain.record import Explanation
from tui_backprop.text.numbers import exact, shape_text
from tui_backprop.text.sentences import tr
from tui_backprop.tui.keys import call
from tui_backprop.tui.screens.overlay import Overlay
from tui_backprop.tui.widgets.lines import Line, LinesView, paragraph


class ReadingScreen(Overlay):
    """Lines in a frame over the main screen."""

    DEFAULT_CSS = """
    ReadingScreen .box { max-width: 110; height: 90%; }
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def compose(self) -> ComposeResult:
        """Put the lines into a frame."""
        view = self.view()
        view.add_class("box")
        view.heading = tr("{title} · Esc closes", title=self._title)
        yield view

    def view(self) -> LinesView:
        """Return the lines to read."""
        return LinesView(self.lay_out)

    def lay_out(self, width: int) -> Sequence[Line]:
        """Make the lines for a width."""
        return ()


class PictureView(LinesView):
    """Lines below a picture that is as high as there is room for."""

    BY_HEIGHT = True


class PictureScreen(ReadingScreen):
    """A picture over lines to read.

    Attributes:
        HIGHEST: lines that the picture may take.
        LEAST_BELOW: lines below it that are in sight.
    """

    HIGHEST: ClassVar[int]
    LEAST_BELOW: ClassVar[int]

    def view(self) -> LinesView:
        """Return the picture and the lines."""
        return PictureView(self.lay_out)

    def height(self, above: int = 0) -> int:
        """Return how many lines the picture takes, below some others."""
        return min(self.HIGHEST, self.query_one(LinesView).size.height - above - self.LEAST_BELOW)


class SourceScreen(ReadingScreen):
    """The lines of the user's program around the current one."""

    OPENED_BY = "source"

    def __init__(self, page: SourcePage) -> None:
        super().__init__(tr("Source: {place}", place=page.place) if page.place else tr("Source: no line yet"))
        self._page = page

    @classmethod
    def of_page(cls, page: SourcePage) -> Self:
        """Return the screen that lists these lines."""
        return cls(page)

    def lay_out(self, width: int) -> Sequence[Line]:
        """Write the lines, the current one strong, and the notes below."""
        page = self._page
        lines: list[Line] = []
        for row, line in zip(page.rows, page.lines, strict=True):
            part = "strong" if line.current else ""
            lines += [((piece, part),) for piece in self.charset.wrap(row, width, "        ")]
        if page.notes:
            lines.append(())
        return lines + [line for note in page.notes for line in paragraph(self.charset, note, width)]


class ValuesScreen(ReadingScreen):
    """Every number of a record at full precision; only the lines that are looked at are made."""

    OPENED_BY = "values"

    def __init__(self, explanation: Explanation) -> None:
        super().__init__(tr("All numbers: {record}", record=explanation.title))
        self._values = explanation.values

    @classmethod
    def on_snapshot(cls, snapshot: Snapshot | None, selected: Node | None) -> Self:
        """Return the screen on the current record."""
        if snapshot is None or snapshot.explanation is None:
            raise BackpropError(
                tr(
                    "{step} steps to a record first; {values} then shows all its numbers",
                    step=call("step"),
                    values=call("values"),
                )
            )
        return cls(snapshot.explanation)

    def view(self) -> LinesView:
        """Return the numbers, one row of the last axis after the other."""
        return NumbersView(self._values)


class NumbersView(LinesView):
    """Arrays of any size, laid out on demand: a row of the last axis on a line, as far as it fits.

    What stands in front is the index of what follows: ``[2]`` for a row, ``[2, 4:8]`` for a part of one.
    """

    CELL = 26
    """Cells for any number; a small array's take as many as its longest."""
    SMALL = 1_000

    def __init__(self, values: Sequence[tuple[str, Array]]) -> None:
        super().__init__()
        self._values = [(name, np.asarray(value)) for name, value in values]
        self._cells = [
            max(len(exact(x)) for x in value.flat) + 2 if 0 < value.size <= self.SMALL else self.CELL
            for _, value in self._values
        ]
        self._starts: list[int] = [0]

    def _layout(self) -> None:
        self._starts = [0]
        for which, (_, value) in enumerate(self._values):
            last = value.shape[-1] if value.ndim else 1
            rows = value.size // last * self._parts(which) if last else 0
            self._starts.append(self._starts[-1] + 2 + rows)
        self._lines = _Counted(self._starts[-1])
        self._build = lambda width: self._lines
        self._built_width = -1
        super()._layout()

    def _label(self, which: int) -> int:
        """Return the cells for indices; a vector that fits on one line has none."""
        value = self._values[which][1]
        whole = value.ndim < 2 and value.size * self._cells[which] <= self._width
        if whole:
            return 0
        *leading, last = value.shape
        return sum(len(f"{length - 1}, ") for length in leading) + len(f"[{last}:{last}] ")

    def _columns(self, which: int) -> int:
        return max(1, (self._width - self._label(which)) // self._cells[which])

    def _parts(self, which: int) -> int:
        """Return how many lines a row of the last axis takes."""
        value = self._values[which][1]
        return math.ceil((value.shape[-1] if value.ndim else 1) / self._columns(which))

    def line_at(self, y: int) -> Line:
        """Make one line: a heading, a stretch of numbers behind its index, or an empty one between arrays."""
        which = int(np.searchsorted(self._starts, y, side="right")) - 1
        name, value = self._values[which]
        row = y - self._starts[which] - 1
        if row < 0:
            return ((f"{name}  {shape_text(value.shape)}", "strong"),)
        if row >= self._starts[which + 1] - self._starts[which] - 2:
            return ()
        parts, columns = self._parts(which), self._columns(which)
        last = value.shape[-1] if value.ndim else 1
        line, part = divmod(row, parts)
        index = np.unravel_index(line, value.shape[:-1]) if value.ndim > 1 else ()
        start = part * columns
        numbers = value.reshape(-1, last)[line, start : start + columns]
        where = [str(int(at)) for at in index] + ([f"{start}:{start + len(numbers)}"] if parts > 1 else [])
        label, cell = f"[{', '.join(where)}]" if where else "", self._cells[which]
        return (
            (label.ljust(self._label(which)), "label"),
            ("".join(f"{exact(x):>{cell - 2}}  " for x in numbers).rstrip(), ""),
        )


class _Counted(Sequence[Line]):
    """Stands for lines that are made on demand."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Line]: ...
    def __getitem__(self, index: int | slice) -> Line | Sequence[Line]:
        return ()
