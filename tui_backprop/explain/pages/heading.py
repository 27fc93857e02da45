"""What every page begins with: which iteration of which lesson it is about, and what was put in by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from tui_backprop.engine.core.arrays import Array
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.remarks.registry import remarks_on
from tui_backprop.lessons.remarks.remark import Remark
from tui_backprop.text.charset import Charset
from tui_backprop.text.numbers import number, readable
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.changes.interventions import Alteration
from tui_backprop.training.trainer import Trainer


class Heading(Struct, frozen=True, eq=False):
    """The iteration that a page is about.

    Attributes:
        lesson: what is trained.
        iteration, epoch: updates and passes over the samples done before it.
        loss: the loss at the parameters that it starts from.
        alterations: what was put in by hand and is in force at it.
        remarks: what is almost surely not meant in the lesson.
        whole_loss: the loss over all samples, where the iteration has a batch of them.
    """

    lesson: Lesson
    iteration: int
    epoch: int
    loss: float
    alterations: tuple[Alteration, ...]
    remarks: tuple[Remark, ...]
    whole_loss: float | None

    @classmethod
    def of(cls, trainer: Trainer) -> Heading:
        """Return the heading of pages about a trainer's iteration."""
        remarks = remarks_on(trainer.lesson, trainer.hyperparameters)
        where = trainer.iteration, trainer.epoch, trainer.loss
        return cls(trainer.lesson, *where, trainer.alterations, remarks, trainer.whole_loss)

    def lines(self, width: int, charset: Charset, title: str = "") -> Iterator[str]:
        """Yield it as lines of at most ``width`` columns, ``title`` in place of the lesson's."""
        lesson = self.lesson
        yield from charset.wrap(f"{lesson.name}: {title or lesson.title}", width)
        place = tr(
            "iteration {iteration}, epoch {epoch}, loss {loss}",
            iteration=self.iteration,
            epoch=self.epoch,
            loss=number(self.loss),
        )
        yield from charset.wrap(f"{place}{over_all(self.whole_loss)}", width)
        if names := self._altered("override"):
            text = tr("put in by hand: {names}; what is computed from it is an exercise", names=names)
            yield from charset.wrap(text, width)
        if names := self._altered("edit"):
            text = tr("moved by hand, and trained on from there: {names}", names=names)
            yield from charset.wrap(text, width)
        for remark in self.remarks:
            yield from charset.wrap(remark.text, width, "  ")

    def _altered(self, kind: str) -> str:
        return ", ".join(pretty_text(change.name) for change in self.alterations if change.kind == kind)

    def as_json(self) -> dict[str, Any]:
        """Return it as an object; what was put in by hand, if anything, stands under ``whatif``."""
        page: dict[str, Any] = {"iteration": self.iteration, "loss": self.lesson.digits(self.loss)}
        page["remarks"] = [remark.as_json() for remark in self.remarks]
        if put_in := {change.name: plain(change.value) for change in self.alterations}:
            page["whatif"] = put_in
        return page


def over_all(loss: float | None) -> str:
    """Write the loss over all samples behind a batch's; nothing where the batch has all."""
    return "" if loss is None else " " + tr("(over all samples {loss})", loss=number(loss))


def plain(value: Array) -> Any:
    """Return an array as nested lists, a 0-d one as a number."""
    return readable(value).tolist()
