"""Lessons as large as they may be."""

from __future__ import annotations

from pathlib import Path


def lesson(path: Path, lines: list[str], parameters: str = "w = 0.5\n") -> str:
    formula = "\n".join(lines)
    path.write_text(f"formula = '''\n{formula}'''\n[data]\nx = 2.0\n[parameters]\n{parameters}")
    return str(path)


def chain(n: int) -> list[str]:
    lines = [f"h{i} = h{i - 1} * x" if i % 2 else f"h{i} = sin(h{i - 1})" for i in range(1, n - 4)]
    return ["h0 = w * x", *lines, f"L = h{n - 5}"]


CSV = '[samples]\ncsv = "p.csv"\nx = {}\n[parameters]\nw = {}\n'
