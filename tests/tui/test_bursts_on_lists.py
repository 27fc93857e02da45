"""What somebody chooses in a list is what it showed: entries that change meanwhile end nothing."""

from __future__ import annotations

from textual import events
from textual.widgets import OptionList

from tui_backprop.tui.screens.ask import ChoiceList


async def test_typing_and_choosing_in_one_burst(launch) -> None:
    """A choice is under way while what is typed narrows the list down to one entry, or none."""
    async with launch("logistic", painted=True) as session:
        for text in ("beta", "no such node"):
            await session.press("f")
            choices = session.app.screen.query_one(ChoiceList)
            last = choices.option_count - 1
            option = choices.get_option_at_index(last)
            session.app.screen.line.value = text
            choices.post_message(OptionList.OptionSelected(choices, option, last))
            choices.post_message(ChoiceList.Removed(option, last))
            await session.settle()
            assert session.app.is_running
            assert session.overlay == "FindScreen"
            assert session.where == (0, 0)
            await session.press("escape")
            assert session.overlay == ""


async def test_a_click_on_an_entry_that_has_gone_chooses_nothing(launch) -> None:
    async with launch("logistic", painted=True) as session:
        await session.press("f")
        choices = session.app.screen.query_one(ChoiceList)
        x, y = choices.region.x + 2, choices.region.y + 5
        assert session.app.screen.get_style_at(x, y).meta["option"] == 5
        session.app.screen.line.value = "beta"
        for kind in (events.MouseDown, events.MouseUp):
            session.app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, x, y))
        await session.settle()
        assert session.app.is_running
        assert session.overlay in ("", "FindScreen")
        assert session.where == (0, 0)
        await session.press("enter")  # the list is whole, and takes the next choice
        assert session.overlay == ""
        assert session.where != (0, 0)


async def test_a_terminal_too_narrow_for_the_palette(launch) -> None:
    async with launch("logistic", size=(7, 10), painted=True) as session:
        await session.press("colon")
        assert (session.overlay, session.note) == ("", "too small for the palette")
