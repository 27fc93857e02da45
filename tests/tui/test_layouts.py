"""On a keyboard set to another script a key does what the key at its place does, except in text."""

from __future__ import annotations

import pytest

from tui_backprop.tui.layouts import LAYOUTS, PLACES, keys_at


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("ㄴㅜㅠㅂㅗㅎ", "snbqhg"),
        ("ыиИйЫя", "sbBqSz"),
        ("іїє", "s]'"),
        ("σβΣ", "sbS"),
        ("ㅖㄲ", "PR"),
        ("누", "sn"),  # composed by an input method
        ("뵤", "qy"),
        ("ㅘ", "hk"),
        ("닭", "ekfr"),
        ("ㄸㅃ", "EQ"),
        ("\u1102\u116e", "sn"),  # not composed
        ("sñ1漢é", ""),
    ],
)
def test_places(typed: str, keys: str) -> None:
    assert "".join(map(keys_at, typed)) == keys


def test_every_layout_has_every_place_and_no_letter_stands_at_two() -> None:
    places: dict[str, set[str]] = {}
    for characters in LAYOUTS.values():
        assert len(characters) == len(PLACES)
        for letter, place in zip(characters, PLACES, strict=True):
            if not letter.isascii():
                places.setdefault(letter, set()).add(place)
    assert all(len(found) == 1 for found in places.values())


async def test_they_step_and_are_text_in_a_field(launch) -> None:
    async with launch("logistic") as session:
        await session.press("ㄴ", "ы", "ㅠ")
        assert session.where == (0, 1)
        await session.press("누")  # s and n in one go
        assert session.where == (1, 0)
        await session.press("ㄹ")
        assert session.overlay == "FindScreen"
        await session.press("ㅠ", "ы")
        assert session.app.screen.line.value == "ㅠы"
        await session.press("down", "ㅠ")  # from the list as well
        assert session.app.screen.line.value == "ㅠыㅠ"
