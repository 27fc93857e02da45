"""Choices that are remembered from one start to the next: theme and layout. Losing them is no error."""

from __future__ import annotations

import contextlib
import os
import tempfile
import traceback
from pathlib import Path

from msgspec import Struct
from msgspec.structs import asdict

from tui_backprop.lessons.limits import OPEN, Sandbox
from tui_backprop.sessions.files import write_whole
from tui_backprop.text.sentences import tr

ALL_FACTORS = "all"
"""The choice of all factors; otherwise those that lead to data only are passed over."""


class Choices(Struct):
    """What is remembered."""

    theme: str = "textual-dark"
    scale: str = "linear"
    side: str = "model"
    factors: str = "leading"
    picture: str = ""


def choices_file(sandbox: Sandbox = OPEN) -> Path:
    """Return where the choices are kept."""
    from platformdirs import user_config_path, user_state_path

    place = user_state_path if sandbox.confined else user_config_path  # where alone a login may write
    return place("tui-backprop") / "settings.json"


def load_choices(sandbox: Sandbox = OPEN) -> Choices:
    """Read the choices; whatever is missing or not usable is as at the first start."""
    choices = Choices()
    with contextlib.suppress(OSError, ValueError):
        text = choices_file(sandbox).read_text(encoding="utf-8")
        import json  # not before there is something to read

        found = json.loads(text)
        if isinstance(found, dict):
            for name, default in asdict(choices).items():
                if isinstance(found.get(name), type(default)):
                    setattr(choices, name, found[name])
    return choices


def save_choices(choices: Choices, sandbox: Sandbox = OPEN) -> None:
    """Write the choices, whole or not at all."""
    import json

    with contextlib.suppress(OSError):
        write_whole(choices_file(sandbox), json.dumps(asdict(choices)))


def crash_file(sandbox: Sandbox = OPEN) -> str:
    """Write the traceback of the error being handled into a file of its own and return the path.

    A restricted login is told the file's name alone.
    """
    try:
        if sandbox.confined:
            return _last_crash(sandbox)
        handle, name = tempfile.mkstemp(prefix="tui-backprop-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            traceback.print_exc(file=file)
    except OSError:
        return tr("no file, for none could be written")
    return name


def _last_crash(sandbox: Sandbox) -> str:
    """Write the traceback into the one file that a restricted login has for it."""
    path = choices_file(sandbox).with_name("crash.log")
    write_whole(path, traceback.format_exc(), folder_mode=0o700)
    return path.name
