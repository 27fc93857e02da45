"""The footer: a line of keys that can be clicked, painted anew only when other keys are offered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.widgets import Static

from tests.support.pilot import Session, launched
from tui_backprop.tui.preload import preload
from tui_backprop.tui.widgets.footer import KeyFooter


def _column(session: Session, label: str) -> int:
    line = session.lines[-1]
    assert label in line
    return line.index(label)


async def _click(session: Session, label: str) -> None:
    await session.pilot.click(KeyFooter, offset=(_column(session, label), 0))
    await session.settle()


async def test_a_click_on_a_key_does_what_the_key_does(launch: Callable[..., Any]) -> None:
    async with launch("linear") as session:
        await _click(session, "s step")
        assert session.where == (0, 1)
        await _click(session, "next")
        assert session.where == (1, 0)
        await _click(session, "? help")
        assert session.overlay == "HelpScreen"


async def test_a_click_on_a_dim_key_or_beside_the_keys_does_nothing(launch: Callable[..., Any]) -> None:
    async with launch("linear", size=(120, 36)) as session:
        await _click(session, "b back")
        await session.pilot.click(KeyFooter, offset=(119, 0))
        await session.settle()
        assert session.where == (0, 0)
        assert not session.note


async def test_the_mouse_marks_a_key_and_has_its_help_shown(launch: Callable[..., Any]) -> None:
    async with launch("linear") as session:
        footer = session.app.screen.query_one(KeyFooter)
        before = footer.render_line(0)
        await session.pilot.hover(KeyFooter, offset=(_column(session, "n next"), 0))
        await session.settle()
        assert footer.tooltip == "Next iteration: to its start, from wherever we are"
        assert footer.render_line(0).text == before.text
        assert list(footer.render_line(0)) != list(before)
        await session.pilot.hover(Static, offset=(0, 0))
        await session.settle()
        assert footer.tooltip is None
        assert list(footer.render_line(0)) == list(before)


async def test_it_is_painted_anew_only_when_other_keys_are_offered(launch: Callable[..., Any]) -> None:
    async with launch("linear", size=(120, 36), painted=True) as session:
        footer = session.app.screen.query_one(KeyFooter)
        await session.press("s")
        painted = []
        refresh = footer.refresh
        footer.refresh = lambda *regions, **options: painted.append(regions) or refresh(*regions, **options)
        await session.press("s", "n", "b")
        assert not painted
        await session.press("4")
        assert painted
        assert "unfold" in session.lines[-1]


async def test_keys_stay_where_they_are_when_the_focus_moves(launch: Callable[..., Any]) -> None:
    async with launch("linear") as session:
        before = session.lines[-1]
        await session.press("3")
        after = session.lines[-1]
        assert "⏎ chain" in after
        assert after[: after.index("⏎ chain")] == before[: after.index("⏎ chain")]
        assert after.index("? help") == before.index("? help") > after.index("⏎ chain")


@pytest.mark.parametrize(
    "size",
    [(80, 24), *(pytest.param(size, marks=pytest.mark.slow) for size in ((60, 16), (96, 48), (120, 36)))],
)
async def test_help_and_quit_are_there_whatever_has_the_focus(size: tuple[int, int]) -> None:
    async with launched("two-layer", size=size) as session:
        for key, panel in (
            ("5", "picture"), ("4", "graph"), ("3", "parameters"), ("1", "records"), ("1", "explanation"),
            ("1", "loss"), ("h", "hyperparameter-learning_rate"),
        ):  # fmt: skip
            await session.press(key)
            session.app.main.query_one(f"#{panel}").focus()
            await session.settle()
            assert session.focus == panel
            offered = session.lines[-1]
            is_field = panel.startswith("hyperparameter")  # where q is typed
            assert offered.endswith(" ? help" if is_field else " ? help q quit")
            assert offered.startswith("⏎ apply " if is_field else "s step ")


def test_all_that_is_imported_in_the_background_is_there() -> None:
    preload()
