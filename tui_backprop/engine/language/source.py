"""Formula text with Python's tree of it, and the places of both: a refusal points at what it found."""

from __future__ import annotations

import ast
import keyword
import re
import textwrap
import warnings

from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.language import nesting
from tui_backprop.engine.language.passed import without_passed
from tui_backprop.engine.language.signs import translated
from tui_backprop.text.printable import is_safe, printable
from tui_backprop.text.sentences import later, tr

MAX_TEXT = 500_000
"""Characters in one formula; ten thousand nodes fit many times over."""
MAX_LINES = 20_000
MAX_LINE = 20_000
"""Characters in one line: finding a place in a line takes time that grows with the line's length."""
MANY = 10
"""Lines that Python's parser stumbles at, of which all are told."""

_COMMENT = re.compile(r"#[^\n]*")
_WORD_IN_QUOTES = re.compile(r"(?<![\w'\"])('[\w ,.>-]{0,60}'|\"[\w ,.>-]{0,60}\")(?!['\"])")
_QUOTE = re.compile(r"[\"']")
_MANY_DIGITS = re.compile(r"\d[\d_]{600,}")
_WORD = re.compile(r"[^\W\d]\w*")
_LIKELY_NAMES = frozenset(keyword.kwlist) - frozenset(
    [
        "and",
        "or",
        "not",
        "if",
        "elif",
        "else",
        "in",
        "is",
        "for",
        "while",
        "def",
        "return",
        "import",
        "from",
        "class",
        "True",
        "False",
        "None",
    ]
)
_LINE = later("a line is name = expression, such as y = w * x + b")


