"""The list of sessions as lines and as JSON."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

from tui_backprop.sessions.store import SessionInfo
from tui_backprop.text.numbers import number


def as_lines(found: Sequence[SessionInfo]) -> list[str]:
    """Write a table, a line for each session."""
    if not found:
        return ["there are no sessions"]
    width = max(6, *(len(info.lesson) for info in found)) + 2
    lines = [f"{'id':<6}{'lesson':<{width}}{'iteration':>12}  {'loss':<14}{'saved':<18}"]
    for info in found:
        loss = "–" if info.loss is None else number(info.loss)
        end = " · ".join(word for word in ("open" if info.locked else "", info.problem) if word)
        iteration = f"{info.iteration:,}"
        lines.append(f"{info.id:<6}{info.lesson:<{width}}{iteration:>12}  {loss:<14}{_when(info):<18}{end}")
    return [line.rstrip() for line in lines]


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
