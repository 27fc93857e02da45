"""A list to choose from that takes any key at any time."""

from __future__ import annotations

import contextlib

from textual.widgets import OptionList


class Options(OptionList):
    """Textual's list, which cannot go a page on before it has been laid out for the first time."""

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
