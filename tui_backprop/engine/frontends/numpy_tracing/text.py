"""Steps of a run to formula text: what reaches the loss, and where each line came from."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass

from tui_backprop.engine.frontends.numpy_tracing.names import Names
from tui_backprop.engine.frontends.numpy_tracing.places import SourcePlace
from tui_backprop.engine.frontends.numpy_tracing.steps import LOOSEST, Operand, Pieces, RunRecorder, Step


@dataclass(frozen=True)
class FormulaText:
    """A run as a formula.

    Attributes:
        lines: its lines, an assignment each.
        places: the line of the program that each came from.
        steps: what each assigns.
        loss: the name of the loss.
    """

    lines: tuple[str, ...]
    places: tuple[SourcePlace, ...]
    steps: tuple[Step, ...]
    loss: str


def formula_of(recorder: RunRecorder, loss: Step) -> FormulaText:
    """Write what the loss is worked out of."""
    return _Writer(recorder, loss).write()


LONGEST = 20_000
"""Characters of a value written as one expression."""


def expression_of(step: Step) -> str:
    """Return a value as one expression over what is given; "" where it is none, or a long one."""
    out: list[str] = []
    length = 0
    left: list[str | Operand] = [Operand(step, LOOSEST)]
    while left and length <= LONGEST:
        piece = left.pop()
        if isinstance(piece, str):
            out.append(piece)
            length += len(piece)
        elif piece.step.stores is not None:
            return ""
        else:
            left += reversed(_within(piece))
    return "" if left else "".join(out)


def _within(operand: Operand) -> list[str | Operand]:
    """Return the pieces of an operand, in parentheses where it would not hold together."""
    inner = list(operand.step.pieces)
    loose = operand.step.binds < operand.binds and operand.binds > LOOSEST
    return ["(", *inner, ")"] if loose else inner


class _Writer:
    """One formula while it is written."""

    def __init__(self, recorder: RunRecorder, loss: Step) -> None:
        self.loss = loss
        self.live = [step for step in _reached(loss, recorder.steps) if not step.given]
        self.names: dict[Step, str] = {}
        self.uses: dict[Step, list[Step]] = {}
        for step in self.live:
            for operand in step.operands:
                self.uses.setdefault(operand, []).append(step)
        self.writes = [step.index for step in self.live if step.stores is not None]
        self.changed = {_memory(step) for step in self.live if step.stores is not None}
        taken = {str(step.pieces[0]) for step in recorder.steps if step.given}
        self.free = Names(taken)

    def write(self) -> FormulaText:
        written = [step for step in self.live if not self._is_inside(step)]
        arrays: dict[Step, list[Step]] = {}  # by the step that makes it, all that is assigned to an array
        for step in written:
            arrays.setdefault(_root(step), []).append(step)
        for root, steps in arrays.items():
            until = max((self._used_until(step) for step in steps), default=float(root.index))
            wanted = [entry for step in steps for entry in step.names]
            name = self.free.take(wanted, root.index, until)
            self.names.update(dict.fromkeys(steps, name))
        lines = tuple(map(self._line, written))
        return FormulaText(
            lines, tuple(step.place for step in written), tuple(written), self.names[self.loss]
        )

    def _is_inside(self, step: Step) -> bool:
        """Tell whether a step is written inside of the line that uses it."""
        uses = self.uses.get(step, [])
        if step is self.loss or len(uses) != 1 or step.stores is not None or step.names:
            return False
        (use,) = uses
        if use.stores is step or (use.frame, use.place.line) != (step.frame, step.place.line):
            return False
        following = bisect_right(self.writes, step.index)
        return following == len(self.writes) or self.writes[following] >= use.index

    def _used_until(self, step: Step) -> float:
        """Return the place in the run where a value is used last."""
        if step is self.loss:
            return math.inf
        last, left = float(step.index), list(self.uses.get(step, []))
        while left:
            use = left.pop()
            if self._is_inside(use):
                left += self.uses[use]
            last = max(last, use.index)
        return last

    def _line(self, step: Step) -> str:
        name = self.names[step]
        if step.stores is not None:
            return f"{name}[{self._text(step.key)}] = {self._text(step.pieces)}"
        if step.view_of is not None and _memory(step) in self.changed:
            return f"{name} = np.copy({self._text(step.pieces)})"  # what changes in both is written twice
        return f"{name} = {self._text(step.pieces)}"

    def _text(self, pieces: Pieces) -> str:
        """Write pieces; iterative, since one line may hold a long sum."""
        out: list[str] = []
        left: list[str | Operand] = list(reversed(pieces))
        while left:
            piece = left.pop()
            if isinstance(piece, str):
                out.append(piece)
            elif piece.step.given:
                out.append(str(piece.step.pieces[0]))
            elif piece.step in self.names:
                out.append(self.names[piece.step])
            else:
                left += reversed(_within(piece))
        return "".join(out)


def _reached(loss: Step, steps: list[Step]) -> list[Step]:
    """Return what the loss is worked out of, in the order of the run."""
    reached, left = {loss}, [loss]
    while left:
        for operand in left.pop().operands:
            if operand not in reached:
                reached.add(operand)
                left.append(operand)
    return [step for step in steps if step in reached]


def _memory(step: Step) -> Step:
    """Return the step that has made the memory which a step's value is in."""
    step = _root(step)
    while step.view_of is not None:
        step = _root(step.view_of)
    return step


def _root(step: Step) -> Step:
    """Return the step that has made the array which a step assigns to."""
    while step.stores is not None:
        step = step.stores
    return step
