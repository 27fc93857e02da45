"""The keys with every screen open and the focus everywhere, and help and palette with all of them."""

from __future__ import annotations

from tests.support.pilot import OPENED, TYPED_INTO
from tui_backprop.tui.keys import KEYED


async def test_the_apps_keys_close_what_is_open_and_act(launch):
    async with launch("linear") as session:
        await session.press("s")
        for opened in set(OPENED) - set(TYPED_INTO):
            before = session.where[1]
            await session.press(opened, "s")
            assert session.overlay == ""
            assert session.where == (0, before + 1)
        await session.press("v", "g")
        assert session.overlay == "CheckScreen"
        await session.press("h")
        assert session.overlay == ""
        assert session.focus == "hyperparameter-learning_rate"
        await session.press("escape", "v", "l")
        assert session.overlay == ""
        assert "· log" in session.lines[1]
        await session.press("v", "y")
        assert session.note == "sent to the terminal's clipboard"
        await session.press("v", "n")
        assert session.where == (1, 0)


PANELS = ["explanation", "records", "loss", "model", "parameters"]


async def test_the_keys_work_with_the_focus_on_every_panel(launch):
    async with launch("linear", size=(120, 36)) as session:
        assert session.focus == "explanation"
        for panel in PANELS:
            session.app.query_one(f"#{panel}").focus()
            await session.press("r", "s", "right", "s", "left")
            assert session.focus == panel
            assert session.where == (0, 2)
            await session.press("n", "p")
            assert session.where == (0, 0)


async def test_tab_goes_round_and_escape_comes_back(launch):
    async with launch("linear", size=(120, 36)) as session:
        seen = [session.focus]
        for _ in range(25):
            await session.send("tab")
            seen.append(session.focus)
            if session.focus == "explanation":
                break
        assert set(PANELS) <= set(seen)
        assert "hyperparameter-learning_rate" in seen
        assert seen[-1] == "explanation"
        await session.press("shift+tab")
        assert session.focus == "records"
        await session.press("escape")
        assert session.focus == "explanation"
        await session.press("escape", "escape")
        assert session.app.is_running


async def test_g_m_v_and_help_open_and_close(launch):
    async with launch("linear") as session:
        await session.press("s")
        for key, (screen, text) in OPENED.items():
            for close in ("escape", "escape" if key in TYPED_INTO else key):
                await session.press(key)
                assert session.overlay == screen
                assert text in session.screen
                await session.press(close)
                assert session.overlay == ""
                assert session.focus == "explanation"
        assert session.where == (0, 1)


async def test_help_and_palette_list_every_key(launch):
    async with launch("linear", size=(100, 100)) as session:
        await session.press("question_mark")
        help_text = session.screen
        commands = [command.title for command in session.app.get_system_commands(session.app.screen)]
        for command, key in KEYED:
            assert f"│ {key.text:<15} {command.key_help[:30]}" in help_text
            for name in key.keys.split(","):
                sign = {
                    "right": "→",
                    "left": "←",
                    "space": "␣",
                    "question_mark": "?",
                    "slash": "/",
                    "colon": ":",
                }.get(name, name)
                assert sign.lower() in key.text.lower().split()
            if command.name != "palette":  # which need not offer itself
                assert any(title.endswith(f"({key.text})") for title in commands)
        assert "│ : Ctrl+P" in help_text
        for key in ("Tab", "Esc", "Ctrl+C"):
            assert f"│ {key}" in help_text


async def test_every_command_of_the_palette_does_what_its_key_does(launch):
    async with launch("linear") as session:
        commands = {c.title: c.callback for c in session.app.get_system_commands(session.app.screen)}

        async def choose(start: str) -> None:
            next(call for title, call in commands.items() if title.startswith(start))()
            await session.settle()

        await choose("Step")
        assert session.where == (0, 1)
        await choose("Next iteration")
        await choose("Next iteration")
        await choose("Back")
        assert session.where == (1, session.trainer.record_count - 1)
        await choose("Open lesson square")
        assert session.trainer.lesson.name == "square"
        await session.press("question_mark")
        await choose("Loss axis")
        await choose("Gradient check")
        assert session.overlay == "CheckScreen"
        await choose("Hyperparameters")
        assert session.overlay == ""
        assert session.focus == "hyperparameter-learning_rate"
