"""Scores on disk: added up, written whole, private, and never a reason to fail."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

import tui_backprop as tb
from tui_backprop.exercises.scores import add_score, load_score, score_key, scores_file
from tui_backprop.sessions.files import write_whole
from tui_backprop.training.workbook import Score

LESSON = tb.load_lesson("linear")


def test_scores_add_up_and_outlast_the_program() -> None:
    assert load_score(LESSON) == Score()
    assert add_score(LESSON, Score(asked=2, first=1, later=1, hints=3)) == Score(2, 1, 1, 0, 3)
    assert add_score(LESSON, Score(asked=1, revealed=1)) == Score(3, 1, 1, 1, 3)
    add_score(tb.load_lesson("square"), Score(asked=1, first=1))
    assert load_score(LESSON) == Score(3, 1, 1, 1, 3)
    assert load_score(tb.load_lesson("square")) == Score(1, 1)
    folder = scores_file().parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == ["scores.json"]


def test_a_lesson_of_one_s_own_is_known_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "linear.toml"
    path.write_text('formula = "L = w**2"\n[parameters]\nw = 1.0\n', encoding="utf-8")
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    assert score_key(LESSON) == "linear"
    assert score_key(tb.load_lesson(path)) == score_key(tb.load_lesson(link)) == str(path.resolve())


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b'{"format": 2, "lessons": {}}',
        b'{"format": 1, "lessons": {"linear": 3}}',
        b'{"format": 1, "lessons": {"a": {"asked": -1, "first": 0, "later": 0, "revealed": 0, "hints": 0}}}',
        b"[" * 100_000,
        b" " * (2 << 20),
    ],
)
def test_a_file_that_is_none_of_ours_is_kept_aside(text: bytes) -> None:
    path = scores_file()
    path.parent.mkdir(parents=True)
    path.write_bytes(text)
    assert load_score(LESSON) == Score()
    assert path.read_bytes() == text  # looking changes nothing
    assert add_score(LESSON, Score(asked=1, first=1)) == Score(1, 1)
    assert path.with_name("scores.json.bad").read_bytes() == text
    assert load_score(LESSON) == Score(1, 1)


def test_where_nothing_can_be_written_nothing_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file" / "below"))
    assert add_score(LESSON, Score(asked=1, first=1)) == Score(1, 1)
    assert load_score(LESSON) == Score()


def test_a_write_that_fails_leaves_the_old_file_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "folder" / "scores.json"
    write_whole(path, json.dumps({"a": 1}))

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space left"):
        write_whole(path, "new")
    assert path.read_text(encoding="utf-8") == '{"a": 1}'
    assert list(path.parent.iterdir()) == [path]
