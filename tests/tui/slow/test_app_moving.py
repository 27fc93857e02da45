"""Going somewhere: what is rarer."""

from __future__ import annotations

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


async def test_a_fork_is_gone_to_where_it_is_complete(launch, lesson_file):
    async with launch(lesson_file(FORK)) as session:
        await session.press("f")
        await session.type("h =", "escape", "f")
        await session.type("h", "enter")
        node = session.trainer.graph.named["h"]
        arrivals = [i for i, (o, k) in enumerate(session.trainer.graph.factors) if o.operands[k] is node]
        assert len(arrivals) == 3
        assert session.trainer.position == len(session.trainer.graph.assignments) + arrivals[-1] + 1
        for number in (1, 2, 3):
            assert f"path {number}" in session.explanation


async def test_a_focused_chart_keeps_the_arrows_and_s_still_steps(launch):
    async with launch("linear") as session:
        await session.press("n", "n")
        session.app.query_one(LossChart).focus()
        await session.press("left", "right")
        assert session.where == (2, 0)
        await session.press("s")
        assert session.where == (2, 1)
