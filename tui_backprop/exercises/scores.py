"""Scores of the lessons, kept from one start to the next. Losing them is no error."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Annotated, Literal

from msgspec import DecodeError, Meta, Struct, structs
from msgspec.json import decode

from tui_backprop.lessons.lesson import Lesson
from tui_backprop.sessions.files import write_whole
from tui_backprop.training.workbook import Score

FORMAT = 1
MAX_BYTES = 1 << 20
"""A larger file is none of ours."""

Count = Annotated[int, Meta(ge=0)]


class _Row(Struct, frozen=True):
    asked: Count
    first: Count
    later: Count
    revealed: Count
    hints: Count


class _File(Struct, frozen=True):
    format: Literal[1]
    lessons: dict[str, _Row]


def scores_file() -> Path:
    """Return where the scores are kept."""
    from platformdirs import user_state_path

    return user_state_path("tui-backprop") / "scores.json"


def score_key(lesson: Lesson) -> str:
    """Return what a lesson's score is kept under: its built-in name, or the path of its file."""
    return lesson.name if lesson.builtin else os.path.realpath(lesson.path)


def load_score(lesson: Lesson) -> Score:
    """Return a lesson's score; an empty one where none is kept, or the file cannot be read."""
    return _load().get(score_key(lesson), Score())


def add_score(lesson: Lesson, earned: Score) -> Score:
    """Add to a lesson's score and return the sum.

    The file is read anew first, so that two programs running at once add to each other's scores. A file that
    is none of ours is kept aside as ``scores.json.bad``.
    """
    scores = _load(keep_aside=True)
    key = score_key(lesson)
    scores[key] = scores.get(key, Score()) + earned
    page = {"format": FORMAT, "lessons": {name: structs.asdict(score) for name, score in scores.items()}}
    with contextlib.suppress(OSError):
        write_whole(scores_file(), json.dumps(page, indent=1), folder_mode=0o700)
    return scores[key]


def _load(keep_aside: bool = False) -> dict[str, Score]:
    path = scores_file()
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
        if len(text) > MAX_BYTES:
            raise DecodeError("too large")
        rows = decode(text, type=_File).lessons
    except FileNotFoundError:
        return {}
    except (OSError, DecodeError, RecursionError, ValueError):
        if keep_aside:
            with contextlib.suppress(OSError):
                os.replace(path, path.with_name(path.name + ".bad"))
        return {}
    return {
        name: Score(row.asked, row.first, row.later, row.revealed, row.hints) for name, row in rows.items()
    }
