"""What the commands share: the group that opens the app, options, refusals in one line."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import click

from tui_backprop.cli.backend import asked_backend, backend_option
from tui_backprop.cli.completion import complete_lessons, complete_settings, first_word
from tui_backprop.text.sentences import later, tr

if TYPE_CHECKING:
    from tui_backprop.exercises.homework import Mark
    from tui_backprop.lessons.limits import Sandbox
    from tui_backprop.lessons.remarks.remark import Remark
    from tui_backprop.text.charset import Charset
    from tui_backprop.training.trainer import Trainer

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
OPENING = "[LESSON] [--set KEY=VALUE ...]"
OK, FAILED, BAD_INPUT = 0, 1, 2
INTERNAL_ERROR = 70  # EX_SOFTWARE of sysexits.h
CLOSED_PIPE = 141  # what a shell reports of programs that SIGPIPE ends


class WholeNumber(click.ParamType):  # type: ignore[type-arg]
    """A whole number from ``low`` to ``high``, also as people write round ones: 1e6."""

    name = "whole number"

    def __init__(self, low: int = 0, high: int = 10**9) -> None:
        self.low, self.high = low, high

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number, or fail with what would be right."""
        number: float
        try:
            number = int(value) if not isinstance(value, str) or "e" not in value.lower() else float(value)
        except ValueError:
            number = -1
        if not self.low <= number <= self.high or number != int(number):
            right = tr("found {value!r}; it must be a whole number from {low:,} to {high:,}",
                       value=value, low=self.low, high=self.high)  # fmt: skip
            self.fail(right, param, ctx)
        return int(number)


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """Turn the project's errors into one line on stderr and exit code 2, or 1 where a run diverged."""
    from tui_backprop.engine.core.errors import BackpropError
    from tui_backprop.training.stops.divergence import DivergedError

    try:
        yield
    except BackpropError as error:
        for line in (str(error), *error.further)[:-1]:
            complain(line)
        fail((str(error), *error.further)[-1], FAILED if isinstance(error, DivergedError) else BAD_INPUT)
    except MemoryError:
        fail(tr("there is not enough memory for this; use fewer samples or smaller shapes"))


def fail(message: str, code: int = BAD_INPUT) -> NoReturn:
    """Print one line on stderr and exit."""
    complain(message)
    sys.exit(code)


def complain(message: str) -> None:
    """Print one line on stderr."""
    from tui_backprop.text.printable import printable

    say(printable(message, 600))


def say(line: str) -> None:
    """Print a line on stderr, in ASCII where that was asked for."""
    ctx = click.get_current_context(silent=True)
    asked = ctx.params.get("ascii_only") if ctx is not None else None
    click.echo(f"tui-backprop: {charset(bool(asked)).spelled(line)}", err=True)


