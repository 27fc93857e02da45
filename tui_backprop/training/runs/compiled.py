"""Whole iterations at full speed: compiled programs, and how many iterations make a chunk."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Graph
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.backends import NATIVE
from tui_backprop.engine.core.mode import Mode
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.training.costs import overhead, work
from tui_backprop.training.runs.beside import Beside, native_program
from tui_backprop.training.schedule import Schedule
from tui_backprop.training.state import Chunk, TrainingState, reached
from tui_backprop.training.stops.divergence import is_finite
from tui_backprop.training.stops.early_stop import Lowest

if TYPE_CHECKING:
    from tui_backprop.engine.compile.compiler import Iterations, RunProgram
    from tui_backprop.engine.compile.iteration import Validating, Watching
    from tui_backprop.engine.compile.native import NativeProgram

CHUNK = 0.004
"""Seconds of training in one go, roughly."""
NEAR = 32
"""Iterations at the end of a run, or of a way back, with a checkpoint each; fewer where arrays are large."""
FEW = 32
"""Iterations that are done step by step in the time in which small arrays' could be compiled."""
LEAST_RATE = 2.0**-960
"""Learning rates below that are stepped with: a power of two may take them to where few digits are left."""
PAYS = 0.25
"""Seconds of work that lie ahead, by an estimate, from which on machine code is made."""
PROGRAMS = 4
"""Programs whose arrays are kept: those of two sizes of batches, with and without breakpoints."""
_Done: TypeAlias = "tuple[Iterations, Array, Array | None]"
"""What some iterations came to, and the loss, and the validation loss, before each of their updates."""


class ProgramKey(Struct, frozen=True):
    """What a program is compiled for.

    Attributes:
        graph: the batch's.
        optimizer: its name.
        coefficients: those that do something.
        scheduled: the coefficients that are others in each iteration.
        whole: whether a batch has all samples.
        per_epoch: batches of an epoch.
        validates: whether it works out the validation loss.
        guards: whether 0 · ∞ is looked for.
        watched: what is watched.
    """

    graph: Graph
    optimizer: str
    coefficients: tuple[str, ...]
    scheduled: tuple[str, ...]
    whole: bool
    per_epoch: int
    validates: bool
    guards: bool
    watched: tuple[str, ...]


class Stop(Struct, frozen=True):
    """What ends a chunk before its time.

    Attributes:
        nonfinite: stop in front of a loss, or behind an update, that is not finite.
        watching: stop at the start of the first iteration in which something changes.
        seen: what was seen before; None to compare with the first iteration.
        lowest: the lowest validation loss up to the first iteration, or the one before, to work out the
            others as well; None to leave them.
        patience: with it, stop where it is that many iterations back.
        most: stop after so many iterations at the latest; None for any number.
    """

    nonfinite: bool = False
    watching: Watching | None = None
    seen: tuple[Any, ...] | None = None
    lowest: Lowest | None = None
    patience: int | None = None
    most: int | None = None


NOWHERE = Stop()


class _Bound(NamedTuple):
    """A program, with the memory that it works in.

    Attributes:
        program: the program.
        fixed: what it has made of the data.
        inputs: the data.
        native: makes the same as machine code; None where it is that, or is not to be.
    """

    program: RunProgram
    fixed: Any
    inputs: Mapping[str, Array]
    native: Callable[[], NativeProgram] | None


