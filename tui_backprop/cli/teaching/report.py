"""The command that says what a class has answered: ``report [DIR …]``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tui_backprop.cli.shared import FAILED, OK, ascii_option, charset, complain, fail, format_option, refusals
from tui_backprop.text.sentences import later


@click.command("report", short_help=later("List what students have answered in courses."))
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="[DIR]...")
@click.option(
    "--course", "course_folder", type=click.Path(path_type=Path), metavar="DIR",
    help=later(
        "The course whose results are wanted: what is missing has a row too, and answers are marked again."
    ),
)  # fmt: skip
@click.option(
    "--tasks", is_flag=True, help=later("Rows for tasks too, with the time at which each was reached.")
)
@format_option("table", "csv", "json")
@ascii_option
def report(
    folders: tuple[Path, ...], course_folder: Path | None, tasks: bool, style: str, ascii_only: bool | None
) -> None:
    """List what students have answered, a row for each student, lesson and question.

    Each DIR is a student's home folder, or a folder with results; your own results where none is given. What
    cannot be read or is damaged is named on stderr, and the others are listed. Exits with 1 where an answer
    is missing that is asked for.
    """
    from tui_backprop.courses.results import report as reports
    from tui_backprop.courses.results import tables
    from tui_backprop.courses.results.found import look_below, own_place

    with refusals():
        course = None
        if course_folder is not None:
            from tui_backprop.courses.results.marking import MarkedCourse

            course = MarkedCourse(course_folder)
        places = [look_below(folder) for folder in folders] if folders else [own_place()]
        if folders and not any(place.exists for place in places):
            for place in places[:-1]:
                complain(place.refusals[0])
            fail(places[-1].refusals[0])
        found: reports.Report = reports.report(places, course, tasks=tasks)
    for line in found.complaints:
        complain(line)
    if style == "csv":
        click.echo(tables.as_csv(found).encode(), nl=False)
    elif style == "json":
        import json

        click.echo(json.dumps(tables.as_json(found), ensure_ascii=False, indent=2))
    else:
        spoken = charset(ascii_only)
        for line in tables.as_lines(found, spoken):
            click.echo(spoken.spelled(line))
    sys.exit(OK if found.is_complete else FAILED)
