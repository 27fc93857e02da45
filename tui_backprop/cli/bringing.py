"""What somebody brings along is checked: gradients in a file, and a backward pass as text."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from tui_backprop.cli.shared import BAD_INPUT, FAILED, OK, fail, refusals, sandbox, told_trainer
from tui_backprop.text.sentences import tr

if TYPE_CHECKING:
    from tui_backprop.text.charset import Charset


def check_brought(
    lesson: str,
    iteration: int,
    against: Path | None,
    backward: Path | None,
    settings: tuple[str, ...],
    style: str,
    signs: Charset,
) -> NoReturn:
    """Check one file and say what was found; end with 0, 1 where something is wrong, 2 where no name fits."""
    from tui_backprop.exercises.brought.arrays import check_against
    from tui_backprop.exercises.brought.backward import check_backward
    from tui_backprop.exercises.brought.text import read_backward
    from tui_backprop.exercises.words import brought
    from tui_backprop.explain.pages.iteration import at_iteration
    from tui_backprop.lessons.beside.array_files import read_arrays

    if sandbox().confined:
        fail(tr("files of one's own are not read in a restricted login"))
    with refusals():
        text = "" if backward is None else read_backward(backward, sandbox())
        arrays = {} if against is None else read_arrays(against, sandbox())
        trainer = told_trainer(lesson, settings)
        at_iteration(trainer, iteration)
        if backward is None:
            compared = check_against(trainer, arrays)
            page, lines = brought.arrays_as_json(compared), brought.arrays_as_lines(compared)
            passed, fits = compared.passed, bool(compared.checks)
        else:
            marked = check_backward(trainer, text)
            page, lines = brought.backward_as_json(marked), brought.backward_as_lines(marked)
            passed, fits = marked.passed, bool(marked.judged)
    if style == "json":
        import json

        click.echo(json.dumps(page, ensure_ascii=False))
    else:
        for line in lines:
            for part in signs.wrap(line, 80, "       "):
                click.echo(part)
    sys.exit(OK if passed else FAILED if fits else BAD_INPUT)
