"""Compiled catalogues, gettext's ``.mo`` files, decoded as far as sentences are asked for.

Of thousands a start says some dozens; Python's own reader takes all of them apart first.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from operator import add
from struct import error, unpack_from

_MAGIC = 0x950412DE
_CONTEXT, _FORMS = "\x04", b"\0"


class CompiledCatalogue:
    """The messages of one file.

    Args:
        data: the file, in UTF-8.

    Raises:
        ValueError: it is no such file, or damaged.
    """

    def __init__(self, data: bytes) -> None:
        try:
            order = "<" if unpack_from("<I", data)[0] == _MAGIC else ">"
            magic, version, count, keys, texts = unpack_from(f"{order}5I", data)
            if magic != _MAGIC or version >> 16 > 1:
                raise ValueError("this is no compiled catalogue")
            key_places = unpack_from(f"{order}{2 * count}I", data, keys)
            text_places = unpack_from(f"{order}{2 * count}I", data, texts)
        except error as problem:
            raise ValueError("the catalogue is cut off") from problem
        key_ends = list(map(add, key_places[::2], key_places[1::2]))
        text_ends = list(map(add, text_places[::2], text_places[1::2]))
        if max((*key_ends, *text_ends), default=0) >= len(data):  # behind each stands a zero
            raise ValueError("the catalogue is cut off")
        keyed = map(data.__getitem__, map(slice, key_places[1::2], key_ends))
        self._texts = dict(zip(keyed, zip(text_places[1::2], text_ends, strict=True), strict=True))
        self._data = data
        self._said: dict[str, str] = {}

    def text(self, sentence: str, context: str = "") -> str:
        """Return a sentence's translation, or the sentence where it has none."""
        key = f"{context}{_CONTEXT}{sentence}" if context else sentence
        if key not in self._said:
            found = self._bytes(key.encode())
            self._said[key] = sentence if found is None else found.decode("utf-8", "replace")
        return self._said[key]

    def counted(self, one: str, many: str, count: int) -> str:
        """Return the translation for so many, or the sentence for so many where it has none."""
        forms = self._bytes(one.encode() + _FORMS + many.encode())
        if forms is None:
            return one if count == 1 else many
        texts = forms.split(_FORMS)
        return texts[min(self._form(count), len(texts) - 1)].decode("utf-8", "replace")

    def _bytes(self, key: bytes) -> bytes | None:
        place = self._texts.get(key)
        return None if place is None else self._data[slice(*place)]

    @cached_property
    def _form(self) -> Callable[[int], int]:
        """The form that a number takes, by the rule in the file's heading."""
        from gettext import c2py

        heading = (self._bytes(b"") or b"").decode("utf-8", "replace")
        rule = re.search(r"plural=([^;\n]+);", heading)
        found: Callable[[int], int] = c2py(rule[1] if rule else "n != 1")
        return found
