"""What a command answers, as data: sentences, views of the session, and pages.

A front end renders them. One with panels shows the views at all times, so that nothing is left to be done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from tui_backprop.debugger.lines.listing import SourcePage as SourcePage
from tui_backprop.debugger.lines.place import Place as Place
from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.autodiff.groups import Stretch
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import BackpropError, FormulaError
from tui_backprop.lessons.specs.hyperparameter import Hyperparameter
from tui_backprop.text.sentences import tr
from tui_backprop.training.changes.interventions import Alteration
from tui_backprop.training.stops.breakpoints import Breakpoint
from tui_backprop.training.workbook import KeptMark

if TYPE_CHECKING:
    from tui_backprop.debugger.help.sections import Section
    from tui_backprop.engine.autodiff.step_sweep import ErrorCurve
    from tui_backprop.exercises.brought.backward import BackwardReport
    from tui_backprop.exercises.check import GradientReport
    from tui_backprop.exercises.homework import Mark
    from tui_backprop.explain.element.elements import ElementExplanation
    from tui_backprop.explain.pages.heading import Heading
    from tui_backprop.explain.pages.whole import WholeIteration
    from tui_backprop.explain.rates import RateCurve
    from tui_backprop.export.listing import WrittenProgram
    from tui_backprop.lessons.remarks.remark import Remark


class Note(Struct, frozen=True):
    """A sentence that the user should read."""

    text: str
    warning: bool = False


class Accepted(Struct, frozen=True):
    """What was typed into a form is done: in a sentence, and where there is more to say as a page."""

    text: str
    page: Mark | None = None


class SeenPage(Struct, frozen=True):
    """A page of the playground; each stands with the command that answers with it."""


def refusal(error: Exception) -> str:
    """Return in one line why a command could not be done; a fault of the program's own is called that."""
    if isinstance(error, FormulaError):
        return error.of_one_line
    if isinstance(error, BackpropError):
        return str(error)
    if isinstance(error, MemoryError):
        return tr("there is not enough memory for that")
    return tr("internal error, sorry: {kind}: {error}", kind=type(error).__name__, error=error)


class View(Enum):
    """Something of the session that is to be seen now."""

    PLACE = "where the training stands"
    RECORD = "the record done last"
    QUESTION = "the factor that is asked for, and what was answered"
    LESSON = "name and title of the lesson"


class Running(Struct, frozen=True):
    """A run goes on: this is how far it has come."""

    iteration: int
    loss: float


# ---------------------------------------------------------------------- pages


class Whereabouts(Struct, frozen=True):
    """Where we are, and what is set by hand; ``coming`` is the title of the record that comes next."""

    place: Place
    coming: str | None
    target: int
    alterations: Sequence[Alteration]
    breakpoints: Sequence[Breakpoint]
    undoable: str | None
    redoable: str | None
    backend: str


class RecordTitles(Struct, frozen=True):
    """The lines of this iteration, ``position`` of its ``total`` records done.

    Attributes:
        lines: of each the numbers of its first and its last record, and its title.
    """

    lines: Sequence[tuple[int, int, str]]
    position: int
    total: int


class LessonPage(Struct, frozen=True):
    """What the lesson is about, as the training has it here; ``given`` are data and parameters."""

    heading: Heading
    given: Sequence[tuple[Node, Array]]


class IterationPage(Struct, frozen=True):
    """An iteration from its start, all records; those of a ``folded`` stretch as one."""

    iteration: WholeIteration
    folded: Sequence[Stretch] = ()


class ChainPage(Struct, frozen=True):
    """The chain from the loss to a node, with every factor on it."""

    iteration: WholeIteration
    node: Node


class ElementPage(Struct, frozen=True):
    """One element of a node's gradient."""

    heading: Heading
    explanation: ElementExplanation


class ArraysInFull(Struct, frozen=True):
    """All numbers of some arrays, by name."""

    arrays: Sequence[tuple[str, Array]]


