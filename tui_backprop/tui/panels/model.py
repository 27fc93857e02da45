"""The panels that tell what is trained: the model (lesson, formula, data) and its parameters."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from textual.binding import Binding, BindingType
from textual.message import Message

from tui_backprop.debugger.snapshot import ParameterView, Snapshot
from tui_backprop.engine.core.arrays import Array
from tui_backprop.lessons.text_samples import listed, spelled
from tui_backprop.text.charset import Charset
from tui_backprop.text.numbers import block, fits_a_line, inline, is_shown_in_full, number
from tui_backprop.text.sentences import later, tr, tr_in
from tui_backprop.text.spelling import pretty, pretty_text
from tui_backprop.training.changes.whatif import element_text
from tui_backprop.tui.panels.bound import SnapshotWidget
from tui_backprop.tui.panels.chart.sparkline import sparkline, value_axis
from tui_backprop.tui.widgets.blocks import Blocks
from tui_backprop.tui.widgets.lines import Line, LinesView, labelled_text, paragraph

_LABELS = 11  # cells of the label column below a parameter's name
_HEADING = later("Parameters")
MEMORY = {
    "velocity": later("velocity"),
    "mean": later("mean"),
    "mean_square": later("mean square"),
    "sum": later("sum"),
    "mean_squared_step": later("mean squared step"),
    "rest_of_the_momenta": later("rest of the momenta"),
}
"""What the arrays that optimizers keep are called, by their codes."""
_COMPARED = 4096
"""Elements that are compared at once."""
_WIDE = 60  # from here on it is made wide enough for all labels


def same_arrays(before: Mapping[str, Array], after: Mapping[str, Array]) -> bool:
    """Tell whether both hold the very same arrays."""
    return before.keys() == after.keys() and all(before[name] is after[name] for name in after)


class ModelPanel(LinesView, SnapshotWidget):
    """The lesson: title, formula, data of this batch, summary."""

    BY_HEIGHT = True

    def watch_snapshot(self, before: Snapshot | None, snapshot: Snapshot | None) -> None:
        """Show a snapshot's lesson, if it or its batch is another one: looking at large data takes time."""
        if snapshot is None:
            return
        if (
            before is not None
            and before.lesson is snapshot.lesson
            and (before.outcome is snapshot.outcome or snapshot.running)
            and before.remarks == snapshot.remarks
            and before.whole_loss == snapshot.whole_loss
            and (before.evaluation is snapshot.evaluation or snapshot.running)
            and same_arrays(before.inputs, snapshot.inputs)
        ):
            return
        self.heading = tr("Model: {name}", name=snapshot.lesson.name)
        self.show(lambda width: self._lay_out(snapshot, width))

    def _lay_out(self, snapshot: Snapshot, width: int) -> list[Line]:
        charset, lesson = self.charset, snapshot.lesson
        title = paragraph(charset, lesson.title, width, "strong")
        lines: list[Line] = []
        for line in textwrap.dedent(lesson.formula.expandtabs()).strip("\n").splitlines():
            lines += paragraph(charset, pretty_text(line.rstrip()), width, indent="  ")
        if snapshot.whole_loss is not None:
            whole = tr(
                "loss over all samples {whole}, this batch {batch}",
                whole=number(snapshot.whole_loss),
                batch=number(snapshot.loss),
            )
            lines += paragraph(charset, whole, width, "label", "  ")
        if lesson.validation is not None and snapshot.evaluation is not None:
            held = tr(
                "{count} samples held back: {evaluation}",
                count=lesson.validation.rows,
                evaluation=snapshot.evaluation.text,
            )
            lines += paragraph(charset, held, width, "label", "  ")
        for remark in snapshot.remarks:
            lines += paragraph(charset, f"! {remark.text}", width, "bad", "  ")
        data = [
            line
            for name, value in snapshot.inputs.items()
            for line in value_lines(charset, pretty(name), value, width)
        ]
        if lesson.vocabulary:
            data += paragraph(
                charset, tr("vocabulary {words}", words=listed(lesson.vocabulary)), width, "label", "  "
            )
            data += paragraph(charset, spelled(lesson.vocabulary, snapshot.inputs), width, indent="  ")
        for line in lesson.reading.lines:
            data += paragraph(charset, line, width, "label", "  ")
        room = self.scrollable_content_region.height - len(lines) - len(data)
        if room > len(title):  # else formula and data are in sight, the app's first line has the title
            lines.append(())
        if room >= len(title) or room < 0:
            lines[:0] = title
        lines += data
        if snapshot.samples is not None:
            more = ", …" if len(snapshot.samples) > 20 else ""
            chosen = ", ".join(map(str, snapshot.samples[:20])) + more
            batch = tr("batch: samples {samples} of {count}", samples=chosen, count=lesson.rows)
            lines += paragraph(charset, batch, width, "label", "  ")
        for text in () if snapshot.outcome is None else snapshot.outcome.lines:
            lines += paragraph(charset, text, width, indent="  ")
        if lesson.summary:
            lines.append(())
            lines += paragraph(charset, lesson.summary, width, "note")
        return lines


