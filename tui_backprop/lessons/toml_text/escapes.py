"""Control characters in titles and texts: most are an escape that was meant as a backslash and letters.

In TOML's double quotes a backslash and "nabla" is a line break and "abla", and with "theta" a tab and "heta".
The values do not tell such an escape from a line break or a tab that stands in a text of several lines, where
both are allowed. So where there are escapes, the file is read once more with marks in their place.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.toml_text.parsing import STRINGS
from tui_backprop.text.printable import is_safe, printable
from tui_backprop.text.sentences import later, tr

_ESCAPE = r"\\(?:([ntrbf])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))"
_MAY_BE_CONTROL = r"\\[ntrbfuU]"
_LETTERS = {"n": 10, "t": 9, "r": 13, "b": 8, "f": 12}
_NAMES = {
    10: later("a line break"),
    9: later("a tab"),
    13: later("a carriage return"),
    8: later("a backspace"),
    12: later("a form feed"),
}
_MARK = 0xE000
"""Where characters begin that no text has: a mark is this plus the control character."""
_AROUND = 12
"""Characters of the text that are shown behind an escape."""


def clean(text: str, where: str) -> str:
    """Return a lesson's text on one line; refuse characters that do not belong on a terminal."""
    flat = " ".join(text.split())
    for character in flat:
        if not is_safe(character):
            shown = character.encode("unicode_escape").decode("ascii")
            raise LessonError(
                tr(
                    "{where}: found the control character {shown}; plain text is allowed",
                    where=where,
                    shown=shown,
                )
            )
    return flat


def check_texts(text: str, document: Mapping[str, Any]) -> None:
    """Refuse control characters in the titles and texts of a lesson file.

    Line breaks and tabs may stand in summaries and notes as they are, in several lines; a title is one line.

    Args:
        text: the file's text.
        document: the same, parsed.

    Raises:
        LessonError: naming the key, the escape and single quotes.
    """
    if re.search(_MAY_BE_CONTROL, text):
        _refuse_escape(text)
    for key, value in _titles(document):
        for character in value.strip():
            if ord(character) < 32:
                what = _what(ord(character))
                raise LessonError(
                    tr("{key}: found {what}; a title is plain text on one line", key=key, what=what)
                )


def _refuse_escape(text: str) -> None:
    """Refuse the first title or text with an escape that stands for a control character."""
    marked = STRINGS.sub(_marked, text)
    if marked == text:
        return
    document = tomllib.loads(marked)
    for key, value in (*_titles(document), *_texts(document)):
        for place, character in enumerate(value):
            code = ord(character) - _MARK
            if 0 <= code < 32:
                letter = next((letter for letter, of in _LETTERS.items() if of == code), "")
                escape = f"\\{letter}" if letter else f"\\u{code:04x}"
                rest = re.match(r"\w*", value[place + 1 :])
                word = printable(escape + (rest[0][:_AROUND] if rest else ""))
                what = _what(code)
                raise LessonError(
                    tr(
                        "{key}: found {word}, and in double quotes {escape} is {what}; write the text in "
                        "single quotes, '…' or '''…''', where a backslash is a backslash",
                        key=key,
                        word=word,
                        escape=escape,
                        what=what,
                    )
                )


def _what(code: int) -> str:
    """Say what a control character is."""
    return tr(_NAMES[code]) if code in _NAMES else tr("a control character")


def _marked(found: re.Match[str]) -> str:
    """Return a string with marks in place of escapes for control characters; other strings as they are."""
    return re.sub(_ESCAPE, _mark, found[0], flags=re.DOTALL) if found[0][0] == '"' else found[0]


def _mark(escape: re.Match[str]) -> str:
    letter, short, long, _ = escape.groups()
    code = _LETTERS[letter] if letter else int(short or long or "20", 16)
    # others than these are found by whoever cleans the value, for they are nothing that one may type
    return chr(_MARK + code) if code in _NAMES or 27 < code < 32 or code == 11 else escape[0]


def _entries(document: Mapping[str, Any], table: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    entries = document.get(table, [])
    for number, entry in enumerate(entries if isinstance(entries, list) else [], 1):
        if isinstance(entry, Mapping):
            yield f"{table} {number}", entry


def _of(fields: Mapping[str, tuple[str, ...]]) -> Callable[[Mapping[str, Any]], Iterator[tuple[str, str]]]:
    def found(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for table, names in fields.items():
            rows = [("", document)] if not table else _entries(document, table)
            for where, row in rows:
                for name in names:
                    if isinstance(value := row.get(name), str):
                        yield f"{where}.{name}".lstrip("."), value

    return found


_titles = _of({"": ("title",), "slip": ("title",)})
_texts = _of({
    "": ("summary",), "why": ("at", "text"), "slip": ("note",),
    "task": ("text", "goal"), "question": ("at", "text", "hint", "why", "answer"),
})  # fmt: skip
