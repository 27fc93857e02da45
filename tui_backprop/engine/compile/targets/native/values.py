"""From the values of a form to instructions: where each is, and what writes it.

Calls that work element by element are put off and written together, so that what is computed between them
never goes to memory; a call that needs one of their results whole has them written first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from tui_backprop.engine.compile.form import VIEWS, Form, Frequency, Value, is_elementwise, operands, root
from tui_backprop.engine.compile.targets.native.assembly import DOUBLE, TRUTH, Assembly, Operand, Register
from tui_backprop.engine.compile.targets.native.elementwise import element
from tui_backprop.engine.compile.targets.native.errors import NotNativeError
from tui_backprop.engine.compile.targets.native.loops import MEMORY, Nest, copied, filled
from tui_backprop.engine.compile.targets.native.memory import Memory
from tui_backprop.engine.compile.targets.native.moves import (
    Chosen,
    joined,
    looked_at,
    padded_shape,
    patches,
    stacked,
    unpatched,
)
from tui_backprop.engine.compile.targets.native.products import Products
from tui_backprop.engine.compile.targets.native.sums import reduced
from tui_backprop.engine.compile.targets.native.views import View, c_strides
from tui_backprop.engine.core.placing import PLACING

CONSTANTS: Final = frozenset({"full", "eye", "constant"})
"""Calls that make an array of numbers of the formula's own."""


class Uses:
    """Who uses what has not been written yet, by place.

    Attributes:
        kept: what is needed when the iteration is over.
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


class Group:
    """Calls on arrays of one shape, written as one nest of loops.

    Attributes:
        shape: the shape.
        members: the calls, in order.
    """

    def __init__(self, value: Value) -> None:
        self.shape = value.shape
        self.members = [value]

    @property
    def places(self) -> set[int]:
        """The members' places."""
        return {member.place for member in self.members}


