"""The palette while its terminal changes: one that becomes too narrow for it ends nothing."""

from __future__ import annotations


async def test_a_terminal_that_becomes_too_narrow_for_the_palette(launch) -> None:
    async with launch("logistic", size=(40, 10), painted=True) as session:
        await session.press("ctrl+p")
        for width in (4, 6, 1, 40):
            await session.pilot.resize_terminal(width, 10)
            await session.send("a", "backspace")
            await session.settle()
        assert session.overlay == "BackpropPalette"
