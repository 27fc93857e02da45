"""Several small calls as one, where that saves time: a call on a small array is mostly the call itself.

What slices of an array go through alike, such as the gates of an LSTM, is packed: the slices become the rows
of one array, and each call is made once on all rows. Gradients that are pasted into zeros side by side and
added up are laid side by side at once. No bit changes: elements meet the elements that they met before.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tui_backprop.engine.compile.form import Form, Frequency, Value, is_elementwise
from tui_backprop.engine.compile.rewriting import FormRewriting
from tui_backprop.engine.compile.storage import SMALL, is_buffered, order_of

MANY: Final = 64
"""Pieces up to which it is tried whether they fill an array."""
LARGE: Final = 1 << 12
"""Elements of a row up to which a call takes long beside the work."""
WHOLE: Final = 1 << 14
"""Elements of all rows, which are to stay in a processor's cache."""


def packed(form: Form) -> Form | None:
    """Return the same iteration in fewer calls; None where no order of them is left.

    Values of the form are changed, so that it is of no use afterwards.
    """
    rewriting = FormRewriting(form)
    join_pastes(rewriting)
    _Packs(rewriting).find()
    return rewriting.finished()


# ---------------------------------------------------------------------- pasted side by side


def join_pastes(rewriting: FormRewriting) -> None:
    """Lay arrays side by side that are pasted into zeros each, and added up until no zeros are left.

    What is left of the zeros is + 0, which makes 0 of -0.
    """
    users = rewriting.users()
    done: set[int] = set()
    for value in reversed(rewriting.values):
        if value.call != "add" or value.place in done:
            continue
        sums, pastes = _pasted_sum(value, users, rewriting.kept)
        axis = _side_by_side(pastes)
        if axis is not None:
            pastes.sort(key=lambda paste: _stretch(paste, axis)[0])
            pieces = [paste.args[0] for paste in pastes]
            joined = rewriting.made("concatenate", pieces, (axis,), value.shape, value)
            rewriting.replace(value, rewriting.made("add", (joined, 0.0), (), value.shape, value))
            done.update(added.place for added in sums)


def _pasted_sum(
    value: Value, users: Mapping[int, Sequence[Value]], kept: Container[int]
) -> tuple[list[Value], list[Value]]:
    """Return the sums of a sum, and what is pasted in them; nothing pasted where there is something else."""
    sums, pastes = [value], list[Value]()
    for added in sums:  # it grows meanwhile
        for arg in added.args:
            if isinstance(arg, Value) and arg.call == "pasted" and len(pastes) < MANY:
                pastes.append(arg)
            elif (
                isinstance(arg, Value)
                and arg.call == "add"
                and len(users[arg.place]) == 1
                and arg.place not in kept
            ):
                sums.append(arg)
            else:
                return sums, []
    return sums, pastes


def _side_by_side(pastes: Sequence[Value]) -> int | None:
    """Return the axis along which pasted arrays fill a whole one, each place once."""
    shape = pastes[0].shape if pastes else ()
    if any(paste.shape != shape for paste in pastes):
        return None
    for axis in range(len(shape)):
        if all(_fills(paste, axis) for paste in pastes):
            stretches = sorted(_stretch(paste, axis) for paste in pastes)
            starts = [0, *(stop for _, stop in stretches)]
            if [start for start, _ in stretches] == starts[:-1] and starts[-1] == shape[axis]:
                return axis
    return None


def _fills(paste: Value, axis: int) -> bool:
    """Tell whether what is pasted has its whole array's lengths along all axes but one."""
    count, _, parts = paste.options
    plain = count == len(paste.args) == 1 and len(parts) == len(paste.shape)
    plain = plain and isinstance(paste.args[0], Value)
    if not plain or not all(isinstance(part, tuple) and part[3] in (None, 1) for part in parts):
        return False
    lengths = tuple(
        _end(part, length) - (part[1] or 0) for part, length in zip(parts, paste.shape, strict=True)
    )
    whole = paste.shape[:axis] + paste.shape[axis + 1 :]
    return lengths[:axis] + lengths[axis + 1 :] == whole and paste.args[0].shape == lengths


def _stretch(paste: Value, axis: int) -> tuple[int, int]:
    part = paste.options[2][axis]
    return part[1] or 0, _end(part, paste.shape[axis])


def _end(part: Any, length: int) -> int:
    return length if part[2] is None else int(part[2])


