"""The app: its panels, and how the runner's news and the panels' own reach each other."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Sequence
from typing import ClassVar

from rich.console import RenderableType
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.driver import Driver
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from tui_backprop.explain.progress import progress
from tui_backprop.terminal_conditions import FPS
from tui_backprop.training.autosave import Autosave
from tui_backprop.training.trainer import Trainer
from tui_backprop.tui.actions import SIDES
from tui_backprop.tui.answering import Answering
from tui_backprop.tui.keys import ACTIONS
from tui_backprop.tui.looks import Looks
from tui_backprop.tui.messages import (
    Noted,
    SessionOffered,
    StateChanged,
)
from tui_backprop.tui.news import News
from tui_backprop.tui.runner import TELL_AFTER, Runner
from tui_backprop.tui.settings import crash_file, load_settings
from tui_backprop.tui.snapshot import Snapshot
from tui_backprop.tui.terminal.driver import GuardedDriver
from tui_backprop.tui.widgets.chain_rule import ChainRule, ExplanationView
from tui_backprop.tui.widgets.chart_axes import Scale
from tui_backprop.tui.widgets.footer import KeyFooter
from tui_backprop.tui.widgets.graph import GraphPanel
from tui_backprop.tui.widgets.hyperparameters import HyperparametersPanel
from tui_backprop.tui.widgets.loss_chart import LossChart
from tui_backprop.tui.widgets.panels import ModelPanel, ParametersPanel
from tui_backprop.tui.widgets.status import StatusBar, TitleBar

SWITCH = 0.0005
"""Seconds after which the thread that trains lets another one in; Python's own 5 ms are waited for several
times on the way of a key to the screen."""
PRELOAD_AFTER = 0.25
"""Seconds behind the first screen after which the rest of the program is imported."""
FULL = 71
"""The exit code where memory ran out: EX_OSERR of sysexits.h."""
FINISHING_RUN = 1.0
"""Seconds that a run gets to come to the end of its iteration when the app has to leave."""
FINISHING = "pausing after this iteration …"
WIDE, TALL = 120, 36
COMPACT_WIDTH, COMPACT_HEIGHT = 60, 16
ONE_LINE = 2
"""Rows that have room for the status alone."""


class MainScreen(Screen[None]):
    """The screen with the panels; they paint themselves when the focus moves, and nothing else has to."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    def update_node_styles(self, animate: bool = True) -> None:
        """Style all panels anew; before they are laid out for the first time they have just been styled."""
        if self.size:
            super().update_node_styles(animate)


