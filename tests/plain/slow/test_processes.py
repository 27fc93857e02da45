"""Plain mode in processes of its own: pipes, terminals, signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pexpect
import pytest

from tui_backprop.host.terminal import why_plain

COMMAND = [sys.executable, "-m", "tui_backprop"]


def piped(text: str, *args: str, code: int = 0) -> str:
    done = subprocess.run([*COMMAND, "--plain", *args], input=text.encode(), capture_output=True, timeout=60)
    assert done.returncode == code, done
    assert done.stderr == b""
    assert b"\x1b" not in done.stdout
    assert b"\r" not in done.stdout
    return done.stdout.decode()


def on_terminal(term: str | None, *args: str) -> pexpect.spawn:
    environment = {name: value for name, value in os.environ.items() if name != "TERM"}
    if term is not None:
        environment["TERM"] = term
    return pexpect.spawn(
        COMMAND[0], [*COMMAND[1:], *args], env=environment, timeout=30, dimensions=(24, 80), encoding="utf-8"
    )


def end(child: pexpect.spawn) -> int:
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus if child.exitstatus is not None else 128 + child.signalstatus


def test_through_a_pipe() -> None:
    out = piped("s\ns\nprint beta\nq\n", "logistic", "--set", "learning_rate=0.5")
    assert "β = [0, 0]" in out
    assert "(backprop)" not in out


def test_a_refusal_stands_in_order_and_in_the_exit_code() -> None:
    out = piped("zzzz\nloss\n", "logistic", code=2)
    assert out.splitlines()[-2:] == ["error: unknown command 'zzzz'; help lists the commands", "loss 0.375"]


def test_bytes_that_are_no_text_do_no_harm() -> None:
    done = subprocess.run(
        [*COMMAND, "--plain"],
        input=b"\xff\xfe\x00\x1b[31m\nprint \x1b]0;x\x07\nq\n",
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert not set(done.stdout) & (set(range(32)) - {10})


def test_a_reader_that_goes_away_ends_it_in_silence() -> None:
    done = subprocess.run(
        f"(yes list | head -2000) | {' '.join(COMMAND)} --plain logistic | head -3",
        shell=True, capture_output=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.count(b"\n") == 3
    assert done.stderr == b""


@pytest.mark.parametrize("term", ["dumb", "", None, "unheard-of"])
def test_a_terminal_that_cannot_be_drawn_on_gets_lines_and_is_told_why(term: str | None) -> None:
    child = on_terminal(term, "logistic")
    child.expect("plain mode")
    child.expect_exact("(backprop) ")
    seen = child.before
    for line, answer in (
        ("s", "1 of 21"),
        ("", "2 of 21"),
        ("print beta", "= [0, 0]"),
        ("help print", "Example"),
    ):
        child.sendline(line)
        child.expect_exact(answer)
        seen += child.before
        child.expect_exact("(backprop) ")
        seen += child.before
    child.sendeof()
    assert end(child) == 0
    assert "\x1b" not in seen + (child.before or "")


def test_plain_on_a_capable_terminal_writes_no_escape_sequences_either() -> None:
    child = on_terminal("xterm-256color", "--plain", "logistic")
    child.expect_exact("(backprop) ")
    seen = child.before
    child.send("pri\t beta\r")
    child.expect_exact("= [0, 0]")
    seen += child.before
    child.sendline("nonsense")
    child.expect_exact("error: ")
    child.sendline("q")
    assert end(child) == 0, "somebody at a terminal has seen what was refused"
    assert "\x1b" not in seen + child.before


def test_ctrl_c_pauses_a_run_and_at_the_prompt_says_what_quits() -> None:
    child = on_terminal("dumb", "--plain", "logistic", "--set", "iterations=1000000000")
    child.expect_exact("(backprop) ")
    child.sendintr()
    child.expect_exact("q quits")
    child.expect_exact("(backprop) ")
    child.sendline("c")
    child.expect("iteration [0-9]+, loss [^ ]+, [0-9,]+ iterations a second")
    child.sendintr()
    child.expect_exact("paused")
    child.expect_exact("(backprop) ")
    child.sendline("q")
    assert end(child) == 0


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGQUIT, 131)]
)
@pytest.mark.parametrize("busy", [False, True])
def test_signals_that_end_it(number: int, code: int, busy: bool) -> None:
    child = on_terminal("dumb", "--plain", "logistic", "--set", "iterations=1000000000")
    child.expect_exact("(backprop) ")
    if busy:
        child.sendline("c")
        child.expect_exact("iterations a second")
    else:
        time.sleep(0.1)
    child.kill(number)
    assert end(child) == code
    assert "Traceback" not in child.before


def test_without_a_terminal_only_an_explicit_plain_runs() -> None:
    environment = {**os.environ, "TERM": "dumb"}
    done = subprocess.run(COMMAND, input=b"s\n", capture_output=True, timeout=60, env=environment)
    assert done.returncode == 2
    assert b"use --plain" in done.stderr


@pytest.mark.parametrize(
    "term", ["xterm-256color", "screen", "tmux-256color", "linux", "vt100", "xterm-kitty"]
)
def test_capable_terminals_keep_the_app(term: str) -> None:
    assert why_plain({"TERM": term}) is None
