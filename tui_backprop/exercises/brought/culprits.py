"""Which line a wrong gradient is wrong by: one that a small change puts right, or whose part is no path."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.language.formula import parse_expression
from tui_backprop.engine.language.namespace import Origin
from tui_backprop.engine.language.signs import translated
from tui_backprop.exercises.answers import Answer, full_gradient
from tui_backprop.exercises.brought.evaluated import Evaluated
from tui_backprop.exercises.brought.passes import Assigned, EvaluatedPoints, place_of
from tui_backprop.exercises.matching import EQUAL, largest
from tui_backprop.exercises.mistakes.substitutions import contribution
from tui_backprop.exercises.repairs import repairs
from tui_backprop.text.sentences import tr

MOST_PATHS = 6
"""Paths of which all sums are looked at."""
MOST_NEAR, MOST_MENDED = 40, 300
"""Changes of one line, and of all lines together, that are tried to find the line where a mistake is."""
_OTHER_SIGNS = {"+=": "-=", "-=": "+=", "*=": "/=", "/=": "*="}
_SOME_NAME: Mapping[str, Origin] = {"": Origin("value", None)}  # type: ignore[arg-type]
"""Where only an answer's text is of interest."""


class Culprits:
    """The search for the lines where mistakes are.

    Args:
        lines: the backward pass.
    """

    def __init__(self, lines: Evaluated) -> None:
        self.lines = lines
        self.left = MOST_MENDED

    def find(self, group: Sequence[Assigned], node: Node) -> tuple[Assigned, str]:
        """Return the line of a wrong gradient where the mistake is, and how it would be right, if known.

        It is one of the gradient's own, or one that works out a helper value which the gradient is made of.
        """
        for one in (*group, *self.helpers_of(group)):
            for mended in self.near(one):
                if self.mends(one, mended, group[-1], node):
                    return one, mended.strip() or tr("without {line}", line=self.lines.line(one))
        return self.elsewhere(group, node) or self.odd_one(group, node) or group[-1], ""

    def steps(self, group: Sequence[Assigned]) -> list[Array]:
        """Return what lines make of a name one after the other, from 0; [] where one gives nothing."""
        results = [self.lines.corrected.built.outcomes[place_of(one.line)] for one in group]
        values = [self.lines.corrected.value(one, self.lines.here) for one in results if one is not None]
        return [np.zeros(()), *values] if len(values) == len(group) else []

    def elsewhere(self, group: Sequence[Assigned], node: Node) -> Assigned | None:
        """Return the line of several that alone has changed all wrong elements, and not every element."""
        values, truth = self.steps(group), full_gradient(self.lines.here, node)
        if len(group) < 2 or any(value.shape not in ((), truth.shape) for value in values) or not values:
            return None
        off = ~(np.abs(values[-1] - truth) <= EQUAL * largest(truth))
        changed = [after != before for before, after in itertools.pairwise(values)]
        some = [one for one, at in zip(group, changed, strict=True) if np.all(at[off]) and not np.all(at)]
        return some[0] if len(some) == 1 else None

    def helpers_of(self, group: Sequence[Assigned]) -> Iterator[Assigned]:
        """Yield the lines of helper values that a gradient is made of, the nearest first."""
        wanted = self.lines.needed(group[-1])
        for one in reversed(self.lines.assigned):
            if one.node is None and one.line.name in wanted and one.line.number < group[-1].line.number:
                yield one

    def near(self, one: Assigned) -> Iterator[str]:
        """Yield lines near one: with another sign, left out, with a transpose more or less."""
        line = self.lines.text.split("\n")[one.line.number - 1]
        sign = re.search(r"[-+*/]=", line)
        if sign is not None and one.goes_on:
            yield line.replace(sign[0], _OTHER_SIGNS[sign[0]], 1)
            yield ""
        head, _, text = translated(line).text.partition("#")[0].partition("=")
        try:
            answer = Answer(text, text=text.strip(), expression=parse_expression(text), names=_SOME_NAME)
            near = [repair.answer.text for repair in itertools.islice(repairs(answer), MOST_NEAR)]
        except BackpropError:  # over several lines, or several on one
            return
        yield f"{head}= -({text.strip()})"
        yield from (f"{head}= {other}" for other in near)

    def mends(self, one: Assigned, mended: str, whole: Assigned, node: Node) -> bool:
        """Tell whether another line in the place of one makes the gradient right."""
        self.left -= 1
        if self.left < 0:
            return False
        lines = self.lines.text.split("\n")
        lines[one.line.number - 1] = mended
        try:
            built = self.lines.build("\n".join(lines))
        except BackpropError:
            return False
        if any(name == whole.line.name for _, _, name in built.refused):
            return False
        results = [at for (number, _, name), at in built.outcomes.items()
                   if name == whole.line.name and number <= whole.line.number]  # fmt: skip
        if not results or results[-1] is None:
            return False
        points = EvaluatedPoints(built)
        return all(
            self.lines.equals(points.value(results[-1], tape), node, tape) for tape in self.lines.tapes
        )

    def odd_one(self, group: Sequence[Assigned], node: Node) -> Assigned | None:
        """Return the one of several lines that add up whose part belongs to no path; None if it is not so."""
        factors = self.lines.graph.factors_to(node)
        sums = all("+=" in self.lines.line(one) or "-=" in self.lines.line(one) for one in group[1:])
        if len(group) < 2 or not sums or not 1 < len(factors) <= MOST_PATHS:
            return None
        values = self.steps(group)
        if not values:
            return None
        paths = [contribution(self.lines.here, factor) for factor in factors]
        totals = [
            sum(some, np.zeros(node.shape))
            for count in range(1, len(paths) + 1)
            for some in itertools.combinations(paths, count)
        ]
        scale = EQUAL * largest(full_gradient(self.lines.here, node))
        odd = [
            one
            for one, before, after in zip(group, values, values[1:], strict=False)
            if not any(
                np.shape(after - before) == total.shape and largest(after - before - total) <= scale
                for total in totals
            )
        ]
        return odd[0] if len(odd) == 1 else None
