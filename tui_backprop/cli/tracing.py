"""The command that makes a lesson of a NumPy function."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui_backprop.cli.backend import asked_backend
from tui_backprop.cli.output import write_output
from tui_backprop.cli.shared import (
    fail,
    refusals,
    sandbox,
    say,
    screen_options,
    set_option,
    setting_names,
)
from tui_backprop.text.sentences import later, tr

if TYPE_CHECKING:
    from tui_backprop.cli.launch import Launch
    from tui_backprop.training.trainer import Trainer


@click.command(short_help=later("Debug a NumPy function of your own, line by line."))
@click.argument("program", metavar="FILE.py:FUNCTION")
@click.option(
    "--parameters", metavar="W1,b1,…",
    help=later("The arguments that are trained; by default those that are not called x, y, t and the like."),
)  # fmt: skip
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE.toml",
    help=later("Write the lesson: formula, arrays, and the program's lines; nothing is opened. - prints it."),
)  # fmt: skip
@set_option
@screen_options
def trace(
    program: str, parameters: str | None, output: Path | None, settings: tuple[str, ...], options: Launch
) -> None:
    """Run FUNCTION of FILE.py once on recording arrays, and open what it did as a lesson.

    Its arguments are the file's arrays of the same names; it returns the loss, alone or first. Each record
    has the line of the file that it comes from.
    """
    from tui_backprop.cli.launch import open_debugger
    from tui_backprop.lessons.hyperparameters import parse_setting
    from tui_backprop.lessons.traced.program import load_program
    from tui_backprop.lessons.traced.tracing import trace as traced
    from tui_backprop.training.trainer import Trainer

    with refusals():
        if sandbox().confined:
            fail(tr("a restricted login runs no programs; open a lesson of the folder"))
        names = None if parameters is None else [name.strip() for name in parameters.split(",")]
        loaded = load_program(program, names)
        lesson = traced(loaded.function, loaded.parameters, loaded.data)
        if names is None:
            say(
                tr(
                    "note: trained are {parameters}; --parameters names others",
                    parameters=", ".join(lesson.parameters),
                )
            )
        for note in lesson.source.notes if lesson.source is not None else ():
            say(tr("note: {note}", note=note))
        if output is not None:
            _check_size(lesson.text)
            write_output(output, lesson.text, opens=True)
            return

        def make() -> Trainer:
            chosen = dict(parse_setting(setting) for setting in settings)
            return Trainer(lesson, backend=asked_backend(), **chosen)

        sys.exit(open_debugger(make, options, chosen=setting_names(settings)))


def _check_size(text: str) -> None:
    from tui_backprop.lessons.toml_text.parsing import MAX_FILE_BYTES

    if len(text.encode()) > MAX_FILE_BYTES:
        fail(
            tr(
                "the lesson is larger than {size} MiB; trace the function on fewer samples",
                size=MAX_FILE_BYTES >> 20,
            )
        )
