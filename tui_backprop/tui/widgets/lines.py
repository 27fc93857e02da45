"""Lines of styled text that scroll: only rows that differ are painted again, and a mark tells of more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui_backprop.text.charset import Charset
from tui_backprop.text.sentences import later, tr
from tui_backprop.tui.widgets.titled import Titled

if TYPE_CHECKING:
    from tui_backprop.explain.rows import Row

Span: TypeAlias = tuple[str, str]
"""Text and component: label, strong, note, good, bad, or "" for plain text."""
Line: TypeAlias = tuple[Span, ...]
Build: TypeAlias = Callable[[int], Sequence[Line]]


class LinesView(ScrollView, Titled, can_focus=True, inherit_bindings=False):
    """Shows lines that are made for the width there is."""

    DEFAULT_CSS = """
    LinesView {
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        overflow-x: hidden;
        & > .lines--label { color: $text-muted; }
        & > .lines--strong { color: $text-primary; text-style: bold; }
        & > .lines--note { color: $foreground; text-style: italic; }
        & > .lines--good { color: $text-success; }
        & > .lines--bad { color: $text-error; text-style: bold; }
    }
    """
    MORE: ClassVar[bool] = True
    """Whether the border says in words that there is more below, and not by a sign alone."""
    BY_HEIGHT: ClassVar[bool] = False
    """Whether the lines depend on the height as well: what stands first, where there is little room."""
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "lines--label", "lines--strong", "lines--note", "lines--good", "lines--bad",
    }  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", later("Scroll up"), show=False),
        Binding("down", "scroll_down", later("Scroll down"), show=False),
        Binding("pageup", "page_up", later("Page up"), show=False),
        Binding("pagedown", "page_down", later("Page down"), show=False),
        Binding("home", "scroll_home", later("To the top"), show=False),
        Binding("end", "scroll_end", later("To the end"), show=False),
    ]

    def __init__(self, build: Build | None = None, *, heading: str = "", **widget: Any) -> None:
        super().__init__(**widget)
        self._heading = heading
        self._build: Build = build or (lambda width: ())
        self._lines: Sequence[Line] = ()
        self._built_width = self._built_height = -1
        self._exact = True

    @property
    def heading(self) -> str:
        """What stands in the border, before the marks for more lines above and below."""
        return self._heading

    @heading.setter
    def heading(self, text: str) -> None:
        self._heading = text
        self._mark_more()

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def line_at(self, y: int) -> Line:
        """Return one line."""
        return self._lines[y]

    def prepare(self, top: int, height: int) -> bool:
        """Make the lines that are seen from one on, where they are made when they are looked at.

        Returns:
            whether it is known by now how many lines there are; otherwise it is estimated.
        """
        return True

    @property
    def plain(self) -> str:
        """The lines as plain text."""
        while not self.prepare(0, self.count):
            pass
        lines = (self.line_at(y) for y in range(self.count))
        return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)

    def show(self, build: Build, *, keep_place: bool = True) -> None:
        """Show other lines; ``build`` makes them for a width in cells."""
        self._build = build
        if not keep_place:
            self.scroll_to(y=0, animate=False)
        self._layout()

    def on_resize(self) -> None:
        """Make the lines for the new width, or height."""
        if self._built_width != self._width or (self.BY_HEIGHT and self._built_height != self.size.height):
            self._layout()
        else:
            self._mark_more()

    @property
    def _width(self) -> int:
        return max(1, self.scrollable_content_region.width)

    def _layout(self) -> None:
        if not self.size:
            self._built_width = -1  # hidden: the lines are made when there is a width for them
            return
        before, self._lines = self._lines, self._build(self._width)
        self._exact = self.prepare(self.scroll_offset.y, self.size.height)
        changed = None
        if self._built_width == self._width and len(before) == len(self._lines):
            top, height = self.scroll_offset.y, self.size.height
            visible = range(top, min(top + height, len(before)))
            changed = [Region(0, y - top, self.size.width, 1) for y in visible if before[y] != self._lines[y]]
        self._built_width, self._built_height = self._width, self.size.height
        self.virtual_size = Size(self._width, len(self._lines))
        if changed is None:
            self.refresh()
        elif changed:
            self.refresh(*changed)
        self._mark_more()

    def watch_scroll_y(self, old: float, new: float) -> None:
        """Move, and say how much more there is."""
        super().watch_scroll_y(old, new)
        self.vertical_scrollbar.position = new  # Textual tells only a scrollbar that is shown already
        if not self._exact:
            self._look_at(int(new))
        self._mark_more()

    def _look_at(self, top: int) -> None:
        """Make the lines from one on, and take in how many there are."""
        self._exact = self.prepare(top, self.size.height)
        self.virtual_size = Size(self._width, self.count)

    def _mark_more(self) -> None:
        below = self.count - self.scroll_offset.y - self.scrollable_content_region.height
        above = self.scroll_offset.y
        marks = [self.heading] if self.heading else []
        if above > 0:
            marks.append(f"↑ {above}")
        if below > 0:
            marks.append(self._said_below(below))
        self.retitle("  ".join(marks))

    def _said_below(self, count: int) -> str:
        if not self.MORE:
            return f"↓ {count}" if self._exact else tr("↓ about {count}", count=count)
        return tr("↓ {count} more", count=count) if self._exact else tr("↓ about {count} more", count=count)

    def render_line(self, y: int) -> Strip:
        """Row ``y`` of what is visible."""
        if self._built_width != self._width:
            self._layout()  # on the first screen, which is painted before on_resize
        y += self.scroll_offset.y
        return self.strip(self.line_at(y) if y < self.count else ())

    def strip(self, line: Line) -> Strip:
        """Return a line in its colours, as wide as the widget."""
        base, spelled = self.base_style, self.charset.spelled
        segments = [
            Segment(spelled(text), self.get_component_rich_style(f"lines--{part}") if part else base)
            for text, part in line
        ]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def action_scroll_up(self) -> None:
        """Go a line up."""
        self.scroll_relative(y=-1, animate=False)

    def action_scroll_down(self) -> None:
        """Go a line down."""
        self.scroll_relative(y=1, animate=False)

    def action_page_up(self) -> None:
        """Go a page up."""
        self.scroll_relative(y=-max(1, self.size.height - 1), animate=False)

    def action_page_down(self) -> None:
        """Go a page down."""
        self.scroll_relative(y=max(1, self.size.height - 1), animate=False)

    def action_scroll_home(self) -> None:
        """Go to the top."""
        self.scroll_to(y=0, animate=False)

    def action_scroll_end(self) -> None:
        """Go to the end."""
        if not self._exact:
            self._look_at(max(0, self.count - self.size.height))
        self.scroll_to(y=self.max_scroll_y, animate=False, force=True)  # also before Textual shows a bar


def paragraph(charset: Charset, text: str, width: int, part: str = "", indent: str = "") -> list[Line]:
    """Lay out a paragraph."""
    return [((line, part),) for line in charset.wrap(text, width, indent)]


def labelled(charset: Charset, row: Row, width: int, label_width: int) -> list[Line]:
    """Lay out a labelled row: the label in a column of its own, unless the space is too narrow for that."""
    part = "note" if row.label == "why" else ""
    return _beside(
        charset,
        (row.said, part),
        lambda room, indent: row.laid_out(room, indent, charset),
        width,
        label_width,
    )


def labelled_text(charset: Charset, label: str, text: str, width: int, label_width: int) -> list[Line]:
    """Lay out a labelled row that is text alone."""
    span = label, "note" if label == "why" else ""
    return _beside(charset, span, lambda room, indent: charset.wrap(text, room, indent), width, label_width)


def _beside(
    charset: Charset, label: Span, lay_out: Callable[[int, str], Iterable[str]], width: int, label_width: int
) -> list[Line]:
    """Lay out lines beside a label, which says with its component what part they are."""
    text, part = label
    laid: list[Line] = []
    if label_width + 20 > width:
        if text:
            laid.append(((text, "label"),))
        text, label_width = "", 1
    for line in lay_out(width - label_width, "" if part == "note" else "  "):
        laid.append(((charset.pad(text, label_width), "label"), (line, part)))
        text = ""
    return laid


def label_column(charset: Charset, rows: Sequence[Row]) -> int:
    """Return the width of the label column of these rows."""
    return max((charset.cells(row.said) for row in rows), default=0) + 2
