"""A training as rows of text: a table for people, JSON lines and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from tui_backprop.engine.names import pretty
from tui_backprop.explain.numbers import inline, number
from tui_backprop.training.trainer import Trainer


class Writer:
    """Writes rows for a trainer's iterations, in the format of a subclass."""

    def __init__(self, trainer: Trainer, parameters: bool, write: Callable[[str], Any]) -> None:
        self.trainer, self.parameters, self.write = trainer, parameters, write
        self.start()

    def start(self) -> None:
        """Write what stands above the rows."""

    def row(self, iteration: int | None = None) -> None:
        """Write a row.

        Args:
            iteration: one that is over, where parameters are not asked for; the current one by default.
        """
        trainer = self.trainer
        if iteration is None:
            self.write_row(trainer.iteration, trainer.epoch, trainer.loss)
        else:
            self.write_row(
                iteration, iteration // trainer.iterations_per_epoch, float(trainer.losses[iteration])
            )

    def write_row(self, iteration: int, epoch: int, loss: float) -> None:
        """Write these, and the parameters as they are."""
        raise NotImplementedError

    def end(self) -> None:
        """Write what stands below the rows."""


class JsonLines(Writer):
    """One object a line; numbers read back to the same float, and NaN, Infinity as Python's json has them."""

    def write_row(self, iteration: int, epoch: int, loss: float) -> None:
        """Write an object."""
        page: dict[str, Any] = {"iteration": iteration, "epoch": epoch, "loss": loss}
        if self.parameters:
            page["parameters"] = {name: value.tolist() for name, value in self.trainer.parameters.items()}
        self.write(json.dumps(page, ensure_ascii=False))


class Csv(Writer):
    """A header and one line an iteration; a parameter's elements are columns such as ``W[0,1]``."""

    def start(self) -> None:
        """Write the header."""
        columns = ["iteration", "epoch", "loss"]
        if self.parameters:
            for name, value in self.trainer.parameters.items():
                columns += [
                    f"{name}[{','.join(map(str, index))}]" if index else name
                    for index in np.ndindex(value.shape)
                ]
        self._line(columns)

    def write_row(self, iteration: int, epoch: int, loss: float) -> None:
        """Write a line."""
        cells: list[Any] = [iteration, epoch, loss]
        if self.parameters:
            cells += [x for value in self.trainer.parameters.values() for x in value.reshape(-1).tolist()]
        self._line([json.dumps(cell) for cell in cells])

    def _line(self, cells: list[str]) -> None:
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(cells)
        self.write(line.getvalue())


class Table(Writer):
    """Aligned columns for people, numbers to eight digits."""

    def start(self) -> None:
        """Write the header."""
        line = f"{'iteration':>10}  {'epoch':>8}  {'loss':<16}"
        self.write((line + ("  parameters" if self.parameters else "")).rstrip())

    def write_row(self, iteration: int, epoch: int, loss: float) -> None:
        """Write a line."""
        line = f"{iteration:>10}  {epoch:>8}  {number(loss, 8):<16}"
        if self.parameters:
            line += "  " + "  ".join(f"{pretty(n)} = {inline(v)}" for n, v in self.trainer.parameters.items())
        self.write(line.rstrip())


def writer(style: str, trainer: Trainer, parameters: bool, write: Callable[[str], Any]) -> Writer:
    """Return the writer for a format: "table", "jsonl" or "csv"."""
    return {"table": Table, "jsonl": JsonLines, "csv": Csv}[style](trainer, parameters, write)
