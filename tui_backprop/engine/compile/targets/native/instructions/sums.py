"""Sums, products and extremes along axes, added up in the order in which NumPy adds.

NumPy goes through an array as its elements lie in memory, axes that lie one in the other as one. What it adds
up along the innermost of them it adds in pairs: eight sums side by side for up to 128 elements, halves beyond
that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from typing import Final

from tui_backprop.engine.compile.targets.native.errors import NotNativeError
from tui_backprop.engine.compile.targets.native.instructions.assembly import Assembly, Register
from tui_backprop.engine.compile.targets.native.instructions.loops import Nest, filled
from tui_backprop.engine.compile.targets.native.instructions.views import DOUBLE_BYTES, ArrayView

_EMPTY: Final = {"add.reduce": 0.0, "multiply.reduce": 1.0}
"""What sums and products begin with; extremes begin with their first element."""

_BUFFER: Final = 8192
"""Elements that NumPy copies at a time."""

PAIRWISE: Final = """\
define internal double @pairwise(ptr %a, i64 %n, i64 %step) nounwind {
entry:
  %short = icmp ult i64 %n, 8
  br i1 %short, label %few, label %more
few:
  br label %each
each:
  %i = phi i64 [ 0, %few ], [ %i1, %each ]
  %s = phi double [ 0x8000000000000000, %few ], [ %s1, %each ]
  %io = mul i64 %i, %step
  %ip = getelementptr i8, ptr %a, i64 %io
  %x = load double, ptr %ip, align 8
  %s1 = fadd double %s, %x
  %i1 = add i64 %i, 1
  %c = icmp ult i64 %i1, %n
  br i1 %c, label %each, label %few.end
few.end:
  ret double %s1
more:
  %block = icmp ule i64 %n, 128
  br i1 %block, label %eight, label %halves
eight:
  %whole = and i64 %n, -8
  %dense = icmp eq i64 %step, 8
  br i1 %dense, label %wide, label %apart
wide:
  br label %wide.loop
wide.loop:
  %w = phi i64 [ 8, %wide ], [ %w1, %wide.next ]
  %wl = phi <4 x double> [ %wl0, %wide ], [ %wl1, %wide.next ]
  %wh = phi <4 x double> [ %wh0, %wide ], [ %wh1, %wide.next ]
  %wc = icmp ult i64 %w, %whole
  br i1 %wc, label %wide.next, label %wide.end
wide.next:
  %wo = mul i64 %w, 8
  %wp = getelementptr i8, ptr %a, i64 %wo
  %wq = getelementptr i8, ptr %wp, i64 32
  %wx = load <4 x double>, ptr %wp, align 8
  %wy = load <4 x double>, ptr %wq, align 8
  %wl1 = fadd <4 x double> %wl, %wx
  %wh1 = fadd <4 x double> %wh, %wy
  %w1 = add i64 %w, 8
  br label %wide.loop
wide.end:
@UNPACK@
  br label %rest
apart:
@FIRST@
  br label %apart.loop
apart.loop:
  %p = phi i64 [ 8, %apart ], [ %p1, %apart.next ]
@PHIS@
  %pc = icmp ult i64 %p, %whole
  br i1 %pc, label %apart.next, label %apart.end
apart.next:
@NEXT@
  %p1 = add i64 %p, 8
  br label %apart.loop
apart.end:
  br label %rest
rest:
@JOIN@
  %t01 = fadd double %r0, %r1
  %t23 = fadd double %r2, %r3
  %t45 = fadd double %r4, %r5
  %t67 = fadd double %r6, %r7
  %t03 = fadd double %t01, %t23
  %t47 = fadd double %t45, %t67
  %t = fadd double %t03, %t47
  br label %rest.loop
rest.loop:
  %q = phi i64 [ %whole, %rest ], [ %q1, %rest.next ]
  %u = phi double [ %t, %rest ], [ %u1, %rest.next ]
  %qc = icmp ult i64 %q, %n
  br i1 %qc, label %rest.next, label %rest.end
rest.next:
  %qo = mul i64 %q, %step
  %qp = getelementptr i8, ptr %a, i64 %qo
  %qx = load double, ptr %qp, align 8
  %u1 = fadd double %u, %qx
  %q1 = add i64 %q, 1
  br label %rest.loop
rest.end:
  ret double %u
halves:
  %h = lshr i64 %n, 1
  %h8 = and i64 %h, -8
  %hl = call double @pairwise(ptr %a, i64 %h8, i64 %step)
  %ho = mul i64 %h8, %step
  %hp = getelementptr i8, ptr %a, i64 %ho
  %hn = sub i64 %n, %h8
  %hr = call double @pairwise(ptr %hp, i64 %hn, i64 %step)
  %hs = fadd double %hl, %hr
  ret double %hs
}
"""


def pairwise_function() -> str:
    """Return the function that adds up ``n`` doubles, ``step`` bytes apart, as NumPy does."""
    eight = range(8)
    load = (
        "  %{0}o{1} = {2}\n"
        "  %{0}p{1} = getelementptr i8, ptr %a, i64 %{0}o{1}\n"
        "  %{0}{1} = load double, ptr %{0}p{1}, align 8"
    )
    first = "\n".join(load.format("f", i, f"mul i64 %step, {i}") for i in eight)
    phis = "\n".join(f"  %g{i} = phi double [ %f{i}, %apart ], [ %k{i}, %apart.next ]" for i in eight)
    following = "\n".join(
        f"  %m{i} = add i64 %p, {i}\n{load.format('l', i, f'mul i64 %m{i}, %step')}\n"
        f"  %k{i} = fadd double %g{i}, %l{i}"
        for i in eight
    )
    unpack = "\n".join(
        f"  %d{i} = extractelement <4 x double> %{'wl' if i < 4 else 'wh'}, i64 {i % 4}" for i in eight
    )
    join = "\n".join(f"  %r{i} = phi double [ %d{i}, %wide.end ], [ %g{i}, %apart.end ]" for i in eight)
    text = PAIRWISE.replace(
        "wide:\n",
        "wide:\n  %wl0 = load <4 x double>, ptr %a, align 8\n  %wb = getelementptr i8, ptr %a, i64 32\n"
        "  %wh0 = load <4 x double>, ptr %wb, align 8\n",
    )
    for name, part in (
        ("FIRST", first), ("PHIS", phis), ("NEXT", following), ("UNPACK", unpack), ("JOIN", join),
    ):  # fmt: skip
        text = text.replace(f"@{name}@", part)
    return text


def reduced(
    assembly: Assembly,
    call: str,
    of: ArrayView,
    axes: Collection[int],
    out: ArrayView,
    copy: Callable[[ArrayView], ArrayView],
) -> None:
    """Write a reduction.

    Args:
        assembly: where to.
        call: "add.reduce" and the like.
        of: what is reduced.
        axes: along which axes.
        out: where to, with the axes that are left, or with these as 1.
        copy: writes a copy in C's order, and returns it.
    """
    if not of.size:
        raise NotNativeError("a sum of nothing")
    kept = [axis for axis in range(len(of.shape)) if axis not in axes]
    if len(out.shape) == len(of.shape):  # the axes that are gone through stand in it as 1
        out = ArrayView(
            out.offset, tuple(of.shape[axis] for axis in kept), tuple(out.strides[axis] for axis in kept)
        )
    # the target's steps along the axes of what is reduced, none along those that go
    steps = [0] * len(of.shape)
    for axis, stride in zip(kept, out.strides, strict=True):
        steps[axis] = stride
    target = ArrayView(out.offset, of.shape, tuple(steps))
    if call not in _EMPTY:
        _extremes(assembly, call, of, axes, target)
        return
    filled(assembly, out, _EMPTY[call])
    order = sorted(
        (axis for axis in range(len(of.shape)) if of.shape[axis] > 1), key=lambda axis: -abs(of.strides[axis])
    )
    gone = [axis in axes for axis in order]
    of, target = of.permuted(order), target.permuted(order)
    if call == "add.reduce" and gone and gone[-1]:
        inner = len(gone) - next((at for at, going in enumerate(reversed(gone)) if not going), len(gone))
        _in_pairs(assembly, of, target, inner, copy)
    else:
        combine: Callable[[Register, Register], Register] = (
            (lambda a, b: a + b) if call == "add.reduce" else (lambda a, b: a * b)
        )
        _one_by_one(assembly, of, target, combine)


def _in_pairs(
    assembly: Assembly, of: ArrayView, target: ArrayView, inner: int, copy: Callable[[ArrayView], ArrayView]
) -> None:
    """Write sums along the last axes, from one of them on; what does not lie in a row NumPy copies first."""
    count, step = math.prod(of.shape[inner:]), of.strides[-1]
    lies = all(
        of.strides[at] == of.strides[at + 1] * of.shape[at + 1] for at in range(inner, len(of.shape) - 1)
    )
    if not lies:
        if count > _BUFFER:
            raise NotNativeError("a long sum of what does not lie in a row")
        of, step = copy(of), DOUBLE_BYTES
    heads = [ArrayView(view.offset, view.shape[:inner], view.strides[:inner]) for view in (target, of)]

    def body(addresses: list[Register]) -> None:
        at = addresses[1].name
        total = assembly.made(f"call double @pairwise(ptr {at}, i64 {count}, i64 {step})", "double")
        assembly.stored(assembly.loaded(addresses[0]) + total, addresses[0])

    _in_order(assembly, heads, body)


def _one_by_one(
    assembly: Assembly, of: ArrayView, target: ArrayView, combine: Callable[[Register, Register], Register]
) -> None:
    def body(addresses: list[Register]) -> None:
        before = assembly.loaded(addresses[0])
        assembly.stored(combine(before, assembly.loaded(addresses[1])), addresses[0])

    _in_order(assembly, [target, of], body)


def _in_order(assembly: Assembly, views: Sequence[ArrayView], body: Callable[[list[Register]], None]) -> None:
    """Write loops over axes in the order in which they stand, which the second view's elements have."""
    Nest(views[1].shape, [views[1], views[0]]).write(assembly, lambda addresses: body(addresses[::-1]))


def _extremes(assembly: Assembly, call: str, of: ArrayView, axes: Collection[int], target: ArrayView) -> None:
    """Write largest or smallest elements: NaN where one of them is."""
    how = {"maximum.reduce": "oge", "minimum.reduce": "ole"}.get(call)
    if how is None:
        raise NotNativeError(call)
    first = [slice(0, 1) if axis in axes else slice(None) for axis in range(len(of.shape))]
    head = of.at(first)
    start = target._replace(shape=head.shape)

    def copy(addresses: list[Register]) -> None:
        assembly.stored(assembly.loaded(addresses[1]), addresses[0])

    _in_order(assembly, [start, head], copy)

    def larger(before: Register, x: Register) -> Register:
        stays = assembly.made(f"fcmp {how} double {before.name}, {x.name}", "i1") | (before != before)
        return assembly.made(f"select i1 {stays.name}, double {before.name}, double {x.name}", "double")

    _one_by_one(assembly, of, target, larger)
