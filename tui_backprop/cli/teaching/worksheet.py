"""``worksheet``: a page to fill in, and its key."""

from __future__ import annotations

from pathlib import Path

import click

from tui_backprop.cli.output import write_output
from tui_backprop.cli.shared import WholeNumber, format_option, lesson_argument, refusals, sandbox, say
from tui_backprop.text.sentences import later, tr_count


@click.command(short_help=later("Write a page to fill in: one iteration with blanks, and its key."))
@lesson_argument()
@click.option(
    "--seed", type=WholeNumber(), required=True, metavar="N",
    help=later("Which sheet: its numbers and its blanks follow from this."),
)  # fmt: skip
@click.option(
    "--count", type=WholeNumber(1, 100), default=6, show_default=True, metavar="K", help=later("Blanks."),
)  # fmt: skip
@format_option("markdown", "latex", "html", "json")
@click.option("--key", is_flag=True, help=later("Write the key of the sheet in place of the sheet."))
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE",
    help=later("Write into this file, whole or not at all; standard output by default."),
)  # fmt: skip
def worksheet(lesson: str, seed: int, count: int, style: str, key: bool, output: Path | None) -> None:
    """Write a handout of a LESSON: one iteration with numbers of its own, some left blank.

    The same seed gives the same sheet on any machine, and with --key what stands in its blanks. Long data are
    cut to a few numbers, which are small and whole where the lesson allows it.
    """
    from tui_backprop.export.worksheets.registry import FORMATS
    from tui_backprop.export.worksheets.worksheet import make_worksheet
    from tui_backprop.lessons.library import load_lesson

    with refusals():
        sheet = make_worksheet(load_lesson(lesson, sandbox()), seed, count)
        if len(sheet.blanks) < count:
            most = len(sheet.blanks)
            say(
                tr_count(
                    "note: {lesson} has one number to ask for",
                    "note: {lesson} has {count} numbers to ask for",
                    most, lesson=sheet.lesson,
                )
            )  # fmt: skip
        write = FORMATS[style].key if key else FORMATS[style].sheet
        write_output(output, write(sheet))
