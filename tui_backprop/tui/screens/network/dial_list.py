"""A list of dials: up and down choose one, left and right turn it, and what is typed sets it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.network.checking import DialProblem
from tui_backprop.lessons.network.dials import Dials
from tui_backprop.lessons.network.turning import DialRow, dial_rows
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.width import cells, head
from tui_backprop.tui.widgets.lines import Line, LinesView

LABEL = 15
"""Columns of the names."""
NAMES = (
    later("dataset"), later("size"), later("noise"), later("features"), later("loss"), later("initializer"),
    later("batch"), later("validation"), "l1", "l2", later("optimizer"), later("learning rate"),
    later("iterations"), later("seed"),
)  # fmt: skip
"""Dials that are called by their field."""
_TYPED = frozenset("0123456789.,_eE+-")
LONGEST = 40
"""Characters that can be typed."""


class DialList(LinesView):
    """Dials, one of which is chosen.

    Args:
        dials: what they stand at.
        problems: tells what cannot work about dials.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", later("dial above"), show=False),
        Binding("down", "move(1)", later("dial below"), show=False),
        Binding("pageup", "move(-8)", later("further up"), show=False),
        Binding("pagedown", "move(8)", later("further down"), show=False),
        Binding("home", "move(-999)", later("first dial"), show=False),
        Binding("end", "move(999)", later("last dial"), show=False),
        Binding("left,minus", "turn(-1)", later("turn back"), show=False),
        Binding("right,plus", "turn(1)", later("turn on"), show=False),
        Binding("enter", "enter", later("build"), show=False),
        Binding("backspace", "erase", later("erase"), show=False),
    ]

    class DialTurned(Message):
        """A dial stands elsewhere, another one is chosen, or something is being typed."""

    class Built(Message):
        """The network is to be built."""

    def __init__(
        self, dials: Dials, problems: Callable[[Dials], Sequence[DialProblem]], **widget: Any
    ) -> None:
        super().__init__(**widget)
        self.dials = dials
        self._problems = problems
        self._rows = dial_rows(dials)
        self._at = 0
        self._typing: str | None = None
        self.refusal = ""

    @property
    def chosen(self) -> DialRow:
        """The dial that is chosen."""
        return self._rows[self._at]

    @property
    def typing(self) -> bool:
        """Whether something is being typed."""
        return self._typing is not None

    def forget_typing(self) -> None:
        """Put the value back that is being typed over."""
        self._typing, self.refusal = None, ""
        self._told()

    def on_mount(self) -> None:
        """Show the dials."""
        self.show(self._laid_out)

    def _laid_out(self, width: int) -> Sequence[Line]:
        problems = self._problems(self.dials)
        return [
            self._line(place, row, any(row.has(problem) for problem in problems), width)
            for place, row in enumerate(self._rows)
        ]

    def _line(self, place: int, row: DialRow, faulty: bool, width: int) -> Line:
        here = place == self._at
        typing = here and self._typing is not None
        bad = faulty or (here and bool(self.refusal))
        sign = "✗" if bad else "▶" if here else " "
        label = f"{sign} {self.charset.pad(tr(row.label), LABEL)}"
        value = f"{self._typing}_" if typing else f"◂ {row.value} ▸" if here else f"  {row.value}"
        part = "bad" if bad else "strong" if here else ""
        shown = head(value, max(width - cells(label), 1))
        return ((label, "strong" if here else "label"), (shown, part))

    def _told(self) -> None:
        self._rows = dial_rows(self.dials)
        self._at = min(self._at, len(self._rows) - 1)
        self._layout()
        top, height = self.scroll_offset.y, max(self.scrollable_content_region.height, 1)
        if not top <= self._at < top + height:
            self.scroll_to(y=self._at if self._at < top else self._at - height + 1, animate=False)
        self.post_message(self.DialTurned())

    # ------------------------------------------------------------------ keys

    def action_move(self, by: int) -> None:
        """Choose another dial; what is typed is set first, and stays to be mended where it cannot be."""
        if self._set_typed():
            self._at = min(max(self._at + by, 0), len(self._rows) - 1)
            self._told()

    def action_turn(self, by: int) -> None:
        """Turn the dial by a notch; while something is typed, + and − belong to it."""
        if self._set_typed():
            self.dials = self.chosen.turned(by)
            self._told()

    def action_erase(self) -> None:
        """Erase the last sign typed, or begin to type over the value."""
        if self._typing:
            self._type(self._typing[:-1])
        elif self._typing is None:
            self._type(self.chosen.value[:-1])

    def action_enter(self) -> None:
        """Set what is typed; otherwise have the network built."""
        if self._typing is None:
            self.post_message(self.Built())
        elif self._set_typed():
            self._told()

    def on_key(self, event: events.Key) -> None:
        """Type a value: digits and letters begin one."""
        sign = event.character if event.is_printable else None
        begins = sign is not None and ((sign.isascii() and sign.isalnum()) or sign == ".")
        goes_on = self._typing is not None and sign is not None and (sign in _TYPED or sign == " ")
        if sign is not None and (begins or goes_on):
            event.stop()
            event.prevent_default()  # which turns the dial
            self._type((self._typing or "") + sign)

    def _type(self, text: str) -> None:
        self._typing = text[:LONGEST]
        self.refusal = ""
        try:
            self.chosen.typed(self._typing)
        except LessonError as error:
            self.refusal = str(error)
        self._told()

    def _set_typed(self) -> bool:
        """Set what is typed; tell whether that was possible."""
        if self._typing is None:
            return True
        try:
            self.dials = self.chosen.typed(self._typing)
        except LessonError as error:
            self.refusal = str(error)
            self._told()
            return False
        self._typing, self.refusal = None, ""
        self._rows = dial_rows(self.dials)
        return True
