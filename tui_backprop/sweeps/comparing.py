"""Two runs side by side: where they first differ, record by record, with both values and why.

A run follows from its schedule, so that two runs are the same up to the first iteration at which something
else is set. From there on both are walked, first far and then near, until a record differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, TypeAlias

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Graph, Kind, Node
from tui_backprop.engine.autodiff.records import Assignment, ChainFactor, Record
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import Interrupted, never
from tui_backprop.explain.titles import gradient_name, record_titles, shown
from tui_backprop.sweeps.settings import (
    SettingDifference,
    equal_arrays,
    equal_values,
    setting_differences,
)
from tui_backprop.text.sentences import tr
from tui_backprop.training.iteration import Iteration, advance
from tui_backprop.training.runs.compiled import CompiledRuns
from tui_backprop.training.schedule import Schedule
from tui_backprop.training.state import TrainingState
from tui_backprop.training.trainer import Trainer
from tui_backprop.training.workbook import Pin

DifferenceKind: TypeAlias = Literal["parameter", "samples", "given", "formula", "value", "gradient", "update"]
"""What differs: what an iteration starts from, the formula itself, or what a record says."""
_State: TypeAlias = "tuple[TrainingState, TrainingState]"


class ComparedRun(Struct, frozen=True, eq=False):
    """One of the runs.

    Attributes:
        name: what it is called, such as "pin 2".
        schedule: what led to it.
        iteration, loss: how far it went.
        states: some of its states, ascending, from which a walk may begin.
    """

    name: str
    schedule: Schedule
    iteration: int
    loss: float
    states: tuple[TrainingState, ...] = ()

    @classmethod
    def of_trainer(cls, trainer: Trainer, name: str = "") -> ComparedRun:
        """Return the run up to where a trainer stands."""
        saved = trainer.snapshot()
        return cls(name or tr("here"), saved.schedule, saved.iteration, trainer.loss, saved.states)

    @classmethod
    def of_pin(cls, pin: Pin, name: str) -> ComparedRun:
        """Return a run that was pinned."""
        return cls(name, pin.schedule, pin.iteration, pin.loss)


class FirstDifference(Struct, frozen=True, eq=False):
    """The first thing that differs in two runs.

    Attributes:
        kind: what it is.
        iteration: in which iteration.
        place: which of its ``total`` records; 0 for what the iteration starts from.
        title: the record's title, or the name of what is given.
        part: which of the record's arrays, in words.
        node: the name of the node that it is about.
        here, there: the values; None where the formulas themselves differ.
        texts: how either record is called, where the formulas differ.
    """

    kind: DifferenceKind
    iteration: int
    place: int
    total: int
    title: str
    part: str
    node: str
    here: Array | None = None
    there: Array | None = None
    texts: tuple[str, str] = ("", "")

    @property
    def elements(self) -> tuple[tuple[int, ...], ...]:
        """The places of the elements that differ, in order; none where the shapes do or there are none."""
        if self.here is None or self.there is None or np.shape(self.here) != np.shape(self.there):
            return ()
        one, other = np.asarray(self.here), np.asarray(self.there)
        unequal = ~((one == other) | (np.isnan(one) & np.isnan(other)))
        return tuple(tuple(int(i) for i in place) for place in np.argwhere(unequal))

    @property
    def most(self) -> tuple[int, ...] | None:
        """The place of the element that differs most; one that is finite in one run only comes first."""
        places = self.elements
        if not places or self.here is None or self.there is None:
            return None
        one, other = np.asarray(self.here, np.float64), np.asarray(self.there, np.float64)
        with np.errstate(all="ignore"):
            size = np.abs(one - other)
        size = np.where(np.isnan(size), np.inf, size)
        return max(places, key=lambda place: float(size[place]))


class RunComparison(Struct, frozen=True, eq=False):
    """Two runs side by side.

    Attributes:
        here, there: the runs.
        settings: what is set otherwise.
        last: the last iteration that both have, up to which they were compared.
        difference: what differs first; None where nothing does.
        causes: the settings that can have made it differ.
    """

    here: ComparedRun
    there: ComparedRun
    settings: tuple[SettingDifference, ...]
    last: int
    difference: FirstDifference | None
    causes: tuple[SettingDifference, ...] = ()


def compare_runs(
    here: ComparedRun, there: ComparedRun, should_stop: Callable[[], bool] = never
) -> RunComparison:
    """Compare two runs as far as both go.

    Raises:
        Interrupted: ``should_stop``, asked between some iterations, said so.
    """
    last = min(here.iteration, there.iteration)
    settings = setting_differences(here.schedule, there.schedule, last)
    difference = None
    if settings:
        difference = _Walk(here, there, should_stop).first(settings[0].since, last)
    if difference is None:
        return RunComparison(here, there, settings, last, None)
    return RunComparison(here, there, settings, last, difference, _causes(difference, settings))


# ---------------------------------------------------------------------- walking


class _Walk:
    """Both runs walked side by side, from where they are set otherwise."""

    def __init__(self, here: ComparedRun, there: ComparedRun, should_stop: Callable[[], bool]) -> None:
        self._here, self._there, self._should_stop = here, there, should_stop
        self._runs = CompiledRuns(), CompiledRuns()

    def first(self, since: int, last: int) -> FirstDifference | None:
        """Return what differs first from an iteration on, up to another one; they are the same before it."""
        states, step = self._at(since), 1
        while True:
            self._give_way()
            found = differing(self._iterations(states))
            number = states[0].iteration
            if found is not None or number >= last or not self._here.schedule.lesson.trains:
                return found
            while number < last:  # farther and farther, as long as nothing differs
                goal = min(number + step, last)
                ahead = self._ahead(states, goal)
                if ahead is None:
                    break
                states, number, step = ahead, goal, 2 * step
            if number >= last:
                continue
            low, high = number, goal
            while high - low > 1:
                middle = (low + high) // 2
                ahead = self._ahead(states, middle)
                if ahead is None:
                    high = middle
                else:
                    states, low = ahead, middle
            found = differing(self._iterations(states))
            if found is not None:
                return found
            states, step = self._forward(states, low + 1)[0], 1  # only the optimizers' memories differ

    def _at(self, iteration: int) -> _State:
        """Return the states of an iteration up to which both are the same."""
        if not iteration:
            return self._here.schedule.start(), self._there.schedule.start()
        schedule = self._here.schedule
        known = [state for state in self._here.states if state.iteration <= iteration]
        state = known[-1] if known else schedule.start()
        state, _ = self._go(0, state, iteration)
        return state, state

    def _ahead(self, states: _State, goal: int) -> _State | None:
        """Return the states of a later iteration, where neither they nor a loss on the way differ."""
        (one, other), losses = self._forward(states, goal)
        same = equal_arrays(*losses) and equal_values(one.parameters, other.parameters)
        if not same or (one.optimizer == other.optimizer and not _same_memory(one, other)):
            return None
        return one, other

    def _forward(self, states: _State, goal: int) -> tuple[_State, tuple[Array, Array]]:
        (one, mine), (other, theirs) = (self._go(side, states[side], goal) for side in (0, 1))
        return (one, other), (mine, theirs)

    def _go(self, side: int, state: TrainingState, goal: int) -> tuple[TrainingState, Array]:
        schedule, losses = (self._here, self._there)[side].schedule, [np.empty(0)]
        while state.iteration < goal:
            self._give_way()
            chunk = self._runs[side].advance(state, schedule, goal - state.iteration)
            if chunk is not None:
                state = chunk.state
                losses.append(chunk.losses)
            else:
                state, loss = advance(state, schedule)
                losses.append(np.array([loss]))
        return state, np.concatenate(losses)

    def _iterations(self, states: _State) -> tuple[Iteration, Iteration]:
        return Iteration(self._here.schedule, states[0]), Iteration(self._there.schedule, states[1])

    def _give_way(self) -> None:
        if self._should_stop():
            raise Interrupted(tr("comparing was interrupted"))


def _same_memory(one: TrainingState, other: TrainingState) -> bool:
    return one.memory.keys() == other.memory.keys() and all(
        equal_values(one.memory[name].arrays, other.memory[name].arrays) for name in one.memory
    )


# ---------------------------------------------------------------------- within an iteration


def differing(pair: tuple[Iteration, Iteration]) -> FirstDifference | None:
    """Return what differs first in two iterations: what they start from, then record by record."""
    here, there = pair
    titles, others = record_titles(here.graph), record_titles(there.graph)
    total, number = len(titles), here.number
    for place, (mine, theirs) in enumerate(zip((*titles, ""), (*others, ""), strict=False), 1):
        if mine != theirs:
            none = tr("no further record")
            texts = mine or none, theirs or none
            return FirstDifference("formula", number, place, total, texts[0], "", "", texts=texts)
    with np.errstate(all="ignore"):
        for node in (*here.graph.parameters, *here.graph.inputs):
            twin = there.graph.named.get(node.name)
            if twin is None:
                texts = node.name, tr("no {name}", name=node.name)
                return FirstDifference("formula", number, 0, total, shown(node), "", node.name, texts=texts)
            one, other = here.tape.value(node), there.tape.value(twin)
            if not equal_arrays(one, other):
                return FirstDifference(
                    _leaf_kind(node), number, 0, total, shown(node), tr("value"), node.name, one, other
                )
        records = zip(here.all_records(), there.all_records(), strict=True)
        for place, (record, match) in enumerate(records, 1):
            arrays = zip(_arrays(record, here.graph), _arrays(match, there.graph), strict=True)
            for (part, one), (_, other) in arrays:
                if not equal_arrays(one, other):
                    return FirstDifference(
                        _kind(record), number, place, total, titles[place - 1], part, _node(record).name,
                        one, other,
                    )  # fmt: skip
    return None


def _leaf_kind(node: Node) -> DifferenceKind:
    if node.kind is Kind.PARAMETER:
        return "parameter"
    return "samples" if node.kind is Kind.SAMPLES else "given"


def _kind(record: Record) -> DifferenceKind:
    if isinstance(record, Assignment):
        return "value"
    return "gradient" if isinstance(record, ChainFactor) else "update"


def _node(record: Record) -> Node:
    if isinstance(record, Assignment):
        return record.node
    return record.operand if isinstance(record, ChainFactor) else record.parameter


def _arrays(record: Record, graph: Graph) -> Iterator[tuple[str, Array]]:
    """Yield a record's arrays, each with what it is, in the order in which they are worked out.

    The terms of an update are left out: two optimizers have others, and what they come to is the step.
    """
    if isinstance(record, Assignment):
        yield shown(record.node), record.value
    elif isinstance(record, ChainFactor):
        yield tr("upstream, {gradient}", gradient=gradient_name(graph, record.output)), record.upstream
        yield tr("downstream"), record.downstream
        yield tr("{name} so far", name=gradient_name(graph, record.operand)), record.accumulated
    else:
        yield gradient_name(graph, record.parameter), record.gradient
        yield tr("{name} after the update", name=shown(record.parameter)), record.after


# ---------------------------------------------------------------------- why

_OF_BATCH = ("batch_size", "shuffle", "seed")
_OF_START = ("seed", "dtype")


def _causes(
    difference: FirstDifference, settings: Sequence[SettingDifference]
) -> tuple[SettingDifference, ...]:
    """Return the settings in force there that can have made it differ; all of them where none fits."""
    there = [one for one in settings if one.since <= difference.iteration and not one.idle]
    fitting = [one for one in there if _fits(one, difference)]
    return tuple(fitting or there)


def _fits(setting: SettingDifference, difference: FirstDifference) -> bool:
    if setting.kind in ("lesson", "samples"):
        return True
    kind, is_hyper = difference.kind, setting.kind == "hyperparameter"
    if kind == "parameter":
        if setting.kind in ("moved", "held"):
            return setting.name == difference.node
        return setting.name in _OF_START and not difference.iteration
    if kind in ("samples", "given"):
        return setting.name in (*_OF_BATCH, "dtype") if is_hyper else setting.name == difference.node
    if kind == "update":
        return is_hyper and setting.name not in (*_OF_BATCH, *_OF_START)
    return setting.kind == "held" or setting.name == "dtype"
