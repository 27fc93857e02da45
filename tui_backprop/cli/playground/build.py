"""The command that builds a network from dials: ``build --layers 2,8,8,1 --dataset spiral``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui_backprop.cli.backend import asked_backend
from tui_backprop.cli.output import write_output
from tui_backprop.cli.shared import fail, refusals, sandbox, screen_options, set_option
from tui_backprop.text.sentences import later, tr

if TYPE_CHECKING:
    from tui_backprop.cli.launch import Launch
    from tui_backprop.lessons.network.data import NetworkData
    from tui_backprop.lessons.network.dials import Dials

_HELP = (
    ("layers", "2,8,8,1", later("Widths from the inputs to the outputs.")),
    (
        "activation",
        later("NAME[,NAME …]"),
        later("Behind the hidden layers, such as tanh or relu: one, or one for each."),
    ),
    ("dataset", "NAME", later("Made-up data: spiral, circles, xor, blobs, moons, sine.")),
    ("csv", "FILE", later("A CSV file in place of that, its columns as they are.")),
    ("target", "COLUMN", later("The column of the CSV file to predict.")),
    ("size", "N", later("Samples of the made-up data.")),
    ("noise", "X", later("Deviation added to the points.")),
    ("features", "x,y,…", later("Made of the two inputs: x, y, xx, yy, xy, sinx, siny.")),
    ("loss", "NAME", later("auto, bce_with_logits, cross_entropy, mse or mae.")),
    ("initializer", "NAME", later("How weights start, such as xavier; biases start at 0.")),
    ("batch", "N", later("Samples in one update, or all.")),
    ("validation", "SHARE", later("Share of the samples that is not trained on; 0 for none.")),
    ("l1", "X", later("Factor of Σ|w| in the loss.")),
    ("l2", "X", later("Factor of Σw²/2 in the loss.")),
    ("optimizer", "NAME", later("How a gradient becomes an update, such as sgd or adam.")),
    ("learning_rate", "X", later("How far an update goes.")),
    ("iterations", "N", later("Updates after which a run stops.")),
    ("seed", "N", later("Start of the random numbers.")),
)
"""The dials, as their registry has them, which is imported when the command runs."""


def _dial_options(command: Any) -> Any:
    for name, metavar, text in reversed(_HELP):
        command = click.option(f"--{name.replace('_', '-')}", name, metavar=metavar, help=text)(command)
    return command


def _checked_here(command: Any) -> Any:
    return screen_options(command, check=False)


@click.command("build", short_help=later("Build a network from layers, data and training, as a lesson."))
@_dial_options
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE.toml",
    help=later("Write the lesson into this file, and open nothing. - prints it."),
)  # fmt: skip
@set_option
@_checked_here
def build(output: Path | None, settings: tuple[str, ...], options: Launch, **dials: str | None) -> None:
    """Build a network and open it: --layers 2,8,8,1 --dataset spiral.

    What is not given is as it suits the data set. Parameters are W1 (in×out), b1 (out), W2 …; inputs are
    taken as they are. Without a terminal the lesson is printed.
    """
    from tui_backprop.cli.launch import open_debugger, refusal
    from tui_backprop.lessons.network.reading import read_dials

    if output is not None and output.suffix != ".toml" and str(output) != "-":
        fail(tr("--output {output}: a lesson's file ends in .toml", output=output))
    with refusals():
        given = {name: value for name, value in dials.items() if value is not None}
        read = read_dials(given, settings)
        if output is not None or refusal(options) is not None:
            _write(read, output)
            return
        from tui_backprop.lessons.network.lesson_text import build_lesson
        from tui_backprop.training.trainer import Trainer

        read, data = _with_data(read, Path(read.csv).parent)
        trainer = Trainer(build_lesson(read, sandbox(), data), backend=asked_backend())
        sys.exit(open_debugger(lambda: trainer, options))


def _with_data(dials: Dials, folder: Path) -> tuple[Dials, NetworkData]:
    """Return the dials and what they learn from, for a lesson in a folder."""
    from tui_backprop.lessons.network.data import data_of
    from tui_backprop.lessons.network.table import data_of_table
    from tui_backprop.text.printable import printable

    if not dials.csv:
        return dials, data_of(dials)
    place, file = folder.resolve(), Path(dials.csv).resolve()
    if not file.is_relative_to(place):
        fail(
            tr(
                "csv: a lesson reads files of its own folder only; write it into {parent}",
                parent=printable(str(file.parent), 200),
            )
        )
    return data_of_table(dials, file.relative_to(place).as_posix(), sandbox())


def _write(dials: Dials, output: Path | None) -> None:
    from tui_backprop.lessons.network.lesson_text import build_lesson

    prints = output is None or str(output) == "-"
    folder = Path() if output is None or prints else output.parent
    text = build_lesson(*_arranged(dials, folder)).text
    write_output(output, text, opens=True)


def _arranged(dials: Dials, folder: Path) -> Any:
    dials, data = _with_data(dials, folder)
    return dials, sandbox(), data
