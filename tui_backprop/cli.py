"""The command line: each command is a few lines over the layers below, which are imported when it runs."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import click

from tui_backprop import __version__

if TYPE_CHECKING:
    from tui_backprop.training.trainer import Trainer

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
OPENING = "[LESSON] [--set KEY=VALUE ...]"
OK, FAILED, BAD_INPUT = 0, 1, 2
INTERNAL_ERROR = 70  # EX_SOFTWARE of sysexits.h
CLOSED_PIPE = 141  # what a shell reports of programs that SIGPIPE ends


class LessonGroup(click.Group):
    """A group whose name alone, or with a lesson, opens the app."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a reader that went away, such as ``head``, ends it in silence."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(CLOSED_PIPE)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the hidden command ``open`` in front of what is not another command's name."""
        flags = {"-h", "--help", "-V", "--version"}
        first = next((arg for arg in args if not arg.startswith("-")), None)
        if not flags.intersection(args[:1]) and (
            not args or args[0].startswith("-") or first not in self.commands
        ):
            if len(args) > 1 and first == args[0] and not ctx.resilient_parsing:
                self._suggest_command(first)
            args = ["open", *args]
        return super().parse_args(ctx, args)

    def _suggest_command(self, word: str) -> None:
        """Refuse a misspelt command, which would otherwise be taken for a lesson."""
        from tui_backprop.engine.errors import suggest
        from tui_backprop.lessons.library import BUILTIN

        hint = suggest(word, [name for name in self.commands if name != "open"])
        if hint and word not in BUILTIN:
            raise click.UsageError(f"unknown command {word!r}{hint}")

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show both ways of calling it."""
        formatter.write_usage(ctx.command_path, OPENING)
        formatter.write_usage(ctx.command_path, "COMMAND [ARGS]...", prefix="       ")


class OpenCommand(click.Command):
    """The command whose name nobody types."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Leave the hidden name out."""
        formatter.write_usage(ctx.find_root().command_path, OPENING)


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """Turn the project's errors into one line on stderr and exit code 2, or 1 where a run diverged."""
    from tui_backprop.engine.errors import BackpropError
    from tui_backprop.training.divergence import DivergedError

    try:
        yield
    except BackpropError as error:
        fail(str(error), FAILED if isinstance(error, DivergedError) else BAD_INPUT)
    except MemoryError:
        fail("there is not enough memory for this; use fewer samples or smaller shapes")


def fail(message: str, code: int = BAD_INPUT) -> NoReturn:
    """Print one line on stderr and exit."""
    from tui_backprop.engine.errors import printable

    click.echo(f"tui-backprop: {printable(message, 600)}", err=True)
    sys.exit(code)


def complete_lessons(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Offer the built-in lessons; files are offered by the shell."""
    from click.shell_completion import CompletionItem

    from tui_backprop.lessons.library import BUILTIN

    words = [*BUILTIN]
    if ctx.info_name == "open":  # the first word may be a command as well
        words += [name for name, command in cli.commands.items() if not command.hidden]
    names = [CompletionItem(word) for word in words if word.startswith(incomplete)]
    return names or [CompletionItem(incomplete, type="file")]


def complete_settings(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Offer the hyperparameters' names."""
    from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS

    return [f"{name}=" for name in HYPERPARAMETERS if name.startswith(incomplete)]


def lesson_argument(required: bool = True) -> Callable[[Any], Any]:
    """Return the LESSON argument: a built-in name or the path of a .toml file."""
    return click.argument("lesson", required=required, shell_complete=complete_lessons)


set_option = click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", shell_complete=complete_settings,
    help="Set a hyperparameter, such as learning_rate=0.1; may be repeated.",
)  # fmt: skip


def iteration_option(what: str) -> Callable[[Any], Any]:
    """Return the --iteration option."""
    return click.option(
        "--iteration", default=0, show_default=True, metavar="K", type=click.IntRange(0, 10**9), help=what
    )


def format_option(*choices: str) -> Callable[[Any], Any]:
    """Return the --format option; the first choice is the default."""
    return click.option(
        "--format", "style", type=click.Choice(choices), default=choices[0], show_default=True,
        help="Form of the output.",
    )  # fmt: skip


