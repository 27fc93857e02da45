"""Every key of the table does what the table says, to the trainer and on the screen."""

from __future__ import annotations

import base64

import pytest
from textual.command import CommandList

from tui_backprop.lessons.library import BUILTIN
from tui_backprop.tui.app import BackpropApp
from tui_backprop.tui.keys import KEYED, action
from tui_backprop.tui.main_screen import MainScreen

TABLE = [*"sbnpcrglmhRyq", "right", "left", "space", "question_mark"]
"""The keys of DESIGN §3."""
EXTRA = [*"vxotwifeBSuUazdFLCTPHWNYjkVX12345", "slash", "colon", "ctrl+l", "ctrl+z", "f1"]


async def test_f1_opens_help_and_closes_it_also_from_a_field_and_a_screen(launch):
    async with launch("linear") as session:
        for before in ("s", "h", "g"):
            await session.press(before, "f1")
            assert session.overlay == "HelpScreen"
            await session.press("f1")
            assert session.overlay == ""
            await session.press("escape")


# ---------------------------------------------------------------------- moving


async def test_s_and_right_step_b_and_left_go_back(launch):
    async with launch("logistic") as session:
        assert "record 0 of 21" in session.status
        assert "Start of iteration 0" in session.screen
        await session.press("s")
        assert session.where == (0, 1)
        assert "▶  1 (X @ β)" in session.screen
        assert "forward  record 1 of 21" in session.status
        await session.press("right")
        assert session.where == (0, 2)
        assert "✓  1 (X @ β)" in session.screen
        assert "▶  2 broadcast(b)" in session.screen
        await session.press("left")
        assert session.where == (0, 1)
        assert "▶  1 (X @ β)" in session.screen
        assert "·  2 broadcast(b)" in session.screen
        await session.press("b")
        assert session.where == (0, 0)
        assert "at the start" in session.status
        await session.press("b")
        assert session.where == (0, 0)


async def test_s_takes_the_last_record_into_the_next_iteration_and_b_comes_back(launch):
    async with launch("linear", all_factors=True) as session:
        last = session.trainer.record_count
        await session.press(*"s" * last)
        assert session.where == (1, 0)
        assert "the last record of iteration 0" in " ".join(session.screen.split())
        assert "iteration 1/202  epoch 1  at the start" in session.status
        await session.press("b")
        assert session.where == (0, last - 1)
        assert f"update  record {last - 1} of {last}" in session.status


async def test_n_and_p_go_by_iterations(launch):
    async with launch("linear") as session:
        start = session.trainer.loss
        await session.press("s", "s", "n")
        assert session.where == (1, 0)
        assert session.trainer.loss < start
        assert "iteration 1/" in session.status
        assert "Loss " in session.lines[1]
        await session.press("n")
        assert session.where == (2, 0)
        await session.press("s", "p")
        assert session.where == (2, 0)
        assert "Start of iteration 2" in session.screen
        await session.press("p")
        assert session.where == (1, 0)
        await session.press("p", "p")
        assert session.where == (0, 0)
        assert session.trainer.loss == start
        assert "iteration 0/" in session.status


@pytest.mark.parametrize("key", ["space", pytest.param("c", marks=pytest.mark.slow)])
async def test_space_and_c_run_and_pause(launch, key):
    async with launch("linear", pace=0.005, iterations=100_000) as session:
        await session.send(key)
        await session.until(lambda: "running" in session.status and session.app.main.snapshot.iteration > 5)
        assert "/s" in session.status
        assert "Running: iteration" in session.screen
        await session.press(key)
        reached, _ = session.where
        assert reached > 5
        assert "paused" in session.status
        assert f"iteration {reached}" in session.status
        await session.settle()
        assert session.where == (reached, 0)


async def test_r_starts_anew(launch):
    async with launch("linear") as session:
        start = session.trainer.parameters["w"]
        await session.press("n", "n", "s", "r")
        assert session.where == (0, 0)
        assert session.trainer.parameters["w"] == start
        assert len(session.trainer.losses) == 0
        assert "iteration 0/" in session.status
        assert "iteration 0 · linear" in session.screen


async def test_l_switches_the_loss_axis(launch):
    async with launch("linear") as session:
        await session.press("n", "n", "l")
        assert "· log" in session.lines[1]
        await session.press("l")
        assert "· linear" in session.lines[1]


