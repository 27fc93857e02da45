"""The screen's signs in ASCII, for terminals and locales that have no others: ``dL/dbeta`` for ``∂L/∂β``.

What comes out reads as a formula that may be typed: names in the lesson's spelling, ``*``, ``.T``, ``**2``.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from tui_backprop.text.spelling import GREEK
from tui_backprop.text.width import cells

_LETTERS = {shown: name for name, shown in GREEK.items() if not name.endswith("_")} | {"µ": "mu"}
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙₚₛₜ₊₋₍₎⁄", "0123456789ijklmnpst+-()/", strict=True))
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹ⁿᵗ⁻", "0123456789nt-", strict=True))
_ACCENTS = {"\u0302": "_hat", "\u0304": "_bar", "\u0303": "_tilde"}
SIGNS = {
    "∂": "d", "∇": "grad ", "∑": "sum", "√": "sqrt", "ᵀ": ".T", "∞": "inf",
    "∫": "integral ", "⌊": "floor(", "⌋": ")",
    "⊙": "*", "·": "*", "×": "x", "−": "-", "±": "+-", "≈": "~", "≤": "<=", "≥": ">=", "≠": "!=",
    "½": "1/2", "⅓": "1/3", "¼": "1/4", "¾": "3/4", "÷": "/", "⋅": "*", "∗": "*", "‖": "||", "⊤": ".T",
    "…": "...",
    "→": "->", "←": "<-", "↑": "^", "↓": "v", "↕": "|",
    "✓": "+", "✗": "x", "✎": "!", "•": "*", "▶": ">", "▷": "}", "›": ")", "‹": "(", "▸": "+", "◂": "<",
    "▾": "-", "▲": "^", "▼": "v", "◆": "P", "◇": "p", "□": "D", "■": "S", "●": "o", "○": "o",
    "␣": "Spc", "⏎": "Enter",
    "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "′": "'",
    "–": "-", "—": "--", "\u00a0": " ", "\u2800": " ",
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d",
    "━": "=", **dict.fromkeys("─╌┄┈▔", "-"), **dict.fromkeys("│┃", "|"), "┊": ":",
    **dict.fromkeys("┤├┬┴┼└┘┌┐╭╮╰╯╵╷╴╶", "+"),
    **dict(zip("▁▂▃▄▅▆▇█", "._-=+*%#", strict=True)),
}  # fmt: skip
"""What stands for a sign, wherever it is."""

_ROOT = re.compile(r"√([^\W\d][\w\u0300-\u036f]*|\d[\d.]*)")
_SUM = re.compile(r"Σ(?=[ᵢⱼₖₗₘₙₚₛₜ]| ?\w)")  # else it is what a lesson calls Sigma
_SUBSCRIPT = re.compile(f"([{''.join(_SUBSCRIPTS)}][{''.join(_SUBSCRIPTS)},]*(?<!,))")
_SUPERSCRIPT = re.compile(f"([{''.join(_SUPERSCRIPTS)}]+)")
_NAMED = re.compile(r"(?<![A-Za-z])(d?[^\W\d_])([\u0302-\u0304])(?![^\W\d_])")
_SEPARATOR = re.compile(r"(?<=[A-Za-z\d)?]) · (?=(?:Enter|Esc|arrows|iteration|loss|linear|log|epoch)\b)")
_MARK = re.compile(r"^·|·(?=$|  )")  # to come
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


def to_ascii(text: str) -> str:
    """Return a text with ASCII characters only; what has no spelling of its own becomes ``?``.

    An ASCII text is returned as it is, so that a text may come here twice. The result may be longer: it is
    to be measured, wrapped and cut afterwards.
    """
    return text if text.isascii() else _spell(text)


@lru_cache(4096)
def _spell(text: str) -> str:
    text = _MARK.sub(".", _SEPARATOR.sub(" - ", text))
    text = _ROOT.sub(r"√(\1)", unicodedata.normalize("NFC", text))
    text = _SUM.sub("sum", text.replace("∂", "d"))
    text = _SUBSCRIPT.sub(lambda match: "_" + match[1].translate(_SUBSCRIPT_TABLE), text)
    text = _SUPERSCRIPT.sub(lambda match: "**" + match[1].translate(_SUPERSCRIPT_TABLE), text)
    text = _NAMED.sub(lambda match: match[1] + _ACCENTS[match[2]], unicodedata.normalize("NFD", text))
    return _NOT_ASCII.sub(lambda match: "".join(map(_letter, match[0])), unicodedata.normalize("NFC", text))


_SUBSCRIPT_TABLE, _SUPERSCRIPT_TABLE = str.maketrans(_SUBSCRIPTS), str.maketrans(_SUPERSCRIPTS)


def _letter(character: str) -> str:
    """Spell one character: by name, or by what is left of it without accents and ligatures."""
    if (known := SIGNS.get(character) or _LETTERS.get(character)) is not None:
        return known
    plain = "".join(
        _LETTERS.get(part, part)
        for part in unicodedata.normalize("NFKD", character)
        if not unicodedata.combining(part)
    )
    return plain if plain.isascii() and (plain or unicodedata.combining(character)) else "?"


def in_place(text: str) -> str:
    """Return a text in ASCII with as many cells as before: for what has been laid out already.

    A sign whose spelling is longer is shown by the first character of it, or by ``?``.
    """
    return text if text.isascii() else _NOT_ASCII.sub(lambda match: _squeeze(match[0]), text)


@lru_cache(4096)
def _squeeze(text: str) -> str:
    squeezed = []
    for character in text:
        width = cells(character)
        if not width or unicodedata.category(character) == "Cf":
            continue
        if 0x2801 <= ord(character) <= 0x28FF:
            spelled = "*"  # dots of a chart
        else:
            spelled = _letter(character)
            if character in _LETTERS or not spelled:
                spelled = "?" * width  # the first letter of a name would be another name
        squeezed.append(spelled[:width].ljust(width))
    return "".join(squeezed)
