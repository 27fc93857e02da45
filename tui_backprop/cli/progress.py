"""A progress bar on stderr, and rows on stdout that go above it."""

from __future__ import annotations

import shutil
import sys
import time

import click

from tui_backprop.text.sentences import tr


class ProgressBar:
    """A progress bar on stderr, where that is a terminal; rows printed meanwhile go above it."""

    def __init__(self, length: int, label: str | None = None) -> None:
        self.visible = sys.stderr.isatty() and length > 0
        self.shared = self.visible and sys.stdout.isatty()
        label = label or tr("training")
        self.bar = click.progressbar(length=length, file=sys.stderr, label=label, hidden=not self.visible)
        self.drawn = 0.0

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *error: object) -> None:
        self.clear()

    def begin(self, length: int) -> None:
        """Set how long it will be, where that was not known before."""
        self.bar.length = length

    def left(self, count: int) -> None:
        """Move the bar on to where so many are left of those that there were when this was said first."""
        length = max(self.bar.length or 0, count)
        self.begin(length)
        self.reach(length - count)

    def reach(self, done: int) -> None:
        """Move the bar on to where so many are done."""
        self.advance(done - self.bar.pos)

    def advance(self, iterations: int) -> None:
        """Move the bar on; draw it at most ten times a second."""
        if self.visible:
            self.bar.make_step(iterations)
            if time.monotonic() - self.drawn > 0.1:
                self.bar.render_progress()
                self.drawn = time.monotonic()

    def clear(self) -> None:
        """Take the bar off its line, and bring back the cursor, which drawing it has hidden."""
        if self.visible and self.drawn:
            blank = " " * (shutil.get_terminal_size().columns - 1)
            click.echo(f"\r{blank}\r\x1b[?25h", nl=False, err=True)

    def echo(self, line: str) -> None:
        """Print a row, above the bar where both share a terminal."""
        if self.shared:
            self.clear()
        click.echo(line)
