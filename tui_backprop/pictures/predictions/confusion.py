"""The confusion matrix: how many samples of each class are taken for which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.pictures.figure import Cells, Figure, Table
from tui_backprop.pictures.picture import Wanted
from tui_backprop.pictures.predictions.probe import part_of, probe_of
from tui_backprop.pictures.predictions.shares import share
from tui_backprop.text.sentences import tr, tr_count
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.view import TrainingView

MOST: Final = 100
"""Classes that a matrix has room for."""
_TOLD: Final = 5
"""Mistakes that are said in words, at most."""


class Confusion(Struct, frozen=True, eq=False):
    """Counts of targets and predictions.

    Attributes:
        what: "samples", or "samples held back".
        labels: the classes' names.
        matrix: shape (classes, classes); row: target, column: prediction.
        unknown: samples whose prediction is no finite number; they are in no cell.
        notes: what is left out, in words.
    """

    what: str
    labels: tuple[str, ...]
    matrix: npt.NDArray[np.intp]
    unknown: int = 0
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, view: TrainingView, wanted: Wanted) -> Confusion:
        """Count the samples that are trained on, or with ``validation`` the others.

        Several outputs that each tell two classes apart are counted together.

        Raises:
            BackpropError: no classes, too many, none held back, or something else is named.
        """
        probe = probe_of(view.lesson)
        decision, labels = probe.decision, probe.labels
        if decision.form == "values":
            raise BackpropError(
                tr(
                    "confusion needs classes; {name} of {lesson} has values",
                    name=pretty_text(probe.name),
                    lesson=view.lesson.name,
                )
            )
        if decision.count > MOST:
            raise BackpropError(
                tr(
                    "confusion has room for {most} classes; {lesson} has {count}",
                    most=MOST,
                    lesson=view.lesson.name,
                    count=decision.count,
                )
            )
        part, what = part_of(probe, "confusion", wanted.of)
        raw = probe.predicted(view, part)
        finite = np.isfinite(raw).all(axis=1)
        given, chosen = decision.given(part.wanted)[finite], decision.chosen(raw)[finite]
        matrix = np.zeros((decision.count, decision.count), np.intp)
        np.add.at(matrix, (given.reshape(-1), chosen.reshape(-1)), 1)
        return cls(what, labels, matrix, int((~finite).sum()), probe.notes(view))

    def numbers(self) -> Mapping[str, Any]:
        """Return the classes and the counts, a row for each target."""
        return {"labels": list(self.labels), "matrix": self.matrix.tolist()}

    @property
    def accuracy(self) -> float:
        """The share of samples that are right; NaN without any."""
        total = int(self.matrix.sum()) + self.unknown
        return int(np.trace(self.matrix)) / total if total else float("nan")

    def figure(self) -> Figure:
        """Write the counts, the mistakes standing out."""
        mistakes = self.matrix > 0
        np.fill_diagonal(mistakes, val=False)
        texts = tuple(tuple(str(count) for count in row) for row in self.matrix.tolist())
        z = self.matrix.astype(np.float64)
        cells = Cells(z, texts, self.labels, self.labels, mistakes)
        return Figure(
            self._accuracy(), (Table(tr("confusion"), tr("target"), tr("prediction"), cells),), self.notes
        )

    def words(self) -> Sequence[str]:
        """Say how many are right, of each class, and which mistakes are made most."""
        lines = [self._accuracy()]
        for k, label in enumerate(self.labels[:20]):
            total = int(self.matrix[k].sum())
            if total:
                right = int(self.matrix[k, k])
                lines.append(
                    tr("class {label}: {right} of {count} right", label=label, right=right, count=total)
                )
        if len(self.labels) > 20:
            lines.append(tr("and {count} classes more", count=len(self.labels) - 20))
        mistakes = self.matrix.copy()
        np.fill_diagonal(mistakes, 0)
        for at in np.argsort(-mistakes.reshape(-1), kind="stable")[:_TOLD].tolist():
            target, taken = divmod(at, len(self.labels))
            if mistakes[target, taken]:
                lines.append(
                    tr(
                        "class {label} taken for {taken}: {count}",
                        label=self.labels[target],
                        taken=self.labels[taken],
                        count=mistakes[target, taken],
                    )
                )
        if self.unknown:
            lines.append(
                tr_count(
                    "{count} prediction is no finite number",
                    "{count} predictions are no finite number",
                    self.unknown,
                )
            )
        return (*lines, *self.notes)

    def _accuracy(self) -> str:
        right = np.zeros(int(self.matrix.sum()) + self.unknown, np.bool_)
        right[: int(np.trace(self.matrix))] = True
        return tr("right: {share}", share=share(right, self.what))
