"""The lesson list takes every letter as text."""

from __future__ import annotations

import string

from tests.support.pilot import launched


async def test_every_letter_filters_and_none_acts_on_the_app_behind() -> None:
    async with launched("logistic") as session:
        await session.press("s", "m")
        assert session.focus == "ask-line"
        scale = session.app.choices.scale
        for letter in string.ascii_letters + string.digits + "?/":
            await session.send({"?": "question_mark"}.get(letter, letter))
            assert session.overlay == "LessonScreen", letter
        await session.press("down", "s")
        assert session.overlay == "LessonScreen"
        assert (session.where, session.app.choices.scale) == ((0, 1), scale)
        await session.press("escape")
        assert session.overlay == ""
        assert session.where == (0, 1)
