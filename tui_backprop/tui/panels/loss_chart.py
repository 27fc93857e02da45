"""The live loss chart: only rows that came out different are sent again; a cursor reads out each loss."""

import asyncio
from typing import Any, ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.text.sentences import later, tr
from tui_backprop.training.history import Envelope, History
from tui_backprop.training.losses.sequence import Losses
from tui_backprop.tui.panels.bound import SnapshotWidget
from tui_backprop.tui.panels.chart.axes import Scale, log_refusal
from tui_backprop.tui.panels.chart.levels import Levels, Row
from tui_backprop.tui.panels.chart.pins import PinnedCurves, PinPainter
from tui_backprop.tui.panels.chart.plot import (
    LEAST_HEIGHT,
    LEAST_WIDTH,
    LossPlot,
    Points,
    fitting,
    is_loaded,
    load,
    plot,
)
from tui_backprop.tui.panels.chart.readout import Readout
from tui_backprop.tui.panels.chart.title import (
    caption,
    cursor_caption,
    cursor_title,
    nothing_yet,
    summary,
    summary_at,
    title,
)
from tui_backprop.tui.widgets.titled import Titled

_ASCII = str.maketrans("│┤└┬─✗−┊▲·┈◆", "|++--X-:^..O")
UNKNOWN = 1_000
"""A width for titles until the chart has been laid out."""


