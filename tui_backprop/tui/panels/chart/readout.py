"""The exact loss under the chart's cursor; an old one is replayed beside the screen, which goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.widget import Widget

from tui_backprop.engine.core.errors import Interrupted
from tui_backprop.training.losses.sequence import Losses


class Readout:
    """Looks losses up for a widget.

    Args:
        widget: for as long as it is shown, replays go on.
        read: called when a loss that was not known is.
    """

    def __init__(self, widget: Widget, read: Callable[[], object]) -> None:
        self._widget, self._read = widget, read
        self._wanted: int | None = None

    def loss(self, losses: Losses, iteration: int) -> float | None:
        """Return a loss; None while it is replayed."""
        loss = losses.known(iteration)
        if loss is None and self._wanted != iteration:
            self._wanted = iteration
            self._widget.run_worker(self._replay(losses, iteration), group="replay", exclusive=True)
        return loss

    async def _replay(self, losses: Losses, iteration: int) -> None:
        try:
            await asyncio.to_thread(losses.replay, iteration, lambda: not self._wants(iteration))
        except Interrupted:
            return
        self._wanted = None
        self._read()

    def _wants(self, iteration: int) -> bool:
        return self._wanted == iteration and self._widget.is_attached
