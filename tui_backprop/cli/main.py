"""The command line: each command is a few lines over the layers below, which are imported when it runs."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui_backprop.cli.group import LessonGroup, OpenCommand
from tui_backprop.cli.language.choice import choose_language
from tui_backprop.cli.language.help import said
from tui_backprop.cli.late import LateCommands
from tui_backprop.cli.output import write_output
from tui_backprop.cli.shared import (
    CONTEXT,
    FAILED,
    INTERNAL_ERROR,
    WholeNumber,
    ascii_option,
    charset,
    fail,
    format_option,
    iteration_option,
    lesson_argument,
    make_trainer,
    open_closed_streams,
    refusals,
    remarks,
    sandbox,
    say,
    screen_options,
    set_option,
    setting_names,
    told_trainer,
)
from tui_backprop.text.sentences import later, tr
from tui_backprop.version import __version__

if TYPE_CHECKING:
    from tui_backprop.cli.launch import Launch

FORMS = ("script", "notebook", "torch", "jax", "latex", "markdown", "html")
"""What export writes, as its registry has it, which is imported when it is asked for."""
COMMANDS = LateCommands()
"""All commands, in the order in which the shell offers them."""


@click.group(cls=LessonGroup, commands=COMMANDS, context_settings=CONTEXT)
@click.version_option(
    __version__, "-V", "--version", prog_name="tui-backprop", message="%(prog)s %(version)s"
)
def cli() -> None:
    """Debug backpropagation, one chain-rule factor at a time.

    Open the app on a LESSON (a built-in name or the path of a .toml file; the first lesson when none is
    given; "open STRING" for what somebody has shared), or run one of the commands below. In the app, ? shows
    the keys.
    """


@cli.command("open", cls=OpenCommand, hidden=True, context_settings=CONTEXT)
@lesson_argument(required=False)
@set_option
@screen_options
@click.option(
    "--restricted",
    is_flag=True,
    help=later("A login for a class: lessons of --lessons DIR, and nothing else."),
)
@click.option(
    "--lessons",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help=later("The lesson folder of --restricted."),
)
@click.option(
    "--course",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help=later("The course of --restricted, in place of a lesson folder."),
)
@click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="NAME=N",
    help=later("Another limit of --restricted; may be repeated."),
)
def open_app(lesson: str | None, settings: tuple[str, ...], options: Launch) -> None:
    """Open the app on a LESSON: a built-in name, the path of a .toml file, or a string that was shared."""
    from tui_backprop.cli.launch import open_debugger
    from tui_backprop.lessons.sharing.packing import is_shared

    fresh = lesson is None and not settings
    with refusals():
        if lesson is not None and is_shared(lesson):
            from tui_backprop.cli.playground.sharing import shared_trainer

            trainer, notes = shared_trainer(lesson, settings)
            sys.exit(open_debugger(lambda: trainer, options, chosen=setting_names(settings), notes=notes))
        make = partial(make_trainer, lesson, settings)
        sys.exit(open_debugger(make, options, offers=fresh, chosen=setting_names(settings)))


COMMANDS.expect({"resume": "sessions:resume_session", "sessions": "sessions:sessions"})


@cli.command("list", short_help=later("List the built-in lessons."))
@format_option("table", "json")
@ascii_option
def list_lessons(style: str, ascii_only: bool | None) -> None:
    """List the built-in lessons."""
    from tui_backprop.lessons.library import BUILTIN, load_lesson

    with refusals():
        lessons = [load_lesson(name, sandbox()) for name in BUILTIN]
    if style == "json":
        import json

        keys = ("name", "title", "summary", "formula")
        page = [{key: getattr(lesson, key).strip() for key in keys} for lesson in lessons]
        click.echo(json.dumps(page, ensure_ascii=False, indent=2))
        return
    for lesson in lessons:
        click.echo(charset(ascii_only).spelled(f"{lesson.name:<13}{lesson.title}"))


@cli.command(short_help=later("Train a lesson and print its losses."))
@lesson_argument()
@click.option(
    "--iterations", type=WholeNumber(), metavar="N",
    help=later("Updates; the lesson's own number by default."),
)  # fmt: skip
@set_option
@click.option(
    "--every", type=WholeNumber(1), default=1, show_default=True, metavar="K",
    help=later("Print every K-th iteration, and the last."),
)  # fmt: skip
@click.option("--parameters", is_flag=True, help=later("Print the parameters as well."))
@click.option(
    "--alarms", is_flag=True,
    help=later("Say on stderr what goes wrong, as iterations 0, 10, …, 100, 150 and so on show it."),
)  # fmt: skip
@format_option("table", "jsonl", "csv")
@ascii_option
def train(
    lesson: str,
    iterations: int | None,
    settings: tuple[str, ...],
    every: int,
    parameters: bool,
    alarms: bool,
    style: str,
    ascii_only: bool | None,
) -> None:
    """Train a LESSON and print the loss of iterations 0 to N; the last is the loss after N updates.

    With batches each loss is of its iteration's batch alone.

    Exits with 1 where the training diverges (the last line is then the iteration where it did).
    """
    from tui_backprop.cli.playground.health import say_alarms
    from tui_backprop.cli.progress import ProgressBar
    from tui_backprop.export.tables import writer

    with refusals():
        trainer = told_trainer(lesson, settings)
        goal = trainer.hyperparameters.iterations if iterations is None else iterations
        if goal and not trainer.lesson.trains:
            fail(
                tr(
                    "{name} trains nothing; use tui-backprop explain {lesson}",
                    name=trainer.lesson.name,
                    lesson=lesson,
                )
            )
        for remark in remarks(trainer):
            click.echo(charset(ascii_only).spelled(remark.text), err=True)
        with ProgressBar(goal) as progress:
            spelled = charset(ascii_only).spelled if style == "table" else str
            write = writer(style, trainer, parameters, lambda line: progress.echo(spelled(line)))
            write.row()
            if alarms:
                trainer.breakpoints.add("alarm")
            report = trainer.run(iterations=0)
            say_alarms(report)
            over = report.divergence is not None
            while trainer.iteration < goal and not over:
                begun = trainer.iteration
                due = begun + every - begun % every
                ahead = min(due, goal) - begun if write.stops else goal - begun
                report = trainer.run(iterations=ahead, seconds=0.1)
                progress.advance(report.iterations)
                say_alarms(report)
                write.past_rows(due, trainer.iteration, every)
                over = report.divergence is not None or report.reason in ("full", "early_stop")
                finished = trainer.iteration == goal or over
                if report.iterations and (finished or trainer.iteration % every == 0):
                    write.row()
    if report.divergence is not None:
        from tui_backprop.explain.nonfinite import message

        fail(message(report.divergence), FAILED)
    if report.early_stop is not None:
        say(f"{report.early_stop.message}")
    if report.reason == "full":
        fail(
            tr("stopped: a training may have {iteration:,} iterations here", iteration=trainer.iteration),
            FAILED,
        )


COMMANDS.expect({
    "explain": "looking:explain",
    "check": "looking:check",
    "health": "playground.health:health",
    "import": "importing:import_model",
    "trace": "tracing:trace",
    "new": "new:new_lesson",
    "build": "playground.build:build",
    "plot": "playground.plot:plot",
    "sweep": "playground.sweeping:sweep",
    "compare": "playground.sweeping:compare",
    "rates": "playground.sweeping:rates",
    "serve": "hosting.serving:serve",
    "worksheet": "teaching.worksheet:worksheet",
    "course": "teaching.course:course",
    "report": "teaching.report:report",
})  # fmt: skip


@cli.command(short_help=later("Write a lesson as a script, a notebook, a derivation and more."))
@lesson_argument()
@click.option(
    "--to", "form", type=click.Choice(FORMS), required=True,
    help=later(
        "What to write: the training as a program (NumPy, PyTorch, JAX), or one iteration: to fill in as a "
        "notebook, or derived."
    ),
)  # fmt: skip
@iteration_option(
    later("Which iteration a notebook or a derivation is of: that many updates are made first.")
)
@set_option
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE",
    help=later("Write into this file, whole or not at all; standard output by default."),
)  # fmt: skip
def export(lesson: str, form: str, iteration: int, settings: tuple[str, ...], output: Path | None) -> None:
    """Write a LESSON for use elsewhere.

    The programs print the losses that train prints, a line each. The script needs NumPy only, and its
    statements are those that runs are compiled to.
    """
    from tui_backprop.export.targets.registry import TARGETS

    with refusals():
        text = TARGETS[form].written(told_trainer(lesson, settings), iteration)
        write_output(output, text)


def main() -> None:
    """Run the command line; bad input or Ctrl-C end it without a traceback."""
    open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        # a name such as ŷ must not end a command in a terminal whose locale cannot show it
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if refused := choose_language():
        fail(refused)
    said(cli)
    try:
        code = cli.main(prog_name="tui-backprop", standalone_mode=False)
    except click.ClickException as error:
        fail(" ".join(error.format_message().split()), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            fail(tr("there is no space left where the output goes"))
        if os.environ.get("TUI_BACKPROP_DEBUG"):
            raise
        if "--restricted" in sys.argv:  # what the error says may name the host's files
            fail(tr("internal error, sorry: {what}", what=type(error).__name__), INTERNAL_ERROR)
        what = f"{type(error).__name__}: {error}"
        fail(
            tr("internal error, sorry: {what} (TUI_BACKPROP_DEBUG=1 shows where)", what=what), INTERNAL_ERROR
        )
    sys.exit(code)
