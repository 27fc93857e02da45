"""A list to choose from that takes any key or click at any time, also while its entries change."""

from __future__ import annotations

import contextlib
from typing import Self

from textual import events
from textual.widgets import OptionList
from textual.widgets.option_list import Option


class Options(OptionList):
    """Textual's list, which cannot go a page on before it has been laid out for the first time.

    What somebody chooses is what the screen showed: where the entries have changed since, it is nothing.
    """

    _stale = False

    def clear_options(self) -> Self:
        """Take all entries away; until the list is drawn anew, a click is on what is not there any more."""
        self._stale = True
        self.call_after_refresh(self._drawn)
        return super().clear_options()

    def _drawn(self) -> None:
        self._stale = False

    def place_of(self, option: Option, index: int) -> int | None:
        """Return the index that an entry was chosen at; None where it is not there any more."""
        here = index < self.option_count and self.get_option_at_index(index) is option
        return index if here else None

    def on_click(self, event: events.Click) -> None:
        """Let a click on an entry that has gone choose nothing; Textual would look for it."""
        clicked = event.style.meta.get("option")
        if clicked is not None and (self._stale or clicked >= self.option_count):
            event.prevent_default()

    def action_page_up(self) -> None:
        """Go a page up, as far as there are pages yet."""
        with contextlib.suppress(KeyError, IndexError):
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Go a page down, as far as there are pages yet."""
        with contextlib.suppress(KeyError, IndexError):
            super().action_page_down()  # type: ignore[no-untyped-call]

    def on_resize(self) -> None:
        """Keep what is highlighted in view, at whatever height."""
        self.call_after_refresh(self.scroll_to_highlight)
