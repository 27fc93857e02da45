"""What a sweep found: a row for each setting, or for some iterations of each, for people and programs."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.optimizers.rate_schedules import RateSchedule
from tui_backprop.sweeps.plan import setting_text
from tui_backprop.text.charset import UNICODE
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import later, tr
from tui_backprop.training.running import Reason

_ENDED: Final[Mapping[str, str]] = {
    "diverged": later("diverged"),
    "early_stop": later("early stop"),
    "full": later("full"),
}
"""How a training ended that did not go on to its goal."""
Style: TypeAlias = Literal["table", "csv", "jsonl"]
MOST_LOSSES: Final = 1 << 27
"""Losses of a row, all of which it has: 1 GiB of them. A training stops there."""
NO_LOSSES: Array = np.empty(0)
NO_LOSSES.flags.writeable = False


class SweepRow(Struct, frozen=True, eq=False):
    """One row of a sweep.

    Attributes:
        settings: what was given, and the seed, by name.
        iteration: updates done.
        loss: the loss behind them.
        losses: the loss before each of them, shape (iteration,), read-only; empty where they were not asked
            for.
        ended: how the training ended, such as "asked" or "diverged".
    """

    settings: Mapping[str, Any]
    iteration: int
    loss: float
    losses: Array
    ended: Reason = "asked"

    @property
    def diverged(self) -> bool:
        """Whether the training left the finite numbers."""
        return self.ended == "diverged"


def sorted_rows(rows: Iterable[SweepRow]) -> list[SweepRow]:
    """Return rows from the smallest loss up, those that diverged or have no finite loss behind all others."""
    return sorted(rows, key=lambda row: (row.diverged or not math.isfinite(row.loss), _or_last(row.loss)))


def _or_last(loss: float) -> float:
    return math.inf if math.isnan(loss) else loss


def plain(value: Any) -> Any:
    """Return a setting as JSON and CSV have it: a schedule as its text, numbers of a parameter as a list."""
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return str(value) if isinstance(value, RateSchedule) else value


class RowWriter:
    """Writes rows as lines.

    Args:
        style: "table" for people, "csv" or "jsonl" for programs, whose numbers read back to the same float.
        names: the settings of each row.
        values: some of their values, by which a table's columns are as wide as they have to be.
    """

    def __init__(self, style: Style, names: Sequence[str], values: Mapping[str, Sequence[Any]]) -> None:
        self.style, self.names = style, names
        self._widths = {
            name: max([len(name), *(len(setting_text(value)) for value in values.get(name, ()))])
            for name in names
        }

    def head(self) -> Iterator[str]:
        """Yield what stands above the rows."""
        if self.style == "csv":
            yield _csv([*self.names, "iteration", "loss"])
        elif self.style == "table":
            columns = [f"{name:<{self._widths[name]}}" for name in self.names]
            iteration = tr("iteration")
            margin = " " * max(0, 10 - UNICODE.cells(iteration))
            yield "  ".join([*columns, f"{margin}{iteration}", tr("loss")])

    def line(self, row: SweepRow) -> str:
        """Return a row's line."""
        if self.style == "jsonl":
            settings = {name: plain(row.settings[name]) for name in self.names}
            page = {"settings": settings, "iteration": row.iteration, "loss": row.loss}
            return json.dumps(page, ensure_ascii=False)
        if self.style == "csv":
            values = (plain(row.settings[name]) for name in self.names)
            cells = [value if isinstance(value, str) else json.dumps(value) for value in values]
            return _csv([*cells, json.dumps(row.iteration), json.dumps(row.loss)])
        columns = [f"{setting_text(row.settings[name]):<{self._widths[name]}}" for name in self.names]
        how = f"  {tr(_ENDED[row.ended])}" if row.ended in _ENDED else ""
        return "  ".join([*columns, f"{row.iteration:>10}", f"{number(row.loss, 8)}{how}"]).rstrip()


def _csv(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()
