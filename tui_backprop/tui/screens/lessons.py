"""Choose the lesson: the built-in ones with their summaries, or the path of a file."""

from __future__ import annotations

from functools import cache

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui_backprop.explain.text import spelled
from tui_backprop.lessons.confinement import confinement, lesson_names
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import BUILTIN, describe, load_lesson
from tui_backprop.tui.screens.overlay import Overlay
from tui_backprop.tui.widgets.options import Options


@cache
def builtin_lesson(name: str) -> Lesson:
    """Return a built-in lesson, read once."""
    return load_lesson(name)


class LessonScreen(Overlay[str]):
    """Returns the name or path of the lesson chosen, or None."""

    # Textual cannot wrap an option to no cells, hence the least width. Where there are few rows, what is
    # chosen from goes before what is said about it.
    DEFAULT_CSS = """
    LessonScreen {
        & .box { max-width: 90; min-width: 20; }
        & #lesson-list { height: auto; max-height: 14; border: none; background: $surface; }
        & #lesson-summary { height: 5; color: $text-muted; margin-top: 1; }
        & #lesson-path { margin-top: 1; }
        &.-low #lesson-list { max-height: 5; }
        &.-low #lesson-summary { display: none; }
        &.-low #lesson-path { margin-top: 0; }
    }
    """

    def __init__(self, current: str) -> None:
        super().__init__("model")
        self._current = current
        builtin = {name: builtin_lesson(name) for name in BUILTIN}
        self._lessons = {name: (lesson.title, lesson.summary) for name, lesson in builtin.items()}
        self._lessons |= {f"{name}.toml": describe(name) for name in lesson_names()}

    def compose(self) -> ComposeResult:
        """Put the list above, summary and path below."""
        with Vertical(id="lesson-box", classes="box"):
            options = [
                Option(spelled(f"{name.removesuffix('.toml'):<12} {title}"), name)
                for name, (title, _) in self._lessons.items()
            ]
            yield Options(*options, id="lesson-list", markup=False)
            yield Static(id="lesson-summary", markup=False)
            what = "the path of a lesson file (.toml)" if confinement() is None else "the name of a lesson"
            hint = f"or {what}, then Enter"
            yield Input(placeholder=hint, compact=True, id="lesson-path")

    def on_mount(self) -> None:
        """Start at the lesson that is open."""
        field = "path" if confinement() is None else "name"
        title = f"Lesson · Enter opens, Tab to the {field}, Esc closes"
        self.query_one("#lesson-box").border_title = spelled(title)
        choices = self.query_one(OptionList)
        choices.highlighted = BUILTIN.index(self._current) if self._current in BUILTIN else 0
        choices.focus()

    @on(OptionList.OptionHighlighted)
    def _describe(self, event: OptionList.OptionHighlighted) -> None:
        _, summary = self._lessons[event.option_id or BUILTIN[0]]
        self.query_one("#lesson-summary", Static).update(spelled(summary))

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.leave(event.option_id)

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        self.leave(event.value.strip() or None)
