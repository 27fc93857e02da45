"""``course.toml``: what is read, and every rule with the line that names what was found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.lesson_questions import LOGISTIC, SQUARE, course, question, task, write
from tests.support.text import one_plain_line
from tui_backprop.courses.course import BUILTIN_COURSE, CourseError
from tui_backprop.courses.loading import MAX_BYTES, load_course
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.limits import Limits, Sandbox
from tui_backprop.text.language.speaking import speaking


def test_a_course_is_read(tmp_path: Path) -> None:
    about = (
        'title = "Slopes"\nsummary = "two\\nlessons"\nlanguage = "ko"\n'
        'order = ["square", "mine", "mine2.toml"]\n'
        'solutions = "locked"\nwhole = true\n[needs]\nmine = "square"\n"mine2" = ["square", "mine.toml"]\n'
    )
    found = course(tmp_path, about, mine=SQUARE, mine2=LOGISTIC)
    assert (found.title, found.summary, found.language, found.solutions) == (
        "Slopes",
        "two lessons",
        "ko",
        "locked",
    )
    assert found.names == ("square", "mine", "mine2")
    assert [entry.builtin for entry in found.entries] == [True, False, False]
    assert [entry.needs for entry in found.entries] == [(), ("square",), ("square", "mine")]
    assert found.lesson("mine2.toml").rows == 3
    assert found.lesson("square").builtin


def test_a_file_may_be_called_as_a_built_in_lesson_is(tmp_path: Path) -> None:
    found = course(tmp_path, 'order = ["square", "square.toml"]', square=SQUARE.replace("3", "5"))
    assert found.names == ("square", "square.toml")
    assert [float(found.lesson(name).data["x"]) for name in found.names] == [3, 5]


def test_parts_are_read_without_computing(tmp_path: Path) -> None:
    text = SQUARE + task("at y <- x", name="walk") + task("check") + question(at="x", ask="value", points=3)
    found = course(
        tmp_path, 'order = ["a"]', a='title = "A"\n' + text + question(at="y", ask="shape", name="s")
    )
    parts = found.parts("a")
    assert (parts.title, parts.tasks, parts.questions, parts.points) == ("A", ("walk", "2"), ("1", "s"), 4)
    assert [one.key for one in found.lesson("a").tasks] == list(parts.tasks)
    assert [one.key for one in found.lesson("a").questions] == list(parts.questions)


@pytest.mark.parametrize(
    ("about", "rule"),
    [
        ("", "the key order is missing"),
        ("order = []", "order: found an empty list"),
        ('order = "square"', "order: found 'square'; it must be a list"),
        ("order = [3]", "order 1: found 3; it must be text"),
        ('order = ["square"]\ntitel = "x"', "unknown key 'titel'; did you mean title?"),
        (
            'order = ["sqare"]',
            "order 1: 'sqare' is neither a built-in lesson nor a file of the folder; did you mean square?",
        ),
        ('order = ["square", "square"]', "order 2: 'square' is named twice"),
        ('order = ["mine", "mine.toml"]', "order 2: 'mine.toml' is named twice"),
        ('order = ["../mine"]', "order 1: found '../mine'; a lesson is a built-in name, or a .toml file"),
        ('order = ["/etc/passwd"]', "order 1: found '/etc/passwd'; a lesson is"),
        ('order = ["~/x"]', "a lesson is a built-in name"),
        ('order = ["a\\u001bb"]', "order 1: found"),
        ('order = ["course.toml"]', "order 1: found 'course.toml', which is the course itself"),
        ('order = ["link"]', "order 1: 'link' is a link that leads out of the course's folder"),
        ('format = 2\norder = ["square"]', "format: found 2; this version of tui-backprop reads format 1"),
        ('format = "1"\norder = ["square"]', "format: found '1'; it must be 1"),
        (
            'order = ["square"]\nlanguage = "Korean!"',
            "language: found 'Korean!'; it must be a code such as ko or en",
        ),
        (
            'order = ["square"]\nsolutions = "hidden"',
            "solutions: found 'hidden'; it must be one of open, locked",
        ),
        ('order = ["square"]\n[needs]\nsquare = "chain"', "needs.square: 'chain' is not in the order"),
        ('order = ["square"]\n[needs]\nchain = "square"', "needs: 'chain' is not in the order"),
        ('order = ["square"]\n[needs]\nsquare = "square"', "needs: square → square is a circle"),
        (
            'order = ["square", "chain", "linear", "theta"]\n[needs]\n'
            'chain = "linear"\nlinear = ["square", "chain"]\ntheta = "chain"',
            "needs: chain → linear → chain is a circle",
        ),
        ('order = ["square"]\n[needs]\nsquare = 3', "needs"),
        ("order = [", "not valid TOML"),
        ("order = " + "[" * 5000, "not valid TOML"),
        ('order = ["square"]\ntitle = "a\\u0007"', "title: found the control character"),
        ("order = ['square']\n#" + "x" * MAX_BYTES, "larger than 256 KiB"),
        ("a" + ".a" * 40 + " = 1", "a key of more than 16 parts"),
        ("order = [" + "'square'," * 201 + "]", "order: found 201 lessons; a course has at most 200"),
    ],
    ids=lambda value: value[:40],
)
def test_a_rule_that_is_broken_is_named(tmp_path: Path, about: str, rule: str) -> None:
    outside = tmp_path / "outside.toml"
    outside.write_text(SQUARE)
    folder = write(tmp_path / "course", about, mine=SQUARE)
    (folder / "link.toml").symlink_to(outside)
    with pytest.raises(CourseError) as refused:
        load_course(folder)
    message = str(refused.value)
    assert one_plain_line(message)
    assert "course.toml: " in message
    assert rule in message


def test_what_is_no_course(tmp_path: Path) -> None:
    for folder, reason in (
        (tmp_path, "a course is a folder with a course.toml in it"),
        (tmp_path / "none", "a course is a folder"),
    ):
        with pytest.raises(CourseError, match=reason):
            load_course(folder)
    (tmp_path / "course.toml").mkdir()
    with pytest.raises(CourseError, match="this is not a file"):
        load_course(tmp_path)
    (tmp_path / "course.toml").rmdir()
    (tmp_path / "course.toml").write_bytes(b"title = '\xff'")
    with pytest.raises(CourseError, match="byte 9 is not UTF-8"):
        load_course(tmp_path)


def test_a_restricted_login_reads_the_courses_of_its_folder_only(tmp_path: Path) -> None:
    inside, outside = tmp_path / "class", tmp_path / "else"
    inside.mkdir()
    about = 'order = ["mine", "square"]'
    write(outside, about, mine=SQUARE)
    write(inside / "week1", about, mine=SQUARE)
    sandbox = Sandbox.of_folder(inside, Limits(nodes=50))
    found = load_course(inside / "week1", sandbox)
    assert found.lesson("mine").sandbox is sandbox
    assert found.lesson("square").sandbox is sandbox
    assert [parts.title for parts in found.all_parts().values()] == ["mine", "One square"]
    for folder in (outside, inside / ".." / "else"):
        with pytest.raises(CourseError, match="no such file in the lesson folder"):
            load_course(folder, sandbox)
    (inside / "week1" / "mine.toml").unlink()
    (inside / "week1" / "mine.toml").symlink_to(outside / "mine.toml")
    with pytest.raises(LessonError, match="no such file in the lesson folder") as refused:
        load_course(inside / "week1", sandbox)
    assert str(tmp_path) not in str(refused.value)


def test_students_have_numbers_of_their_own(tmp_path: Path) -> None:
    drawn = SQUARE + "[draw]\nx = { integers = [2, 90] }\n"
    found = course(tmp_path, 'order = ["a", "b"]', a=drawn, b=SQUARE)
    numbers = {name: float(found.lesson("a", name).data["x"]) for name in ("", "Kim", "kim ", "Lee", "Ada")}
    assert numbers[""] == 3
    assert numbers["Kim"] == numbers["kim "]
    assert len({numbers[name] for name in ("Kim", "Lee", "Ada")}) == 3
    assert float(found.lesson("b", "Kim").data["x"]) == 3, "nothing is drawn that nobody asked for"
    everything = course(tmp_path / "all", 'order = ["b"]\ndraw = true', b=SQUARE)
    assert float(everything.lesson("b", "Kim").data["x"]) != 3


def test_title_and_summary_are_those_of_the_spoken_language(tmp_path: Path) -> None:
    folder = course(tmp_path, 'title = "Slopes"\nsummary = "One."\norder = ["square"]\n').folder
    (folder / "course.ko.toml").write_text('title = "기울기"\n', encoding="utf-8")
    with speaking("ko"):
        there, builtin = load_course(folder), load_course(BUILTIN_COURSE)
        (folder / "course.ko.toml").write_text('order = ["chain"]\n', encoding="utf-8")
        with pytest.raises(CourseError, match=r"course\.ko\.toml: "):
            load_course(folder)
    assert (there.shown, there.title, there.summary) == ("기울기", "Slopes", "One.")
    assert builtin.shown == "제곱에서 어텐션까지"
    assert load_course(folder).shown == "Slopes"
