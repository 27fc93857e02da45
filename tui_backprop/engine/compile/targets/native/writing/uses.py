"""Who still needs a value while a program is written."""

from __future__ import annotations

from collections.abc import Sequence

from tui_backprop.engine.compile.form import VIEWS, Form, Value, operands, root


class RemainingUses:
    """The calls that have not been written yet and need a value, by its place.

    Attributes:
        kept: places of what is needed when the iteration is over.
    """

    def __init__(self, form: Form, needed: Sequence[Value]) -> None:
        self._users: dict[int, set[int]] = {}
        for value in needed:
            if value.call not in VIEWS:
                for operand in operands(value):
                    self._users.setdefault(operand.place, set()).add(value.place)
        ends = [form.loss, form.validation, *form.watched, *(result for _, result in form.results)]
        self.kept = {root(end).place for end in ends if isinstance(end, Value)}

    def of(self, value: Value) -> set[int]:
        """Return the places of the calls that still need a value."""
        return self._users.get(value.place, set())

    def written(self, value: Value) -> list[Value]:
        """Note that a call has been written, and return the operands that nobody needs any more."""
        over = []
        for operand in {operand.place: operand for operand in operands(value)}.values():
            users = self._users[operand.place]
            users.discard(value.place)
            if not users and operand.place not in self.kept:
                over.append(operand)
        return over
