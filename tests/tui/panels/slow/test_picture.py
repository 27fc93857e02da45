"""The panel of pictures: how it is opened, what its keys do, and that it costs nothing out of sight."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.pilot import Session, launched
from tui_backprop.debugger.session import PictureChoice
from tui_backprop.pictures.registry import KINDS
from tui_backprop.text.charset import ASCII
from tui_backprop.tui.panels.picture import PicturePanel


def slowly(*sizes: tuple[int, int]) -> list[Any]:
    return [pytest.param(size, marks=pytest.mark.slow) for size in sizes]


def panel(session: Session) -> PicturePanel:
    return session.app.main.query_one(PicturePanel)


def chosen(session: Session) -> PictureChoice | None:
    return session.app.runner._session.picture


async def test_a_key_opens_it_and_the_picture_follows() -> None:
    async with launched("two-layer") as session:
        assert chosen(session) is None
        await session.press("5")
        assert session.focus == "picture"
        assert "━Boundary" in session.screen
        assert "iteration 0" in session.screen
        before = session.lines[2:14]
        await session.press("n", "n")
        assert session.where[0] == 2
        assert chosen(session) is not None
        for _ in range(3):
            await session.press("n")
        assert session.lines[2:14] != before


async def test_arrows_go_through_the_kinds_both_ways() -> None:
    async with launched("two-layer") as session:
        await session.press("5")
        names = list(KINDS)
        at = names.index("boundary")
        await session.press("right")
        assert chosen(session).kind == names[at + 1]
        await session.press("left", "left")
        assert chosen(session).kind == names[at - 1]
        assert panel(session).kind == names[at - 1]
        assert session.where == (0, 0)  # the arrows belong to the panel


async def test_up_and_down_go_through_what_a_picture_can_be_about() -> None:
    async with launched("linear") as session:
        session.app.main.show_picture("slice")
        await session.settle()
        assert chosen(session).of == ()
        await session.press("down")
        assert chosen(session).of == ("w",)
        assert "Slice of w" in session.screen
        await session.press("up")
        assert chosen(session).of == ()


async def test_other_things_to_be_about_are_offered_where_there_are_some() -> None:
    async with launched("linear") as session:
        await session.press("5")  # the fit along the one input
        assert "↑ ↓" not in session.lines[-1]
        await session.press("down")
        assert chosen(session).of == ()
        session.app.main.show_picture("slice")
        await session.settle()
        assert "↑ ↓ of what" in session.lines[-1]
        session.app.main.show_picture("loss")
        await session.settle()
        assert "↑ ↓" not in session.lines[-1]


async def test_out_of_sight_none_is_made() -> None:
    async with launched("two-layer") as session:
        await session.press("5")
        assert chosen(session) is not None
        await session.press("1")
        assert chosen(session) is None
        assert session.app.runner.latest.picture is None
        await session.press("5")
        assert chosen(session) is not None
        assert "━Boundary" in session.screen


async def test_what_a_lesson_has_no_picture_of_is_said_in_the_panel() -> None:
    async with launched("square") as session:
        session.app.main.show_picture("confusion")
        await session.settle()
        assert session.app.runner.latest.no_picture
        first = session.app.runner.latest.no_picture.split()[0]
        assert first in session.screen
        assert "other pictures" in session.screen


async def test_a_kind_that_nobody_chose_gives_way_to_one_that_there_is() -> None:
    async with launched("square") as session:
        await session.press("5")
        assert session.app.runner.latest.picture is not None
        assert session.app.choices.picture == ""


async def test_it_is_as_fine_as_what_can_be_seen_and_fills_the_screen() -> None:
    async with launched("two-layer", size=(120, 36)) as session:
        await session.press("5")
        small = chosen(session).grain
        assert small[0] >= 60
        assert small[1] >= 2 * 16
        assert "Loss" in session.screen  # the chart stays in sight
        await session.press("z")
        large = chosen(session).grain
        assert large[0] > 1.3 * small[0]
        assert large[1] > 1.3 * small[1]
        await session.press("escape")
        assert chosen(session).grain == small


@pytest.mark.parametrize("size", [(20, 8), *slowly((60, 20), (40, 12), (80, 40), (100, 50))])
async def test_it_is_seen_at_every_size(size: tuple[int, int]) -> None:
    async with launched("two-layer", size=size) as session:
        await session.press("5")
        assert panel(session).size.height >= 5
        assert "▀" in session.screen or "●" in session.screen
        await session.press("4")
        assert not panel(session).size


async def test_in_ascii_there_is_nothing_else() -> None:
    async with launched("two-layer", charset=ASCII) as session:
        await session.press("5")
        assert session.screen.isascii()
        assert "^" in session.screen
        assert chosen(session).grain[1] <= panel(session).size.height


async def test_a_run_goes_on_while_pictures_are_chosen() -> None:
    async with launched("two-layer", pace=0.01, iterations=10**6) as session:
        await session.press("5")
        await session.start_run()
        await session.send("right")
        await session.until(lambda: chosen(session).kind == "outputs")
        await session.until(lambda: session.app.main.snapshot.picture_choice.kind == "outputs")
        assert session.app.main.snapshot.running
        await session.send("space")


async def test_rows_that_stay_are_not_painted_again() -> None:
    async with launched("two-layer") as session:
        await session.press("5")
        shown, painted = panel(session), []
        original = shown.refresh

        def refresh(*regions, **options):
            painted.extend(regions)
            return original(*regions, **options)

        shown.refresh = refresh
        shown._redraw()
        assert painted == []
        await session.press("n")
        assert len({region.y for region in painted if region.y >= 0}) < shown.size.height
