"""Signs of mathematics as what they mean in Python, with the places of both: ``Xᵀ·w²`` is ``X.T*w**2``.

A version of a name, such as ``z.1``, is no name of Python's; while it is parsed, a letter stands for its dot.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final

from msgspec import Struct

VERSION_DOT: Final = "\ua78f"
"""A letter as high as a dot, for the dot of a version."""
_VERSION = r"(?<![\w.])[^\W\d]\w*(?:\.\d+)+"
_PLAIN: Final = {
    "·": "*", "×": "*", "⋅": "*", "⊙": "*", "∗": "*", "−": "-", "÷": "/",
    "≤": "<=", "≥": ">=", "≠": "!=", "ᵀ": ".T", "⊤": ".T",
}  # fmt: skip
_FRACTIONS: Final = {"½": "0.5", "¼": "0.25", "¾": "0.75"}
_BARS: Final = {"|": "abs(", "‖": "norm("}
_RAISED: Final = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_POWER = "⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+"
_SIGNS: Final = frozenset([*_PLAIN, *_FRACTIONS, *_BARS, "√", *"⁻⁰¹²³⁴⁵⁶⁷⁸⁹"])
_BEFORE_OPERANDS: Final = frozenset({"return", "in", "and", "or", "not", "if", "else"})


class Translation(Struct, frozen=True):
    """Text that Python can parse, line by line that of the text before.

    Attributes:
        text: the lines.
        anchors: for lines with other columns, by their number from 0: columns here, and the same ones there.
    """

    text: str
    anchors: dict[int, tuple[list[int], list[int]]]

    def column(self, row: int, column: int) -> int:
        """Return the column, from 0, that a column of a line had before."""
        if row not in self.anchors:
            return column
        here, there = self.anchors[row]
        at = bisect_right(here, column) - 1
        # inside what stands for a sign, all is at the sign
        return min(there[at] + column - here[at], there[at + 1] if at + 1 < len(there) else 1 << 30)


def translated(text: str) -> Translation:
    """Put Python's signs in the place of those of mathematics."""
    if not _SIGNS.isdisjoint(text) or re.search(_VERSION, text):
        rows, anchors = [], {}
        for number, row in enumerate(text.split("\n")):
            scan = _Row(row)
            rows.append("".join(scan.out))
            if len(scan.here) > 1:
                anchors[number] = (scan.here, scan.there)
        return Translation("\n".join(rows), anchors)
    return Translation(text, {})


def version_name(identifier: str) -> str:
    """Return a name with the dots of its version."""
    return identifier.replace(VERSION_DOT, ".")


class _Row:
    """One line as it is translated."""

    def __init__(self, row: str) -> None:
        self.row, self.out = row, list[str]()
        self.length = 0
        self.here, self.there = [0], [0]
        self.bars: list[str] = []
        self.last = ""
        dots = {match.start() + at for match in re.finditer(_VERSION, row)
                for at, character in enumerate(match[0]) if character == "."}  # fmt: skip
        if not dots and _SIGNS.isdisjoint(row):
            self.out = [row]
            return
        at = 0
        while at < len(row):
            character = row[at]
            if at in dots:
                at = self.put(VERSION_DOT, at, 1)
            elif character in _SIGNS:
                at = self.sign(character, at)
            else:
                at = self.put(character, at, 1)

    def put(self, text: str, at: int, length: int) -> int:
        """Write what stands for a piece of the line, and return where the line goes on."""
        self.out.append(text)
        self.length += len(text)
        if text.strip():
            self.last = text
        if len(text) != length:
            self.here.append(self.length)
            self.there.append(at + length)
        return at + length

    def sign(self, character: str, at: int) -> int:
        if character in _PLAIN:
            return self.put(_PLAIN[character], at, 1)
        power = re.compile(_POWER).match(self.row, at)
        if power and self.after_operand():
            return self.put(f"**{power[0].translate(_RAISED)}", at, len(power[0]))
        if character in _FRACTIONS and not self.after_operand():
            number = _FRACTIONS[character]
            return self.put(f"{number}*" if self.operand_follows(at + 1) else number, at, 1)
        if character == "√":
            return self.root(at)
        if character in _BARS:
            if not self.after_operand():
                self.bars.append(character)
                return self.put(_BARS[character], at, 1)
            if self.bars and self.bars[-1] == character:
                self.bars.pop()
                return self.put(")", at, 1)
        return self.put(character, at, 1)  # which the parser refuses

    def root(self, at: int) -> int:
        """Write a root of what follows: parentheses, a name or a number."""
        follows = re.compile(r" *(?:(\()|(\d+\.?\d*|[^\W\d]\w*))").match(self.row, at + 1)
        if follows is None:
            return self.put("√", at, 1)
        if follows[1]:
            return self.put("sqrt", at, 1)
        whole = follows[2]
        operand = whole
        for place, character in enumerate(whole):
            if character in _SIGNS:
                operand = whole[:place]
                break
        at = self.put("sqrt(", at, 1)
        at = self.put(operand, at, follows.start(2) - at + len(operand))
        return self.put(")", at, 0)

    def after_operand(self) -> bool:
        """Tell whether what stands before is an operand, so that an operator may follow."""
        last = self.last[-1:]
        if last.isalnum() or last == "_":
            word = re.search(r"\w*$", "".join(self.out[-12:]).rstrip())
            return not (word and word[0] in _BEFORE_OPERANDS)
        return last in (")", "]", "}", ".") and bool(last)

    def operand_follows(self, at: int) -> bool:
        """Tell whether an operand begins next, which a fraction multiplies."""
        rest = self.row[at:].lstrip(" ")[:1]
        return bool(rest) and (rest.isalnum() or rest in "_(√|‖") and rest not in "ᵀ⁰¹²³⁴⁵⁶⁷⁸⁹"
