"""Courses on the command line: ``course DIR`` opens one, ``course check DIR`` and ``course new DIR``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui_backprop.cli.language.help import said
from tui_backprop.cli.shared import CONTEXT, FAILED, charset, fail, refusals, sandbox, say, screen_options
from tui_backprop.text.sentences import later, tr, tr_count

if TYPE_CHECKING:
    from tui_backprop.cli.launch import Launch


class CourseGroup(click.Group):
    """A group whose name alone, with a folder, opens a course."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the hidden command ``open`` in front of what is no command's name: a folder, or its options."""
        if args and args[0] not in ("-h", "--help") and args[0] not in ("check", "new"):
            args = ["open", *args]
        return super().parse_args(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, with its help in the language that is spoken."""
        command = super().get_command(ctx, cmd_name)
        return said(command) if command is not None else None

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show all ways of calling it."""
        formatter.write_usage(ctx.command_path, "DIR")
        formatter.write_usage(ctx.command_path, "check DIR", prefix="       ")
        formatter.write_usage(ctx.command_path, "new DIR", prefix="       ")


@click.group(cls=CourseGroup, context_settings=CONTEXT, short_help=later("Open, check or begin a course."))
def course() -> None:
    """Open the course in the folder DIR: its lessons in their order, with tasks and questions.

    "check DIR" looks for what would go wrong in class, "new DIR" writes a small course to start from. A
    folder that is called check or new is written ./check.
    """


_FOLDER = click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")


@course.command("open", hidden=True, context_settings=CONTEXT)
@_FOLDER
@screen_options
def open_course(folder: Path, options: Launch) -> None:
    """Open the course in the folder DIR."""
    from tui_backprop.courses.loading import load_course

    with refusals():
        sys.exit(opened(load_course(_in_folder(folder), sandbox()), options))


def opened(found: Any, options: Launch) -> int:
    """Show a course and return the exit code: its lessons, one a line, with what each waits for."""
    from tui_backprop.courses.progress import standing

    click.echo(charset(options.ascii).spelled(found.title))
    for one in standing(found, found.all_parts(), {}).lessons:
        reason = f"  ({one.reason})" if one.reason else ""
        click.echo(charset(options.ascii).spelled(f"  {one.name:<20}{one.title}{reason}"))
    return 0


@course.command(short_help=later("Find what would go wrong in class."), context_settings=CONTEXT)
@_FOLDER
def check(folder: Path) -> None:
    """Check the course in the folder DIR, and print what is wrong, a line each.

    Each lesson is loaded, each question answered by what is right, each goal tried. Exits with 1 where
    something was found.
    """
    from tui_backprop.courses.checking import check_course

    count = 0
    with refusals():
        for finding in check_course(_in_folder(folder), sandbox()):
            click.echo(_plain(finding.line))
            count += 1
    if count:
        say(tr_count("{count} finding", "{count} findings", count))
        sys.exit(FAILED)
    say(tr("the course is fine"))


@course.command(short_help=later("Write a small course to start from."), context_settings=CONTEXT)
@_FOLDER
def new(folder: Path) -> None:
    """Write a small course into the folder DIR, which is made, or is empty."""
    from tui_backprop.courses.starter import starter_files
    from tui_backprop.sessions.files import write_whole
    from tui_backprop.text.printable import printable

    shown = printable(str(folder), 200)
    if sandbox().confined:
        fail(tr("a restricted login writes no files"))
    try:
        if os.path.lexists(folder) and (not folder.is_dir() or any(folder.iterdir())):
            fail(tr("{folder} is there already, and is not an empty folder", folder=shown))
        for name, text in starter_files().items():
            write_whole(folder / name, text, shared=True)
    except (OSError, ValueError) as error:
        fail(tr("{folder} cannot be written: {reason}", folder=shown,
                reason=getattr(error, "strerror", None) or error))  # fmt: skip
    say(tr("{folder} written; tui-backprop course {folder} opens it", folder=shown))


def _in_folder(folder: Path) -> Path:
    """Return the folder as it is to be opened: of a restricted login below its lesson folder."""
    confines = sandbox().folder
    return folder if confines is None or folder.is_absolute() else confines / folder


def _plain(line: str) -> str:
    from tui_backprop.text.printable import printable

    return charset(None).spelled(printable(line, 600))
