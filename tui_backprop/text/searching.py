"""Text as it is searched: neither case nor how a letter is put together makes a difference."""

from __future__ import annotations

import unicodedata


def for_search(text: str) -> str:
    """Return a text to look words up in, or the words: Hangul is found in either normal form."""
    return text.casefold() if text.isascii() else unicodedata.normalize("NFC", text).casefold()
