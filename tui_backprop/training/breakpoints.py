"""Breakpoints: what stops a run at the start of the iteration where it becomes true."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from msgspec import Struct

from tui_backprop.engine.errors import BackpropError, FormulaError, printable
from tui_backprop.engine.formula import parse_condition
from tui_backprop.engine.names import pretty_text
from tui_backprop.training.comparisons import Comparisons
from tui_backprop.training.conditions import DeadRelu, Look, NotFinite, Reached, Things
from tui_backprop.training.course import Course

if TYPE_CHECKING:
    from tui_backprop.engine.compiler import Watching

MAX_TEXT = 1000
"""Characters of one breakpoint."""

_ITERATION = re.compile(r"iteration\s+([0-9]{1,15})")
_ASSIGNMENT = re.compile(r"(?<![<>=!])=(?!=)")
_EXAMPLES = "loss < 0.01, abs(w) > 2, iteration 100, nan or dead relu"


@dataclass(frozen=True, eq=False, slots=True)
class Breakpoint:
    """A breakpoint.

    Attributes:
        text: what was typed.
        enabled: whether it stops a run.
        problem: why it cannot be looked at under the batch size of now; "" where it can.
        look: what decides.
    """

    text: str
    enabled: bool = True
    problem: str = ""
    look: Look = field(default_factory=NotFinite, repr=False)

    @property
    def description(self) -> str:
        """When it stops, in words."""
        if isinstance(self.look, Reached):
            words = f"when iteration {self.look.iteration} is reached"
        elif isinstance(self.look, NotFinite):
            words = "when a value or a gradient is NaN or Infinity"
        elif isinstance(self.look, DeadRelu):
            words = "when a relu unit is 0 for all samples"
        else:
            words = f"when {pretty_text(self.text)}"
        return f"{words} (does not fit here: {self.problem})" if self.problem else words


class Hit(Struct, frozen=True, eq=False):
    """A breakpoint became true; where several did at once, the first, and a message that names all.

    Attributes:
        breakpoint: the breakpoint.
        iteration: where; the run stands at its start.
        message: one line for people.
    """

    breakpoint: Breakpoint
    iteration: int
    message: str


class Breakpoints:
    """The breakpoints of one training, in the order in which they were added.

    Places count from 0, as those of a list; messages number from 1. To take them to another training, add
    each one's text there; what does not fit is refused.
    """

    def __init__(self, course: Course) -> None:
        self._course = course
        self._points: list[Breakpoint] = []

    def __len__(self) -> int:
        return len(self._points)

    def __iter__(self) -> Iterator[Breakpoint]:
        return iter(tuple(self._points))

    def __getitem__(self, place: int) -> Breakpoint:
        return self._points[place]

    @property
    def texts(self) -> tuple[str, ...]:
        """What was typed for each."""
        return tuple(point.text for point in self._points)

    def add(self, text: str) -> Breakpoint:
        """Add a breakpoint, unless it is there already.

        Args:
            text: ``iteration 100``; ``nan``, a NaN or Infinity in any value or gradient; ``dead relu``, a
                unit that is 0 for all samples; or comparisons in the formula language joined by ``and``, over
                node names, d<name> for gradients, iteration, epoch, loss, gradient_norm and learning_rate.

        Raises:
            FormulaError: it does not parse, a name is unknown, or shapes do not fit; with the column.
            BackpropError: there is nothing to look at, such as no relu.
        """
        if not isinstance(text, str):
            raise BackpropError(
                f"found {printable(repr(text), 40)}; a breakpoint is text, such as loss < 0.01"
            )
        known = next((n for n, point in enumerate(self._points, 1) if _same(point.text, text)), None)
        if known is not None:
            raise BackpropError(f"{printable(text.strip(), 40)} is there already, as breakpoint {known}")
        look = _parse(text)
        look.fit(self._course)
        point = Breakpoint(" ".join(text.split()), look=look)
        self._points.append(point)
        return point

    def take(self, points: Iterable[Breakpoint]) -> list[str]:
        """Add those of another training, on or off as they are; return the texts of those that do not fit."""
        lost = []
        for point in points:
            try:
                added = self.add(point.text)
            except BackpropError:
                lost.append(point.text)
            else:
                if not point.enabled:
                    self.toggle(self._points.index(added))
        return lost

    def delete(self, place: int) -> None:
        """Delete the breakpoint at a place.

        Raises:
            BackpropError: there is none.
        """
        del self._points[self._checked(place)]

    def toggle(self, place: int) -> Breakpoint:
        """Turn the breakpoint at a place off, or on again, and return it as it is then.

        Raises:
            BackpropError: there is none.
        """
        point = self._points[self._checked(place)]
        self._points[place] = replace(point, enabled=not point.enabled)
        return self._points[place]

    def watch(self) -> Watch | None:
        """Return what a run asks at the start of each iteration, its first included; None for nothing.

        What is true when asked first, or was true when asked the last time, is no hit.
        """
        watched = []
        for place, point in enumerate(self._points):
            if point.enabled and self._fits(place, point):
                watched.append((place + 1, point))
        return Watch(self._course, watched) if watched else None

    def _fits(self, place: int, point: Breakpoint) -> bool:
        """Tell whether a breakpoint fits the batches as they are now, and note why not."""
        problem = ""
        try:
            point.look.fit(self._course)
        except FormulaError as error:
            problem = error.reason
        if problem != point.problem:
            self._points[place] = replace(point, problem=problem)
        return not problem

    def _checked(self, place: int) -> int:
        if not isinstance(place, int) or not 0 <= place < len(self._points):
            count = len(self._points)
            found = place + 1 if isinstance(place, int) else printable(repr(place), 20)
            raise BackpropError(f"found breakpoint {found}; there {'is' if count == 1 else 'are'} {count}")
        return place


class Watch:
    """What a run asks, with what was true the last time."""

    def __init__(self, course: Course, points: list[tuple[int, Breakpoint]]) -> None:
        self._course, self._points = course, points
        self._before: list[Things] | None = None

    @property
    def watching(self) -> Watching:
        """What compiled code is to look at."""
        from tui_backprop.engine.compiler import Watching

        course = self._course
        return Watching(
            tuple(point.text for _, point in self._points),
            lambda sight: [truth for _, point in self._points for truth in point.look.look(course, sight)],
            course.iterations_per_epoch,
        )

    def __call__(self) -> Hit | None:
        """Tell what has become true since it was asked the last time."""
        course = self._course
        before, now = self._before, [point.look.holds(course) for _, point in self._points]
        self._before = now
        if before is None or not any(now):
            return None
        hits = []
        for (number, point), old, things in zip(self._points, before, now, strict=True):
            new = [thing for thing in things if thing not in old]
            if new:
                words = f"breakpoint {number}: {pretty_text(point.text)}: {point.look.message(course, new)}"
                hits.append((point, words))
        if not hits:
            return None
        return Hit(hits[0][0], course.iteration, "; ".join(words for _, words in hits))


def _same(one: str, other: str) -> bool:
    return "".join(one.split()) == "".join(other.split())


def _parse(text: str) -> Look:
    if len(text) > MAX_TEXT:
        raise FormulaError(f"found {len(text):,} characters; a breakpoint has at most {MAX_TEXT:,}")
    words = " ".join(text.split())
    if not words:
        raise FormulaError(f"found nothing; write a breakpoint, such as {_EXAMPLES}", 1, 1)
    reached = _ITERATION.fullmatch(words)
    if reached:
        return Reached(int(reached[1]))
    if words.lower().startswith("iteration ") and not any(sign in words for sign in "<>=!"):
        found = printable(words.split(" ", 1)[1], 30)
        raise FormulaError(f"found {found}; it must be a whole number from 0, such as iteration 100", 1, 11)
    if words.lower() == "nan":
        return NotFinite()
    if words.lower() == "dead relu":
        return DeadRelu()
    for sign in _ASSIGNMENT.finditer(text):
        if not text[: sign.start()].rstrip().endswith("axis"):
            raise FormulaError("found =; write == to compare", 1, sign.start() + 1)
    return Comparisons(parse_condition(text.replace("−", "-")))
