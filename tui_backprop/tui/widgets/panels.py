"""The panels that tell what is trained: the model (lesson, formula, data) and its parameters."""

from __future__ import annotations

from collections.abc import Mapping

from tui_backprop.engine.arrays import Array
from tui_backprop.engine.names import pretty, pretty_text
from tui_backprop.explain.numbers import block, inline
from tui_backprop.explain.records import Row
from tui_backprop.explain.text import cells
from tui_backprop.tui.snapshot import ParameterView, Snapshot
from tui_backprop.tui.widgets.lines import Line, LinesView, labelled, paragraph


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
    """Each parameter: value, gradient, and what the next update makes of it."""

    def update(self, snapshot: Snapshot) -> None:
        """Show a snapshot's parameters."""
        self.heading = "Parameters"
        self.show(lambda width: self._lay_out(snapshot, width))

    def _lay_out(self, snapshot: Snapshot, width: int) -> list[Line]:
        if not snapshot.parameters:
            return paragraph("This lesson has no parameters: nothing is trained.", width, "label")
        lines: list[Line] = []
        for parameter in snapshot.parameters:
            lines += self._parameter(parameter, width)
        return lines

    @staticmethod
    def _parameter(parameter: ParameterView, width: int) -> list[Line]:
        name = pretty(parameter.name)
        lines = value_lines(name, parameter.value, width, "strong")
        if parameter.gradient is not None:
            lines += value_lines("  gradient", parameter.gradient, width)
        if parameter.after is not None:
            lines += value_lines("  next", parameter.after, width)
        elif not parameter.trainable:
            lines += paragraph("  not trained", width, "label")
        return lines


def value_lines(name: str, value: Array, width: int, part: str = "label") -> list[Line]:
    """Lay out ``name value``, a matrix below its name."""
    flat = inline(value)
    if cells(flat) + cells(name) + 1 <= width or len(rows := block(value, width - 2)) == 1:
        laid = labelled(Row(name, (flat,)), width, max(cells(name) + 1, 11 if name.startswith(" ") else 0))
        first, *rest = laid
        return [((first[0][0], part), *first[1:]), *rest]
    return [((name, part),), *((("  " + row, ""),) for row in rows)]
