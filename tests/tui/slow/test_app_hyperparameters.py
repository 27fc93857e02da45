"""Every hyperparameter shows its value and explains itself; what was typed is put back where it is left."""

from __future__ import annotations

from tests.support.pilot import field, help_line
from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS
from tui_backprop.tui.panels.hyperparameters import ordered


async def test_every_hyperparameter_shows_its_value_and_explains_itself(launch):
    async with launch("logistic") as session:
        await session.press("h")
        for name in ordered(session.trainer.hyperparameters):
            spec = HYPERPARAMETERS[name]
            assert session.focus == f"hyperparameter-{name}"
            assert spec.help in help_line(session)
            assert spec.applies in help_line(session)
            await session.press("down")
        assert field(session, "learning_rate").value == "0.1"
        assert field(session, "shuffle").value == "true"
        assert field(session, "batch_size").value == "all"


async def test_a_bad_value_left_behind_is_put_back_and_the_reason_stays(launch):
    async with launch("logistic", size=(120, 36)) as session:
        await session.press("h")
        await session.type("oops")
        await session.press("tab")
        assert field(session, "learning_rate").value == "0.1"
        assert "found 'oops'" in help_line(session)
        await session.press("escape")
        assert session.trainer.hyperparameters.learning_rate == 0.1


async def test_escape_restores_and_changes_nothing(launch):
    async with launch("logistic") as session:
        await session.press("n", "h")
        await session.type("5")
        assert field(session, "learning_rate").value == "5"
        await session.press("escape")
        assert field(session, "learning_rate").value == "0.1"
        assert session.trainer.hyperparameters.learning_rate == 0.1
        assert session.where == (1, 0)
