"""What is typed: the command and what follows it, in Latin letters or in Hangul on the same keys."""

from __future__ import annotations

import re

from tui_backprop.debugger.command import Command
from tui_backprop.debugger.commands import BY_WORD, look_up
from tui_backprop.debugger.session import DebugSession
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.text.language.keyboard import typed_keys
from tui_backprop.text.sentences import tr

_WORD = re.compile(r"([A-Za-z]+|[?/0-9])(?:\s+(.*)|)", re.DOTALL)


def read_command(session: DebugSession, text: str) -> tuple[Command, str]:
    """Return the command of a line, and what follows its word as it was typed.

    Raises:
        BackpropError: there is no such command.
    """
    match = _WORD.fullmatch(text)
    if session.secret and text[0] in "0123456789+-.[−":  # an answer, and no panel's number
        run = session.call("continue")
        raise BackpropError(tr("no factor is asked for now; {run} goes to the next question", run=run))
    if match is None and "=" in text:
        raise BackpropError(
            tr("found no command; set NAME=VALUE sets a hyperparameter, whatif NAME=VALUE puts in")
        )
    word, _, rest = text.partition(" ")
    command = look_up(match[1] if match is not None else word, session.trainer.graph.named)
    return command, ((match[2] or "") if match is not None else rest).strip()


def is_command(session: DebugSession, text: str) -> bool:
    """Tell whether a line is a command although a factor is asked for."""
    names = session.trainer.graph.named
    first, _, rest = text.partition(" ")
    match = _WORD.fullmatch(text if first in names else f"{typed_keys(first)} {rest}".strip())
    known = match is not None and match[1] in BY_WORD and match[1] not in names and match[1] != "4"
    return known and not (match is not None and match[1].isdecimal())