class NamedValue(Struct, frozen=True):
    """What a name or a formula comes to.

    Attributes:
        name: the name, its index or the formula.
        value: the array, or a single number.
        whole: whether it is written as an array is, to its usual digits.
        to_come: whether this iteration has still to compute it.
    """

    name: str
    value: Array | float | int
    whole: bool = True
    to_come: bool = False


class TreeRow(Struct, frozen=True):
    """A line of the computation as a tree.

    Attributes:
        depth: its level, 0 at the loss.
        node: its node; None above those that the loss does not depend on.
        seen: whether the node stands in full further up.
        value, gradient: None while they have still to be predicted.
    """

    depth: int
    node: Node | None
    seen: bool = False
    value: Array | None = None
    gradient: Array | None = None


class TreePage(Struct, frozen=True):
    """The computation as a tree from the loss down."""

    rows: Sequence[TreeRow]


class ParameterRow(Struct, frozen=True):
    """A parameter; gradient and next value are None while factors are predicted."""

    node: Node
    value: Array
    gradient_name: str
    gradient: Array | None
    after: Array | None


class ParametersPage(Struct, frozen=True):
    """All parameters."""

    rows: Sequence[ParameterRow]


class LossesPage(Struct, frozen=True):
    """How the loss went: iterations and losses, those of the first, the lowest, now, and the last few.

    Attributes:
        validation: the lowest of the validation losses that are known.
        levels: what predictions that know nothing would lose, in words.
    """

    first: tuple[int, float]
    lowest: tuple[int, float] | None
    now: tuple[int, float]
    last: Sequence[tuple[int, float]]
    validation: tuple[int, float] | None = None
    levels: Sequence[str] = ()


class HyperparameterRow(Struct, frozen=True):
    """A hyperparameter, its value as text, and whether it has any effect now."""

    spec: Hyperparameter
    value: str
    used: bool


class HyperparametersPage(Struct, frozen=True):
    """Some hyperparameters, or all."""

    rows: Sequence[HyperparameterRow]


class AlterationsPage(Struct, frozen=True):
    """What is put in by hand."""

    alterations: Sequence[Alteration]


class BreakpointsPage(Struct, frozen=True):
    """The breakpoints, in order."""

    points: Sequence[Breakpoint]


class MarksPage(Struct, frozen=True):
    """The homework so far, the latest last."""

    marks: Sequence[KeptMark]


class BackwardPage(Struct, frozen=True):
    """A whole backward pass, marked line by line."""

    report: BackwardReport


class LessonNames(Struct, frozen=True):
    """The lessons that can be opened by name; ``files`` tells whether a file's path will do as well."""

    names: Sequence[str]
    files: bool


class CommandNames(Struct, frozen=True):
    """What can be typed: all commands, or the one named."""

    name: str


class HelpPage(Struct, frozen=True):
    """Sections of help, such as words of the glossary."""

    sections: Sequence[Section]


class CheckPage(Struct, frozen=True):
    """The gradient check, and what is almost surely not meant although gradients may be right."""

    report: GradientReport
    remarks: Sequence[Remark] = ()


class SweepPage(Struct, frozen=True):
    """The error of central differences over the step h, a curve for each element."""

    curves: Sequence[ErrorCurve]


class SchedulePage(Struct, frozen=True):
    """The learning rate by iteration."""

    curve: RateCurve


class ProgramPage(Struct, frozen=True):
    """The program that runs are compiled to."""

    program: WrittenProgram


Page: TypeAlias = (
    Whereabouts | RecordTitles | LessonPage | IterationPage | ChainPage | ElementPage | ArraysInFull
    | NamedValue | TreePage | ParametersPage | LossesPage | HyperparametersPage | AlterationsPage
    | BreakpointsPage | MarksPage | BackwardPage | LessonNames | CommandNames | HelpPage | CheckPage
    | SweepPage | SchedulePage | ProgramPage | SourcePage | SeenPage
)  # fmt: skip
Reply: TypeAlias = Note | Accepted | View | Running | Page
Replies: TypeAlias = Iterator[Reply]
