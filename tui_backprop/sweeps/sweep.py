"""``sweep``: one lesson trained under every combination of some settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.sweeps.plan import SweepPlan
from tui_backprop.sweeps.portions import ALL, Begun, WantedLosses
from tui_backprop.sweeps.rows import SweepRow
from tui_backprop.sweeps.run import InGroups, SweepRunner
from tui_backprop.sweeps.together import silent
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

MOST_WORKERS = 64


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
        settings: by hyperparameter its values, ``seed`` included: ``{"learning_rate": [0.01, 0.1]}``; by a
            parameter's name how it starts: ``{"w": [0.0, 1.0, "he"]}``; and for a data set ``noise``,
            ``size`` and ``data_seed``.
        iterations: updates of each training; by default its ``iterations`` hyperparameter.
        every: rows of every so many iterations as well, as ``train --every`` has them.
        workers: processes that train at the same time.
        scheduler: the address of a Dask scheduler, whose workers train; it needs the extra ``[dask]``. Join
            only a cluster that you trust.
        backend: "numpy" or "native"; by default it is chosen.

    Returns:
        A row for each setting, the last one given varying fastest: settings, iteration, loss, losses.
        A training that diverges ends there, and its row says so; the others go on.

    Raises:
        BackpropError: an unknown name, a value that is refused, a back end that cannot compute here, or a
            scheduler that does not answer or whose workers have other versions.
    """
    if not isinstance(lesson, Lesson):
        raise BackpropError(
            tr("found {value}; give a lesson: load_lesson('linear')", value=printable(repr(lesson), 40))
        )
    plan = SweepPlan.of(lesson, settings, iterations, every, asked(lesson, backend))
    done = {
        trained.point.number: trained for trained in runner(workers, scheduler=scheduler).train(plan, plan)
    }
    return [row for number in range(len(plan)) for row in done[number].rows(every)]


def asked(lesson: Lesson, backend: str | None) -> dict[str, Any]:
    """Return what is set in every training of a sweep whose back end somebody asks for, if they do.

    Raises:
        BackpropError: it is unknown, or cannot compute here.
    """
    return {} if backend is None else {"backend": lesson.hyperparameters.under(backend).backend}


def runner(
    workers: int = 1,
    tell: Callable[[float], None] = silent,
    *,
    scheduler: str | None = None,
    wanted: WantedLosses = ALL,
    begun: Sequence[Begun] = (),
) -> SweepRunner:
    """Return what trains the settings of a sweep.

    Args:
        workers: how many processes.
        tell: told in between how much is done of settings that are not done, in settings.
        scheduler: the address of a Dask scheduler, whose workers train in place of processes of ours.
        wanted: which losses are wanted.
        begun: portions that were begun before.

    Raises:
        BackpropError: not a number of workers from 1 to :data:`MOST_WORKERS`, or both ways at a time.
    """
    if type(workers) is not int or not 1 <= workers <= MOST_WORKERS:
        raise BackpropError(
            tr(
                "workers: found {value!r}; it must be a whole number from 1 to {most}",
                value=workers,
                most=MOST_WORKERS,
            )
        )
    if workers == 1 and scheduler is None:
        return InGroups(tell, wanted, begun)
    from tui_backprop.sweeps.elsewhere.sending import Elsewhere

    if scheduler is None:
        return Elsewhere(workers, tell, wanted, begun)
    if workers != 1:
        raise BackpropError(tr("workers and scheduler: give one of the two"))
    if not isinstance(scheduler, str):
        raise BackpropError(
            tr("scheduler: found a {type}; give its address, as text", type=type(scheduler).__name__)
        )
    return Elsewhere(scheduler, tell, wanted, begun)
