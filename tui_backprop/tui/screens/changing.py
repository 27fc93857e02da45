"""Screens that change something: a value put in by hand, and the breakpoints of a run."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.message import Message

from tui_backprop.engine.names import pretty_text
from tui_backprop.explain.numbers import inline
from tui_backprop.training.breakpoints import Breakpoint
from tui_backprop.tui.screens.ask import AskScreen, ChoiceList
from tui_backprop.tui.snapshot import Snapshot


class WhatIfScreen(AskScreen):
    """Asks for a value to put in by hand; below stand those that are in force."""

    OPENED_BY = "what_if"
    HEADING = "What if? · Enter puts it in, Esc closes"
    PLACEHOLDER = "NAME = VALUE, such as y_hat = [0.8, 0.3, 0.4] or X[1, 0] = 7"
    HELP = (
        "A parameter is moved here, and training goes on from there. Any other value is held until it is "
        "lifted: what lies behind it is recomputed as if it had come out like that, which is an exercise and "
        "not the derivative of anything. u undoes, U redoes."
    )

    class Asked(Message):
        """A value was typed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Lifted(Message):
        """A value put in is to be lifted."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def entries(self, snapshot: Snapshot) -> Sequence[str]:
        """List what is put in now."""
        return [
            f"{pretty_text(change.name)} = {inline(change.value)}  "
            f"({'moved' if change.kind == 'edit' else 'held'} since iteration {change.since}; Enter lifts it)"
            for change in snapshot.alterations
        ]

    def answered(self, text: str) -> None:
        """Pass the value on; it is checked where the trainer is."""
        if text:
            self.post_message(self.Asked(text))

    def chosen(self, index: int) -> None:
        """Lift the value of an entry."""
        self.post_message(self.Lifted(self.snapshot.alterations[index].name))

    @on(ChoiceList.Removed)
    def _removed(self, event: ChoiceList.Removed) -> None:
        self.chosen(event.index)


class BreakpointScreen(AskScreen):
    """Asks for a breakpoint; below stand those that there are."""

    OPENED_BY = "breakpoints"
    HEADING = "Breakpoints · Enter adds, Esc closes"
    PLACEHOLDER = "such as loss < 0.01, abs(w) > 2, iteration 100, nan or dead relu"
    HELP = (
        "A run stops where one becomes true. Names are the lesson's, d<name> is a gradient; there are also "
        "iteration, epoch, loss, gradient_norm, learning_rate. In the list below Enter turns one off or on, "
        "Delete deletes it."
    )

    class Asked(Message):
        """A breakpoint was typed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Toggled(Message):
        """A breakpoint is to be turned off or on."""

        def __init__(self, point: Breakpoint) -> None:
            super().__init__()
            self.point = point

    class Deleted(Message):
        """A breakpoint is to be deleted."""

        def __init__(self, point: Breakpoint) -> None:
            super().__init__()
            self.point = point

    def entries(self, snapshot: Snapshot) -> Sequence[str]:
        """List the breakpoints, numbered, with whether each is on."""
        return [
            f"{number}  {'on ' if point.enabled else 'off'}  {point.text}"
            + (f"  (does not fit here: {point.problem})" if point.problem else "")
            for number, point in enumerate(snapshot.breakpoints, 1)
        ]

    def answered(self, text: str) -> None:
        """Pass the breakpoint on; it is checked where the trainer is."""
        if text:
            self.post_message(self.Asked(text))

    def accept(self, text: str) -> None:
        """Make room for another one."""
        self.line.value = ""
        self.say(text)

    def chosen(self, index: int) -> None:
        """Turn one off or on."""
        self.post_message(self.Toggled(self.snapshot.breakpoints[index]))

    @on(ChoiceList.Removed)
    def _removed(self, event: ChoiceList.Removed) -> None:
        self.post_message(self.Deleted(self.snapshot.breakpoints[event.index]))
