"""The command that writes pictures: as text, as numbers, as SVG and as PNG."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui_backprop.cli.output import write_output
from tui_backprop.cli.progress import ProgressBar
from tui_backprop.cli.shared import (
    FAILED,
    WholeNumber,
    ascii_option,
    charset,
    fail,
    format_option,
    lesson_argument,
    refusals,
    set_option,
    told_trainer,
)
from tui_backprop.text.sentences import later, tr

if TYPE_CHECKING:
    from tui_backprop.pictures.figure import Figure
    from tui_backprop.pictures.picture import Picture
    from tui_backprop.training.stops.divergence import Divergence
    from tui_backprop.training.trainer import Trainer

KINDS = (
    "loss", "fit", "boundary", "outputs", "landscape", "slice", "weights", "activations", "gradients",
    "schedule", "confusion",
)  # fmt: skip
"""What there are pictures of, as their registry has it, which is imported when it is asked for."""
_WORDS = 5
"""Rows of a terminal that are left for words below, and for the prompt."""
SMALLEST, LARGEST = (20, 8), (400, 200)


class Size(click.ParamType):  # type: ignore[type-arg]
    """Columns and rows, as in 80x24."""

    name = "size"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Return both, or fail with what would be right."""
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"(\d{1,4})[x×X](\d{1,4})", value.strip())
        size = (int(found[1]), int(found[2])) if found is not None else (0, 0)
        if not all(least <= n <= most for least, n, most in zip(SMALLEST, size, LARGEST, strict=True)):
            (columns, rows), (most_columns, most_rows) = SMALLEST, LARGEST
            wrong = tr(
                "found {value!r}; it must be columns x rows, from {columns}x{rows} to "
                "{most_columns}x{most_rows}, such as 80x24",
                value=value,
                columns=columns,
                rows=rows,
                most_columns=most_columns,
                most_rows=most_rows,
            )
            self.fail(wrong, param, ctx)
        return size


@click.command(
    "plot", short_help=later("Write a picture of a training: its loss, fit, boundary, landscape …")
)
@lesson_argument()
@click.option("--what", type=click.Choice(KINDS), required=True, help=later("What the picture shows."))
@click.option(
    "--iterations", type=WholeNumber(), metavar="N",
    help=later("Updates that are made first; the lesson's own number by default."),
)  # fmt: skip
@set_option
@click.option(
    "--of", "of", metavar="NAME[,NAME]", default="",
    help=later("What it is about: parameters, inputs or nodes; an element is b1[0]."),
)  # fmt: skip
@click.option(
    "--size", type=Size(), metavar="80x24", help=later("Columns and rows; a cell is 10 by 20 points.")
)
@format_option("text", "json", "svg", "png")
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE",
    help=later("Write into this file, whole or not at all; standard output by default."),
)  # fmt: skip
@ascii_option
def plot(
    lesson: str,
    what: str,
    iterations: int | None,
    settings: tuple[str, ...],
    of: str,
    size: tuple[int, int] | None,
    style: str,
    output: Path | None,
    ascii_only: bool | None,
) -> None:
    """Train a LESSON and write a picture of where it stands then.

    json has the numbers that are drawn. Exits with 1 where the training diverges; the picture is that of
    where it did.
    """
    from tui_backprop.debugger.playground.pictures import names
    from tui_backprop.pictures.picture import Grain, Wanted
    from tui_backprop.pictures.registry import make_picture

    to_terminal = output is None and sys.stdout.isatty()
    if style == "png" and to_terminal:
        fail(tr("a PNG is nothing to read: give --output FILE, or send it on through a pipe"))
    columns, rows = size or _size(to_terminal and style == "text")
    with refusals():
        trainer = told_trainer(lesson, settings)
        diverged = _trained(trainer, iterations)
        wanted = Wanted(names(of), Grain(columns, 2 * rows))
        with ProgressBar(1, "drawing") as progress:
            picture = make_picture(trainer, what, wanted, tell=progress.left)
        write_output(
            output,
            _written(picture, style, (columns, rows), bool(charset(ascii_only).ascii_only), to_terminal),
        )
    if diverged is not None:
        from tui_backprop.explain.nonfinite import message

        fail(message(diverged), FAILED)


def _size(of_terminal: bool) -> tuple[int, int]:
    """Return the terminal's size, but for the line of the prompt; 80x24 elsewhere."""
    if not of_terminal:
        return 80, 24
    columns, rows = shutil.get_terminal_size()
    return tuple(
        min(max(n, least), most)
        for n, least, most in zip((columns, rows - _WORDS), SMALLEST, LARGEST, strict=True)
    )  # type: ignore[return-value]


def _trained(trainer: Trainer, iterations: int | None) -> Divergence | None:
    """Make the updates; return where the training left the finite numbers."""
    goal = trainer.hyperparameters.iterations if iterations is None else iterations
    report = trainer.run(iterations=0)
    with ProgressBar(goal) as progress:
        while trainer.lesson.trains and trainer.iteration < goal and report.divergence is None:
            report = trainer.run(iterations=goal - trainer.iteration, seconds=0.1)
            progress.advance(report.iterations)
            if report.reason in ("full", "early_stop"):
                break
    return report.divergence


def _written(
    picture: Picture, style: str, size: tuple[int, int], ascii_only: bool, to_terminal: bool
) -> bytes:
    if style == "json":
        from tui_backprop.text.json_text import json_pieces

        return b"".join(json_pieces(plain_numbers(picture.numbers()))) + b"\n"
    figure, words = picture.figure(), picture.words()
    if style == "text":
        return _text(figure, words, size, ascii_only, to_terminal).encode()
    from tui_backprop.drawing.vector import files

    return files.svg(figure, words, size).encode() if style == "svg" else files.png(figure, words, size)


def _text(
    figure: Figure, words: Sequence[str], size: tuple[int, int], ascii_only: bool, to_terminal: bool
) -> str:
    """Return the drawing, in colours where a terminal has them, and below it what there is to see."""
    from msgspec import structs

    from tui_backprop.drawing.cells.ansi import as_text
    from tui_backprop.drawing.cells.figures import draw
    from tui_backprop.drawing.cells.rows import Palette
    from tui_backprop.host.terminal import count_colours

    palette = Palette(count_colours(os.environ) if to_terminal else 0, ascii_only, reverses=to_terminal)
    drawn = as_text(draw(structs.replace(figure, notes=()), *size, palette, titled=True), palette)
    letters = charset(ascii_only)
    told = (*words, *(note for note in figure.notes if note not in words))
    return drawn + "".join(f"{line}\n" for said in told for line in letters.wrap(said, size[0], "  "))


def plain_numbers(value: Any) -> Any:
    """Return arrays and numbers of NumPy's as lists and numbers of Python's, whatever they stand in."""
    import numpy as np

    if isinstance(value, Mapping):
        return {str(key): plain_numbers(one) for key, one in value.items()}
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain_numbers(one) for one in value]
    return value
