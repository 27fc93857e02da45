"""A class on paper: thirty students, a few of them in terminals, ten killed half-way; the report is right."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time

from tests.support.courses import in_class, write_course
from tests.support.terminal_sessions import PATIENCE, ROOT, Session, environment
from tui_backprop.courses.loading import load_course

STUDENTS = [f"student-{number:02}" for number in range(30)]
KILLED, IN_TERMINALS, IDLE = STUDENTS[:10], STUDENTS[10:12], STUDENTS[29:]
APP = (sys.executable, "-m", "tui_backprop")


def home_of(tmp_path, student):
    folder = tmp_path / "homes" / student
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def surroundings(tmp_path, student):
    """Return a student's environment; results stand where they do on Linux without any variable."""
    home = home_of(tmp_path, student)
    found = environment(home, TUI_BACKPROP_STUDENT=student, OPENBLAS_NUM_THREADS="1")
    for kind in ("CONFIG", "STATE", "DATA", "CACHE"):
        found.pop(f"XDG_{kind}_HOME")
    return found


def begun(tmp_path, course, student):
    """Start a student's session, which reads commands from a pipe."""
    return subprocess.Popen(
        [*APP, "course", str(course), "--plain"], env=surroundings(tmp_path, student), cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def plan(student, x):
    """Return what a student types, and what it earns: all at once, half later or with a hint, else none.

    The numbers come from y = x², z = 3y by hand: dy/dx = 2x, dz/dx = 6x.
    """
    number = int(student.removeprefix("student-"))
    right, right_too = f"answer {2 * x}", f"answer {6 * x}"
    firsts = (([right], "2"), (["answer 1", right], "1"), (["hint", right], "1"), (["reveal"], "0"))
    seconds = (([right_too], "1"), (["answer 0.5"], "0"), (["answer 2", right_too], "0.5"))
    (first, earned), (second, more) = firsts[number % 4], seconds[number % 3]
    commands = ["question 1", *first, "s 4", "question 2", *second]
    scores = {("slope", "1"): earned, ("slope", "2"): more}
    if number % 3 != 1:  # the second lesson is open to them
        commands += ["open line", "question 1", "answer -", "question 2", "answer 2", "c", "check"]
        scores |= {("line", "sign-of-w"): "1", ("line", "2"): "1"}
    return commands, scores


def do(child, commands, count):
    """Type some commands, and wait until each has been done."""
    for command in commands[:count]:
        child.stdin.write(f"{command}\nprint 12345\n")
        child.stdin.flush()
        while "12345" not in (line := child.stdout.readline()):
            assert line, "it ended"


def test_a_class(tmp_path, monkeypatch):
    course = write_course(tmp_path / "course")
    folder = load_course(course)
    numbers = {student: int(folder.lesson("slope", student).data["x"]) for student in STUDENTS}
    plans = {student: plan(student, numbers[student]) for student in STUDENTS}
    for student in STUDENTS:
        commands, _ = plans[student]
        monkeypatch.setenv("XDG_STATE_HOME", str(home_of(tmp_path, student) / ".local" / "state"))
        if student in KILLED:
            half = len(commands) // 2
            child = begun(tmp_path, course, student)
            do(child, commands, half)
            child.send_signal(signal.SIGKILL)
            child.communicate(timeout=PATIENCE)
            asked = max(place for place in range(half) if commands[place].startswith("question"))
            is_open = not commands[half].startswith(("question", "open", "s "))
            commands = [*commands[asked : asked + is_open], *commands[half:]]
        if student not in (*IN_TERMINALS, *IDLE):
            in_class(course, *commands, student=student)
    for student in IN_TERMINALS:
        session = Session(
            [*APP, "course", str(course)], home_of(tmp_path, student), TUI_BACKPROP_STUDENT=student
        )
        try:
            session.shows("From a slope to a line, for", "next")
            session.send("\r")
            session.until(lambda session=session: "Enter opens a lesson" not in session.text)
            session.send("sss")
            session.shows("How fast does y rise with x")
            session.send(f"{2 * numbers[student]}\r")
            session.shows("right", "earned: 2 of 2 points")
            os.kill(session.child.pid, signal.SIGKILL)
            session.until(lambda session=session: not session.child.isalive())
        finally:
            session.close()
        plans[student] = ([], {("slope", "1"): "2", ("slope", "2"): ""})
    for student in IDLE:
        plans[student] = ([], {})
    homes = [home_of(tmp_path, student) for student in STUDENTS]
    begun_at = time.monotonic()
    found = subprocess.run(
        [*APP, "report", *map(str, homes), "--course", str(course), "--format", "csv"],
        capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=ROOT,
    )  # fmt: skip
    seconds = time.monotonic() - begun_at
    assert (found.returncode, found.stderr) == (1, "")  # somebody has not begun
    rows = list(csv.DictReader(io.StringIO(found.stdout)))
    assert len(rows) == 30 * 5
    lines = {("slope", "1"), ("slope", "2"), ("line", "sign-of-w"), ("line", "2"), ("quiet", "")}
    for student in STUDENTS:
        _, scores = plans[student]
        told = {(row["lesson"], row["question"]): row["score"] for row in rows if row["student"] == student}
        assert set(told) == lines
        assert {key: score for key, score in told.items() if score} == {k: s for k, s in scores.items() if s}
    assert seconds < PATIENCE
    one = subprocess.run(
        [*APP, "report", str(homes[12]), "--course", str(course), "--tasks", "--format", "json"],
        capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=ROOT,
    )  # fmt: skip
    tasks = [row for row in json.loads(one.stdout)["rows"] if row["kind"] == "task"]
    assert tasks[0]["finished"]
