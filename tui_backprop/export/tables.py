"""A training as rows of text: a table for people, JSON lines and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from tui_backprop.text.charset import UNICODE
from tui_backprop.text.numbers import inline, number, readable
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.spelling import pretty
from tui_backprop.training.trainer import Trainer

PART = 1 << 16
"""Rows whose losses are looked up at a time."""


_MEASURED: Final[Mapping[str, str]] = {
    "validation_loss": later("validation loss"),
    "accuracy": later("accuracy"),
}
"""What columns are called whose names are words."""


class Writer:
    """Writes rows for a trainer's iterations, in the format of a subclass."""

    def __init__(self, trainer: Trainer, parameters: bool, write: Callable[[str], Any]) -> None:
        self.trainer, self.parameters, self.write = trainer, parameters, write
        validation = trainer.lesson.validation
        self.measured = () if validation is None else ("validation_loss", *validation.metrics)
        self.start()

    @property
    def stops(self) -> bool:
        """Whether a row needs the training to stand at its iteration."""
        return self.parameters or bool(self.measured)

    def start(self) -> None:
        """Write what stands above the rows."""

    def past_rows(self, start: int, stop: int, every: int) -> None:
        """Write rows of iterations that are over, with nothing but their losses."""
        trainer, digits = self.trainer, self.trainer.lesson.digits
        losses = trainer.losses
        for first in range(start, stop, PART * every):
            places = range(first, min(stop, first + PART * every), every)
            for iteration, loss in zip(places, losses[first : places.stop : every].tolist(), strict=True):
                self.write_row(iteration, iteration // trainer.iterations_per_epoch, {"loss": digits(loss)})

    def row(self) -> None:
        """Write the row of the iteration where the training stands."""
        trainer, digits = self.trainer, self.trainer.lesson.digits
        numbers = {"loss": digits(trainer.loss)}
        if (evaluation := trainer.validation) is not None:
            numbers |= {"validation_loss": digits(evaluation.loss), **evaluation.metrics}
        self.write_row(trainer.iteration, trainer.epoch, numbers)

    def write_row(self, iteration: int, epoch: int, numbers: Mapping[str, float]) -> None:
        """Write these, and the parameters as they are."""
        raise NotImplementedError

    def end(self) -> None:
        """Write what stands below the rows."""


class JsonLines(Writer):
    """One object a line; numbers read back to the same float, and NaN, Infinity as Python's json has them."""

    def write_row(self, iteration: int, epoch: int, numbers: Mapping[str, float]) -> None:
        """Write an object."""
        page: dict[str, Any] = {"iteration": iteration, "epoch": epoch, **numbers}
        if self.parameters:
            page["parameters"] = {
                name: readable(value).tolist() for name, value in self.trainer.parameters.items()
            }
        self.write(json.dumps(page, ensure_ascii=False))


class Csv(Writer):
    """A header and one line an iteration; a parameter's elements are columns such as ``W[0,1]``."""

    def start(self) -> None:
        """Write the header."""
        columns = ["iteration", "epoch", "loss", *self.measured]
        if self.parameters:
            for name, value in self.trainer.parameters.items():
                columns += [
                    f"{name}[{','.join(map(str, index))}]" if index else name
                    for index in np.ndindex(value.shape)
                ]
        self._line(columns)

    def write_row(self, iteration: int, epoch: int, numbers: Mapping[str, float]) -> None:
        """Write a line."""
        cells: list[Any] = [iteration, epoch, *numbers.values()]
        if self.parameters:
            cells += [
                x for value in self.trainer.parameters.values() for x in readable(value).reshape(-1).tolist()
            ]
        self._line([json.dumps(cell) for cell in cells])

    def _line(self, cells: list[str]) -> None:
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(cells)
        self.write(line.getvalue())


class TableWriter(Writer):
    """Aligned columns for people, numbers to eight digits."""

    def start(self) -> None:
        """Write the header."""
        names = [tr("loss of batch") if self.trainer.iterations_per_epoch > 1 else tr("loss")]
        names += [tr(_MEASURED.get(name, name.replace("_", " "))) for name in self.measured]
        counts = (_right(tr("iteration"), 10), _right(tr("epoch"), 8))
        columns = [*counts, *(UNICODE.pad(name, 16) for name in names)]
        self.write("  ".join([*columns, *([tr("parameters")] if self.parameters else [])]).rstrip())

    def write_row(self, iteration: int, epoch: int, numbers: Mapping[str, float]) -> None:
        """Write a line."""
        cells = (f"{number(value, 8):<16}" for value in numbers.values())
        line = "  ".join([f"{iteration:>10}", f"{epoch:>8}", *cells])
        if self.parameters:
            line += "  " + "  ".join(f"{pretty(n)} = {inline(v)}" for n, v in self.trainer.parameters.items())
        self.write(line.rstrip())


def _right(text: str, width: int) -> str:
    return " " * max(0, width - UNICODE.cells(text)) + text


def writer(style: str, trainer: Trainer, parameters: bool, write: Callable[[str], Any]) -> Writer:
    """Return the writer for a format: "table", "jsonl" or "csv"."""
    return {"table": TableWriter, "jsonl": JsonLines, "csv": Csv}[style](trainer, parameters, write)
