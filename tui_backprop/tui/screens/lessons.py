"""Choose the lesson: what is typed filters the list, or is the path of a file, which Tab completes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import ClassVar, Self, cast

from textual.binding import Binding, BindingType
from textual.widgets import OptionList

from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.lessons.files import completed, describe_file, files_here
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import BUILTIN, describe, load_lesson
from tui_backprop.lessons.limits import OPEN, Sandbox
from tui_backprop.text.printable import printable
from tui_backprop.text.searching import for_search
from tui_backprop.text.sentences import later, tr
from tui_backprop.tui.sandbox import SandboxedApp
from tui_backprop.tui.screens.ask import AskScreen, ChoiceList
from tui_backprop.tui.screens.overlay import TALL

ENDING = ".toml"


@cache
def builtin_lesson(name: str) -> Lesson:
    """Return a built-in lesson, read once."""
    return load_lesson(name, OPEN)  # the program's own


class LessonScreen(AskScreen):
    """Asks which lesson to open; it closes once one is open, and says below the line why one is not."""

    # Textual cannot wrap an option to no cells, hence the least width. Where there are few rows, what is
    # chosen from goes before what is said about it.
    DEFAULT_CSS = """
    LessonScreen {
        & .box { max-width: 90; min-width: 20; }
        & #ask-message { min-height: 3; max-height: 5; }
        & #ask-list { max-height: 50vh; scrollbar-size-vertical: 1; }
        &.-tall #ask-list { max-height: 69vh; }
        &.-low #ask-message { display: none; }
        &.-low #ask-message.refused { display: block; min-height: 1; max-height: 2; }
        &.-low #ask-list { max-height: 6; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", later("complete"), show=False, priority=True),
        Binding("down", "move(1)", later("next"), show=False, priority=True),
        Binding("up", "move(-1)", later("previous"), show=False, priority=True),
        Binding("pagedown", "move(8)", later("further down"), show=False, priority=True),
        Binding("pageup", "move(-8)", later("further up"), show=False, priority=True),
    ]
    VERTICAL_BREAKPOINTS = TALL
    OPENED_BY = "open"
    HEADING = later("Lesson · type to filter, Tab completes, Enter opens, Esc closes")
    PLACEHOLDER = later("part of a name or title, or the path of a .toml file")

    def __init__(self, snapshot: Snapshot | None, initial: str = "") -> None:
        # there is none of a lesson that cannot be shown: just then another one has to be opened
        super().__init__(cast(Snapshot, snapshot), initial)
        self._here = snapshot.lesson if snapshot is not None else None
        builtin = {name: builtin_lesson(name) for name in BUILTIN}
        self._lessons = {name: (lesson.title, lesson.summary) for name, lesson in builtin.items()}
        self._found: list[str] = []
        self._generation = snapshot.generation if snapshot is not None else None

    @classmethod
    def on_snapshot(cls, snapshot: Snapshot | None, selected: Node | None) -> Self | None:
        """Return the screen, at the lesson that is open where that is a built-in one."""
        return cls(snapshot)

    @property
    def sandbox(self) -> Sandbox:
        """The app's: what another lesson is loaded with."""
        assert isinstance(self.app, SandboxedApp)
        return self.app.sandbox

    def opened(self) -> None:
        """List the lessons; start at the one that is open."""
        sandbox = self.sandbox
        if sandbox.confined:
            self.line.placeholder = tr("part of a name or title")
            self._lessons |= {f"{name}{ENDING}": describe(name, sandbox) for name in sandbox.lesson_names()}
        else:
            self._lessons |= {name: describe_file(Path(name)) for name in files_here()}
        super().opened()
        here = self._here
        if here is not None and here.builtin and here.name in self._found:
            self.query_one(ChoiceList).highlighted = self._found.index(here.name)
        self._count()
        self._describe()

    def entries(self, snapshot: Snapshot) -> Sequence[str]:
        """List the lessons that have all words typed in name or title."""
        words = for_search(self.line.value).split()
        self._found = [
            name
            for name, (title, _) in self._lessons.items()
            if all(word in for_search(f"{name} {title}") for word in words)
        ]
        if not words and self._is_path:
            return []
        return [f"{self.charset.pad(self._shown(name), 12)} {self._lessons[name][0]}" for name in self._found]

    def _shown(self, name: str) -> str:
        """Return a lesson as it is opened: files of the current folder with their ending."""
        return name.removesuffix(ENDING) if self.sandbox.confined else name

    @property
    def _is_path(self) -> bool:
        """Whether what is typed can only be meant as a path."""
        text = self.line.value.strip()
        return not self.sandbox.confined and (os.sep in text or text.startswith(("~", ".")))

    def update(self, snapshot: Snapshot) -> None:
        """Close once another lesson is open."""
        if snapshot is not None and snapshot.generation != self._generation:
            self.leave()
        else:
            super().update(snapshot)

    def typed(self, text: str) -> None:
        """Narrow the list down."""
        self.update(self.snapshot)
        self._count()
        if self._found:
            self.query_one(ChoiceList).highlighted = 0
        self._describe()

    def _count(self) -> None:
        """Say how many of the lessons are listed: there may be more than are seen."""
        self.query_one("#ask-box").border_subtitle = tr(
            "{found} of {count}", found=len(self._found), count=len(self._lessons)
        )

    def _describe(self) -> None:
        """Say what the lesson highlighted is about, or that there is none."""
        at = self.query_one(ChoiceList).highlighted
        if self._found and at is not None:
            self.say(self._lessons[self._found[at]][1])
        elif self._is_path:
            self.say(tr("Enter opens this file; Tab completes its name"))
        else:
            text = printable(self.line.value.strip(), 40)
            self.say(tr("no lesson has {text!r} in its name or title", text=text) if text else "")

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Describe what is highlighted, whatever moved there."""
        if not self.query_one("#ask-message").has_class("refused"):
            self._describe()

    def action_move(self, lines: int) -> None:
        """Go up or down in the list, and stay in the line."""
        choices = self.query_one(ChoiceList)
        if self._found and choices.display:
            last = len(self._found) - 1
            choices.highlighted = min(max((choices.highlighted or 0) + lines, 0), last)
            self.say("")
            self._describe()

    def action_complete(self) -> None:
        """Complete a name: of the one lesson that is left, or of files and folders."""
        text = self.line.value.strip()
        if not self._is_path and len(self._found) == 1:
            self.line.value = self._shown(self._found[0])
        elif not self.sandbox.confined and text:
            self.line.value = completed(text)
        self.line.cursor_position = len(self.line.value)

    def answered(self, text: str) -> None:
        """Have the lesson highlighted opened, or the file typed; what is neither is refused below."""
        at = self.query_one(ChoiceList).highlighted
        exact = text in self._lessons or (self.sandbox.confined and f"{text}{ENDING}" in self._lessons)
        if self._found and at is not None and not self._is_path and not exact:
            self.chosen(at)
        elif text:
            self.ask(text)

    def chosen(self, index: int) -> None:
        """Have a lesson of the list opened."""
        self.ask(self._found[index])