class Source:
    """Text in the formula language; lines and columns are those of the text as it was given, counted from 1.

    Args:
        text: a whole formula, or with ``single`` one expression, in which line breaks count as spaces.
        single: whether it is one expression.

    Attributes:
        right: what would be right where Python's parser stumbles.
    """

    right = _LINE

    def __init__(self, text: str, single: bool = False) -> None:
        if len(text) > MAX_TEXT:
            raise FormulaError(
                tr(
                    "the formula has {count:,} characters; at most {limit:,} are read",
                    count=len(text),
                    limit=MAX_TEXT,
                )
            )
        self.given = text.replace("\r\n", "\n").replace("\r", "\n")
        self.single = single
        if self.given.count("\n") >= MAX_LINES:
            raise FormulaError(
                tr("the formula has more than {limit:,} lines", limit=MAX_LINES), MAX_LINES + 1, 1
            )
        longest = self.given if single else max(self.given.split("\n"), key=len)
        if len(longest) > MAX_LINE:
            place = self._at_offset(self.given.index(longest))
            long = later("a line has more than {limit:,} characters; give parts of it names")
            if single:
                long = later("the expression has more than {limit:,} characters; give parts of it names")
            raise FormulaError(tr(long, limit=MAX_LINE), *place)
        self._check_characters()
        # comments become blanks of the same length, so that every place stays where it was
        meant = self.given if single else without_passed(self.given)
        code = _COMMENT.sub(lambda comment: " " * len(comment[0]), meant)
        quote = _QUOTE.search(_WORD_IN_QUOTES.sub(lambda word: "0" * len(word[0]), code))
        if quote:
            raise FormulaError(
                tr("found {found}; the language has no strings", found=quote[0]),
                *self._at_offset(quote.start()),
            )
        if single:
            flat = code.replace("\n", " ").replace("\t", " ")
            plain = flat.strip(" ")
            self.margin = len(flat) - len(flat.lstrip(" "))
        else:
            plain = textwrap.dedent(code)
            pairs = zip(code.split("\n"), plain.split("\n"), strict=True)
            self.margin = next((len(whole) - len(line) for whole, line in pairs if line), 0)
        self._translation = translated(plain)
        self.text = self._translation.text
        self.lines = self.text.split("\n")
        # then columns are those of the tree, which are asked for at every node of it
        self._is_as_given = not single and self.text == plain and plain.isascii()
        self._plain_lines = plain.split("\n")
        deep = nesting.excess(self.text)
        if deep:
            before = self.text[: deep[0]]
            line, column = before.count("\n") + 1, deep[0] - before.rfind("\n")
            raise FormulaError(deep[1], *self._at(line, column))

    def _check_characters(self) -> None:
        unreadable = {c for c in set(self.given) if not is_safe(c) and c not in "\t\n"}
        if unreadable:
            offset = next(i for i, character in enumerate(self.given) if character in unreadable)
            found = printable(self.given[offset])
            raise FormulaError(
                tr("found the control character {found}; delete it", found=found), *self._at_offset(offset)
            )

    def _at_offset(self, offset: int) -> tuple[int, int]:
        before = self.given[:offset]
        return before.count("\n") + 1, offset - before.rfind("\n")

    def _at(self, line: int, column: int) -> tuple[int, int]:
        """Return the given text's line and column for those of the text that Python parsed."""
        return self._before(line, self._translation.column(line - 1, column - 1) + 1)

    def _before(self, line: int, column: int) -> tuple[int, int]:
        """Return the same for those of the text before signs were translated."""
        if self.single:
            return self._at_offset(min(self.margin + column - 1, len(self.given)))
        return line, column + self.margin

    def parse_module(self) -> tuple[list[ast.stmt], list[FormulaError]]:
        """Return the statements, and errors of those that Python's parser cannot read.

        A line that it stumbles at is left out, if it stands for itself, so that others are told of too.
        """
        errors: list[FormulaError] = []
        while True:
            try:
                return self._parse("exec").body, errors  # type: ignore[attr-defined]
            except FormulaError as error:
                errors.append(error)
                row = error.line - 1
                if len(errors) == MANY or not 0 <= row < len(self.lines) or not self.lines[row].strip():
                    return [], errors
                if _stands_alone(self.lines[row]):
                    self.lines[row] = ""
                elif self.lines[row][0] not in " \t":  # what follows may belong to it
                    self.lines[row:] = [""] * (len(self.lines) - row)
                else:
                    return [], errors
                self.text = "\n".join(self.lines)

    def parse_single(self) -> ast.expr:
        """Return the one expression."""
        if not self.text:
            raise FormulaError(tr("found nothing; {right}", right=tr(self.right)), 1, 1)
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
            reason = tr("Python's parser has no room left for it here; give parts of it names")
            raise FormulaError(reason, *self._at(longest + 1, 1)) from None
        except ValueError as error:
            raise FormulaError(
                tr("Python's parser refuses it: {error}", error=printable(str(error))), 1, 1
            ) from None

    def _syntax_error(self, error: SyntaxError) -> FormulaError:
        line = error.lineno or 1
        reason = printable(error.msg or "invalid syntax", 120)
        rest = self.lines[line - 1] if line <= len(self.lines) else ""
        column = error.offset or len(rest) + 1  # Python says 0 of an expression that ends too soon
        if "integer string conversion" in reason:
            digits = _MANY_DIGITS.search(rest)
            column = digits.start() + 1 if digits else column
            return FormulaError(tr("found a number too large for a finite one"), *self._at(line, column))
        word = next((word for word in _WORD.finditer(rest) if word[0] in _LIKELY_NAMES), None)
        if word:
            return FormulaError(keyword_reason(word[0]), *self._at(line, word.start() + 1))
        rest = self._plain_lines[line - 1] if line <= len(self.lines) else ""
        column = self._translation.column(line - 1, column - 1) + 1
        found = rest[column - 1 :].lstrip(" \t")
        column += len(rest[column - 1 :]) - len(found)
        start = printable(found.split(" ")[0], 20)
        right, place = tr(self.right), self._before(line, column)
        if not found:
            return FormulaError(
                tr("found the end of the line ({reason}); {right}", reason=reason, right=right), *place
            )
        return FormulaError(
            tr("found '{found}' ({reason}); {right}", found=start, reason=reason, right=right), *place
        )

    def place(self, node: ast.AST) -> tuple[int, int]:
        """Return line and column in the given text; Python counts columns in UTF-8 bytes."""
        line, offset = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        if self._is_as_given:
            return line, offset + 1 + self.margin
        return self._at(line, len(self._bytes(line, 0, offset)) + 1)

    def segment(self, node: ast.AST, limit: int = 30) -> str:
        """Return the text a tree node was read from, on one line and cut to a readable length."""
        line, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
        if not line:
            return type(node).__name__
        first, end = self._column(line, node.col_offset), self._column(last, node.end_col_offset)  # type: ignore[attr-defined]
        rows = self._plain_lines[line - 1 : last]
        rows[-1] = rows[-1][:end]
        rows[0] = rows[0][first:]
        return printable(" ".join(" ".join(rows).split()), limit)

    def parsed(self, node: ast.AST) -> str:
        """Return the text that Python parsed, of a tree node on one line."""
        line = getattr(node, "lineno", 1)
        return self._bytes(line, getattr(node, "col_offset", 0), getattr(node, "end_col_offset", 0))

    def _column(self, line: int, offset: int) -> int:
        """Return the column, from 0, that a byte of a parsed line had before."""
        return self._translation.column(line - 1, len(self._bytes(line, 0, offset)))

    def _bytes(self, line: int, start: int, end: int | None) -> str:
        """Return a slice of a line by UTF-8 byte offsets."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return text[start:end] if text.isascii() else text.encode()[start:end].decode(errors="ignore")

    def refuse(self, node: ast.AST, reason: str) -> FormulaError:
        """Return the error that says this at the tree node's place."""
        return FormulaError(reason, *self.place(node))


def _stands_alone(line: str) -> bool:
    """Tell whether a line is a statement of its own: brackets closed, nothing indented, nothing to follow."""
    pairs = all(line.count(a) == line.count(b) for a, b in ("()", "[]", "{}"))
    return pairs and bool(line.strip()) and line[0] not in " \t" and line.rstrip()[-1] not in ":\\,"


def keyword_reason(word: str) -> str:
    """Say that a word is Python's, and what to use in its place."""
    if word == "lambda":
        return tr("found lambda, a word of Python's; use another name, such as λ or lambda_")
    return tr("found {word}, a word of Python's; use another name, such as {word}_", word=word)
