"""The language of a start: ``--lang`` wherever it stands, else the locale's, if the terminal can show it."""

from __future__ import annotations

import os
import sys

from tui_backprop.text.language.speaking import speak
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
        return tr("--lang: found {found!r}; it must be one of {languages}",
                  found=code, languages=", ".join(languages()))  # fmt: skip
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

    from tui_backprop.text.language.choice import CLICKS, DOMAIN, OF_CLICK, folder_of

    folder = folder_of(code)
    domain = CLICKS if folder and (folder / OF_CLICK).exists() else DOMAIN
    gettext.bindtextdomain(domain, str(folder.parent) if folder else None)
    gettext.textdomain(domain)
