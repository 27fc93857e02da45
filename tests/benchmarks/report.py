"""What benchmarks print: headings, tables, and a line for each goal that says whether it is met."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def say(text: str = "") -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()  # a section takes minutes, and somebody is waiting


def heading(text: str) -> None:
    say(f"\n## {text}\n")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: the first column to the left, the others to the right."""
    widths = [max(map(len, cells)) for cells in zip(columns, *rows, strict=True)]
    for row in (columns, ["-" * width for width in widths], *rows):
        first, *others = (
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        say("  ".join((first, *others)).rstrip())
    say()


def goal(what: str, value: float | None, *, least: float = float("-inf"), most: float = float("inf")) -> None:
    """Print a goal, what was measured, and whether that is enough; None where nothing could be measured."""
    limit = f"≥ {least:g}" if least > float("-inf") else f"≤ {most:g}"
    if value is None:
        verdict = "not measured"
    else:
        verdict = f"{value:.3g}: {'met' if least <= value <= most else 'MISSED'}"
    say(f"  {what}: goal {limit}, {verdict}")
