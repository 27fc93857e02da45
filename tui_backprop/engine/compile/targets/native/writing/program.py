"""A whole program: what is done once, and a loop of iterations, as text of LLVM's representation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from tui_backprop.engine.compile.form import Form, Frequency, Value
from tui_backprop.engine.compile.targets.native.errors import NotNativeError
from tui_backprop.engine.compile.targets.native.instructions.assembly import (
    DOUBLE,
    TRUTH,
    TWO_AT_A_TIME,
    WHOLE,
    Assembly,
    Register,
)
from tui_backprop.engine.compile.targets.native.instructions.blas import declarations
from tui_backprop.engine.compile.targets.native.instructions.elementwise import FROM_C
from tui_backprop.engine.compile.targets.native.instructions.loops import MEMORY, copied
from tui_backprop.engine.compile.targets.native.instructions.sums import pairwise_function
from tui_backprop.engine.compile.targets.native.instructions.views import ArrayView, c_strides
from tui_backprop.engine.compile.targets.native.writing.many import many_text
from tui_backprop.engine.compile.targets.native.writing.memory import ProgramMemory
from tui_backprop.engine.compile.targets.native.writing.places import ValuePlaces
from tui_backprop.engine.compile.targets.native.writing.values import Values
from tui_backprop.engine.core.arrays import DOUBLE as DOUBLE_TYPE
from tui_backprop.engine.core.arrays import Shape
from tui_backprop.engine.core.masks import Mask
from tui_backprop.engine.optimizers import COEFFICIENTS

_TRAIN: Final = (
    "define i64 @train(i64 %n, ptr noalias %memory, ptr noalias %losses, ptr noalias %validation, "
    "ptr noalias %numbers, ptr noalias %scheduled, ptr noalias %given, i64 %batch, i64 %batches, "
    "i64 %updates, i64 %first, ptr noalias %seen, i1 %before) nounwind {"
)
LARGE: Final = 150
"""Values from which on loops are functions of their own: calls cost time, and so does compiling."""
INTRINSICS: Final = (
    *(f"declare double @llvm.{name}.f64(double)" for name in ("fabs", "sqrt", "floor")),
    "declare double @llvm.copysign.f64(double, double)",
    "declare i64 @llvm.fptosi.sat.i64.f64(double)",
    "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)",
    *(
        f"declare double @c_{name}({'double, double' if name == 'pow' else 'double'}) "
        "nounwind willreturn memory(none)"
        for name in dict.fromkeys(FROM_C.values())
    ),
    *TWO_AT_A_TIME,
)
"""What programs declare beside BLAS."""


@dataclass(frozen=True, eq=False)
class NativeText:
    """A program as text, and what it is given.

    Attributes:
        text: what is compiled.
        memory: its memory, in which the constants are.
        inputs, parameters: places of data, samples and parameters, by the lesson's names.
        kept: parameter, code and place of each array of the optimizer's memory.
        samples: for each array of a batch, which of the epoch's it is.
        drawn: masks that are drawn, with their shapes, in order.
        scheduled: coefficients that change, in order.
        watched: for each thing that is looked at, its shape, or what it always is.
        calls: calls of an iteration.
        elements: elements that they compute.
    """

    text: str
    memory: ProgramMemory
    inputs: Mapping[str, ArrayView]
    parameters: Mapping[str, ArrayView]
    kept: tuple[tuple[str, str, ArrayView], ...]
    samples: tuple[str, ...]
    drawn: tuple[tuple[Mask, Shape], ...]
    scheduled: tuple[str, ...]
    watched: tuple[Shape | bool, ...]
    calls: int
    elements: int


class _Writing:
    """A form being written."""

    def __init__(self, form: Form, whole: str) -> None:
        if form.dtype != DOUBLE_TYPE:
            raise NotNativeError("single precision")
        self.form, self.memory = form, ProgramMemory()
        self.values = Values(form, ValuePlaces(self.memory), whole)
        self.parts: dict[str, str] | None = {} if len(self.values.needed) > LARGE else None
        given = {value.args[0]: value for value in form.calls if value.call == "leaf"}
        self.leaves = {value.args[0]: value for value in self.values.needed if value.call == "leaf"}
        self.places: dict[str, ArrayView] = {}
        self.samples = tuple(name for name in form.samples if name in self.leaves)
        self.drawn = tuple(entry for entry in form.drawn if entry[0] in self.leaves)
        for name in (
            *form.inputs.values(), *form.parameters.values(), *(name for *_, name in form.memory),
            *self.samples, *(name for name, *_ in self.drawn),
        ):  # fmt: skip
            leaf = given.get(name)
            if leaf is None or leaf.dtype != DOUBLE_TYPE:
                raise NotNativeError("a leaf of another type")
            self.places[name] = self.memory.taken(leaf.shape)
            self.values.places.put(leaf, self.places[name])

    # ---------------------------------------------------------------- functions

    def prepare(self) -> list[str]:
        """Write what is done once; it returns whether no index was outside."""
        values = self.values
        values.calls.stray = "stray"
        assembly = values.places.assembly = Assembly(self.parts)
        self._load(Frequency.ONCE)
        for value in values.needed:
            if value.level is Frequency.ONCE and value.call != "leaf":
                values.write(value)
        values.finish()
        self._once = [
            value
            for value in values.needed
            if value.level is Frequency.ONCE and value.call != "leaf" and values.places.in_register(value)
        ]
        for value in self._once:
            values.places.keep(value)
        values.calls.stray = None
        return [
            "define i1 @prepare(ptr noalias %memory) nounwind {", "entry:", *assembly.lines, "  ret i1 true",
            "stray:", "  ret i1 false", "}",
        ]  # fmt: skip

    def train(self) -> list[str]:
        """Write the loop."""
        values, form = self.values, self.form
        assembly = values.places.assembly = Assembly(self.parts)
        for value in self._once:
            place = values.places.own(value)
            kind = TRUTH if place.bytes == 1 else DOUBLE
            values.places.put(value, assembly.loaded(assembly.address(MEMORY, place.offset), kind))
        self._load(Frequency.ONCE)
        self._load(Frequency.CALL)
        for at, name in enumerate(COEFFICIENTS):
            if name in self.leaves and name not in form.scheduled:
                values.places.put(self.leaves[name], assembly.loaded(assembly.address("%numbers", 8 * at)))
        for value in values.needed:
            if value.level is Frequency.CALL and value.call != "leaf":
                values.write(value)
        values.finish()
        pointers = [
            assembly.made(f"load ptr, ptr {assembly.address('%given', 8 * at).name}", "ptr")
            for at in range(len(self.samples) + len(self.drawn))
        ]
        values.calls.stray = "stray"
        with assembly.loop(Register(assembly, "%n", WHOLE)) as k:
            self._begin(k, pointers)
            self._load(Frequency.ITERATION)
            noted = False
            for value in values.needed:
                if value.level is not Frequency.ITERATION or value.call == "leaf":
                    continue
                if value.place >= form.backward and not noted:
                    noted = True
                    self._note(k)
                values.write(value)
            if not noted:
                self._note(k)
            values.finish()
            values.hand_on([(leaf, result) for leaf, result in form.results])
        return [
            _TRAIN, "entry:", *assembly.lines, "  ret i64 %n", "stray:", f"  ret i64 {k.name}", "}",
        ]  # fmt: skip

    def _load(self, level: Frequency) -> None:
        """Load the numbers that are given."""
        assembly = self.values.places.assembly
        for name, leaf in self.leaves.items():
            if leaf.level is level and not leaf.shape and name in self.places:
                place = self.places[name]
                self.values.places.put(leaf, assembly.loaded(assembly.address(MEMORY, place.offset)))

    def _begin(self, k: Register, pointers: list[Register]) -> None:
        """Write what an iteration is given: its batch, masks, coefficients, and numbers."""
        assembly, form = self.values.places.assembly, self.form
        if self.samples:
            moved = assembly.sum(Register(assembly, "%batch", WHOLE), k)
            assert isinstance(moved, Register)
            row = assembly.made(f"urem i64 {moved.name}, %batches", WHOLE)
        for at, name in enumerate(self.samples):
            size = 8 * self.places[name].size
            self._copied(pointers[at], assembly.times(row, size), self.places[name], size)
        for at, (name, *_) in enumerate(self.drawn, len(self.samples)):
            size = 8 * self.places[name].size
            self._copied(pointers[at], assembly.times(k, size), self.places[name], size)
        for at, name in enumerate(form.scheduled):
            if name in self.leaves:
                whole = assembly.made(f"mul i64 %n, {8 * at}", WHOLE)
                offset = assembly.sum(whole, assembly.times(k, 8))
                self.values.places.put(
                    self.leaves[name], assembly.loaded(assembly.address("%scheduled", offset))
                )
        for name, leaf in self.leaves.items():
            number = self._counted(name, k)
            if number is not None:
                text = f"sitofp i64 {number.name} to double"
                self.values.places.put(leaf, assembly.made(text, DOUBLE))

    def _counted(self, name: str, k: Register) -> Register | None:
        """Return a whole number that a leaf stands for: of the update, of the iteration, or of the epoch."""
        assembly = self.values.places.assembly
        if name == self.form.step:
            done = assembly.made(f"add i64 %updates, {k.name}", WHOLE)
            return assembly.made(f"add i64 {done.name}, 1", WHOLE)
        if not name.startswith("("):
            return None
        number = assembly.made(f"add i64 %first, {k.name}", WHOLE)
        if "//" in name:
            per_epoch = int(name.rpartition("//")[2].strip(" )"))
            number = assembly.made(f"sdiv i64 {number.name}, {per_epoch}", WHOLE)
        return number

    def _copied(self, source: Register, offset: int | Register, target: ArrayView, size: int) -> None:
        assembly = self.values.places.assembly
        begin, end = assembly.address(source.name, offset), assembly.address(MEMORY, target.offset)
        assembly.done(
            f"call void @llvm.memcpy.p0.p0.i64(ptr align 8 {end.name}, ptr align 8 {begin.name}, i64 {size}, "
            "i1 false)"
        )

    def _note(self, k: Register) -> None:
        """Write down the losses, and leave where what is watched has changed."""
        assembly, form, values = self.values.places.assembly, self.form, self.values
        values.finish()
        ends = [("%losses", form.loss)]
        if form.validation is not None:
            ends.append(("%validation", form.validation))
        for base, loss in ends:
            number = assembly.double(values.places.number(loss))
            assembly.stored(number, assembly.address(base, assembly.times(k, 8)))
        looked = [value for value in form.watched if isinstance(value, Value)]
        if looked:
            self._compare(k, looked)

    def _compare(self, k: Register, looked: list[Value]) -> None:
        assembly, values = self.values.places.assembly, self.values
        if any(value.dtype != np.bool_ for value in looked):
            raise NotNativeError("a look at numbers")
        size = sum(value.size for value in looked)
        now, offset = self.memory.taken((size,), 1), 0
        for value in looked:
            part = now.at([slice(offset, offset + value.size)])
            offset += value.size
            if value.shape:
                copied(
                    assembly,
                    values.places.view(value),
                    ArrayView(part.offset, value.shape, c_strides(value.shape, 1), 1),
                )
            else:
                truth = assembly.truth(values.places.number(value))
                assembly.stored(truth, assembly.address(MEMORY, part.offset))
        changed = self.memory.taken((), 1)
        flag = assembly.address(MEMORY, changed.offset)
        assembly.stored(assembly.truth(0.0), flag)
        with assembly.loop(size) as at:
            one = assembly.loaded(assembly.address(MEMORY, assembly.sum(at, now.offset)), TRUTH)
            other = assembly.loaded(assembly.address("%seen", at), TRUTH)
            differs = assembly.made(f"xor i1 {one.name}, {other.name}", TRUTH)
            assembly.stored(assembly.loaded(flag, TRUTH) | differs, flag)
        later = assembly.made(f"icmp ne i64 {k.name}, 0", TRUTH) | Register(assembly, "%before", TRUTH)
        leaves = assembly.loaded(flag, TRUTH) & later
        stays = assembly.made(f"xor i1 {leaves.name}, true", TRUTH)
        assembly.leave_unless(stays, "stray")
        begin = assembly.address(MEMORY, now.offset)
        assembly.done(f"call void @llvm.memcpy.p0.p0.i64(ptr %seen, ptr {begin.name}, i64 {size}, i1 false)")


def native_text(form: Form, whole: str) -> NativeText:
    """Write the program that does iterations.

    Args:
        form: the iteration.
        whole: the type of BLAS's whole numbers.

    Raises:
        NotNativeError: it has no form as machine code.
    """
    writing = _Writing(form, whole)
    once, loop = writing.prepare(), writing.train()
    places = writing.places
    state = [*(places[own] for own in form.parameters.values()), *(places[own] for *_, own in form.memory)]
    many = many_text(state) if not form.watched and form.validation is None else []
    text = [*INTRINSICS, *declarations(whole), "", pairwise_function(), *once, "", *loop, "", *many]
    text += [f"define internal void @{name}{part}\n" for part, name in (writing.parts or {}).items()]
    looped = [value for value in writing.values.needed if value.level is Frequency.ITERATION]
    return NativeText(
        "\n".join(text) + "\n",
        writing.memory,
        {name: places[own] for name, own in form.inputs.items()},
        {name: places[own] for name, own in form.parameters.items()},
        tuple((name, code, places[own]) for name, code, own in form.memory),
        writing.samples,
        tuple((mask, shape) for _, mask, shape in writing.drawn),
        form.scheduled,
        tuple(value.shape if isinstance(value, Value) else bool(value) for value in form.watched),
        len(looped),
        sum(value.size for value in looped),
    )
