"""The picture that follows the training: drawn in cells, of which only rows that differ are painted again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from tui_backprop.debugger.session import PictureChoice
from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.text.sentences import later, tr
from tui_backprop.tui.messages import ChoiceMade
from tui_backprop.tui.panels.bound import SnapshotWidget
from tui_backprop.tui.terminal.appearance import Appearance
from tui_backprop.tui.widgets.titled import Titled

if TYPE_CHECKING:  # the rest is imported with the first picture: most starts show none
    from tui_backprop.drawing.cells.rows import Paint, Palette, Row, Span
    from tui_backprop.pictures.figure import Figure
    from tui_backprop.pictures.picture import Picture

PREFERRED = ("boundary", "fit", "confusion", "outputs", "loss")
"""Kinds in the order in which they are tried in a lesson, as long as nobody has chosen one."""
NAMES: Final[Mapping[str, str]] = {
    "loss": later("Loss"), "fit": later("Fit"), "boundary": later("Boundary"), "outputs": later("Outputs"),
    "confusion": later("Confusion"), "slice": later("Slice"), "landscape": later("Landscape"),
    "weights": later("Weights"), "activations": later("Activations"), "gradients": later("Gradients"),
    "schedule": later("Schedule"),
}  # fmt: skip
"""What each kind is called."""
_BESIDE, _BELOW = 5, 3
"""Columns and rows that axes and legend take, about."""
_LOOKS: Final[Mapping[str, str]] = {
    "validation": "good", "tangent": "here", "path": "strong", "target": "strong", "axis": "muted",
}  # fmt: skip
"""Roles that look as others do: each look is worked out anew at every start, and is the dearer for it."""


class PicturePanel(Titled, SnapshotWidget, can_focus=True):
    """Shows the picture of a snapshot, and says which one it wants as long as it is in sight.

    Args:
        kind: the kind that was chosen last; empty for what suits the lesson.
    """

    DEFAULT_CSS = """
    PicturePanel {
        height: 1fr;
        & > .picture--line { color: $text-accent; }
        & > .picture--other { color: $text-secondary; }
        & > .picture--good { color: $text-success; }
        & > .picture--here { color: $text-warning; }
        & > .picture--strong { color: $foreground; text-style: bold; }
        & > .picture--muted { color: $text-muted; }
        & > .picture--bad { color: $text-error; }
        & > .picture--text { color: $foreground; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"picture--{look}" for look in ("line", "other", "good", "here", "strong", "muted", "bad", "text")
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "go(-1)", later("picture"), key_display="← →", tooltip=later("The picture before")),
        Binding("right", "go(1)", later("Next picture"), show=False),
        Binding(
            "up",
            "turn(-1)",
            later("of what"),
            key_display="↑ ↓",
            tooltip=later("About what is offered before"),
        ),
        Binding("down", "turn(1)", later("About what is offered next"), show=False),
    ]

    class Looked(Message):
        """Another picture is in sight, or none: ``choice`` is None then."""

        def __init__(self, choice: PictureChoice | None) -> None:
            super().__init__()
            self.choice = choice

    class Turned(Message):
        """The picture is to be about what its kind offers ``by`` places on."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def __init__(self, kind: str = "", **widget: Any) -> None:
        super().__init__(**widget)
        self._kind, self._chosen = kind, bool(kind)
        self._of: tuple[str, ...] = ()
        self._tried = 0
        self._generation = -1
        self._told: PictureChoice | None = None
        self._picture: Picture | None = None
        self._figure: Figure | None = None
        self._refusal = ""
        self._drawn_size: Size | None = None
        self._rows: list[Row] = []
        self._strips: dict[int, Strip] = {}
        self._styles: dict[tuple[Paint, Paint, bool], Style] = {}

    @property
    def kind(self) -> str:
        """The kind of picture that is wanted."""
        return self._kind or _preferred()[self._tried]

    # ------------------------------------------------------------------ which picture

    def on_show(self) -> None:
        """Ask for a picture: somebody sees it."""
        self._tell()

    def on_hide(self) -> None:
        """Ask for none: it would cost time for nobody."""
        self._told = None
        self._picture, self._figure, self._refusal = None, None, ""
        self.post_message(self.Looked(None))

    def on_resize(self) -> None:
        """Ask for a picture as fine as can be seen here."""
        self._tell()

    def _tell(self) -> None:
        """Say which picture is wanted, unless that is known."""
        if not self.size or not self.display:
            return
        from tui_backprop.drawing.cells.pens import Pens

        width, height = self.size
        down = 2 if Pens(self._palette).halves else 1
        grain = max(width - _BESIDE, 8), max((height - _BELOW) * down, 4)
        choice = PictureChoice(self.kind, self._of, grain)
        if choice != self._told:
            self._told = choice
            self.post_message(self.Looked(choice))

    def choose(self, kind: str) -> None:
        """Show another kind of picture from now on."""
        self._kind, self._chosen, self._of = kind, True, ()
        self.post_message(ChoiceMade("picture", kind))
        self._tell()

    def action_go(self, by: int) -> None:
        """Go to the kind before, or the next one."""
        names = _kinds()
        at = names.index(self.kind) if self.kind in names else 0
        self.choose(names[(at + by) % len(names)])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer other things for a picture to be about only where there are some."""
        return action != "turn" or (self.snapshot is not None and self.snapshot.picture_turns)

    def action_turn(self, by: int) -> None:
        """Have the picture be about something else."""
        self.post_message(self.Turned(by))

    # ------------------------------------------------------------------ what is shown

    def watch_snapshot(self, before: Snapshot | None, snapshot: Snapshot | None) -> None:
        """Show a snapshot's picture; where a lesson has none of a kind that nobody chose, try the next."""
        if (before is not None and before.picture_turns) != (snapshot is not None and snapshot.picture_turns):
            self.refresh_bindings()
        if snapshot is None or snapshot.picture_choice is None or not self.size or not self.display:
            return
        if snapshot.generation != self._generation:
            self._generation, self._of, self._tried = snapshot.generation, (), 0
            self._tell()
        choice = snapshot.picture_choice
        if choice.kind != self.kind:
            return  # made before the last key
        if snapshot.no_picture and not self._chosen and self._tried + 1 < len(_preferred()):
            self._tried += 1
            self._tell()
            return
        if choice.of != self._of and self._told is not None:
            self._of, self._told = choice.of, choice
        if snapshot.picture is not self._picture or snapshot.no_picture != self._refusal:
            self._picture, self._refusal = snapshot.picture, snapshot.no_picture
            self._figure = None if snapshot.picture is None else snapshot.picture.figure()
            self._redraw()
        self._entitle(snapshot)

    def _entitle(self, snapshot: Snapshot) -> None:
        """Write kind, what it is about, and the iteration it is of, as far as they fit."""
        width, name = self.size.width, tr(NAMES[self.kind])
        at = tr("iteration {iteration}", iteration=snapshot.picture_iteration)
        about = tr("{picture} of {what}", picture=name, what=", ".join(self._of)) if self._of else name
        title = self._figure.title if self._figure is not None and not self._of else ""
        if title.casefold().startswith(name.casefold()):  # such as "fit along x", which names the kind itself
            said = name + title[len(name) :]
        else:
            said = f"{name}: {title}" if title else name
        texts = [f"{said} · {at}", said] if said != name else []
        texts += [f"{about} · {at}", about, name]
        cells = self.charset.cells
        self.retitle(next((text for text in texts if cells(text) <= width), name))

    def notify_style_update(self) -> None:
        """Forget what was drawn in the old colours."""
        self._styles.clear()
        self._drawn_size = None
        super().notify_style_update()

    @property
    def _palette(self) -> Palette:
        """What the terminal has to draw with."""
        from tui_backprop.drawing.cells.rows import Palette

        app = self.app
        colours = 256
        if isinstance(app, Appearance):
            colours = 16 if app.few_colours else 256
        if app.no_color:
            colours = 0
        return Palette(colours, ascii_only=self.charset.ascii_only, dark=app.current_theme.dark)

    def render_line(self, y: int) -> Strip:
        """Return a row of the content."""
        if self._drawn_size != self.size:  # Textual repaints a resized widget by itself: nothing to mark
            self._drawn_size = self.size
            self._rows = self._draw()
            self._strips.clear()
        if y not in self._strips:
            row = self._rows[y] if y < len(self._rows) else ()
            strip = Strip([Segment(span.text, self._style(span)) for span in row])
            self._strips[y] = strip.adjust_cell_length(self.size.width, self.base_style)
        return self._strips[y]

    def _redraw(self) -> None:
        """Draw everything, and have those rows painted that differ from what is on the screen."""
        if self._drawn_size != self.size or not self.size:
            return  # render_line will draw it, or nobody sees it
        drawn, self._rows = self._rows, self._draw()
        changed = [y for y, (old, new) in enumerate(zip(drawn, self._rows, strict=True)) if old != new]
        for y in changed:
            self._strips.pop(y, None)
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def _draw(self) -> list[Row]:
        """Return all rows: the picture, or why there is none."""
        from tui_backprop.drawing.cells.figures import draw
        from tui_backprop.drawing.cells.rows import Span

        width, height = self.size
        if self._figure is not None:
            return draw(self._figure, width, height, self._palette)
        lines: list[Row] = [(Span(line, "muted"),) for line in self.charset.wrap(self._refusal, width)]
        if self._refusal and height > len(lines) + 1:
            lines += [(), (Span(self.charset.fit(tr("← → other pictures"), width), "muted"),)]
        return (lines + [()] * height)[:height]

    def _style(self, span: Span) -> Style:
        key = span.ink, span.paper, span.reverse
        if key not in self._styles:
            style = self.base_style
            for paint, is_ink in ((span.ink, True), (span.paper, False)):
                if isinstance(paint, str):
                    style += (
                        self.get_component_rich_style(f"picture--{_LOOKS.get(paint, paint)}")
                        if paint
                        else Style()
                    )
                else:
                    colour = Color.from_rgb(*paint)
                    style += Style(color=colour) if is_ink else Style(bgcolor=colour)
            self._styles[key] = style + Style(reverse=True) if span.reverse else style
        return self._styles[key]


def _kinds() -> tuple[str, ...]:
    from tui_backprop.pictures.registry import KINDS

    return tuple(KINDS)


def _preferred() -> tuple[str, ...]:
    return tuple(kind for kind in PREFERRED if kind in _kinds())
