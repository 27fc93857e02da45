"""What a notebook's text has besides what it computes, and what is passed over: docstrings, prints, seeds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_TOKEN: Final = (
    r"""(?s)(?P<string>[rRbBuUfF]{0,2}(?:"{3}(?:\\.|[^\\])*?"{3}|'{3}(?:\\.|[^\\])*?'{3}"""
    r"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))"""
    r"""|(?P<comment>\#[^\n]*)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<join>\\\n)|(?P<end>[\n;])"""
    r"""|(?P<other>\w+|[^\S\n]+|.)"""
)
_PASSED: Final = (
    r"\s*(?:assert\b(?!\s*[-+*/]?=)"
    r"|(?:print|display|(?:np|numpy)\.(?:random\.seed|set_printoptions|seterr)|random\.seed"
    r"|torch\.manual_seed|plt\.[\w.]+)\s*\("
    r"|%\w|!\w)"
)
_MAY_OCCUR: Final = re.compile(r"[\"'%!]|\b(?:assert|print|display|seed|manual_seed|set_printoptions|plt)\b")
_NOTHING: Final = "pass"


def without_passed(text: str) -> str:
    """Return a formula with ``pass`` for all that computes nothing, at the same places as before."""
    if not _MAY_OCCUR.search(text):
        return text
    parts: list[str] = []
    done = 0
    for start, end in _passed(text):
        found = text[start:end]
        word = len(found) - len(found.lstrip())
        blank = re.sub(r"[^\n]", " ", found)
        if len(found.lstrip()) >= len(_NOTHING) and "\n" not in found[word : word + len(_NOTHING)]:
            blank = blank[:word] + _NOTHING + blank[word + len(_NOTHING) :]
        parts += [text[done:start], blank]
        done = end
    return "".join((*parts, text[done:]))


def _passed(text: str) -> Iterator[tuple[int, int]]:
    """Yield where statements begin and end that compute nothing."""
    start, depth, strings_alone, strings = 0, 0, True, False
    passed = re.compile(_PASSED)
    for token in re.finditer(_TOKEN, f"{text}\n"):
        kind = token.lastgroup
        if kind == "end" and depth <= 0:
            end = token.start()
            if (strings and strings_alone) or (depth == 0 and passed.match(text, start, end)):
                yield start, end
            start, depth, strings_alone, strings = token.end(), 0, True, False
        elif kind == "string":
            strings = True
        elif kind in ("open", "close"):
            depth += 1 if kind == "open" else -1
            strings_alone = False
        elif kind == "other" and not token[0].isspace():
            strings_alone = False
