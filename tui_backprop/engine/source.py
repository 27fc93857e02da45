"""Formula text with Python's tree of it, and the places of both: a refusal points at what it found."""

from __future__ import annotations

import ast
import keyword
import re
import textwrap
import warnings

from tui_backprop.engine.errors import FormulaError, is_safe, printable

MAX_TEXT = 500_000
"""Characters in one formula; ten thousand nodes fit many times over."""
MAX_LINES = 20_000
MAX_LINE = 20_000
"""Characters in one line: finding a place in a line takes time that grows with the line's length."""

_COMMENT = re.compile(r"#[^\n]*")
_FOREIGN = re.compile(r"[\"';]")
_MANY_DIGITS = re.compile(r"\d[\d_]{600,}")
_WORD = re.compile(r"[^\W\d]\w*")
_LIKELY_NAMES = frozenset(keyword.kwlist) - {"and", "or", "not", "if", "else", "in", "is", "for"}
_LINE = "a line is name = expression, such as y = w * x + b"
_TOO_DEEP = "nested deeper than Python's parser takes; give parts of it names"


class Source:
    """Text in the formula language; lines and columns are those of the text as it was given, counted from 1.

    Args:
        text: a whole formula, or with ``single`` one expression, in which line breaks count as spaces.
        single: whether it is one expression.
    """

    def __init__(self, text: str, single: bool = False) -> None:
        if len(text) > MAX_TEXT:
            raise FormulaError(f"the formula has {len(text):,} characters; at most {MAX_TEXT:,} are read")
        self.given = text.replace("\r\n", "\n").replace("\r", "\n")
        self.single = single
        if self.given.count("\n") >= MAX_LINES:
            raise FormulaError(f"the formula has more than {MAX_LINES:,} lines", MAX_LINES + 1, 1)
        longest = self.given if single else max(self.given.split("\n"), key=len)
        if len(longest) > MAX_LINE:
            what = "the expression" if single else "a line"
            place = self._at_offset(self.given.index(longest))
            raise FormulaError(
                f"{what} has more than {MAX_LINE:,} characters; give parts of it names", *place
            )
        self._check_characters()
        # comments become blanks of the same length, so that every place stays where it was
        code = _COMMENT.sub(lambda comment: " " * len(comment[0]), self.given)
        foreign = _FOREIGN.search(code)
        if foreign:
            right = "write one assignment a line" if foreign[0] == ";" else "the language has no strings"
            raise FormulaError(f"found {foreign[0]}; {right}", *self._at_offset(foreign.start()))
        if single:
            flat = code.replace("\n", " ").replace("\t", " ")
            self.text = flat.strip(" ")
            self.margin = len(flat) - len(flat.lstrip(" "))
        else:
            self.text = textwrap.dedent(code)
            pairs = zip(code.split("\n"), self.text.split("\n"), strict=True)
            self.margin = next((len(whole) - len(line) for whole, line in pairs if line), 0)
        self.lines = self.text.split("\n")

    def _check_characters(self) -> None:
        unreadable = {c for c in set(self.given) if not is_safe(c) and c not in "\t\n"}
        if unreadable:
            offset = next(i for i, character in enumerate(self.given) if character in unreadable)
            found = printable(self.given[offset])
            raise FormulaError(f"found the control character {found}; delete it", *self._at_offset(offset))

    def _at_offset(self, offset: int) -> tuple[int, int]:
        before = self.given[:offset]
        return before.count("\n") + 1, offset - before.rfind("\n")

    def _at(self, line: int, column: int) -> tuple[int, int]:
        """Return the given text's line and column for those of the text that Python parsed."""
        if self.single:
            return self._at_offset(min(self.margin + column - 1, len(self.given)))
        return line, column + self.margin

    def parse_module(self) -> list[ast.stmt]:
        """Return the statements."""
        return self._parse("exec").body  # type: ignore[attr-defined,no-any-return]

    def parse_single(self) -> ast.expr:
        """Return the one expression."""
        if not self.text:
            raise FormulaError("found nothing; write an expression such as w * x", 1, 1)
        return self._parse("eval").body  # type: ignore[attr-defined,no-any-return]

    def _parse(self, mode: str) -> ast.AST:
        try:
            with warnings.catch_warnings():
                # such as "invalid decimal literal": refused below, or harmless
                warnings.simplefilter("ignore")
                return ast.parse(self.text, mode=mode)
        except SyntaxError as error:
            raise self._syntax_error(error) from None
        except (RecursionError, MemoryError):
            longest = max(range(len(self.lines)), key=lambda row: len(self.lines[row]))
            raise FormulaError(_TOO_DEEP, *self._at(longest + 1, 1)) from None
        except ValueError as error:
            raise FormulaError(f"Python's parser refuses it: {printable(str(error))}", 1, 1) from None

    def _syntax_error(self, error: SyntaxError) -> FormulaError:
        line, column = error.lineno or 1, max(error.offset or 1, 1)
        reason = printable(error.msg or "invalid syntax", 120)
        rest = self.lines[line - 1] if line <= len(self.lines) else ""
        if "too many nested parentheses" in reason or "too deep" in reason:
            return FormulaError(_TOO_DEEP, *self._at(line, column))
        if "integer string conversion" in reason:
            digits = _MANY_DIGITS.search(rest)
            column = digits.start() + 1 if digits else column
            return FormulaError("found a number too large for a finite one", *self._at(line, column))
        word = next((word for word in _WORD.finditer(rest) if word[0] in _LIKELY_NAMES), None)
        if word:
            return FormulaError(keyword_reason(word[0]), *self._at(line, word.start() + 1))
        found = rest[column - 1 :].lstrip(" \t")
        column += len(rest[column - 1 :]) - len(found)
        start = printable(found.split(" ")[0], 20)
        what = f"found '{start}'" if found else "found the end of the line"
        right = "write an expression such as w * x" if self.single else _LINE
        reason = f"{what} ({reason}); {right}"
        return FormulaError(reason, *self._at(line, column))

    def place(self, node: ast.AST) -> tuple[int, int]:
        """Return line and column in the given text; Python counts columns in UTF-8 bytes."""
        line = getattr(node, "lineno", 1)
        return self._at(line, len(self._bytes(line, 0, getattr(node, "col_offset", 0))) + 1)

    def segment(self, node: ast.AST, limit: int = 30) -> str:
        """Return the text a tree node was parsed from, on one line and cut to a readable length."""
        line, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
        if not line:
            return type(node).__name__
        start, end = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", 0)
        if line == last:
            text = self._bytes(line, start, end)
        else:
            first = self._bytes(line, start, None)
            text = " ".join((first, *self.lines[line : last - 1], self._bytes(last, 0, end)))
        return printable(" ".join(text.split()), limit)

    def _bytes(self, line: int, start: int, end: int | None) -> str:
        """Return a slice of a line by UTF-8 byte offsets."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return text[start:end] if text.isascii() else text.encode()[start:end].decode(errors="ignore")

    def refuse(self, node: ast.AST, reason: str) -> FormulaError:
        """Return the error that says this at the tree node's place."""
        return FormulaError(reason, *self.place(node))


def keyword_reason(word: str) -> str:
    """Say that a word is Python's, and what to use in its place."""
    other = "λ or lambda_" if word == "lambda" else f"{word}_"
    return f"found {word}, a word of Python's; use another name, such as {other}"
