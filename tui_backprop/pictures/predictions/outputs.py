"""Predictions beside targets, what costs most first: which samples hurt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.pictures.figure import Figure, Listing
from tui_backprop.pictures.picture import Wanted
from tui_backprop.pictures.predictions.probe import Part, Probe, part_of, probe_of
from tui_backprop.pictures.predictions.shares import samples_text, share
from tui_backprop.text.numbers import inline, number
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.view import TrainingView

MOST: Final = 256
"""Samples that are listed, at most; each one's loss is computed alone."""
_TOLD: Final = 5
"""Samples that are said in words, at most."""
Cell: TypeAlias = float | int | str | list[float]


class OutputRow(Struct, frozen=True):
    """One sample.

    Attributes:
        index: its place among those that it belongs to, counted from 0.
        target, prediction: classes by name, or numbers; of two sides the prediction is a number.
        loss: what the loss is for it alone; the error where the formula does not take one sample.
        right: whether the class is right; None of values.
    """

    index: int
    target: Cell
    prediction: Cell
    loss: float
    right: bool | None


class Outputs(Struct, frozen=True, eq=False):
    """Samples by what they cost.

    Attributes:
        what: "samples", or "samples held back".
        names: the prediction's and the target's, for people.
        rows: the samples that cost most, the worst first.
        count: how many there are in all.
        measure: "loss", or "error".
        right: how many of all are of the right class, in words; empty of values.
        notes: what is left out, in words.
    """

    what: str
    names: tuple[str, str]
    rows: tuple[OutputRow, ...]
    count: int
    measure: str
    right: str = ""
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, view: TrainingView, wanted: Wanted) -> Outputs:
        """Return what is predicted of samples that are trained on, or with ``validation`` of the others.

        Raises:
            BackpropError: there are no predictions, none held back, or something else is named.
        """
        probe = probe_of(view.lesson)
        part, what = part_of(probe, "outputs", wanted.of)
        raw = probe.predicted(view, part)
        errors = _errors(probe, raw, part)
        worst = np.argsort(-errors, kind="stable")[: probe.affordable(MOST)]
        measure, losses = "loss", errors[worst]
        try:
            losses = probe.losses(view, part, worst.tolist())
        except BackpropError:  # the formula does not take one sample
            measure = "error"
        order = np.argsort(-_ranked(losses), kind="stable")
        right = probe.decision.right(raw, part.wanted) if probe.decision.form != "values" else None
        targets, predictions = _cells(probe, raw[worst], part.wanted[worst])
        rows = tuple(
            OutputRow(
                int(worst[k]), targets[k], predictions[k], float(losses[k]),
                None if right is None else bool(right[worst[k]]),
            )
            for k in order.tolist()
        )  # fmt: skip
        names = pretty_text(probe.name), pretty_text(probe.target)
        said = "" if right is None else tr("right: {share}", share=share(right, what))
        return cls(what, names, rows, part.count, measure, said, probe.notes(view))

    def numbers(self) -> Mapping[str, Any]:
        """Return the rows, the worst first."""
        fields = OutputRow.__struct_fields__
        return {"rows": [{name: getattr(row, name) for name in fields} for row in self.rows]}

    def figure(self) -> Figure:
        """List the samples with bars as long as what they cost."""
        heading = (
            tr("sample"),
            tr("target {name}", name=self.names[1]),
            tr("predicted {name}", name=self.names[0]),
            tr("loss") if self.measure == "loss" else tr("error"),
        )
        told = [row.loss if np.isfinite(row.loss) else 0.0 for row in self.rows]
        most = max([*map(abs, told), 0.0]) or 1.0
        rows = [(str(r.index), _text(r.target), _text(r.prediction), number(r.loss, 4)) for r in self.rows]
        listing = Listing(
            tr("samples, what costs most first")
            if self.what == "samples"
            else tr("samples held back, what costs most first"), heading,
            tuple(rows),
            tuple(abs(loss) / most for loss in told),
            tuple(row.right is False for row in self.rows),
        )  # fmt: skip
        return Figure(tr("outputs: {what}", what=self._title()), (listing,), self.notes)

    def words(self) -> Sequence[str]:
        """Say which samples cost most, what they were to be, and how much of the loss is theirs."""
        lines = [self._title()]
        for row in self.rows[:_TOLD]:
            said = tr(
                "sample {sample}: target {target}, predicted {predicted}, {cost}",
                sample=row.index,
                target=_text(row.target),
                predicted=_text(row.prediction),
                cost=self._cost(row),
            )
            lines.append(tr("{sample}, wrong", sample=said) if row.right is False else said)
        if len(self.rows) > _TOLD:
            losses = np.array([row.loss for row in self.rows])
            if (
                len(self.rows) == self.count
                and np.isfinite(losses).all()
                and (losses > 0).any()
                and losses.min() >= 0
            ):
                part = 100 * losses[:_TOLD].sum() / losses.sum()
                lines.append(
                    tr(
                        "these {few} have {percent:.3g} % of the sum of all {count}",
                        few=_TOLD,
                        percent=part,
                        count=self.count,
                    )
                )
            lines.append(self._least(self.rows[-1]))
        return (*lines, *self.notes)

    def _title(self) -> str:
        return self.right or samples_text(self.count, self.what)

    def _cost(self, row: OutputRow) -> str:
        cost = number(row.loss, 4)
        return tr("loss {loss}", loss=cost) if self.measure == "loss" else tr("error {error}", error=cost)

    def _least(self, row: OutputRow) -> str:
        cost = self._cost(row)
        if len(self.rows) == self.count:
            return tr("the least: sample {sample}, {cost}", sample=row.index, cost=cost)
        return tr(
            "number {place} of {count}: sample {sample}, {cost}",
            place=len(self.rows),
            count=self.count,
            sample=row.index,
            cost=cost,
        )


