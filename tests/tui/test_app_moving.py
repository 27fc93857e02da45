"""Going anywhere: to an iteration, to a record, to a node's factor, from list, graph, chart or by name."""

from __future__ import annotations

from tui_backprop.explain.titles import record_titles
from tui_backprop.tui.panels.chain.records import RecordList
from tui_backprop.tui.panels.graph import GraphPanel
from tui_backprop.tui.panels.loss_chart import LossChart

FORK = """
formula = '''
h = w * x
L = sum(h * h) + sum(tanh(h))
'''
[data]
x = [1.0, 2.0]
[parameters]
w = 0.5
"""


async def test_i_goes_back_and_ahead(launch):
    async with launch("linear") as session:
        await session.press("i")
        assert session.overlay == "GotoScreen"
        await session.type("30", "enter")
        assert session.where == (30, 0)
        assert session.overlay == ""
        loss = session.trainer.losses[12]
        await session.press("i")
        await session.type("12", "enter")
        assert session.where == (12, 0)
        assert session.trainer.loss == loss
        await session.press("s", "s", "i")
        await session.type("12", "enter")
        assert session.where == (12, 0)


async def test_i_refuses_what_is_no_iteration_in_place(launch):
    async with launch("linear") as session:
        await session.press("i")
        for text in ("", "-1", "1.5", "ten", "1e3", "1" * 30):
            await session.type(text, "enter")
            assert session.overlay == "GotoScreen"
            assert "it must be a whole number from 0 to 1,000,000,000" in session.message
        session.app.screen.line.value = "1" * 5000
        await session.press("enter")
        assert session.overlay == "GotoScreen"
        await session.press("escape")
        assert session.where == (0, 0)


async def test_f_finds_a_node_and_goes_to_where_its_gradient_is_complete(launch):
    async with launch("logistic") as session:
        await session.press("f")
        await session.type("bet", "enter")
        assert session.overlay == ""
        titles = record_titles(session.trainer.graph)
        assert titles[session.trainer.position - 1] == "∂L/∂β from (X @ β)"
        assert session.app.query_one(GraphPanel).selected.name == "beta"
        await session.press("slash")
        await session.type("ŷ", "down", "down", "enter")
        assert session.overlay == ""
        assert session.where[0] == 0
        await session.press("f")
        await session.type("nowhere", "enter")
        assert session.overlay == "FindScreen"
        assert "no node has 'nowhere'" in session.screen


async def test_the_list_of_records_selects_and_goes_there(launch):
    async with launch("logistic", size=(120, 36)) as session:
        records = session.app.query_one(RecordList)
        records.focus()
        await session.press("down", "down", "down")
        assert session.where == (0, 0)
        assert "› " in "".join(text for text, _ in records.line_at(3))
        assert session.app.query_one(GraphPanel).selected.name == "y_hat"
        await session.press("enter")
        assert session.where == (0, 4)
        await session.press("end")
        await session.press("enter")  # the last record ends the iteration, as a step does
        assert session.where == (1, 0)


async def test_the_graph_selects_in_the_list_and_goes_there(launch):
    async with launch("logistic", size=(120, 36)) as session:
        graph, records = session.app.query_one(GraphPanel), session.app.query_one(RecordList)
        await session.press("4")
        assert session.focus == "graph"
        await session.press("down", "down", "down", "down", "down")
        assert graph.selected.name == "y_hat"
        assert records._selected == record_titles(session.trainer.graph).index("∂L/∂ŷ from (y − ŷ)")
        await session.press("enter")
        assert "∂L/∂ŷ from (y − ŷ)" in session.screen
        assert session.trainer.position == records.snapshot.position == 13
        await session.press("s")  # and stepping moves the selection in the graph
        assert graph.selected.name == "z"


async def test_the_graph_of_80_columns_takes_the_charts_place(launch):
    async with launch("logistic") as session:
        await session.press("4")
        assert "Graph: value, gradient" in session.screen
        assert "Chain rule" in session.screen
        assert "┤" not in session.screen
        await session.press("1")
        assert "Graph" not in session.screen
        assert "┤" in session.screen


async def test_scrubbing_the_chart_goes_to_the_iteration_under_the_cursor(launch):
    async with launch("linear") as session:
        await session.press("i")
        await session.type("60", "enter")
        chart = session.app.query_one(LossChart)
        chart.focus()
        await session.press("left", "shift+left")
        assert session.where == (60, 0)
        cursor = chart.cursor
        assert 0 < cursor < 60
        exact = repr(float(session.trainer.losses[cursor])).replace("-", "−")
        assert f"Iteration {cursor} · loss {exact}" in session.screen
        await session.press("enter")
        assert session.where == (cursor, 0)
        await session.press("home", "enter")
        assert session.where == (0, 0)
