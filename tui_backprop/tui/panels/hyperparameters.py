"""The hyperparameters: a field each to type over, with range and help; a bad value is refused in place."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from rich.segment import Segment
from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.lessons.errors import HyperparameterError
from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS, Hyperparameters
from tui_backprop.lessons.specs.hyperparameter import Hyperparameter, value_text
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.width import cells, head, words
from tui_backprop.tui.keys import call
from tui_backprop.tui.panels.bound import SnapshotWidget
from tui_backprop.tui.terminal.appearance import charset_of


class HyperparameterSet(Message):
    """A new value was typed for a hyperparameter, and is within its range."""

    def __init__(self, name: str, value: Any) -> None:
        super().__init__()
        self.name = name
        self.value = value


class HyperparameterField(Input):
    """One hyperparameter's value; Enter or leaving the field applies it, Esc puts the old one back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", later("apply")),
        Binding("escape", "screen.leave", later("restore and leave"), key_display="Esc"),
        Binding("up", "app.focus_previous", later("Hyperparameter above"), show=False),
        Binding("down", "app.focus_next", later("Hyperparameter below"), show=False),
    ]

    def __init__(self, spec: Hyperparameter, value: Any) -> None:
        super().__init__(
            value_text(value), compact=True, id=f"hyperparameter-{spec.name}",
            suggester=SuggestFromList(spec.suggestions) if spec.suggestions else None,
        )  # fmt: skip
        self.spec = spec
        self.applied = self.value

    def render_line(self, y: int) -> Strip:
        """Draw the value; of a table that does not fit, and is not being typed, its kind."""
        room = self.scrollable_content_region.width
        if y or self.has_focus or cells(self.value) <= room:
            return super().render_line(y)
        kind = re.search(r'kind = "(\w+)"', self.value)
        shown = head(f"{kind[1]}…", room) if kind else words(self.value, room)
        strip = Strip([Segment(charset_of(self).spelled(shown))])
        return strip.adjust_cell_length(self.size.width).apply_style(self.rich_style)

    def update_node_styles(self, animate: bool = True) -> None:
        """Style it anew; before it is part of the screen this need not be: it is styled as it enters."""
        if self.is_attached:
            super().update_node_styles(animate)

    def show(self, value: Any) -> None:
        """Show the value, unless somebody is typing another one."""
        text = value_text(value)
        typing = self.has_focus and self.value != self.applied
        self.applied = text
        if not typing and self.value != text:
            self.value = text

    def restore(self) -> None:
        """Put the value back."""
        self.value = self.applied


class _Rows(VerticalScroll):
    """The rows, which tell where they were scrolled to."""

    class Moved(Message):
        """Other rows are in sight."""

    def watch_scroll_y(self, old: float, new: float) -> None:
        """Move, and tell it."""
        super().watch_scroll_y(old, new)
        self.post_message(self.Moved())

    def on_resize(self) -> None:
        """Tell that more rows are in sight, or fewer."""
        self.post_message(self.Moved())


def ordered(hyperparameters: Hyperparameters) -> list[str]:
    """Return the names of all, those without effect under the optimizer and batch size last."""
    return sorted(HYPERPARAMETERS, key=lambda name: not hyperparameters.is_used(name))


