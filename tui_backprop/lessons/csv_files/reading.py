"""What was made of a CSV file's cells besides numbers: classes, scales, what was missing; kept and shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from tui_backprop.text.numbers import number
from tui_backprop.text.printable import printable

_SHOWN = 20


class ColumnScale(Struct, frozen=True):
    """Mean and standard deviation of one column, by which it was standardised."""

    column: str
    mean: float
    deviation: float

    @property
    def text(self) -> str:
        """What was done to it."""
        return f"{printable(self.column, 40)}, mean {number(self.mean)}, deviation {number(self.deviation)}"


class Reading(Struct, frozen=True):
    """How the cells of a CSV file became samples.

    Attributes:
        notes: what the file was found to be, and what became of cells that were missing.
        classes: the classes of each entry that has them, in the order of their numbers.
        scales: of each entry that was standardised, its columns' means and deviations.
        fills: by column, what stands where a cell was missing.
        columns: of each entry of numbers, the columns that it is made of.
    """

    notes: tuple[str, ...] = ()
    classes: Mapping[str, tuple[str, ...]] = {}
    scales: Mapping[str, tuple[ColumnScale, ...]] = {}
    fills: Mapping[str, float] = {}
    columns: Mapping[str, tuple[str, ...]] = {}

    @property
    def lines(self) -> list[str]:
        """All of it as lines for people."""
        lines = list(self.notes)
        lines += (f"missing cells of {name}: the mean {number(fill)}" for name, fill in self.fills.items())
        lines += (f"classes of {name}: {listed_classes(told)}" for name, told in self.classes.items())
        for name, scales in self.scales.items():
            lines += (f"{name} standardised: {scale.text}" for scale in scales[:_SHOWN])
            if len(scales) > _SHOWN:
                lines.append(f"{name} standardised: {len(scales) - _SHOWN} columns more")
        return [printable(line, 2000) for line in lines]  # a session's file may be anybody's


NOTHING_READ = Reading()
"""Of a lesson that reads no CSV file."""


def listed_classes(classes: Sequence[str]) -> str:
    """Return classes with their numbers, some of them where there are many."""
    text = ", ".join(f"{place} {printable(name, 40)}" for place, name in enumerate(classes[:_SHOWN]))
    return text + (f", … ({len(classes)} classes)" if len(classes) > _SHOWN else "")
