"""What was made of a CSV file's cells besides numbers: classes, scales, what was missing; kept and shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from tui_backprop.lessons.csv_files.facts import FileFacts
from tui_backprop.text.numbers import number
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

_SHOWN = 20


class ColumnScale(Struct, frozen=True):
    """Mean and standard deviation of one column, by which it was standardised."""

    column: str
    mean: float
    deviation: float

    @property
    def text(self) -> str:
        """What was done to it."""
        return tr(
            "{column}, mean {mean}, deviation {deviation}",
            column=printable(self.column, 40),
            mean=number(self.mean),
            deviation=number(self.deviation),
        )


class Reading(Struct, frozen=True):
    """How the cells of a CSV file became samples.

    Attributes:
        notes: what the file was found to be, in the words of earlier versions.
        classes: the classes of each entry that has them, in the order of their numbers.
        scales: of each entry that was standardised, its columns' means and deviations.
        fills: by column, what stands where a cell was missing.
        columns: of each entry of numbers, the columns that it is made of.
        file: what the file was found to be.
    """

    notes: tuple[str, ...] = ()
    classes: Mapping[str, tuple[str, ...]] = {}
    scales: Mapping[str, tuple[ColumnScale, ...]] = {}
    fills: Mapping[str, float] = {}
    columns: Mapping[str, tuple[str, ...]] = {}
    file: FileFacts | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """The file's name; nothing where there is none."""
        if self.file is not None:
            return (self.file.name,)
        return tuple(note.partition(":")[0] for note in self.notes[:1])

    @property
    def lines(self) -> list[str]:
        """All of it as lines for people."""
        lines = [*self.notes, *(self.file.lines if self.file is not None else ())]
        lines += (
            tr("missing cells of {name}: the mean {mean}", name=name, mean=number(fill))
            for name, fill in self.fills.items()
        )
        lines += (
            tr("classes of {name}: {classes}", name=name, classes=listed_classes(told))
            for name, told in self.classes.items()
        )
        for name, scales in self.scales.items():
            lines += (
                tr("{name} standardised: {scale}", name=name, scale=scale.text) for scale in scales[:_SHOWN]
            )
            if len(scales) > _SHOWN:
                lines.append(
                    tr("{name} standardised: {count} columns more", name=name, count=len(scales) - _SHOWN)
                )
        return [printable(line, 2000) for line in lines]  # a session's file may be anybody's


NOTHING_READ = Reading()
"""Of a lesson that reads no CSV file."""


def listed_classes(classes: Sequence[str]) -> str:
    """Return classes with their numbers, some of them where there are many."""
    text = ", ".join(f"{place} {printable(name, 40)}" for place, name in enumerate(classes[:_SHOWN]))
    return text + (tr(", … ({count} classes)", count=len(classes)) if len(classes) > _SHOWN else "")