class HyperparametersPanel(Vertical, SnapshotWidget):
    """All of them, and one line of help or refusal for the one that has the focus."""

    def __init__(self, **widget: Any) -> None:
        super().__init__(**widget)
        self._refusal: tuple[str, str] | None = None  # name and reason
        self._refused_text = ""
        self._told = ""
        self._marked = ""

    def on_mount(self) -> None:
        """Name the panel."""
        self.border_title = tr("Hyperparameters")

    def show_fields(self) -> None:
        """Put the fields in: behind the first screen, since they take a third of the time that it takes.

        One line each, its name in one widget with those of all others, and the help below.
        """
        if self.snapshot is None or self.fields:
            return
        now = self.snapshot.hyperparameters
        scroll, column = (
            _Rows(id="hyperparameter-rows", can_focus=False),
            Vertical(id="hyperparameter-fields"),
        )
        self.mount(scroll, Static(id="hyperparameter-help", markup=False))
        if not scroll.is_attached:  # the app is closing
            return
        scroll.mount(Static(self._names(), id="hyperparameter-names"), column)
        fields = [HyperparameterField(HYPERPARAMETERS[name], getattr(now, name)) for name in ordered(now)]
        for field in fields:
            field.set_class(not now.is_used(field.spec.name), "unused")
        column.mount(*fields)
        self._help()

    @on(_Rows.Moved)
    def _mark_more(self) -> None:
        """Say in the border how many there are above and below what is in sight."""
        rows = self.query_one(_Rows)
        above, height = rows.scroll_offset.y, rows.scrollable_content_region.height
        below = len(self.fields) - above - height
        marks = [tr("Hyperparameters")]
        marks += [f"↑ {above}"] if above > 0 else []
        marks += [tr("↓ {count} more", count=below)] if below > 0 and height > 0 else []
        title = charset_of(self).spelled("  ".join(marks))
        if title != self._marked:
            self._marked = title
            self.border_title = Content(title)

    @property
    def fields(self) -> list[HyperparameterField]:
        """The fields, in order."""
        return list(self.query(HyperparameterField))

    def watch_snapshot(self, before: Snapshot | None, snapshot: Snapshot | None) -> None:
        """Show the hyperparameters; those without effect under the optimizer or batch size are dim."""
        if snapshot is None or not self.fields:
            return
        if before is not None and before.hyperparameters == snapshot.hyperparameters:
            return
        for field in self.fields:
            field.show(getattr(snapshot.hyperparameters, field.spec.name))
            field.set_class(not snapshot.hyperparameters.is_used(field.spec.name), "unused")
        places = {name: place for place, name in enumerate(ordered(snapshot.hyperparameters))}
        if [field.spec.name for field in self.fields] != list(places):
            self.query_one("#hyperparameter-fields").sort_children(
                key=lambda field: places[field.spec.name] if isinstance(field, HyperparameterField) else 0
            )
        self.query_one("#hyperparameter-names", Static).update(self._names(), layout=False)
        self._help()

    def _names(self) -> Content:
        """Return the names; those without effect are dim."""
        assert self.snapshot is not None
        used = self.snapshot.hyperparameters.is_used
        order = ordered(self.snapshot.hyperparameters)
        names = [Content.styled(name, "" if used(name) else "dim") for name in order]
        return Content("\n").join(names)

    def refuse(self, name: str, reason: str) -> None:
        """Show why a value was refused, and go back to its field."""
        self._refusal = name, reason
        self.show_fields()
        field = self.query_one(f"#hyperparameter-{name}", HyperparameterField)
        self._refused_text = field.value
        if self.snapshot is not None:
            field.applied = value_text(getattr(self.snapshot.hyperparameters, name))
        field.focus()
        self._help()

    def restore(self, field: HyperparameterField) -> None:
        """Put a value back, and with what was typed forget why it was refused."""
        field.restore()
        self._refusal = None
        self._help()

    def focus_first(self) -> None:
        """Go to the first field, at once: keys that arrive together with this one are for it."""
        self.show_fields()
        if self.fields:
            self.screen.set_focus(self.fields[0])

    @on(events.DescendantFocus)
    def _entered(self) -> None:
        self._mark()
        self._help()

    @on(events.DescendantBlur)
    def _left(self, event: events.DescendantBlur) -> None:
        field = event.control
        if isinstance(field, HyperparameterField) and field.value != field.applied:
            if self._refusal and self._refusal[0] == field.spec.name and field.value == self._refused_text:
                field.restore()  # nothing is lost: the old value stays, and the reason can still be read
            else:
                self._apply(field)
        self._mark()
        self._help()

    def _mark(self) -> None:
        """Mark the panel while a field has the focus; ``:focus-within`` would style every field anew."""
        inside = self.has_focus_within
        if inside != self.has_class("entered"):
            self.set_class(inside, "entered", update=False)
            self.screen.set_class(
                inside, "editing", update=False
            )  # which makes the panel higher where it is low
            self.app.stylesheet.update_nodes([self, *self.ancestors])

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if isinstance(event.input, HyperparameterField) and event.input.value != event.input.applied:
            self._apply(event.input)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._refusal and isinstance(event.input, HyperparameterField) and event.input.has_focus:
            self._refusal = None
            self._help()

    def _apply(self, field: HyperparameterField) -> None:
        try:
            value = field.spec.parse(field.value)
        except HyperparameterError as error:
            self._refusal, self._refused_text = (field.spec.name, str(error)), field.value
            self._help()
            if not field.has_focus:  # nothing is lost: the old value stays, and the reason can be read
                field.restore()
            return
        self._refusal = None
        field.applied = field.value = value_text(value)
        self.post_message(HyperparameterSet(field.spec.name, value))

    def _help(self) -> None:
        focused = next((field for field in self.fields if field.has_focus), None)
        line = self.query_one("#hyperparameter-help", Static)
        line.set_class(self._refusal is not None, "refused")
        if self._refusal is not None:
            text = f"✗ {self._refusal[1]}"
        elif focused is not None:
            spec = focused.spec
            text = f"{tr(spec.help)}. {spec.range_text}; {tr(spec.applies)}"
            if self.snapshot is not None and not self.snapshot.hyperparameters.is_used(spec.name):
                text = tr("no effect now; {help}", help=text)
        else:
            text = tr("{set} edits: Enter applies, Esc leaves", set=call("set"))
        if text != self._told:
            self._told = text
            line.update(charset_of(self).spelled(text))
