"""What a command is: its words for plain mode, its key for the app, its help, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TypeAlias, TypedDict, Unpack

from msgspec import Struct

from tui_backprop.debugger.replies import Replies
from tui_backprop.debugger.session import DebugSession

Handler: TypeAlias = Callable[[DebugSession, str], Replies]
"""Does a command in a session, given what was typed behind its word."""


class Need(Enum):
    """What a command acts on, where that may be missing."""

    PAST = "past"
    UNDOABLE = "undoable"
    REDOABLE = "redoable"


class Key(Struct, frozen=True):
    """A command's key in the app.

    Attributes:
        keys: the keys, as Textual names them.
        label: what the footer says.
        footer: its rank among the keys in the footer, from 1 on; 0 where it does not stand there.
        shown: the keys as people write them; made from ``keys`` when empty.
        help: what help says of it where the key does it otherwise than the word, such as in a panel.
        everywhere: whether the key does it in text fields and over open screens as well.
    """

    keys: str
    label: str
    footer: int = 0
    shown: str = ""
    help: str = ""
    everywhere: bool = False

    @property
    def text(self) -> str:
        """The keys for people."""
        return self.shown or self.keys.replace(",", " ")


class Command(Struct, frozen=True):
    """Something that can be done.

    Attributes:
        name: what it is called; its first word where it can be typed.
        words: all its words and letters; unique beginnings of the words will do as well. None where it is
            about the screen.
        help: what it does, on one line.
        do: does it in a session, given what was typed behind the word. None where a front end does it alone.
        arguments: what may follow, as help shows it.
        example: a line that can be typed in some lesson.
        more: what else there is to say.
        moves: whether an empty line repeats it.
        changes: whether it may change the training; one that only looks can be given up anywhere.
        reads: whether what is typed behind the word is read as a formula, so that a refusal names a column.
        block: whether lines that follow, up to an empty one, belong to it where none stands behind its word.
        live: whether a run goes on meanwhile, where there is one.
        key: its key in the app.
        needs: what it acts on.
        offered_by: the command whose key offers it, where it has none of its own.
    """

    name: str
    words: tuple[str, ...]
    help: str
    do: Handler | None = None
    arguments: str = ""
    example: str = ""
    more: str = ""
    moves: bool = False
    changes: bool = True
    reads: bool = False
    block: bool = False
    live: bool = False
    key: Key | None = None
    needs: Need | None = None
    offered_by: str = ""

    @property
    def usage(self) -> str:
        """All its words, and what may follow."""
        return ", ".join(self.words) + (f" {self.arguments}" if self.arguments else "")

    @property
    def key_help(self) -> str:
        """What its key does, on one line."""
        return (self.key.help if self.key is not None else "") or self.help


class Details(TypedDict, total=False):
    """What a command may have besides what each has; see :class:`Command`."""

    arguments: str
    more: str
    moves: bool
    changes: bool
    reads: bool
    block: bool
    live: bool
    key: Key
    needs: Need
    offered_by: str


def typed(words: str, do: Handler | None, what: str, example: str, **details: Unpack[Details]) -> Command:
    """Return a command that can be typed; its first word is its name."""
    first, *rest = words.split()
    return Command(first, (first, *rest), what, do, example=example, **details)


def on_screen(name: str, what: str, key: Key) -> Command:
    """Return a command that is about the app's screen alone."""
    return Command(name, (), what, key=key)
