"""A session does not depend on the language that it was made in."""

from __future__ import annotations

from pathlib import Path

from tests.support.sessions import again, same_on, saved
from tests.support.trainers import trainer
from tui_backprop.lessons.library import load_lesson
from tui_backprop.text.language.speaking import speaking
from tui_backprop.training.trainer import Trainer

CSV = """formula = "y = X * w\\nL = mean((y - t)**2)"
[samples]
csv = "points.csv"
X = "x"
t = "t"
missing = "drop"
[parameters]
w = 0.5
"""


def test_a_session_made_in_korean_opens_in_english() -> None:
    with speaking("ko"):
        t = trainer("first")
        t.run(3)
        assert t.lesson.title == "첫 레슨: 손실이 줄어든다"
        key = saved(t)
    resumed = again(key)
    assert resumed.lesson.title == "A first lesson: the loss falls"
    assert resumed.iteration == 3
    english = trainer("first")
    english.run(3)
    same_on(resumed, english)


def test_what_a_table_was_found_to_be_is_kept_as_facts_and_said_in_the_language_of_the_moment(
    tmp_path: Path,
) -> None:
    (tmp_path / "points.csv").write_text("x;t\n1,5;2\n2,5;\n3,5;6\n")
    (tmp_path / "mine.toml").write_text(CSV)
    with speaking("ko"):
        t = Trainer(load_lesson(tmp_path / "mine.toml"))
        korean = t.lesson.reading.lines
        key = saved(t)
    english = again(key).lesson.reading.lines
    assert english == [
        'points.csv: 3 rows of 2 columns, separated by ";", names in line 1, decimal comma',
        "1 row with a missing cell left out: line 3",
    ]
    assert korean == [
        'points.csv: 행 3개, 열 2개, 구분자 ";", 1번째 줄에 열 이름, 소수점은 쉼표',
        "빈칸이 있는 행 1개를 제외: 3번째 줄",
    ]
    with speaking("ko"):
        assert again(key).lesson.reading.lines == korean
