"""The lines above and below the panels: the lesson or the latest note, and where training is, in words."""

from __future__ import annotations

from textual.notifications import SeverityLevel
from textual.widgets import Static

from tui_backprop.explain.numbers import number
from tui_backprop.explain.text import cells, spelled
from tui_backprop.tui.snapshot import Snapshot

NOTE_MARKS = {"information": "•", "warning": "!", "error": "✗"}


class TitleBar(Static):
    """The lesson's name and title; a note takes their place until the next key."""

    def __init__(self) -> None:
        super().__init__("tui-backprop", id="title", markup=False)
        self._title = "tui-backprop"
        self.note = ""

    def set_title(self, text: str) -> None:
        """Name the lesson; a note that is there stays."""
        if text != self._title:
            self._title = text
            if not self.note:
                self.update(spelled(text))

    def set_note(self, text: str, severity: SeverityLevel = "information") -> None:
        """Show a note, marked by its severity."""
        self.note = text
        self.update(spelled(f"{NOTE_MARKS[severity]} {text}"))
        self.set_classes(f"note {severity}")

    def clear_note(self) -> None:
        """Show the lesson again."""
        if self.note:
            self.note = ""
            self.update(spelled(self._title))
            self.set_classes("")


class StatusBar(Static):
    """One line: iteration and target, epoch, phase, record, loss, running or paused, speed."""

    def __init__(self) -> None:
        super().__init__("loading", id="status", markup=False)
        self._snapshot: Snapshot | None = None

    def update_from(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        self._snapshot = snapshot
        text = status_text(snapshot, self.size.width if self.size else 78)
        self.update(spelled(text), layout=False)  # one line always: nothing else has to move

    def on_resize(self) -> None:
        """Use the width there is."""
        if self._snapshot is not None:
            self.update_from(self._snapshot)


def status_text(snapshot: Snapshot, width: int) -> str:
    """Return the status in at most ``width`` cells where that can be: the least important parts go first."""
    target = snapshot.goal
    state = "running" if snapshot.running else "paused"
    if snapshot.divergence:
        state = "diverged"
    if snapshot.alterations:
        state += ", what if"
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
        *(
            [[state, iteration + aim, epoch, phase, loss]]
            if snapshot.phase == "start" and not snapshot.running
            else []
        ),
        [state, iteration, epoch, *middle, loss],
        [state, iteration, *middle, loss],
        [state, iteration, loss],
        [iteration, loss],
        [f"it {snapshot.iteration} loss {number(snapshot.loss)}"],
        [f"{snapshot.iteration}: {number(snapshot.loss)}"],
    ):
        text = "  ".join(part for part in parts if part)
        if cells(text) <= width:
            return text
    return text


def speed(rate: float | None) -> str:
    """Write iterations a second in three digits or so, from a million on as 3.1M."""
    if rate is None:
        return ""
    if rate >= 999_950:
        return f"{rate / 1e6:.3g}M" if rate >= 99.95e6 else f"{rate / 1e6:.1f}M"
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"
