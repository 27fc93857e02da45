"""Screens that ask for a line of text: a refusal stands below it, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui_backprop.engine.errors import printable
from tui_backprop.explain.text import spelled
from tui_backprop.tui.screens.overlay import Overlay
from tui_backprop.tui.snapshot import Snapshot
from tui_backprop.tui.widgets.options import Options


class ChoiceList(Options):
    """A list below the line; what can be done with an entry is the screen's to say."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("delete,backspace", "remove", "Delete", show=False),
        Binding("space", "select", "Choose", show=False),
    ]

    class Removed(Message):
        """An entry is to go."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def action_remove(self) -> None:
        """Ask for the entry to go."""
        if self.highlighted is not None:
            self.post_message(self.Removed(self.highlighted))


class AskScreen(Overlay[None]):
    """A line to type and, where there is something to choose from, a list below it.

    Args:
        snapshot: what the app shows.
        initial: what stands in the line to begin with.
    """

    DEFAULT_CSS = """
    AskScreen {
        & .box { max-width: 100; min-width: 20; }
        & #ask-message { height: auto; max-height: 8; color: $text-muted; margin-top: 1; }
        & #ask-message.refused { color: $text-error; }
        & #ask-list { height: auto; max-height: 12; border: none; background: $surface; margin-top: 1; }
        &.-low #ask-message { max-height: 3; margin-top: 0; }
        &.-low #ask-list { max-height: 3; margin-top: 0; }
    }
    """
    OPENED_BY: ClassVar[str]
    HEADING: ClassVar[str]
    PLACEHOLDER: ClassVar[str]
    HELP: ClassVar[str] = ""
    OWN_KEYS: ClassVar[frozenset[str]] = frozenset({"space"})

    def __init__(self, snapshot: Snapshot, initial: str = "") -> None:
        super().__init__(self.OPENED_BY)
        self.snapshot = snapshot
        self._initial = initial
        self._entries: Sequence[str] = ()

    def compose(self) -> ComposeResult:
        """Put the line above, what it may be below it, and the list last."""
        with Vertical(id="ask-box", classes="box"):
            yield Input(self._initial, placeholder=spelled(self.PLACEHOLDER), compact=True, id="ask-line")
            yield Static(spelled(self.HELP), id="ask-message", markup=False)
            yield ChoiceList(id="ask-list", markup=False)

    def on_mount(self) -> None:
        """Start in the line, its text selected, so that typing replaces it."""
        self.query_one("#ask-box").border_title = Content(spelled(self.HEADING))
        self.line.focus()
        self.update(self.snapshot)

    @property
    def line(self) -> Input:
        """The line that is typed."""
        return self.query_one("#ask-line", Input)

    def update(self, snapshot: Snapshot) -> None:
        """Show the entries that there are now; the one that was highlighted stays so."""
        self.snapshot = snapshot
        entries = tuple(self.entries(snapshot))
        if entries == self._entries and self.is_mounted:
            self.query_one(ChoiceList).display = bool(entries)
            return
        self._entries = entries
        choices = self.query_one(ChoiceList)
        at = choices.highlighted or 0
        choices.clear_options()
        choices.add_options([Option(Content(spelled(printable(entry, 300)))) for entry in entries])
        choices.display = bool(entries)
        if entries:
            choices.highlighted = min(at, len(entries) - 1)
        elif choices.has_focus:
            self.line.focus()

    def entries(self, snapshot: Snapshot) -> Sequence[str]:
        """Return what the list shows."""
        return ()

    def answered(self, text: str) -> None:
        """Do what the line says."""

    def chosen(self, index: int) -> None:
        """Do what an entry of the list stands for."""

    def say(self, text: str, *, refused: bool = False) -> None:
        """Show a message below the line."""
        message = self.query_one("#ask-message", Static)
        message.set_class(refused, "refused")
        message.update(spelled(printable(f"✗ {text}" if refused else text, 600)))

    def refuse(self, reason: str) -> None:
        """Say why what was typed cannot be used; it stays in the line."""
        self.say(reason, refused=True)
        self.line.focus()

    def accept(self, text: str) -> None:
        """Note that what was typed is done."""
        self.leave()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.answered(event.value.strip())

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.query_one("#ask-message").has_class("refused"):
            self.say(self.HELP)
        self.typed(event.value)

    def typed(self, text: str) -> None:
        """React to every change of the line."""

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.chosen(event.option_index)

    def key_down(self, event: events.Key) -> None:
        """Go from the line to the list."""
        choices = self.query_one(ChoiceList)
        if self.line.has_focus and choices.display:
            event.stop()
            choices.focus()

    def key_up(self, event: events.Key) -> None:
        """Go back to the line from the top of the list."""
        choices = self.query_one(ChoiceList)
        if choices.has_focus and not choices.highlighted:
            event.stop()
            self.line.focus()