def _ranked(losses: Array) -> Array:
    return np.where(np.isnan(losses), np.inf, losses)


def _errors(probe: Probe, raw: Array, part: Part) -> Array:
    """Return how far each row is from its target: of classes what their probability lacks to 1."""
    decision = probe.decision
    scores = decision.scores(raw)
    with np.errstate(all="ignore"):
        if decision.form == "classes":
            given = decision.given(part.wanted)
            return _ranked(1.0 - scores[np.arange(len(scores)), np.clip(given, 0, scores.shape[1] - 1)])
        if scores.shape[1] != part.wanted.shape[1]:
            return _ranked(np.abs(scores - part.wanted[:, :1]).max(axis=1))
        return _ranked(np.sqrt(np.sum((scores - part.wanted) ** 2, axis=1)))


def _cells(probe: Probe, raw: Array, wanted: Array) -> tuple[list[Cell], list[Cell]]:
    """Return targets and predictions as they are listed."""
    decision, labels = probe.decision, probe.labels
    if decision.form == "classes":
        given, chosen = decision.given(wanted), decision.chosen(raw)
        return [_label(labels, int(k)) for k in given], [_label(labels, int(k)) for k in chosen]
    scores = decision.scores(raw)
    if decision.form == "sides" and wanted.shape[1] == 1:
        return [_label(labels, int(k)) for k in decision.given(wanted)[:, 0]], [
            float(s) for s in scores[:, 0]
        ]
    return [_numbers(row) for row in wanted], [_numbers(row) for row in scores]


def _label(labels: Sequence[str], k: int) -> Cell:
    """Return a class by its name, which is its number where it has no other."""
    if not 0 <= k < len(labels):
        return k
    name = labels[k].replace("−", "-")
    return int(name) if name.lstrip("-").isdecimal() else labels[k]


def _numbers(row: Array) -> Cell:
    return float(row[0]) if len(row) == 1 else [float(value) for value in row]


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    return inline(np.array(cell), 4) if isinstance(cell, list) else number(float(cell), 4)
