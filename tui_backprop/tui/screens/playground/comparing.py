"""The run here beside a pinned one: two columns, or one below the other where there is no room."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import ClassVar, Self

from textual.binding import Binding, BindingType

from tui_backprop.debugger.commands import BY_NAME
from tui_backprop.debugger.playground.comparing import ComparePage
from tui_backprop.debugger.replies import Reply
from tui_backprop.sweeps import words
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.spelling import pretty_text
from tui_backprop.tui.messages import Requested
from tui_backprop.tui.request import request
from tui_backprop.tui.screens.reading import ReadingScreen
from tui_backprop.tui.widgets.lines import Line, LinesView, paragraph

TWO_COLUMNS = 54
"""Columns from which on both runs stand side by side."""
_BETWEEN = " │ "
HERE = later("here")
"""The name of the run that is open."""


class ComparisonScreen(ReadingScreen):
    """Two runs side by side, up to the first record that differs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,tab", "turn(1)", later("next pin")),
        Binding("left,shift+tab", "turn(-1)", later("pin before")),
        Binding("enter", "go_back", later("go back to it")),
        Binding("delete,backspace", "let_go", later("let it go")),
    ]
    OPENED_BY = "compare"
    OWN_KEYS: ClassVar[frozenset[str]] = frozenset({"tab", "enter", "delete", "backspace"})

    def __init__(self, page: ComparePage) -> None:
        self.page = page
        super().__init__(self._heading)

    @classmethod
    def of_page(cls, page: ComparePage) -> Self:
        """Return the screen that shows a comparison."""
        return cls(page)

    @property
    def _heading(self) -> str:
        page = self.page
        if page.count == 1:
            return tr("Here, pin {number} · Enter goes there, Delete lets it go", number=page.number)
        return tr(
            "Here, pin {number} of {count} · ← → · Enter goes there, Delete lets it go",
            number=page.number,
            count=page.count,
        )

    def take(self, source: str, reply: Reply) -> bool:
        """Show another comparison in place of this one."""
        if not isinstance(reply, ComparePage):
            return False
        self.page = reply
        view = self.query_one(LinesView)
        view.heading = tr("{title} · Esc closes", title=self._heading)
        view.show(self.lay_out, keep_place=False)
        return True

    def lay_out(self, width: int) -> Sequence[Line]:
        """Lay out what is set otherwise, what differs first, how much, and why."""
        comparison = self.page.comparison
        difference = comparison.difference
        here, there = comparison.here, comparison.there
        lines = self._pair(width, tr(here.name), there.name, "strong")
        lines += self._pair(width, words.run_text(here), words.run_text(there))
        for one in comparison.settings:
            title = one.title
            if one.since:
                title = tr("{setting}, from iteration {iteration} on", setting=title, iteration=one.since)
            lines += [(), *self._whole(title, width)]
            lines += self._pair(width, one.here, one.there)
            if one.idle:
                lines += paragraph(self.charset, one.idle, width, "note", "  ")
        lines += [(), *paragraph(self.charset, words.verdict(comparison), width, "strong", "  ")]
        if difference is None:
            return lines
        if difference.part:
            lines += self._whole(pretty_text(difference.part), width)
        lines += self._pair(width, *words.values(difference))
        for text in words.detail_lines(difference):
            lines += paragraph(self.charset, text, width, "", "  ")
        why = tr("why: {reason}", reason=words.why(comparison))
        return [*lines, (), *paragraph(self.charset, why, width, "note", "  ")]

    def _whole(self, text: str, width: int) -> list[Line]:
        return paragraph(self.charset, text, width, "label", "  ")

    def _pair(self, width: int, here: str, there: str, part: str = "") -> list[Line]:
        """Lay out two texts, each in its column; one below the other where columns would be narrow."""
        if width < TWO_COLUMNS:
            both = (here, there) if part else (tr("here: {text}", text=here), tr("there: {text}", text=there))
            return [line for text in both for line in paragraph(self.charset, text, width, part, "  ")]
        room = (width - len(_BETWEEN)) // 2
        columns = (self.charset.wrap(text, room, "  ") for text in (here, there))
        return [
            ((self.charset.pad(one, room), part), (_BETWEEN, "label"), (other, part))
            for one, other in zip_longest(*columns, fillvalue="")
        ]

    def action_turn(self, by: int) -> None:
        """Compare with another pinned run."""
        number = (self.page.number - 1 + by) % self.page.count + 1
        self.post_message(Requested(request(BY_NAME["compare"], str(number))))

    def action_go_back(self) -> None:
        """Go back to the pinned run."""
        self._close_for("return")

    def action_let_go(self) -> None:
        """Let the pinned run go."""
        self._close_for("unpin")

    def _close_for(self, command: str) -> None:
        number = str(self.page.number)
        self.leave()
        self.app.post_message(Requested(request(BY_NAME[command], number)))
