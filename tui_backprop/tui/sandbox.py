"""What Textual's app can do with files, programs and the process, refused in a restricted login."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from textual.app import App

from tui_backprop.lessons.limits import Sandbox

REFUSED = frozenset({"suspend_process", "screenshot", "open_url"})
"""Actions that a restricted login has not."""


class SandboxedApp(App[None]):
    """An app that writes no file, starts no program and never stops where its sandbox confines."""

    sandbox: Sandbox

    @property
    def restricted(self) -> bool:
        """Whether this is a restricted login."""
        return self.sandbox.confined

    def refuses(self, action: str) -> bool:
        """Tell whether a restricted login has not got this action."""
        return self.restricted and action.removeprefix("app.") in REFUSED

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
