"""The report's figures, worked out by hand; what is missing, damaged or forged is told and not counted."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.support.courses import in_class, write_course
from tui_backprop.cli.teaching.report import report as command
from tui_backprop.courses.results.lines import line_of, read_lines

HEADER = "student,lesson,question,tries,hints,score,points,seconds,finished"


@pytest.fixture
def course(tmp_path):
    return write_course(tmp_path / "course")


def home(tmp_path, monkeypatch, name):
    """Have what is done next be kept in a student's home folder."""
    folder = tmp_path / name
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / ".local" / "state"))
    folder.mkdir(exist_ok=True)
    return folder


def asked(*arguments):
    """Run the report; return its exit code, its output, and what stands on stderr."""
    found = CliRunner().invoke(command, [str(one) for one in arguments])
    return found.exit_code, found.stdout, found.stderr


def rows(*arguments):
    _, out, _ = asked(*arguments, "--format", "csv")
    return list(csv.DictReader(io.StringIO(out)))


def score_of(found, lesson, question):
    (row,) = (row for row in found if (row["lesson"], row["question"]) == (lesson, question))
    return row["score"]


def results_file(folder):
    (path,) = folder.glob("**/*.results")
    return path


def x_of(course, student):
    """Return a student's number of the first lesson, read from the question that has it."""
    said = in_class(course, "question 1", student=student)
    line = next(line for line in said.text.splitlines() if "at x = " in line)
    return int(line.partition("at x = ")[2].rstrip("?"))


def answers(course, student):
    """Return what is right for a student: y = x², z = 3y, so that dy/dx = 2x and dz/dx = 6x."""
    x = x_of(course, student)
    return 2 * x, 6 * x


def test_its_figures_are_those_of_the_rule(course, tmp_path, monkeypatch):
    folder = home(tmp_path, monkeypatch, "kim")
    slope, gradient = answers(course, "Kim")
    in_class(
        course, "question 1", "answer 1", "hint", f"answer {slope}", "question 2", f"answer {gradient}",
        "s 4", "open line", "question 1", "answer +", "reveal", "question 2", "answer 2",
    )  # fmt: skip
    code, out, err = asked(folder, "--course", course, "--format", "csv")
    assert (code, err) == (1, "")  # the last lesson was never opened
    found = rows(folder, "--course", course)
    raw = CliRunner().invoke(command, [str(folder), "--course", str(course), "--format", "csv"]).stdout_bytes
    assert out.splitlines()[0] == HEADER
    assert raw.count(b"\r\n") == len(found) + 1
    told = [tuple(row.values())[:7] for row in found]
    assert told == [
        ("Kim", "slope", "1", "2", "1", "1", "2"),  # half of two points: it took a second try and a hint
        ("Kim", "slope", "2", "1", "0", "1", "1"),
        ("Kim", "line", "sign-of-w", "1", "0", "0", "1"),  # shown
        ("Kim", "line", "2", "1", "0", "1", "1"),
        ("Kim", "quiet", "", "0", "0", "", "0"),
    ]
    assert all(row["finished"].endswith("Z") for row in found[:4])
    assert all(float(row["seconds"]) >= 0 for row in found)


def test_all_that_is_asked_for_makes_exit_0_and_tasks_are_rows_where_wanted(course, tmp_path, monkeypatch):
    folder = home(tmp_path, monkeypatch, "kim")
    slope, gradient = answers(course, "Kim")
    in_class(
        course, "question 1", f"answer {slope}", "question 2", f"answer {gradient}", "s 4", "open line",
        "question 1", "answer -", "question 2", "answer 2", "c", "check", "homework w = mean(2*(y_hat-y)*x)",
        "open quiet",
    )  # fmt: skip
    code, out, _ = asked(folder, "--course", course)
    assert code == 0
    assert "Kim: 5 of 5 points" in out
    with_tasks = rows(folder, "--course", course, "--tasks")
    tasks = [row for row in with_tasks if row["question"].startswith("task ")]
    assert [(row["lesson"], row["question"]) for row in tasks] == [
        ("slope", "task 1"), ("line", "task 1"), ("line", "task 2"), ("line", "task 3"), ("line", "task 4"),
    ]  # fmt: skip
    assert all(row["finished"] for row in tasks)
    found = json.loads(asked(folder, "--course", course, "--format", "json")[1])
    assert found["complete"]
    assert found["rows"][0]["answer"] == str(slope)


