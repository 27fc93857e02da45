"""Where a training stands, as numbers and in words."""

from __future__ import annotations

from msgspec import Struct

from tui_backprop.text.numbers import exact, number
from tui_backprop.text.sentences import tr
from tui_backprop.training.trainer import Trainer
from tui_backprop.training.validation.evaluation import Evaluation


class Place(Struct, frozen=True):
    """Where a training stands: iteration, and ``position`` of its ``total`` records done.

    ``loss`` is the batch's; ``whole_loss`` is over all samples, where those are not the same. ``evaluation``
    is on the samples of [validation], where there are any.
    """

    iteration: int
    epoch: int
    loss: float
    position: int
    total: int
    whole_loss: float | None = None
    evaluation: Evaluation | None = None

    @classmethod
    def of(cls, trainer: Trainer) -> Place:
        """Return where a trainer stands."""
        loss, total = trainer.lesson.digits(trainer.loss), trainer.record_count
        here = trainer.iteration, trainer.epoch, loss, trainer.position, total
        return cls(*here, trainer.whole_loss, trainer.validation)

    @property
    def held_back(self) -> str:
        """What stands behind the loss of what is measured on samples that are not trained on; "" without."""
        return "" if self.evaluation is None else f", {self.evaluation.text}"

    @property
    def losses_text(self) -> str:
        """The losses, the batch's to its last digit."""
        return tr("loss {loss}", loss=exact(self.loss)) + self.held_back

    @property
    def text(self) -> str:
        """The same in words, on one line."""
        iteration, epoch = self.iteration, self.epoch
        loss = tr("loss {loss}", loss=number(self.loss))
        if self.whole_loss is not None:
            whole = number(self.whole_loss)
            loss = tr("loss {loss} (over all samples {whole})", loss=number(self.loss), whole=whole)
        loss += self.held_back
        if not self.position:
            return tr(
                "iteration {iteration}, epoch {epoch}, {loss}, at the start",
                iteration=iteration,
                epoch=epoch,
                loss=loss,
            )
        return tr(
            "iteration {iteration}, epoch {epoch}, {loss}, record {position} of {total} done",
            iteration=iteration,
            epoch=epoch,
            loss=loss,
            position=self.position,
            total=self.total,
        )