class ParametersPanel(LinesView, SnapshotWidget):
    """Each parameter: value, gradient, optimizer state, the next update, and how it moved of late."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "choose(-1)", later("Parameter before"), show=False),
        Binding("down", "choose(1)", later("Next parameter"), show=False),
        Binding("left", "element(-1)", later("Element before"), show=False),
        Binding("right", "element(1)", later("Next element"), show=False),
        Binding("left_square_bracket", "turn(-1)", later("A step down"), show=False),
        Binding("right_square_bracket", "turn(1)", later("A step up"), show=False),
        Binding("left_curly_bracket", "turn(-10)", later("Ten steps down"), show=False),
        Binding("right_curly_bracket", "turn(10)", later("Ten steps up"), show=False),
        Binding(
            "enter", "take", later("chain"), tooltip=later("Show the chain to this parameter, or no longer")
        ),
    ]

    class ParameterChosen(Message):
        """Somebody pressed Enter on a parameter."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class WeightTurned(Message):
        """Somebody moved an element of a parameter by so many steps."""

        def __init__(self, name: str, element: tuple[int, ...], times: int) -> None:
            super().__init__()
            self.name, self.element, self.times = name, element, times

    def __init__(self, **widget: Any) -> None:
        super().__init__(heading=tr(_HEADING), **widget)
        self._element = 0  # of the selected parameter, flat
        self._chosen = False  # whether somebody moves weights by hand
        self._parameters: Sequence[ParameterView] = ()
        self._selected = 0
        self._blocks = Blocks(0, lambda place: ())

    def watch_snapshot(self, before: Snapshot | None, snapshot: Snapshot | None) -> None:
        """Show a snapshot's parameters; the one selected stays so where it is there again."""
        if snapshot is None or (before is not None and before.parameters is snapshot.parameters):
            return
        chosen, self._parameters = self.selected, snapshot.parameters
        if chosen is None:
            self._selected = 0
        elif chosen != self.selected:  # another lesson's, which may have it elsewhere
            names = (parameter.name for parameter in self._parameters)
            self._selected = next((place for place, name in enumerate(names) if name == chosen), 0)
        self.show(self._lay_out)

    @property
    def element(self) -> tuple[int, ...]:
        """The chosen element of the selected parameter."""
        shape = self._parameters[self._selected].value.shape
        return tuple(int(i) for i in np.unravel_index(min(self._element, math.prod(shape) - 1), shape))

    def on_focus(self) -> None:
        """Say which keys move a weight: the footer has no room for them."""
        self.heading = tr("Parameters · [ ] move one")

    def on_blur(self) -> None:
        """Leave that out again."""
        self.heading = tr(_HEADING)

    def action_element(self, places: int) -> None:
        """Choose another element to move."""
        if self._parameters:
            size = self._parameters[self._selected].value.size
            self._element, self._chosen = max(0, min(self._element + places, size - 1)), True
            self.show(self._lay_out)

    def action_turn(self, times: int) -> None:
        """Tell that the chosen element is to be moved."""
        if (name := self.selected) is not None:
            if not self._chosen:
                self._chosen = True
                self.show(self._lay_out)
            self.post_message(self.WeightTurned(name, self.element, times))

    @property
    def selected(self) -> str | None:
        """The name of the selected parameter; None where there are none."""
        there = self._selected < len(self._parameters)
        return self._parameters[self._selected].name if there else None

    def _lay_out(self, width: int) -> Sequence[Line]:
        if not self._parameters:
            self._blocks = Blocks(0, lambda place: ())
            nothing = tr("This lesson has no parameters: nothing is trained.")
            return paragraph(self.charset, nothing, width, "label")
        parameters, chosen, by_hand = self._parameters, self._selected, self._chosen

        def make(place: int) -> list[Line]:
            parameter, selected = parameters[place], place == chosen
            moved = self._by_hand(parameter, width) if by_hand and selected and parameter.value.size else []
            return moved + parameter_lines(self.charset, parameter, width, selected=selected)

        self._blocks = Blocks(len(parameters), make, self._blocks if width == self._built_width else None)
        return self._blocks

    def prepare(self, top: int, height: int) -> bool:
        """Lay out the parameters that are seen."""
        self._blocks.settle(top, height)
        return self._blocks.complete

    def _by_hand(self, parameter: ParameterView, width: int) -> list[Line]:
        """Lay out the element that [ and ] move, with its gradient."""
        place = self.element
        name = pretty(parameter.name) + (element_text(place) if place else "")
        text = f"{name} = {number(float(parameter.value[place]))}"
        if parameter.gradient is not None:
            gradient = number(float(parameter.gradient[place]))
            text = tr("{element}, gradient {gradient}", element=text, gradient=gradient)
        if width >= _WIDE and parameter.value.size > 1:
            text = tr("{element}; [ ] move it; ← → another", element=text)
        elif width >= _WIDE:
            text = tr("{element}; [ ] move it", element=text)
        label = "  " + tr("by hand")
        return labelled_text(self.charset, label, text, width, max(_LABELS, self.charset.cells(label) + 1))

    def action_choose(self, places: int) -> None:
        """Select another parameter and show it from its first line; behind the last one, scroll."""
        selected = max(0, min(self._selected + places, len(self._parameters) - 1))
        if selected == self._selected:
            self.scroll_relative(y=places, animate=False)
            return
        self._selected, self._element = selected, 0
        self.show(self._lay_out)
        if len(self._blocks.starts) != len(self._parameters) + 1:
            return  # hidden: there are no lines yet
        start, end = self._blocks.reach(selected)
        self._look_at(start)
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if start < top or end - start >= height:
            self.scroll_to(y=start, animate=False, force=True)
        elif end > top + height:
            self.scroll_to(y=end - height, animate=False, force=True)

    def action_take(self) -> None:
        """Tell which parameter is selected."""
        if (name := self.selected) is not None:
            self.post_message(self.ParameterChosen(name))


