"""Textual's command palette, for keys that come before its list has been laid out."""

from __future__ import annotations

import contextlib
from typing import Any, ClassVar

from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.command import CommandList, CommandPalette, SearchIcon

from tui_backprop.tui.screens.overlay import LOW


class Palette(CommandPalette):
    """The command palette; its list cannot go a page on while commands are still being gathered."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown", "page(1)", "Next page", show=False),
        Binding("pageup", "page(-1)", "Previous page", show=False),
    ]

    VERTICAL_BREAKPOINTS = LOW
    DEFAULT_CSS = """
    Palette {
        &.-low > Vertical { margin-top: 0; }
        &.ascii #--input { border-top: ascii $border; }
        &.ascii CommandList { border-bottom: ascii $border; }
    }
    """

    def on_mount(self) -> None:
        """Draw it in ASCII where there is nothing else."""
        if getattr(self.app, "ascii_only", False):
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
