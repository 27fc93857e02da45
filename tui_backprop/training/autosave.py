"""What keeps a training on disk while somebody works on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_backprop.training.trainer import Trainer


class Autosave:
    """Saves a training as it changes; this one keeps nothing."""

    def changed(self, trainer: Trainer) -> None:
        """Note the state after a user's action; it is written soon. Called by the trainer's thread."""

    def running(self, trainer: Trainer) -> None:
        """Note the state between two slices of a run; it is written at most once a second."""

    def flush(self) -> None:
        """Write what was noted last, if it is not written yet; any thread, also in a signal's handler."""

    def close(self) -> None:
        """Write what was noted last and let the session go."""
