"""Choices that are remembered from one start to the next: theme and layout. Losing them is no error."""

from __future__ import annotations

import contextlib
import os
import tempfile
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path

from tui_backprop.lessons.confinement import confinement
from tui_backprop.training.files import write_whole


@dataclass
class Settings:
    """What is remembered."""

    theme: str = "textual-dark"
    scale: str = "linear"
    side: str = "model"


def settings_file() -> Path:
    """Return where the choices are kept."""
    from platformdirs import user_config_path, user_state_path

    place = user_config_path if confinement() is None else user_state_path  # where alone a login may write
    return place("tui-backprop") / "settings.json"


def load_settings() -> Settings:
    """Read the choices; whatever is missing or not usable is as at the first start."""
    settings = Settings()
    with contextlib.suppress(OSError, ValueError):
        text = settings_file().read_text(encoding="utf-8")
        import json  # not before there is something to read

        found = json.loads(text)
        if isinstance(found, dict):
            for name, default in asdict(settings).items():
                if isinstance(found.get(name), type(default)):
                    setattr(settings, name, found[name])
    return settings


def save_settings(settings: Settings) -> None:
    """Write the choices, whole or not at all."""
    import json

    with contextlib.suppress(OSError):
        write_whole(settings_file(), json.dumps(asdict(settings)))


def crash_file() -> str:
    """Write the traceback of the error being handled into a file of its own and return the path."""
    try:
        if confinement() is not None:
            return _last_crash()
        handle, name = tempfile.mkstemp(prefix="tui-backprop-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            traceback.print_exc(file=file)
    except OSError:
        return "no file, for none could be written"
    return name


def _last_crash() -> str:
    """Write the traceback into the one file that a restricted login has for it."""
    path = settings_file().with_name("crash.log")
    write_whole(path, traceback.format_exc(), folder_mode=0o700)
    return path.name
