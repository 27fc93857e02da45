"""The question at the start of plain mode, and two programs on one session, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pexpect
import pytest

from tui_backprop.lessons.library import load_lesson
from tui_backprop.sessions import store as sessions
from tui_backprop.sessions.autosave import SessionAutosave
from tui_backprop.training.trainer import Trainer

COMMAND = [sys.executable, "-m", "tui_backprop"]


@pytest.fixture
def key() -> str:
    """Save a session, and return its id."""
    trainer = Trainer(load_lesson("logistic"))
    keeper = SessionAutosave(trainer)
    trainer.run(12)
    keeper.changed(trainer)
    keeper.close()
    (info,) = sessions.list_sessions()
    return info.id


def on_terminal(*args: str, term: str = "dumb") -> pexpect.spawn:
    return pexpect.spawn(
        COMMAND[0], [*COMMAND[1:], *args], env={**os.environ, "TERM": term}, timeout=30,
        dimensions=(24, 80), encoding="utf-8",
    )  # fmt: skip


def test_enter_resumes_and_n_does_not(key: str) -> None:
    for answer, place in (("", "logistic: .*iteration 12"), ("n", "first: .*iteration 0")):
        child = on_terminal("--plain")
        child.expect_exact("Resume `logistic` at iteration 12? (Enter / n)")
        child.expect_exact("(backprop) ")
        child.sendline(answer)
        child.expect(place)
        child.expect_exact("(backprop) ")
        child.sendline("q")
        child.expect(pexpect.EOF)


def test_a_command_in_place_of_an_answer_is_done(key: str) -> None:
    child = on_terminal("--plain")
    child.expect_exact("Resume `logistic` at iteration 12? (Enter / n)")
    child.sendline("next")
    child.expect_exact(f"tui-backprop resume {key} goes on")
    child.expect("iteration 1,")
    child.sendline("q")
    child.expect(pexpect.EOF)


def test_what_was_typed_before_the_question_is_no_answer(key: str) -> None:
    child = on_terminal("--plain")
    child.sendline("")
    child.sendline("next")
    child.expect_exact(f"tui-backprop resume {key} goes on")
    child.expect("first: ")
    child.expect("iteration 1,")
    child.sendline("q")
    child.expect(pexpect.EOF)
    assert "?" not in (child.before or "")


def test_two_programs_are_never_on_one_session(key: str) -> None:
    app = on_terminal("resume", key, "--driver", "plain", term="xterm-256color")
    app.expect_exact("iteration 12")
    done = subprocess.run([*COMMAND, "resume", key, "--plain"], input=b"", capture_output=True, timeout=60)
    line = f"tui-backprop: session {key} is open in another program; close it there first\n"
    assert (done.returncode, done.stdout, done.stderr.decode()) == (2, b"", line)
    other = on_terminal("--plain")  # nothing to offer either
    assert other.expect([r"Resume", r"first: "]) == 1
    other.sendline("s")
    other.expect("1 of 15")
    deadline = time.monotonic() + 10
    while len(found := sessions.list_sessions()) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)  # saving does not keep the prompt waiting
    assert {info.lesson: info.locked for info in found} == {"logistic": True, "first": True}
    other.sendline("q")
    other.expect(pexpect.EOF)
    app.send("q")
    app.expect(pexpect.EOF)
    assert not any(info.locked for info in sessions.list_sessions())
