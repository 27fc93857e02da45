"""Visitors as the host knows them: a home folder each, named by nobody's cookie, and perhaps a name."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import unicodedata
from pathlib import Path

from tui_backprop.text.printable import is_safe

LONGEST_NAME = 60
NAME_FILE = "student.txt"


class Homes:
    """The home folders of all visitors.

    Args:
        folder: where they are, and are made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of(self, visitor: str) -> Path:
        """Return a visitor's home, whether or not it is there yet; its name does not give the cookie away."""
        return self.folder / hashlib.sha256(visitor.encode()).hexdigest()[:16]

    def made(self, visitor: str) -> Path:
        """Return a visitor's home, which is there.

        Raises:
            OSError: it cannot be made.
        """
        home = self.of(visitor)
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        return home

    def name(self, visitor: str) -> str:
        """Return what a visitor is called; "" where that is not known."""
        with contextlib.suppress(OSError):
            return clean_name((self.of(visitor) / NAME_FILE).read_text("utf-8", "replace")[:1000])
        return ""

    def rename(self, visitor: str, name: str) -> None:
        """Keep a visitor's name, whole or not at all.

        Raises:
            OSError: it cannot be written.
        """
        path = self.made(visitor) / NAME_FILE
        aside = path.with_name(f"{path.name}.{os.getpid()}")
        aside.write_text(f"{clean_name(name)}\n", encoding="utf-8")
        aside.replace(path)


def clean_name(text: str) -> str:
    """Return a name that may stand in tables and on a terminal; "" where nothing is left of it.

    Spaces become one, what controls a terminal goes, and so does what a spreadsheet would compute.
    """
    text = unicodedata.normalize("NFC", text)
    text = "".join(c if is_safe(c) else " " if c.isspace() else "" for c in text)
    text = re.sub(r"\s+", " ", text).strip().lstrip("=+-@ ")
    return text[:LONGEST_NAME].strip()