# ---------------------------------------------------------------------- rows of one array


@dataclass(eq=False)
class _Pack:
    """Calls that become one.

    Attributes:
        lanes: the calls, one for each row.
        args: what the one call is made on: numbers, what is the same for all rows, another pack, or a
            tuple of values that become rows.
        whole: the one call, once it is made.
    """

    lanes: tuple[Value, ...]
    args: tuple[Any, ...]
    whole: Value | None = None


@dataclass(eq=False)
class _Cluster:
    """Packs that come from the same slices, and rows that are copied for them."""

    packs: list[_Pack] = field(default_factory=list)
    member: dict[int, tuple[_Pack, int]] = field(default_factory=dict)
    rows: dict[tuple[int, ...], tuple[Value, ...]] = field(default_factory=dict)
    in_rows: set[int] = field(default_factory=set)
    copies: int = 0

    @property
    def saved(self) -> int:
        """Calls that there are less."""
        return sum(len(pack.lanes) - 1 for pack in self.packs) - self.copies

    def holds(self, place: int) -> bool:
        """Tell whether a value is a lane or a row already."""
        return place in self.member or place in self.in_rows


class _Packs:
    """Finds packs and makes them."""

    def __init__(self, rewriting: FormRewriting) -> None:
        self._rewriting, self._users = rewriting, rewriting.users()
        self._dtype = rewriting.form.dtype
        self._taken: set[int] = set(rewriting.kept)

    def find(self) -> None:
        """Pack what slices of the same array go through."""
        for seeds in self._seeds():
            cluster = _Cluster()
            for lanes in seeds:
                self._try(cluster, lanes, copies=len(lanes))
            self._grow(cluster)
            if cluster.saved > 0:
                self._make(cluster)

    def _seeds(self) -> list[list[tuple[Value, ...]]]:
        """Return calls that are made alike on different slices of one array, by the slices."""
        alike: dict[Any, list[Value]] = {}
        for value in self._rewriting.values:
            parts = [arg for arg in value.args if isinstance(arg, Value)]
            if self._fits(value) and len(parts) == 1 and parts[0].call == "index":
                key = self._kind(value), parts[0].args[0].place, tuple(arg is parts[0] for arg in value.args)
                alike.setdefault(key, []).append(value)
        by_slices: dict[tuple[int, ...], list[tuple[Value, ...]]] = {}
        for lanes in alike.values():
            slices = tuple(arg.place for lane in lanes for arg in lane.args if isinstance(arg, Value))
            if len(set(slices)) == len(lanes) > 1 and len(lanes) * lanes[0].size <= WHOLE:
                by_slices.setdefault(slices, []).append(tuple(lanes))
        return list(by_slices.values())

    def _fits(self, value: Value) -> bool:
        return (
            value.level is Frequency.ITERATION
            and is_elementwise(value.call)
            and SMALL < value.size <= LARGE
            and order_of(value) == "C"
            and value.place not in self._taken
        )

    def _kind(self, value: Value) -> Any:
        """Return what calls that become one have in common."""
        numbers = tuple(
            None if isinstance(arg, Value) else (float(arg), math.copysign(1.0, arg), type(arg))
            for arg in value.args
        )
        section = self._rewriting.section(value)
        return section, value.call, value.options, value.shape, value.dtype, numbers

    def _grow(self, cluster: _Cluster) -> None:
        """Pack what lanes are used for alike, and what that is used for, the first first."""
        pending: list[tuple[int, int, int]] = []
        done = 0
        while True:
            for number, pack in enumerate(cluster.packs[done:], done):
                users = self._users.get(pack.lanes[0].place, ())
                pending += [(user.place, number, at) for at, user in enumerate(users)]
            done = len(cluster.packs)
            heapq.heapify(pending)
            if not pending:
                return
            _, number, at = heapq.heappop(pending)
            pack = cluster.packs[number]
            lanes = self._alike(cluster, pack, self._users[pack.lanes[0].place][at])
            if lanes:
                self._try(cluster, lanes, copies=0)

    def _alike(self, cluster: _Cluster, pack: _Pack, user: Value) -> tuple[Value, ...]:
        """Return what the other lanes are used for like the first one is here; nothing if one is not."""
        lanes = [user]
        if not self._fits(user) or cluster.holds(user.place):
            return ()
        kind = self._kind(user)
        for number, other in enumerate(pack.lanes[1:], 1):
            for partner in self._users.get(other.place, ()):
                if (
                    self._fits(partner)
                    and not cluster.holds(partner.place)
                    and all(partner is not lane for lane in lanes)
                    and self._kind(partner) == kind
                    and all(
                        self._meet(cluster, a, b, number)
                        for a, b in zip(user.args, partner.args, strict=True)
                    )
                ):
                    lanes.append(partner)
                    break
            else:
                return ()
        return tuple(lanes)

    @staticmethod
    def _meet(cluster: _Cluster, first: Any, other: Any, number: int) -> bool:
        """Tell whether an operand of the first lane and that of another one may belong together."""
        if not isinstance(first, Value) or first is other:
            return True
        mine, its = cluster.member.get(first.place), cluster.member.get(other.place)
        if mine is None or its is None:
            return mine is its
        return mine[0] is its[0] and (mine[1], its[1]) == (0, number)

    def _try(self, cluster: _Cluster, lanes: tuple[Value, ...], *, copies: int) -> None:
        """Make a pack of calls, if they do not need each other and few rows are to be copied."""
        args: list[Any] = []
        rows: dict[tuple[int, ...], tuple[Value, ...]] = {}
        for parts in zip(*(lane.args for lane in lanes), strict=True):
            first = parts[0]
            if not isinstance(first, Value) or all(part is first for part in parts):
                args.append(first)
                continue
            member = cluster.member.get(first.place)
            if member is not None:
                if [part.place for part in parts] != [lane.place for lane in member[0].lanes]:
                    return
                args.append(member[0])
                continue
            places = tuple(part.place for part in parts)
            if len(set(places)) < len(places) or any(
                part.shape != lanes[0].shape or part.dtype != self._dtype for part in parts
            ):
                return
            args.append(parts)
            if places not in cluster.rows:
                rows[places] = parts
        taken: set[int] = set()
        needed = 0
        for places, parts in rows.items():
            needed += sum(
                not self._is_free(part) or cluster.holds(part.place) or part.place in taken for part in parts
            )
            taken.update(places)
        if needed > copies or not self._independent(lanes):
            return
        pack = _Pack(lanes, tuple(args))
        cluster.packs.append(pack)
        cluster.member.update({lane.place: (pack, number) for number, lane in enumerate(lanes)})
        cluster.rows.update(rows)
        cluster.in_rows |= taken
        cluster.copies += needed

    def _is_free(self, value: Value) -> bool:
        """Tell whether a value can be written to a row, and be there from then on."""
        return is_buffered(value, self._dtype) and order_of(value) == "C" and value.place not in self._taken

    @staticmethod
    def _independent(lanes: Sequence[Value]) -> bool:
        """Tell whether no call needs the result of another."""
        places = {lane.place for lane in lanes}
        least = min(places)
        pending = [arg for lane in lanes for arg in lane.args if isinstance(arg, Value)]
        seen: set[int] = set()
        while pending:
            value = pending.pop()
            if value.place in places:
                return False
            if value.place > least and value.place not in seen:
                seen.add(value.place)
                pending += [arg for arg in value.args if isinstance(arg, Value)]
        return True

    def _make(self, cluster: _Cluster) -> None:
        made = self._rewriting.made
        arrays: dict[tuple[int, ...], Value] = {}
        written: set[int] = set()
        for places, parts in cluster.rows.items():
            like = parts[0]
            rows = []
            for part in parts:
                if part.place not in cluster.member and part.place not in written and self._is_free(part):
                    written.add(part.place)
                    rows.append(part)
                else:
                    rows.append(made("copy", (part,), ("C",), part.shape, like))
            arrays[places] = made("rows", rows, (), (len(rows), *like.shape), like)
        for pack in cluster.packs:
            first, count = pack.lanes[0], len(pack.lanes)
            args = [self._argument(arg, arrays) for arg in pack.args]
            pack.whole = made(first.call, args, first.options, (count, *first.shape), first)
            for number, lane in enumerate(pack.lanes):
                row = made("index", (pack.whole,), ((number,),), lane.shape, lane)
                self._rewriting.replace(lane, row)
        self._taken |= written | cluster.member.keys()

    @staticmethod
    def _argument(arg: Any, arrays: dict[tuple[int, ...], Value]) -> Any:
        if isinstance(arg, _Pack):
            return arg.whole
        return arrays[tuple(part.place for part in arg)] if isinstance(arg, tuple) else arg
