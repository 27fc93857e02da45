"""Textual's command palette, for keys that come before its list has been laid out."""

from __future__ import annotations

import contextlib
import unicodedata
from typing import Any, ClassVar

from textual import on
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.command import Command, CommandList, CommandPalette, SearchIcon
from textual.content import Content
from textual.widgets import Input
from textual.widgets.option_list import Option

from tui_backprop.text.sentences import later, tr
from tui_backprop.tui.screens.overlay import LOW
from tui_backprop.tui.terminal.appearance import charset_of

LEAST = 20
"""Columns below which the palette is not opened."""


class BackpropPalette(CommandPalette):
    """The command palette; its list cannot go a page on while commands are still being gathered."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown", "page(1)", later("Next page"), show=False),
        Binding("pageup", "page(-1)", later("Previous page"), show=False),
    ]

    _NO_MATCHES_COUNTDOWN = 0.1  # type: ignore[misc]  # an empty list says nothing
    VERTICAL_BREAKPOINTS = LOW
    # Textual cannot wrap an entry to no cells, hence the least width
    DEFAULT_CSS = """
    BackpropPalette {
        & > Vertical { min-width: 20; }
        & CommandList { min-width: 20; }
        &.-low > Vertical { margin-top: 0; }
        &.ascii #--input { border-top: ascii $border; }
        &.ascii CommandList { border-bottom: ascii $border; }
    }
    """

    @on(Input.Changed)
    def _compose_hangul(self, event: Input.Changed) -> None:
        """Look for whole syllables: commands have them so, a terminal may send their parts."""
        if (composed := unicodedata.normalize("NFC", event.value)) != event.value:
            event.input.value = composed

    def _start_no_matches_countdown(self, search_value: str) -> None:
        """Say after a moment that nothing was found; Textual would say it in English."""
        self._stop_no_matches_countdown()

        def say() -> None:
            if search_value and (lists := self.query(CommandList)):
                nothing = Content(tr("No matches found")).stylize("not bold")
                lists.first().add_option(Option(nothing, disabled=True, id=self._NO_MATCHES))
            self._list_visible = bool(search_value)

        self._no_matches_timer = self.set_timer(self._NO_MATCHES_COUNTDOWN, say)

    def _refresh_command_list(
        self, command_list: CommandList, commands: list[Command], clear_current: bool
    ) -> None:
        """Show what was gathered, unless the palette was closed meanwhile and has no list any more."""
        if self.query(CommandList):
            super()._refresh_command_list(command_list, commands, clear_current)

    def on_mount(self) -> None:
        """Draw it in ASCII where there is nothing else."""
        if charset_of(self).ascii_only:
            self.query_one(SearchIcon).icon = ""
            self.add_class("ascii")

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Close, unless an earlier key of a fast succession has done so already."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()

    def action_page(self, pages: int) -> None:
        """Go a page down or up, as far as there are pages yet."""
        commands = self.query_one(CommandList)
        with contextlib.suppress(KeyError, IndexError):
            (commands.action_page_down if pages > 0 else commands.action_page_up)()  # type: ignore[no-untyped-call]
