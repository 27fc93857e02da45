"""The keys in the last line: those that fit, the more important first, and none of them cut off."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from tui_backprop.explain.text import cells


class KeyFooter(Footer):
    """A footer that leaves out what there is no room for; help has all keys."""

    _composed_width = 0

    def compose(self) -> ComposeResult:
        """Offer the keys in order, as long as there is room."""
        self._composed_width = self.app.size.width
        room = self._composed_width - 1
        for widget in super().compose():
            if isinstance(widget, FooterKey):
                room -= cells(widget.key_display) + cells(widget.description) + 2
                if room < -1:  # the last one needs no space behind it
                    return
            yield widget

    def on_resize(self) -> None:
        """Use the room there is now."""
        if self._composed_width != self.app.size.width:
            self.refresh(recompose=True)
