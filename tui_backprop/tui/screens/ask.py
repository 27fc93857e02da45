"""Screens that ask for a line of text: a refusal stands below it, and nothing that was typed is lost."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui_backprop.debugger.commands import BY_NAME
from tui_backprop.debugger.replies import Accepted, Reply
from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr
from tui_backprop.tui.messages import Requested
from tui_backprop.tui.request import request
from tui_backprop.tui.screens.overlay import Overlay
from tui_backprop.tui.widgets.options import Options


class ChoiceList(Options):
    """A list below the line; what can be done with an entry is the screen's to say."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("delete,backspace", "remove", later("Delete"), show=False),
        Binding("space", "select", later("Choose"), show=False),
    ]

    class Removed(Message):
        """An entry is to go."""

        def __init__(self, option: Option, index: int) -> None:
            super().__init__()
            self.option, self.index = option, index

    def action_remove(self) -> None:
        """Ask for the entry to go."""
        if self.highlighted is not None:
            option = self.get_option_at_index(self.highlighted)
            self.post_message(self.Removed(option, self.highlighted))


class AskScreen(Overlay):
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
    HEADING: ClassVar[str]
    PLACEHOLDER: ClassVar[str]
    HELP: ClassVar[str] = ""
    NAMED: ClassVar[Mapping[str, str]] = {}
    """The values of heading and help, such as what a key is called."""
    TYPES = True
    LINE: ClassVar[type[Input]] = Input
    OWN_KEYS: ClassVar[frozenset[str]] = frozenset({"space"})

    def __init__(self, snapshot: Snapshot, initial: str = "") -> None:
        super().__init__()
        self.snapshot = snapshot
        self._initial = initial
        self._entries: Sequence[str] = ()

    @classmethod
    def on_snapshot(cls, snapshot: Snapshot | None, selected: Node | None) -> Self | None:
        """Return the screen, with what it can guess already in its line."""
        return None if snapshot is None else cls(snapshot, cls.guess(snapshot, selected))

    @classmethod
    def guess(cls, snapshot: Snapshot, selected: Node | None) -> str:
        """Return what stands in the line to begin with."""
        return ""

    def compose(self) -> ComposeResult:
        """Put the line above, what it may be below it, and the list last."""
        spelled = self.charset.spelled
        with Vertical(id="ask-box", classes="box"):
            placeholder = spelled(tr(self.PLACEHOLDER))
            yield self.LINE(self._initial, placeholder=placeholder, compact=True, id="ask-line")
            yield Static(spelled(self.help), id="ask-message", markup=False)
            yield ChoiceList(id="ask-list", markup=False)

    def opened(self) -> None:
        """Start in the line, its text selected, so that typing replaces it."""
        self.query_one("#ask-box").border_title = Content(
            self.charset.spelled(tr(self.HEADING, **self.NAMED))
        )
        self.line.focus()
        self.update(self.snapshot)
        self.watch(self.app.screen_stack[0], "snapshot", self._follow, init=False)

    def _follow(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None:
            self.update(snapshot)

    @property
    def help(self) -> str:
        """What stands below the line."""
        return tr(self.HELP, **self.NAMED)

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
        texts = (self.charset.spelled(printable(entry, 300)) for entry in entries)
        choices.add_options([Option(Content(text)) for text in texts])
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

    def removed(self, index: int) -> None:
        """Do what deleting an entry of the list stands for."""

    def say(self, text: str, *, refused: bool = False) -> None:
        """Show a message below the line."""
        message = self.query_one("#ask-message", Static)
        message.set_class(refused, "refused")
        message.update(self.charset.spelled(printable(f"✗ {text}" if refused else text, 600)))

    def refuse(self, source: str, reason: str) -> bool:
        """Say why what was typed cannot be used; it stays in the line."""
        if source != self.OPENED_BY:
            return False
        self.say(reason, refused=True)
        self.line.focus()
        return True

    def take(self, source: str, reply: Reply) -> bool:
        """Note that what was typed is done."""
        if source != self.OPENED_BY or not isinstance(reply, Accepted):
            return False
        self.accept(reply.text)
        return True

    def ask(self, argument: str) -> None:
        """Have the command done that opened this."""
        self.post_message(Requested(request(BY_NAME[self.OPENED_BY], argument)))

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
        if (shown := printable(event.value, sys.maxsize)) != event.value:
            self.line.value = shown  # control characters of a paste, which the line itself would show
            return
        if self.query_one("#ask-message").has_class("refused"):
            self.say(self.help)
        self.typed(event.value)

    def typed(self, text: str) -> None:
        """React to every change of the line."""

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if (place := self.query_one(ChoiceList).place_of(event.option, event.option_index)) is not None:
            self.chosen(place)

    @on(ChoiceList.Removed)
    def _removed(self, event: ChoiceList.Removed) -> None:
        event.stop()
        if (place := self.query_one(ChoiceList).place_of(event.option, event.index)) is not None:
            self.removed(place)

    def on_key(self, event: events.Key) -> None:
        """Type a letter into the line also from the list; to the app behind it means nothing here."""
        typed = event.character if event.is_printable else None
        if typed is not None and event.key not in self.OWN_KEYS and not self.line.has_focus:
            event.stop()
            event.prevent_default()
            self.line.focus()
            self.line.insert_text_at_cursor(typed)

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
