"""What ``serve`` refuses, and what a visitor's program is started with."""

from __future__ import annotations

import importlib.util
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from tests.support.command_line import Result
from tui_backprop.cli.main import cli
from tui_backprop.debugger.commands import COMMANDS
from tui_backprop.host import restricted
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.web.settings import Serving

Run = Callable[..., Result]
BROWSERS_OWN = {"ctrl+w", "ctrl+t", "ctrl+n", "ctrl+q", "ctrl+tab", "f11", "f12"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--lessons", "no-such-folder"], "there is no such folder"),
        (["--lessons", ".", "--course", "."], "serve takes --lessons or --course, not both"),
        (["--token", "short"], "--token: found 5 characters; it must be at least 12"),
        (["--public-url", "class.example.org"], "--public-url: found 'class.example.org'"),
        (["--limit", "memory=none"], "it must be a whole number"),
        (["--port", "70000"], "a whole number from 0 to 65,535"),
        (["--visitors", "0"], "a whole number from 1 to 1,000"),
        (["--idle", "-1"], "-1"),
        (["--host", "no such host"], "no such host port 8000: cannot listen there"),
    ],
)
def test_what_is_refused(
    words: list[str], said: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said in run("serve", *words).refusal


def test_a_port_that_is_taken(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"127.0.0.1 port {port}: cannot listen there" in run("serve", "--port", str(port)).refusal


def test_without_the_extra(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "pip install 'tui-backprop[web]'" in run("serve").refusal


@pytest.fixture
def serving(tmp_path: Path) -> Callable[..., Serving]:
    def made(is_course: bool) -> Serving:
        return Serving(
            folder=tmp_path, is_course=is_course, homes=tmp_path, host="127.0.0.1", port=0, public_url=None,
            token="a-token-of-this-class", visitors=1, idle=60, fps=4, limits=("memory=512", "cpu=5"),
        )  # fmt: skip

    return made


@pytest.mark.parametrize(("is_course", "option"), [(False, "--lessons"), (True, "--course")])
def test_a_visitor_s_program_is_a_restricted_login(
    is_course: bool, option: str, serving: Callable[..., Serving], tmp_path: Path
) -> None:
    words = serving(is_course).words()
    assert "--restricted" in words
    assert words[words.index(option) + 1] == str(tmp_path)
    assert " ".join(words).endswith("--fps 4 --limit memory=512 --limit cpu=5")


def test_a_visitor_s_environment(
    serving: Callable[..., Serving], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TUI_BACKPROP_TOKEN", "AWS_SECRET_ACCESS_KEY", "PYTHONSTARTUP", "LC_ALL"):
        monkeypatch.setenv(name, "secret")
    environment = serving(False).environment(tmp_path, "week1/xor", "Ann")
    assert "secret" not in environment.values()
    assert environment["HOME"] == str(tmp_path)
    assert environment["SSH_ORIGINAL_COMMAND"] == "week1/xor"
    assert environment["TUI_BACKPROP_STUDENT"] == "Ann"
    assert "TUI_BACKPROP_STUDENT" in restricted.KEPT


def test_a_restricted_login_for_a_course_opens_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    @click.group(invoke_without_command=True)
    def course() -> None:
        pass

    @course.command(str(tmp_path))
    @click.option("--fps", type=float)
    @click.option("--ascii/--no-ascii", "ascii_only", default=None)
    def opened(fps: float | None, ascii_only: bool | None) -> None:
        seen.append((fps, ascii_only, click.get_current_context().find_root().obj))

    sandbox = Sandbox.of_folder(tmp_path)
    monkeypatch.setattr(restricted, "enter", lambda folder, limits: (sandbox, []))
    monkeypatch.setitem(cli.commands, "course", course)
    assert run("--restricted", "--course", ".", "--fps", "3", "--no-ascii").code == 0
    assert seen == [(3.0, False, sandbox)]
    both = run("--restricted", "--course", ".", "--lessons", ".").refusal
    assert both == "--restricted takes --lessons or --course, not both"
    assert run("--course", ".").refusal == "--course goes with --restricted"


def test_no_command_has_only_a_key_that_browsers_keep() -> None:
    for command in COMMANDS:
        if command.key is not None:
            assert not set(command.key.keys.split(",")) <= BROWSERS_OWN, command.name