def open_closed_streams() -> None:
    """Put the null device where a standard stream was closed, so that no file of ours takes its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):  # in the order of their numbers
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


ascii_option = click.option(
    "--ascii/--no-ascii", "ascii_only", default=None,
    help=later("ASCII only; by default, as the locale says."),
)  # fmt: skip


def charset(ascii_only: bool | None) -> Charset:
    """Return what the lines of a command are written in: as asked for, or what standard output can take."""
    from tui_backprop.text.charset import ASCII, UNICODE

    if ascii_only is None:
        ascii_only = not (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    return ASCII if ascii_only else UNICODE


def screen_options(command: Callable[..., None], *, check: bool = True) -> Any:
    """Add the options that say how the debugger is shown, and pass them on as one: ``options``, a Launch.

    Where it cannot be shown that way here, that is said, and the command is not run, unless it writes into
    an ``output``; without ``check`` the command sees to that.
    """

    @wraps(command)
    def opened(
        *,
        plain: bool,
        no_mouse: bool,
        fps: float | None,
        ascii_only: bool | None,
        driver: Literal["diff", "plain"],
        record: Path | None,
        **others: Any,
    ) -> None:
        gc.disable()  # what a start makes is there to stay; the front ends turn it on again
        from tui_backprop.cli.launch import Launch, refusal

        options = Launch(plain, not no_mouse, fps, driver, ascii_only, record, sandbox())
        shows = check and others.get("output") is None
        if shows and (reason := refusal(options)) is not None:
            fail(reason)
        command(options=options, **others)

    decorated: Any = opened
    for option in (
        click.option(
            "--driver", type=click.Choice(["diff", "plain"]), default="diff", show_default=True,
            help=later("Send the terminal only what changed, paced by its answers; or Textual's own way."),
        ),
        click.option(
            "--fps", type=click.FloatRange(0.1, 60), metavar="N",
            help=later("Frames a second while a run goes on; 10 by default, 4 over ssh."),
        ),
        ascii_option,
        click.option(
            "--record", type=click.Path(path_type=Path), metavar="FILE.cast",
            help=later("Record what the terminal is sent as an asciicast, which players and pages show."),
        ),
        click.option("--no-mouse", is_flag=True, help=later("Leave the mouse to the terminal.")),
        click.option(
            "--plain", is_flag=True,
            help=later("Lines of text instead of the app: for pipes and screen readers."),
        ),
    ):  # fmt: skip
        decorated = option(decorated)
    return decorated


def lesson_argument(required: bool = True) -> Callable[[Any], Any]:
    """Return the LESSON argument: a built-in name or the path of a .toml file."""
    return click.argument("lesson", required=required, shell_complete=complete_lessons)


def set_option(command: Any) -> Any:
    """Add the options that say how a training is set up: ``settings``, and the back end beside it."""
    return click.option(
        "--set", "settings", multiple=True, metavar="KEY=VALUE", shell_complete=complete_settings,
        help=later("Set a hyperparameter, such as learning_rate=0.1; may be repeated."),
    )(backend_option(command))  # fmt: skip


def iteration_option(what: str) -> Callable[[Any], Any]:
    """Return the --iteration option."""
    return click.option(
        "--iteration", default=0, show_default=True, metavar="K", type=WholeNumber(), help=what
    )


def format_option(*choices: str) -> Callable[[Any], Any]:
    """Return the --format option; the first choice is the default."""
    return click.option(
        "--format", "style", type=click.Choice(choices), default=choices[0], show_default=True,
        help=later("Form of the output."),
    )  # fmt: skip


def complete_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Offer the names of the lesson that stands on the command line; nothing where it cannot be loaded."""
    from tui_backprop.engine.core.errors import BackpropError
    from tui_backprop.lessons.library import load_lesson

    try:
        names = load_lesson(first_word(ctx, "lesson") or "", sandbox()).graph().named
    except BackpropError:
        return []
    equals = "" if param.name == "wrt" else "="
    return [f"{name}{equals}" for name in names if name.startswith(incomplete)]


def sandbox() -> Sandbox:
    """Return what the command that runs reads lessons with: a restricted login's confines."""
    from tui_backprop.lessons.limits import OPEN

    ctx = click.get_current_context(silent=True)
    return (ctx.find_root().obj if ctx is not None else None) or OPEN


def make_trainer(lesson: str | None, settings: tuple[str, ...]) -> Trainer:
    """Load a lesson, a beginner's first where none is named, and set its hyperparameters."""
    from tui_backprop.lessons.hyperparameters import parse_setting
    from tui_backprop.lessons.library import BUILTIN, load_lesson
    from tui_backprop.training.trainer import Trainer

    return Trainer(
        load_lesson(BUILTIN[0] if lesson is None else lesson, sandbox()),
        backend=asked_backend(),
        **dict(parse_setting(setting) for setting in settings),
    )


def remarks(trainer: Trainer) -> tuple[Remark, ...]:
    """Return what is almost surely not meant in a trainer's lesson."""
    from tui_backprop.lessons.remarks.registry import remarks_on

    return remarks_on(trainer.lesson, trainer.hyperparameters)


def told_trainer(lesson: str, settings: tuple[str, ...]) -> Trainer:
    """Do the same, and say on stderr which of the hyperparameters that were chosen have no effect."""
    trainer = make_trainer(lesson, settings)
    for line in trainer.hyperparameters.unused((*trainer.lesson.chosen, *setting_names(settings))):
        say(tr("note: {note}", note=line))
    return trainer


def setting_names(settings: tuple[str, ...]) -> list[str]:
    """Return the names in ``NAME=VALUE``."""
    return [setting.partition("=")[0].strip() for setting in settings]


def marked_claim(trainer: Trainer, text: str) -> Mark:
    """Mark a gradient that was given as ``NAME=FORMULA``."""
    from tui_backprop.engine.core.errors import BackpropError, FormulaError
    from tui_backprop.exercises.homework import mark_claim, split_claim

    which = "--gradient"
    try:
        claim = split_claim(text)
        which += f" {claim.name}"
        return mark_claim(trainer, claim)
    except FormulaError as error:
        fail(f"{which}: {error.of_one_line}")
    except BackpropError as error:
        fail(f"{which}: {error}")
