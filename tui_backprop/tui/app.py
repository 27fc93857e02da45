"""The app: keys become commands for the runner, and the runner's snapshots become what the panels show."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.console import RenderableType
from textual import events, on
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.theme import Theme
from textual.widgets import Footer

from tui_backprop.engine.errors import printable
from tui_backprop.lessons.library import BUILTIN, load_file, load_lesson
from tui_backprop.training.trainer import Trainer
from tui_backprop.tui.keys import ACTIONS
from tui_backprop.tui.messages import CommandRefused, GradientsChecked, Noted, StateChanged
from tui_backprop.tui.runner import Runner
from tui_backprop.tui.screens.lessons import LessonScreen
from tui_backprop.tui.screens.overlay import Overlay
from tui_backprop.tui.screens.reading import CheckScreen, HelpScreen, ValuesScreen
from tui_backprop.tui.settings import crash_file, load_settings, save_settings
from tui_backprop.tui.snapshot import Snapshot
from tui_backprop.tui.widgets.chain_rule import ChainRule, ExplanationView
from tui_backprop.tui.widgets.chart_axes import Scale
from tui_backprop.tui.widgets.hyperparameters import DialField, DialSet, HyperparametersPanel
from tui_backprop.tui.widgets.loss_chart import LossChart
from tui_backprop.tui.widgets.panels import ModelPanel, ParametersPanel
from tui_backprop.tui.widgets.status import StatusBar, TitleBar

SIDES = ("model", "hyperparameters", "parameters")
WIDE, TALL = 120, 36
COMPACT_WIDTH, COMPACT_HEIGHT = 60, 16


class BackpropApp(App[None]):
    """The terminal app on one trainer.

    Args:
        trainer: the lesson to start with.
    """

    TITLE = "tui-backprop"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        *(action.binding for action in ACTIONS),
        Binding("escape", "leave", "Leave the field", show=False),
        Binding("ctrl+c", "interrupt", "Pause", show=False, priority=True),
    ]

    def __init__(self, trainer: Trainer) -> None:
        super().__init__()
        self.animation_level = "none"
        self.runner = Runner(trainer, self.post_message)
        self.settings = load_settings()
        self.snapshot: Snapshot | None = None

    # ------------------------------------------------------------------ layout

    def compose(self) -> ComposeResult:
        """Lay out the panels; app.tcss arranges them by the terminal's size."""
        yield TitleBar()
        with Container(id="body"):
            scale: Scale = "log" if self.settings.scale == "log" else "linear"
            yield LossChart(id="loss", classes="panel", scale=scale)
            with Container(id="side"):
                yield ModelPanel(id="model", classes="panel")
                yield HyperparametersPanel(id="hyperparameters", classes="panel")
                yield ParametersPanel(id="parameters", classes="panel")
            yield ChainRule(id="chain")
        yield StatusBar()
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Start the runner and show where we are."""
        if self.settings.theme in self.available_themes:
            self.theme = self.settings.theme
        self.theme_changed_signal.subscribe(self, self._remember_theme)
        self._choose_side(self.settings.side if self.settings.side in SIDES else "model")
        self.query_one(ExplanationView).focus()
        self.run_worker(self.runner.loop, thread=True, group="runner", description="trains")
        self.runner.show()

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout for the size."""
        width, height = event.size
        body = self.screen_stack[0]
        body.set_class(width >= WIDE and height >= TALL, "wide")
        compact = width < COMPACT_WIDTH or height < COMPACT_HEIGHT
        body.set_class(compact, "compact")
        if not compact:
            body.remove_class("side-open")

    def on_unmount(self) -> None:
        """End the runner's thread."""
        self.runner.close()

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Leave; the thread must end, or leaving would wait for it."""
        self.runner.close()
        super().exit(result, return_code, message)

    # ------------------------------------------------------------------ news from the runner

    @on(StateChanged)
    def _show(self, message: StateChanged) -> None:
        before, snapshot = self.snapshot, message.snapshot
        self.snapshot = snapshot
        main = self.screen_stack[0]
        title = f"{snapshot.lesson.name}: {snapshot.lesson.title}"
        main.query_one(TitleBar).set_title(f"tui-backprop   {title}")
        main.query_one(StatusBar).update_from(snapshot)
        main.query_one(ChainRule).update(snapshot)
        self._draw_chart()
        main.query_one(ModelPanel).update(snapshot)
        main.query_one(HyperparametersPanel).update(snapshot)
        main.query_one(ParametersPanel).update(snapshot)
        if before is None or before.at_origin != snapshot.at_origin:
            self.refresh_bindings()
        self.call_after_refresh(self.runner.drawn)

    def _draw_chart(self) -> None:
        if self.snapshot is None:
            return
        chart = self.screen_stack[0].query_one(LossChart)
        target = self.snapshot.hyperparameters.iterations if self.snapshot.lesson.trains else None
        chart.show(self.snapshot.envelope, target)
        self._caption(chart)

    @staticmethod
    def _caption(chart: LossChart) -> None:
        caption = chart.caption[:1].upper() + chart.caption[1:]
        if str(chart.border_title) != caption:
            chart.border_title = Content(caption)

    @on(LossChart.ScaleRefused)
    def _scale_refused(self, message: LossChart.ScaleRefused) -> None:
        self._say(message.reason, "warning")

    @on(CommandRefused)
    def _refused(self, message: CommandRefused) -> None:
        panel = self.screen_stack[0].query_one(HyperparametersPanel)
        if message.source and any(field.spec.name == message.source for field in panel.fields):
            panel.refuse(message.source, message.reason)
        else:
            self._say(message.reason, "error")

    @on(Noted)
    def _noted(self, message: Noted) -> None:
        self._say(message.text, message.severity)

    @on(GradientsChecked)
    def _checked(self, message: GradientsChecked) -> None:
        self.screen_stack[0].query_one(TitleBar).clear_note()
        if not isinstance(self.screen, CheckScreen):  # g was pressed twice
            self.push_screen(CheckScreen(message.report))

    @on(DialSet)
    def _dial_set(self, message: DialSet) -> None:
        self.runner.set(message.name, message.value)

    def _fatal_error(self) -> None:
        """End on a fault of the program's own with one line; the traceback goes into a file."""
        path = crash_file()
        self.exit(return_code=70, message=f"tui-backprop: internal error, sorry; the details are in {path}")

    def _say(self, text: str, severity: SeverityLevel) -> None:
        self.screen_stack[0].query_one(TitleBar).set_note(printable(text, 400), severity)

    async def on_event(self, event: events.Event) -> None:
        """Take the last note away at the next key, whoever the key is for."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            for bar in self.screen_stack[0].query(TitleBar):
                bar.clear_note()
        await super().on_event(event)

    # ------------------------------------------------------------------ actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Dim the ways back where there is nothing behind."""
        at_origin = self.snapshot is not None and self.snapshot.at_origin
        return None if at_origin and action in ("step_back", "previous") else True

    def action_step(self) -> None:
        """Go one record on; in the compact layout this brings the chain rule back."""
        main = self.screen_stack[0]
        if main.has_class("side-open"):
            main.remove_class("side-open")
            main.query_one(ExplanationView).focus()
        self.runner.step()

    def action_step_back(self) -> None:
        """Go one record back."""
        self.runner.back()

    def action_next(self) -> None:
        """Go to the start of the next iteration."""
        self.runner.next()

    def action_previous(self) -> None:
        """Go to the start of this iteration, or of the one before."""
        self.runner.previous()

    def action_run_or_pause(self) -> None:
        """Run or pause."""
        self.runner.toggle()

    def action_reset(self) -> None:
        """Start anew."""
        self.runner.reset()

    def action_check(self) -> None:
        """Check the gradients."""
        self.runner.check()

    def action_interrupt(self) -> None:
        """Pause a run or give up a long computation; otherwise say how to leave."""
        if self.runner.busy:
            self.runner.pause()
        else:
            self._say("q quits", "information")

    def action_scale(self) -> None:
        """Switch the loss axis between linear and log."""
        chart = self.query_one(LossChart)
        reason = chart.toggle_scale()
        if reason:
            self._say(reason, "warning")
        self._caption(chart)
        self._remember(scale=chart.scale)

    def action_values(self) -> None:
        """Show all numbers of the current record."""
        if self.snapshot is not None and self.snapshot.explanation is not None:
            self.push_screen(ValuesScreen(self.snapshot.explanation))
        else:
            self._say("s steps to a record first; v then shows all its numbers", "information")

    def action_copy(self) -> None:
        """Copy the explanation to the terminal's clipboard."""
        if self.snapshot is None or self.snapshot.explanation is None:
            self._say("s steps to a record first; y then copies it", "information")
            return
        self.copy_to_clipboard(self.query_one(ExplanationView).plain)
        self._say("copied the current record", "information")

    def action_help(self) -> None:
        """Show the keys."""
        self.push_screen(HelpScreen())

    def action_model(self) -> None:
        """Choose the lesson."""
        lesson = self.snapshot.lesson if self.snapshot is not None else None
        current = lesson.name if lesson is not None and lesson.builtin else ""
        self.push_screen(LessonScreen(current), self._open)

    def _open(self, name: str | None) -> None:
        if name is not None:
            path = str(Path(name).expanduser()) if name.startswith("~") else name
            self.runner.open(lambda: Trainer(load_lesson(path)))

    def action_reload(self) -> None:
        """Read the lesson's file again and keep the dials turned here; a refusal keeps the old lesson."""
        if self.snapshot is None:
            return
        lesson, dials = self.snapshot.lesson, self.snapshot.hyperparameters
        turned = dials.changed_from(lesson.hyperparameters)
        builtin = lesson.name if lesson.builtin else None
        path = Path(lesson.path)

        def load() -> Trainer:
            trainer = Trainer(load_file(path, builtin), **turned)
            kept = f", with {', '.join(turned)} as set here" if turned else ""
            self.post_message(Noted(f"{path.name} reloaded{kept}"))
            return trainer

        self.runner.open(load)

    def action_hyperparameters(self) -> None:
        """Edit the dials."""
        self.action_side("hyperparameters")
        self.screen_stack[0].query_one(HyperparametersPanel).focus_first()

    def action_side(self, which: str) -> None:
        """Show one of the side panels where there is room for one only, and go there to scroll.

        To the dials goes h: a field that has the focus takes the letter keys.
        """
        self._choose_side(which)
        main = self.screen_stack[0]
        main.set_class(main.has_class("compact"), "side-open")
        self.screen.set_focus(main.query_one("#explanation" if which == "hyperparameters" else f"#{which}"))
        self._remember(side=which)

    def _choose_side(self, which: str) -> None:
        side = self.screen_stack[0].query_one("#side")
        for name in SIDES:
            side.set_class(name == which, f"show-{name}")

    def action_leave(self) -> None:
        """Leave a field: back to the chain rule."""
        if isinstance(self.focused, DialField):
            self.screen_stack[0].query_one(HyperparametersPanel).restore(self.focused)
        self.screen.remove_class("side-open")
        self.query_one(ExplanationView).focus()

    # ------------------------------------------------------------------ palette and memory

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Put every action and every lesson into the command palette."""
        for action in ACTIONS:
            title = f"{action.help.split(':')[0]} ({action.keys_text})"
            yield SystemCommand(title, action.help, partial(self._run_action, action.name))
        for name in BUILTIN:
            yield SystemCommand(f"Open lesson {name}", "Open this lesson", partial(self._open, name))
        yield SystemCommand("Theme", "Choose the colours", self.action_change_theme)

    def _run_action(self, action: str) -> None:
        if isinstance(self.screen, Overlay):
            self.screen.leave()
        self.call_later(self.run_action, action)

    def _remember_theme(self, theme: Theme) -> None:
        self._remember(theme=theme.name)

    def _remember(self, **choices: str) -> None:
        changed = {name: value for name, value in choices.items() if getattr(self.settings, name) != value}
        if changed:
            for name, value in changed.items():
                setattr(self.settings, name, value)
            save_settings(self.settings)
