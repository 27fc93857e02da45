"""``sweep``: one lesson trained under every combination of some settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.sweeps.plan import SweepPlan
from tui_backprop.sweeps.rows import SweepRow
from tui_backprop.sweeps.run import runner
from tui_backprop.text.printable import printable

NO_SCHEDULER = "a scheduler of other machines is not there yet; workers=N takes processes of this one"


def sweep(
    lesson: Lesson,
    settings: Mapping[str, Any],
    /,
    *,
    iterations: int | None = None,
    every: int | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    backend: str | None = None,
) -> list[SweepRow]:
    """Train a lesson under every combination of some settings.

    Args:
        lesson: what is trained.
        settings: by hyperparameter its values, ``seed`` included: ``{"learning_rate": [0.01, 0.1]}``.
        iterations: updates of each training; by default its ``iterations`` hyperparameter.
        every: rows of every so many iterations as well, as ``train --every`` has them.
        workers: processes that train at the same time.
        scheduler: the address of a scheduler of other machines; there is none yet.
        backend: "numpy" or "native"; by default it is chosen.

    Returns:
        A row for each setting, the last hyperparameter varying fastest: settings, iteration, loss, losses.
        A training that diverges ends there, and its row says so; the others go on.

    Raises:
        BackpropError: an unknown hyperparameter, a value that is refused, or a back end that cannot compute
            here.
    """
    if not isinstance(lesson, Lesson):
        raise BackpropError(f"found {printable(repr(lesson), 40)}; give a lesson: load_lesson('linear')")
    if scheduler is not None:
        raise BackpropError(f"scheduler: {NO_SCHEDULER}")
    plan = SweepPlan.of(lesson, settings, iterations, every, asked(lesson, backend))
    done = {trained.point.number: trained for trained in runner(workers).train(plan, plan)}
    return [row for number in range(len(plan)) for row in done[number].rows(every)]


def asked(lesson: Lesson, backend: str | None) -> dict[str, Any]:
    """Return what is set in every training of a sweep whose back end somebody asks for, if they do.

    Raises:
        BackpropError: it is unknown, or cannot compute here.
    """
    return {} if backend is None else {"backend": lesson.hyperparameters.under(backend).backend}
