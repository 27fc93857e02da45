"""The report as a table, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from tui_backprop.courses.results.report import Report, ReportRow, when
from tui_backprop.text.charset import Charset
from tui_backprop.text.sentences import tr

COLUMNS = ("student", "lesson", "question", "tries", "hints", "score", "points", "seconds", "finished")
_NUMBERS = frozenset({"tries", "hints", "score", "points", "seconds"})


def cells(row: ReportRow) -> tuple[str, ...]:
    """Return a row as texts, in the order of the columns; what is not known is empty."""
    record = row.record
    return (
        row.student, row.lesson, row.question, str(record.tries), str(record.hints),
        "" if record.score is None else plain(record.score), "" if row.points is None else plain(row.points),
        plain(round(record.seconds, 1)), row.finished,
    )  # fmt: skip


def plain(value: float) -> str:
    """Return a number with no more digits than it needs."""
    return str(int(value)) if value == int(value) else repr(round(value, 6))


def as_csv(report: Report) -> str:
    """Return the rows as RFC 4180 has them: CRLF, quotes where they are needed, UTF-8 without a mark."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(map(_guarded, map(cells, report.rows)))
    return out.getvalue()


def _guarded(row: Sequence[str]) -> Sequence[str]:
    """Return a row in which no name is taken for a formula by the programs that tables are opened with."""
    return [f"'{cell}" if cell[:1] in ("=", "+", "-", "@") and cell else cell for cell in row]


def as_lines(report: Report, charset: Charset) -> list[str]:
    """Return a table for people, and below it what each student has earned."""
    if not report.rows:
        return [tr("there are no results")]
    rows = [COLUMNS, *map(cells, report.rows)]
    widths = [max(charset.cells(row[place]) for row in rows) for place in range(len(COLUMNS))]
    lines = []
    for row in rows:
        padded = (
            " " * (width - charset.cells(cell)) + cell if name in _NUMBERS else charset.pad(cell, width)
            for name, cell, width in zip(COLUMNS, row, widths, strict=True)
        )
        lines.append("  ".join(padded).rstrip())
    return [*lines, "", *_sums(report)]


def _sums(report: Report) -> list[str]:
    sums: dict[str, tuple[float, float, int]] = {}
    for row in report.rows:
        if row.task:
            continue
        score, points, missing = sums.get(row.student, (0.0, 0.0, 0))
        sums[row.student] = (
            score + (row.record.score or 0.0), points + (row.points or 0.0), missing + row.is_missing
        )  # fmt: skip
    return [
        tr("{student}: {score} of {points} points, {missing} missing",
           student=student, score=plain(score), points=plain(points), missing=missing)
        if missing
        else tr("{student}: {score} of {points} points",
                student=student, score=plain(score), points=plain(points))
        for student, (score, points, missing) in sums.items()
    ]  # fmt: skip


def as_json(report: Report) -> dict[str, Any]:
    """Return all that is known, for JSON: rows, the files that they are of, and complaints."""
    return {
        "complete": report.is_complete,
        "rows": [
            {
                "student": row.student,
                "course": row.course,
                "lesson": row.lesson,
                "question": row.question,
                "kind": "task" if row.task else "question" if row.question else "lesson",
                "tries": row.record.tries,
                "hints": row.record.hints,
                "score": row.record.score,
                "points": row.points,
                "seconds": round(row.record.seconds, 3),
                "finished": row.finished or None,
                "right": row.record.right,
                "revealed": row.record.revealed,
                "answer": row.record.given,
                "handed_in": when(row.handed_in) or None,
            }
            for row in report.rows
        ],
        "files": [
            {
                "file": str(file.path),
                "student": file.begun.student,
                "course": file.begun.title,
                "problems": [{"line": line, "problem": flaw.value} for line, flaw in file.problems],
            }
            for file in report.sources
        ],
        "complaints": list(report.complaints),
    }
