"""Replies are data, and each kind of page is shown: in plain mode all, in the app those of its keys."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any, get_args, get_type_hints

import pytest

from tui_backprop.debugger import replies
from tui_backprop.debugger.help.sections import Section
from tui_backprop.debugger.playground.comparing import pin
from tui_backprop.debugger.playground.pictures import PicturePage
from tui_backprop.debugger.practising import SWEEP
from tui_backprop.debugger.session import DebugSession
from tui_backprop.engine.autodiff.step_sweep import ErrorCurve
from tui_backprop.exercises.brought.backward import BackwardReport
from tui_backprop.exercises.check import GradientReport
from tui_backprop.exercises.homework import Mark
from tui_backprop.explain.element.elements import ElementExplanation
from tui_backprop.explain.pages.heading import Heading
from tui_backprop.explain.pages.whole import WholeIteration
from tui_backprop.explain.rates import RateCurve
from tui_backprop.export.listing import WrittenProgram
from tui_backprop.lessons.library import load_lesson
from tui_backprop.lessons.remarks.remark import Remark
from tui_backprop.lessons.specs.teaching import DrawnTable, DrawRule
from tui_backprop.lessons.teaching.questions import LessonQuestion
from tui_backprop.lessons.teaching.tasks import LessonTask
from tui_backprop.plain.pages import _PAGES
from tui_backprop.training.trainer import Trainer
from tui_backprop.training.view import TrainingView
from tui_backprop.tui import overlays
from tui_backprop.tui.keys import KEYED, action
from tui_backprop.tui.main_screen import _OWN

LATER = {
    kind.__name__: kind
    for kind in (
        BackwardReport,
        ErrorCurve,
        GradientReport,
        Mark,
        RateCurve,
        ElementExplanation,
        Heading,
        DrawRule,
        DrawnTable,
        LessonQuestion,
        LessonTask,
        Remark,
        Section,
        WholeIteration,
        WrittenProgram,
    )
}
"""What replies are made of that they import for checking types alone."""
PAGES = (
    *(kind for kind in get_args(replies.Page) if kind is not replies.SeenPage),
    *replies.SeenPage.__subclasses__(),
)
ANSWERING = [
    command
    for command, _ in KEYED
    if command.do is not None
    and command.name not in {*_OWN, *overlays.OF_COMMAND}
    and not action(command.name).startswith("app.")
]
"""Commands that a key has done at once."""
ARGUMENTS = {"check": ("", SWEEP), "sweep": ("learning_rate=0.01,0.1",)}
"""What they are given, where there are more pages than one, or none without."""


def made_of(kind: Any, seen: set[Any]) -> Iterator[type]:
    """Yield a type, what it is subscripted with, and what the attributes of the package's own types are."""
    for part in get_args(kind):
        yield from made_of(part, seen)
    if not inspect.isclass(kind) or kind in seen:
        return
    seen.add(kind)
    yield kind
    if kind.__module__.startswith("tui_backprop."):
        names = {**LATER, **vars(sys.modules[kind.__module__])}
        for part in get_type_hints(kind, globalns=names).values():
            yield from made_of(part, seen)


@pytest.mark.parametrize("kind", get_args(replies.Reply), ids=lambda kind: kind.__name__)
def test_a_reply_holds_no_trainer(kind: type) -> None:
    found = set(made_of(kind, set()))
    assert kind in found
    assert not [part for part in found if issubclass(part, TrainingView | DebugSession)]


def test_every_kind_of_page_is_in_the_union() -> None:
    assert set(_PAGES) == set(PAGES)
    assert len(get_args(replies.Reply)) == len(get_args(replies.Page)) + 4


@pytest.mark.parametrize("kind", PAGES, ids=lambda kind: kind.__name__)
def test_plain_mode_writes_every_page(kind: type) -> None:
    (page, _) = inspect.signature(_PAGES[kind]).parameters.values()
    assert page.annotation.removeprefix("replies.") == kind.__name__


@pytest.mark.parametrize("page", overlays.OF_PAGE, ids=lambda kind: kind.__name__)
def test_a_screen_shows_pages_of_its_kind(page: type) -> None:
    screen = overlays.overlay(overlays.OF_PAGE[page])
    (given,) = inspect.signature(screen.of_page).parameters.values()
    assert getattr(import_module(screen.__module__), given.annotation) is page


def test_keys_answer_with_every_page_that_has_a_screen() -> None:
    answered = set()
    for command in ANSWERING:  # a picture has a panel, not a screen
        session = DebugSession(Trainer(load_lesson("linear"), iterations=2))
        session.step()
        if command.name == "compare":
            list(pin(session))
        for argument in ARGUMENTS.get(command.name, ("",)):
            answered |= {type(reply) for reply in command.do(session, argument)}
    with_a_screen = answered & set(PAGES) - {PicturePage}  # which has a panel
    seen = set(replies.SeenPage.__subclasses__())
    assert with_a_screen <= set(overlays.OF_PAGE)
    assert set(overlays.OF_PAGE) <= with_a_screen | seen, (
        "those of the playground answer what is typed as well"
    )
