"""A form that is being changed: values take the place of others, and all are put in an order again."""

from __future__ import annotations

import dataclasses
import heapq
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from tui_backprop.engine.compile.form import VIEWS, Form, Frequency, Value, root
from tui_backprop.engine.core.arrays import Shape


class FormRewriting:
    """What is to become of a form.

    Attributes:
        form: the form.
        values: what it needs, in order.
        kept: places of what has to be there at the end: losses, results, what is watched.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self.values = form.needed()
        results = (part for pair in form.results for part in pair)
        wanted = (form.loss, form.validation, *form.watched, *results)
        self._wanted = [value for value in wanted if isinstance(value, Value)]
        self.kept = {place for value in self._wanted for place in (value.place, root(value).place)}
        ends = form.forward, form.validated, form.backward
        self._at = {value.place: (bisect_right(ends, value.place), value.place) for value in form.calls}
        self._instead: dict[int, Value] = {}

    def section(self, value: Value) -> int:
        """Return which part of an iteration a value belongs to: 0 forward, … 3 update."""
        return self._at[value.place][0]

    def users(self) -> dict[int, list[Value]]:
        """Return what each value is used by at once, views included, by place."""
        users: dict[int, list[Value]] = {}
        for value in self.values:
            for place in {arg.place for arg in value.args if isinstance(arg, Value)}:
                users.setdefault(place, []).append(value)
        return users

    def made(self, call: str, args: Sequence[Any], options: Any, shape: Shape, like: Value) -> Value:
        """Return a new value in C's order, of another one's type, computed near it once its operands are."""
        value = Value()
        value.call, value.args, value.options = call, tuple(args), options
        value.shape, value.dtype, value.level, value.weak = shape, like.dtype, Frequency.ITERATION, False
        strides, step = [], like.dtype.itemsize
        for length in reversed(shape):
            strides.append(step)
            step *= length
        value.strides = tuple(reversed(strides))
        value.place = len(self._at)
        parts = [like, *(arg for arg in args if isinstance(arg, Value))]
        self._at[value.place] = max(map(self.section, parts)), like.place
        return value

    def replace(self, value: Value, by: Value) -> None:
        """Have another value used wherever this one is."""
        self._instead[value.place] = by

    def finished(self) -> Form | None:
        """Return the form that came out; None where values have come to depend on each other in a circle.

        Each value is computed as early as it can be, but none before one that stood before it and can be.
        """
        needed: dict[int, Value] = {}
        users: dict[int, list[Value]] = {}
        waiting: dict[int, int] = {}
        pending = [self._last(value) for value in self._wanted]
        while pending:
            value = pending.pop()
            if value.place in needed:
                continue
            needed[value.place] = value
            value.args = tuple(self._last(arg) if isinstance(arg, Value) else arg for arg in value.args)
            parts = {arg.place: arg for arg in value.args if isinstance(arg, Value)}
            waiting[value.place] = len(parts)
            for place in parts:
                users.setdefault(place, []).append(value)
            pending += parts.values()
        ready = [(self._at[place], place) for place, count in waiting.items() if not count]
        heapq.heapify(ready)
        order: list[Value] = []
        while ready:
            _, place = heapq.heappop(ready)
            order.append(needed[place])
            for user in users.get(place, ()):
                waiting[user.place] -= 1
                if not waiting[user.place]:
                    heapq.heappush(ready, (self._at[user.place], user.place))
        return self._renumbered(order) if len(order) == len(needed) else None

    def _last(self, value: Any) -> Any:
        while isinstance(value, Value) and value.place in self._instead:
            value = self._instead[value.place]
        return value

    def _renumbered(self, order: Sequence[Value]) -> Form:
        form = self.form
        sections = [self.section(value) for value in order]
        ends = [bisect_right(sections, section) for section in range(3)]
        labels = {self._last(form.calls[place]).place: name for place, name in form.labels.items()}
        lines = {value.place: form.lines[self._at[value.place][1]] for value in order
                 if self._at[value.place][1] in form.lines}  # fmt: skip
        changed = dataclasses.replace(
            form,
            calls=order,
            loss=self._last(form.loss),
            validation=self._last(form.validation),
            watched=[self._last(value) for value in form.watched],
            results=[(leaf, self._last(result)) for leaf, result in form.results],
            forward=ends[0],
            validated=ends[1],
            backward=ends[2],
        )
        places = {value.place: number for number, value in enumerate(order)}
        for number, value in enumerate(order):
            value.place = number
        named = {places[old]: name for old, name in labels.items() if old in places}
        return dataclasses.replace(
            changed,
            labels={new: name for new, name in named.items() if order[new].call not in VIEWS},
            lines={places[old]: line for old, line in lines.items()},
        )
