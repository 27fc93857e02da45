"""Opening what somebody has shared as a short string."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.cli.progress import ProgressBar
from tui_backprop.cli.shared import sandbox
from tui_backprop.text.sentences import tr

if TYPE_CHECKING:
    from tui_backprop.training.trainer import Trainer

PATIENCE = 30.0
"""Seconds in which the place of a string is run to; what is left, the user may run."""


def shared_trainer(string: str, settings: tuple[str, ...]) -> tuple[Trainer, tuple[str, ...]]:
    """Return the training of a string that was shared, at its place, and what the user should know."""
    from tui_backprop.lessons.hyperparameters import parse_setting
    from tui_backprop.sessions.sharing import go_there, opened

    trainer, setup = opened(string, sandbox())
    with ProgressBar(setup.iteration, tr("going there")) as progress:

        def on_the_way() -> bool:
            progress.reach(trainer.iteration)
            return False

        missed = go_there(trainer, setup, should_stop=on_the_way, seconds=PATIENCE)
    if settings:
        trainer.set(**dict(parse_setting(setting) for setting in settings))
    return trainer, (missed,) if missed else ()