class Values:
    """The values of a form while a function is written.

    Args:
        form: the form.
        memory: where arrays are.
        whole: the type of BLAS's whole numbers.

    Attributes:
        assembly: the function that is being written.
        stray: the block to go to where an index is outside; None where that cannot be.
        in_place: by place of what a parameter or memory becomes, where it is kept; what may be written over.
    """

    def __init__(self, form: Form, memory: Memory, whole: str) -> None:
        self._form, self._memory, self._whole = form, memory, whole
        self.needed = form.needed()
        self.uses = Uses(form, self.needed)
        self.assembly = Assembly()
        self.stray: str | None = None
        self._leaves = {result.place: leaf for leaf, result in form.results}
        self._twice = {result.place for _, result in form.results if _count(form, result) > 1}
        self._moved: set[int] = set()
        self._views: dict[int, View] = {}
        self._registers: dict[int, Operand] = {}
        self._pending: dict[int, Group] = {}
        self._groups: list[Group] = []

    # ---------------------------------------------------------------- where values are

    def put(self, value: Value, place: View | Operand) -> None:
        """Say where a value is: an array's place, or a number's register."""
        if isinstance(place, View):
            self._views[value.place] = place
        else:
            self._registers[value.place] = place

    def view(self, value: Value) -> View:
        """Return the place of an array, or of what a view looks at."""
        looks: list[Value] = []
        while value.call in VIEWS:
            looks.append(value)
            value = value.args[0]
        view = self._place(value)
        for look in reversed(looks):
            view = _seen(look, view)
        return view

    def _place(self, value: Value) -> View:
        group = self._pending.get(value.place)
        if group is not None:
            self.write_group(group)
        if value.place not in self._views:
            if value.call in CONSTANTS:
                self._views[value.place] = self._memory.constant(_constant(value))
            else:  # a number that something looks at as at an array
                place = self._memory.taken(())
                self.assembly.stored(self.assembly.double(self._registers[value.place]), self._at(place))
                return place
        return self._views[value.place]

    def number(self, value: Value | float) -> Operand:
        """Return a number, or the one element of an array."""
        if not isinstance(value, Value):
            return float(value)
        if value.place in self._registers:
            return self._registers[value.place]
        if value.call == "full":
            return float(value.args[0])
        view = self.view(value)
        return self.assembly.loaded(self._at(view), TRUTH if view.bytes == 1 else DOUBLE)

    def _at(self, view: View) -> Register:
        return self.assembly.address(MEMORY, view.offset)

    # ---------------------------------------------------------------- writing

    def write(self, value: Value) -> None:
        """Write a call, now or later."""
        if value.call in VIEWS or value.call in CONSTANTS:
            return
        if value.dtype not in (np.float64, np.bool_) and value.call != "whole":
            raise NotNativeError(value.dtype.name)
        if is_elementwise(value.call) and value.shape:
            self._put_off(value)
        elif is_elementwise(value.call):
            args = [self.number(arg) for arg in value.args]
            self.put(value, element(self.assembly, value.call, args, whole=False))
            self._over(value)
        else:
            for operand in operands(value):
                if operand.place in self._pending:
                    self.write_group(self._pending[operand.place])
            self._write_whole(value)
            self._over(value)

    def finish(self) -> None:
        """Write what has been put off."""
        for group in list(self._groups):
            self.write_group(group)

    def _put_off(self, value: Value) -> None:
        for arg in value.args:
            if isinstance(arg, Value):
                group = self._pending.get(root(arg).place)
                if group is not None and (arg.call in VIEWS or group.shape != value.shape):
                    self.write_group(group)
        groups = {
            id(group): group
            for arg in value.args
            if isinstance(arg, Value) and (group := self._pending.get(arg.place)) is not None
        }
        mine = next(iter(groups.values()), None)
        for group in groups.values():
            if group is not mine:
                self._merge(mine, group)
        if mine is None:
            mine = next((group for group in self._groups if group.shape == value.shape), None)
        if mine is None:
            mine = Group(value)
            self._groups.append(mine)
        else:
            mine.members.append(value)
        self._pending[value.place] = mine

    def _merge(self, into: Group | None, group: Group) -> None:
        assert into is not None
        into.members = sorted([*into.members, *group.members], key=lambda member: member.place)
        for member in group.members:
            self._pending[member.place] = into
        self._groups.remove(group)

    def write_group(self, group: Group) -> None:
        """Write the loops of calls that work element by element."""
        self._groups.remove(group)
        for member in group.members:
            del self._pending[member.place]
        assembly, places = self.assembly, group.places
        views: list[View] = []
        inputs: dict[View, int] = {}
        given: dict[tuple[int, int], int | Operand] = {}  # by member and argument: a view's number, or a number
        for member in group.members:
            for at, arg in enumerate(member.args):
                if isinstance(arg, Value) and arg.place in places:
                    continue
                if isinstance(arg, Value) and arg.shape and arg.call != "full":
                    view = self.view(arg).broadcast(group.shape)
                    given[member.place, at] = inputs.setdefault(view, len(inputs))
                else:
                    given[member.place, at] = _Alone(self.number(arg))
        views = list(inputs)
        outputs = [
            (member, self._target(member, views, group))
            for member in group.members
            if self.uses.of(member) - places or member.place in self.uses.kept
        ]
        for member, view in outputs:
            self._views[member.place] = view
        shown = [view for _, view in outputs]

        def body(addresses: list[Register]) -> None:
            loaded: dict[int, Register] = {}
            done: dict[int, Register] = {}

            def operand(member: Value, at: int) -> Operand:
                arg = member.args[at]
                if isinstance(arg, Value) and arg.place in done:
                    return done[arg.place]
                what = given[member.place, at]
                if isinstance(what, _Alone):
                    return what.number
                if what not in loaded:
                    kind = TRUTH if views[what].bytes == 1 else DOUBLE
                    loaded[what] = assembly.loaded(addresses[len(shown) + what], kind)
                return loaded[what]

            for member in group.members:
                args = [operand(member, at) for at in range(len(member.args))]
                done[member.place] = element(assembly, member.call, args, whole=True)
            for (member, view), address in zip(outputs, addresses, strict=False):
                value = done[member.place]
                assembly.stored(value if view.bytes == 1 else assembly.double(value), address)

        Nest(group.shape, [*shown, *views]).write(assembly, body)
        for member in group.members:
            self._over(member)

    def _target(self, value: Value, inputs: Sequence[View], group: Group) -> View:
        """Return where the elements of a value go: over a parameter that it replaces, or to a new place."""
        leaf = self._leaves.get(value.place)
        size = 1 if value.dtype == np.bool_ else 8
        if leaf is not None and self._may_replace(leaf, value, inputs, group):
            self._moved.add(value.place)
            return self._views[leaf.place]
        return self._memory.taken(value.shape, size, value.strides)

    def _may_replace(self, leaf: Value, value: Value, inputs: Sequence[View], group: Group) -> bool:
        own = self._views[leaf.place]
        stretch = range(own.offset, own.offset + own.size * own.bytes)
        return (
            value.place >= self._form.backward
            and value.place not in self._twice
            and leaf.place not in self.uses.kept
            and value.strides == own.strides
            and not self.uses.of(leaf) - group.places
            and all(view == own for view in inputs if view.offset in stretch)
        )

    def _over(self, value: Value) -> None:
        """Let go of the operands that were needed for the last time."""
        for operand in self.uses.written(value):
            if (
                operand.level is Frequency.ITERATION
                and operand.call not in ("leaf", *CONSTANTS)
                and operand.place in self._views
                and operand.place not in self._moved
            ):
                self._memory.given_back(self._views.pop(operand.place))

    # ---------------------------------------------------------------- calls on whole arrays

    def _write_whole(self, value: Value) -> None:
        call = value.call
        if call in ("any", "all"):
            self._write_truth(value)
            return
        out = self._memory.taken(value.shape, 1 if value.dtype == np.bool_ else 8, value.strides or None)
        args = [self.view(arg) if isinstance(arg, Value) else arg for arg in value.args]
        if call in ("dot", "matmul"):
            products = Products(self.assembly, self._whole, self._c_copy)
            (products.dot if call == "dot" else products.matmul)(args[0], args[1], out)
        elif call.endswith(".reduce"):
            reduced(self.assembly, call, args[0], value.options[0], out)
        elif call in ("copy", "ravel", "astype"):
            if args[0].bytes != out.bytes:
                raise NotNativeError("a change of type")
            copied(self.assembly, args[0].reshaped(out.shape) if call == "ravel" and args[0].is_c else
                   self._c_copy(args[0]).reshaped(out.shape) if call == "ravel" else args[0], out)  # fmt: skip
        elif call == "concatenate":
            joined(self.assembly, args, value.options[0], out)
        elif call == "stack":
            stacked(self.assembly, args, out)
        elif call == "array":
            for number, arg in enumerate(value.args):
                place = self._at(out.at([number]))
                self.assembly.stored(self.assembly.double(self.number(arg)), place)
        elif call == "multiply.outer":
            self._write_outer(args[0], args[1], out)
        elif call in ("patches", "unpatched"):
            self._write_windows(value, args[0], out)
        elif call in PLACING:
            self._write_placed(value, args, out)
        else:
            raise NotNativeError(call)
        if value.shape:
            self.put(value, out)
        else:
            self.put(value, self.assembly.loaded(self._at(out)))
            self._memory.given_back(out)

    def _c_copy(self, view: View) -> View:
        copy = self._memory.taken(view.shape, view.bytes)
        copied(self.assembly, view, copy)
        return copy

    def _write_outer(self, a: View, b: View, out: View) -> None:
        column = a._replace(
            shape=(*a.shape, *[1] * len(b.shape)), strides=(*a.strides, *[0] * len(b.shape))
        )

        def body(addresses: list[Register]) -> None:
            one, other = (self.assembly.loaded(address) for address in addresses[1:])
            self.assembly.stored(one * other, addresses[0])

        Nest(out.shape, [out, column.broadcast(out.shape), b.broadcast(out.shape)]).write(self.assembly, body)

    def _write_windows(self, value: Value, x: View, out: View) -> None:
        options = value.options if value.call == "patches" else value.options[1:]
        padding, shape = options[2], x.shape if value.call == "patches" else value.options[0]
        whole = self._memory.taken(padded_shape(shape, padding)) if any(padding) else None
        (patches if value.call == "patches" else unpatched)(
            self.assembly, x if value.call == "patches" or x.is_c else self._c_copy(x), value.options, out, whole
        )  # fmt: skip
        if whole is not None:
            self._memory.given_back(whole)

    def _write_placed(self, value: Value, args: Sequence[View], out: View) -> None:
        count, fixed, frozen = value.options
        arrays, places, assembly = args[:count], args[count:], self.assembly
        source = arrays[0]
        target = source if value.call == "taken" else out
        look = looked_at(target, frozen)
        if value.call == "taken" and look is not None:
            copied(assembly, look, out)
        elif value.call == "taken":
            Chosen(assembly, frozen, places, source, self.stray).taken(out)
        elif value.call in ("pasted", "scattered"):
            filled(assembly, out, 0.0)
            if look is not None:
                copied(assembly, source.broadcast(look.shape), look)
            elif value.call == "scattered":
                Chosen(assembly, frozen, places, out, self.stray).scattered(source, out.shape)
            else:
                raise NotNativeError("a paste at places that are computed")
        elif value.call in ("stored", "unstored") and look is not None:
            copied(assembly, source, out)
            if value.call == "stored":
                copied(assembly, arrays[1].broadcast(look.shape), look)
            else:
                filled(assembly, look, 0.0)
        else:
            raise NotNativeError(value.call)

    def _write_truth(self, value: Value) -> None:
        """Write whether any element is true, or all are."""
        assembly, of = self.assembly, self.view(value.args[0])
        if value.call == "all" and value.options != (None,):
            raise NotNativeError("all along an axis")
        place = self._memory.taken((), 1)
        start = assembly.truth(0.0 if value.call == "any" else 1.0)
        assembly.stored(start, self._at(place))

        def body(addresses: list[Register]) -> None:
            before = assembly.loaded(addresses[0], TRUTH)
            x = assembly.loaded(addresses[1], TRUTH if of.bytes == 1 else DOUBLE)
            truth = assembly.truth(x)
            assembly.stored(before | truth if value.call == "any" else before & truth, addresses[0])

        spread = View(place.offset, of.shape, (0,) * len(of.shape), 1)
        Nest(of.shape, [spread, of]).write(assembly, body)
        self.put(value, assembly.loaded(self._at(place), TRUTH))
        self._memory.given_back(place)

    # ---------------------------------------------------------------- what the iteration hands on

    def hand_on(self, results: Sequence[tuple[Value, Value]]) -> None:
        """Write the copies of new values that are not where the old ones were."""
        moves: list[tuple[View, View]] = []
        numbers: list[tuple[View, Register]] = []
        for leaf, result in results:
            own = self._views[leaf.place]
            if not leaf.shape:
                numbers.append((own, self.assembly.double(self.number(result))))
            elif result.place not in self._moved or self._leaves[result.place] is not leaf:
                view = self.view(result)
                if root(result).call == "leaf":  # another's, which may be written over first
                    view = self._c_copy(view)
                moves.append((view.broadcast(own.shape), own))
        for source, target in moves:
            copied(self.assembly, source, target)
        for place, number in numbers:
            self.assembly.stored(number, self._at(place))


