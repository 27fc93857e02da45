"""The language of a start: ``--lang`` wherever it stands, else the locale's, if the terminal can show it."""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path

from tui_backprop.text.language.speaking import speak
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import ENGLISH, later, tr

OWN_NAME = later("English")
"""A language's name in itself: its translation shows what letters it needs."""


def choose_language() -> str | None:
    """Speak the language that the command line or the locale asks for, and take ``--lang`` out of the former.

    Returns:
        What is wrong with what was asked for, as a line, or None.
    """
    from tui_backprop.text.language.choice import languages, of_locale, take_language

    asked, sys.argv[1:] = take_language(sys.argv[1:])
    code = of_locale(os.environ) if asked is None else asked
    try:
        speak(code)
    except LookupError:
        if asked is None:  # a damaged catalogue, of which the locale knows nothing
            return None
        if code in languages():
            return tr("--lang: the catalogue of {language} is damaged, or cannot be read", language=code)
        return tr("--lang: found {found}; it must be one of {languages}",
                  found=printable(repr(code), 40), languages=", ".join(languages()))  # fmt: skip
    if code == ENGLISH and asked is None:
        return None
    try:
        tr(OWN_NAME).encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        speak(ENGLISH)
        return None
    os.environ["LANGUAGE"] = code  # click's own sentences are looked up by it, and by processes of ours
    if code != ENGLISH:
        _lend_to_click(code)
    return None


def _lend_to_click(code: str) -> None:
    """Have what click says itself, by gettext's default domain, be looked up in a catalogue of ours."""
    import gettext

    from tui_backprop.text.language.choice import CLICKS, DOMAIN, OF_CLICK, PACKAGED, folder_of

    folder = folder_of(code)
    domain = CLICKS if folder and (folder / OF_CLICK).exists() else DOMAIN
    if folder and folder.parent != PACKAGED and not _serves_click(domain, folder):
        return
    gettext.bindtextdomain(domain, str(folder.parent) if folder else None)
    gettext.textdomain(domain)


def _serves_click(domain: str, folder: Path) -> bool:
    """Tell whether Python's reader, which click asks, can read a user's own catalogue, and all in it fits."""
    import gettext

    from tui_backprop.text.language.fitting import fitting

    try:
        found = gettext.translation(domain, str(folder.parent), [folder.name])
        found.ngettext("", "", 1)
    except (OSError, ValueError, ArithmeticError, LookupError, RecursionError, struct.error):
        return False
    pairs = getattr(found, "_catalog", {}).items()  # as the reader keeps them, all Pythons alike
    return all(
        fitting(text, f"{key[0] if isinstance(key, tuple) else key}{{count}}") == text != ""
        for key, text in pairs
        if key
    )
