"""The loss and the metrics at some parameters, in evaluation mode: a function of the parameters alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from tui_backprop.engine.autodiff.graph import Graph
from tui_backprop.engine.autodiff.tape import Tape
from tui_backprop.engine.core.arrays import Array, size_of
from tui_backprop.engine.core.mode import Mode
from tui_backprop.lessons.evaluation.metrics import measured
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import tr

T = TypeVar("T")
MOST_LOOKED_AT = 2_000_000
"""Numbers in all nodes that are computed to be shown beside a loss: some ten milliseconds."""
MOST_LOOKED_BACK = 32
"""Validation losses that are worked out at once for a curve."""


class Evaluation(Mapping[str, float]):
    """Loss and metrics by name: ``evaluation["loss"]``, ``evaluation["accuracy"]``.

    Attributes:
        loss: the loss.
        metrics: the metrics by name.
        samples: over how many samples; None for a lesson without any.
    """

    def __init__(self, loss: float, metrics: Mapping[str, float], samples: int | None) -> None:
        self.loss, self.metrics, self.samples = loss, metrics, samples

    def __getitem__(self, name: str) -> float:
        return self.loss if name == "loss" else self.metrics[name]

    def __iter__(self) -> Iterator[str]:
        return iter(("loss", *self.metrics))

    def __len__(self) -> int:
        return 1 + len(self.metrics)

    @property
    def text(self) -> str:
        """Both in words, as of validation samples."""
        loss = tr("validation loss {loss}", loss=number(self.loss))
        return ", ".join((loss, *(f"{name} {number(value)}" for name, value in self.metrics.items())))

    def __repr__(self) -> str:
        return f"Evaluation({', '.join(f'{name}={value!r}' for name, value in self.items())})"


def evaluate(lesson: Lesson, parameters: Mapping[str, Array]) -> Evaluation:
    """Evaluate parameters on the samples of [validation], or on all where there is no such table."""
    validation = lesson.validation
    metrics: tuple[str, ...] = ()
    if validation is None:
        samples, rows = lesson.samples, lesson.rows
    else:
        samples, rows, metrics = validation.samples, validation.rows, validation.metrics
    tape = Tape(lesson.graph(rows, Mode.EVALUATION), {**lesson.data, **samples, **parameters})
    loss = tape.forward()
    return Evaluation(loss, measured(metrics, tape), rows)


def validation_loss(lesson: Lesson, parameters: Mapping[str, Array]) -> float:
    """Return the loss on the samples of [validation]."""
    validation = lesson.validation
    assert validation is not None
    graph = lesson.graph(validation.rows, Mode.EVALUATION)
    return Tape(graph, {**lesson.data, **validation.samples, **parameters}).forward()


def whole_loss(lesson: Lesson, leaves: Mapping[str, Array]) -> float | None:
    """Return the loss over all samples, as training has it; None where computing it would take long.

    Args:
        lesson: the lesson.
        leaves: data, all samples, masks that are drawn, and parameters, by name.
    """
    graph = lesson.graph()
    if _numbers_in(graph) > MOST_LOOKED_AT:
        return None
    return Tape(graph, leaves).forward()


def _numbers_in(graph: Graph) -> int:
    return sum(size_of(node.shape) for node in graph.nodes)


def few_of(lesson: Lesson, moments: Sequence[T]) -> Sequence[T]:
    """Return as many of these, evenly, as validation losses can be worked out of without a wait."""
    validation = lesson.validation
    assert validation is not None
    cost = _numbers_in(lesson.graph(validation.rows, Mode.EVALUATION))
    most = min(MOST_LOOKED_BACK, MOST_LOOKED_AT // cost)
    return moments[:: -(-len(moments) // most) or 1] if most else ()
