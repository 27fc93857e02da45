"""The keys in the last line: those that fit, the more important first, and none of them cut off.

Help and quit stand at its end, always at one place: who is lost looks for them.

Textual's footer makes a widget of every key, anew after each change of focus; all of them are one line here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import ClassVar

from msgspec import Struct, structs
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tui_backprop.text.sentences import tr
from tui_backprop.text.width import cells
from tui_backprop.tui.terminal.appearance import charset_of

DIM = Style(dim=True)
KEPT = ("help", "quit")
"""Commands whose keys are there whatever has the focus."""


class OfferedKey(Struct, frozen=True):
    """A key that is offered: where it stands, how it is written, what it does, and whether it does now."""

    column: int
    name: str
    written: str
    label: str
    enabled: bool
    tooltip: str

    @property
    def width(self) -> int:
        """Cells that it takes, without the space behind it."""
        return cells(self.written) + 1 + cells(self.label)


class KeyFooter(Widget):
    """A footer that leaves out what there is no room for; help has all keys."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyFooter {
        dock: bottom;
        height: 1;
        color: $footer-foreground;
        background: $footer-background;
        & > .key-footer--key {
            color: $footer-key-foreground;
            background: $footer-key-background;
            text-style: bold;
        }
        & > .key-footer--label {
            color: $footer-description-foreground;
            background: $footer-description-background;
        }
        & > .key-footer--hover { background: $block-hover-background; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-footer--key", "key-footer--label", "key-footer--hover"}

    def __init__(self) -> None:
        super().__init__()
        self._keys: tuple[OfferedKey, ...] = ()
        self._hovered: OfferedKey | None = None

    def on_mount(self) -> None:
        """Follow what is bound."""
        self.screen.bindings_updated_signal.subscribe(self, self._follow)

    def on_resize(self) -> None:
        """Use the room there is now."""
        self._offer()

    def _follow(self, screen: Screen[object]) -> None:
        if self.is_attached and screen is self.screen and self.app.app_focus:
            self._offer()

    def _offer(self) -> None:
        """Offer what is bound now; nothing is painted where that is what the line says already."""
        keys = tuple(self._fitting())
        if keys != self._keys:
            self._keys = keys
            self._hover(None)
            self.refresh()

    def _fitting(self) -> Iterator[OfferedKey]:
        """Place the keys: those of the focus matter more than the screen's, but stand behind them."""
        spelled = charset_of(self).spelled
        seen = set[str]()
        focused, others, kept = list[OfferedKey](), list[OfferedKey](), list[OfferedKey]()
        for node, binding, enabled, tooltip in self.screen.active_bindings.values():
            if binding.show and binding.action not in seen:
                seen.add(binding.action)
                written, label = spelled(self.app.get_key_display(binding)), spelled(tr(binding.description))
                key = OfferedKey(0, binding.key, written, label, enabled, tr(tooltip))
                (kept if binding.id in KEPT else others if node is self.screen else focused).append(key)
        width = self.app.size.width
        room = width - sum(key.width + 1 for key in kept)
        focused = _fitting(focused, room)
        others = _fitting(others, room - sum(key.width + 1 for key in focused))
        yield from _placed([*others, *focused], 0)
        yield from _placed(kept, room + 1)

    # ------------------------------------------------------------------ drawing

    def render_line(self, y: int) -> Strip:
        """Write all keys."""
        base = self.rich_style
        empty = Style(bgcolor=base.bgcolor)
        style = self.get_component_rich_style
        written, label = style("key-footer--key"), style("key-footer--label")
        segments: list[Segment] = []
        column = 0
        for key in self._keys:
            segments.append(Segment(" " * (key.column - column), empty))
            before = base if key.enabled else base + DIM
            behind = Style(bgcolor=style("key-footer--hover").bgcolor) if key == self._hovered else Style()
            segments.append(Segment(key.written, before + written + behind))
            segments.append(Segment(f" {key.label}", before + label + behind))
            column = key.column + key.width
        return Strip(segments).adjust_cell_length(self.size.width, empty)

    # ------------------------------------------------------------------ the mouse

    def _at(self, x: int) -> OfferedKey | None:
        return next((key for key in self._keys if key.column <= x < key.column + key.width), None)

    def _hover(self, key: OfferedKey | None) -> None:
        if key != self._hovered:
            self._hovered = key
            self.tooltip = key.tooltip if key is not None else None
            self.refresh()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Mark the key under the mouse, and have its help shown."""
        self._hover(self._at(event.x))

    def on_leave(self) -> None:
        """Mark no key any more."""
        self._hover(None)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Do what the key does."""
        key = self._at(event.x)
        if key is None:
            return
        if key.enabled:
            self.app.simulate_key(key.name)
        else:
            self.app.bell()


def _fitting(keys: Sequence[OfferedKey], room: int) -> list[OfferedKey]:
    """Return the first keys, as many as so many cells have room for with a space between them."""
    ends = accumulate(key.width + 1 for key in keys)
    return [key for key, end in zip(keys, ends, strict=True) if end - 1 <= room]


def _placed(keys: Iterable[OfferedKey], column: int) -> Iterator[OfferedKey]:
    """Place keys one behind the other."""
    for key in keys:
        yield structs.replace(key, column=column)
        column += key.width + 1