def parameter_lines(charset: Charset, parameter: ParameterView, width: int, *, selected: bool) -> list[Line]:
    """Lay out one parameter: its name and value, and below what is done with it."""
    name = ("›" if selected else " ") + pretty(parameter.name) + (" ✎" if parameter.edited else "")
    lines = value_lines(charset, name, parameter.value, width, "strong")
    state = {tr(MEMORY.get(code, code)): value for code, value in parameter.state.items()}
    labels = (charset.cells(label) + 3 for label in state) if width >= _WIDE else ()
    column = max((_LABELS, *labels))
    if parameter.gradient is not None:
        lines += value_lines(charset, "  " + tr("gradient"), parameter.gradient, width, column=column)
    for label, value in state.items():
        lines += value_lines(charset, f"  {label}", value, width, column=column)
    if parameter.after is not None:
        lines += _next_lines(charset, parameter.value, parameter.after, width, column)
    elif not parameter.trainable:
        lines.append((("  " + tr("not trained"), "label"),))
    if len(parameter.recent) > 1:
        lines += _recent_lines(charset, parameter.recent, bool(parameter.value.ndim), width, column)
    return lines


def _next_lines(charset: Charset, before: Array, after: Array, width: int, column: int) -> list[Line]:
    """Lay out ``next  before → after``; of a matrix, or once the update is done, what it becomes."""
    in_lines = not fits_a_line(after) or (is_shown_in_full(after) and len(block(after, width - 2)) > 1)
    label = "  " + tr_in("parameter", "next")
    if in_lines or _are_same(before, after):
        return value_lines(charset, label, after, width, column=column)
    return labelled_text(charset, label, f"{inline(before)} → {inline(after)}", width, column)


def _are_same(before: Array, after: Array) -> bool:
    """Tell whether two arrays of one shape have the same numbers; what differs mostly does from the start."""
    one, other = np.reshape(before, -1), np.reshape(after, -1)
    if np.may_share_memory(one, other):
        return True
    parts = (slice(start, start + _COMPARED) for start in range(0, one.size, _COMPARED))
    return all(np.array_equal(one[part], other[part], equal_nan=True) for part in parts)


def _recent_lines(charset: Charset, recent: Array, norms: bool, width: int, column: int) -> list[Line]:
    """Draw how a parameter moved, with the numbers at both ends."""
    columns = min(len(recent), max(2, min(24, width - column - 1)))
    curve = sparkline(recent, columns, value_axis(recent))
    first, last = (number(float(recent[at])) for at in (0, -1))
    ends = {"count": len(recent), "first": first, "last": last}
    words = (
        tr("L2 norm, {count} iterations: {first} → {last}", **ends)
        if norms
        else tr("value, {count} iterations: {first} → {last}", **ends)
    )
    label = "  " + tr_in("parameter", "recent")
    return labelled_text(charset, label, f"{curve} {words}", width, column)


def value_lines(
    charset: Charset, name: str, value: Array, width: int, part: str = "label", column: int = 0
) -> list[Line]:
    """Lay out ``name value``, the value at a column or right behind the name, a matrix below its name."""
    flat = inline(value)
    cells = charset.cells
    rows = [flat] if len(np.shape(value)) < 2 or not is_shown_in_full(value) else block(value, width - 2)
    if cells(flat) + cells(name) + 1 <= width or len(rows) == 1:
        laid = labelled_text(charset, name, flat, width, max(cells(name) + 1, column))
        first, *rest = laid
        return [((first[0][0], part), *first[1:]), *rest]
    return [((name, part),), *((("  " + row, ""),) for row in rows)]
