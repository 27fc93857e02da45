"""Where each value is while a program is written: a number in a register, an array in memory."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from tui_backprop.engine.compile.form import VIEWS, Frequency, Value
from tui_backprop.engine.compile.targets.native.errors import NotNativeError
from tui_backprop.engine.compile.targets.native.instructions.assembly import (
    DOUBLE,
    TRUTH,
    Assembly,
    Operand,
    Register,
)
from tui_backprop.engine.compile.targets.native.instructions.loops import MEMORY, copied
from tui_backprop.engine.compile.targets.native.instructions.moves import looked_at
from tui_backprop.engine.compile.targets.native.instructions.views import ArrayView
from tui_backprop.engine.compile.targets.native.writing.memory import ProgramMemory
from tui_backprop.engine.core.arrays import Array

CONSTANTS: Final = frozenset({"full", "eye", "constant"})
"""Calls that make an array of numbers of the formula's own."""


class ValuePlaces:
    """The values of a form, by where they are.

    Args:
        memory: where arrays are.

    Attributes:
        memory: the same.
        assembly: the function that is being written.
    """

    def __init__(self, memory: ProgramMemory) -> None:
        self.memory = memory
        self.assembly = Assembly()
        self._views: dict[int, ArrayView] = {}
        self._registers: dict[int, Operand] = {}

    def put(self, value: Value, place: ArrayView | Operand) -> None:
        """Say where a value is: an array's place, or a number's register."""
        if isinstance(place, ArrayView):
            self._views[value.place] = place
        else:
            self._registers[value.place] = place

    def in_register(self, value: Value) -> bool:
        """Tell whether a value is a number in a register."""
        return value.place in self._registers

    def keep(self, value: Value) -> None:
        """Write a number to memory, from where other functions load it."""
        place = self.memory.taken((), size_of_one(value))
        number = self._registers.pop(value.place)
        kept = self.assembly.truth(number) if place.bytes == 1 else self.assembly.double(number)
        self.assembly.stored(kept, self.at(place))
        self._views[value.place] = place

    def view(self, value: Value) -> ArrayView:
        """Return the place of an array, or of what a view looks at."""
        looks: list[Value] = []
        while value.call in VIEWS:
            looks.append(value)
            value = value.args[0]
        view = self._place(value)
        for look in reversed(looks):
            view = _seen(look, view)
        return view

    def own(self, value: Value) -> ArrayView:
        """Return the place of an array."""
        return self._views[value.place]

    def _place(self, value: Value) -> ArrayView:
        if value.place in self._views:
            return self._views[value.place]
        if value.call in CONSTANTS:
            place = self._views[value.place] = self.memory.constant(_constant(value))
            return place
        place = self.memory.taken(())  # a number that something looks at as at an array
        self.assembly.stored(self.assembly.double(self._registers[value.place]), self.at(place))
        return place

    def number(self, value: Value | float) -> Operand:
        """Return a number, or the one element of an array."""
        if not isinstance(value, Value):
            return float(value)
        if value.place in self._registers:
            return self._registers[value.place]
        if value.call == "full":
            return float(value.args[0])
        view = self.view(value)
        return self.assembly.loaded(self.at(view), TRUTH if view.bytes == 1 else DOUBLE)

    def at(self, view: ArrayView) -> Register:
        """Return the address of an array's first element."""
        return self.assembly.address(MEMORY, view.offset)

    def copy(self, view: ArrayView) -> ArrayView:
        """Write a copy in C's order, and return it."""
        copy = self.memory.taken(view.shape, view.bytes)
        copied(self.assembly, view, copy)
        return copy

    def is_passing(self, value: Value) -> bool:
        """Tell whether an array is computed in each iteration, and its memory is given back in it."""
        passes = value.level is Frequency.ITERATION and value.call not in ("leaf", *CONSTANTS)
        return passes and value.place in self._views

    def handed_on(self, value: Value) -> ArrayView:
        """Return the place of an array that is over, for another."""
        return self._views.pop(value.place)

    def let_go(self, value: Value) -> None:
        """Give back the memory of what is computed in each iteration and needed no more."""
        if self.is_passing(value):
            self.memory.given_back(self._views.pop(value.place))


def size_of_one(value: Value) -> int:
    """Return the bytes of an element."""
    return 1 if value.dtype == np.bool_ else 8


def _constant(value: Value) -> Array:
    """Return the array of a call that makes one of numbers of the formula's own."""
    if value.call == "full":
        return np.full(value.shape, float(value.args[0]))
    if value.call == "eye":
        return np.eye(*value.options)
    shape, numbers = value.options
    return np.array(numbers, np.float64).reshape(shape)


def _seen(look: Value, view: ArrayView) -> ArrayView:
    """Return what a view looks at, given where what it is of is."""
    options: Any = look.options
    if look.call == "T":
        return view.T
    if look.call == "reshape":
        return view.reshaped(look.shape)
    if look.call == "index":
        seen = looked_at(view, options[0])
        if seen is None:
            raise NotNativeError("a look at places that are computed")
        return seen
    if look.call == "broadcast_to":
        return view.broadcast(look.shape)
    if look.call == "expand_dims":
        return view.expanded(options)
    if look.call == "swapaxes":
        return view.swapped(*options)
    raise NotNativeError(look.call)
