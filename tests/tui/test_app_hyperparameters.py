"""Dials refuse bad values in place, lose nothing, and say what they do; lesson files open and reload."""

from __future__ import annotations

import pytest

from tests.support.pilot import field, help_line
from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS

OWN = """
title = "My own"
formula = "L = (w - 3)**2"
[parameters]
w = 1.0
"""


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
            assert session.focus == f"hyperparameter-{name}"
            assert field(session, name).value == typed  # to be corrected, not typed anew
            await session.press("escape")
            assert field(session, name).value != typed
            assert session.focus == "explanation"
            assert "✗" not in help_line(session)
        assert session.trainer.hyperparameters == before
        assert session.where == (1, 1)
        assert session.overlay == ""
        assert session.note == ""


async def test_a_restarting_hyperparameter_goes_back_to_iteration_0_and_says_so(launch):
    async with launch("logistic", size=(120, 50)) as session:
        await session.press("n", "n", "h", "down", "down", "down")
        await session.type("2", "enter")
        assert session.trainer.hyperparameters.batch_size == 2
        assert session.where == (0, 0)
        assert session.note == "batch_size all → 2; back at iteration 0"
        assert "batch: samples" in session.screen
        assert "loss over all samples 0.375" in session.screen


async def test_hyperparameters_without_effect_are_dim_and_say_so(launch):
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


async def test_a_schedule_that_does_not_fit_shows_its_kind_and_can_be_typed_over(launch):
    async with launch("schedules", size=(100, 60)) as session:
        row = next(line for line in session.lines if " schedule  " in line)
        assert " one_cycle" in row
        assert "kind =" not in row
        session.app.screen.set_focus(field(session, "schedule"))
        await session.settle()
        assert field(session, "schedule").value.startswith('{ kind = "one_cycle"')


async def test_the_title_is_cut_between_words(launch):
    async with launch("batch-norm") as session:
        assert session.lines[0].rstrip().endswith(": samples that depend on one…")


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


@pytest.mark.parametrize(
    "broken",
    [
        "formula = ",
        *(
            pytest.param(text, marks=pytest.mark.slow)
            for text in (OWN.replace("w - 3", "w - q"), "lose = 1\n" + OWN, "\x00")
        ),
    ],
)
async def test_R_on_a_broken_file_says_so_once_and_keeps_the_lesson(launch, lesson_file, broken, monkeypatch):
    path = lesson_file(OWN)
    async with launch(path) as session:
        await session.press("n", "s")
        said = []
        say = session.app.main.say
        monkeypatch.setattr(session.app.main, "say", lambda *text: (said.append(text), say(*text)))
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
        await session.press("n", "m")
        await session.type(str(path), "enter")
        assert session.overlay == ""
        assert session.trainer.lesson.title == "My own"
        assert session.where == (0, 0)
        await session.press("m")
        await session.type(str(path.with_name("none.toml")), "enter")
        assert session.overlay == "LessonScreen"
        assert "none.toml: no such file" in session.message
        assert session.trainer.lesson.title == "My own"
        await session.press("escape")
        assert session.overlay == ""
        assert session.trainer.lesson.title == "My own"
