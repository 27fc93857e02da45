"""``docs/courses.md`` is so: its files pass ``course check``, and every key is in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tui_backprop.courses.checking import check_course
from tui_backprop.courses.loading import CourseFile
from tui_backprop.lessons.specs.teaching import DrawRule, QuestionTable, TaskTable
from tui_backprop.lessons.teaching.tasks import ACTS

PAGE = (Path(__file__).parents[2] / "docs" / "courses.md").read_text(encoding="utf-8")


def test_the_course_of_the_page_is_fine(tmp_path: Path) -> None:
    about, lesson = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "course.toml").write_text(about, encoding="utf-8")
    (tmp_path / "week1.toml").write_text(lesson, encoding="utf-8")
    assert [finding.line for finding in check_course(tmp_path)] == []


@pytest.mark.parametrize("table", [CourseFile, TaskTable, QuestionTable, DrawRule])
def test_every_key_is_told(table: type) -> None:
    for name in table.__struct_fields__:
        assert re.search(rf"\b{name}\b", PAGE), name


def test_every_act_is_told() -> None:
    acts = PAGE.partition("Acts are the commands ")[2].partition(". ")[0]
    assert tuple(re.findall(r"[a-z]+", acts.replace(" and ", " "))) == ACTS
