"""The app around the screen with the panels: keys of the program itself, palette, theme, and how it ends."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from textual import events, on
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.message import Message
from textual.screen import Screen
from textual.theme import Theme

from tui_backprop.debugger.replies import Note
from tui_backprop.host.recording import Recording
from tui_backprop.host.terminal import FPS
from tui_backprop.sessions.autosave import Autosave
from tui_backprop.text.sentences import tr
from tui_backprop.training.trainer import Trainer
from tui_backprop.tui.answering import Answering
from tui_backprop.tui.choices import ALL_FACTORS, load_choices, save_choices
from tui_backprop.tui.ending import EndingApp
from tui_backprop.tui.keys import BINDINGS, action, call
from tui_backprop.tui.main_screen import MainScreen
from tui_backprop.tui.messages import (
    ChoiceMade,
    IterationWanted,
    Replied,
    Requested,
    SessionOffered,
    Warned,
)
from tui_backprop.tui.request import TELL_AFTER
from tui_backprop.tui.runner import Runner
from tui_backprop.tui.sandbox import SandboxedApp
from tui_backprop.tui.terminal.appearance import Appearance
from tui_backprop.tui.terminal.colours import SIXTEEN
from tui_backprop.tui.terminal.driver import DiffDriver, GuardedDriver
from tui_backprop.tui.terminal.guard import Guard

if TYPE_CHECKING:
    from tui_backprop.sessions.store import SessionInfo
    from tui_backprop.tui.screens.overlay import Overlay
    from tui_backprop.tui.screens.resume import ResumeScreen

SWITCH = 0.0005
"""Seconds after which the thread that trains lets another one in; Python's own 5 ms are waited for several
times on the way of a key to the screen."""
PRELOAD_AFTER = 0.25
"""Seconds behind the first screen after which the rest of the program is imported."""
FINISHING_RUN = 1.0
"""Seconds that a run gets to come to the end of its iteration when the app has to leave."""
IDLE = frozenset({"enter", "escape"})
"""Keys that do nothing on the panels, which somebody may press who waits for the start."""


class BackpropApp(EndingApp, Appearance, SandboxedApp):
    """The terminal app on one trainer.

    Args:
        trainer: the lesson to start with.
        autosave: what keeps the training on disk.
        fps: frames a second while a run goes on.
        driver_class: what stands between the app and the terminal; Textual's own where None.
        guard: what saves and puts the terminal right where the session ends from outside.
        offers: whether to offer the newest session behind the first screen.
        notes: what to say at the start.
    """

    TITLE = "tui-backprop"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        *(binding for binding in BINDINGS if binding.priority),
        Binding("ctrl+c", "interrupt", "Pause", show=False, priority=True),
    ]

    def __init__(
        self,
        trainer: Trainer,
        *,
        autosave: Autosave | None = None,
        fps: float | None = None,
        driver_class: type[Driver] | None = None,
        guard: Guard | None = None,
        offers: bool = False,
        notes: Sequence[str] = (),
    ) -> None:
        super().__init__(driver_class=driver_class)
        self.guard = guard
        self.recording: Recording | None = None  # what keeps what the terminal is sent
        self.sandbox = trainer.lesson.sandbox  # each lesson is opened in place of another
        self.animation_level = "none"
        self.autosave = autosave or Autosave()
        self.autosave.tell = lambda text: self._pass_on(Replied(Note(text, warning=True)))
        self.autosave.warn = lambda text: self._pass_on(Warned(text))
        self._offers, self._notes = offers, notes
        self.choices = load_choices(self.sandbox)
        self.runner = Runner(trainer, self._pass_on, 1 / (fps or FPS), self.autosave)
        self.runner.choose_factors(self.choices.factors == ALL_FACTORS)
        self._answering = Answering(self.runner, self.set_timer)
        self._main: MainScreen | None = None
        self._touched = False

    def get_default_screen(self) -> MainScreen:
        """Return the screen that the panels are on."""
        self._main = MainScreen(self.runner, self.choices)
        return self._main

    @property
    def main(self) -> MainScreen:
        """The screen with the panels, whatever is open over it."""
        assert self._main is not None
        return self._main

    def _pass_on(self, message: Message) -> None:
        """Hand a message to the screen with the panels, from any thread; there is none before the start."""
        if self._main is not None:
            self._main.post_message(message)

    # ------------------------------------------------------------------ from start to end

    def on_mount(self) -> None:
        """Start the runner's thread."""
        asyncio.get_running_loop().set_exception_handler(self.failed_in_callback)
        self._switch = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH)
        self.theme = self.theme_for(self.choices.theme)
        self.theme_changed_signal.subscribe(self, self.remember_theme)
        self.run_worker(self.runner.loop, thread=True, group="runner", description="trains")

    @on(MainScreen.FirstShown)
    def _first_shown(self) -> None:
        """Make ready behind the first screen what need not be there before."""
        if not gc.isenabled():  # the command line turned it off for the start
            gc.freeze()
            gc.enable()
        for note in self._notes:
            self.main.say(note)
        if (shown := self.main.snapshot) is not None and shown.course is not None and shown.course.title:
            self.main.perform("course")
        threading.Thread(target=self._preload, daemon=True).start()  # leaving does not wait for it

    def _preload(self) -> None:
        if self._offers:
            from tui_backprop.sessions.store import offer

            if (info := offer()) is not None:
                self.post_message(SessionOffered(info))
        if not self.runner.closes_within(PRELOAD_AFTER):
            from tui_backprop.tui.preload import preload

            preload()

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

    def leave_with(self, line: str) -> None:
        """Save and leave with a line; called by a signal's handler on the loop's own thread."""
        from tui_backprop.host.restricted import CPU_USED_UP

        self.save_now()
        if self._loop is None or not self._loop.is_running():
            raise SystemExit(CPU_USED_UP)
        self._loop.call_soon_threadsafe(self.end_with, line, CPU_USED_UP)  # wakes the loop up

    # ------------------------------------------------------------------ keys

    async def on_event(self, event: events.Event) -> None:
        """Take the last note away at a key, whoever the key is for, and let no run delay its answer."""
        if isinstance(event, events.MouseDown):
            self._touched = True
        if isinstance(event, events.Key) and not event.key.isascii() and (meant := self._meant(event)):
            for key in meant:
                await self.on_event(key)
            return
        if isinstance(event, events.Key):
            self._touched = self._touched or event.key not in IDLE
            if not event.is_forwarded and self._main is not None:
                self._main.forget_note()
                if self.runner.running:
                    self._answering.begin()
                    self.set_timer(TELL_AFTER, self._main.tell_finishing)
        await super().on_event(event)

    def _meant(self, event: events.Key) -> Sequence[events.Key]:
        """Return the keys that stand where a letter of another script was typed; none where it is text."""
        from textual.widgets import Input

        from tui_backprop.tui.layouts import keys_at

        with_ctrl, plus, letter = event.key.rpartition("+")
        if (isinstance(self.focused, Input) or getattr(self.screen, "TYPES", False)) and not plus:
            return ()
        keys = [(f"{with_ctrl}{plus}{key}", None if plus else key) for key in keys_at(letter)]
        return [events.Key(*key).set_sender(self) for key in keys]

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Draw, and let a run go on.

        Textual has no public place that tells of it: `call_after_refresh` comes before a key has any effect.
        """
        super()._display(screen, renderable)
        self._answering.end()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse what a restricted login has not got."""
        return not self.refuses(action)

    def action_suspend_process(self) -> None:
        """Stop, and come back by the shell's fg; where no shell waits, say so and go on."""
        driver = self._driver
        if isinstance(driver, GuardedDriver) and not self.restricted and not driver.can_suspend:
            self.main.say(
                tr("no shell to come back to, so Ctrl+Z does nothing; {quit} quits", quit=call("quit"))
            )
        else:
            super().action_suspend_process()

    def action_redraw(self) -> None:
        """Draw everything anew, where something else has written on the terminal."""
        if isinstance(driver := self._driver, GuardedDriver):
            driver.redraw()
        else:
            self.refresh(layout=True)

    def action_interrupt(self) -> None:
        """Pause a run or give up a long computation; otherwise say how to leave."""
        if self.runner.busy:
            self.runner.pause()
        else:
            self.main.say(tr("{quit} quits", quit=call("quit")))

    # ------------------------------------------------------------------ asked by the screens

    @on(Requested)
    def _requested(self, message: Requested) -> None:
        self.runner.ask(message.request)

    @on(IterationWanted)
    def _iteration_wanted(self, message: IterationWanted) -> None:
        self.runner.run_to(message.iteration)

    @on(ChoiceMade)
    def _choice_made(self, message: ChoiceMade) -> None:
        self.remember(message.name, message.value)

    def on_overlay_key_pressed(self, message: Overlay.KeyPressed) -> None:
        """Do the command of a key that has closed a screen; its handler is found by name, at no import."""
        self.main.perform(message.command, message.source)

    @on(SessionOffered)
    def _offered(self, message: SessionOffered) -> None:
        """Ask whether to resume a session; whoever has begun already is not interrupted, but told."""
        from tui_backprop.sessions.listing import kept
        from tui_backprop.tui.screens.resume import ResumeScreen

        if not self.screen_stack:
            return  # the app is closing
        if self._touched or len(self.screen_stack) > 1:
            self.main.say(kept(message.info))
        else:
            self.main.open_screen(ResumeScreen(message.info, self._on_its_way))

    def on_resume_screen_decided(self, message: ResumeScreen.Decided) -> None:
        """Resume the session, or say how it can be resumed later."""
        from tui_backprop.sessions.listing import kept

        info: SessionInfo = message.info
        if message.accepted:
            self.runner.resume(info.id)
        else:
            self.main.say(kept(info))

    def _on_its_way(self) -> bool:
        """Tell whether the terminal may not have shown yet what was drawn."""
        return isinstance(self._driver, DiffDriver) and self._driver.on_its_way

    # ------------------------------------------------------------------ palette and memory

    def action_command_palette(self) -> None:
        """Open the command palette, unless it is open."""
        from tui_backprop.tui.screens.palette import LEAST, BackpropPalette

        if self.size.width < LEAST:
            self.main.say(tr("too small for the palette"), "warning")
        elif not isinstance(self.screen, BackpropPalette):
            placeholder = self.charset.spelled(tr("Search for commands …"))
            self.push_screen(BackpropPalette(placeholder=placeholder, id="--command-palette"))

    def search_themes(self) -> None:
        """Choose among the themes, in a palette that takes any burst of keys."""
        from textual.theme import ThemeProvider

        from tui_backprop.tui.screens.palette import BackpropPalette

        placeholder = self.charset.spelled(tr("Search for themes …"))
        self.push_screen(BackpropPalette(providers=[ThemeProvider], placeholder=placeholder))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Put every command, every lesson and what has no key into the command palette."""
        from tui_backprop.tui.offers import offers

        return offers(self)

    def run_command(self, name: str) -> None:
        """Do a command chosen in the palette; what is open over the panels gives way to it."""
        from tui_backprop.tui.screens.overlay import Overlay

        if isinstance(self.screen, Overlay):
            self.screen.leave()
        self.call_later(self.run_action, action(name), self.main)

    def open_sessions(self) -> None:
        """List the sessions that are saved."""
        from tui_backprop.tui.screens.sessions import SessionsScreen

        if (snapshot := self.main.snapshot) is not None:
            self.call_later(self.main.open_screen, SessionsScreen(snapshot))

    def remember_theme(self, theme: Theme) -> None:
        """Keep the theme for the next start, unless it is the one for sixteen colours."""
        if theme.name != SIXTEEN.name:
            self.remember("theme", theme.name)

    def remember(self, name: str, value: str) -> None:
        """Keep a choice for the next start."""
        if getattr(self.choices, name) != value:
            setattr(self.choices, name, value)
            save_choices(self.choices, self.sandbox)
