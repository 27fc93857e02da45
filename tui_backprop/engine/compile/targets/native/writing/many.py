"""A loop over runs around the loop of iterations: what differs between runs is moved in and out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tui_backprop.engine.compile.targets.native.instructions.assembly import (
    WHOLE,
    Assembly,
    Register,
)
from tui_backprop.engine.compile.targets.native.instructions.loops import MEMORY
from tui_backprop.engine.compile.targets.native.instructions.views import DOUBLE_BYTES, ArrayView

_MANY: Final = (
    "define i64 @many(i64 %runs, i64 %n, ptr %memory, ptr %losses, ptr %numbers, i64 %coefficients, "
    "ptr %scheduled, i64 %rates, ptr %given, i64 %pointers, ptr %state, i64 %batch, i64 %batches, "
    "i64 %updates, i64 %first) nounwind {"
)


def many_text(places: Sequence[ArrayView]) -> list[str]:
    """Write the function ``many``, which returns how many runs did all their iterations.

    It is given the losses, (runs, n); for each run the coefficients, the values of what is scheduled, and the
    addresses of its samples and masks, all so many bytes apart; and its state, which is written over.

    Args:
        places: what is the state of a run, in order.
    """
    assembly = Assembly()
    size = sum(DOUBLE_BYTES * place.size for place in places)
    with assembly.loop(Register(assembly, "%runs", WHOLE)) as run:
        own = assembly.address("%state", assembly.times(run, size))
        _moved(assembly, places, own, into=True)
        length = assembly.made("mul i64 %n, 8", WHOLE)
        apart = [
            assembly.made(f"mul i64 {run.name}, {step}", WHOLE)
            for step in (length.name, "%coefficients", "%rates", "%pointers")
        ]
        losses, numbers, rates, given = (
            assembly.address(base, offset)
            for base, offset in zip(("%losses", "%numbers", "%scheduled", "%given"), apart, strict=True)
        )
        done = assembly.made(
            f"call i64 @train(i64 %n, ptr %memory, ptr {losses.name}, ptr null, ptr {numbers.name}, "
            f"ptr {rates.name}, ptr {given.name}, i64 %batch, i64 %batches, i64 %updates, i64 %first, "
            "ptr null, i1 false)",
            WHOLE,
        )
        assembly.leave_unless(assembly.made(f"icmp eq i64 {done.name}, %n", "i1"), "left")
        _moved(assembly, places, own, into=False)
    return [_MANY, "entry:", *assembly.lines, "  ret i64 %runs", "left:", f"  ret i64 {run.name}", "}"]


def _moved(assembly: Assembly, places: Sequence[ArrayView], own: Register, *, into: bool) -> None:
    begin = 0
    for place in places:
        size = DOUBLE_BYTES * place.size
        state, memory = assembly.address(own.name, begin), assembly.address(MEMORY, place.offset)
        to, source = (memory, state) if into else (state, memory)
        assembly.done(
            f"call void @llvm.memcpy.p0.p0.i64(ptr align 8 {to.name}, ptr align 8 {source.name}, "
            f"i64 {size}, i1 false)"
        )
        begin += size
