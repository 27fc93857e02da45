"""Every size, and from one to the other."""

from __future__ import annotations

import pytest

from tui_backprop.text.width import cells

SIZES = [
    *(
        (1, 1),
        (2, 2),
        (1, 40),
        (200, 1),
        (10, 5),
        (20, 10),
        (59, 15),
        (60, 16),
        (80, 24),
        (119, 36),
        (120, 35),
    ),
    *((120, 36), (200, 60), (3, 60), (80, 24), (7, 3), (200, 60), (40, 12)),
]


FEW = [(1, 1), (200, 60), (40, 12), (7, 3), (120, 36), (2, 30)]


@pytest.mark.parametrize("opened", ["", "m", *(pytest.param(k) for k in "gvh")])
async def test_sizes_change_back_and_forth(launch, opened):
    async with launch("logistic", all_factors=True) as session:
        await session.press("n", *"s" * 14, *opened)
        for width, height in SIZES if opened in "gvh" and opened else FEW:
            await session.pilot.resize_terminal(width, height)
            await session.settle()
            assert len(session.lines) == height
            assert {cells(line) for line in session.lines} == {width}
        await session.pilot.resize_terminal(80, 24)
        await session.press("escape")
        assert session.overlay == ""
        assert session.where == (1, 14)
        assert "▶ 14 ∂L/∂z from ŷ" in session.screen
        assert "record 14 of 21" in session.status


@pytest.mark.parametrize("size", sorted({*SIZES, *FEW, (60, 15), (59, 16), (30, 200), (79, 23)}))
async def test_the_app_starts_and_runs_at_every_size(launch, size):
    async with launch("two-layer", size=size, iterations=20) as session:
        await session.press("s", "n", "space", "b", "1", "2", "3", "h", "escape", "question_mark", "g", "v")
        assert session.where[0] == 19
        assert {cells(line) for line in session.lines} == {size[0]}


async def test_a_side_panel_chosen_before_does_not_hide_the_chain_rule_in_compact(launch):
    async with launch("linear") as session:
        await session.press("s", "2")
        await session.pilot.resize_terminal(40, 12)
        await session.settle()
        assert "w · x" in session.screen
        await session.press("h")
        assert session.focus == "hyperparameter-learning_rate"
        assert "optimizer" in session.screen
        await session.press("escape")
        assert "Chain rule" in session.screen
        await session.pilot.resize_terminal(80, 24)
        await session.settle()
        assert session.focus == "explanation"


async def test_what_does_not_fit_is_marked(launch):
    async with launch("logistic", all_factors=True) as session:
        records, view = (session.app.query_one(id_) for id_ in ("#records", "#explanation"))
        assert records.border_title.endswith(f"↓ {21 - records.scrollable_content_region.height}")
        await session.press(*"s" * 20)
        assert "↑ " in records.border_title
        hidden = view.count - view.scrollable_content_region.height
        assert hidden > 0
        assert f"↓ {hidden} more" in session.screen
        await session.press("end")
        assert f"↑ {hidden}" in session.screen
        assert "more" not in view.border_title
        await session.press("home", "pagedown")
        assert "↑" in view.border_title
        # a title that was shortened has a mark, and no line of the list is longer than the list
        for y in range(records.count):
            (text, _), *_rest = records.line_at(y)
            assert cells(text) <= records.scrollable_content_region.width
            index = session.app.main.snapshot.record_index
            assert index.titles[y] in text or "…" in text or f" {index.shorter_title(y)} " in text
