"""Apps of one process, each in the characters that its own terminal can show."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.pilot import launched
from tui_backprop.text.charset import ASCII, UNICODE, Charset

KEYS = ("s", "n", "question_mark", "escape", "o")


async def pictures(charset: Charset, others: asyncio.Semaphore, ready: asyncio.Event) -> list[str]:
    """Return the screen after every key, none of which is pressed before all apps have started."""
    async with launched("logistic", charset=charset) as session:
        await others.acquire()
        if others.locked():
            ready.set()
        await ready.wait()
        seen = []
        for key in KEYS:
            await session.press(key)
            seen.append(session.screen)
        return seen


@pytest.mark.parametrize(
    "order",
    [(UNICODE, ASCII), pytest.param((ASCII, UNICODE), marks=pytest.mark.slow)],
    ids=["first", "second"],
)
async def test_two_apps_show_each_its_own_characters(order: tuple[Charset, Charset]) -> None:
    async def side_by_side(*charsets: Charset) -> list[list[str]]:
        others, ready = asyncio.Semaphore(len(charsets)), asyncio.Event()
        return await asyncio.gather(*(pictures(charset, others, ready) for charset in charsets))

    alone = {charset: (await side_by_side(charset))[0] for charset in order}
    assert await side_by_side(*order) == [alone[charset] for charset in order]
    unicode, in_ascii = ("".join(screens) for screens in (alone[UNICODE], alone[ASCII]))
    assert "∂L/∂" in unicode
    assert set(unicode) & set("▁▂▃▄▅▆▇")  # where a scroll bar ends
    assert "dL/d" in in_ascii
    assert in_ascii.isascii()
