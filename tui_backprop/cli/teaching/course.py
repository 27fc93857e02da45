"""Courses on the command line: ``course DIR`` opens one, ``course check DIR`` and ``course new DIR``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui_backprop.cli.language.help import said
from tui_backprop.cli.shared import CONTEXT, FAILED, charset, fail, refusals, sandbox, say, screen_options
from tui_backprop.text.sentences import later, tr, tr_count

if TYPE_CHECKING:
    from tui_backprop.cli.launch import Launch
    from tui_backprop.courses.course import CourseFolder


class CourseGroup(click.Group):
    """A group whose name alone, or with a folder, opens a course."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the hidden command ``open`` in front of what is no command's name: a folder, or its options."""
        if not args or args[0] not in ("-h", "--help", "check", "new"):
            args = ["open", *args]
        return super().parse_args(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, with its help in the language that is spoken."""
        command = super().get_command(ctx, cmd_name)
        return said(command) if command is not None else None

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show all ways of calling it."""
        formatter.write_usage(ctx.command_path, "[DIR] [LESSON]")
        formatter.write_usage(ctx.command_path, "check DIR", prefix="       ")
        formatter.write_usage(ctx.command_path, "new DIR", prefix="       ")


@click.group(cls=CourseGroup, context_settings=CONTEXT, short_help=later("Open, check or begin a course."))
def course() -> None:
    """Open the course in the folder DIR: its lessons in their order, with tasks and questions.

    Without a folder it is the course that comes with the program, from a square to attention. "check DIR"
    looks for what would go wrong in class, "new DIR" writes a small course to start from. A folder that is
    called check or new is written ./check.
    """


_FOLDER = click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")


@course.command("open", hidden=True, context_settings=CONTEXT)
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR", required=False)
@click.argument("lesson", required=False)
@click.option("--student", metavar="NAME", help=later("Who you are; your login name by default."))
@screen_options
def open_course(folder: Path | None, lesson: str | None, student: str | None, options: Launch) -> None:
    """Open the course in the folder DIR where you left it, or at a LESSON of it; without one ours."""
    from tui_backprop.courses.course import BUILTIN_COURSE
    from tui_backprop.courses.loading import load_course

    with refusals():
        place = BUILTIN_COURSE if folder is None else _in_folder(folder)
        sys.exit(opened(load_course(place, sandbox()), student, options, lesson))


def opened(found: CourseFolder, student: str | None, options: Launch, wanted: str | None = None) -> int:
    """Open a course where its student has left it, and return the exit code.

    Args:
        found: the course.
        student: the name that was given.
        options: how to open.
        wanted: the lesson to open in place of the one that was left.

    Raises:
        BackpropError: the student's name, or the lesson, is refused.
    """
    from tui_backprop.cli.launch import open_debugger
    from tui_backprop.cli.teaching.resuming import kept_training, lesson_to_open, take_seat
    from tui_backprop.courses.results.place import student_name
    from tui_backprop.training.trainer import Trainer

    seat = take_seat(found, student_name(student))
    name = lesson_to_open(seat) if wanted is None else found.entry(wanted).name
    lesson = seat.lessons.fresh(name)
    seat.enrolment.begin()
    kept = kept_training(lesson, options.sandbox)
    return open_debugger(lambda: Trainer(lesson), options, seat=seat, kept=kept)


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
