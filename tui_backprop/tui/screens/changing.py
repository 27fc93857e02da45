"""Screens that change something: a value put in by hand, and the breakpoints of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from tui_backprop.debugger.changing import delete_point, release, toggle_point
from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.text.numbers import inline
from tui_backprop.text.sentences import later, tr, tr_in
from tui_backprop.text.spelling import pretty_text
from tui_backprop.text.width import cells
from tui_backprop.training.changes.whatif import FULL, written
from tui_backprop.tui.keys import call
from tui_backprop.tui.messages import Requested
from tui_backprop.tui.request import Request
from tui_backprop.tui.screens.ask import AskScreen

SINCE = {
    "edit": later("{name} = {value}  (moved since iteration {iteration}; Enter lifts it)"),
    "override": later("{name} = {value}  (held since iteration {iteration}; Enter lifts it)"),
}
"""What is said of a value that was put in, by kind."""


class WhatIfScreen(AskScreen):
    """Asks for a value to put in by hand; below stand those that are in force."""

    OPENED_BY = "whatif"
    HEADING = later("What if? · Enter puts it in, Esc closes")
    PLACEHOLDER = later("NAME = VALUE, such as y_hat = [0.8, 0.3, 0.4] or X[1, 0] = 7")
    HELP = later(
        "A parameter is moved here, and training goes on from there. Any other value is held until it is "
        "lifted: what lies behind it is recomputed as if it had come out like that, which is an exercise and "
        "not the derivative of anything. {undo} undoes, {redo} redoes."
    )
    NAMED: ClassVar[Mapping[str, str]] = {name: call(name) for name in ("undo", "redo")}

    @classmethod
    def guess(cls, snapshot: Snapshot, selected: Node | None) -> str:
        """Return the value of the node that is selected, so that Enter alone changes nothing."""
        if selected is None or snapshot.tape is None:
            return ""
        value = np.asarray(snapshot.tape.value(selected))
        known = value.size <= FULL and not snapshot.is_hidden(selected)
        return f"{selected.name} = {written(value) if known else ''}"

    def entries(self, snapshot: Snapshot) -> Sequence[str]:
        """List what is put in now."""
        return [
            tr(
                SINCE[change.kind],
                name=pretty_text(change.name),
                value=inline(change.value),
                iteration=change.since,
            )
            for change in snapshot.alterations
        ]

    def answered(self, text: str) -> None:
        """Have the value put in; it is checked where the trainer is."""
        if text:
            self.ask(text)

    def chosen(self, index: int) -> None:
        """Lift the value of an entry."""
        name = self.snapshot.alterations[index].name
        self.post_message(Requested(Request(lambda session: release(session, name), source=self.OPENED_BY)))

    def removed(self, index: int) -> None:
        """Lift the value of an entry."""
        self.chosen(index)


class BreakpointScreen(AskScreen):
    """Asks for a breakpoint; below stand those that there are."""

    OPENED_BY = "break"
    HEADING = later("Breakpoints · Enter adds, Esc closes")
    PLACEHOLDER = later("such as loss < 0.01, abs(w) > 2, iteration 100, nan or dead relu")
    HELP = later(
        "A run stops where one becomes true. Names are the lesson's, d<name> is a gradient; there are also "
        "iteration, epoch, loss, gradient_norm, learning_rate. In the list below Enter turns one off or on, "
        "Delete deletes it."
    )

    def entries(self, snapshot: Snapshot) -> Sequence[str]:
        """List the breakpoints, numbered, with whether each is on."""
        states = {True: tr_in("breakpoint", "on"), False: tr_in("breakpoint", "off")}
        width = max(map(cells, states.values()))
        lines = []
        for number, point in enumerate(snapshot.breakpoints, 1):
            line = f"{number}  {self.charset.pad(states[point.enabled], width)}  {point.text}"
            if point.problem:
                line += "  " + tr("(does not fit here: {problem})", problem=point.problem)
            lines.append(line)
        return lines

    def answered(self, text: str) -> None:
        """Have the breakpoint added; it is checked where the trainer is."""
        if text:
            self.ask(text)

    def accept(self, text: str) -> None:
        """Make room for another one."""
        self.line.value = ""
        self.say(text)

    def chosen(self, index: int) -> None:
        """Turn one off or on."""
        point = self.snapshot.breakpoints[index]
        self.post_message(Requested(Request(lambda session: toggle_point(session, point), live=True)))

    def removed(self, index: int) -> None:
        """Delete one."""
        point = self.snapshot.breakpoints[index]
        self.post_message(Requested(Request(lambda session: delete_point(session, point), live=True)))
