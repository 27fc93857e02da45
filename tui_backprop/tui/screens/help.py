"""Help: what belongs to the place one comes from, then keys, sections and glossary; typing searches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Self

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from tui_backprop.debugger.help.sections import PLACES, Section, glossary, of_place, sections
from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.text.printable import printable
from tui_backprop.text.searching import for_search
from tui_backprop.text.sentences import later, tr
from tui_backprop.tui.keys import KEYED, MORE_KEYS, call
from tui_backprop.tui.panels.graph_lines import MARKS_HELP
from tui_backprop.tui.screens.overlay import Overlay
from tui_backprop.tui.widgets.lines import Line, LinesView, labelled_text, paragraph

MOTTO = later("A debugger for backpropagation: stop anywhere, and see every number.")
OF_WIDGET = {
    "explanation": "chain", "records": "chain", "loss": "chart", "graph": "graph", "model": "model",
    "parameters": "parameters", "answer": "quiz",
}  # fmt: skip
"""The place of each panel of the main screen."""
LABEL = 16
START = ("record", "factor", "upstream", "local", "downstream", "iteration")
"""The words to begin with where no record is done yet."""


class SearchLine(Input):
    """The line to search by; the key that opened help closes it from here as well."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key in ("question_mark", "f1"):
            event.stop()
            event.prevent_default()
            if isinstance(screen := self.screen, Overlay):
                screen.leave()
        else:
            await super()._on_key(event)


class HelpScreen(Overlay):
    """All that help has, and a line to search it by."""

    DEFAULT_CSS = """
    HelpScreen {
        & .box { max-width: 110; height: 95%; }
        & #help-lines { height: 1fr; border: none; padding: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(key, f"scroll('{action}')", what, show=False, priority=True)
            for key, action, what in (
                ("up", "scroll_up", later("Scroll up")),
                ("down", "scroll_down", later("Scroll down")),
                ("pageup", "page_up", later("Page up")),
                ("pagedown", "page_down", later("Page down")),
                ("ctrl+home", "scroll_home", later("To the top")),
                ("ctrl+end", "scroll_end", later("To the end")),
            )
        ),
    ]
    OPENED_BY = "help"

    _place = ""
    _labels: tuple[str, ...] = START
    _wanted: tuple[str, ...] = ()

    @classmethod
    def on_snapshot(cls, snapshot: Snapshot | None, selected: Node | None) -> Self:
        """Return the screen."""
        screen = cls()
        if snapshot is not None and snapshot.explanation is not None:
            screen._labels = tuple(row.label for row in snapshot.explanation.rows)
        return screen

    def compose(self) -> ComposeResult:
        """Put the line above what it searches."""
        with Vertical(id="help-box", classes="box"):
            placeholder = self.charset.spelled(tr("type to search: a key, a word of the screen, a command"))
            yield SearchLine(placeholder=placeholder, compact=True, id="help-line")
            yield LinesView(self._lay_out, id="help-lines")

    def opened(self) -> None:
        """Begin with what belongs to the place behind."""
        box = self.query_one("#help-box")
        box.border_title = Content(self.charset.spelled(tr("Help · type to search, ↑↓ scroll, Esc closes")))
        self._place = place_of(self.behind)
        self.query_one(Input).focus()
        self.query_one(LinesView).show(self._lay_out)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._wanted = tuple(for_search(event.value).split())
        self.query_one(LinesView).show(self._lay_out, keep_place=False)

    def action_scroll(self, action: str) -> None:
        """Scroll what is read, from the line as well."""
        getattr(self.query_one(LinesView), f"action_{action}")()

    def _sections(self) -> Iterator[Section]:
        labels = self._labels if self._place == "chain" else ()
        here = of_place(self._place, labels) if self._place else None
        if here is not None:
            yield here
        keys = tuple((key.text, command.key_help) for command, key in KEYED)
        yield Section(tr("Keys"), lines=(*keys, *MORE_KEYS))
        yield from sections()
        yield Section(
            tr("Selecting text"),
            tr(
                "Hold Shift (Option on a Mac) while dragging the mouse, or copy a record with {copy}.",
                copy=call("copy"),
            ),
        )
        yield Section(tr("Marks in the graph"), lines=MARKS_HELP)
        yield glossary()

    def _found(self) -> Iterator[Section]:
        """Yield the sections, of each what has all words that are searched for."""
        seen: set[tuple[str, str]] = set()
        for section in self._sections():
            if not self._wanted or self._has(tr(section.title)) or self._has(tr(section.text)):
                yield section
            else:
                found = (line for line in section.lines if self._has(" ".join(map(tr, line))))
                lines = tuple(line for line in found if line not in seen)
                seen.update(lines)
                if lines:
                    yield Section(section.title, lines=lines)

    def _has(self, text: str) -> bool:
        return bool(text) and all(word in for_search(text) for word in self._wanted)

    def _lay_out(self, width: int) -> Sequence[Line]:
        charset = self.charset
        lines: list[Line] = [] if self._wanted else paragraph(charset, tr(MOTTO), width, "strong")
        for section in self._found():
            if lines:
                lines.append(())
            lines += paragraph(charset, tr(section.title), width, "strong")
            if section.text:
                lines += paragraph(charset, tr(section.text), width)
            for word, text in (map(tr, line) for line in section.lines):
                label = LABEL if charset.cells(word) < LABEL else charset.cells(word) + 1
                if label > max(width // 2, LABEL):  # the text below it
                    lines += paragraph(charset, word, width, "label")
                    word, label = "", LABEL
                lines += labelled_text(charset, word, text, width, label)
        if not lines:
            nothing = tr("help has nothing on {words!r}", words=printable(" ".join(self._wanted), 40))
            lines = paragraph(charset, nothing, width, "label")
        return lines


def place_of(behind: str) -> str:
    """Return the place that a panel or a screen is, by its id or its command; none of any other."""
    if behind.startswith("hyperparameter"):
        return "hyperparameters"
    return OF_WIDGET.get(behind, behind if behind in PLACES else "")
