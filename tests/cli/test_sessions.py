"""The commands that list, delete and resume sessions."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner

from tui_backprop.cli.main import cli
from tui_backprop.lessons.library import load_lesson
from tui_backprop.sessions import store as sessions
from tui_backprop.sessions.autosave import SessionAutosave
from tui_backprop.training.trainer import Trainer


def keeper_of(name: str) -> SessionAutosave:
    trainer = Trainer(load_lesson(name))
    keeper = SessionAutosave(trainer)
    trainer.run(3)
    keeper.changed(trainer)
    keeper.flush()
    return keeper


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def test_sessions_are_listed_and_deleted_but_not_an_open_one() -> None:
    assert run("sessions") == (0, "there are no sessions\n", "")
    keeper_of("linear").close()
    keeper = keeper_of("logistic")
    code, page, _ = run("sessions", "--format", "json")
    assert code == 0
    rows = json.loads(page)
    assert [(r["lesson"], r["iteration"], r["open"]) for r in rows] == [
        ("logistic", 3, True),
        ("linear", 3, False),
    ]
    assert "open" in run("sessions")[1].splitlines()[1]
    assert "e−05" in run("sessions")[1]
    assert "e-05" in run("sessions", "--ascii")[1]
    code, _, error = run("sessions", "--delete", rows[0]["id"])
    assert code == 2
    assert "is open in another program" in error
    assert run("sessions", "--delete-all") == (
        0,
        f"deleted: {rows[1]['id']}\n{rows[0]['id']} is open in another program and stays\n",
        "",
    )
    keeper.close()
    assert run("sessions", "--delete", rows[0]["id"][:3]) == (0, f"deleted: {rows[0]['id']}\n", "")
    assert list(sessions.sessions_folder().iterdir()) == []


CHANGES: dict[str, Callable[[Trainer], object]] = {
    "a rate": lambda trainer: trainer.set(learning_rate=0.5),
    "a batch": lambda trainer: trainer.set(batch_size=1),
    "a value put in": lambda trainer: trainer.override("y_hat", [0.8, 0.3, 0.4]),
    "an edit": lambda trainer: trainer.edit("b", 2.0),
    "what is undone": lambda trainer: (trainer.set(learning_rate=0.5), trainer.run(2), trainer.undo()),
    "going back": lambda trainer: trainer.rewind(to_iteration=1),
    "a breakpoint": lambda trainer: trainer.breakpoints.add("loss < 0.1"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_loss_is_listed_whatever_was_done_last(change: str) -> None:
    trainer = Trainer(load_lesson("logistic"))
    keeper = SessionAutosave(trainer)
    trainer.run(3)
    CHANGES[change](trainer)
    keeper.changed(trainer)
    keeper.close()
    (row,) = json.loads(run("sessions", "--format", "json")[1])
    assert row["loss"] == trainer.loss


@pytest.mark.parametrize("word", ["zzzz", "../x", "\x1b[31m"])
def test_an_unknown_session_is_refused_in_a_line(word: str) -> None:
    code, _, error = run("sessions", "--delete", word)
    assert code == 2
    assert error.startswith("tui-backprop: found no session ")
    assert error.count("\n") == 1
    assert "\x1b" not in error


def test_resume_says_in_a_line_what_it_cannot_resume() -> None:
    assert run("resume", "--plain") == (
        2,
        "",
        "tui-backprop: there is no session to resume; tui-backprop sessions lists them\n",
    )
    keeper_of("linear").close()
    (info,) = sessions.list_sessions()
    folder = sessions.sessions_folder()
    twin = info.id[:3] + ("a" if info.id[3] != "a" else "b")
    (folder / f"{twin}.session").write_bytes((folder / f"{info.id}.session").read_bytes())
    for word, reason in (
        ("nonsense", "found no session nonsense; tui-backprop sessions lists them"),
        ("\x1b[2J", "found no session "),
        (info.id[:3], f"session {info.id[:3]} may be any of "),
    ):
        code, out, error = run("resume", word, "--plain")
        assert (code, out) == (2, "")
        assert error.startswith(f"tui-backprop: {reason}")
        assert error.count("\n") == 1
        assert "\x1b" not in error


def test_a_damaged_session_is_listed_in_a_line_and_can_be_deleted() -> None:
    keeper_of("linear").close()
    (info,) = sessions.list_sessions()
    path = sessions.sessions_folder() / f"{info.id}.session"
    path.write_bytes(path.read_bytes()[:-5])
    for problem in ("it is cut off or damaged", f"damaged, kept as {info.id}.session.bad"):
        code, page, _ = run("sessions")
        assert (code, len(page.splitlines())) == (0, 2)
        assert page.splitlines()[1].endswith(problem)
        assert run("resume", info.id, "--plain")[0] == 2
    assert run("sessions", "--delete", info.id) == (0, f"deleted: {info.id}\n", "")
    assert list(sessions.sessions_folder().iterdir()) == []
