"""Overlays beside a user's lesson: what they change, what is refused, where they are looked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.support.text import one_plain_line
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.files import completed, describe_file, files_here
from tui_backprop.lessons.library import describe, lesson_of_text, load_lesson
from tui_backprop.lessons.limits import OPEN, Sandbox
from tui_backprop.text.language.speaking import speaking

LESSON = """
title = "A line"
summary = "One weight."
formula = \"\"\"
y = w * x
L = (y - 6)**2
\"\"\"
loss = "L"
[data]
x = 2.0
[parameters]
w = 1.0
[[why]]
at = "y <- w"
text = "Its slope is {x}, of shape {shape:x}."
[[why]]
at = "L <- y"
text = "The first note."
[[why]]
at = "L <- y"
text = "The second note, {dy}."
[[slip]]
title = "no x"
gradient.w = "dy"
note = "x is missing."
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.toml").write_text(LESSON)
    return tmp_path


@pytest.fixture
def refusal(folder: Path) -> Callable[[str], str]:
    """Load the lesson with an overlay that is refused; return the line without the folder's name."""

    def refusal(text: str) -> str:
        (folder / "mine.ko.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
        load_lesson(folder / "mine.toml")  # in English nobody looks at it
        with speaking("ko"), pytest.raises(LessonError) as caught:
            load_lesson(folder / "mine.toml")
        message = str(caught.value)
        assert one_plain_line(message)
        before, name, rule = message.partition("mine.ko.toml: ")
        assert before == f"{folder}/"
        assert name
        return rule

    return refusal


def whys(lesson: object) -> list[str]:
    values = {"x": 2.0, "dy": 3.0}
    return [why.text(values, str) for why in lesson.whys]  # type: ignore[attr-defined]


def test_texts_are_replaced_and_missing_ones_are_the_lesson_s_own(folder: Path) -> None:
    (folder / "mine.ko.toml").write_text(
        'title = "직선"\n[[why]]\nat = "L<-y"\nnumber = 2\ntext = "둘째: {dy:이/가} 옵니다."\n'
        '[[why]]\nat = "y ← w"\ntext = "모양은 {shape:x:이고/고} 기울기는 { x }입니다."\n'
        '[[slip]]\ntitle = "x 없음"\n'
    )
    with speaking("ko"):
        lesson = load_lesson(folder / "mine.toml")
    assert (lesson.title, lesson.summary) == ("직선", "One weight.")
    assert whys(lesson) == ["모양은 scalar고 기울기는 2.0입니다.", "The first note.", "둘째: 3.0이 옵니다."]
    assert (lesson.slips[0].title, lesson.slips[0].note) == ("x 없음", "x is missing.")
    assert lesson.text == LESSON
    assert load_lesson(folder / "mine.toml").title == "A line"


def test_notes_at_one_place_follow_in_their_order(folder: Path) -> None:
    (folder / "mine.ko.toml").write_text(
        '[[why]]\nat = "L <- y"\ntext = "하나"\n[[why]]\nat = "L <- y"\ntext = "둘 {dy}"\n'
    )
    with speaking("ko"):
        assert whys(load_lesson(folder / "mine.toml"))[1:] == ["하나", "둘 3.0"]


def test_a_lesson_in_korean_may_have_one_in_english(folder: Path) -> None:
    (folder / "mine.en.toml").write_text('title = "In English"\n')
    assert load_lesson(folder / "mine.toml").title == "In English"
    with speaking("ko"):
        assert load_lesson(folder / "mine.toml").title == "A line"


TAUGHT = (
    LESSON
    + """
[[task]]
goal = "loss < 1"
text = "Make the loss small."
[[question]]
at = "y <- w"
ask = "choice"
text = "What is the slope? w is {w}."
hint = ["Look at x.", "It is {x}."]
choices = ["w", "the  input"]
answer = "the input"
why = "It is x."
"""
)
ASKED = """
[[task]]
text = "손실을 줄이십시오."
[[question]]
at = "y <- w"
text = "기울기는 얼마입니까? w는 {w}입니다."
hint = ["x를 보십시오.", "{x}입니다."]
choices = ["w", "입력"]
why = "x입니다."
"""


def test_tasks_and_questions_are_told_too(folder: Path) -> None:
    (folder / "mine.toml").write_text(TAUGHT)
    (folder / "mine.ko.toml").write_text(ASKED)
    with speaking("ko"):
        lesson = load_lesson(folder / "mine.toml")
    (question,) = lesson.questions
    values = {"x": np.array(2.0), "w": np.array(1.0)}
    assert lesson.tasks[0].text == "손실을 줄이십시오."
    assert question.text.said(values, str) == "기울기는 얼마입니까? w는 1.0입니다."
    assert [hint.said(values, str) for hint in question.hints] == ["x를 보십시오.", "2.0입니다."]
    assert question.choices[1].said(values, str) == "입력"
    assert question.answer == 1  # though the lesson gives it by the choice's English text
    assert question.why.said(values, str) == "x입니다."


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ('"w", "입력"', '"w"', ("question 1.choices", "1", "2")),
        ('"{x}입니다."', '"엑스입니다."', ("question 1.hint", "{x}")),
        ('"x를 보십시오.", ', "", ("question 1.hint", "1", "2")),
        ("{w}", "{dy}", ("question 1.text", "{dy}")),
        ("y <- w", "y <- x", ("question 1.at", "[[question]]")),
        ("손실을", '손실을"\ngoal = "', ("task 1", "'goal'")),
    ],
)  # fmt: skip
def test_questions_that_do_not_fit_are_refused(
    folder: Path, refusal: Callable[[str], str], before: str, after: str, named: tuple[str, ...]
) -> None:
    (folder / "mine.toml").write_text(TAUGHT)
    assert before in ASKED
    line = refusal(ASKED.replace(before, after))
    assert [word for word in named if word not in line] == [], line


