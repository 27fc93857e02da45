"""The app as what a login runs, and how long its user waits for an answer."""

from __future__ import annotations

import shlex
import time
from pathlib import Path

from tests.support.terminal_sessions import APP, ROOT, Session, environment


def remote(home: Path, *arguments: str) -> str:
    """Return the command that a login runs; its process number is in a file."""
    chosen = environment(home)
    settings = [
        f"{name}={shlex.quote(chosen[name])}"
        for name in chosen
        if name.startswith(("XDG", "PYTHONPATH", "LC"))
    ]
    app = shlex.join([*APP, *arguments])
    return f"cd {ROOT}; echo $$ >{home}/pid; exec env COLORTERM=truecolor {' '.join(settings)} {app}"


def answers(session: Session, seconds: float) -> list[float]:
    """Press keys while a run goes on: seconds until the screen shows what each was for."""
    session.look(3)
    found = []
    sides = [("1", "━Model"), ("3", "━Parameters")]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        key, title = sides[len(found) % 2]
        assert title not in session.text
        begun = session.send(key)
        found.append(session.until(lambda title=title: title in session.text) - begun)
        session.look(0.35)
    return found
