"""The panels that tell what is trained: the model (lesson, formula, data) and its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from textual.binding import Binding, BindingType
from textual.message import Message

from tui_backprop.engine.arrays import Array
from tui_backprop.engine.names import pretty, pretty_text
from tui_backprop.explain.numbers import block, inline, number
from tui_backprop.explain.text import cells
from tui_backprop.tui.snapshot import ParameterView, Snapshot
from tui_backprop.tui.widgets.lines import Line, LinesView, labelled_text, paragraph
from tui_backprop.tui.widgets.sparkline import sparkline, value_axis

_LABELS = 11  # cells of the label column below a parameter's name
_WIDE = 60  # from here on it is made wide enough for all labels


def same_arrays(before: Mapping[str, Array], after: Mapping[str, Array]) -> bool:
    """Tell whether both hold the very same arrays."""
    return before.keys() == after.keys() and all(before[name] is after[name] for name in after)


class ModelPanel(LinesView):
    """The lesson: title, formula, data of this batch, summary."""

    _snapshot: Snapshot | None = None

    def update(self, snapshot: Snapshot) -> None:
        """Show a snapshot's lesson, if it or its batch is another one: looking at large data takes time."""
        before, self._snapshot = self._snapshot, snapshot
        if (
            before is not None
            and before.lesson is snapshot.lesson
            and same_arrays(before.inputs, snapshot.inputs)
        ):
            return
        self.heading = f"Model: {snapshot.lesson.name}"
        self.show(lambda width: self._lay_out(snapshot, width))

    def _lay_out(self, snapshot: Snapshot, width: int) -> list[Line]:
        lesson = snapshot.lesson
        lines = paragraph(lesson.title, width, "strong")
        for line in lesson.formula.strip().splitlines():
            lines += paragraph(pretty_text(line.strip().expandtabs()), width, indent="  ")
        lines.append(())
        for name, value in snapshot.inputs.items():
            lines += value_lines(pretty(name), value, width)
        if snapshot.samples is not None:
            more = ", …" if len(snapshot.samples) > 20 else ""
            chosen = ", ".join(map(str, snapshot.samples[:20])) + more
            lines += paragraph(f"batch: samples {chosen} of {lesson.rows}", width, "label", "  ")
        if lesson.summary:
            lines.append(())
            lines += paragraph(lesson.summary, width, "note")
        return lines


class ParametersPanel(LinesView):
    """Each parameter: value, gradient, optimizer state, the next update, and how it moved of late."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "choose(-1)", "Parameter before", show=False),
        Binding("down", "choose(1)", "Next parameter", show=False),
        Binding("enter", "take", "chain", tooltip="Show the chain to this parameter, or no longer"),
    ]

    class ParameterChosen(Message):
        """Somebody pressed Enter on a parameter."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, **widget: Any) -> None:
        super().__init__(heading="Parameters", **widget)
        self._parameters: tuple[ParameterView, ...] = ()
        self._selected = 0
        self._starts: list[int] = []

    def update(self, snapshot: Snapshot) -> None:
        """Show a snapshot's parameters; the one selected stays so where it is there again."""
        chosen, self._parameters = self.selected, snapshot.parameters
        names = [parameter.name for parameter in self._parameters]
        self._selected = names.index(chosen) if chosen in names else 0
        self.show(self._lay_out)

    @property
    def selected(self) -> str | None:
        """The name of the selected parameter; None where there are none."""
        return self._parameters[self._selected].name if self._parameters else None

    def _lay_out(self, width: int) -> list[Line]:
        if not self._parameters:
            return paragraph("This lesson has no parameters: nothing is trained.", width, "label")
        lines: list[Line] = []
        self._starts = []
        for place, parameter in enumerate(self._parameters):
            self._starts.append(len(lines))
            lines += parameter_lines(parameter, width, selected=place == self._selected)
        return lines

    def action_choose(self, places: int) -> None:
        """Select another parameter and show it from its first line; behind the last one, scroll."""
        selected = max(0, min(self._selected + places, len(self._parameters) - 1))
        if selected == self._selected:
            self.scroll_relative(y=places, animate=False)
            return
        self._selected = selected
        self.show(self._lay_out)
        if len(self._starts) != len(self._parameters):
            return  # hidden: there are no lines yet
        start, end = self._starts[selected], [*self._starts, self.count][selected + 1]
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if start < top or end - start >= height:
            self.scroll_to(y=start, animate=False, force=True)
        elif end > top + height:
            self.scroll_to(y=end - height, animate=False, force=True)

    def action_take(self) -> None:
        """Tell which parameter is selected."""
        if (name := self.selected) is not None:
            self.post_message(self.ParameterChosen(name))


def parameter_lines(parameter: ParameterView, width: int, *, selected: bool) -> list[Line]:
    """Lay out one parameter: its name and value, and below what is done with it."""
    name = ("›" if selected else " ") + pretty(parameter.name) + (" ✎" if parameter.edited else "")
    lines = value_lines(name, parameter.value, width, "strong")
    state = parameter.state
    column = max(_LABELS, *(cells(label) + 3 for label in state)) if width >= _WIDE and state else _LABELS
    if parameter.gradient is not None:
        lines += value_lines("  gradient", parameter.gradient, width, column=column)
    for label, value in state.items():
        lines += value_lines(f"  {label}", value, width, column=column)
    if parameter.after is not None:
        lines += _next_lines(parameter.value, parameter.after, width, column)
    elif not parameter.trainable:
        lines.append((("  not trained", "label"),))
    if len(parameter.recent) > 1:
        lines += _recent_lines(
            parameter.recent, "value" if not parameter.value.ndim else "L2 norm", width, column
        )
    return lines


def _next_lines(before: Array, after: Array, width: int, column: int) -> list[Line]:
    """Lay out ``next  before → after``; of a matrix, or once the update is done, what it becomes."""
    if len(block(after, width - 2)) > 1 or np.array_equal(before, after, equal_nan=True):
        return value_lines("  next", after, width, column=column)
    return labelled_text("  next", f"{inline(before)} → {inline(after)}", width, column)


def _recent_lines(recent: Array, what: str, width: int, column: int) -> list[Line]:
    """Draw how a parameter moved, with the numbers at both ends."""
    columns = min(len(recent), max(2, min(24, width - column - 1)))
    curve = sparkline(recent, columns, value_axis(recent))
    first, last = (number(float(recent[at])) for at in (0, -1))
    words = f"{what}, {len(recent)} iterations: {first} → {last}"
    return labelled_text("  recent", f"{curve} {words}", width, column)


def value_lines(name: str, value: Array, width: int, part: str = "label", column: int = 0) -> list[Line]:
    """Lay out ``name value``, the value at a column or right behind the name, a matrix below its name."""
    flat = inline(value)
    if cells(flat) + cells(name) + 1 <= width or len(rows := block(value, width - 2)) == 1:
        laid = labelled_text(name, flat, width, max(cells(name) + 1, column))
        first, *rest = laid
        return [((first[0][0], part), *first[1:]), *rest]
    return [((name, part),), *((("  " + row, ""),) for row in rows)]
