"""``course check`` and ``course new`` for a teacher's CI: exit codes, a line a finding, nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.command_line import Result
from tests.support.lesson_questions import LOGISTIC, question, task, write
from tests.support.text import one_plain_line

Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_new_course_passes_its_own_check(folder: Path, run: Run) -> None:
    made = run("course", "new", "mine")
    assert (made.code, made.out) == (0, "")
    assert made.line == "mine written; tui-backprop course mine opens it"
    checked = run("course", "check", "mine")
    assert (checked.code, checked.out, checked.line) == (0, "", "the course is fine")


def test_each_finding_is_a_line_and_the_exit_code_says_so(folder: Path, run: Run) -> None:
    bad = LOGISTIC + task("loss < 5") + question(at="b", ask="sign", answer="+")
    write(folder / "c", 'order = ["a", "b"]', a=bad, b="formula = 3")
    result = run("course", "check", "c")
    assert result.code == 1
    lines = result.out.splitlines()
    assert [line.partition(": ")[0] for line in lines] == ["a.toml", "a.toml", "c/b.toml"]
    assert all(map(one_plain_line, lines))
    assert result.line == "3 findings"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (
            ["check", "nowhere"],
            "nowhere/course.toml: no such file; a course is a folder with a course.toml in it",
        ),
        (
            ["nowhere", "--plain"],
            "nowhere/course.toml: no such file; a course is a folder with a course.toml in it",
        ),
        (["check", "file"], "file/course.toml: no such file"),
        (["new", "file"], "file is there already, and is not an empty folder"),
        (["new", "full"], "full is there already, and is not an empty folder"),
        (["new", "link"], "link is there already, and is not an empty folder"),
        (["check"], "Missing argument 'DIR'."),
        (["check", "a\x1b[31mb"], "no such file"),
    ],
)
def test_bad_input_is_one_line(folder: Path, run: Run, words: list[str], reason: str) -> None:
    (folder / "file").write_text("x")
    (folder / "full").mkdir()
    (folder / "full" / "notes.txt").write_text("mine")
    (folder / "link").symlink_to(folder / "nobody")
    assert reason in run("course", *words).refusal
    assert [path.name for path in (folder / "full").iterdir()] == ["notes.txt"]


def test_a_folder_may_be_called_as_a_command_is(folder: Path, run: Run) -> None:
    write(folder / "check", 'title = "Mine"\norder = ["square"]')
    assert "Missing argument" in run("course", "check").refusal
    assert run("course", "check", "check").code == 0
    assert "Mine" in run("course", "./check", "--plain").out
    assert run("course", "new", "./new").code == 0
    assert (folder / "new" / "course.toml").is_file()


def test_a_course_is_checked_in_a_folder_that_may_not_be_written(folder: Path, run: Run) -> None:
    (folder / "closed").mkdir(mode=0o500)
    if not (folder / "closed").stat().st_mode & 0o200:
        result = run("course", "new", "closed")
        assert result.code in (0, 2)  # who may write everywhere does