def make_trainer(lesson: str, settings: tuple[str, ...]) -> Trainer:
    """Load a lesson and set its dials."""
    from tui_backprop.lessons.hyperparameters import parse_setting
    from tui_backprop.lessons.library import load_lesson
    from tui_backprop.training.trainer import Trainer

    return Trainer(load_lesson(lesson), **dict(parse_setting(setting) for setting in settings))


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
def open_app(lesson: str | None, settings: tuple[str, ...]) -> None:
    """Open the app on a LESSON: a built-in name or the path of a .toml file."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        which = "output" if sys.stdin.isatty() else "input"
        fail(
            f"standard {which} is not a terminal, so the app cannot open; "
            "use tui-backprop list, train, explain or check (over ssh, add -t)"
        )
    with refusals():
        trainer = make_trainer(lesson or "linear", settings)
        from tui_backprop.tui.app import BackpropApp

        app = BackpropApp(trainer)
        app.run()
        sys.exit(app.return_code or OK)


@cli.command("list", short_help="List the built-in lessons.")
@format_option("table", "json")
def list_lessons(style: str) -> None:
    """List the built-in lessons."""
    from tui_backprop.lessons.library import BUILTIN, load_lesson

    with refusals():
        lessons = [load_lesson(name) for name in BUILTIN]
    if style == "json":
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
            while trainer.iteration < goal and report.divergence is None:
                ahead = min(every - trainer.iteration % every, goal - trainer.iteration)
                report = trainer.run(iterations=ahead, seconds=0.1)
                progress.advance(report.iterations)
                finished = trainer.iteration == goal or report.divergence is not None
                if report.iterations and (finished or trainer.iteration % every == 0):
                    write.row()
    if report.divergence is not None:
        fail(report.divergence.message, FAILED)


class Progress:
    """A progress bar on stderr, where that is a terminal; rows printed meanwhile go above it."""

    def __init__(self, length: int) -> None:
        self.visible = sys.stderr.isatty() and length > 0
        self.shared = self.visible and sys.stdout.isatty()
        self.bar = click.progressbar(
            length=length, file=sys.stderr, label="training", hidden=not self.visible
        )
        self.drawn = 0.0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        self.clear()

    def advance(self, iterations: int) -> None:
        """Move the bar on; draw it at most ten times a second."""
        if self.visible:
            self.bar.make_step(iterations)
            if time.monotonic() - self.drawn > 0.1:
                self.bar.render_progress()
                self.drawn = time.monotonic()

    def clear(self) -> None:
        """Take the bar off its line."""
        if self.visible and self.drawn:
            blank = " " * (shutil.get_terminal_size().columns - 1)
            click.echo(f"\r{blank}\r", nl=False, err=True)

    def echo(self, line: str) -> None:
        """Print a row, above the bar where both share a terminal."""
        if self.shared:
            self.clear()
        click.echo(line)


@cli.command(short_help="Explain one iteration, factor by factor.")
@lesson_argument()
@iteration_option("Which iteration: that many updates are made first.")
@set_option
@format_option("text", "json")
def explain(lesson: str, iteration: int, settings: tuple[str, ...], style: str) -> None:
    """Explain one iteration of a LESSON: every value, every chain-rule factor, every update."""
    from tui_backprop.explain.iteration import as_json, as_text, at_iteration

    with refusals():
        trainer = make_trainer(lesson, settings)
        at_iteration(trainer, iteration)
        if style == "json":
            click.echo(json.dumps(as_json(trainer), ensure_ascii=False))
        else:
            for line in as_text(trainer):
                click.echo(line)


@cli.command(short_help="Check the gradients against central differences.")
@lesson_argument()
@iteration_option("Where to check: that many updates are made first.")
@set_option
@format_option("table", "json")
def check(lesson: str, iteration: int, settings: tuple[str, ...], style: str) -> None:
    """Check the gradients of a LESSON against central differences, and the mistakes its notes made by hand.

    Exits with 1 where a gradient of the engine does not agree.
    """
    from tui_backprop.explain.checks import as_json, as_lines
    from tui_backprop.explain.iteration import at_iteration
    from tui_backprop.explain.text import wrap
    from tui_backprop.training.check import check_gradients

    with refusals():
        trainer = make_trainer(lesson, settings)
        at_iteration(trainer, iteration)
        report = check_gradients(trainer)
    if style == "json":
        click.echo(json.dumps(as_json(report), ensure_ascii=False))
    else:
        for text in as_lines(report):
            for line in wrap(text, 80, "  "):
                click.echo(line)
    sys.exit(OK if report.passed else FAILED)


def main() -> None:
    """Run the command line; bad input or Ctrl-C end it without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        # a name such as ŷ must not end a command in a terminal whose locale cannot show it
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = cli.main(prog_name="tui-backprop", standalone_mode=False)
    except click.ClickException as error:
        fail(error.format_message(), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:
        if os.environ.get("TUI_BACKPROP_DEBUG"):
            raise
        what = f"internal error, sorry: {type(error).__name__}: {error}"
        fail(f"{what} (TUI_BACKPROP_DEBUG=1 shows where)", INTERNAL_ERROR)
    sys.exit(code)