class CompiledRuns:
    """The compiled programs of one training, made when they are first needed.

    Compiled or step by step, an iteration gives the same bits.

    Args:
        other: whose programs are taken, with memory of their own, where it has them; it may run meanwhile.
    """

    def __init__(self, other: CompiledRuns | None = None) -> None:
        self._other = other
        self._programs: dict[ProgramKey, _Bound | None] = {}
        self._beside = Beside[ProgramKey]()
        self._pace: dict[Graph, int] = {}
        self._costs: dict[Graph, tuple[float, float]] = {}  # of overhead and work
        self._guarded: set[Graph] = set()  # where 0 · ∞ may have been met
        self._finite: Mapping[str, Array] | None = None  # parameters reached last that are known to be

    @property
    def programs(self) -> Mapping[ProgramKey, RunProgram | None]:
        """The programs by what they are for; None where it has to be done step by step."""
        return {key: found and found.program for key, found in self._programs.items()}

    @property
    def is_native(self) -> bool:
        """Whether what ran last was machine code."""
        last = next(reversed(self._programs.values()), None)
        return last is not None and last.program.is_native

    def wait(self) -> None:
        """Wait for the machine code that is being made; the next runs have it."""
        self._beside.wait()

    def advance(
        self, state: TrainingState, schedule: Schedule, most: int, stop: Stop = NOWHERE
    ) -> Chunk | None:
        """Do iterations for about :data:`CHUNK` seconds; None where there are none to do this way.

        Args:
            state: where to start.
            schedule: what holds from there on.
            most: how many lie ahead; the last ones are done one at a time, so that each has a checkpoint.
            stop: where to end before.
        """
        iteration = state.iteration
        settings, batches = schedule.at(iteration), schedule.batches_at(iteration)
        graph = batches.graph(iteration)
        if graph not in self._costs:
            self._costs[graph] = overhead(graph), work(graph)
        overheads, works = self._costs[graph]
        worth = graph in self._pace or most >= FEW * overheads
        pays = most * works >= PAYS
        # never by the clock: what is shown depends on it
        near = max(1, min(NEAR, round(2.5 * NEAR * overheads)))
        most = most - near if most > near else min(most, 1)
        if stop.most is not None:
            most = min(most, stop.most)
        change = schedule.next_change(iteration)
        if change is not None:  # settings changed later on, before somebody went back
            most = min(most, change - iteration)
        if not worth or most < 1 or settings.overrides or not schedule.lesson.trains:
            return None
        optimizer, coefficients = settings.hyperparameters.optimizer, settings.coefficients
        if 0.0 < coefficients.learning_rate < LEAST_RATE:
            return None
        memory = state.memory if state.optimizer == optimizer else {}
        if settings.rule.memory and not memory:
            return None  # the first update has no memory to add to, not even zeros
        parameters = schedule.parameters(state)
        watched = stop.watching.key if stop.watching else ()
        scheduled = settings.scheduled
        samples = batches.epoch_samples(iteration) or ({}, 0, 1)
        validates = stop.lowest is not None
        finite = parameters is self._finite or are_finite(parameters)
        if stop.nonfinite and not finite:
            return None

        def program_that(guards: bool) -> Callable[[int], _Done] | None:
            key = ProgramKey(
                graph, optimizer, coefficients.done, tuple(scheduled),
                batches.whole, batches.per_epoch, validates, guards, watched,
            )  # fmt: skip
            found = self._find(key, lambda: _compiled(key, schedule, state, stop.watching), pays=pays)
            if found is None:
                return None
            from tui_backprop.engine.compile.compiler import RunRequest  # loaded by now

            program, fixed = found.program, found.fixed

            def go(count: int) -> _Done:
                losses, validation = np.empty(count), np.empty(count) if validates else None
                request = RunRequest(
                    count, losses, coefficients, parameters, memory, *samples, iteration, stop.seen,
                    scheduled, validation, batches.seed,
                )  # fmt: skip
                result = program.run(fixed, request)
                done = result.done
                return result, losses[:done], None if validation is None else validation[:done]

            return go

        guards = not finite or graph in self._guarded
        go = program_that(guards)
        if go is None:
            return None
        done = self._paced(graph, min(most, batches.alike(iteration)), go)
        sound = are_finite(done[0].parameters)
        if not guards and not sound:
            # it may be 0 · ∞, which counts as 0: what is looked for only from here on, as it costs time
            self._guarded.add(graph)
            go = program_that(True)
            if go is None:
                return None
            done = go(len(done[1]))
        if stop.nonfinite and not (sound and np.isfinite(done[1]).all()):
            done = finite_part(done, go)
        if stop.lowest is not None and stop.patience is not None:
            done = patient_part(done, go, iteration, stop.lowest, stop.patience)
        result, losses, validation = done
        if not result.done:
            return None
        after = reached(
            iteration + result.done, {**parameters, **result.parameters}, optimizer, result.states
        )
        self._finite = after.parameters if finite and sound else None
        return Chunk(losses, after, result.seen, validation)

    def _paced(self, graph: Graph, most: int, go: Callable[[int], _Done]) -> _Done:
        """Do as many iterations as fit into the time, but never more than twice as many as were seen to."""
        pace = self._pace.get(graph, 1)
        count = min(most, pace)
        begun = time.perf_counter()
        done = go(count)
        took = time.perf_counter() - begun
        if count == pace or took > CHUNK:
            self._pace[graph] = max(1, min(2 * pace, int(CHUNK * count / max(took, 1e-9))))
        return done

    def _find(self, key: ProgramKey, compiled: Callable[[], _Bound | None], *, pays: bool) -> _Bound | None:
        """Return the program for something, as machine code where that pays and is there."""
        theirs = self._other._programs.get(key) if self._other is not None else None
        if key in self._programs:
            self._programs[key] = self._programs.pop(key)  # the one used last stands last
        if theirs is not None and theirs.program is not getattr(self._programs.get(key), "program", None):
            bound = theirs.program.bind(theirs.inputs)
            self._programs[key] = theirs._replace(fixed=bound)
        elif key not in self._programs:
            self._programs[key] = compiled()
            while len(self._programs) > PROGRAMS:
                oldest = next(iter(self._programs))
                del self._programs[oldest]
                self._beside.forget(oldest)
        found = self._programs[key]
        if found is not None and found.native is not None and pays:
            program = self._beside.program(key, found.native)
            if program is not None:
                found = self._programs[key] = _Bound(program, program.bind(found.inputs), found.inputs, None)
        return found


