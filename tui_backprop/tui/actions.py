"""What the keys do: each action asks the runner for something, or opens a screen that does."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from textual.app import SystemCommand
from textual.screen import Screen
from textual.theme import Theme

from tui_backprop.explain.text import spelled
from tui_backprop.lessons.confinement import lesson_names
from tui_backprop.lessons.library import BUILTIN, load_file, load_lesson
from tui_backprop.training.trainer import Trainer
from tui_backprop.tui.colours import SIXTEEN
from tui_backprop.tui.keys import ACTIONS
from tui_backprop.tui.messages import Noted
from tui_backprop.tui.opening import Screens
from tui_backprop.tui.operations import Operations
from tui_backprop.tui.settings import save_settings
from tui_backprop.tui.widgets.chain_rule import AnswerField, ExplanationView
from tui_backprop.tui.widgets.hyperparameters import DialField, HyperparametersPanel
from tui_backprop.tui.widgets.loss_chart import LossChart

SIDES = ("model", "hyperparameters", "parameters", "graph")


class Actions(Screens):
    """The app's actions; what is laid out and how news reach the panels is the app's own."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Dim what has nothing to act on: the ways back at the start, undo and redo without a change."""
        if self.refuses(action):
            return False
        back, undo, redo = self.available
        nothing = (
            (action in ("step_back", "previous") and not back)
            or (action == "undo" and not undo)
            or (action == "redo" and not redo)
        )
        return None if nothing else True

    @property
    def available(self) -> tuple[bool, bool, bool]:
        """Whether going back, undo and redo have anything to act on; as at a start while nothing is known."""
        return (False, False, False) if self.snapshot is None else self.snapshot.available

    # ------------------------------------------------------------------ moving

    def action_step(self) -> None:
        """Go one record on; in the compact layout this brings the chain rule back."""
        if self.main.has_class("side-open"):
            self.main.remove_class("side-open")
            self.main.query_one(ExplanationView).focus()
        self.runner.do(Operations.step)

    def action_step_back(self) -> None:
        """Go one record back."""
        self.runner.do(Operations.back)

    def action_next(self) -> None:
        """Go to the start of the next iteration."""
        self.runner.do(Operations.next)

    def action_previous(self) -> None:
        """Go to the start of this iteration, or of the one before."""
        self.runner.do(Operations.previous)

    def action_run_or_pause(self) -> None:
        """Run or pause."""
        self.runner.toggle()

    def action_reset(self) -> None:
        """Start anew."""
        self.runner.do(Operations.reset)

    def action_interrupt(self) -> None:
        """Pause a run or give up a long computation; otherwise say how to leave."""
        if self.runner.busy:
            self.runner.pause()
        else:
            self.say("q quits")

    # ------------------------------------------------------------------ changing

    def action_undo(self) -> None:
        """Undo the last change."""
        self.runner.do(Operations.undo)

    def action_redo(self) -> None:
        """Redo what was undone."""
        self.runner.do(Operations.redo)

    def action_hyperparameters(self) -> None:
        """Edit the dials."""
        self.action_side("hyperparameters")
        self.main.query_one(HyperparametersPanel).focus_first()

    # ------------------------------------------------------------------ checking and practising

    def action_check(self) -> None:
        """Check the gradients."""
        self.runner.do(Operations.check)

    def action_predict(self) -> None:
        """Ask for each factor before it is shown, or no longer."""
        self.runner.do(Operations.predict)

    # ------------------------------------------------------------------ looking

    def action_scale(self) -> None:
        """Switch the loss axis between linear and log."""
        chart = self.main.query_one(LossChart)
        reason = chart.toggle_scale()
        if reason:
            self.say(reason, "warning")
        self._remember(scale=chart.scale)

    def action_program(self) -> None:
        """Show the code that runs do; a run goes on meanwhile."""
        self.runner.do(Operations.write_program, live=True, shows=False)

    def action_copy(self) -> None:
        """Copy the explanation to the terminal's clipboard."""
        if self.snapshot is None or self.snapshot.explanation is None:
            self.say("s steps to a record first; y then copies it")
            return
        self.copy_to_clipboard(self.main.query_one(ExplanationView).plain)
        self.say("copied the current record")

    def action_side(self, which: str) -> None:
        """Show one of the side panels where there is room for one only, and go there to scroll.

        To the dials goes h: a field that has the focus takes the letter keys.
        """
        self.choose_side(which)
        main = self.main
        main.set_class(main.has_class("compact"), "side-open")
        self.screen.set_focus(main.query_one("#explanation" if which == "hyperparameters" else f"#{which}"))
        self._remember(side=which)

    def choose_side(self, which: str) -> None:
        """Show one of the side panels; the graph takes the chart's place where it needs the room.

        Only those widgets are styled anew that the classes are about; where all panels are shown, none.
        """
        main = self.main
        side = main.query_one("#side")
        classes = side.classes | main.classes
        for name in SIDES:
            side.set_class(name == which, f"show-{name}", update=False)
        main.set_class(which == "graph", "graph-open", update=False)
        if side.classes | main.classes != classes and not main.has_class("wide"):
            body = main.query_one("#body")
            self.stylesheet.update_nodes([body, *body.children, *side.children])

    def action_leave(self) -> None:
        """Leave a field: back to the chain rule."""
        if isinstance(self.focused, DialField):
            self.main.query_one(HyperparametersPanel).restore(self.focused)
        if isinstance(self.focused, AnswerField):
            self.say("s reveals the factor; Tab goes back to the answer")
        self.screen.remove_class("side-open")
        self.query_one(ExplanationView).focus()

    # ------------------------------------------------------------------ lessons

    def action_model(self) -> None:
        """Choose the lesson."""
        from tui_backprop.tui.screens.lessons import LessonScreen

        lesson = self.snapshot.lesson if self.snapshot is not None else None
        current = lesson.name if lesson is not None and lesson.builtin else ""
        self.open_screen(LessonScreen(current), self._open)

    def _open(self, name: str | None) -> None:
        if name is not None:
            home = name.startswith("~") and not self.restricted
            path = str(Path(name).expanduser()) if home else name
            self.runner.do(lambda ops: ops.adopt(Trainer(load_lesson(path))), source="lesson")

    def action_reload(self) -> None:
        """Read the lesson's file again and keep dials and breakpoints; a refusal keeps the old lesson."""
        if self.snapshot is None:
            return
        lesson, dials = self.snapshot.lesson, self.snapshot.hyperparameters
        turned = dials.changed_from(lesson.hyperparameters)
        builtin = lesson.name if lesson.builtin else None
        path = Path(lesson.path)

        def reload(operations: Operations) -> None:
            breakpoints = tuple(operations.trainer.breakpoints)
            trainer = Trainer(load_file(path, builtin), **turned)
            kept = f", with {', '.join(turned)} as set here" if turned else ""
            self.post_message(Noted(f"{path.name} reloaded{kept}"))
            operations.adopt(trainer, breakpoints)

        self.runner.do(reload, source="lesson")

    # ------------------------------------------------------------------ palette and memory

    def action_command_palette(self) -> None:
        """Open the command palette, unless it is open."""
        from tui_backprop.tui.screens.palette import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(placeholder=spelled("Search for commands …"), id="--command-palette"))

    def search_themes(self) -> None:
        """Choose among the themes, in a palette that takes any burst of keys."""
        from textual.theme import ThemeProvider

        from tui_backprop.tui.screens.palette import Palette

        self.push_screen(Palette(providers=[ThemeProvider], placeholder=spelled("Search for themes …")))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Put every action and every lesson into the command palette."""
        for action in ACTIONS:
            if self.refuses(action.name):
                continue
            title = f"{action.help.split(':')[0]} ({action.keys_text})"
            yield SystemCommand(spelled(title), spelled(action.help), partial(self._run_action, action.name))
        for name in (*BUILTIN, *lesson_names()):
            yield SystemCommand(spelled(f"Open lesson {name}"), "Open this lesson", partial(self._open, name))
        yield SystemCommand("Theme", "Choose the colours", self.action_change_theme)

    def _run_action(self, action: str) -> None:
        from tui_backprop.tui.screens.overlay import Overlay

        if isinstance(self.screen, Overlay):
            self.screen.leave()
        self.call_later(self.run_action, action)

    def remember_theme(self, theme: Theme) -> None:
        """Keep the theme for the next start, unless it is the one for sixteen colours."""
        if theme.name != SIXTEEN.name:
            self._remember(theme=theme.name)

    def _remember(self, **choices: str) -> None:
        changed = {name: value for name, value in choices.items() if getattr(self.settings, name) != value}
        if changed:
            for name, value in changed.items():
                setattr(self.settings, name, value)
            save_settings(self.settings)
