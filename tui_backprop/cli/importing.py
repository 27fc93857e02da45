"""The command that makes a lesson of a model of another tool."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui_backprop.cli.output import write_output
from tui_backprop.cli.shared import fail, refusals, sandbox, say, screen_options
from tui_backprop.text.sentences import later, tr

if TYPE_CHECKING:
    from tui_backprop.cli.launch import Launch
    from tui_backprop.lessons.importing.models import Imported

_FILE = click.Path(path_type=Path)
LOSS = "mse"
"""What is taken where no loss is given and nobody can be asked."""


@click.command("import", short_help=later("Make a lesson of a PyTorch or ONNX model."))
@click.argument("model", type=_FILE)
@click.option(
    "--weights", type=_FILE, metavar="FILE",
    help=later("Numbers for the parameters: .safetensors or .npz, by PyTorch's names."),
)  # fmt: skip
@click.option("--loss", metavar="NAME", help=later("The loss, such as mse or cross_entropy."))
@click.option(
    "--input",
    "sample",
    type=_FILE,
    metavar="FILE",
    help=later("An input to try: x, and maybe the target y, in .npz."),
)
@click.option(
    "--every-step", is_flag=True,
    help=later("The last LSTM or GRU hands on all its steps, not the last alone."),
)  # fmt: skip
@click.option(
    "--output", type=_FILE, metavar="FILE.toml",
    help=later("Write the lesson into this file, large arrays into an .npz beside it, and open nothing."),
)  # fmt: skip
@screen_options
def import_model(
    model: Path,
    weights: Path | None,
    loss: str | None,
    sample: Path | None,
    every_step: bool,
    output: Path | None,
    options: Launch,
) -> None:
    """Make a lesson of MODEL and open it: a text file with what print(model) writes, or an .onnx file.

    What print does not say (the loss, an input) is asked for on a terminal; else mse and a drawn input are
    taken, and that is said. docs/import.md shows how to get there from PyTorch and Keras.
    """
    from tui_backprop.lessons.importing.models import ModelChoices, import_model

    if sandbox().confined:
        fail(tr("a restricted login imports no models"))
    if output is not None and output.suffix != ".toml":
        fail(tr("--output {output}: a lesson's file ends in .toml", output=output))
    with refusals():
        asked = sys.stdin.isatty() and sys.stdout.isatty()
        if asked:
            sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]
        wanted = ModelChoices(
            loss=_loss(loss, asked=asked),
            weights=weights,
            input=sample or (_input() if asked else None),
            every_step=every_step,
            beside=f"{output.stem}.npz" if output is not None else "",
        )
        imported = import_model(model, wanted, sandbox())
        for remark in imported.remarks:
            say(tr("note: {remark}", remark=remark))
        if output is not None:
            _write(imported, output)
        else:
            _open(imported, options)


def _loss(given: str | None, *, asked: bool) -> str:
    from tui_backprop.lessons.importing.samples import LOSSES, loss_called

    if given is not None:
        return loss_called(given)
    if asked:
        return loss_called(click.prompt(f"loss ({', '.join(LOSSES)})", default=LOSS, err=True))
    say(tr("note: the loss is {LOSS}; give another with --loss NAME", LOSS=LOSS))
    return LOSS


def _input() -> Path | None:
    text = click.prompt(tr("file of an input x, and maybe its target y (empty: drawn)"), default="", err=True)
    return Path(text).expanduser() if text.strip() else None


def _write(imported: Imported, output: Path) -> None:
    """Write a lesson, and what stands beside it."""
    written = imported.written
    beside = {output.with_suffix(".npz"): written.packed()} if written.beside else {}
    write_output(output, written.text, opens=True, beside=beside)


def _open(imported: Imported, options: Launch) -> None:
    from tui_backprop.cli.launch import open_debugger
    from tui_backprop.training.trainer import Trainer

    sys.exit(open_debugger(lambda: Trainer(imported.lesson), options))