async def test_y_copies_the_current_record(launch, monkeypatch):
    async with launch("linear") as session:
        written = []
        await session.press(*"s" * 8)
        monkeypatch.setattr(session.app._driver, "write", written.append)
        await session.press("y")
        (sequence,) = (text for text in written if text.startswith("\x1b]52;"))
        copied = base64.b64decode(sequence.split(";")[2].rstrip("\a")).decode()
        explanation = session.app.main.snapshot.explanation
        assert copied.splitlines()[0] == explanation.title
        for row in explanation.rows:
            assert row.label in copied
        assert copied == session.app.clipboard
        assert session.note == "sent to the terminal's clipboard"
        assert "sent to the terminal's clipboard" in session.screen


async def test_ctrl_c_pauses_a_run_and_otherwise_says_that_q_quits(launch):
    async with launch("linear", pace=0.005, iterations=100_000) as session:
        await session.press("ctrl+c")
        assert session.note == "q quits"
        await session.send("space")
        await session.until(lambda: "running" in session.status)
        await session.press("ctrl+c")
        assert "paused" in session.status
        assert session.app.is_running


@pytest.mark.parametrize("opened", ["", "g"])
async def test_q_quits_from_everywhere(launch, opened):
    async with launch("linear") as session:
        await session.press("s", *([opened] if opened else []))
        await session.send("q")
        await session.until(lambda: not session.app.is_running)
        assert session.app.return_code == 0


# ---------------------------------------------------------------------- what opens over the screen


async def test_m_opens_another_lesson(launch):
    async with launch("linear") as session:
        await session.press("n", "m", "down")
        assert "Press s" in session.screen or "square" in session.screen
        await session.press("enter")
        assert session.trainer.lesson.name == "square"
        assert session.where == (0, 0)
        assert "square: " in session.lines[0]
        assert "Model: square" in session.screen
        await session.press("m", *["pagedown"] * 9, "enter")
        assert session.trainer.lesson.name == BUILTIN[-1]


async def test_v_without_a_record_says_what_to_do(launch):
    async with launch("linear") as session:
        await session.press("v")
        assert session.overlay == ""
        assert session.note == "s steps to a record first; v then shows all its numbers"


# ---------------------------------------------------------------------- focus


async def test_1_2_3_and_h_show_the_side_panels(launch):
    async with launch("linear") as session:
        for key, id_, text in [
            ("3", "parameters", "gradient"),
            ("1", "model", "y = w × x + b"),
            ("2", "explanation", "optimizer"),
            ("1", "model", "y = w × x + b"),
            ("h", "hyperparameter-learning_rate", "optimizer"),
        ]:
            await session.press("escape", key)
            assert session.focus == id_
            assert text in session.screen.replace("·", "×").replace("*", "×")
            assert "Chain rule" in session.screen


async def test_letters_typed_in_a_field_stay_text(launch):
    async with launch("linear") as session:
        letters = "snbpcrglmhRyq?v123 "
        await session.press("h")
        await session.type(letters)
        assert session.app.focused.value == letters
        assert session.where == (0, 0)
        assert session.overlay == ""
        assert session.note == ""
        await session.press("escape", "m")
        assert session.focus == "ask-line"
        await session.type(letters)
        assert session.app.focused.value == letters
        assert session.overlay == "LessonScreen"
        await session.press("escape")
        assert session.overlay == ""
        assert session.where == (0, 0)


# ---------------------------------------------------------------------- every key is known everywhere


def test_every_key_of_the_table_has_an_action_and_a_binding():
    known = {name for _, key in KEYED for name in key.keys.split(",")}
    assert known == {*TABLE, *EXTRA}
    bindings = [*BackpropApp.BINDINGS, *MainScreen.BINDINGS]
    assert known <= {key for binding in bindings for key in binding.key.split(",")}
    names = [command.name for command, _ in KEYED]
    assert len(set(names)) == len(names)
    for name in names:
        method = action(name).split("(")[0]
        owner = BackpropApp if method.startswith("app.") else MainScreen
        assert callable(getattr(owner, f"action_{method.removeprefix('app.')}", None)), name


async def test_the_palette_opens_and_runs_a_command(launch):
    async with launch("linear") as session:
        await session.press("ctrl+p")
        assert session.overlay == "BackpropPalette"
        await session.type("Next iter")
        found = session.app.screen.query_one(CommandList)
        await session.until(lambda: found.option_count == 1 and found.highlighted == 0)
        await session.press("enter")
        await session.until(lambda: session.overlay == "")
        await session.settle()
        assert session.where == (1, 0)


@pytest.mark.parametrize("key", ["i", "h", "f"])
async def test_a_key_behind_q_does_nothing(launch, key):
    async with launch("linear") as session:
        session._post("q")
        session._post(key)
        await session.until(lambda: not session.app.is_running)
