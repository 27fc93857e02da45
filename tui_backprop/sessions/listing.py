"""The list of sessions as lines and as JSON, and what is said of one that may be resumed."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

from tui_backprop.sessions.store import SessionInfo
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import tr, tr_in
from tui_backprop.text.width import cells


def as_lines(found: Sequence[SessionInfo]) -> list[str]:
    """Write a table, a line for each session."""
    if not found:
        return [tr("there are no sessions")]
    width = max(6, *(cells(info.lesson) for info in found)) + 2
    head = tr("id"), tr("lesson"), tr("iteration"), tr("loss"), tr("saved")
    lines = [_row(head, width)]
    for info in found:
        loss = "–" if info.loss is None else number(info.loss)
        end = " · ".join(
            word for word in (tr_in("session", "open") if info.locked else "", info.problem) if word
        )
        row = info.id, info.lesson, f"{info.iteration:,}", loss, _when(info)
        lines.append(_row(row, width) + end)
    return [line.rstrip() for line in lines]


def question(info: SessionInfo) -> str:
    """Write the question whether to resume a session."""
    return tr(
        "Resume `{lesson}` at iteration {iteration}? (Enter / n)",
        lesson=info.lesson,
        iteration=info.iteration,
    )


def kept(info: SessionInfo) -> str:
    """Say how to resume a session later that was not resumed now."""
    return tr(
        "`{lesson}` at iteration {iteration} is kept; tui-backprop resume {id} goes on",
        lesson=info.lesson,
        iteration=info.iteration,
        id=info.id,
    )


def _row(texts: tuple[str, str, str, str, str], width: int) -> str:
    """Write a line of the table; Hangul takes two columns."""
    key, lesson, iteration, loss, saved = texts
    left = (
        (key, 6),
        (lesson, width),
        (" " * (12 - cells(iteration)) + iteration, 14),
        (loss, 14),
        (saved, 18),
    )
    return "".join(text + " " * (room - cells(text)) for text, room in left)


def as_json(found: Sequence[SessionInfo]) -> list[dict[str, Any]]:
    """Return objects for JSON; a loss that is not finite, or not known, is null."""
    return [
        {
            "id": info.id,
            "lesson": info.lesson,
            "iteration": info.iteration,
            "position": info.position,
            "loss": info.loss if info.loss is not None and math.isfinite(info.loss) else None,
            "saved": _when(info),
            "open": info.locked,
            "problem": info.problem or None,
        }
        for info in found
    ]


def _when(info: SessionInfo) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(info.saved))
    except (OverflowError, ValueError, OSError):
        return "?"