class _Alone:
    """A number among what a group is given."""

    def __init__(self, number: Operand) -> None:
        self.number = number


def _count(form: Form, result: Value) -> int:
    return sum(other is result for _, other in form.results)


def _constant(value: Value) -> Any:
    """Return the array of a call that makes one of numbers of the formula's own."""
    if value.call == "full":
        return np.full(value.shape, float(value.args[0]))
    if value.call == "eye":
        return np.eye(*value.options)
    shape, numbers = value.options
    return np.array(numbers, np.float64).reshape(shape)


def _seen(look: Value, view: View) -> View:
    """Return what a view looks at, given where what it is of is."""
    options = look.options
    if look.call == "T":
        return view.T
    if look.call == "reshape":
        return view.reshaped(look.shape)
    if look.call == "index":
        seen = looked_at(view, options[0])
        assert seen is not None
        return seen
    if look.call == "broadcast_to":
        return view.broadcast(look.shape)
    if look.call == "expand_dims":
        shape, strides = list(view.shape), list(view.strides)
        for axis in sorted(number % len(look.shape) for number in options):
            shape.insert(axis, 1)
            strides.insert(axis, 0)
        return view._replace(shape=tuple(shape), strides=tuple(strides))
    if look.call == "swapaxes":
        return view.swapped(*options)
    raise NotNativeError(look.call)
