"""``course DIR`` opens a seat: whose it is, where it goes on, and what happens where nothing is kept."""

import errno
import os

import pytest
from click.testing import CliRunner

from tests.support.courses import write_course
from tui_backprop.cli.teaching.course import course as command


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("TUI_BACKPROP_STUDENT", raising=False)
    return write_course(tmp_path / "course")


def opened(*arguments, typed=()):
    """Open a course as lines of text; return the exit code, what was said, and what stands on stderr."""
    found = CliRunner().invoke(
        command, [str(one) for one in arguments], input="".join(f"{one}\n" for one in typed)
    )
    return found.exit_code, found.stdout, found.stderr


def test_a_student_goes_on_in_the_lesson_that_was_left(course):
    first = ("question 1", "answer 2*x", "question 2", "answer 6*x", "s 4", "open line", "s 2", "q")
    code, out, _ = opened(course, "--plain", "--student", "Kim", typed=first)
    assert code == 0
    assert "for Kim: 0 of 5 points" in out
    code, out, _ = opened(course, "--plain", "--student", "Kim", typed=["where", "q"])
    assert code == 0
    assert "for Kim: 3 of 5 points" in out
    assert "line (next, open here): A line that learns" in out
    assert "record 2 of" in out
    _, out, _ = opened(course, "slope", "--plain", "--student", "Kim", typed=["q"])
    assert "slope (done, open here): A slope" in out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--student", ""), "--student: found nothing; a name has 1 to 60 characters"),
        (("line",), "line: locked; to be done first: slope"),
        (("nothing",), "unknown lesson 'nothing'; in this course there are slope, line, quiet"),
    ],
    ids=["name", "locked", "unknown"],
)
def test_what_is_refused_is_a_line_and_exit_2(course, arguments, line):
    code, _, err = opened(course, *arguments, "--plain")
    assert code == 2
    assert err == f"tui-backprop: {line}\n"


def test_what_cannot_be_kept_is_said_once_and_ends_with_74(course, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    code, out, err = opened(course, "--plain", typed=["question 1", "answer 1", "answer 2", "tasks", "q"])
    assert code == 74
    said = " ".join(out.split())
    assert said.count("the results of the course cannot be saved: No space left on device") == 1
    assert "question 1, 2 tries" in said  # the session itself goes on
    assert "results of the course are not saved: No space left on device" in err
