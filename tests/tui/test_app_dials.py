"""Dials refuse bad values in place, lose nothing, and say what they do; lesson files open and reload."""

from __future__ import annotations

import pytest

from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS

OWN = """
title = "My own"
formula = "L = (w - 3)**2"
[parameters]
w = 1.0
"""


def field(session, name):
    return session.app.query_one(f"#dial-{name}")


def help_line(session):
    return " ".join(str(session.app.query_one("#dial-help").render()).split())


@pytest.mark.slow
async def test_every_dial_shows_its_value_and_explains_itself(launch):
    async with launch("logistic") as session:
        await session.press("h")
        for name, spec in HYPERPARAMETERS.items():
            assert session.focus == f"dial-{name}"
            assert spec.help in help_line(session)
            assert spec.applies in help_line(session)
            await session.press("down")
        assert field(session, "learning_rate").value == "0.1"
        assert field(session, "shuffle").value == "true"
        assert field(session, "batch_size").value == "all"


async def test_a_good_value_is_applied(launch):
    async with launch("linear") as session:
        await session.press("n", "h")
        await session.type("0.05")
        assert session.trainer.hyperparameters.learning_rate == 0.01  # not before Enter
        await session.press("enter")
        assert session.trainer.hyperparameters.learning_rate == 0.05
        assert session.where == (1, 0)
        await session.press("down")
        await session.type("77")
        await session.press("tab")  # leaving the field applies it as well
        assert session.trainer.hyperparameters.iterations == 77
        assert "/77" in session.status or "77" in field(session, "iterations").value


BAD = [
    ("learning_rate", "fast", "found 'fast'; it must be a number from 0 to 1e6"),
    ("learning_rate", "nan", "it must be a number"),
    ("optimizer", "adm", "did you mean adam?"),
    ("batch_size", "4", "it must be all, or a whole number from 1 to 3"),
    ("momentum", "[red]1[/red]", "found '[red]1[/red]'"),
]


async def test_a_bad_value_is_refused_in_place(launch):
    async with launch("logistic") as session:
        before = session.trainer.hyperparameters
        await session.press("n", "s")
        for name, typed, reason in BAD:
            await session.press("h")
            field(session, name).focus()
            await session.type(typed, "enter")
            assert reason in help_line(session)
            assert "✗" in help_line(session)
            assert session.focus == f"dial-{name}"
            assert field(session, name).value == typed  # to be corrected, not typed anew
            await session.press("escape")
            assert field(session, name).value != typed
            assert session.focus == "explanation"
            assert "✗" not in help_line(session)
        assert session.trainer.hyperparameters == before
        assert session.where == (1, 1)
        assert session.overlay == ""
        assert session.note == ""


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


async def test_a_restarting_dial_goes_back_to_iteration_0_and_says_so(launch):
    async with launch("logistic", size=(120, 36)) as session:
        await session.press("n", "n", "h", "down", "down", "down")
        await session.type("2", "enter")
        assert session.trainer.hyperparameters.batch_size == 2
        assert session.where == (0, 0)
        assert session.note == "batch_size restarts: back at iteration 0"
        assert "batch: samples" in session.screen


async def test_dials_without_effect_are_dim_and_say_so(launch):
    async with launch("logistic", size=(120, 36)) as session:

        def dim(name):
            return field(session, name).has_class("unused")

        assert {name for name in HYPERPARAMETERS if dim(name)} == {
            "shuffle", "momentum", "rho", "beta1", "beta2", "epsilon",
        }  # fmt: skip
        await session.press("h", "down", "down")
        await session.type("adam", "enter")
        assert session.trainer.hyperparameters.optimizer == "adam"
        assert {name for name in HYPERPARAMETERS if dim(name)} == {"shuffle", "momentum", "rho"}
        field(session, "momentum").focus()
        await session.settle()
        assert help_line(session).startswith("no effect now; ")


# ---------------------------------------------------------------------- files


async def test_R_reads_the_file_again(launch, lesson_file):
    path = lesson_file(OWN)
    async with launch(path) as session:
        await session.press("n", "n")
        lesson_file(OWN.replace("- 3", "- 5").replace("My own", "Changed"))
        await session.press("R")
        assert session.note == "own.toml reloaded"
        assert session.trainer.lesson.title == "Changed"
        assert session.where == (0, 0)
        assert "(w − 5)" in session.screen
        await session.press("s")
        assert "own: Changed" in session.lines[0]


@pytest.mark.parametrize("broken", ["formula = ", OWN.replace("w - 3", "w - q"), "lose = 1\n" + OWN, "\x00"])
async def test_R_on_a_broken_file_says_so_once_and_keeps_the_lesson(launch, lesson_file, broken, monkeypatch):
    path = lesson_file(OWN)
    async with launch(path) as session:
        await session.press("n", "s")
        said = []
        say = session.app.say
        monkeypatch.setattr(session.app, "say", lambda *text: (said.append(text), say(*text)))
        lesson_file(broken)
        await session.press("R")
        assert len(said) == 1
        assert "own.toml: " in session.note
        assert "✗" in session.lines[0]
        assert session.trainer.lesson.title == "My own"
        assert session.where == (1, 1)
        path.unlink()
        await session.press("R")
        assert len(said) == 2
        assert "no such file" in session.note
        await session.press("s")
        assert session.where == (1, 2)


async def test_a_file_is_opened_by_its_path(launch, lesson_file):
    path = lesson_file(OWN)
    async with launch("linear") as session:
        await session.press("n", "m", "tab")
        await session.type(str(path), "enter")
        assert session.overlay == ""
        assert session.trainer.lesson.title == "My own"
        assert session.where == (0, 0)
        await session.press("m", "tab")
        await session.type(str(path.with_name("none.toml")), "enter")
        assert session.overlay == ""
        assert "none.toml: no such file" in session.note
        assert session.trainer.lesson.title == "My own"
        await session.press("m", "tab", "enter")
        assert session.overlay == ""
        assert session.trainer.lesson.title == "My own"
