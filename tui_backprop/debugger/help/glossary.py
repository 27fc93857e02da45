"""What the words on the screen mean: an entry for every label of an explanation, and for the terms used."""

from __future__ import annotations

import unicodedata

from tui_backprop.debugger.help.entry import Entry
from tui_backprop.debugger.help.labels import LABELS
from tui_backprop.debugger.help.nets import NETS
from tui_backprop.debugger.help.terms import TERMS

ENTRIES = (*LABELS, *TERMS, *NETS)
"""Every word that is explained."""


def find(term: str) -> list[Entry]:
    """Return the entries of a word: those that have it, or else those with a word that begins like it.

    Words of the language that is spoken are known as well as the English ones, whatever their spaces.
    """
    wanted = _plain(term)
    if not wanted:
        return []
    named = [entry for entry in ENTRIES if wanted in map(_plain, entry.names)]
    return named or [e for e in ENTRIES if any(_plain(word).startswith(wanted) for word in e.names)]


def explains(label: str) -> bool:
    """Tell whether a label of an explanation has an entry of its own."""
    return any(label in entry.words for entry in ENTRIES)


def _plain(word: str) -> str:
    """Return a word without capitals; in Hangul spaces do not count."""
    text = unicodedata.normalize("NFC", " ".join(word.lower().split()))
    return text if text.isascii() else text.replace(" ", "")
