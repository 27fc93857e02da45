"""Where results are kept, and whose they are: a file for each course and student, beside the sessions."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

ENDING = ".results"
STUDENT = "TUI_BACKPROP_STUDENT"
"""The variable that names the student where no option does."""
MOST = 60
"""Characters of a student's name."""
_LONGEST = 80
"""Characters of a file's name, without its ending."""


def results_folder() -> Path:
    """Return where results are kept; raise an OSError where there is no home folder."""
    from platformdirs import user_state_path

    path = user_state_path("tui-backprop")
    if not path.is_absolute():
        raise OSError(2, tr("there is no home folder"))
    return path / "results"


def results_path(course: str, student: str) -> Path:
    """Return the file of a student in a course; raise an OSError where there is no home folder."""
    return results_folder() / f"{_as_file(course)}.{_as_file(student)}{ENDING}"


def _as_file(text: str) -> str:
    """Return a text as part of a file's name: letters and digits as they are, and a digest of all others."""
    plain = re.sub(r"[^\w-]+", "-", text)[: _LONGEST // 2]
    if plain == text:
        return plain
    return f"{plain}-{blake2b(text.encode(), digest_size=4).hexdigest()}"


def student_name(asked: str | None, environ: Mapping[str, str] = os.environ) -> str:
    """Return the student's name: the one asked for, else the variable's, else the login's.

    Raises:
        BackpropError: a name that was asked for is empty or too long.
    """
    given = asked if asked is not None else environ.get(STUDENT)
    if given is None:
        return cleaned(_login(environ)) or "student"
    name = cleaned(given)
    if not name or len(name) > MOST:
        where = "--student" if asked is not None else STUDENT
        raise BackpropError(
            tr("{option}: found {found}; a name has 1 to {most} characters",
               option=where, found=printable(given, 40) or "nothing", most=MOST)
        )  # fmt: skip
    return name


def cleaned(name: str) -> str:
    """Return a name composed, on one line, with no character that a terminal must not get."""
    return " ".join(printable(unicodedata.normalize("NFC", " ".join(name.split())), 10 * MOST).split())


def _login(environ: Mapping[str, str]) -> str:
    """Return the login's name, by its number: variables may say anything."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name[:MOST]
    except (ImportError, KeyError):
        return (environ.get("LOGNAME") or environ.get("USER") or "")[:MOST]
