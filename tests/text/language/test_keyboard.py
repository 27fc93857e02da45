"""Hangul as it is typed on the standard keyboard, against that keyboard's rows as KS X 5002 draws them."""

from __future__ import annotations

import unicodedata

import pytest

from tui_backprop.text.language.keyboard import typed_keys

ROWS = (
    ("qwertyuiop", "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ"),
    ("asdfghjkl", "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ"),
    ("zxcvbnm", "ㅋㅌㅊㅍㅠㅜㅡ"),
    ("QWERTOP", "ㅃㅉㄸㄲㅆㅒㅖ"),
)
"""The keys, row by row, and those that Shift changes."""
JOINED = {
    "ㅘ": "ㅗㅏ", "ㅙ": "ㅗㅐ", "ㅚ": "ㅗㅣ", "ㅝ": "ㅜㅓ", "ㅞ": "ㅜㅔ", "ㅟ": "ㅜㅣ", "ㅢ": "ㅡㅣ",
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ",
    "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
}  # fmt: skip
"""Those that take two keys."""
FIRST, VOWELS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ", "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
LAST = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")


def pressed(jamo: str) -> str:
    """Return the keys of jamo by the rows above."""
    keys = {one: key for row, letters in ROWS for key, one in zip(row, letters, strict=True)}
    return "".join(keys[part] for one in jamo for part in JOINED.get(one, one))


def test_every_key_of_the_keyboard():
    assert len({one for _, letters in ROWS for one in letters}) == 33
    for row, letters in ROWS:
        assert typed_keys(letters) == row


def test_every_syllable_composed_and_not():
    for place in range(11_172):
        jamo = FIRST[place // 588] + VOWELS[place % 588 // 28] + LAST[place % 28]
        assert typed_keys(chr(0xAC00 + place)) == pressed(jamo), jamo
    every = "".join(chr(0xAC00 + place) for place in range(11_172))
    assert typed_keys(unicodedata.normalize("NFD", every)) == typed_keys(every)


@pytest.mark.parametrize(
    ("hangul", "latin"),
    [
        ("누", "sn"), ("ㅗ디ㅔ", "help"), ("ㄴㅅ데", "step"), ("ㅡ", "m"), ("ㄲ", "R"), ("ㅆ", "T"),
        ("ㅔ갸ㅜㅅ", "print"), ("뭉", "and"), ("ﾾ", "g"), ("n 3", "n 3"), ("β̂ = 기", "β̂ = rl"), ("", ""),
    ],
)  # fmt: skip
def test_words_typed_in_the_wrong_mode(hangul, latin):
    assert typed_keys(hangul) == latin
