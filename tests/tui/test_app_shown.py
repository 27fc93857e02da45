"""What the screen shows is what the trainer has, and long computations can be left."""

from __future__ import annotations

from tui_backprop.tui.panels.hyperparameters import HyperparameterField


async def test_the_list_shows_new_records_after_a_hyperparameter_is_turned_inside_the_iteration(launch):
    async with launch("linear", size=(80, 40), all_factors=True) as session:
        await session.press(*"s" * 14)
        before = f"{session.trainer.records[13].after:.6g}"
        assert before in session.screen
        await session.press("h")
        await session.type("100", "enter", "escape")
        after = f"{session.trainer.records[13].after:.6g}"
        assert session.where == (0, 14)
        assert after != before
        row = next(line for line in session.lines if "▶ 14 update w" in line)
        assert after in row.replace("−", "-")


async def test_enter_on_a_hyperparameter_that_was_not_touched_keeps_every_digit(launch):
    async with launch("linear") as session:
        session.app.runner.set("learning_rate", 0.01234567890123)
        await session.settle()
        await session.press("h", "enter", "escape")
        assert session.trainer.hyperparameters.learning_rate == 0.01234567890123


async def test_tab_leaves_a_refused_batch_size(launch):
    async with launch("logistic", size=(120, 36)) as session:
        await session.press("h", "down", "down", "down")
        await session.type("99", "enter")
        assert session.focus == "hyperparameter-batch_size"
        await session.press("tab")
        assert session.focus != "hyperparameter-batch_size"
        assert session.app.screen.query_one("#hyperparameter-batch_size", HyperparameterField).value == "all"
        assert session.trainer.hyperparameters.batch_size == "all"


async def test_a_file_name_is_never_markup(launch, lesson_file):
    path = lesson_file('formula = "L = w**2"\n[parameters]\nw = 1.0')
    path = path.rename(path.with_name("a[@click=app.quit]b[red]c.toml"))
    async with launch(path) as session:
        assert "Model: a[@click=app.quit]b[red]c" in session.screen


async def test_the_ways_back_are_dim_where_there_is_nothing_behind(launch):
    async with launch("linear") as session:
        assert not session.app.active_bindings["b"].enabled
        await session.press("s")
        assert session.app.active_bindings["b"].enabled


async def test_the_loss_axis_has_the_loss_of_the_status(launch):
    async with launch("linear") as session:
        await session.press("n", "n")
        assert "iteration 2 " in session.lines[1]
        assert "iteration 2/" in session.status


async def test_beside_a_batch_s_loss_stands_that_of_all_samples(launch):
    """At θ = 0.75 mean((y − θx)²) is 3.0625 of the second sample alone and 7.65625 of all four."""
    async with launch("theta", size=(120, 36)) as session:
        await session.press("n")
        assert "Loss 3.0625 of this batch, 7.65625 over all samples." in session.explanation
        assert session.status.endswith("loss 3.0625  over all samples 7.65625  numpy")
        assert "loss over all samples 7.65625," in session.screen
