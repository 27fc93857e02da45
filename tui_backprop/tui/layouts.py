"""Keyboards set to another script: which of the keys that the app knows stands where somebody pressed.

A terminal sends characters, not places. On a keyboard set to Hangul or Cyrillic the key of s sends another
one, and does here what s does. Where text is typed nobody asks.
"""

from __future__ import annotations

from tui_backprop.text.language.keyboard import typed_keys

PLACES = "qwertyuiop[]asdfghjkl;'zxcvbnm,."
"""The keys as a US keyboard has them, row by row; each layout has its characters at the same places."""
LAYOUTS = {
    "Russian": "йцукенгшщзхъфывапролджэячсмитьбю",
    "Ukrainian": "йцукенгшщзхїфівапролджєячсмитьбю",
    "Greek": ";ςερτυθιοπ[]ασδφγηξκλ;'ζχψωβνμ,.",
}
"""No two of them have a letter at different places."""


def keys_at(character: str) -> str:
    """Return the keys that stand where a character was typed: several for a Hangul syllable, "" for none.

    An input method hands over what was composed of several keys in one go.
    """
    if len(character) != 1 or character.isascii():
        return ""
    hangul = typed_keys(character)
    return hangul if hangul.isascii() else _key_at(character)


def _key_at(letter: str) -> str:
    """Return the key of one letter, upper case where it is; "" where no layout has it."""
    for characters in LAYOUTS.values():
        if letter.lower() in characters:
            key = PLACES[characters.index(letter.lower())]
            return key if letter in characters else key.upper()
    return ""
