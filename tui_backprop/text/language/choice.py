"""Which languages there are, and which one a start speaks: the one asked for, else the locale's.

A language is a folder of catalogues and overlays named by its code: ``locale/ko/`` of the package, or one of
the user's own below ``XDG_DATA_HOME/tui-backprop/locale/``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from tui_backprop.text.sentences import ENGLISH

DOMAIN = "tui_backprop"
"""The name of the catalogues, gettext's way: ``CODE/LC_MESSAGES/tui_backprop.mo``."""
CATALOGUE = Path("LC_MESSAGES") / f"{DOMAIN}.mo"
CLICKS = f"{DOMAIN}_click"
OF_CLICK = Path("LC_MESSAGES") / f"{CLICKS}.mo"
"""What click says, by itself: its reader takes a whole file apart, at every start."""
PACKAGED = Path(__file__).parents[2] / "locale"


def folders() -> tuple[Path, ...]:
    """Return where languages are looked for: the package's first."""
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    return PACKAGED, Path(data) / "tui-backprop" / "locale"


def folder_of(code: str) -> Path | None:
    """Return a language's folder, or None where there is no such language."""
    if not (code.replace("_", "").isascii() and code.replace("_", "").isalnum()):
        return None
    for folder in folders():
        if os.path.isfile(folder / code / CATALOGUE):
            return folder / code
    return None


def languages() -> tuple[str, ...]:
    """Return the codes of all languages, English first."""
    found = {path.parent.parent.name for folder in folders() for path in folder.glob(f"*/{CATALOGUE}")}
    return ENGLISH, *sorted(found - {ENGLISH})


def of_locale(environ: Mapping[str, str]) -> str:
    """Return the language that the locale asks for, as gettext reads it; English where that is not here.

    ``LANGUAGE`` is a list that goes first, unless the locale is C; then ``LC_ALL``, ``LC_MESSAGES`` and
    ``LANG``, of which the first that is set decides.
    """
    set_ones = (environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name))
    locale = next(set_ones, "C")
    if _code(locale) in ("C", "POSIX"):
        return ENGLISH
    for asked in (*environ.get("LANGUAGE", "").split(":"), locale):
        code = _code(asked)
        for known in (code, code.partition("_")[0]):
            if known == ENGLISH or (known and folder_of(known) is not None):
                return known
    return ENGLISH


def _code(locale: str) -> str:
    """Return ``ko_KR`` of ``ko_KR.UTF-8@modifier``."""
    return locale.partition("@")[0].partition(".")[0]


def take_language(words: list[str]) -> tuple[str | None, list[str]]:
    """Take ``--lang CODE`` or ``--lang=CODE`` out of a command line, wherever it stands before a ``--``.

    Returns:
        The last code given, empty where a value is missing, or None; and the other words.
    """
    asked: str | None = None
    rest: list[str] = []
    left = iter(words)
    for word in left:
        if word == "--":
            return asked, [*rest, word, *left]
        if word == "--lang":
            asked = next(left, "")
        elif word.startswith("--lang="):
            asked = word.removeprefix("--lang=")
        else:
            rest.append(word)
    return asked, rest
