"""What of a factor is in sight first: rule, numbers, shapes and why, on the smallest usual terminal."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import tui_backprop as tb
from tests.support.thorough import lessons
from tui_backprop.debugger.lines.rows import RecordIndex
from tui_backprop.debugger.session import DebugSession
from tui_backprop.engine.autodiff.records import ChainFactor
from tui_backprop.explain.record import short
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.text.charset import UNICODE, Charset
from tui_backprop.text.width import cells
from tui_backprop.tui.panels.chain.first_sight import FACTOR, FIRST, first_sight
from tui_backprop.tui.panels.chain.records import RecordList
from tui_backprop.tui.widgets.lines import label_column, labelled, paragraph

LIST_WIDTH = 25
WIDTH, HEIGHT = 49, 13
"""Cells and lines of the chain rule's panel at 80×24; a test below holds the panel to them."""


@pytest.mark.parametrize("name", lessons(BUILTIN))
def test_rule_numbers_shapes_and_why_of_every_factor_fit_the_panel_at_80_24(name):
    session = DebugSession(tb.Trainer(tb.load_lesson(name)))
    for _ in range(session.trainer.record_count):
        session.step()
        if not isinstance(session.trainer.record, ChainFactor):
            continue
        explanation = session.explained().explanation
        column = label_column(UNICODE, explanation.rows)

        def laid(row, column=column):
            return labelled(UNICODE, row, WIDTH, column)

        top = len(paragraph(UNICODE, explanation.title, WIDTH, "strong", "  "))
        rows = first_sight(explanation.rows, HEIGHT - top, lambda row, laid=laid: len(laid(row)))
        lines = [label for row in rows for label in [row.label] + [""] * (len(laid(row)) - 1)]
        seen = lines[: HEIGHT - top]
        assert {"shapes", "why"} <= set(seen), explanation.title
        assert set(FACTOR) & set(seen), explanation.title
        assert len(seen) - seen.index("why") >= min(3, lines.count("why") + 2), explanation.title
        # nothing is lost: what was shortened stands whole below
        assert {id(row) for row in explanation.rows} <= {id(row) for row in rows}


TOUR = (4, 14, 15, 17, 19)
"""Records of logistic at which the README has its reader stop, or that stand between these."""


@pytest.mark.parametrize("number", TOUR)
def test_all_of_the_why_is_in_sight_in_the_readme_s_lesson(number):
    session = DebugSession(tb.Trainer(tb.load_lesson("logistic")))
    for _ in range(number):
        session.step()
    explanation = session.explained().explanation
    column = label_column(UNICODE, explanation.rows)

    def laid(row):
        return labelled(UNICODE, row, WIDTH, column)

    top = len(paragraph(UNICODE, explanation.title, WIDTH, "strong", "  "))
    rows = first_sight(explanation.rows, HEIGHT - top, lambda row: len(laid(row)))
    lines = [label for row in rows for label in [row.label] * len(laid(row))]
    begin = lines.index("why")
    end = next((at for at in range(begin, len(lines)) if lines[at] != "why"), len(lines))
    assert end <= HEIGHT - top


async def test_formula_and_data_are_in_sight_in_the_readme_s_lesson(launch):
    async with launch("logistic") as session:
        model = "\n".join(line[44:] for line in session.lines[1:8])
        for words in ("z = X @ β + b", "L = sum(", "X [[1, 2], [3, 4], [5, 6]]", "y [1, 0, 1]"):
            assert words in model


async def test_record_19_of_logistic_and_the_whole_screen_for_one_panel(launch):
    async with launch("logistic", all_factors=True) as session:
        await session.press(*"s" * 19)
        view = session.app.query_one("#explanation")
        assert view.scrollable_content_region.size == (WIDTH, HEIGHT)
        assert session.app.query_one("#records").scrollable_content_region.width == LIST_WIDTH
        below = session.lines[9:22]
        for words in ("rule      ∂L/∂β = Xᵀ @ ∂L/∂(X @ β)", "= [−0.375, −0.5]", "shapes    (2×3) @ (3) → (2)",
                      "why       In row i"):  # fmt: skip
            assert any(words in line for line in below), words
        await session.press("z")
        assert "z or Esc" in session.note
        assert view.size.height == 20
        assert "Iteration" not in session.screen
        await session.press("3")  # the keys of the panels go from one to the next
        assert "━Parameters" in session.lines[1]
        assert "Chain rule" not in session.screen
        await session.press("2", "z", "tab", "z", "escape")
        assert "Chain rule" in session.screen
        assert view.scrollable_content_region.size == (WIDTH, HEIGHT)
        await session.press("1", "z")
        assert "y [1, 0, 1]" in session.screen
        await session.press("t", "space")  # a question needs its field
        assert session.focus == "answer"
        assert session.app.query_one("#answer").size.height == 1


def test_records_without_a_rule_stay_as_they_are():
    session = DebugSession(tb.Trainer(tb.load_lesson("logistic")))
    session.step()
    rows = session.explained().explanation.rows
    assert first_sight(rows, 5, lambda row: 1) == list(rows)
    assert not {row.label for row in rows} & set(FIRST[:2])


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("name", lessons(BUILTIN))
def test_no_two_records_look_alike_in_the_list_at_80_24(name, ascii_only):
    trainer = tb.Trainer(tb.load_lesson(name))
    index = RecordIndex(trainer.graph)
    trainer.seek(trainer.record_count - 1)
    records = RecordList()
    records.charset = Charset(ascii_only=ascii_only)
    shown = []
    for at, record in enumerate(trainer.records):
        room = LIST_WIDTH - 6 - len(short(record)) - 1
        title = records._title_within(SimpleNamespace(titles=index.titles, record_index=index), at, room)
        assert cells(title) <= room
        shown.append(title)
    different = len(set(index.titles[: len(shown)]))
    assert len(set(shown)) == different, sorted(t for t in shown if shown.count(t) > 1)
