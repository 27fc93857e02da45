"""The command that makes a lesson of a table: ``new DATA.csv --target COLUMN``."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from tui_backprop.cli.completion import complete_columns
from tui_backprop.cli.output import write_output
from tui_backprop.cli.shared import charset, fail, refusals, sandbox, screen_options
from tui_backprop.text.sentences import later, tr

if TYPE_CHECKING:
    from tui_backprop.cli.launch import Launch
    from tui_backprop.lessons.csv_files.survey import Survey


@click.command("new", short_help=later("Make a lesson of a CSV file."))
@click.argument("data", type=click.Path(path_type=Path), metavar="DATA.csv")
@click.option(
    "--target", metavar="COLUMN", shell_complete=complete_columns,
    help=later("The column to predict, by its name or place; asked for on a terminal."),
)  # fmt: skip
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE.toml",
    help=later("Write the lesson into this file beside the table, and do not open it."),
)  # fmt: skip
@click.option(
    "--separator", metavar="SIGN", help=later('What stands between cells: "," ";" "|" tab or space.')
)
@click.option("--decimal", type=click.Choice([".", ","]), help=later("The decimal sign."))
@click.option("--header/--no-header", default=None, help=later("Whether a line has the columns' names."))
@partial(screen_options, check=False)
def new_lesson(
    data: Path,
    target: str | None,
    output: Path | None,
    separator: str | None,
    decimal: Literal[".", ","] | None,
    header: bool | None,
    options: Launch,
) -> None:
    """Make a lesson that predicts a column of DATA.csv from the others, and open it.

    What was read is shown as a table first. Where the separator, the decimal sign or the header is not
    certain, the options say it.
    """
    from tui_backprop.cli.launch import open_debugger, refusal
    from tui_backprop.lessons.csv_files.options import CsvOptions
    from tui_backprop.lessons.csv_files.proposal import propose
    from tui_backprop.lessons.csv_files.survey import survey
    from tui_backprop.lessons.library import lesson_of_text
    from tui_backprop.training.trainer import Trainer

    said: Any = charset(options.ascii).spelled
    with refusals():
        _check_file(data)
        reading = CsvOptions(separator, decimal, header)
        table = survey(data, reading, sandbox())
        for line in table.table():
            click.echo(said(line))
        target = target if target is not None else _asked(table)
        place = output if output is not None else _unused(data.with_suffix(".toml"))
        proposal = propose(table, target, reading, _from(place, data))
        trainer = Trainer(lesson_of_text(proposal.text, place, sandbox=sandbox()))
        click.echo()
        for line in proposal.notes:
            click.echo(said(line))
        if output is not None:
            _check_unused(output)
            write_output(output, proposal.text, opens=True)
            return
        if (reason := refusal(options)) is not None:
            fail(tr("{reason}; or --output FILE.toml", reason=reason))
        if not options.plain:
            click.pause(tr("\nany key opens the lesson …"))
        sys.exit(open_debugger(lambda: trainer, options))


def _check_file(data: Path) -> None:
    from tui_backprop.lessons.errors import is_file
    from tui_backprop.text.printable import printable

    shown = printable(str(data), 200)
    if data.suffix == ".toml":
        fail(tr("{shown} is a lesson; tui-backprop {shown} opens it", shown=shown))
    if not is_file(data):
        fail(tr("{shown}: no such file", shown=shown))


def _asked(table: Survey) -> str:
    """Ask which column is to be predicted; where nobody can answer, say which there are."""
    from tui_backprop.text.printable import printable

    names = printable(", ".join(column.name for column in table.columns), 400)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        fail(tr("--target COLUMN is missing; there are {names}", names=names))
    click.echo()
    return str(click.prompt(tr("column to predict"), type=str)).strip()


def _unused(path: Path) -> Path:
    """Return a path beside the table where no lesson lies, so that a session is not taken for its."""
    return path if not path.exists() else path.with_name(f"{path.stem}-new.toml")


def _from(lesson: Path, data: Path) -> str:
    """Return the table's name as a lesson at that place has it: in its folder or below."""
    from tui_backprop.text.printable import printable

    if lesson.suffix != ".toml":
        fail(tr("--output {lesson}: a lesson's name ends in .toml", lesson=printable(str(lesson), 200)))
    folder, file = lesson.parent.resolve(), data.resolve()
    if not file.is_relative_to(folder):
        fail(
            tr(
                "--output {lesson}: a lesson reads files of its own folder only; write it into {parent}",
                lesson=printable(str(lesson), 200),
                parent=printable(str(file.parent), 200),
            )
        )
    return file.relative_to(folder).as_posix()


def _check_unused(output: Path) -> None:
    from tui_backprop.text.printable import printable

    if output.exists():
        fail(tr("--output {output}: there is such a file already", output=printable(str(output), 200)))
