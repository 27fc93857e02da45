"""That saving fails stands where the title does, until it works again."""

from __future__ import annotations


async def test_a_warning_outlasts_keys_and_notes(launch) -> None:
    async with launch("logistic") as session:
        session.app.autosave.warn("the session cannot be saved: No space left on device; it is tried again")
        await session.settle()
        for key in ("s", "b", "?", "escape", "y", "s"):
            await session.press({"?": "question_mark"}.get(key, key))
        assert "✗ the session cannot be saved: No space left on device" in session.lines[0]
        await session.press("y")
        assert "clipboard" in session.lines[0]
        session.app.autosave.warn("")
        await session.press("s")
        assert "logistic: Logistic regression" in session.lines[0]
