"""The table of commands: what it says is so in both front ends, and it alone says it."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import tui_backprop
from tui_backprop.debugger.commands import BY_NAME, COMMANDS, TYPED
from tui_backprop.debugger.session import DebugSession
from tui_backprop.lessons.library import load_lesson
from tui_backprop.training.trainer import Trainer
from tui_backprop.tui import overlays
from tui_backprop.tui.app import BackpropApp
from tui_backprop.tui.keys import BINDINGS, KEYED, action, call
from tui_backprop.tui.main_screen import _OWN, MainScreen
from tui_backprop.tui.screens.overlay import Overlay

PACKAGE = Path(tui_backprop.__file__).parent
FRONT_ENDS = ("tui", "plain")
SENTENCE = 25
"""Characters from which on a text is a sentence, which stands once."""


def literals(path: Path) -> Iterator[str]:
    """Yield the texts in a module, docstrings and rules of style left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in bare else None
        if isinstance(text, str) and "{\n" not in text:
            yield text.strip()


def test_every_sentence_stands_once() -> None:
    places: dict[str, set[str]] = defaultdict(set)
    for package in ("debugger", *FRONT_ENDS):
        for path in (PACKAGE / package).rglob("*.py"):
            for text in literals(path):
                if len(text) >= SENTENCE:
                    places[text].add(str(path.relative_to(PACKAGE)))
    assert {text: found for text, found in places.items() if len(found) > 1} == {}


def test_names_and_keys_are_unique() -> None:
    assert len(BY_NAME) == len(COMMANDS)
    keys = [key for command in COMMANDS if command.key for key in command.key.keys.split(",")]
    assert len(keys) == len(set(keys))
    ranks = sorted(key.footer for _, key in KEYED if key.footer)
    assert ranks == list(range(1, len(ranks) + 1))


def test_help_lists_the_footer_s_keys_first_and_the_panels_by_number() -> None:
    order = [key.keys.split(",")[0] for _, key in KEYED]
    assert order[:6] == ["s", "b", "n", "space", "x", "o"]
    assert order[-5:] == ["1", "2", "3", "4", "5"]
    footer = [key.footer > 0 for _, key in KEYED]
    assert footer == sorted(footer, reverse=True)


def test_the_app_s_keys_are_those_of_the_table() -> None:
    bound = [*BackpropApp.BINDINGS, *MainScreen.BINDINGS]
    assert {binding.key for binding in bound} == {binding.key for binding in BINDINGS} | {
        "escape",
        "ctrl+c",
        "ctrl+r",
    }


@pytest.mark.parametrize("command", [command for command, _ in KEYED], ids=lambda command: command.name)
def test_every_key_does_something(command) -> None:
    of_app = action(command.name).startswith("app.")
    opens = command.name in overlays.OF_COMMAND
    assert of_app or opens or command.name in _OWN or command.do is not None


@pytest.mark.parametrize("opener", [*overlays.OF_COMMAND, *overlays.OF_PAGE])
def test_every_screen_of_the_tables_is_there(opener: str | type) -> None:
    screen = overlays.overlay({**overlays.OF_COMMAND, **overlays.OF_PAGE}[opener])
    assert issubclass(screen, Overlay)
    assert screen.OPENED_BY in BY_NAME
    how = "on_snapshot" if opener in overlays.OF_COMMAND else "of_page"
    assert getattr(screen, how).__func__ is not getattr(Overlay, how).__func__
    if opener in overlays.OF_COMMAND:
        assert opener == screen.OPENED_BY


@pytest.mark.parametrize("command", TYPED, ids=lambda command: command.name)
def test_a_sentence_can_call_it_in_both_front_ends(command) -> None:
    if command.key is not None or command.offered_by:
        assert call(command.name)
    assert DebugSession(Trainer(load_lesson("linear"))).call(command.name) == command.name


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_what_can_be_typed_is_done_by_the_session(command) -> None:
    assert (command.do is not None) == bool(command.words and command.name != "quit")
    assert not command.words or command.example.split()[0] in ("c", *command.words)
