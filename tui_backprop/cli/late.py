"""Commands that are imported when they are called, or listed: a start calls one of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module

import click


class LateCommands(MutableMapping[str, click.Command]):
    """Commands by name, in the order in which they were told; each is imported when it is asked for."""

    def __init__(self) -> None:
        self._commands: dict[str, str | click.Command] = {}

    def expect(self, homes: Mapping[str, str]) -> None:
        """Tell of commands elsewhere: by name where each is, below this package, as ``module:name``."""
        self._commands |= homes

    def __getitem__(self, name: str) -> click.Command:
        command = self._commands[name]
        if isinstance(command, str):
            module, _, attribute = command.partition(":")
            found: click.Command = getattr(import_module(f"tui_backprop.cli.{module}"), attribute)
            self._commands[name] = command = found
        return command

    def __contains__(self, name: object) -> bool:
        return name in self._commands

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._commands[name] = command

    def __delitem__(self, name: str) -> None:
        del self._commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._commands)

    def __len__(self) -> int:
        return len(self._commands)
