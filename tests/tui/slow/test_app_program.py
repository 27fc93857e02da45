"""The program that runs are compiled to: while a run goes on, and where there is none."""

from __future__ import annotations

from tui_backprop.tui.widgets.lines import LinesView


async def test_layout_follows_the_size(launch):
    async with launch("linear", size=(120, 36)) as session:
        await session.press("e")
        regions = [session.app.screen.query_one(f"#program-{n}").region for n in ("formula", "code")]
        assert regions[0].y == regions[1].y
        await session.pilot.resize_terminal(60, 16)
        await session.settle()
        regions = [session.app.screen.query_one(f"#program-{n}").region for n in ("formula", "code")]
        assert regions[0].bottom <= regions[1].y
        assert "y = w * x + b" in session.screen


async def test_keys_of_the_app_close_it_and_act(launch):
    async with launch("linear") as session:
        await session.press("e", "s")
        assert session.overlay == ""
        assert session.where == (0, 1)
        await session.press("e", "question_mark")
        assert session.overlay == "HelpScreen"
        await session.press("escape", "e")
        assert session.overlay == "ProgramScreen"


async def test_it_follows_the_hyperparameters(launch):
    async with launch("theta", optimizer="momentum", batch_size=3) as session:
        await session.press("e")
        code = session.app.screen.query_one("#program-code", LinesView).plain
        assert code.startswith("The last batch of an epoch, of 1, has a program of its own.")
        assert "v_theta = " in code
        assert "x = x_all[row:row + 3]" in code


async def test_a_run_goes_on_meanwhile(launch):
    async with launch("linear", iterations=10**9) as session:
        await session.send("space")
        await session.until(lambda: session.trainer.iteration)
        await session.send("e")
        await session.until(lambda: session.overlay == "ProgramScreen")
        assert session.app.runner.running
        await session.send("e")
        await session.press("space")
        assert not session.app.runner.running
