"""Keyboards set to another script: which of the keys that the app knows stands where somebody pressed.

A terminal sends characters, not places. On a keyboard set to Hangul or Cyrillic the key of s sends another
one, and does here what s does. Where text is typed nobody asks.
"""

from __future__ import annotations

PLACES = "qwertyuiop[]asdfghjkl;'zxcvbnm,."
"""The keys as a US keyboard has them, row by row; each layout has its characters at the same places."""
LAYOUTS = {
    "Hangul": "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ[]ㅁㄴㅇㄹㅎㅗㅓㅏㅣ;'ㅋㅌㅊㅍㅠㅜㅡ,.",
    "Hangul, shifted": "ㅃㅉㄸㄲㅆㅛㅕㅑㅒㅖ[]ㅁㄴㅇㄹㅎㅗㅓㅏㅣ;'ㅋㅌㅊㅍㅠㅜㅡ,.",
    "Russian": "йцукенгшщзхъфывапролджэячсмитьбю",
    "Ukrainian": "йцукенгшщзхїфівапролджєячсмитьбю",
    "Greek": ";ςερτυθιοπ[]ασδφγηξκλ;'ζχψωβνμ,.",
}
"""No two of them have a letter at different places."""
# What one syllable, or one sign of two letters, is put together from: Unicode's order of Hangul.
_INITIALS = tuple("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")
_MEDIALS_IN_ORDER = "ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅗㅏ ㅗㅐ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅔ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ"
_FINALS_IN_ORDER = (
    "ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ"
)
_MEDIALS = tuple(_MEDIALS_IN_ORDER.split())
_FINALS = ("", *_FINALS_IN_ORDER.split())
_PAIRS = {"ㅘ": "ㅗㅏ", "ㅙ": "ㅗㅐ", "ㅚ": "ㅗㅣ", "ㅝ": "ㅜㅓ", "ㅞ": "ㅜㅔ", "ㅟ": "ㅜㅣ", "ㅢ": "ㅡㅣ"}
_FIRST_SYLLABLE, _LAST_SYLLABLE = 0xAC00, 0xD7A3


def keys_at(character: str) -> str:
    """Return the keys that stand where a character was typed: several for a Hangul syllable, "" for none.

    An input method hands over what was composed of several keys in one go.
    """
    if len(character) != 1 or character.isascii():
        return ""
    code = ord(character)
    if _FIRST_SYLLABLE <= code <= _LAST_SYLLABLE:
        initial, rest = divmod(code - _FIRST_SYLLABLE, len(_MEDIALS) * len(_FINALS))
        medial, final = divmod(rest, len(_FINALS))
        letters = _INITIALS[initial] + _MEDIALS[medial] + _FINALS[final]
    else:
        letters = _PAIRS.get(character, character)
    return "".join(map(_key_at, letters))


def _key_at(letter: str) -> str:
    """Return the key of one letter, upper case where it is; "" where no layout has it."""
    for name, characters in LAYOUTS.items():
        if letter in characters:
            key = PLACES[characters.index(letter)]
            return key.upper() if name.endswith("shifted") else key
        if letter.lower() in characters:
            return PLACES[characters.index(letter.lower())].upper()
    return ""
