"""The command line: each command is a few lines over the layers below, which are imported when it runs."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui_backprop import __version__
from tui_backprop.command_line import (
    CONTEXT,
    FAILED,
    INTERNAL_ERROR,
    OK,
    LessonGroup,
    OpenCommand,
    Progress,
    complete_names,
    fail,
    format_option,
    iteration_option,
    lesson_argument,
    make_trainer,
    mark_claim,
    open_closed_streams,
    refusals,
    screen_options,
    set_option,
)
from tui_backprop.session_commands import resume_session, sessions

if TYPE_CHECKING:
    from tui_backprop.launch import Launch


@click.group(cls=LessonGroup, context_settings=CONTEXT)
@click.version_option(
    __version__, "-V", "--version", prog_name="tui-backprop", message="%(prog)s %(version)s"
)
def cli() -> None:
    """Debug backpropagation, one chain-rule factor at a time.

    Open the app on a LESSON (a built-in name or the path of a .toml file; the first lesson when none is
    given), or run one of the commands below. In the app, ? shows the keys.
    """


@cli.command("open", cls=OpenCommand, hidden=True, context_settings=CONTEXT)
@lesson_argument(required=False)
@set_option
@screen_options
@click.option(
    "--restricted", is_flag=True, help="A login for a class: lessons of --lessons DIR, and nothing else."
)
@click.option(
    "--lessons", type=click.Path(path_type=Path), metavar="DIR", help="The lesson folder of --restricted."
)
@click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="NAME=N",
    help="Another limit of --restricted; may be repeated.",
)
def open_app(lesson: str | None, settings: tuple[str, ...], options: Launch) -> None:
    """Open the app on a LESSON: a built-in name or the path of a .toml file."""
    from tui_backprop.launch import open_debugger

    fresh = lesson is None and not settings
    with refusals():
        sys.exit(open_debugger(lambda: make_trainer(lesson or "linear", settings), options, offers=fresh))


cli.add_command(resume_session)
cli.add_command(sessions)


@cli.command("list", short_help="List the built-in lessons.")
@format_option("table", "json")
def list_lessons(style: str) -> None:
    """List the built-in lessons."""
    from tui_backprop.lessons.library import BUILTIN, load_lesson

    with refusals():
        lessons = [load_lesson(name) for name in BUILTIN]
    if style == "json":
        import json

        keys = ("name", "title", "summary", "formula")
        page = [{key: getattr(lesson, key).strip() for key in keys} for lesson in lessons]
        click.echo(json.dumps(page, ensure_ascii=False, indent=2))
        return
    for lesson in lessons:
        click.echo(f"{lesson.name:<13}{lesson.title}")


@cli.command(short_help="Train a lesson and print its losses.")
@lesson_argument()
@click.option(
    "--iterations", type=click.IntRange(0, 10**9), metavar="N",
    help="Updates; the lesson's own number by default.",
)  # fmt: skip
@set_option
@click.option(
    "--every", type=click.IntRange(1), default=1, show_default=True, metavar="K",
    help="Print every K-th iteration, and the last.",
)  # fmt: skip
@click.option("--parameters", is_flag=True, help="Print the parameters as well.")
@format_option("table", "jsonl", "csv")
def train(
    lesson: str, iterations: int | None, settings: tuple[str, ...], every: int, parameters: bool, style: str
) -> None:
    """Train a LESSON and print the loss of iterations 0 to N; the last is the loss after N updates.

    Exits with 1 where the training diverges (the last line is then the iteration where it did).
    """
    from tui_backprop.explain.table import writer

    with refusals():
        trainer = make_trainer(lesson, settings)
        goal = trainer.hyperparameters.iterations if iterations is None else iterations
        if goal and not trainer.lesson.trains:
            fail(f"{trainer.lesson.name} trains nothing; use tui-backprop explain {lesson}")
        with Progress(goal) as progress:
            write = writer(style, trainer, parameters, progress.echo)
            write.row()
            report = trainer.run(iterations=0)
            while trainer.iteration < goal and report.divergence is None and report.reason != "full":
                begun = trainer.iteration
                due = begun + every - begun % every
                ahead = min(due, goal) - begun if parameters else goal - begun
                report = trainer.run(iterations=ahead, seconds=0.1)
                progress.advance(report.iterations)
                for past in range(due, trainer.iteration, every):
                    write.row(past)
                finished = trainer.iteration == goal or report.divergence is not None
                if report.iterations and (finished or trainer.iteration % every == 0):
                    write.row()
    if report.divergence is not None:
        fail(report.divergence.message, FAILED)
    if report.reason == "full":
        fail(f"stopped: {trainer.iteration:,} losses are kept, as many as there is room for", FAILED)


@cli.command(short_help="Explain one iteration, factor by factor.")
@lesson_argument()
@iteration_option("Which iteration: that many updates are made first.")
@click.option(
    "--wrt", metavar="NAME", shell_complete=complete_names,
    help="Only the chain from the loss to this node, such as beta.",
)  # fmt: skip
@click.option(
    "--element", metavar="I,J",
    help="With --wrt: the scalar terms of one element, counted from 0; for a number, an empty text.",
)  # fmt: skip
@click.option(
    "--whatif", "whatifs", multiple=True, metavar="NAME=VALUE", shell_complete=complete_names,
    help="Put a value in first, such as y_hat=[0.8,0.3,0.4] or X[1,0]=7; may be repeated.",
)  # fmt: skip
@set_option
@format_option("text", "json")
def explain(
    lesson: str,
    iteration: int,
    wrt: str | None,
    element: str | None,
    whatifs: tuple[str, ...],
    settings: tuple[str, ...],
    style: str,
) -> None:
    """Explain one iteration of a LESSON: every value, every chain-rule factor, every update."""
    from tui_backprop.engine.terms import parse_element
    from tui_backprop.explain import element_page
    from tui_backprop.explain import iteration as pages
    from tui_backprop.explain import wrt as chains
    from tui_backprop.training.settings import find_one
    from tui_backprop.training.whatif import parse_whatif

    if element is not None and wrt is None:
        fail("--element needs --wrt NAME, the node that the element is of")
    with refusals():
        trainer = make_trainer(lesson, settings)
        pages.at_iteration(trainer, iteration)
        for text in whatifs:
            change = parse_whatif(text, trainer.graph, trainer.lesson.samples)
            trainer.put(change.name, change.value, change.element)
        if wrt is None:
            page = pages.as_json(trainer) if style == "json" else pages.as_text(trainer)
        elif element is None:
            page = chains.wrt_json(trainer, wrt) if style == "json" else chains.wrt_text(trainer, wrt)
        else:
            node = find_one(trainer.graph, wrt)
            write = element_page.as_json if style == "json" else element_page.as_text
            page = write(trainer, node, parse_element(element, node))
        if isinstance(page, dict):
            from tui_backprop.explain.json_text import json_pieces

            click.echo(b"".join(json_pieces(page)))
        else:
            for line in page:
                click.echo(line)


@cli.command(short_help="Check the gradients against central differences.")
@lesson_argument()
@iteration_option("Where to check: that many updates are made first.")
@click.option(
    "--gradient", "claims", multiple=True, metavar="NAME=FORMULA", shell_complete=complete_names,
    help="Check a gradient worked out by hand, such as beta='X.T @ dz'; may be repeated.",
)  # fmt: skip
@set_option
@format_option("table", "json")
def check(
    lesson: str, iteration: int, claims: tuple[str, ...], settings: tuple[str, ...], style: str
) -> None:
    """Check the gradients of a LESSON against central differences, and the mistakes its notes made by hand.

    Exits with 1 where a gradient of the engine, or one given with --gradient, is not right.
    """
    from tui_backprop.explain import checks, homework
    from tui_backprop.explain.iteration import at_iteration
    from tui_backprop.explain.text import wrap
    from tui_backprop.training.check import check_gradients

    with refusals():
        trainer = make_trainer(lesson, settings)
        at_iteration(trainer, iteration)
        marks = [mark_claim(trainer, claim) for claim in claims]
        report = check_gradients(trainer)
    if style == "json":
        import json

        page = checks.as_json(report)
        if marks:
            page["gradients"] = [homework.as_json(marked) for marked in marks]
        click.echo(json.dumps(page, ensure_ascii=False))
    else:
        lines = checks.as_lines(report)
        if marks:
            lines += ["", "gradients worked out by hand", *homework.as_lines(marks)]
        for text in lines:
            for line in wrap(text, 80, "  "):
                click.echo(line)
    sys.exit(OK if report.passed and all(marked.passed for marked in marks) else FAILED)


@cli.command(short_help="Write a lesson's training as a script of its own.")
@lesson_argument()
@click.option(
    "--to", "form", type=click.Choice(["script"]), required=True, help="What to write: a script in NumPy."
)
@set_option
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE",
    help="Write into this file, whole or not at all; standard output by default.",
)  # fmt: skip
def export(lesson: str, form: str, settings: tuple[str, ...], output: Path | None) -> None:
    """Write the training of a LESSON as a Python script that needs NumPy only.

    It prints the losses that train prints, a line each; its statements are those that runs are compiled to.
    """
    from tui_backprop.engine.errors import printable
    from tui_backprop.explain.script import write_script
    from tui_backprop.training.files import write_whole

    with refusals():
        trainer = make_trainer(lesson, settings)
        script = write_script(trainer.lesson, trainer.hyperparameters)
        if output is None or str(output) == "-":
            click.echo(script.encode(), nl=False)  # UTF-8 in any locale, as Python reads it
            return
        try:
            write_whole(output, script, shared=True)
        except OSError as error:
            fail(f"{printable(str(output), 200)} cannot be written: {error.strerror}")


def main() -> None:
    """Run the command line; bad input or Ctrl-C end it without a traceback."""
    open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        # a name such as ŷ must not end a command in a terminal whose locale cannot show it
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = cli.main(prog_name="tui-backprop", standalone_mode=False)
    except click.ClickException as error:
        fail(" ".join(error.format_message().split()), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            fail("there is no space left where the output goes")
        if os.environ.get("TUI_BACKPROP_DEBUG"):
            raise
        what = f"internal error, sorry: {type(error).__name__}: {error}"
        fail(f"{what} (TUI_BACKPROP_DEBUG=1 shows where)", INTERNAL_ERROR)
    sys.exit(code)