def _compiled(
    key: ProgramKey, schedule: Schedule, state: TrainingState, watching: Watching | None
) -> _Bound | None:
    """Compile what a key asks for; None where that has to be done step by step."""
    from tui_backprop.engine.compile.compiler import compile_graph  # a start needs neither
    from tui_backprop.engine.compile.errors import UntraceableError
    from tui_backprop.engine.compile.iteration import Task, guarded, unguarded

    iteration = state.iteration
    inputs, settings = schedule.batches_at(iteration).inputs(iteration), schedule.at(iteration)
    validating = validating_of(schedule.lesson_at(iteration)) if key.validates else None
    task = Task(
        key.graph, key.optimizer, settings.coefficients, not key.whole, watching,
        guarded if key.guards else unguarded, key.scheduled, validating, shows_gradients=False,
    )  # fmt: skip
    leaves = {**inputs, **schedule.parameters(state)}
    native = partial(native_program, task, leaves) if key.graph.backend.name == NATIVE else None
    try:
        program = compile_graph(task, leaves)
        given = {**inputs, **(validating.held if validating is not None else {})}
        return _Bound(program, program.bind(given), given, native)
    except (UntraceableError, ArithmeticError, ValueError, MemoryError, RecursionError):
        return None  # step by step it can still be done


def validating_of(lesson: Lesson) -> Validating:
    """Return what gives a lesson's validation loss."""
    from tui_backprop.engine.compile.iteration import Validating

    validation = lesson.validation
    assert validation is not None
    return Validating(lesson.graph(validation.rows, Mode.EVALUATION), validation.samples)


def are_finite(values: Mapping[str, Array]) -> bool:
    """Tell whether every element of every value is finite."""
    return all(map(is_finite, values.values()))


def finite_part(done: _Done, go: Callable[[int], _Done]) -> _Done:
    """Return iterations up to the first loss that is not finite, or update that would spoil a parameter.

    Numbers that are not finite stay so, whatever is added to them, so the update is found by bisection. It is
    left to be done step by step: at the edge of the floating-point numbers, that may end otherwise.
    """
    finite = np.isfinite(done[1])
    if not finite.all():
        done = go(int(np.argmin(finite)))
    good, bad = 0, done[0].done
    if not bad or are_finite(done[0].parameters):
        return done
    while bad - good > 1:
        middle = (good + bad) // 2
        if are_finite(go(middle)[0].parameters):
            good = middle
        else:
            bad = middle
    return go(good)


def patient_part(
    done: _Done, go: Callable[[int], _Done], iteration: int, lowest: Lowest, patience: int
) -> _Done:
    """Return iterations from one on, up to the start of that where the validation loss stops a run."""
    assert done[2] is not None
    known = lowest.upto - iteration + 1
    stop = lowest.stops_within(done[2][known:], patience)
    return done if stop is None else go(known + stop - 1)
