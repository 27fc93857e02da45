"""What a server is told: where it listens, for whom, how many and how long, and what its visitors get."""

from __future__ import annotations

import os
import site
import sys
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from tui_backprop.host.restricted import ONE_THREAD
from tui_backprop.text.sentences import spoken

PASSED = ("PATH", "TZ", "LD_LIBRARY_PATH", "XDG_DATA_HOME", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
"""Variables of the server that its visitors' programs have too, besides those that are made for them."""
PACKAGE = Path(__file__).parents[2]


class Serving(Struct, frozen=True):
    """What the command line says about serving.

    Attributes:
        folder: the lessons that visitors may read, or the course.
        is_course: whether it is a course; its visitors have names.
        homes: where visitors' folders are made.
        host, port: what is listened on; port 0 is a free one.
        public_url: what visitors have in their browsers, where a proxy stands before the server.
        token: what lets a visitor in; None where everybody may.
        visitors: how many at once.
        idle: minutes without a key after which a visit ends; 0 for never.
        fps: frames a second while a run goes on.
        limits: what a visitor's program may take, as ``NAME=N``.
    """

    folder: Path
    is_course: bool
    homes: Path
    host: str
    port: int
    public_url: str | None
    token: str | None
    visitors: int
    idle: float
    fps: float
    limits: tuple[str, ...]

    def words(self) -> list[str]:
        """Return the command of a visitor's program: a restricted login."""
        which = "--course" if self.is_course else "--lessons"
        return [
            sys.executable, "-P", "-m", "tui_backprop", "--lang", spoken(), "--restricted",
            which, str(self.folder), "--fps", f"{self.fps:g}",
            *(word for limit in self.limits for word in ("--limit", limit)),
        ]  # fmt: skip

    def environment(self, home: Path, lesson: str, student: str) -> Mapping[str, str]:
        """Return the environment of a visitor's program, with no more of the server's than it needs."""
        own = {name: value for name in PASSED if (value := os.environ.get(name))}
        return {
            **own,
            **dict.fromkeys(ONE_THREAD, "1"),
            "HOME": str(home),
            "XDG_STATE_HOME": str(home / ".local" / "state"),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "MALLOC_ARENA_MAX": "2",
            "PYTHONPATH": str(PACKAGE),
            "PYTHONUSERBASE": site.getuserbase(),  # HOME has moved
            "SSH_ORIGINAL_COMMAND": lesson,
            **({"TUI_BACKPROP_STUDENT": student} if student else {}),
        }
