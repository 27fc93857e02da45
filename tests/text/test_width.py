"""Cells of text, against the table that Rich has made of Unicode's."""

from __future__ import annotations

import unicodedata

import pytest
from rich.cells import cell_len

from tui_backprop.text.charset import UNICODE
from tui_backprop.text.width import cells, head, tail

SENTENCE = "손실함수 L의 기울기 ∂L/∂β"
DECOMPOSED = unicodedata.normalize("NFD", SENTENCE)


def test_every_syllable_takes_two_cells_composed_or_not() -> None:
    for code in range(0xAC00, 0xD7A4, 7):
        syllable = chr(code)
        for text in (syllable, unicodedata.normalize("NFD", syllable)):
            assert cells(text) == cell_len(text) == 2, hex(code)


def test_jamo_of_a_keyboard_and_those_that_join() -> None:
    assert cells("ㄴㅏ") == cell_len("ㄴㅏ") == 4
    assert [cells(chr(code)) for code in (0x1102, 0x1161, 0x11AB, 0xD7B0)] == [2, 0, 0, 0]


@pytest.mark.parametrize("text", [SENTENCE, DECOMPOSED], ids=["composed", "decomposed"])
def test_nothing_is_cut_in_half(text: str) -> None:
    for width in range(cells(text) + 1):
        front, back = head(text, width), tail(text, width)
        for part in (front, back):
            assert cells(part) == cell_len(part) <= width
        assert text.startswith(front)
        assert text.endswith(back)
        assert unicodedata.normalize("NFC", front) == head(SENTENCE, width)
        assert unicodedata.normalize("NFC", back) == tail(SENTENCE, width)
        if width:
            lines = [*UNICODE.wrap(text, width)]
            assert all(cells(line) <= max(width, 2) for line in lines)
            assert "".join(lines).replace(" ", "") == text.replace(" ", "")
            assert cells(UNICODE.fit(text, width)) <= width
            assert cells(UNICODE.pad(text, 40)) == 40
