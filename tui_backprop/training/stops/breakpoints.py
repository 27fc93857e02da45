"""Breakpoints: what stops a run at the start of the iteration where it becomes true."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from tui_backprop.engine.core.errors import BackpropError, FormulaError
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr, tr_count
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.iteration import Iteration
from tui_backprop.training.state import TrainingState
from tui_backprop.training.stops.alarms import AlarmWatch, is_look, next_look
from tui_backprop.training.stops.conditions import NOT, DeadRelu, NotFinite, Reached, Things, Trigger
from tui_backprop.training.stops.holding import holds_now
from tui_backprop.training.stops.written import read_breakpoint

if TYPE_CHECKING:
    from tui_backprop.engine.compile.iteration import Watching
    from tui_backprop.training.vitals.alarms import Raised
    from tui_backprop.training.vitals.course import Past


class Breakpoint(Struct, frozen=True, eq=False):
    """A breakpoint.

    Attributes:
        text: what was typed.
        enabled: whether it stops a run.
        problem: why it cannot be looked at under the batch size of now; "" where it can.
        trigger: what decides.
    """

    text: str
    enabled: bool = True
    problem: str = ""
    trigger: Trigger | AlarmWatch = field(default_factory=NotFinite)

    @property
    def description(self) -> str:
        """When it stops, in words."""
        if isinstance(self.trigger, Reached):
            words = tr("when iteration {iteration} is reached", iteration=self.trigger.iteration)
        elif isinstance(self.trigger, NotFinite):
            words = tr("when a value or a gradient is NaN or Infinity")
        elif isinstance(self.trigger, DeadRelu):
            words = tr("when a relu unit is 0 for all samples")
        elif isinstance(self.trigger, AlarmWatch):
            words = self.trigger.description
        else:
            words = tr("when {condition}", condition=pretty_text(self.text))
        if not self.problem:
            return words
        return tr("{words} (does not fit here: {problem})", words=words, problem=self.problem)

    def __repr__(self) -> str:
        return f"Breakpoint(text={self.text!r}, enabled={self.enabled!r}, problem={self.problem!r})"


class Hit(Struct, frozen=True, eq=False):
    """A breakpoint became true; where several did at once, the first, and a message that names all.

    Attributes:
        breakpoint: the breakpoint.
        iteration: where; the run stands at its start.
        message: one line for people.
        alarms: those that were raised, where it is about alarms.
    """

    breakpoint: Breakpoint
    iteration: int
    message: str
    alarms: tuple[Raised, ...] = ()


class Breakpoints:
    """The breakpoints of one training, in the order in which they were added.

    Places count from 0, as those of a list; messages number from 1. To take them to another training, add
    each one's text there; what does not fit is refused.

    Args:
        here: tells the iteration where the training stands.
        past: tells what led there.
    """

    def __init__(self, here: Callable[[], Iteration], past: Callable[[], Past]) -> None:
        self._here, self._past = here, past
        self._points: list[Breakpoint] = []
        self._seen: dict[str, TrainingState] = {}  # where it was true when looked at last, by text

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
                unit that is 0 for all samples; an alarm's name, or ``alarm`` for all; or comparisons in the
                formula language joined by ``and``, over node names, d<name> or ∂L/∂name for gradients,
                iteration, epoch, loss, gradient_norm and learning_rate.

        Raises:
            FormulaError: it does not parse, a name is unknown, or shapes do not fit; with the column.
            BackpropError: there is nothing to look at, such as no relu.
        """
        if not isinstance(text, str):
            found = printable(repr(text), 40)
            raise BackpropError(tr("found {found}; a breakpoint is text, such as loss < 0.01", found=found))
        known = next((n for n, point in enumerate(self._points, 1) if _same(point.text, text)), None)
        if known is not None:
            there = printable(text.strip(), 40)
            raise BackpropError(
                tr("{text} is there already, as breakpoint {number}", text=there, number=known)
            )
        here = self._here()
        trigger = read_breakpoint(text, here.graph.loss.name)
        trigger.fit(here)
        point = Breakpoint(" ".join(text.split()), trigger=trigger)
        self._points.append(point)
        return point

    def condition(self, text: str) -> Callable[[], bool]:
        """Return what tells whether a breakpoint's condition holds where the training stands; none is added.

        Raises:
            BackpropError: as :meth:`add` does.
        """
        trigger = read_breakpoint(text, self._here().graph.loss.name)
        trigger.fit(self._here())
        return partial(holds_now, trigger, self._here, self._past)

    def restore(self, points: Iterable[tuple[str, bool]]) -> None:
        """Add those of a training that is restored, by text and whether each is on.

        Raises:
            BackpropError: as :meth:`add` does.
        """
        for text, enabled in points:
            point = self.add(text)
            if not enabled:
                self.toggle(self._points.index(point))

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

        What is true when asked first, or was true when asked the last time, is no hit; but a NaN that a run
        begins with is one, unless the run before ended with it at the same place.
        """
        watched = []
        for place, point in enumerate(self._points):
            if point.enabled and self._fits(place, point):
                watched.append((place + 1, point))
        return Watch(self._here, self._past, watched, self._seen) if watched else None

    def _fits(self, place: int, point: Breakpoint) -> bool:
        """Tell whether a breakpoint fits the batches as they are now, and note why not."""
        problem = ""
        try:
            point.trigger.fit(self._here())
        except FormulaError as error:
            problem = error.reason
        if problem != point.problem:
            self._points[place] = replace(point, problem=problem)
        return not problem

    def _checked(self, place: int) -> int:
        if not isinstance(place, int) or not 0 <= place < len(self._points):
            count = len(self._points)
            found = place + 1 if isinstance(place, int) else printable(repr(place), 20)
            raise BackpropError(
                tr_count(
                    "found breakpoint {found}; there is {count}",
                    "found breakpoint {found}; there are {count}",
                    count,
                    found=found,
                )
            )
        return place


class Watch:
    """What a run asks, with what was true the last time."""

    def __init__(
        self,
        here: Callable[[], Iteration],
        past: Callable[[], Past],
        points: list[tuple[int, Breakpoint]],
        seen: dict[str, TrainingState],
    ) -> None:
        self._here, self._past, self._seen = here, past, seen
        self._points: list[tuple[int, Breakpoint, Trigger]] = []
        self._alarms: list[tuple[int, Breakpoint, AlarmWatch]] = []
        for number, point in points:
            if isinstance(point.trigger, AlarmWatch):
                self._alarms.append((number, point, point.trigger))
            else:
                self._points.append((number, point, point.trigger))
        self._before: list[Things] | None = None

    @property
    def looks(self) -> bool:
        """Whether alarms are looked at where the training stands."""
        return bool(self._alarms) and is_look(self._here().number)

    @property
    def ahead(self) -> int | None:
        """After how many iterations alarms are looked at next; None where there are none."""
        number = self._here().number
        return next_look(number) - number if self._alarms else None

    @property
    def watching(self) -> Watching | None:
        """What compiled code is to look at; None where that is nothing."""
        if not self._points:
            return None
        from tui_backprop.engine.compile.iteration import Watching

        here = self._here
        return Watching(
            tuple(point.text for _, point, _ in self._points),
            lambda observed: [
                truth for _, _, trigger in self._points for truth in trigger.trace(here(), observed)
            ],
            here().schedule.batches.per_epoch,
        )

    def __call__(self) -> Hit | None:
        """Tell what has become true since it was asked the last time."""
        here = self._here()
        hits = list(self._found(here))
        alarms: list[Raised] = []
        for number, point, alarm in self._alarms:
            if new := alarm.look(here, self._past()):
                alarms += new
                words = "; ".join(one.text for one in new)
                said = tr(
                    "breakpoint {number}: iteration {iteration}: {alarms}",
                    number=number,
                    iteration=here.number,
                    alarms=words,
                )
                hits.append((point, said))
        if not hits:
            return None
        return Hit(hits[0][0], here.number, "; ".join(words for _, words in hits), tuple(alarms))

    def _found(self, here: Iteration) -> Iterator[tuple[Breakpoint, str]]:
        """Yield the others that have become true."""
        before, now = self._before, [trigger.holds(here) for _, _, trigger in self._points]
        if before is None:
            before = [
                NOT if trigger.at_once and self._seen.get(point.text) is not here.state else things
                for (_, point, trigger), things in zip(self._points, now, strict=True)
            ]
        self._before = now
        for (_, point, trigger), things in zip(self._points, now, strict=True):
            if trigger.at_once and things:
                self._seen[point.text] = here.state
        for (number, point, trigger), old, things in zip(self._points, before, now, strict=True):
            if new := [thing for thing in things if thing not in old]:
                text, what = pretty_text(point.text), trigger.message(here, new)
                yield (
                    point,
                    tr("breakpoint {number}: {condition}: {what}", number=number, condition=text, what=what),
                )


def _same(one: str, other: str) -> bool:
    return "".join(one.split()) == "".join(other.split())
