"""The dials: each with its value to type over, its range and help; a bad value is refused in place."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from tui_backprop.explain.text import spelled
from tui_backprop.lessons.errors import HyperparameterError
from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS, Hyperparameter, dial_text
from tui_backprop.tui.snapshot import Snapshot


class DialSet(Message):
    """A new value was typed for a dial, and is within its range."""

    def __init__(self, name: str, value: Any) -> None:
        super().__init__()
        self.name = name
        self.value = value


class DialField(Input):
    """One dial's value; Enter or leaving the field applies it, Esc puts the old one back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "apply"),
        Binding("escape", "app.leave", "restore and leave", key_display="Esc"),
        Binding("up", "app.focus_previous", "Dial above", show=False),
        Binding("down", "app.focus_next", "Dial below", show=False),
    ]

    def __init__(self, spec: Hyperparameter, value: Any) -> None:
        choices = spec.choices or {"bool": ("true", "false"), "batch": ("all",)}.get(spec.kind, ())
        super().__init__(
            dial_text(value), compact=True, id=f"dial-{spec.name}",
            suggester=SuggestFromList(choices) if choices else None,
        )  # fmt: skip
        self.spec = spec
        self.applied = self.value

    def show(self, value: Any) -> None:
        """Show the dial's value, unless somebody is typing another one."""
        text = dial_text(value)
        typing = self.has_focus and self.value != self.applied
        self.applied = text
        if not typing and self.value != text:
            self.value = text

    def restore(self) -> None:
        """Put the dial's value back."""
        self.value = self.applied


class HyperparametersPanel(Vertical):
    """All dials, and one line of help or refusal for the one that has the focus."""

    def __init__(self, **widget: Any) -> None:
        super().__init__(**widget)
        self._refusal: tuple[str, str] | None = None  # dial and reason
        self._refused_text = ""
        self._told = ""
        self._snapshot: Snapshot | None = None

    def on_mount(self) -> None:
        """Name the panel."""
        self.border_title = "Hyperparameters"

    def show_fields(self) -> None:
        """Put the fields in: behind the first screen, since they take a third of the time that it takes.

        One line a dial, its name in one widget with those of all others, and the help below.
        """
        if self._snapshot is None or self.fields:
            return
        dials = self._snapshot.hyperparameters
        scroll, column = VerticalScroll(id="dials", can_focus=False), Vertical(id="dial-fields")
        self.mount(scroll, Static(id="dial-help", markup=False))
        if not scroll.is_attached:  # the app is closing
            return
        scroll.mount(Static(self._names(), id="dial-names"), column)
        fields = [DialField(spec, getattr(dials, name)) for name, spec in HYPERPARAMETERS.items()]
        for field in fields:
            field.set_class(not dials.is_used(field.spec.name), "unused")
        column.mount(*fields)
        self._help()

    @property
    def fields(self) -> list[DialField]:
        """The fields, in order."""
        return list(self.query(DialField))

    def update(self, snapshot: Snapshot) -> None:
        """Show a snapshot's dials; those without effect under the optimizer or batch size are dim."""
        before, self._snapshot = self._snapshot, snapshot
        if before is not None and before.hyperparameters == snapshot.hyperparameters:
            return
        if not self.fields:
            return
        for field in self.fields:
            field.show(getattr(snapshot.hyperparameters, field.spec.name))
            field.set_class(not snapshot.hyperparameters.is_used(field.spec.name), "unused")
        self.query_one("#dial-names", Static).update(self._names(), layout=False)
        self._help()

    def _names(self) -> Content:
        """Return the dials' names; those without effect are dim."""
        assert self._snapshot is not None
        used = self._snapshot.hyperparameters.is_used
        names = [Content.styled(name, "" if used(name) else "dim") for name in HYPERPARAMETERS]
        return Content("\n").join(names)

    def refuse(self, name: str, reason: str) -> None:
        """Show why a dial's value was refused, and go back to its field."""
        self._refusal = name, reason
        self.show_fields()
        field = self.query_one(f"#dial-{name}", DialField)
        self._refused_text = field.value
        if self._snapshot is not None:
            field.applied = dial_text(getattr(self._snapshot.hyperparameters, name))
        field.focus()
        self._help()

    def restore(self, field: DialField) -> None:
        """Put a dial's value back, and with what was typed forget why it was refused."""
        field.restore()
        self._refusal = None
        self._help()

    def focus_first(self) -> None:
        """Go to the first dial, at once: keys that arrive together with this one are for it."""
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
        if isinstance(field, DialField) and field.value != field.applied:
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
            self.app.stylesheet.update_nodes([self])

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if isinstance(event.input, DialField) and event.input.value != event.input.applied:
            self._apply(event.input)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._refusal and isinstance(event.input, DialField) and event.input.has_focus:
            self._refusal = None
            self._help()

    def _apply(self, field: DialField) -> None:
        try:
            value = field.spec.parse(field.value)
        except HyperparameterError as error:
            self._refusal, self._refused_text = (field.spec.name, str(error)), field.value
            self._help()
            if not field.has_focus:  # nothing is lost: the old value stays, and the reason can be read
                field.restore()
            return
        self._refusal = None
        field.applied = field.value = dial_text(value)
        self.post_message(DialSet(field.spec.name, value))

    def _help(self) -> None:
        focused = next((field for field in self.fields if field.has_focus), None)
        line = self.query_one("#dial-help", Static)
        line.set_class(self._refusal is not None, "refused")
        if self._refusal is not None:
            text = f"✗ {self._refusal[1]}"
        elif focused is not None:
            spec = focused.spec
            note = ""
            if self._snapshot is not None and not self._snapshot.hyperparameters.is_used(spec.name):
                note = "no effect now; "
            text = f"{note}{spec.help}. {spec.range_text}; {spec.applies}"
        else:
            text = "h edits: Enter applies, Esc leaves"
        if text != self._told:
            self._told = text
            line.update(spelled(text))
