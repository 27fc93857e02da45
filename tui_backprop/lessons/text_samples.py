"""Text as samples: each token, a character or a word, guessed from those before it, as whole numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tui_backprop.engine.core.arrays import Array, frozen
from tui_backprop.lessons.convert import convert
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.format import TextTable, check_made
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.text.printable import is_safe, printable
from tui_backprop.text.sentences import tr

MARK = "."
"""Stands before the first token of a text, as often as the context is long, and behind the last."""
_SHOWN = 20  # samples that are spelled


def is_text(table: Mapping[str, Any]) -> bool:
    """Tell whether [samples] are made of a text, not of a column of that name or of numbers."""
    value = table.get("text")
    strings = isinstance(value, str) or (isinstance(value, list) and any(isinstance(v, str) for v in value))
    return strings and "csv" not in table and "dataset" not in table


def vocabulary_of(table: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the tokens by their numbers: the mark, then all others sorted; none where there is no text."""
    return _vocabulary(_split(_options(table))) if is_text(table) else ()


def take_text(table: dict[str, Any], sandbox: Sandbox) -> dict[str, Array]:
    """Take the text out of [samples] and return X (n × context) and y (n).

    Raises:
        LessonError: no token in a text, the mark or a control character in it, or more than may be made.
    """
    options = _options(table)
    for key in TextTable.__struct_fields__:
        table.pop(key, None)
    texts = _split(options)
    numbers = {token: number for number, token in enumerate(_vocabulary(texts))}
    check_made((sum(len(tokens) + 1 for tokens in texts), options.context + 1), "samples.text", sandbox)
    X, y = [], []
    for tokens in texts:
        line = [0] * options.context + [numbers[token] for token in tokens] + [0]
        for place in range(options.context, len(line)):
            X.append(line[place - options.context : place])
            y.append(line[place])
    return {"X": frozen(np.array(X, dtype=float)), "y": frozen(np.array(y, dtype=float))}


def listed(vocabulary: Sequence[str]) -> str:
    """Return the vocabulary with its numbers."""
    return ", ".join(f"{number} {token}" for number, token in enumerate(vocabulary))


def spelled(vocabulary: Sequence[str], inputs: Mapping[str, Array]) -> str:
    """Return the samples as context and what follows; "" where the numbers are not of the vocabulary."""
    X, y = inputs["X"], inputs["y"]
    known = np.arange(len(vocabulary))
    if X.ndim != 2 or y.ndim != 1 or not (np.isin(X, known).all() and np.isin(y, known).all()):
        return ""
    between = " " if any(len(token) > 1 for token in vocabulary) else ""
    shown = [
        f"{between.join(vocabulary[int(number)] for number in row)} → {vocabulary[int(after)]}"
        for row, after in zip(X[:_SHOWN], y[:_SHOWN], strict=True)
    ]
    return ", ".join(shown) + (", …" if len(y) > _SHOWN else "")


def _options(table: Mapping[str, Any]) -> TextTable:
    known = {key: table[key] for key in TextTable.__struct_fields__ if key in table}
    if isinstance(known["text"], str):
        known["text"] = [known["text"]]
    return convert(known, TextTable, "samples")


def _split(options: TextTable) -> list[list[str]]:
    texts = [text.split() if options.tokens == "words" else list(text) for text in options.text]
    for text, tokens in zip(options.text, texts, strict=True):
        if not tokens:
            raise LessonError(
                tr(
                    'samples.text: found "{text}", in which there are no {tokens}',
                    text=printable(text, 40),
                    tokens=options.tokens,
                )
            )
        if MARK in tokens:
            raise LessonError(
                tr('samples.text: found "{mark}", which marks beginning and end; leave it out', mark=MARK)
            )
        if not all(map(is_safe, "".join(tokens))):
            raise LessonError(tr("samples.text: found a control character; plain text is allowed"))
    return texts


def _vocabulary(texts: Sequence[Sequence[str]]) -> tuple[str, ...]:
    return (MARK, *sorted({token for tokens in texts for token in tokens}))
