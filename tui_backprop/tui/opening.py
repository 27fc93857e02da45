"""The screens over the panels: each is imported when its key is pressed, and its answers come back here.

Their messages find the handlers by name, so that the start need not wait for the screens.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from textual import events
from textual.notifications import SeverityLevel
from textual.screen import Screen

from tui_backprop.engine.errors import printable
from tui_backprop.engine.graph import Node
from tui_backprop.training.whatif import FULL, written
from tui_backprop.tui.guarded import GuardedApp
from tui_backprop.tui.runner import Runner
from tui_backprop.tui.settings import Settings
from tui_backprop.tui.snapshot import Snapshot
from tui_backprop.tui.terminal.driver import DiffDriver
from tui_backprop.tui.widgets.status import TitleBar

if TYPE_CHECKING:
    from tui_backprop.training.sessions import SessionInfo
    from tui_backprop.tui.screens.ask import AskScreen
    from tui_backprop.tui.screens.changing import BreakpointScreen, WhatIfScreen
    from tui_backprop.tui.screens.element import ElementScreen
    from tui_backprop.tui.screens.homework import HomeworkScreen
    from tui_backprop.tui.screens.moving import FindScreen, GotoScreen

T = TypeVar("T")
IDLE = frozenset({"enter", "escape"})
"""Keys that do nothing on the panels, which somebody may press who waits for the start."""


class Screens(GuardedApp):
    """What every part of the app knows, and the screens that it opens."""

    runner: Runner
    settings: Settings
    snapshot: Snapshot | None
    selected: int | None = None
    """The node selected, by index."""

    @property
    def main(self) -> Screen[object]:
        """The screen with the panels, whatever is open over it."""
        return self.screen_stack[0]

    def say(self, text: str, severity: SeverityLevel = "information") -> None:
        """Show a note until the next key."""
        self.main.query_one(TitleBar).set_note(printable(text, 400), severity)

    def open_screen(self, screen: Screen[T], answer: Callable[[T | None], None] | None = None) -> None:
        """Open a screen, unless one is open that an earlier key of a fast succession has asked for."""
        if len(self.screen_stack) == 1:
            self.push_screen(screen, answer)

    @property
    def asking(self) -> AskScreen | None:
        """The screen that asks for a line of text, if one is open."""
        if len(self.screen_stack) == 1:
            return None
        from tui_backprop.tui.screens.ask import AskScreen

        return self.screen if isinstance(self.screen, AskScreen) else None

    @property
    def selected_node(self) -> Node | None:
        """The node that is selected in the graph, or that the record selected is about."""
        if self.snapshot is None or self.selected is None:
            return None
        return self.snapshot.graph.nodes[self.selected]

    # ------------------------------------------------------------------ offered at the start

    _touched = False

    def note_touch(self, event: events.Event) -> None:
        """Note that somebody has begun to work: with a key that does anything, or the mouse."""
        if isinstance(event, events.Key):
            self._touched = self._touched or event.key not in IDLE
        elif isinstance(event, events.MouseDown):
            self._touched = True

    def offer_session(self, info: SessionInfo) -> None:
        """Ask whether to resume a session; whoever has begun already is not interrupted, but told."""
        from tui_backprop.training.sessions import kept
        from tui_backprop.tui.screens.resume import ResumeScreen

        def answer(yes: bool | None) -> None:
            if yes:
                self.runner.resume(info.id)
            else:
                self.say(kept(info))

        if self._touched or len(self.screen_stack) > 1:
            self.say(kept(info))
        else:
            self.open_screen(ResumeScreen(info, self._on_its_way), answer)

    def _on_its_way(self) -> bool:
        """Tell whether the terminal may not have shown yet what was drawn."""
        return isinstance(self._driver, DiffDriver) and self._driver.on_its_way

    # ------------------------------------------------------------------ opened by keys

    def action_goto(self) -> None:
        """Ask for an iteration to go to."""
        from tui_backprop.tui.screens.moving import GotoScreen

        if self.snapshot is not None:
            self.open_screen(GotoScreen(self.snapshot))

    def action_find(self) -> None:
        """Ask for a node to go to."""
        from tui_backprop.tui.screens.moving import FindScreen

        if self.snapshot is not None:
            self.open_screen(FindScreen(self.snapshot))

    def action_what_if(self) -> None:
        """Ask for a value to put in, to begin with that of the node that is selected."""
        from tui_backprop.tui.screens.changing import WhatIfScreen

        if self.snapshot is not None:
            node, tape = self.selected_node, self.snapshot.tape
            initial = ""
            if node is not None and tape is not None:
                value = np.asarray(tape.value(node))  # every digit, so that Enter alone changes nothing
                known = value.size <= FULL and not self.snapshot.is_hidden(node)
                initial = f"{node.name} = {written(value) if known else ''}"
            self.open_screen(WhatIfScreen(self.snapshot, initial))

    def action_breakpoints(self) -> None:
        """Show the breakpoints."""
        from tui_backprop.tui.screens.changing import BreakpointScreen

        if self.snapshot is not None:
            self.open_screen(BreakpointScreen(self.snapshot))

    def action_homework(self) -> None:
        """Ask for a gradient worked out by hand."""
        from tui_backprop.tui.screens.homework import HomeworkScreen

        if self.snapshot is not None:
            node = self.selected_node
            self.open_screen(HomeworkScreen(self.snapshot, f"{node.name} = " if node is not None else ""))

    def action_examine(self) -> None:
        """Look at one element of the node that is selected."""
        from tui_backprop.tui.screens.element import ElementScreen

        node = self.selected_node
        if node is None or self.snapshot is None or self.snapshot.tape is None:
            self.say("s steps to a record first; x then examines its elements")
        elif self.snapshot.is_hidden(node):
            self.say("this gradient has still to be predicted; t ends predicting")
        else:
            self.open_screen(ElementScreen(self.snapshot, node, self.snapshot.current_edge))

    def action_values(self) -> None:
        """Show all numbers of the current record."""
        from tui_backprop.tui.screens.reading import ValuesScreen

        if self.snapshot is not None and self.snapshot.explanation is not None:
            self.open_screen(ValuesScreen(self.snapshot.explanation))
        else:
            self.say("s steps to a record first; v then shows all its numbers")

    def action_help(self) -> None:
        """Show the keys."""
        from tui_backprop.tui.screens.reading import HelpScreen

        self.open_screen(HelpScreen())

    # ------------------------------------------------------------------ answered by the screens

    def on_find_screen_found(self, message: FindScreen.Found) -> None:
        """Go to the node that was looked for."""
        self.go_to(message.node)

    def on_goto_screen_asked(self, message: GotoScreen.Asked) -> None:
        """Go to an iteration."""
        self.runner.run_to(message.iteration)

    def on_what_if_screen_asked(self, message: WhatIfScreen.Asked) -> None:
        """Put a value in."""
        self.runner.do(lambda ops: ops.put(message.text), source="what_if")

    def on_what_if_screen_lifted(self, message: WhatIfScreen.Lifted) -> None:
        """Lift a value put in."""
        self.runner.do(lambda ops: ops.release(message.name), source="what_if")

    def on_breakpoint_screen_asked(self, message: BreakpointScreen.Asked) -> None:
        """Add a breakpoint."""
        self.runner.do(lambda ops: ops.add_breakpoint(message.text), live=True, source="breakpoints")

    def on_breakpoint_screen_toggled(self, message: BreakpointScreen.Toggled) -> None:
        """Turn a breakpoint off or on."""
        self.runner.do(lambda ops: ops.toggle_breakpoint(message.point), live=True)

    def on_breakpoint_screen_deleted(self, message: BreakpointScreen.Deleted) -> None:
        """Delete a breakpoint."""
        self.runner.do(lambda ops: ops.delete_breakpoint(message.point), live=True)

    def on_element_screen_asked(self, message: ElementScreen.Asked) -> None:
        """Work out another element."""
        self.runner.do(lambda ops: ops.examine(message.node, message.element), shows=False)

    def on_homework_screen_asked(self, message: HomeworkScreen.Asked) -> None:
        """Mark a gradient worked out by hand."""
        self.runner.do(lambda ops: ops.mark(message.name, message.text), source="homework")

    def go_to(self, node: Node) -> None:
        """Go to the factor that completes a node's gradient."""
        self.runner.do(lambda ops: ops.go_to_node(node.index))
