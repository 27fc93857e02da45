"""The status line: where training is, in words."""

from __future__ import annotations

from textual.widgets import Static

from tui_backprop.explain.numbers import number
from tui_backprop.explain.text import cells
from tui_backprop.tui.snapshot import Snapshot


class StatusBar(Static):
    """One line: iteration and target, epoch, phase, record, loss, running or paused, speed."""

    def __init__(self) -> None:
        super().__init__("loading", id="status", markup=False)
        self._snapshot: Snapshot | None = None

    def update_from(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        self._snapshot = snapshot
        self.update(status_text(snapshot, self.size.width - 2 if self.size else 78))

    def on_resize(self) -> None:
        """Use the width there is."""
        if self._snapshot is not None:
            self.update_from(self._snapshot)


def status_text(snapshot: Snapshot, width: int) -> str:
    """Return the status in at most ``width`` cells where that can be: the least important parts go first."""
    target = snapshot.hyperparameters.iterations
    state = "running" if snapshot.running else "paused"
    if snapshot.divergence:
        state = "diverged"
    phase = {"start": "at the start", "end": "at the end"}.get(snapshot.phase, snapshot.phase)
    loss = f"loss {number(snapshot.loss, 7)}"
    iteration = f"iteration {snapshot.iteration}"
    aim = f"/{target}" if snapshot.lesson.trains else ""
    if snapshot.running:
        share = f"{min(1.0, snapshot.iteration / target):.0%}" if target else ""
        middle = [share, f"{speed(snapshot.rate)}/s" if snapshot.rate is not None else ""]
    else:
        middle = [phase, f"record {snapshot.position} of {snapshot.record_count}"]
    epoch = f"epoch {snapshot.epoch}"
    for parts in (
        [state, iteration + aim, epoch, *middle, loss],
        [state, iteration, epoch, *middle, loss],
        [state, iteration, *middle, loss],
        [state, iteration, loss],
        [iteration, loss],
        [f"{snapshot.iteration}: {number(snapshot.loss)}"],
    ):
        text = "  ".join(part for part in parts if part)
        if cells(text) <= width:
            return text
    return text


def speed(rate: float | None) -> str:
    """Write iterations a second in three digits or so."""
    if rate is None:
        return ""
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"
