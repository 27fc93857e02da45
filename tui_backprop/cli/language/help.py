"""Help in the language that is spoken: its sentences are looked up when it is shown, and wrapped by cells."""

from __future__ import annotations

import inspect
from collections.abc import Iterable

import click

from tui_backprop.text.charset import UNICODE
from tui_backprop.text.sentences import ENGLISH, spoken, tr
from tui_backprop.text.width import cells


class WideFormatter(click.HelpFormatter):
    """Help whose letters may take two cells, which click counts as one."""

    def write_text(self, text: str) -> None:
        """Write paragraphs, each wrapped on its own."""
        margin = " " * self.current_indent
        paragraphs = text.split("\n\n")
        for number, paragraph in enumerate(paragraphs):
            words = " ".join(paragraph.replace("\b", "").split())
            for line in UNICODE.wrap(words, self.width - self.current_indent):
                self.write(f"{margin}{line}\n")
            if number < len(paragraphs) - 1:
                self.write("\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write names and what they are, in two columns."""
        margin = " " * self.current_indent
        rows = list(rows)
        widest = max((cells(name) for name, _ in rows), default=0)
        column = min(widest, col_max) + col_spacing
        room = max(self.width - column - self.current_indent, 10)
        for name, text in rows:
            lines = list(UNICODE.wrap(text, room)) if text else [""]
            if cells(name) > column - col_spacing:
                self.write(f"{margin}{name}\n{margin}{' ' * column}{lines[0]}\n")
            else:
                self.write(f"{margin}{UNICODE.pad(name, column)}{lines[0]}".rstrip() + "\n")
            for line in lines[1:]:
                self.write(f"{margin}{' ' * column}{line}\n")


class WideContext(click.Context):
    """A context whose help is written by cells."""

    formatter_class = WideFormatter


def said(command: click.Command) -> click.Command:
    """Return a command whose help is in the language that is spoken, whatever it was written in."""
    if spoken() == ENGLISH:
        return command
    command.context_class = WideContext
    for text in ("help", "short_help", "epilog"):
        if found := getattr(command, text):
            setattr(command, text, tr(inspect.cleandoc(found)))
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.help:
            parameter.help = tr(parameter.help)
    return command
