"""How deep a formula is nested, counted from its text before a parser goes into it.

Python's own parsers differ from version to version in how deep they go. These limits are below what each
of them takes, so that a formula is read everywhere or nowhere.
"""

from __future__ import annotations

import re

from msgspec import Struct

from tui_backprop.text.sentences import later, tr

MAX_NESTING = 100
"""Brackets, signs and powers open at once, as in ``-(-(-(x)))``: a parser goes down a level for each."""
MAX_OPERATIONS = 2_000
"""Operations on one another's results, as in ``x + x + x``: the height of the tree."""

_TOKEN = (
    r"(?P<gap>[ \t\f]+|\\\n)"
    r"|(?P<operand>0[xXoObB]\w*|\.?\d(?:[eE][-+]?\d|[\w.])*|[^\W\d]\w*)"
    r"|(?P<attribute>\.[ \t]*[^\W\d]\w*)"
    r"|(?P<operator>\*\*|//|<<|>>|[=!<>:]=|[-+*/@%~&|^<>=])"
    r"|(?P<other>.|\n)"
)
"""Compiled where it is first used: most formulas are too short to be nested that deep."""
_SHORT = rf"(?=[^\n]{{0,{MAX_NESTING}}}\n)[^()\[\]{{}}\\\n]*(?:\([^()\[\]{{}}\\\n]*\)[^()\[\]{{}}\\\n]*)*\n"
"""A line that is none of several, and too short to hold what nests too deep."""
_PREFIX = {"lambda": 0, "not": 4, "await": 14}
_SIGN = 12
"""The precedence of a sign in front, between those of a product and of a power."""
_BINARY = {
    ":=": 0, "else": 0, "if": 1, "or": 2, "and": 3, "in": 5, "is": 5,
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), 5),
    "|": 6, "^": 7, "&": 8, "<<": 9, ">>": 9, "+": 10, "-": 10,
    **dict.fromkeys("*/@%", 11), "//": 11, "**": 13,
}  # fmt: skip
_TO_THE_RIGHT = {"else", "**"}
_OPENING, _CLOSING = "([{", ")]}"


class _Bracket(Struct):
    """What stands between two brackets so far: operations that wait for their right side, and heights."""

    applied: bool = False
    waiting: list[tuple[int, int, bool, int]] = []
    """Precedence, height of what stands on the left, whether it nests, and the offset."""
    height: int = 0
    highest: int = 0
    operand: bool = False


def excess(text: str) -> tuple[int, str] | None:
    """Tell where and by how much a text is nested deeper than it may be.

    Works through the tokens as an operator-precedence parser does, without recursion and without a tree.
    What is no formula at all is left to the parser, but counted as its grammar would nest it.

    Args:
        text: lines of the formula language without comments.

    Returns:
        The offset of the first token that is too deep and a sentence with what was found and the limit,
        or None.
    """
    if len(text) <= MAX_NESTING:
        return None
    scan, token, short = _Scan(), re.compile(_TOKEN), re.compile(_SHORT)
    place = 0
    while place < len(text):
        passed = short.match(text, place) if scan.is_between else None
        if passed is None and (passed := token.match(text, place)):
            scan.read(passed)
        place = passed.end() if passed else len(text)
    scan.finish()
    for at, found, sentence, limit in (
        (
            scan.nested_at,
            scan.nested,
            later(
                "found {found:,} brackets, signs and powers inside one another, deeper than the {limit:,} "
                "that are read; give parts of it names"
            ),
            MAX_NESTING,
        ),
        (
            scan.height_at,
            scan.height,
            later(
                "found {found:,} operations on one another's results, deeper than the {limit:,} "
                "that are read; give parts of it names"
            ),
            MAX_OPERATIONS,
        ),
    ):
        if at is not None:
            return at, tr(sentence, found=found, limit=limit)
    return None


class _Scan:
    """The brackets that are open, and the deepest place so far."""

    def __init__(self) -> None:
        self.open = [_Bracket()]
        self.inside = 0
        self.nested = self.height = 0
        self.nested_at: int | None = None
        self.height_at: int | None = None

    def read(self, token: re.Match[str]) -> None:
        at, text, bracket = token.start(), token[0], self.open[-1]
        kind = token.lastgroup
        if kind == "gap":
            return
        if kind == "attribute":
            self.tall(bracket, bracket.height + 1, at)
        elif text in _PREFIX or (kind == "operator" and not bracket.operand):
            self.wait(bracket, _PREFIX.get(text, _SIGN), nests=True, at=at)
        elif text in _BINARY:
            self.reduce(bracket, _BINARY[text] + (text in _TO_THE_RIGHT))
            self.wait(bracket, _BINARY[text], nests=text in _TO_THE_RIGHT, at=at)
        elif kind == "operand":
            bracket.operand, bracket.height = True, 0
        elif text in _OPENING:
            self.open.append(_Bracket(applied=bracket.operand))
            self.deepen(at)
        elif text in _CLOSING:
            self.close(at)
        elif text == ":":  # of a lambda, which goes on
            bracket.operand = False
        elif text != "\n" or len(self.open) == 1:  # a comma, an =, or a new line: another expression begins
            self.part(bracket)

    @property
    def is_between(self) -> bool:
        """Whether an expression has ended and the next one has not begun."""
        bracket = self.open[-1]
        return len(self.open) == 1 and not bracket.operand and not bracket.waiting

    def finish(self) -> None:
        """End what is still open."""
        for bracket in self.open:
            self.part(bracket)

    def wait(self, bracket: _Bracket, precedence: int, *, nests: bool, at: int) -> None:
        """Let an operation wait for what stands on its right."""
        bracket.waiting.append((precedence, bracket.height, nests, at))
        bracket.operand, bracket.height = False, 0
        if nests:
            self.deepen(at)

    def deepen(self, at: int) -> None:
        self.inside += 1
        if self.inside > self.nested:
            self.nested = self.inside
            if self.nested_at is None and self.inside > MAX_NESTING:
                self.nested_at = at

    def tall(self, bracket: _Bracket, height: int, at: int) -> None:
        bracket.height = height
        if height > self.height:
            self.height = height
            if self.height_at is None and height > MAX_OPERATIONS:
                self.height_at = at

    def reduce(self, bracket: _Bracket, precedence: int) -> None:
        """Apply what waits and binds as an operator of this precedence or tighter."""
        while bracket.waiting and bracket.waiting[-1][0] >= precedence:
            _, left, nests, at = bracket.waiting.pop()
            self.inside -= nests
            self.tall(bracket, max(left, bracket.height) + 1, at)

    def part(self, bracket: _Bracket) -> None:
        """End an expression; another may follow between the same brackets."""
        self.reduce(bracket, 0)
        bracket.highest = max(bracket.highest, bracket.height)
        bracket.operand, bracket.height = False, 0

    def close(self, at: int) -> None:
        if len(self.open) == 1:
            return  # which the parser refuses
        inner = self.open.pop()
        self.part(inner)
        self.inside -= 1
        bracket = self.open[-1]
        height = max(bracket.height if inner.applied else 0, inner.highest) + inner.applied
        bracket.operand = True
        self.tall(bracket, height, at)