class BackpropApp(Looks, Answering, News):
    """The terminal app on one trainer.

    Args:
        trainer: the lesson to start with.
        autosave: what keeps the training on disk.
        fps: frames a second while a run goes on.
        driver_class: what stands between the app and the terminal; Textual's own where None.
        offers: whether to offer the newest session behind the first screen.
        notes: what to say at the start.
    """

    TITLE = "tui-backprop"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        *(action.binding for action in ACTIONS),
        Binding("escape", "leave", "Leave the field", show=False),
        Binding("ctrl+c", "interrupt", "Pause", show=False, priority=True),
    ]

    def __init__(
        self,
        trainer: Trainer,
        *,
        autosave: Autosave | None = None,
        fps: float | None = None,
        driver_class: type[Driver] | None = None,
        offers: bool = False,
        notes: Sequence[str] = (),
    ) -> None:
        super().__init__(driver_class=driver_class)
        self.animation_level = "none"
        self.autosave = autosave or Autosave()
        self.autosave.tell = lambda text: self.post_message(Noted(text, "warning"))
        self._offers, self._notes = offers, notes
        self.runner = Runner(trainer, self.post_message, 1 / (fps or FPS), self.autosave)
        self.settings = load_settings()
        self.snapshot: Snapshot | None = None

    # ------------------------------------------------------------------ layout

    def get_default_screen(self) -> Screen[None]:
        """Return the screen that the panels are on."""
        return MainScreen(id="_default")

    def compose(self) -> ComposeResult:
        """Lay out the panels; app.tcss arranges them by the terminal's size."""
        side = self.settings.side if self.settings.side in SIDES else "model"
        self._arrange(self.size)  # before there are panels that would have to be styled anew
        self.main.set_class(side == "graph", "graph-open")
        yield TitleBar()
        with Container(id="body"):
            scale: Scale = "log" if self.settings.scale == "log" else "linear"
            yield LossChart(id="loss", classes="panel", scale=scale, ascii_only=self.ascii_only)
            yield GraphPanel(id="graph", classes="panel")
            with Container(id="side", classes=f"show-{side}"):
                yield ModelPanel(id="model", classes="panel")
                yield HyperparametersPanel(id="hyperparameters", classes="panel")
                yield ParametersPanel(id="parameters", classes="panel")
            yield ChainRule(id="chain")
        yield StatusBar()
        yield KeyFooter()

    def on_mount(self) -> None:
        """Start the runner and show where we are."""
        self._switch = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH)
        self.theme = self.theme_for(self.settings.theme)
        self.theme_changed_signal.subscribe(self, self.remember_theme)
        self.query_one(ExplanationView).focus()
        self.run_worker(self.runner.loop, thread=True, group="runner", description="trains")
        self.runner.show()

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout for the size."""
        self._arrange(event.size)

    def _arrange(self, size: Size) -> None:
        width, height = size
        body = self.main
        body.set_class(width >= WIDE and height >= TALL, "wide")
        compact = width < COMPACT_WIDTH or height < COMPACT_HEIGHT
        body.set_class(compact, "compact")
        body.set_class(height <= ONE_LINE, "one-line")
        if not compact:
            body.remove_class("side-open")

    def on_unmount(self) -> None:
        """End the runner's thread."""
        sys.setswitchinterval(self._switch)
        self.runner.close()

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Leave; the thread must end, or leaving would wait for it."""
        self.runner.close()
        super().exit(result, return_code, message)

    def save_now(self) -> None:
        """End a run and write what it has reached, within two seconds; any thread, also in a handler."""
        self.runner.finish(FINISHING_RUN)
        self.autosave.flush()

    def action_redraw(self) -> None:
        """Draw everything anew, where something else has written on the terminal."""
        if isinstance(driver := self._driver, GuardedDriver):
            driver.redraw()
        else:
            self.refresh(layout=True)

    def _fatal_error(self) -> None:
        """End on a fault of the program's own with one line; the traceback goes into a file."""
        if isinstance(sys.exc_info()[1], MemoryError):
            self.exit(return_code=FULL, message="tui-backprop: there is not enough memory to go on")
            return
        path = crash_file()
        self.exit(return_code=70, message=f"tui-backprop: internal error, sorry; the details are in {path}")

    async def on_event(self, event: events.Event) -> None:
        """Take the last note away at a key, whoever the key is for, and let no run delay its answer."""
        self.note_touch(event)
        if isinstance(event, events.Key) and not event.is_forwarded:
            for bar in self.main.query(TitleBar):
                bar.clear_note()
            if self.runner.running:
                self.answer()
                self.set_timer(TELL_AFTER, self._tell_finishing)
        await super().on_event(event)

    async def _dispatch_message(self, message: Message) -> None:
        """Leave the runner's news alone that arrive when the app is closing and its screens are gone."""
        if self.screen_stack or isinstance(message, events.Event):
            await super()._dispatch_message(message)

    def _tell_finishing(self) -> None:
        if self.runner.finishing:
            self.say(FINISHING)

    # ------------------------------------------------------------------ news from the runner

    @on(StateChanged)
    def _show(self, message: StateChanged) -> None:
        before, snapshot, available = self.snapshot, message.snapshot, self.available
        self.snapshot = snapshot
        main = self.main
        bar = main.query_one(TitleBar)
        bar.set_title(f"tui-backprop   {snapshot.lesson.name}: {snapshot.lesson.title}")
        if bar.note == FINISHING and not self.runner.finishing:
            bar.clear_note()
        main.query_one(StatusBar).update_from(snapshot)
        main.query_one(ChainRule).update(snapshot)
        self._draw_chart()
        if not snapshot.looks_like(before):
            self._draw_graph(snapshot)
        main.query_one(ModelPanel).update(snapshot)
        main.query_one(HyperparametersPanel).update(snapshot)
        main.query_one(ParametersPanel).update(snapshot)
        if (asking := self.asking) is not None:
            asking.update(snapshot)
        if available != snapshot.available:
            self.refresh_bindings()
        self.call_after_refresh(self._shown)

    _preloading = False

    def _shown(self) -> None:
        if not gc.isenabled():  # the command line turned it off for the start
            gc.freeze()
            gc.enable()
        self.main.query_one(HyperparametersPanel).show_fields()
        self.runner.drawn()
        if not self._preloading:
            self._preloading = True
            for note in self._notes:
                self.say(note)
            threading.Thread(target=self._preload, daemon=True).start()  # leaving does not wait for it

    def _preload(self) -> None:
        if self._offers:
            from tui_backprop.training.sessions import offer

            if (info := offer()) is not None:
                self.post_message(SessionOffered(info))
        if not self.runner.closes_within(PRELOAD_AFTER):
            from tui_backprop.tui.preload import preload

            preload()

    def _draw_chart(self) -> None:
        if self.snapshot is None:
            return
        target = self.snapshot.hyperparameters.iterations if self.snapshot.lesson.trains else None
        self.main.query_one(LossChart).show(self.snapshot.envelope, target, self.snapshot.losses)

    def _draw_graph(self, snapshot: Snapshot) -> None:
        panel = self.main.query_one(GraphPanel)
        graph = snapshot.graph
        panel.update(
            graph,
            snapshot.values,
            snapshot.gradients,
            progress(graph, snapshot.position),
            altered=snapshot.altered,
            put_in=snapshot.put_in,
            hidden=snapshot.prediction is not None,
        )
        if (node := snapshot.current_node) is not None:
            self.selected = node.index
            panel.select(node.index)
        elif self.selected is not None and self.selected >= len(graph.nodes):
            self.selected = None
