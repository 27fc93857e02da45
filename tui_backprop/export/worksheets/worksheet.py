"""A worksheet: the records of one iteration, some of whose numbers are left blank, chosen by a seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final, Literal, TypeAlias

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Factor, Graph
from tui_backprop.engine.autodiff.records import Assignment, ChainFactor, ParameterUpdate, Record
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.explain.pages.whole import WholeIteration, given_values
from tui_backprop.explain.record import local_text
from tui_backprop.explain.titles import assignment_title, atom, gradient_name, partial, shown
from tui_backprop.export.listing import formula_lines
from tui_backprop.export.worksheets.paper import on_paper
from tui_backprop.lessons.drawn import redrawn
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.trainer import Trainer

Section: TypeAlias = Literal["forward", "backward", "update"]
Kind: TypeAlias = Literal["value", "local", "contribution", "gradient", "after"]
COUNT: Final = 6
"""Blanks, where none are asked for."""
LARGEST: Final = 9
"""Elements of a blank at most: what fills in a line by hand."""
MOST_STEPS: Final = 100
"""Steps of a worksheet at most: five pages."""


class Item(Struct, frozen=True, eq=False):
    """One number, or array of numbers, of a step.

    Attributes:
        kind: what it is: a node's value, a local derivative, what one path contributes to a gradient, a
            gradient that paths have added up to, a parameter after its update.
        of: what it is of, as the lesson writes it: a node, or ``y <- w`` for an edge.
        text: it as an equation's left side, and the formula that gives it: ``∂L/∂ŷ = …``.
        value: the right number.
        blank: the number of the blank that stands in its place; 0 where it is shown.
        shown: whether its value may be read: what would give a blank away is neither asked nor shown.
    """

    kind: Kind
    of: str
    text: str
    value: Array
    blank: int = 0
    shown: bool = True


class SheetStep(Struct, frozen=True, eq=False):
    """One record: its number in the iteration, which section it stands in, its title, and its items."""

    number: int
    section: Section
    title: str
    items: tuple[Item, ...]


class Worksheet(Struct, frozen=True, eq=False):
    """A handout.

    Attributes:
        lesson: the lesson's name.
        title: for people.
        seed: what its numbers and blanks follow from.
        formula: the lesson's, line by line.
        given: data and parameters: name, and value.
        rate: the learning rate of plain gradient descent.
        steps: the iteration's records.
    """

    lesson: str
    title: str
    seed: int
    formula: Sequence[str]
    given: Sequence[tuple[str, Array]]
    rate: float
    steps: Sequence[SheetStep]

    @property
    def blanks(self) -> list[tuple[SheetStep, Item]]:
        """What is left blank, in the order of the page."""
        return [(step, item) for step in self.steps for item in step.items if item.blank]


def make_worksheet(lesson: Lesson, seed: int, count: int = COUNT) -> Worksheet:
    """Make a worksheet of a lesson's first iteration, with numbers drawn from a seed.

    Args:
        lesson: any lesson whose arrays fit on paper once samples and long axes are cut.
        seed: the same seed gives the same page, on any machine.
        count: how many blanks; where there are not so many numbers to ask for, all of these.

    Raises:
        BackpropError: it does not fit on paper, or there is nothing to ask for.
    """
    drawn = on_paper(redrawn(lesson, seed, whole=True))
    trainer = Trainer(drawn)
    whole = WholeIteration.of(trainer)
    steps = list(_steps(whole))
    if len(steps) > MOST_STEPS:
        raise BackpropError(
            tr("{lesson} does not fit on paper: an iteration has {steps} steps, and a worksheet takes {most}",
               lesson=lesson.name, steps=len(steps), most=MOST_STEPS)
        )  # fmt: skip
    return Worksheet(
        printable(drawn.name),
        printable(drawn.title, 200),
        seed,
        formula_lines(drawn),
        [(node.name, value) for node, value in given_values(whole.tape)],
        trainer.hyperparameters.learning_rate,
        _with_blanks(steps, lesson.name, seed, count),
    )


def _steps(whole: WholeIteration) -> Iterator[SheetStep]:
    graph = whole.graph
    forward, back = len(graph.assignments), len(graph.assignments) + len(graph.factors)
    left = dict.fromkeys((factor.operand.index for factor in _leading(graph)), 0)
    for factor in _leading(graph):
        left[factor.operand.index] += 1
    several = {index for index, count in left.items() if count > 1}
    for place, record in enumerate(whole.records):
        if forward <= place < back and place - forward not in graph.leading:
            continue
        if isinstance(record, ChainFactor):
            left[record.operand.index] -= 1
        is_sum = (
            isinstance(record, ChainFactor)
            and record.operand.index in several
            and not left[record.operand.index]
        )
        yield _step(place + 1, record, graph, is_sum)


def _leading(graph: Graph) -> Iterator[Factor]:
    return (graph.factors[place] for place in sorted(graph.leading))


def _step(number: int, record: Record, graph: Graph, is_sum: bool) -> SheetStep:
    if isinstance(record, Assignment):
        node = record.node
        title = assignment_title(node)
        text = f"{shown(node)} =" if node.label else f"{title} ="
        return SheetStep(number, "forward", title, (Item("value", node.name, text, record.value),))
    if isinstance(record, ParameterUpdate):
        node = record.parameter
        text = f"{shown(node)} ← {shown(node)} − η · {gradient_name(graph, node)} ="
        return SheetStep(number, "update", shown(node), (Item("after", node.name, text, record.after),))
    return SheetStep(
        number, "backward", gradient_name(graph, record.operand), tuple(_factor(record, graph, is_sum))
    )


def _factor(record: ChainFactor, graph: Graph, is_sum: bool) -> Iterator[Item]:
    edge = f"{record.output.name} <- {record.operand.name}"
    up, down = gradient_name(graph, record.output), gradient_name(graph, record.operand)
    rule = pretty_text(local_text(record))
    if record.local is None:
        yield Item("contribution", edge, f"{down} = {rule.replace('upstream', up)} =", record.downstream)
    else:
        name = partial(atom(record.output), record.operand)
        is_number = rule.replace("−", "-").lstrip("-").replace(".", "", 1).isdecimal()
        yield Item("local", edge, f"{name} =" if is_number else f"{name} = {rule} =", record.local)
        if record.output is not graph.loss:
            sign = " ⊙ " if record.output.shape else " · "
            yield Item("contribution", edge, f"{down} = {up}{sign}{name} =", record.downstream)
    if is_sum:
        yield Item("gradient", record.operand.name, f"{down} = Σ =", record.accumulated)


def _with_blanks(steps: Sequence[SheetStep], lesson: str, seed: int, count: int) -> list[SheetStep]:
    """Leave so many items blank: of each section in turn, which ones the seed says."""
    places: dict[str, list[tuple[int, int]]] = {"backward": [], "forward": [], "update": []}
    for at, step in enumerate(steps):
        places[step.section] += [(at, k) for k, item in enumerate(step.items) if _is_asked(item)]
    count = min(count, sum(map(len, places.values())))
    if not count:
        raise BackpropError(tr("{lesson} has no numbers that a worksheet could ask for", lesson=lesson))
    for section in places.values():
        section.sort(key=lambda place: sha256(f"{lesson} {seed} {place}".encode()).digest())
    chosen: list[tuple[int, int]] = []
    while len(chosen) < count:
        for name in ("backward", "forward", "backward", "update"):
            if places[name] and len(chosen) < count:
                chosen.append(places[name].pop())
    numbers = {place: number for number, place in enumerate(sorted(chosen), 1)}
    asked = [steps[at].items[k].value for at, k in chosen]
    return [
        SheetStep(
            step.number, step.section, step.title,
            tuple(
                Item(item.kind, item.of, item.text, item.value, numbers.get((at, k), 0),
                     (at, k) not in numbers and not _gives_away(item.value, asked))
                for k, item in enumerate(step.items)
            ),
        )
        for at, step in enumerate(steps)
    ]  # fmt: skip


def _is_asked(item: Item) -> bool:
    """Tell whether an item may be a blank: small, finite, and more than a derivative that is 1 everywhere."""
    few = item.value.size <= LARGEST and bool(np.all(np.isfinite(item.value)))
    return few and not (item.kind == "local" and bool(np.all(np.abs(item.value) == 1)))


def _gives_away(value: Array, asked: Sequence[Array]) -> bool:
    """Tell whether a value is one that is asked for; 0 and ±1 are everywhere and tell nothing."""
    if np.all(np.isin(value, (-1.0, 0.0, 1.0))):
        return False
    return any(one.shape == value.shape and np.allclose(one, value, rtol=1e-9, atol=0) for one in asked)