WHY = '[[why]]\nat = "{at}"\ntext = "{text}"\n'


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('titel = "직선"\n', ("'titel'",)),
        ("title = 3\n", ("title", "3")),
        ('[parameters]\nw = 2.0\n', ("'parameters'",)),
        ('formula = "L = w"\n', ("'formula'",)),
        ('[[why]]\nat = "y <- w"\ntext = "{x} {shape:x}"\nwhen = "x > 0"\n', ("why 1", "'when'")),
        (WHY.format(at="y <- q", text="없는 곳"), ("why 1.at", "'y <- q'", "[[why]]")),
        (WHY.format(at="y <- w", text="{x}"), ("why 1.text", "{shape:x}")),
        (WHY.format(at="y <- w", text="{x} {shape:x} {dy}"), ("why 1.text", "{dy}", "{x}, {shape:x}")),
        (WHY.format(at="L <- y", text="{dy:이/가}"), ("why 1.text", "{dy}")),
        (WHY.format(at="y <- w", text="{x:.2f} {shape:x}"), ("why 1.text", "{x…}")),
        (WHY.format(at="y <- w", text="{x} {shape:x} {"), ("why 1.text",)),
        (WHY.format(at="y <- w", text="{x} {shape:x} \\u001b[31m"), ("why 1.text", "\\x1b")),
        ('title = "직선\\u202e"\n', ("title", "\\u202e")),
        (3 * WHY.format(at="L <- y", text="셋 {dy}").replace(" {dy}", ""), ("why 2.text", "{dy}")),
        (2 * WHY.format(at="y <- w", text="{x} {shape:x}"), ("why 2", "2", "y<-w")),
        ('[[why]]\nat = "y <- w"\nnumber = 0\ntext = "{x} {shape:x}"\n', ("why 1.number", "0")),
        (
            2 * '[[why]]\nat = "y <- w"\nnumber = 1\ntext = "{x} {shape:x}"\n',
            ("why 2", "why 1"),
        ),
        ('[[slip]]\ntitle = "하나"\n[[slip]]\ntitle = "둘"\n', ("slip 2", "[[slip]]")),
        ('[[slip]]\nat = "y <- w"\n', ("slip 1", "'at'")),
        ('title = "끝나지 않음\n', ("TOML",)),
        ("\udcff", ("UTF-8",)),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_one_line(
    refusal: Callable[[str], str], text: str, named: tuple[str, ...]
) -> None:
    line = refusal(text)
    assert [word for word in named if word not in line] == [], line


def test_overlays_are_no_lessons(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "mine.ko.toml").write_text('title = "직선"\n')
    (folder / "of.my.own.toml").write_text(LESSON)  # a name with dots is none without its lesson
    monkeypatch.chdir(folder)
    assert files_here() == ["mine.toml", "of.my.own.toml"]
    assert completed("mi") == "mine.toml"
    with pytest.raises(LessonError, match=r"mine\.ko\.toml: this has texts for mine\.toml; open that one"):
        load_lesson("mine.ko.toml")
    with speaking("ko"):
        assert describe_file(Path("mine.toml")) == ("직선", "One weight.")


def test_a_restricted_login_reads_those_of_its_folder_only(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "their.ko.toml").write_text('title = "밖"\n')
    inside = folder / "class"
    inside.mkdir()
    for name in ("one", "their"):
        (inside / f"{name}.toml").write_text(LESSON)
    (inside / "one.ko.toml").write_text('title = "안"\n')
    (inside / "their.ko.toml").symlink_to(outside / "their.ko.toml")
    sandbox = Sandbox.of_folder(inside)
    assert sandbox.lesson_names() == ["one", "their"]
    with speaking("ko"):
        assert load_lesson("one", sandbox).title == describe("one", sandbox)[0] == "안"
        assert load_lesson("their", sandbox).title == describe("their", sandbox)[0] == "A line"


def test_a_text_that_was_kept_opens_beside_an_overlay_that_no_longer_fits(folder: Path) -> None:
    (folder / "mine.ko.toml").write_text('title = "직선"\n[[slip]]\n[[slip]]\n')
    with speaking("ko"):
        assert lesson_of_text(LESSON, folder / "mine.toml", sandbox=OPEN).title == "A line"
        (folder / "mine.ko.toml").write_text('title = "직선"\n')
        assert lesson_of_text(LESSON, folder / "mine.toml", sandbox=OPEN).title == "직선"
