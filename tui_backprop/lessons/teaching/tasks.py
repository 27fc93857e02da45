"""Tasks of a lesson: a sentence, and the goal that it comes to."""

from __future__ import annotations

import re
from enum import StrEnum, auto

from msgspec import Struct

from tui_backprop.engine.core.errors import BackpropError, FormulaError, suggest
from tui_backprop.engine.language.formula import parse_condition
from tui_backprop.engine.language.names import resolve
from tui_backprop.lessons.errors import LessonError, found
from tui_backprop.lessons.notes import Places, edge
from tui_backprop.lessons.specs.teaching import TaskTable
from tui_backprop.lessons.toml_text.escapes import clean
from tui_backprop.text.sentences import tr

ACTS = (
    "check", "homework", "backward", "quiz", "examine", "whatif", "undo", "back", "step", "next", "run",
    "fold", "values", "losses", "explain", "break", "pin", "compare", "health", "sweep", "share", "build",
    "nudge", "export", "schedule", "program", "goto",
)  # fmt: skip
"""Commands that may be a goal: ``homework W1`` is a right one, ``quiz 3`` three right answers."""
ABOUT_A_NODE = ("homework", "examine", "whatif", "values", "nudge")
"""Those that may name a node."""
COUNTED = ("quiz", "step", "next", "back", "run")
"""Those that may have a number: how often it is to be done, or of ``run`` for how many iterations."""
MOST_TIMES = 10**6
_WORDS = ("nan", "dead relu")
"""Breakpoints that are no comparison; ``training/stops/`` knows them and the alarms."""


class GoalKind(StrEnum):
    """What a goal is reached by."""

    CONDITION = auto()
    PLACE = auto()
    ACT = auto()


class Goal(Struct, frozen=True):
    """What a task is done by.

    Attributes:
        kind: what it is.
        text: as the lesson has it, on one line: of a condition what breakpoints read.
        output, operand: of a place, the edge; the operand is None where it is a node.
        act: of an act, the command's word.
        node: the node that the act is about; "" for any.
        times: how often it is to be done.
    """

    kind: GoalKind
    text: str
    output: str = ""
    operand: str | None = None
    act: str = ""
    node: str = ""
    times: int = 1


class LessonTask(Struct, frozen=True):
    """A task of a lesson.

    Attributes:
        number: its place, from 1 on.
        goal: what it is done by.
        text: the sentence; "" where the goal says it all.
        name: what it is called in results; "" where that is its number.
    """

    number: int
    goal: Goal
    text: str = ""
    name: str = ""

    @property
    def key(self) -> str:
        """What it is called in results, which stays when others are put before it if it has a name."""
        return self.name or str(self.number)


def make_task(table: TaskTable, number: int, places: Places) -> LessonTask:
    """Check one ``[[task]]`` against the lesson's graph.

    Raises:
        LessonError: a goal that is none, or names what the lesson does not have.
    """
    where = f"task {number}"
    goal = _goal(clean(table.goal, f"{where}.goal"), where, places)
    return LessonTask(number, goal, clean(table.text, f"{where}.text"), key_name(table.name, where))


def key_name(name: str, where: str) -> str:
    """Return the name of a task or a question in results, which programs read: a short word.

    Raises:
        LessonError: it is none.
    """
    if name and not re.fullmatch(r"\w[\w.-]{0,39}", name):
        raise LessonError(
            tr("{field}: found {name}; a name is up to 40 letters, digits, - and .",
               field=f"{where}.name", name=found(name, 60))
        )  # fmt: skip
    return name


def _goal(text: str, where: str, places: Places) -> Goal:
    if text.startswith("at ") and not re.match(r"at\s*[<>=!](?!-)", text):
        output, operand = edge(text[3:], where, places)
        return Goal(GoalKind.PLACE, text, output, operand)
    word, _, rest = text.partition(" ")
    if word in ACTS and not re.search("[<>=]", text):
        return _act(text, word, rest.strip(), where, places)
    if re.search("[<>=]", text):
        _check_condition(text, where, places)
    elif not re.fullmatch(r"iteration\s+[0-9]{1,15}", text) and text.lower() not in _WORDS and (
        hint := suggest(word, ACTS)
    ):  # fmt: skip
        raise LessonError(tr("{field}: unknown goal {goal}{hint}",
                             field=f"{where}.goal", goal=found(text), hint=hint))  # fmt: skip
    return Goal(GoalKind.CONDITION, text)


def _act(text: str, act: str, rest: str, where: str, places: Places) -> Goal:
    if not rest:
        return Goal(GoalKind.ACT, text, act=act)
    if act in COUNTED:
        if not rest.isascii() or not rest.isdigit() or not 1 <= int(rest[:9]) <= MOST_TIMES:
            raise LessonError(tr("{field}: found {goal}; behind {act} stands a number from 1 on",
                                 field=f"{where}.goal", goal=found(text), act=act))  # fmt: skip
        return Goal(GoalKind.ACT, text, act=act, times=int(rest))
    if act not in ABOUT_A_NODE:
        raise LessonError(tr("{field}: found {goal}; nothing stands behind {act}",
                             field=f"{where}.goal", goal=found(text), act=act))  # fmt: skip
    try:
        name = resolve(rest, places.graph.named)
    except BackpropError as error:
        raise LessonError(f"{where}.goal: {error}") from None
    return Goal(GoalKind.ACT, text, act=act, node=name)


def _check_condition(text: str, where: str, places: Places) -> None:
    """Refuse what does not parse; the names in it are looked up where conditions are looked at."""
    try:
        parse_condition(re.sub(r"∂\w+/∂(?=\w)", "d", text))
    except FormulaError as error:
        raise LessonError(f"{where}.goal: {error.reason}") from None
