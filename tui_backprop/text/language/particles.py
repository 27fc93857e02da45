"""Korean particles: which of 은/는, 이/가, 을/를, 과/와, 으로/로 follows a text, by the sound of its end.

The first of the two follows a final consonant, the second a vowel; 으로 gives way to 로 after ㄹ as well.
What is not written in Hangul is read as mathematics classes read it: 3 삼, 10 십, L 엘, β 베타, x² 엑스 제곱,
ŷ 와이 햇.
"""

from __future__ import annotations

import re
import unicodedata

_SILENT = "\"'`’”)]}>›»」』】,.:;…|‖"
"""What is not read: what closes stands behind the word that it closes."""
_DIGITS = dict(zip("0123456789", "ㅇㄹ ㅁ  ㄱㄹㄹ ", strict=True))
"""The final consonants of 영, 일, 이, 삼, 사, 오, 육, 칠, 팔, 구."""
_ROUND = ((12, " "), (8, "ㄱ"), (4, "ㄴ"), (3, "ㄴ"), (2, "ㄱ"), (1, "ㅂ"))
"""Those of 조, 억, 만, 천, 백, 십, by zeros at least."""
_LETTERS = dict(zip("lmnr", "ㄹㅁㄴㄹ", strict=True))
"""Those of letters' names; all others end with a vowel."""
_GREEK = dict.fromkeys("εουΕΟΥ", "ㄴ")
_SIGNS = {"′": "ㅁ", "̂": "ㅅ", "²": "ㅂ", "³": "ㅂ", "√": "ㅌ", "=": "ㄴ", "%": " ", "∞": " ", "°": " "}
"""프라임, 햇, 제곱, 세제곱, 루트, 는(은), 퍼센트, 무한대, 도."""
_FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_ENDINGS = (
    (re.compile(r"[aeiouy]?ng$"), "ㅇ"), (re.compile(r"(l|le)$"), "ㄹ"), (re.compile(r"(m|me)$"), "ㅁ"),
    (re.compile(r"(n|ne)$"), "ㄴ"), (re.compile(r"(^|[^aeiou])[aeiou](ck|c|k)$|ic$|ook$"), "ㄱ"),
    (re.compile(r"(^|[^aeiou])[aeiou][pb]$"), "ㅂ"), (re.compile(r"(^|[^aeiou])[aeou]t$|out$|et$"), "ㅅ"),
)  # fmt: skip
"""English endings that are read with a final consonant in Korean: back 백, step 스텝, out 아웃, mean 민."""


def is_choice(spec: str) -> bool:
    """Tell whether a placeholder's format is a choice of particles, such as ``은/는``."""
    return re.fullmatch(r"[가-힣]+/[가-힣]+", spec) is not None


def with_particle(text: str, choice: str) -> str:
    """Return a text with the particle that follows it.

    Args:
        text: what stands before it; an empty one takes the second.
        choice: both forms, the one after a consonant first: ``을/를``.
    """
    after_consonant, _, after_vowel = choice.partition("/")
    final = final_consonant(text)
    rieul = after_consonant.startswith("으") and after_vowel.startswith("로") and final == "ㄹ"
    return text + (after_vowel if final == " " or rieul else after_consonant)


def final_consonant(text: str) -> str:
    """Return the consonant that a text's reading ends with, such as ㄹ, or a space for a vowel."""
    text = unicodedata.normalize("NFD", text.rstrip(_SILENT + " "))
    text = unicodedata.normalize("NFC", text) if text and text[-1] != "̂" else text
    if not text:
        return " "
    last = text[-1]
    if "가" <= last <= "힣":
        return _FINALS[(ord(last) - ord("가")) % 28]
    if last in _SIGNS:
        return _SIGNS[last]
    if last.isascii() and last.isdigit():
        return _number(text)
    if last.isascii() and last.isalpha():
        return _word(re.search(r"[A-Za-z]+$", text)[0])  # type: ignore[index]
    return _GREEK.get(last, " ")


def _number(text: str) -> str:
    number = re.search(r"[0-9][0-9,]*$", text)[0].replace(",", "")  # type: ignore[index]
    fraction = text[: -len(number)].endswith((".", "e-", "e+", "e"))
    zeros = len(number) - len(number.rstrip("0"))
    if zeros and not fraction and zeros < len(number):
        return next(sound for least, sound in _ROUND if zeros >= least)
    return _DIGITS[number[-1]]


def _word(word: str) -> str:
    lower = word.lower()
    if len(word) == 1 or not re.search("[aeiouy]", lower) or word.isupper():
        return _LETTERS.get(lower[-1], " ")
    return next((sound for ending, sound in _ENDINGS if ending.search(lower)), " ")