class LossChart(Titled, SnapshotWidget, can_focus=True):
    """Losses against iterations, from an envelope of any number of buckets (two a column are plenty)."""

    DEFAULT_CSS = """
    LossChart {
        height: 1fr;
        & > .loss-chart--line { color: $text-accent; }
        & > .loss-chart--ahead { color: $text-muted; }
        & > .loss-chart--validation { color: $text-success; }
        & > .loss-chart--pin-0 { color: $text-primary; }
        & > .loss-chart--pin-1 { color: $text-secondary; }
        & > .loss-chart--pin-2 { color: $text-warning; }
        & > .loss-chart--axis, & > .loss-chart--level, & > .loss-chart--hint { color: $text-muted; }
        & > .loss-chart--nonfinite { color: $text-error; text-style: bold; }
        & > .loss-chart--cursor { color: $text-warning; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"loss-chart--pin-{colour}" for colour in range(3)),
        *(f"loss-chart--{part}" for part in ("line", "ahead", "validation", "axis", "level", "hint")),
        *(f"loss-chart--{part}" for part in ("nonfinite", "cursor")),
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "left", "move_columns(-1)", later("cursor"), key_display="← →",
            tooltip=later("Cursor a column left"),
        ),
        Binding("right", "move_columns(1)", later("Cursor a column right"), show=False),
        Binding("shift+left", "move(-1)", later("Cursor to the iteration before"), show=False),
        Binding("shift+right", "move(1)", later("Cursor to the next iteration"), show=False),
        Binding("pageup", "move_tenths(-1)", later("Cursor a tenth to the left"), show=False),
        Binding("pagedown", "move_tenths(1)", later("Cursor a tenth to the right"), show=False),
        Binding("home", "move_to(False)", later("Cursor to the first iteration"), show=False),
        Binding("end", "move_to(True)", later("Cursor to the last iteration"), show=False),
        Binding("enter", "choose", later("go there"), tooltip=later("Go to the iteration at the cursor")),
        Binding("escape", "hide_cursor", later("Take the cursor away"), show=False),
    ]  # fmt: skip

    class ScaleRefused(Message):
        """A loss arrived that a log axis cannot show; the chart went back to linear."""

        def __init__(self, reason: str) -> None:
            self.reason = reason
            super().__init__()

    class IterationChosen(Message):
        """Somebody wants to be at this iteration."""

        def __init__(self, iteration: int) -> None:
            self.iteration = iteration
            super().__init__()

    def __init__(self, *, scale: Scale = "linear", **widget: Any) -> None:
        super().__init__(**widget)  # name, id, classes, disabled
        self._scale: Scale = scale
        self._envelope = History().envelope(1)
        self._target: int | None = None
        self._losses: Losses | None = None
        self._readout = Readout(self, lambda: self._redraw(same_curve=True))
        self._ahead: Envelope | None = None
        self._validation: Points | None = None
        self._pins, self._painter = PinnedCurves(), PinPainter()
        self._levels: Levels = ()
        self._cursor: int | None = None
        self._drawn_size: Size | None = None
        self._plot: LossPlot | None = None
        self._loading = False
        self._rows: list[Row] = []
        self._strips: dict[int, Strip] = {}

    @property
    def scale(self) -> Scale:
        """How losses are laid out on the y axis."""
        return self._scale

    @property
    def cursor(self) -> int | None:
        """The iteration under the cursor; None while there is no cursor."""
        return self._cursor

    @property
    def caption(self) -> str:
        """One line for a border: the cursor's loss, or the last one, the scale, and where NaN/Inf began."""
        if self._cursor is not None:
            return cursor_caption(self._cursor, self._loss_at(self._cursor))
        return caption(self._envelope, self._scale, self._ahead, self._validation)

    def watch_snapshot(self, snapshot: Snapshot | None) -> None:
        """Draw a snapshot's losses, up to where a run will stop."""
        if snapshot is not None:
            target = snapshot.hyperparameters.iterations if snapshot.lesson.trains else None
            losses, ahead, levels = snapshot.losses_ahead, snapshot.ahead, snapshot.baselines.levels
            pins = PinnedCurves(tuple(pin.envelope for pin in snapshot.pins), snapshot.pinned)
            self.show(snapshot.envelope, target, losses, ahead, snapshot.validation_curve, levels, pins)

    def show(
        self,
        envelope: Envelope,
        target: int | None,
        losses: Losses | None = None,
        ahead: Envelope | None = None,
        validation: Points | None = None,
        levels: Levels = (),
        pins: PinnedCurves = PinnedCurves(),  # noqa: B008
    ) -> None:
        """Draw these losses.

        Args:
            envelope: the losses of each bucket, and the loss now as the last.
            target: the iteration where the run will stop, if that is known.
            losses: the losses one by one, entry k that of iteration k, for the cursor, which there is none
                without; the last of all may be missing here.
            ahead: the losses behind the one now, where one went back from them.
            validation: iterations and the validation losses there, the last one that of now.
            levels: losses to compare with, by name.
            pins: the runs that are pinned.
        """
        self._envelope, self._target, self._losses, self._ahead = envelope, target, losses, ahead
        self._validation, self._levels, self._pins = validation, levels, pins
        if self._scale == "log" and (reason := log_refusal(self._shown)):
            self._scale = "linear"
            self.post_message(self.ScaleRefused(reason))
        if self._cursor is not None:
            self._set_cursor(self._cursor)
        self._redraw()

    @property
    def _shown(self) -> Envelope:
        """All losses that are drawn."""
        return self._envelope if self._ahead is None else self._envelope.followed_by(self._ahead)

    @property
    def _shown_to(self) -> int:
        """The last iteration whose loss is drawn."""
        return (self._ahead or self._envelope).stop - 1

    def toggle_scale(self) -> str | None:
        """Go from linear to log or back; returns the reason where the losses do not allow it."""
        if self._scale == "linear" and (reason := log_refusal(self._shown)):
            return reason
        self._scale = "log" if self._scale == "linear" else "linear"
        self._redraw()
        return None

    def notify_style_update(self) -> None:
        """Forget what was drawn in the old colours."""
        self._strips.clear()
        super().notify_style_update()

    def on_blur(self) -> None:
        """Take the cursor away: the arrows belong to something else now."""
        self.action_hide_cursor()

    def on_resize(self) -> None:
        """Write in the border what there is room for."""
        self._entitle()

    def _entitle(self) -> None:
        width = self.size.width or UNKNOWN
        if self._cursor is not None:
            self.retitle(cursor_title(self._cursor, self._loss_at(self._cursor), width))
        else:
            shown = self._envelope, self._scale, width, self._ahead, self._validation
            self.retitle(title(*shown, self._pins.legend))

    def render_line(self, y: int) -> Strip:
        """Row `y` of the content."""
        if self._drawn_size != self.size:  # Textual repaints a resized widget by itself: nothing to mark
            self._drawn_size = self.size
            self._draw()
            self._rows = self._picture()
            self._strips.clear()
        if y not in self._strips:
            row = self._rows[y] if y < len(self._rows) else []
            style = self.get_component_rich_style
            self._strips[y] = Strip(
                [Segment(text, style(f"loss-chart--{component}")) for component, text in row]
            ).adjust_cell_length(self.size.width, self.base_style)
        return self._strips[y]

    def _redraw(self, *, same_curve: bool = False) -> None:
        """Draw everything, and have those rows painted that differ from what is on the screen."""
        self._entitle()
        if self._drawn_size != self.size:
            return  # render_line will draw it
        if not same_curve:
            self._draw()
        drawn, self._rows = self._rows, self._picture()
        changed = [y for y, (old, new) in enumerate(zip(drawn, self._rows, strict=True)) if old != new]
        for y in changed:
            self._strips.pop(y, None)
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def _draw(self) -> None:
        """Have the curve drawn, where there is one and room for it."""
        width, height = self.size
        self._plot = None
        if width < LEAST_WIDTH or height < LEAST_HEIGHT or not len(self._envelope.iterations):
            return
        if is_loaded():
            self._plot = plot(
                self._envelope, self._target, self._scale, self.charset.ascii_only, width, height,
                self._ahead, self._validation, self._levels, self._pins.envelopes,
            )  # fmt: skip
            self._plot = self._painter.over(self._plot, self._pins, self.charset.ascii_only)
        elif not self._loading:
            self._loading = True
            self.call_after_refresh(lambda: self.run_worker(self._load(), description="imports plotext"))

    async def _load(self) -> None:
        """Make drawing possible behind the first screen, which need not wait for it."""
        await asyncio.to_thread(load)
        self._loading = False
        self._drawn_size = None  # whatever was painted meanwhile, all of it is painted anew
        self.refresh()

    def _picture(self) -> list[Row]:
        """Return all rows: the curve and its cursor, or what is written in their place."""
        width, height = self.size
        rows: list[Row]
        if self._plot is not None:
            rows = self._plot.rows if self._cursor is None else self._plot.with_cursor(self._cursor)
        elif width < LEAST_WIDTH or height < LEAST_HEIGHT:
            rows = [[("line", self._summary(width))]]
        elif self._loading:
            rows = []
        else:
            rows = [[] for _ in range((height - 1) // 2)] + [[("hint", nothing_yet(width))]]
        if self.charset.ascii_only:
            rows = [[(component, text.translate(_ASCII)) for component, text in row] for row in rows]
        return (rows + [[] for _ in range(height)])[:height]

    def _summary(self, width: int) -> str:
        """Write the last loss, with a word and a sparkline where they fit; with a cursor, the loss there."""
        envelope, at = self._envelope, self._cursor
        if not len(envelope.iterations):
            return fitting(width, tr("no losses yet"), tr("no loss"))
        if at is not None:
            return summary_at(at, self._loss_at(at), width)
        return summary(envelope, width, self.charset.ascii_only)

    # ------------------------------------------------------------------ cursor

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to go to the cursor's iteration, and Esc, only while there is a cursor."""
        return self._cursor is not None or action not in ("choose", "hide_cursor")

    def _loss_at(self, iteration: int) -> float | None:
        """Return the loss before an iteration's update; None while it is replayed."""
        if self._losses is None or iteration >= len(self._losses):
            return self._envelope.last
        return self._readout.loss(self._losses, iteration)

    def _set_cursor(self, iteration: int | None) -> None:
        """Put the cursor on an iteration, or on the nearest that has a loss; without losses there is none."""
        envelope, shown = self._envelope, self._cursor is not None
        if iteration is None or self._losses is None or not len(envelope.iterations):
            self._cursor = None
        else:
            self._cursor = max(envelope.start, min(iteration, self._shown_to))
        if shown != (self._cursor is not None):
            self.refresh_bindings()

    def _go(self, iteration: int | None) -> None:
        self._set_cursor(iteration)
        self._redraw(same_curve=True)

    @property
    def _from(self) -> int:
        """The iteration from which the cursor moves: it appears on the last one."""
        return self._envelope.stop - 1 if self._cursor is None else self._cursor

    def action_move(self, iterations: int) -> None:
        """Move the cursor by iterations."""
        self._go(self._from + iterations)

    def action_move_columns(self, columns: int) -> None:
        """Move the cursor by columns, but at least by one iteration each."""
        at = self._from
        target = at + columns
        if self._plot is not None:
            there = self._plot.iteration(self._plot.column(at) + columns)
            target = max(target, there) if columns > 0 else min(target, there)
        self._go(target)

    def action_move_tenths(self, tenths: int) -> None:
        """Move the cursor by tenths of the run."""
        span = self._shown_to - self._envelope.start
        self._go(self._from + tenths * max(1, span // 10))

    def action_move_to(self, last: bool) -> None:
        """Move the cursor to the first or the last iteration."""
        self._go(self._shown_to if last else self._envelope.start)

    def action_choose(self) -> None:
        """Ask to be at the cursor's iteration."""
        if self._cursor is not None:
            self.post_message(self.IterationChosen(self._cursor))

    def action_hide_cursor(self) -> None:
        """Take the cursor away."""
        if self._cursor is not None:
            self._go(None)
