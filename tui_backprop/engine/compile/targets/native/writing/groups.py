"""Calls that work element by element, put off and written together as one nest of loops.

So what is computed between them never goes to memory. A call that needs one of their results whole has its
group written first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tui_backprop.engine.compile.form import VIEWS, Form, Value, root
from tui_backprop.engine.compile.targets.native.instructions.assembly import DOUBLE, TRUTH, Operand, Register
from tui_backprop.engine.compile.targets.native.instructions.elementwise import element
from tui_backprop.engine.compile.targets.native.instructions.loops import Nest
from tui_backprop.engine.compile.targets.native.instructions.views import ArrayView
from tui_backprop.engine.compile.targets.native.writing.places import ValuePlaces, size_of_one
from tui_backprop.engine.compile.targets.native.writing.uses import RemainingUses
from tui_backprop.engine.core.arrays import Shape


@dataclass(eq=False)
class _Group:
    """Calls on arrays of one shape, in order."""

    shape: Shape
    members: list[Value] = field(default_factory=list)


@dataclass(eq=False)
class _Given:
    """What a group is given: arrays, and by member and argument which of them, or which number.

    Attributes:
        arrays: the arrays, repeated to the group's shape.
        which: the numbers of arrays in ``arrays``.
        numbers: the numbers that stand for themselves.
    """

    arrays: list[ArrayView] = field(default_factory=list)
    which: dict[tuple[int, int], int] = field(default_factory=dict)
    numbers: dict[tuple[int, int], Operand] = field(default_factory=dict)


class Groups:
    """The groups that have not been written.

    Attributes:
        replaced: places of the results that are written over what they replace.
    """

    def __init__(self, form: Form, places: ValuePlaces, uses: RemainingUses) -> None:
        self._form, self._places, self._uses = form, places, uses
        self._leaves = {result.place: leaf for leaf, result in form.results}
        results = [result.place for _, result in form.results]
        self._once = {place for place in results if results.count(place) == 1}
        self._pending: dict[int, _Group] = {}
        self._groups: list[_Group] = []
        self.replaced: set[int] = set()

    def put_off(self, value: Value) -> None:
        """Have a call written later, with others of its shape."""
        for arg in value.args:
            if isinstance(arg, Value):
                group = self._pending.get(root(arg).place)
                if group is not None and (arg.call in VIEWS or group.shape != value.shape):
                    self._write(group)
        mine: _Group | None = None
        for arg in value.args:
            group = self._pending.get(arg.place) if isinstance(arg, Value) else None
            if mine is None:
                mine = group
            elif group is not None and group is not mine:
                self._merge(mine, group)
        if mine is None:
            mine = next((group for group in self._groups if group.shape == value.shape), None)
        if mine is None:
            mine = _Group(value.shape)
            self._groups.append(mine)
        mine.members.append(value)
        self._pending[value.place] = mine

    def settle(self, value: Value) -> None:
        """Write the group of an array, if that has not been done."""
        group = self._pending.get(root(value).place)
        if group is not None:
            self._write(group)

    def finish(self) -> None:
        """Write all that has been put off."""
        for group in list(self._groups):
            self._write(group)

    def _merge(self, into: _Group, group: _Group) -> None:
        into.members = sorted([*into.members, *group.members], key=lambda member: member.place)
        for member in group.members:
            self._pending[member.place] = into
        self._groups.remove(group)

    def _write(self, group: _Group) -> None:
        self._groups.remove(group)
        for member in group.members:
            del self._pending[member.place]
        own = {member.place for member in group.members}
        given = self._given(group, own)
        outputs = [
            (member, self._target(member, group, given.arrays, own))
            for member in group.members
            if self._uses.of(member) - own or member.place in self._uses.kept
        ]
        for member, view in outputs:
            self._places.put(member, view)
        targets = [view for _, view in outputs]
        assembly = self._places.assembly

        def body(addresses: list[Register]) -> None:
            done: dict[int, Register] = {}
            loaded: dict[int, Register] = {}

            def operand(member: Value, at: int) -> Operand:
                arg = member.args[at]
                if isinstance(arg, Value) and arg.place in done:
                    return done[arg.place]
                number = given.numbers.get((member.place, at))
                if number is not None:
                    return number
                which = given.which[member.place, at]
                if which not in loaded:
                    kind = TRUTH if given.arrays[which].bytes == 1 else DOUBLE
                    loaded[which] = assembly.loaded(addresses[len(targets) + which], kind)
                return loaded[which]

            for member in group.members:
                args = [operand(member, at) for at in range(len(member.args))]
                done[member.place] = element(assembly, member.call, args, whole=True)
            for (member, view), address in zip(outputs, addresses, strict=False):
                value = done[member.place]
                assembly.stored(value if view.bytes == 1 else assembly.double(value), address)

        Nest(group.shape, [*targets, *given.arrays]).write(assembly, body, written=len(targets))
        for member in group.members:
            for operand in self._uses.written(member):
                self._places.let_go(operand)

    def _given(self, group: _Group, own: set[int]) -> _Given:
        given, numbers = _Given(), dict[ArrayView, int]()
        for member in group.members:
            for at, arg in enumerate(member.args):
                if isinstance(arg, Value) and arg.place in own:
                    continue
                if isinstance(arg, Value) and arg.shape and arg.call != "full":
                    view = self._places.view(arg).broadcast(group.shape)
                    given.which[member.place, at] = numbers.setdefault(view, len(numbers))
                else:
                    given.numbers[member.place, at] = self._places.number(arg)
        given.arrays = list(numbers)
        return given

    def _target(self, value: Value, group: _Group, inputs: Sequence[ArrayView], own: set[int]) -> ArrayView:
        """Return where elements go: over what they replace or nobody else needs, or to a new place."""
        leaf = self._leaves.get(value.place)
        if leaf is not None and self._may_replace(leaf, value, inputs, own):
            self.replaced.add(value.place)
            return self._places.own(leaf)
        for member in group.members:
            for arg in member.args:
                if isinstance(arg, Value) and arg.place not in own and self._is_over(arg, value, inputs, own):
                    return self._places.handed_on(arg)
        return self._places.memory.taken(value.shape, size_of_one(value), value.strides)

    def _is_over(self, arg: Value, value: Value, inputs: Sequence[ArrayView], own: set[int]) -> bool:
        """Tell whether an array is needed by a group alone, so that a result may lie where it lies."""
        if not self._places.is_passing(arg) or self._uses.of(arg) - own or arg.place in self._uses.kept:
            return False
        place = self._places.own(arg)
        return (
            place.shape == value.shape
            and place.strides == value.strides
            and place.bytes == size_of_one(value)
            and _lies_apart(place, inputs)
        )

    def _may_replace(self, leaf: Value, value: Value, inputs: Sequence[ArrayView], own: set[int]) -> bool:
        place = self._places.own(leaf)
        return (
            value.place >= self._form.backward  # before that the iteration may still be left
            and value.place in self._once
            and leaf.place not in self._uses.kept
            and value.strides == place.strides
            and not self._uses.of(leaf) - own
            and _lies_apart(place, inputs)
        )


def _lies_apart(place: ArrayView, inputs: Sequence[ArrayView]) -> bool:
    """Tell whether no input looks at an array otherwise than element by element."""
    stretch = range(place.offset, place.offset + place.size * place.bytes)
    return all(view == place for view in inputs if view.offset in stretch)
