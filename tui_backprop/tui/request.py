"""What the screen's thread asks of the one that trains."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct

from tui_backprop.debugger.command import Command
from tui_backprop.debugger.replies import Replies
from tui_backprop.debugger.session import DebugSession

TELL_AFTER = 0.3
"""Seconds after which a long computation is announced."""
Action: TypeAlias = Callable[[DebugSession], Replies]


class Request(Struct, frozen=True):
    """Something to do with the session.

    Attributes:
        action: does it, and yields the replies.
        live: whether a run goes on afterwards.
        source: names the field or the command that a refusal belongs to.
        shows: whether the panels have to be drawn anew afterwards.
        argument: of a command, what is behind its word.
    """

    action: Action
    live: bool = False
    source: str = ""
    shows: bool = True
    argument: str = ""


def _nothing(session: DebugSession) -> Replies:
    return iter(())


STOP = Request(_nothing)
"""Do nothing: a run is to stop."""
SHOW = Request(_nothing, live=True)
"""Do nothing: somebody wants to see where the trainer is."""


def _find_remarks(session: DebugSession) -> Replies:
    session.find_remarks()
    return iter(())


FIND_REMARKS = Request(_find_remarks, live=True)
"""Look for what is almost surely not meant; not before the first screen, and not while keys wait."""


def telling(tell: Callable[[], object], over: Callable[[], bool]) -> Callable[[], bool]:
    """Return what a long computation asks: whether it is over. After a while the user is told of it, once."""
    begun, told = time.monotonic(), False

    def should_stop() -> bool:
        nonlocal told
        if not told and time.monotonic() - begun > TELL_AFTER:
            told = True
            tell()
        return over()

    return should_stop


def request(command: Command, argument: str = "") -> Request:
    """Return what asks for a command; one that only looks while a run goes on changes no panel."""
    do = command.do
    if do is None:
        raise ValueError(f"{command.name} is the screen's to do")
    shows = command.changes or not command.live
    return Request(lambda session: do(session, argument), command.live, command.name, shows, argument)
