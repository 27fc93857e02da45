"""The values of a form, written one after the other: numbers at once, arrays' elements together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui_backprop.engine.compile.form import VIEWS, Form, Value, is_elementwise, operands, root
from tui_backprop.engine.compile.targets.native.errors import NotNativeError
from tui_backprop.engine.compile.targets.native.instructions.assembly import Register
from tui_backprop.engine.compile.targets.native.instructions.elementwise import OUTER, element
from tui_backprop.engine.compile.targets.native.instructions.loops import copied
from tui_backprop.engine.compile.targets.native.instructions.views import ArrayView
from tui_backprop.engine.compile.targets.native.writing.calls import ArrayCalls
from tui_backprop.engine.compile.targets.native.writing.groups import Groups
from tui_backprop.engine.compile.targets.native.writing.places import CONSTANTS, ValuePlaces
from tui_backprop.engine.compile.targets.native.writing.uses import RemainingUses


class Values:
    """Writes values.

    Args:
        form: the form.
        places: where they are.
        whole: the type of BLAS's whole numbers.

    Attributes:
        needed: those that are written, in order.
        places: where they are.
        calls: what writes calls on whole arrays.
    """

    def __init__(self, form: Form, places: ValuePlaces, whole: str) -> None:
        self.needed = form.needed()
        self.places = places
        self.calls = ArrayCalls(places, whole)
        self._uses = RemainingUses(form, self.needed)
        self._groups = Groups(form, places, self._uses)
        self._leaves = {result.place: leaf for leaf, result in form.results}

    def write(self, value: Value) -> None:
        """Write a call, now or later.

        Raises:
            NotNativeError: there is nothing to write for it.
        """
        if value.call in VIEWS or value.call in CONSTANTS:
            return
        if value.dtype not in (np.float64, np.bool_):
            raise NotNativeError(value.dtype.name)
        if (is_elementwise(value.call) and value.shape) or _is_outer(value):
            self._groups.put_off(value)
            return
        for operand in operands(value):
            self._groups.settle(operand)
        if is_elementwise(value.call):
            args = [self.places.number(arg) for arg in value.args]
            self.places.put(value, element(self.places.assembly, value.call, args, whole=False))
        else:
            self.calls.write(value)
        for operand in self._uses.written(value):
            self.places.let_go(operand)

    def finish(self) -> None:
        """Write what has been put off."""
        self._groups.finish()

    def hand_on(self, results: Sequence[tuple[Value, Value]]) -> None:
        """Write the copies of new values that are not where the old ones were."""
        places = self.places
        arrays: list[tuple[ArrayView, ArrayView]] = []
        numbers: list[tuple[ArrayView, Register]] = []
        for leaf, result in results:
            own = places.own(leaf)
            if not leaf.shape:
                numbers.append((own, places.assembly.double(places.number(result))))
            elif result.place not in self._groups.replaced or self._leaves[result.place] is not leaf:
                view = places.view(result)
                if root(result).call == "leaf":  # another's, which may be written over first
                    view = places.copy(view)
                arrays.append((view.broadcast(own.shape), own))
        for source, target in arrays:
            copied(places.assembly, source, target)
        for place, number in numbers:
            places.assembly.stored(number, places.at(place))


def _is_outer(value: Value) -> bool:
    """Tell whether a product is one of a column and a row, which works element by element."""
    if value.call != OUTER or len(value.shape) != 2 or 1 in value.shape:
        return False
    a, b = value.args
    return bool(a.shape == (value.shape[0], 1) and b.shape == (1, value.shape[1]))
