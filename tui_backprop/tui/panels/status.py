"""The lines above and below the panels: the lesson or the latest note, and where training is, in words."""

from __future__ import annotations

from textual.notifications import SeverityLevel
from textual.widgets import Static

from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.text.charset import Charset
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.width import words
from tui_backprop.tui.panels.bound import SnapshotWidget
from tui_backprop.tui.terminal.appearance import charset_of

NOTE_MARKS = {"information": "•", "warning": "!", "error": "✗"}
STATES = {
    ("running", False): later("running"), ("running", True): later("running, what if"),
    ("paused", False): later("paused"), ("paused", True): later("paused, what if"),
    ("diverged", False): later("diverged"), ("diverged", True): later("diverged, what if"),
}  # fmt: skip
"""What the training does, and whether something was put in by hand."""
PHASES = {
    "start": later("at the start"), "forward": later("forward"), "backward": later("backward"),
    "update": later("update"), "end": later("at the end"),
}  # fmt: skip


class TitleBar(Static, SnapshotWidget):
    """The lesson's name and title; in their place a note until the next key, a warning until it is lifted."""

    def __init__(self) -> None:
        super().__init__("tui-backprop", id="title", markup=False)
        self._title = "tui-backprop"
        self._warning = ""
        self.note = ""

    def watch_snapshot(self, snapshot: Snapshot | None) -> None:
        """Name the lesson; a note that is there stays."""
        if snapshot is None:
            return
        text = f"tui-backprop   {snapshot.lesson.name}: {snapshot.lesson.title}"
        if text != self._title:
            self._title = text
            if not self.note:
                self._show_standing()

    def on_resize(self) -> None:
        """Use the width there is."""
        if not self.note:
            self._show_standing()

    def set_note(self, text: str, severity: SeverityLevel = "information") -> None:
        """Show a note, marked by its severity."""
        self.note = text
        self.update(charset_of(self).spelled(f"{NOTE_MARKS[severity]} {text}"))
        self.set_classes(f"note {severity}")

    def clear_note(self, only: str = "") -> None:
        """Show the lesson again, in place of any note, or of one note alone."""
        if self.note and only in ("", self.note):
            self.note = ""
            self._show_standing()

    def warn(self, text: str) -> None:
        """Show a warning wherever there is no note, until another one; an empty one lifts it."""
        self._warning = text
        if not self.note:
            self._show_standing()

    def _show_standing(self) -> None:
        charset, room = charset_of(self), self.size.width
        text = f"{NOTE_MARKS['error']} {self._warning}" if self._warning else charset.spelled(self._title)
        if room and not self._warning:  # a warning has the lines that it needs
            text = words(text, room)
        self.update(charset.spelled(text))
        self.set_classes("note error" if self._warning else "")


class StatusBar(Static, SnapshotWidget):
    """One line: iteration and target, epoch, phase, record, loss, running or paused, speed, back end."""

    def __init__(self) -> None:
        super().__init__(tr("loading"), id="status", markup=False)

    def watch_snapshot(self, snapshot: Snapshot | None) -> None:
        """Show a snapshot."""
        if snapshot is not None:
            charset = charset_of(self)
            text = status_text(charset, snapshot, self.size.width if self.size else 78)
            self.update(charset.spelled(text), layout=False)  # one line always: nothing else has to move

    def on_resize(self) -> None:
        """Use the width there is."""
        self.watch_snapshot(self.snapshot)


def status_text(charset: Charset, snapshot: Snapshot, width: int) -> str:
    """Return the status in at most ``width`` cells where that can be: the least important parts go first."""
    target = snapshot.goal
    state = "diverged" if snapshot.divergence else "running" if snapshot.running else "paused"
    state = tr(STATES[state, bool(snapshot.alterations)])
    phase = tr(PHASES[snapshot.phase])
    loss = tr("loss {loss}", loss=number(snapshot.loss))
    iteration = tr("iteration {iteration}", iteration=snapshot.iteration)
    aimed = f"{snapshot.iteration}/{target}" if snapshot.lesson.trains else str(snapshot.iteration)
    aimed = tr("iteration {iteration}", iteration=aimed)
    if snapshot.running:
        share = f"{min(1.0, snapshot.iteration / target):.0%}" if target else ""
        middle = [share, f"{speed(snapshot.rate)}/s" if snapshot.rate is not None else ""]
    else:
        place = tr("record {record} of {count}", record=snapshot.position, count=snapshot.record_count)
        middle = [phase, place]
    epoch = tr("epoch {epoch}", epoch=snapshot.epoch)
    over_all, evaluation = snapshot.whole_loss, snapshot.evaluation
    whole = "" if over_all is None else tr("over all samples {loss}", loss=number(over_all))
    held = "" if evaluation is None else tr("validation {loss}", loss=number(evaluation.loss))
    measured = [f"{tr(name)} {number(value, 4)}" for name, value in (evaluation or {}).items()][1:]
    backend = snapshot.lesson.computed_by
    for parts in (
        *([[state, aimed, epoch, *middle, loss, held, *measured, backend]] if held else []),
        *_with_validation(state, iteration, aimed, epoch, middle, loss, held, measured),
        [state, aimed, epoch, *middle, loss, whole, backend],
        [state, aimed, epoch, *middle, loss, whole],
        [state, aimed, epoch, *middle, loss],
        *([[state, aimed, epoch, phase, loss]] if snapshot.phase == "start" and not snapshot.running else []),
        [state, iteration, epoch, *middle, loss],
        [state, iteration, *middle, loss],
        [state, iteration, loss],
        [iteration, loss],
        [tr("it {iteration} loss {loss}", iteration=snapshot.iteration, loss=number(snapshot.loss))],
        [f"{snapshot.iteration}: {number(snapshot.loss)}"],
    ):
        text = "  ".join(part for part in parts if part)
        if charset.cells(text) <= width:
            return text
    return text


def _with_validation(
    state: str,
    iteration: str,
    aimed: str,
    epoch: str,
    middle: list[str],
    loss: str,
    held: str,
    measured: list[str],
) -> list[list[str]]:
    """Return what to try first where there are samples held back: their loss rather than the rest."""
    if not held:
        return []
    return [
        [state, aimed, epoch, *middle, loss, held, *measured],
        [state, aimed, *middle[-1:], loss, held, *measured],
        [state, aimed, epoch, *middle, loss, held],
        [state, aimed, epoch, middle[-1], loss, held],
        [state, aimed, middle[-1], loss, held],
        [state, aimed, loss, held],
        [state, iteration, loss, held],
    ]


def speed(rate: float | None) -> str:
    """Write iterations a second in three digits or so, from a million on as 3.1M."""
    if rate is None:
        return ""
    if rate >= 999_950:
        return f"{rate / 1e6:.3g}M" if rate >= 99.95e6 else f"{rate / 1e6:.1f}M"
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"
