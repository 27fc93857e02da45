"""An array as a grid of numbers with a cursor: only what is visible is looked at, however large it is."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from textual.binding import Binding, BindingType
from textual.message import Message

from tui_backprop.engine.core.arrays import Array
from tui_backprop.text.numbers import exact, fitted, number, shape_text
from tui_backprop.text.sentences import later, tr
from tui_backprop.tui.widgets.lines import Line, LinesView, Span

Element = tuple[int, ...]

CURSOR = ("▸", "◂")
HIGHLIGHT = ("‹", "›")
_MARKS = 2  # cells beside a number for the marks around it
_WIDEST = 13  # a number of six digits


class MatrixView(LinesView):
    """Shows an array of any number of axes; of more than two, one matrix at a time.

    The element under the cursor stands between ▸◂, highlighted ones between ‹›; the cursor on a highlighted
    one is ▸ in front and › behind. Arrows say on which sides there is more.

    Args:
        still: only to be looked at: no cursor and no focus, and the first highlighted element is in view.
    """

    DEFAULT_CSS = """
    MatrixView > .lines--cursor { background: $primary-muted; color: $text; text-style: bold; }
    MatrixView > .lines--highlight { color: $text-accent; text-style: bold; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--cursor", "lines--highlight"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1, 0)", later("Row up"), show=False),
        Binding("down", "move(1, 0)", later("Row down"), show=False),
        Binding("left", "move(0, -1)", later("Column to the left"), show=False),
        Binding("right", "move(0, 1)", later("Column to the right"), show=False),
        Binding("pageup", "page(-1)", later("Page up"), show=False),
        Binding("pagedown", "page(1)", later("Page down"), show=False),
        Binding("home", "end(False)", later("To the first of the row"), show=False),
        Binding("end", "end(True)", later("To the last of the row"), show=False),
        Binding("ctrl+home", "corner(False)", later("To the first element"), show=False),
        Binding("ctrl+end", "corner(True)", later("To the last element"), show=False),
        Binding("left_square_bracket", "slice(-1)", later("matrix before"), key_display="["),
        Binding("right_square_bracket", "slice(1)", later("next matrix"), key_display="]"),
    ]

    class ElementMoved(Message):
        """The cursor moved to this element: one index for each axis, from 0."""

        def __init__(self, element: Element) -> None:
            super().__init__()
            self.element = element

    class Stuck(Message):
        """An arrow led nowhere."""

        def __init__(self, reason: str) -> None:
            super().__init__()
            self.reason = reason

    def __init__(self, *, still: bool = False, **widget: Any) -> None:
        super().__init__(self._picture, **widget)
        self._still = still
        self.can_focus = not still
        self._label = ""
        self._array: Array = np.zeros(())
        self._highlight: npt.NDArray[np.bool_] | None = None
        self._cursor: Element = ()
        self._across = True
        self._top = self._left = 0

    def show_array(self, name: str, array: Array, highlight: npt.NDArray[np.bool_] | None = None) -> None:
        """Show an array; the cursor stays where it is in one of the same shape.

        Args:
            name: what it is called on the screen.
            array: of any shape.
            highlight: of the array's shape: which elements to mark.
        """
        if array.shape != self._array.shape:
            self._cursor = (0,) * array.ndim
            self._top = self._left = 0
            self.refresh_bindings()
        self._label, self._array, self._highlight = name, array, highlight
        if self._still and highlight is not None and highlight.any():
            self._cursor = tuple(np.argwhere(highlight)[0].tolist())
        self._layout()

    @property
    def cursor(self) -> Element:
        """The element under the cursor."""
        return self._cursor

    def move_to(self, element: Element) -> None:
        """Move the cursor, as near as the array allows; nothing is posted."""
        limits = zip(element, self._array.shape, strict=True)
        self._cursor = tuple(max(0, min(at, length - 1)) for at, length in limits)
        self._layout()

    # ------------------------------------------------------------------ the matrix that is seen

    def _matrix(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the two axes that are seen, as a view; a vector is a row where it fits, or a column."""
        if array.ndim == 1:
            return array[np.newaxis, :] if self._across else array[:, np.newaxis]
        return array[self._cursor[:-2]] if array.ndim > 2 else np.atleast_2d(array)

    @property
    def _place(self) -> tuple[int, int]:
        """The cursor's row and column."""
        if len(self._cursor) > 1:
            return self._cursor[-2], self._cursor[-1]
        at = self._cursor[0] if self._cursor else 0
        return (0, at) if self._across else (at, 0)

    def _element(self, row: int, column: int) -> Element:
        if len(self._cursor) > 1:
            return (*self._cursor[:-2], row, column)
        return (max(row, column),) if self._cursor else ()

    def on_resize(self) -> None:
        """Draw as much as fits into the new size."""
        self._layout()

    def on_focus(self) -> None:
        """Show that the keys go here."""
        self._layout()

    def on_blur(self) -> None:
        """Show that the keys go elsewhere."""
        self._layout()

    def _layout(self) -> None:
        self.heading = self._title_in(self.size.width - 2)
        super()._layout()

    def _title_in(self, width: int) -> str:
        """Write name, shape, place and exact value as far as they fit: a number cut off would be wrong."""
        if self._still or not self._array.size:
            leading = "".join(f"{at}, " for at in self._cursor[:-2])
            slice_ = f"  [{leading}:, :]" if leading else ""
            text = f"{self._label}  {shape_text(self._array.shape)}{slice_}"
            return text if self.charset.cells(text) <= width else self.charset.fit(self._label, width)
        value = float(self._array[self._cursor])
        at = f"{list(self._cursor)} = " if self._cursor else "= "
        texts = (
            f"{self._label}  {shape_text(self._array.shape)}  {at}{exact(value)}",
            f"{self._label}  {at}{exact(value)}",
            f"{self._label}  {at}{number(value)}",
            f"{at}{exact(value)}",
        )
        return next((text for text in texts if self.charset.cells(text) <= width), f"{at}{number(value)}")

    def _picture(self, width: int) -> list[Line]:
        """Lay out the part of the array that is visible."""
        height, array = self.size.height, self._array
        if not array.size:
            return [((tr("no elements"), "label"),)]
        self._across = array.ndim < 1 or (array.ndim == 1 and self._fits_across(width, height))
        matrix = self._matrix(array)
        rows, columns = matrix.shape
        row = self._place[0]
        headings = int(height > 1 and (array.ndim > 1 or columns > 1))
        page = max(1, height - headings)
        self._top = max(0, min(self._top, row, rows - page), row - page + 1)
        seen = range(self._top, min(self._top + page, rows))
        labels = 2 + len(str(rows - 1)) if array.ndim > 1 or rows > 1 else 0
        if labels + _MARKS + _WIDEST > width:
            labels = min(1, labels)  # room for an arrow only
        texts = self._columns_seen(matrix, seen, width - labels)
        return [
            *([self._headings(texts, labels, columns, width)] if headings else []),
            *(self._row(at, seen, texts, labels, rows) for at in seen),
        ]

    def _fits_across(self, width: int, height: int) -> bool:
        """Tell whether a vector has room as a row, with its indices above."""
        count = len(self._array)
        if height < 2 or count * (_MARKS + 1) > width:
            return False
        texts = (self._texts(self._array[np.newaxis, :], range(1), at, width) for at in range(count))
        return sum(_width(column, at) for at, column in enumerate(texts)) <= width - 1

    @staticmethod
    def _texts(matrix: Array, seen: range, column: int, width: int) -> list[str]:
        return [fitted(matrix[at, column], width - _MARKS) for at in seen]

    def _columns_seen(self, matrix: Array, seen: range, width: int) -> dict[int, list[str]]:
        """Return the numbers of the columns that fit, by column: the cursor's is among them."""
        width -= 1  # for the arrow to the right
        column, count = self._place[1], matrix.shape[1]
        self._left = min(self._left, column)
        found = self._taken(matrix, seen, range(self._left, count), width, width)
        if column not in found:
            found = self._taken(matrix, seen, range(column, -1, -1), width, width)
            found = found or {column: self._texts(matrix, seen, column, width)}
        elif count - 1 in found:  # there may be room for more in front
            room = width - sum(_width(texts, at) for at, texts in found.items())
            found |= self._taken(matrix, seen, range(self._left - 1, -1, -1), room, width)
        self._left = min(found)
        return dict(sorted(found.items()))

    def _taken(
        self, matrix: Array, seen: range, columns: range, room: int, width: int
    ) -> dict[int, list[str]]:
        """Return as many of these columns as there is room for."""
        found = {}
        for at in columns:
            texts = self._texts(matrix, seen, at, width)
            room -= _width(texts, at)
            if room < 0:
                break
            found[at] = texts
        return found

    def _headings(self, texts: dict[int, list[str]], labels: int, columns: int, width: int) -> Line:
        indices = "".join(f"{at:>{_width(column, at) - 1}} " for at, column in texts.items())
        left, right = min(texts) > 0, max(texts) < columns - 1
        sign = self.charset.sign
        line = (sign("←", "<") if left else " ").rjust(labels) + indices[not labels :]
        return ((line.ljust(width - 1)[: width - 1] + (sign("→", ">") if right else " "), "label"),)

    def _row(self, at: int, seen: range, texts: dict[int, list[str]], labels: int, rows: int) -> Line:
        spans: list[Span] = []
        if labels:
            above = at == seen[0] and at > 0
            below = at == seen[-1] and at < rows - 1
            mark = "↕" if above and below else "↑" if above else "↓" if below else " "
            spans.append((f"{mark}{at:>{labels - 2}} " if labels > 1 else mark, "label"))
        row, column = self._place
        chosen = self._matrix(self._highlight) if self._highlight is not None else None
        for place, column_texts in texts.items():
            text = column_texts[at - seen[0]]
            is_chosen = chosen is not None and bool(chosen[at, place])
            before, after = HIGHLIGHT if is_chosen else (" ", " ")
            part = "highlight" if is_chosen else ""
            if (at, place) == (row, column) and not self._still:
                front, back = self.charset.sign(CURSOR[0], "["), self.charset.sign(CURSOR[1], "]")
                before, after = front, after if is_chosen else back
                part = "cursor" if self.has_focus else "strong"
            spans.append(((before + text).rjust(_width(column_texts, place) - 1) + after, part))
        return tuple(spans)

    # ------------------------------------------------------------------ keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the keys for slices only where there are some."""
        return action != "slice" or self._array.ndim > 2

    def _go(self, element: Element) -> None:
        before = self._cursor
        if self._array.size:
            self.move_to(element)
        if self._cursor != before:
            self.post_message(self.ElementMoved(self._cursor))
        else:
            self.post_message(self.Stuck(self._why_stuck()))

    def _why_stuck(self) -> str:
        """Say why the cursor stays where it is."""
        if self._array.size < 2:
            return tr("one number: there is nowhere to go") if self._array.size else tr("no elements")
        if self._array.ndim == 1:
            arrows = "← →" if self._across else "↑ ↓"
            return tr("a vector has one axis: {arrows} go along it, to its ends", arrows=arrows)
        return tr("that is the last element in this direction")

    def action_move(self, rows: int, columns: int) -> None:
        """Move the cursor by rows and columns."""
        if not self._array.size:
            return
        row, column = self._place
        row_count, column_count = self._matrix(self._array).shape
        row, column = max(0, min(row + rows, row_count - 1)), max(0, min(column + columns, column_count - 1))
        self._go(self._element(row, column))

    def action_page(self, pages: int) -> None:
        """Move the cursor by as many rows as are visible; in a vector that is a row, to its end."""
        if self._array.ndim == 1 and self._across:
            self.action_move(0, pages * len(self._array))
        else:
            self.action_move(pages * max(1, self.size.height - 2), 0)

    def action_end(self, last: bool) -> None:
        """Go to the first or last element of the row; of a vector, whichever way it stands."""
        if self._cursor:
            self._go((*self._cursor[:-1], self._array.shape[-1] - 1 if last else 0))

    def action_corner(self, last: bool) -> None:
        """Go to the first or last element of all."""
        self._go(tuple(length - 1 if last else 0 for length in self._array.shape))

    def action_slice(self, matrices: int) -> None:
        """Go to the next matrix, or to the one before, over all leading axes in order."""
        leading = self._array.shape[:-2]
        place = int(np.ravel_multi_index(self._cursor[:-2], leading)) + matrices
        place = max(0, min(place, math.prod(leading) - 1))
        self._go((*(int(at) for at in np.unravel_index(place, leading)), *self._cursor[-2:]))


def _width(texts: list[str], column: int) -> int:
    """Return the cells that a column takes."""
    return _MARKS + max(len(str(column)), *(len(text) for text in texts))
