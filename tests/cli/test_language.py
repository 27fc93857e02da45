"""The command line in another language: asked for anywhere, or by the locale; its help and click's lines."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.support.thorough import parted
from tui_backprop.cli.main import COMMANDS


def run(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    settled = {key: value for key, value in os.environ.items() if key not in ("LANGUAGE", "LANG", "LC_ALL")}
    command = [sys.executable, "-m", "tui_backprop", *words]
    return subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        env={**settled, "PYTHONUTF8": "1", **environ},
        timeout=120,
    )


@pytest.mark.parametrize(
    "words", [("--lang", "ko", "list", "--format", "xx"), ("list", "--format", "xx", "--lang=ko")]
)
def test_it_stands_before_or_behind_a_command(words: tuple[str, ...]) -> None:
    done = run(*words, LANG="en_US.UTF-8")
    assert done.returncode == 2
    assert "가운데 하나여야 합니다" in done.stderr


def test_the_locale_asks_for_it() -> None:
    assert "이 도움말을 보여 주고 끝냅니다." in run("--help", LANG="ko_KR.UTF-8").stdout
    assert "Show this message and exit." in run("--help", "--lang", "en", LANG="ko_KR.UTF-8").stdout


def test_an_unknown_language_is_refused_by_its_code() -> None:
    done = run("list", "--lang", "xx")
    assert (done.returncode, done.stderr) == (
        2, "tui-backprop: --lang: found 'xx'; it must be one of en, ko\n"
    )  # fmt: skip


def test_a_terminal_without_its_letters_is_spoken_to_in_english() -> None:
    done = run("--help", LANG="ko_KR.UTF-8", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert "Show this message and exit." in done.stdout


@parted("first", 8)
def test_the_help_of_every_command_is_in_korean(first: int) -> None:
    """Prose is Korean: no line has three English words in a row that are no names."""
    for command in ["", *(name for name in COMMANDS if name != "open")][first::8]:
        lines = run(*command.split(), "--help", "--lang", "ko").stdout.splitlines()
        assert len(lines) > 5
        prose = [line for line in lines if "tui-backprop " not in line]
        assert not [line for line in prose if re.search(r"(\b[a-z]+ ){3}", line)]
