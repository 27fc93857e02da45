"""A results file while programs write it, whatever the disk and the others do."""

import errno
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.support.terminal_sessions import PATIENCE
from tui_backprop.courses.results import file as results_file
from tui_backprop.courses.results.events import Mended, Opened, TaskDone, now
from tui_backprop.courses.results.file import ResultsFile
from tui_backprop.courses.results.lines import Flaw


def opened(number):
    return Opened(time=now(), lesson=f"lesson {number}")


def lessons(path):
    file = ResultsFile(path)
    try:
        return [event.lesson for event in file.events if isinstance(event, Opened)]
    finally:
        file.close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "results" / "a.b.results"


def test_events_are_on_disk_when_add_is_back_and_the_user_alone_may_read_them(path):
    file = ResultsFile(path)
    file.add(opened(1), opened(2))
    assert lessons(path) == ["lesson 1", "lesson 2"]
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert not file.unsaved
    assert (ResultsFile(path).lines.marked, file.lines.count) == (2, 2)


def test_two_programs_write_into_one_file_and_see_each_others_events(path):
    one, other = ResultsFile(path), ResultsFile(path)
    one.add(opened(1))
    other.add(opened(2))
    one.add(opened(3))
    other.look()
    assert one.events == other.events
    assert [event.lesson for event in one.events] == ["lesson 1", "lesson 2", "lesson 3"]
    assert not ResultsFile(path).lines.problems


def test_a_line_that_was_cut_is_left_out_and_told_and_the_next_ones_stand(path):
    file = ResultsFile(path)
    file.add(opened(1), opened(2))
    file.close()
    os.truncate(path, path.stat().st_size - 9)
    file = ResultsFile(path)
    assert file.lines.problems[0].flaw is Flaw.TORN
    file.add(opened(3))
    assert lessons(path) == ["lesson 1", "lesson 3"]
    again = ResultsFile(path)
    assert [(problem.line, problem.flaw) for problem in again.lines.problems] == [(5, Flaw.DAMAGED)]
    assert any(isinstance(event, Mended) for event in again.events)


def test_a_full_disk_is_told_once_and_what_it_refused_is_written_later(path, monkeypatch):
    told = []
    file = ResultsFile(path, told.append)
    file.add(opened(1))
    real = os.pwrite

    def full(handle, data, place):
        if len(data) > 5 and not data.startswith(b"end"):
            return real(handle, data[:5], place)  # some of it, as a disk does that is nearly full
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        file.add(opened(2))
        file.add(opened(3))
        assert len(told) == 1
        assert "No space left" in told[0]
        assert file.unsaved[0].startswith("2 results")
        assert lessons(path) == ["lesson 1"]
        assert [event.lesson for event in file.all_events] == ["lesson 1", "lesson 2", "lesson 3"]
    file.close()
    assert lessons(path) == ["lesson 1", "lesson 2", "lesson 3"]
    assert not file.unsaved
    assert not ResultsFile(path).lines.problems


def test_a_file_that_is_removed_is_written_anew_with_all_of_it(path):
    file = ResultsFile(path)
    file.add(opened(1))
    path.unlink()
    file.add(opened(2))
    assert lessons(path) == ["lesson 1", "lesson 2"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "results").write_text("no folder")
    told = []
    file = ResultsFile(tmp_path / "results" / "x.results", told.append)
    file.add(opened(1))
    assert len(told) == 1
    assert "is no folder" in told[0]
    assert file.unsaved


def test_a_pipe_in_its_place_is_refused_and_not_waited_for(path):
    path.parent.mkdir()
    os.mkfifo(path)
    told = []
    file = ResultsFile(path, told.append)
    file.add(opened(1))
    assert "no plain file" in told[0]


def test_a_lock_that_another_program_keeps_is_not_waited_for_for_ever(path, monkeypatch):
    monkeypatch.setattr(results_file, "PATIENCE", 0.05)
    import fcntl

    one, told = ResultsFile(path), []
    one.add(opened(1))
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        other = ResultsFile(path, told.append)
        other.add(opened(2))
        assert told
    other.close()
    assert lessons(path) == ["lesson 1", "lesson 2"]


WRITER = """
import sys
from pathlib import Path
from tui_backprop.courses.results.events import TaskDone, now
from tui_backprop.courses.results.file import ResultsFile
file = ResultsFile(Path(sys.argv[1]))
for number in range(1, int(sys.argv[3]) + 1):
    file.add(TaskDone(time=now(), lesson=sys.argv[2], task=str(number)))
    print(number, flush=True)
"""


def test_what_a_killed_program_has_said_to_be_written_is_there(path):
    command = [sys.executable, "-c", WRITER, str(path), "lesson", "100000"]
    said, deadline = 0, time.monotonic() + PATIENCE
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        while said < 20 and time.monotonic() < deadline:
            said = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read().split()
    said = int(rest[-1]) if rest else said
    tasks = [event.task for event in ResultsFile(path).events if isinstance(event, TaskDone)]
    assert tasks[:said] == [str(number) for number in range(1, said + 1)]
    assert len(tasks) <= said + 1


def test_processes_at_once_lose_nothing(path):
    names = ("one", "two", "three")
    children = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), name, "15"], stdout=subprocess.DEVNULL)
        for name in names
    ]
    assert [child.wait(PATIENCE) for child in children] == [0, 0, 0]
    file = ResultsFile(path)
    assert not file.lines.problems
    for name in names:
        assert [int(event.task) for event in file.events if event.lesson == name] == [*range(1, 16)]