def test_a_class_is_asked_for_at_once_and_who_has_nothing_has_rows(course, tmp_path, monkeypatch):
    kim, lee = home(tmp_path, monkeypatch, "kim"), home(tmp_path, monkeypatch, "lee")
    in_class(course, "q", student="Lee")
    code, out, err = asked(kim, lee, tmp_path / "nobody", "--course", course, "--format", "csv")
    assert code == 1
    found = list(csv.DictReader(io.StringIO(out)))
    assert {row["student"] for row in found} == {"kim", "Lee", "nobody"}
    assert {row["score"] for row in found} == {""}
    assert "nobody: No such file" in err
    assert asked(tmp_path / "nobody")[0] == 2


def test_what_may_not_be_read_is_named_and_the_others_are_listed(course, tmp_path, monkeypatch):
    kim = home(tmp_path, monkeypatch, "kim")
    in_class(course, "q")
    broken = tmp_path / "lee" / "results"
    broken.mkdir(parents=True)
    (broken / "x.results").symlink_to("/etc/passwd")
    (broken / "y.results").write_bytes(b"\x00\x1b[31m no results\n" * 3)
    code, out, err = asked(tmp_path / "lee", kim, "--format", "csv")
    assert code == 1
    assert "x.results: " in err
    assert "y.results: it holds no results of a course" in err
    assert "\x1b" not in err + out
    assert "Kim,slope,1" in out


def test_a_forged_score_does_not_count(course, tmp_path, monkeypatch):
    folder = home(tmp_path, monkeypatch, "kim")
    slope, gradient = answers(course, "Kim")
    in_class(course, "question 1", "answer 1", "question 2", "answer 1", f"answer {gradient}")
    path = results_file(folder)
    lines = read_lines(path.read_bytes())
    front, last = b"".join(path.read_bytes().splitlines(keepends=True)[:3]), b"0" * 16
    forged = b""
    for entry in lines.entries:  # whoever knows how the digests are made makes them anew
        body = entry.body.replace(b'"right":false', b'"right":true').replace(b'"points":0.5', b'"points":1.0')
        line, last = line_of(last, body)
        forged += line
    path.write_bytes(front + forged)
    found = rows(folder, "--course", course)
    _, _, err = asked(folder, "--course", course)
    assert (score_of(found, "slope", "1"), score_of(found, "slope", "2")) == ("0", "0.5")
    assert "1 of slope is recorded as answered rightly, and is not" in err
    assert "line " in err
    del slope


def test_a_damaged_line_is_named_and_not_counted(course, tmp_path, monkeypatch):
    folder = home(tmp_path, monkeypatch, "kim")
    slope, gradient = answers(course, "Kim")
    in_class(course, "question 1", f"answer {slope}", "question 2", f"answer {gradient}")
    path = results_file(folder)
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"question":"2","attempt":1', b'"question":"2","attempt":2'))
    found = rows(folder, "--course", course)
    code, _, err = asked(folder, "--course", course)
    assert code == 1
    assert (score_of(found, "slope", "1"), score_of(found, "slope", "2")) == ("2", "")
    number = data[: data.index(b'"question":"2","attempt"')].count(b"\n") + 1
    assert f"{path}, line {number}: damaged, or changed by hand; it is not counted" in err


def test_names_and_answers_reach_no_terminal_with_control_characters(course, tmp_path, monkeypatch):
    folder = home(tmp_path, monkeypatch, "kim")
    in_class(course, "q", student="Kim")
    path = results_file(folder)
    entry = read_lines(path.read_bytes()).entries[0]
    body = entry.body.replace(b'"student":"Kim"', '"student":"K\\u001b]0;x\\u0007\u202e=1+1"'.encode())
    front = b"".join(path.read_bytes().splitlines(keepends=True)[:3])
    path.write_bytes(front + line_of(b"0" * 16, body)[0])
    for style in ("table", "csv"):
        _, out, err = asked(folder, "--format", style)
        assert out
        assert all(character.isprintable() or character in "\r\n" for character in out + err)


def test_bad_input_is_a_line_and_exit_2(course, tmp_path, monkeypatch):
    code, out, err = asked("--course", tmp_path / "nowhere")
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert "Traceback" not in err


def test_nothing_at_all_is_a_row_without_a_lesson(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "empty"))
    code, out, err = asked("--format", "csv")
    assert (code, err) == (1, "")
    assert len(out.splitlines()) == 2


def test_a_copied_results_folder_will_do(course, tmp_path, monkeypatch):
    folder = home(tmp_path, monkeypatch, "kim")
    in_class(course, "question 1", "answer 1")
    copied = tmp_path / "collected"
    shutil.copytree(Path(results_file(folder)).parent, copied)
    assert rows(copied) == rows(folder) == rows(results_file(folder))
