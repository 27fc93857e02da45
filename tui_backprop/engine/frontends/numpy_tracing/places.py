"""Where in the user's program something happens, and which of its variables hold what."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.text.printable import printable

_NOT_THE_USERS = frozenset({"numpy", "tui_backprop"})
"""Packages whose frames are passed over, as Python's own are: a record is of the line that called them."""
_LIBRARY = f"{Path(os.__file__).parent}{os.sep}"
_INSTALLED = f"{_LIBRARY}site-packages{os.sep}"


class SourcePlace(NamedTuple):
    """A line of a file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{Path(self.file).name}:{self.line}"


class TraceError(BackpropError):
    """Something that a program does cannot be traced; the message begins with file and line."""


def users_frame() -> FrameType:
    """Return the innermost frame that is of the user's program."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and not is_users(frame):
        frame = frame.f_back
    assert frame is not None, "tracing is begun by a program"
    return frame


def is_users(frame: FrameType) -> bool:
    """Tell whether a frame is of the user's program."""
    file = frame.f_code.co_filename
    if file == "<string>" or file.startswith("<frozen "):  # such as the methods of a named tuple
        return False
    if file.startswith(_LIBRARY) and not file.startswith(_INSTALLED):
        return False
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] not in _NOT_THE_USERS


def users_place() -> SourcePlace:
    """Return the line of the user's program that is run."""
    frame = users_frame()
    return SourcePlace(frame.f_code.co_filename, frame.f_lineno)


def refuse(reason: str) -> TraceError:
    """Return the refusal of what the line that is run does."""
    return TraceError(f"{users_place()}: {printable(reason, 400)}")


Seen = Callable[[str, Any, int], None]
"""Is told that a variable of this name holds this, and how many calls deep."""


@contextmanager
def watching(seen: Seen, entered: Callable[[FrameType], None]) -> Iterator[None]:
    """Tell ``seen`` of the variables of the program's functions, after each line, and of each call before."""
    depth = 0

    def tell(frame: FrameType, own: int) -> None:
        for name, value in frame.f_locals.items():
            seen(name, value, own)
            if name == "self" and hasattr(value, "__dict__"):
                for attribute, held in vars(value).items():
                    seen(attribute, held, own)

    def called(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal depth
        if event != "call" or not is_users(frame):
            return None
        entered(frame)
        depth += 1
        own = depth

        def line(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal depth
            tell(frame, own)
            if event == "return":
                depth = own - 1
            return line

        return line

    before = sys.gettrace()
    sys.settrace(called)
    try:
        yield
    finally:
        sys.settrace(before)
