"""The app in other languages: all that the main screen says is said in them, and keeps its place."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Literal

import pytest

from tests.support.pilot import Session, launched
from tests.support.pseudo import KEYS, in_place, names, unsaid, words_to_come
from tui_backprop.text.language.speaking import speaking


def all_there(session: Session) -> None:
    """Hold that chart and chain rule are there as well, above one another."""
    in_place(session)
    chart, rule = (session.app.main.query_one(name).region for name in ("#loss", "#explanation"))
    assert chart.height >= 6
    assert rule.height >= 6
    assert not chart.overlaps(rule)


async def test_the_main_screen_says_all_in_a_language_that_doubles_vowels(doubled: Path) -> None:
    async with launched(doubled) as session:
        known = {*names(session.app), *words_to_come(), *KEYS}
        for keys in ((), ("s",), ("n", "3"), ("2",), ("h",)):
            await session.press(*keys)
            all_there(session)
            assert not [word for line in session.lines for word in unsaid(line, known)], session.screen
        assert "Looss" in session.screen
        assert "paauuseed" in session.screen


async def test_korean_has_its_place_at_80_by_24() -> None:
    with speaking("ko"):
        async with launched("logistic") as session:
            all_there(session)
            assert session.status.startswith("멈춤  반복 0/1000  에포크 0  시작  레코드 0/21  손실 0.375")
            await session.press("n", "s")
            all_there(session)
            for text in ("연쇄법칙", "반복 1", "손실", "선형축", "모델: logistic"):
                assert text in session.screen
            await session.press("question_mark")
            assert "도움말 · 입력해서 찾기" in session.screen


@pytest.mark.parametrize("form", ["NFC", "NFD"])
async def test_lists_find_hangul_however_it_is_put_together(form: Literal["NFC", "NFD"]) -> None:
    with speaking("ko"):
        async with launched("logistic") as session:
            await session.press("question_mark")
            await session.type(unicodedata.normalize(form, "사로갚"))
            assert "도움말에 '사로갚'에 관한 것이 없습니다" in unicodedata.normalize("NFC", session.screen)
            await session.type(unicodedata.normalize(form, "피연산자의"))
            assert "지금 레코드. 인수는 출력 아래" in session.screen
            await session.press("escape")
            await session.app.run_action("command_palette")
            await session.settle()
            await session.type(unicodedata.normalize(form, "결정 경계"))
            await session.until(lambda: "그림: 결정 경계 (boundary)" in session.screen)
            await session.type(unicodedata.normalize(form, "사로갚"))
            await session.until(lambda: "찾은 것이 없습니다" in session.screen)
