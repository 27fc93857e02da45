"""A whole backward pass worked out by hand: each line right, wrong, or right but for what came before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.core.errors import FormulaError, FormulaShapeError, Interrupted, never
from tui_backprop.exercises.brought.culprits import Culprits
from tui_backprop.exercises.brought.evaluated import Evaluated
from tui_backprop.exercises.brought.passes import Assigned, place_of
from tui_backprop.exercises.brought.text import straight_lines
from tui_backprop.exercises.findings import Diagnosis, Finding
from tui_backprop.text.sentences import tr
from tui_backprop.training.trainer import Trainer


class LineVerdict(StrEnum):
    """What one line of a backward pass is."""

    RIGHT = "right"
    WRONG = "wrong"
    FOLLOWS = "follows"
    HELPER = "not a gradient"


@dataclass(frozen=True, eq=False, slots=True)
class LineMark:
    """One line of a backward pass, marked.

    Attributes:
        line: its number, from 1.
        name: what it assigns.
        verdict: what it is; FOLLOWS where it is right itself and follows from an earlier wrong line.
        node: whose gradient the name is, or for a wrong helper value, comes out wrong; None of other ones.
        diagnosis: the mistake of a wrong one that could be evaluated.
        whole: for a line that has only a part of a gradient, the last line of it; 0 for others.
        problem: why the language refuses the line, where it does.
        mended: the line as it would be right, where a small change makes it so.
        scale: how many times the gradient a right line gives, which those below make up for.
    """

    line: int
    name: str
    verdict: LineVerdict
    node: Node | None = None
    diagnosis: Diagnosis | None = None
    whole: int = 0
    problem: str = ""
    mended: str = ""
    scale: float = 1.0


@dataclass(frozen=True, eq=False, slots=True)
class BackwardReport:
    """A backward pass, marked.

    Attributes:
        marks: the lines in order.
        graph: the graph whose backward pass it is.
    """

    marks: tuple[LineMark, ...]
    graph: Graph

    @property
    def judged(self) -> tuple[LineMark, ...]:
        """The lines that belong to a gradient."""
        return tuple(mark for mark in self.marks if mark.verdict is not LineVerdict.HELPER)

    @property
    def first_wrong(self) -> LineMark | None:
        """The first line that is wrong itself."""
        return next((mark for mark in self.marks if mark.verdict is LineVerdict.WRONG), None)

    @property
    def passed(self) -> bool:
        """Whether there is a gradient, and no line is wrong."""
        return bool(self.judged) and self.first_wrong is None


def check_backward(trainer: Trainer, text: str, should_stop: Callable[[], bool] = never) -> BackwardReport:
    """Mark a backward pass where the trainer is, with overrides lifted; nothing of it is executed.

    Args:
        trainer: where we are; it is not moved.
        text: straight lines of the formula language over the lesson's names, such as ``dz = (p - y) / N``,
            ``dW = X.T @ dz``, ``dW += reg * W``, ``dscores[range(N), y] -= 1``; they may stand in a ``def``.
            ``d<name>``, ``grad_<name>`` and ``<name>_grad`` are gradients, other names helper values.
        should_stop: asked before each gradient is judged.

    Raises:
        FormulaError: a line that the language cannot read, with its place.
        Interrupted: ``should_stop`` said so.
    """
    return _Marking(Evaluated(trainer, straight_lines(text))).report(should_stop)


class _Marking:
    """The marks of one backward pass, as they are given."""

    def __init__(self, lines: Evaluated) -> None:
        self.lines = lines
        self.culprits = Culprits(lines)
        self.wrong = False
        self.helped: dict[tuple[int, str], LineMark] = {}

    def report(self, should_stop: Callable[[], bool]) -> BackwardReport:
        """Mark all lines."""
        marks: list[LineMark] = []
        last = {group[-1].line.name: group for group in self.lines.groups}
        for group in self.lines.groups:
            if should_stop():
                raise Interrupted(tr("marking the backward pass was interrupted"))
            if group[-1].node is None:
                marks += [self.helper(one) for one in group]
            else:
                marks += self.gradient(group, final=last[group[-1].line.name] is group)
                self.wrong = self.wrong or any(mark.verdict is LineVerdict.WRONG for mark in marks)
        marks.sort(key=lambda mark: mark.line)
        marks = [self.helped.get((mark.line, mark.name), mark) for mark in marks]
        return BackwardReport(tuple(marks), self.lines.graph)

    def helper(self, one: Assigned) -> LineMark:
        error = self.lines.corrected.built.refused.get(place_of(one.line))
        problem = "" if error is None else _reason(error)
        return LineMark(one.line.number, one.line.name, LineVerdict.HELPER, problem=problem)

    def gradient(self, group: Sequence[Assigned], *, final: bool) -> list[LineMark]:
        """Mark the lines of one gradient; one whose name gets another value later may be no gradient yet."""
        *parts, whole = group
        assert whole.node is not None
        node, name, end = whole.node, whole.line.name, whole.line.number
        built = self.lines.corrected.built
        refused = next((one for one in group if place_of(one.line) in built.refused), None)
        if refused is not None:
            bad = self.misfit(refused, group, node)
            return [bad if one is refused else self._part(one, node, end) for one in group]
        result = built.outcomes[place_of(whole.line)]
        if result is None:
            return [self._part(one, node, 0) for one in group]
        scale = self.lines.scales.get(place_of(whole.line), 1.0)
        if scale != 1.0 and self.lines.is_right(result, node, scale):
            follows = self.wrong and self.lines.times(whole, node) != scale
            *before, last = self._all(group, node, LineVerdict.FOLLOWS if follows else LineVerdict.RIGHT)
            return [*before, replace(last, scale=scale)]
        diagnosis = None
        if not self.lines.is_right(result, node):
            diagnosis = self.lines.diagnosed(whole, node, result, alone=not parts)
        if diagnosis is None or diagnosis.kind is Finding.RIGHT:
            follows = self.wrong and not self.lines.agrees(whole, node)
            return self._all(group, node, LineVerdict.FOLLOWS if follows else LineVerdict.RIGHT)
        if not final:
            return [self._part(one, node, 0) for one in group]
        culprit, mended = self.culprits.find(group, node)
        if culprit is whole and diagnosis.kind is Finding.SIGN:
            mended = ""  # which says no more
        if culprit.node is None:
            at = culprit.line.number, culprit.line.name
            self.helped[at] = LineMark(*at, LineVerdict.WRONG, node, diagnosis, mended=mended)
            self.wrong = True
            return self._all(group, node, LineVerdict.FOLLOWS)
        return [
            LineMark(one.line.number, name, LineVerdict.WRONG, node, diagnosis, mended=mended)
            if one is culprit
            else self._part(one, node, end)
            for one in group
        ]

    def misfit(self, one: Assigned, group: Sequence[Assigned], node: Node) -> LineMark:
        """Mark a line that the language refuses: a formula near it may be right."""
        place = one.line.number, one.line.name, LineVerdict.WRONG, node
        error = self.lines.corrected.built.refused[place_of(one.line)]
        if isinstance(error, FormulaShapeError):
            diagnosis = self.lines.diagnosed_alone(one, node) if len(group) == 1 else None
            if diagnosis is not None:
                return LineMark(*place, diagnosis)
            for mended in self.culprits.near(one):
                if self.culprits.mends(one, mended, group[-1], node):
                    return LineMark(*place, problem=_reason(error), mended=mended.strip())
        return LineMark(*place, problem=_reason(error))

    def _all(self, group: Sequence[Assigned], node: Node, verdict: LineVerdict) -> list[LineMark]:
        *parts, last = (LineMark(one.line.number, one.line.name, verdict, node) for one in group)
        return [*(replace(part, whole=last.line) for part in parts), last]

    def _part(self, one: Assigned, node: Node, end: int) -> LineMark:
        whole = 0 if end == one.line.number else end
        return LineMark(one.line.number, one.line.name, LineVerdict.HELPER, node, whole=whole)


def _reason(error: FormulaError) -> str:
    return error.reason or tr("it needs what a line above could not give")
