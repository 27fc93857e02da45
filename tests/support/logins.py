"""A lesson folder beside things that must not be reached, and commands run in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SECRET = "root:x:0:0:this is outside"
LESSON = """
title = "Class line"
formula = '''
y = w * x
L = (y - 1)**2
'''
[data]
x = 2.0
[parameters]
w = 0.25
"""
SAMPLES = """
formula = '''
L = mean((X * w - 1)**2)
'''
[samples]
csv = "{csv}"
X = "x"
[parameters]
w = 0.25
"""


def make_folder(parent: Path) -> Path:
    """Return a lesson folder; beside it, in ``outside``, are files that a lesson could be made of."""
    folder, outside = parent / "lessons", parent / "outside"
    for place in (folder / "week1", outside):
        place.mkdir(parents=True)
    (folder / "line.toml").write_text(LESSON)
    (folder / "week1" / "deep.toml").write_text(LESSON)
    (folder / "points.csv").write_text("x\n1\n2\n")
    (folder / "table.toml").write_text(SAMPLES.format(csv="points.csv"))
    (outside / "secret.toml").write_text(LESSON)
    (outside / "secret.csv").write_text("x\n1\n")
    (outside / "passwd").write_text(SECRET)
    return folder


def run(*args: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the program; neither stream is a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "tui_backprop", *args],
        capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    )  # fmt: skip
