"""What a run did, step by step: each step is one operation of the language, as pieces of its text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from tui_backprop.engine.frontends.numpy_tracing.names import usable
from tui_backprop.engine.frontends.numpy_tracing.places import SourcePlace, refuse, users_frame
from tui_backprop.engine.language.building.nodes import MAX_NODES
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.sentences import tr

ATOM: Final = 9
"""How tightly a name or a call binds: nothing has to be put in parentheses."""
MAX_STEPS: Final = 2 * MAX_NODES
"""Operations of one run, those included that no loss is worked out of, such as what a while asks."""
LOOSEST: Final = 0
"""How tightly a whole expression has to bind where a comma or a bracket follows."""


@dataclass(eq=False, slots=True)
class Step:
    """One operation, a value that is given, or an assignment to some places of an array.

    Attributes:
        index: its place in the run.
        pieces: its text; operands stand in it with how tightly they have to bind there.
        binds: how tightly the text binds.
        value: what NumPy made of it.
        place: the line of the program.
        frame: the call that the line was run in.
        constant: whether nothing that is given has a part in it.
        given: whether it is a leaf, whose name is fixed.
        stores: the step whose array this one assigns to, at ``key``.
        key: what stands between the brackets of the assignment.
        view_of: the step whose memory NumPy has it in.
        names: variables that held it: how deep, since when, name.
    """

    index: int
    pieces: Pieces
    binds: int
    value: Any
    place: SourcePlace
    frame: int
    constant: bool = False
    given: bool = False
    stores: Step | None = None
    key: Pieces = ()
    view_of: Step | None = None
    names: list[tuple[int, int, str]] = field(default_factory=list)

    @property
    def operands(self) -> list[Step]:
        """What it is worked out of."""
        used = [piece.step for piece in (*self.pieces, *self.key) if isinstance(piece, Operand)]
        return used if self.stores is None else [self.stores, *used]


class Operand(NamedTuple):
    """A step inside of the text of another."""

    step: Step
    binds: int


Pieces: TypeAlias = "tuple[str | Operand, ...]"


class TracedValue:
    """A value that writes down what is done with it.

    Attributes:
        recorder: where.
    """

    recorder: RunRecorder

    @property
    def step(self) -> Step:
        """What made its numbers."""
        raise NotImplementedError

    @property
    def value(self) -> Any:
        """Its numbers."""
        return self.step.value


class RunRecorder:
    """The steps of one run.

    Args:
        wrap: returns the array that the program computes with on, for a step.

    Attributes:
        steps: all of them, in order.
        constants: arrays that the program has from elsewhere, by the names they get.
        notes: what has to be said of the run, with its line.
    """

    def __init__(self, wrap: Callable[[RunRecorder, Step], Any]) -> None:
        self._wrap = wrap
        self.steps: list[Step] = []
        self.constants: dict[str, Step] = {}
        self.notes: dict[str, None] = {}
        self.taken: set[str] = set()
        self._frames: dict[int, tuple[Any, int]] = {}
        self._moment = 0

    def give(self, name: str, value: Any, *, constant: bool = False) -> Step:
        """Add a value that is given by a name."""
        self.taken.add(name)
        frame = users_frame()
        place = SourcePlace(frame.f_code.co_filename, frame.f_lineno)
        step = Step(len(self.steps), (name,), ATOM, value, place, -1, constant, given=True)
        self.steps.append(step)
        return step

    def add(self, pieces: Sequence[str | Operand], binds: int, value: Any) -> Step:
        """Add an operation that the line which is run does.

        Raises:
            TraceError: there are too many.
        """
        if len(self.steps) >= MAX_STEPS:
            raise refuse(
                tr(
                    "more than {count:,} operations; a formula has at most {limit:,}",
                    count=MAX_STEPS,
                    limit=MAX_NODES,
                )
            )
        frame = users_frame()
        place = SourcePlace(frame.f_code.co_filename, frame.f_lineno)
        _, call = self._frames.setdefault(id(frame), (frame, len(self._frames)))  # held, so ids stay
        step = Step(len(self.steps), tuple(pieces), binds, value, place, call)
        step.constant = all(operand.constant for operand in step.operands)
        self.steps.append(step)
        return step

    def made(self, pieces: Sequence[str | Operand], binds: int, value: Any) -> Any:
        """Add an operation, and return its result as the program goes on with it."""
        return self._wrap(self, self.add(pieces, binds, np.asarray(value)))

    def add_store(self, target: Step, key: Pieces, value: Operand | str, result: Any) -> Step:
        """Add an assignment to some places of an array."""
        step = self.add((value,), ATOM, result)
        step.stores, step.key = target, key
        step.constant = all(operand.constant for operand in step.operands)
        return step

    def name(self, step: Step, name: str, depth: int) -> None:
        """Note that a variable holds a step's value."""
        if all(name != known for _, _, known in step.names):
            self._moment += 1
            step.names.append((depth, self._moment, name))

    def note(self, what: str) -> None:
        """Note something of the line that is run."""
        frame = users_frame()
        self.notes.setdefault(f"{SourcePlace(frame.f_code.co_filename, frame.f_lineno)}: {what}")

    def wrapped(self, step: Step) -> Any:
        """Return a step's value as the program goes on with it."""
        return self._wrap(self, step)

    def constant(self, array: Any) -> Step:
        """Return the step of an array that the program has from elsewhere."""
        array = np.asarray(array)
        if array.dtype.kind not in "fiub":
            raise refuse(
                tr("found an array of {dtype}; write numbers, in double precision", dtype=array.dtype)
            )
        if not array.size:
            raise refuse(
                tr(
                    "found an empty array, {shape}; an array has at least one number",
                    shape=shape_text(array.shape),
                )
            )
        for known in self.constants.values():
            if known.value.shape == array.shape and np.array_equal(known.value, array):
                return known
        frame = users_frame()
        variables: Mapping[str, Any] = {**frame.f_globals, **frame.f_locals}
        named = next((name for name, value in variables.items() if value is array), "")
        step = self.give(self.free(named or "c"), array.copy(), constant=True)
        self.constants[str(step.pieces[0])] = step
        return step

    def free(self, wanted: str) -> str:
        """Return a name for an array from elsewhere."""
        wanted = wanted if usable(wanted) else "c"
        number, name = 1, wanted if wanted != "c" else "c1"
        while name in self.taken:
            number += 1
            name = f"{wanted}{number}" if wanted == "c" else f"{wanted}_{number}"
        return name

    def close(self) -> None:
        """Let go of the program's frames."""
        self._frames.clear()
