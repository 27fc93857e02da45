"""[validation]: samples that are not trained on, what is measured on them, and when a run stops."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array, frozen
from tui_backprop.lessons.errors import LessonError, found
from tui_backprop.lessons.format import ValidationTable
from tui_backprop.text.sentences import later, tr

Samples = Mapping[str, Array]
_SLICE = r"\s*(-?\d{1,15})?\s*:\s*(-?\d{1,15})?\s*"
_HOW = later('give share = 0.2, rows = [0, 5], rows = "150:" or csv = "val.csv"')
_WHERE = "validation"


class Validation(Struct, frozen=True, eq=False):
    """Samples that are not trained on.

    Attributes:
        samples: their arrays by name, read-only.
        metrics: what is measured on them besides the loss, by name.
        early_stop: iterations without a lower validation loss after which a run stops; None for never.
    """

    samples: Samples
    metrics: tuple[str, ...] = ()
    early_stop: int | None = None

    @property
    def rows(self) -> int:
        """How many samples there are."""
        return len(next(iter(self.samples.values())))


def divided(
    table: ValidationTable, samples: Samples, seed: int, read: Callable[[str], Samples]
) -> tuple[Samples, Samples]:
    """Return the samples that are trained on and those that are not, both in the order of the file.

    Args:
        table: how they are chosen.
        samples: all of [samples].
        seed: the lesson's; a share is drawn by a stream of its own.
        read: reads [samples] with another CSV file in place of theirs.

    Raises:
        LessonError: the table does not say which, or leaves nothing to one of both.
    """
    if not samples:
        raise LessonError(tr("{where}: the lesson has no [samples] to hold back some of", where=_WHERE))
    if table.csv is not None:
        return samples, read(table.csv)
    held = held_back(table, len(next(iter(samples.values()))), seed)
    return _part(samples, ~held), _part(samples, held)


def check_ways(table: ValidationTable) -> None:
    """Refuse a table that does not say in one way which samples are held back."""
    if sum(how is not None for how in (table.share, table.rows, table.csv)) != 1:
        raise LessonError(tr("{where}: {how}, one of them", where=_WHERE, how=tr(_HOW)))


def held_back(table: ValidationTable, count: int, seed: int) -> npt.NDArray[np.bool_]:
    """Return which of so many samples are held back by a share or by rows.

    Raises:
        LessonError: they are none, or all.
    """
    if table.share is not None:
        chosen = _drawn(table.share, count, seed)
    else:
        assert table.rows is not None
        chosen = _numbered(table.rows, count)
    held = np.zeros(count, dtype=np.bool_)
    held[chosen] = True
    if held.all():
        raise LessonError(
            tr(
                "{where}.rows: that is all {count} samples; some have to be left to train on",
                where=_WHERE,
                count=count,
            )
        )
    return held


def _part(samples: Samples, kept: npt.NDArray[np.bool_]) -> Samples:
    return {name: frozen(np.array(array[kept], order="C")) for name, array in samples.items()}


def _drawn(share: float, count: int, seed: int) -> npt.NDArray[np.intp]:
    """Draw a share of the samples, rounded, but at least one, and at least one left."""
    where = f"{_WHERE}.share"
    if not 0 < share < 1:
        raise LessonError(
            tr(
                "{where}: found {found}; it must be a number above 0 and below 1",
                where=where,
                found=found(share),
            )
        )
    if count < 2:
        raise LessonError(tr("{where}: there is one sample only, and nothing to hold back", where=where))
    size = min(max(math.floor(share * count + 0.5), 1), count - 1)
    # the seed's first child: no draw of parameters, data or batches comes from it
    stream = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,)))
    return stream.permutation(count)[:size]


def _numbered(rows: Sequence[int] | str, count: int) -> npt.NDArray[np.intp]:
    """Return the numbers of the samples that are named."""
    where = f"{_WHERE}.rows"
    if isinstance(rows, str):
        bounds = re.fullmatch(_SLICE, rows)
        if bounds is None:
            raise LessonError(
                tr(
                    '{where}: found {found}; it must be a slice such as "150:", or a list',
                    where=where,
                    found=found(rows),
                )
            )
        chosen = np.arange(count)[
            slice(*(None if bound is None else int(bound) for bound in bounds.groups()))
        ]
    else:
        wrong = next((row for row in rows if row >= count), None)
        if wrong is not None:
            raise LessonError(
                tr(
                    "{where}: found sample {wrong}; they are numbered from 0 to {last}",
                    where=where,
                    wrong=wrong,
                    last=count - 1,
                )
            )
        chosen = np.array(rows, dtype=np.intp)
    if not len(chosen):
        raise LessonError(tr("{where}: that is no sample; name at least one", where=where))
    return chosen
