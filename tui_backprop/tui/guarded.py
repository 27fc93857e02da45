"""What Textual's app can do with files, programs and the process, refused in a restricted login."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from textual.app import App

from tui_backprop.lessons.confinement import confinement
from tui_backprop.restricted import CPU_USED_UP

REFUSED = frozenset({"suspend_process", "screenshot", "open_url"})
"""Actions that a restricted login has not."""


class GuardedApp(App[None]):
    """An app that writes no file, starts no program and never stops while the process is confined."""

    @property
    def restricted(self) -> bool:
        """Whether this is a restricted login."""
        return confinement() is not None

    def refuses(self, action: str) -> bool:
        """Tell whether a restricted login has not got this action."""
        return self.restricted and action in REFUSED

    def leave_with(self, line: str) -> None:
        """Save and leave with a line; called by a signal's handler on the loop's own thread."""
        self.save_now()
        if self._loop is None or not self._loop.is_running():
            raise SystemExit(CPU_USED_UP)
        message = f"tui-backprop: {line}"
        self._loop.call_soon_threadsafe(partial(self.exit, None, CPU_USED_UP, message))  # wakes the loop up

    def save_now(self) -> None:
        """Write what must not be lost; the program is about to end."""

    def action_suspend_process(self) -> None:
        """Stop the process, unless nobody could wake it up."""
        if not self.restricted:
            super().action_suspend_process()

    @contextmanager
    def suspend(self) -> Iterator[None]:
        """Give the terminal away for a while, unless there is nobody to give it to."""
        if self.restricted:
            raise RuntimeError("a restricted login does not give its terminal away")
        with super().suspend():
            yield

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Open a link in a browser, which a restricted login has not got."""
        if not self.restricted:
            super().open_url(url, new_tab=new_tab)

    def save_screenshot(self, *args: Any, **options: Any) -> str:
        """Write a picture of the screen, unless this is a restricted login."""
        return "" if self.restricted else super().save_screenshot(*args, **options)

    def deliver_text(self, *args: Any, **options: Any) -> str | None:
        """Write a text into the downloads, unless this is a restricted login."""
        return None if self.restricted else super().deliver_text(*args, **options)

    def deliver_binary(self, *args: Any, **options: Any) -> str | None:
        """Write bytes into the downloads, unless this is a restricted login."""
        return None if self.restricted else super().deliver_binary(*args, **options)
