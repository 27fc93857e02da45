"""The line where a prediction is typed, and above it what was said last: the verdict, or the newest hint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input, Static

from tui_backprop.text.charset import UNICODE
from tui_backprop.text.sentences import later, tr
from tui_backprop.tui.keys import REVEAL, REVEALS
from tui_backprop.tui.terminal.appearance import charset_of

if TYPE_CHECKING:
    from tui_backprop.explain.rows import Row


class Said(Static):
    """What was said last; it is as high as it needs to be, so that it is in sight."""

    def __init__(self, **widget: Any) -> None:
        super().__init__("", markup=False, **widget)

    def tell(self, row: Row | None) -> None:
        """Show a verdict as it is, a hint with its number; None shows nothing."""
        text = "" if row is None else " ".join(row.laid_out(10**6, "", UNICODE))
        if row is not None and row.label not in ("answer", tr("answer")):  # but a hint
            text = f"{tr(row.label)}: {text}"
        self.update(charset_of(self).spelled(text))
        self.set_class(bool(text), "asked")


class AnswerField(Input):
    """Where a prediction is typed; Enter answers, and with nothing typed asks for a hint."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", later("answer, or a hint")),
        Binding(REVEAL, "screen.command('reveal')", later("reveal"), key_display=REVEALS),
        Binding("escape", "screen.leave", later("leave"), key_display="Esc"),
        Binding("up", "typed_before(-1)", later("What was typed before"), show=False),
        Binding("down", "typed_before(1)", later("What was typed after it"), show=False),
        Binding("pageup", "scroll_question(-1)", later("Scroll up"), show=False),
        Binding("pagedown", "scroll_question(1)", later("Scroll down"), show=False),
    ]

    class Answered(Message):
        """An answer was typed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class ScrollWanted(Message):
        """The question is to be scrolled, so many pages down."""

        def __init__(self, pages: int) -> None:
            super().__init__()
            self.pages = pages

    def __init__(self, **field: Any) -> None:
        super().__init__(**field)
        self._typed: list[str] = []
        self._place = 0

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        """Hand the answer on; the field is empty again for the next one, or for Enter to give a hint."""
        event.stop()
        text = event.value.strip()
        if text and self._typed[-1:] != [text]:
            self._typed.append(text)
        self._place = len(self._typed)
        self.value = ""
        self.post_message(self.Answered(text))

    def action_typed_before(self, by: int) -> None:
        """Bring back what was typed before, or after that."""
        place = max(0, min(self._place + by, len(self._typed)))
        if place != self._place:
            self._place = place
            self.value = self._typed[place] if place < len(self._typed) else ""
            self.cursor_position = len(self.value)

    def action_scroll_question(self, pages: int) -> None:
        """Scroll the question while something is typed."""
        self.post_message(self.ScrollWanted(pages))
