"""What the command palette offers: every command with a key, the lessons, and what has no key of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Protocol

from textual.app import SystemCommand

from tui_backprop.debugger.commands import BY_NAME, COMMANDS
from tui_backprop.debugger.course.commands import NOW
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.text.charset import Charset
from tui_backprop.text.sentences import later, tr
from tui_backprop.tui.keys import KEYED, action
from tui_backprop.tui.main_screen import MainScreen
from tui_backprop.tui.panels.picture import NAMES
from tui_backprop.tui.request import request
from tui_backprop.tui.runner import Runner


class Offering(Protocol):
    """The app, as far as the palette's entries need it."""

    charset: Charset
    sandbox: Sandbox
    runner: Runner

    @property
    def main(self) -> MainScreen:
        """The screen with the panels."""

    @property
    def restricted(self) -> bool:
        """Whether this is a restricted login."""

    def refuses(self, action: str) -> bool:
        """Tell whether this login has not got an action."""

    def run_command(self, name: str) -> None:
        """Do a command."""

    def open_sessions(self) -> None:
        """List the sessions."""

    def action_change_theme(self) -> None:
        """Choose the colours."""

    def call_later(self, callback: Callable[..., object], *args: Any) -> object:
        """Call something once this is done."""


def offers(app: Offering) -> Iterator[SystemCommand]:
    """Yield the entries, each once: a title, and below it only what the title does not say."""
    from tui_backprop.export.targets.registry import TARGETS
    from tui_backprop.pictures.registry import KINDS

    spelled = app.charset.spelled
    unkeyed = [(command, None) for command in COMMANDS if not command.words and command.key is None]
    for command, key in (*KEYED, *unkeyed):
        if command.name != "palette" and not app.refuses(action(command.name)):
            title, _, more = tr(command.key_help).partition(": ")
            run = partial(app.run_command, command.name)
            keys = "" if key is None else f" ({key.text})"
            yield SystemCommand(spelled(f"{title}{keys}"), spelled(more.capitalize()), run)
    for kind in KINDS.values():
        shows = partial(app.call_later, app.main.show_picture, kind.name)
        yield SystemCommand(_picture(kind.name), spelled(tr(kind.help).capitalize()), shows)
    for name in (*BUILTIN, *app.sandbox.lesson_names()):
        opens = partial(app.runner.ask, request(BY_NAME["open"], name))
        yield SystemCommand(spelled(tr("Open lesson {name}", name=name)), "", opens)
    for name, what in (("numpy", "NumPy"), ("native", tr("machine code"))):
        computes = partial(app.runner.ask, request(BY_NAME["backend"], name))
        yield SystemCommand(
            tr("Back end: {name}", name=name),
            tr("Compute with {what}, from this iteration on", what=what),
            computes,
        )
    for name, argument, title in (
        ("question", "", later("Question: ask the next one of this lesson")),
        ("handin", "", later("Hand in this lesson; its solutions are shown from then on")),
        ("handin", NOW, later("Hand in now: this lesson, whatever is not answered")),
    ):
        if app.main.has_class("course"):
            hands = partial(app.runner.ask, request(BY_NAME[name], argument))
            yield SystemCommand(spelled(tr(title)), "", hands)
    yield SystemCommand(
        tr("Sessions"), tr("Those that are saved; choose one to resume it"), app.open_sessions
    )
    if not app.restricted:
        exports = partial(app.runner.ask, request(BY_NAME["export"]))
        yield SystemCommand(tr("Export"), tr("Write a NumPy script of this training, here"), exports)
        for name, target in list(TARGETS.items())[1:]:
            exports = partial(app.runner.ask, request(BY_NAME["export"], name))
            about = tr("Write {what}, here", what=tr(target.about))
            yield SystemCommand(tr("Export: {name}", name=name), about, exports)
    yield SystemCommand(tr("Theme"), tr("Choose the colours"), app.action_change_theme)


def _picture(kind: str) -> str:
    """Entitle a picture's entry by the word that commands have for it, and by its name if that is another."""
    name = tr(NAMES[kind])
    both = kind if name.lower() == kind else f"{name} ({kind})"
    return tr("Picture: {picture}", picture=both)
