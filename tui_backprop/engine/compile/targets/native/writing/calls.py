"""Calls on whole arrays, each to memory of its own."""

from __future__ import annotations

from collections.abc import Sequence

from tui_backprop.engine.compile.form import Value
from tui_backprop.engine.compile.targets.native.errors import NotNativeError
from tui_backprop.engine.compile.targets.native.instructions.assembly import DOUBLE, TRUTH, Register
from tui_backprop.engine.compile.targets.native.instructions.loops import Nest, copied, filled
from tui_backprop.engine.compile.targets.native.instructions.moves import (
    Chosen,
    joined,
    looked_at,
    padded_shape,
    patches,
    stacked,
    unpatched,
)
from tui_backprop.engine.compile.targets.native.instructions.products import Products
from tui_backprop.engine.compile.targets.native.instructions.sums import reduced
from tui_backprop.engine.compile.targets.native.instructions.views import ArrayView
from tui_backprop.engine.compile.targets.native.writing.places import ValuePlaces, size_of_one
from tui_backprop.engine.core.placing import PLACING


class ArrayCalls:
    """Writes calls.

    Args:
        places: where values are.
        whole: the type of BLAS's whole numbers.

    Attributes:
        stray: the block to go to where an index is outside; None where there is none.
    """

    def __init__(self, places: ValuePlaces, whole: str) -> None:
        self._places, self._whole = places, whole
        self.stray: str | None = None

    def write(self, value: Value) -> None:
        """Write a call.

        Raises:
            NotNativeError: there is nothing to write for it.
        """
        places = self._places
        if value.call in ("any", "all"):
            self._truth(value)
            return
        out = places.memory.taken(value.shape, size_of_one(value), value.strides if value.shape else None)
        self._write(value, out)
        if value.shape:
            places.put(value, out)
        else:
            places.put(value, places.assembly.loaded(places.at(out)))
            places.memory.given_back(out)

    def _write(self, value: Value, out: ArrayView) -> None:
        call, places = value.call, self._places
        assembly = places.assembly
        if call == "array":
            for number, arg in enumerate(value.args):
                assembly.stored(assembly.double(places.number(arg)), places.at(out.at([number])))
            return
        args = [places.view(arg) for arg in value.args]
        if call == "dot":
            Products(assembly, self._whole, places.copy).dot(args[0], args[1], out)
        elif call == "matmul":
            Products(assembly, self._whole, places.copy).matmul(args[0], args[1], out)
        elif call.endswith(".reduce"):
            reduced(assembly, call, args[0], value.options[0], out, places.copy)
        elif call == "ravel":
            whole = args[0] if args[0].is_c else places.copy(args[0])
            copied(assembly, whole.reshaped(out.shape), out)
        elif call in ("copy", "astype"):
            if args[0].bytes != out.bytes:
                raise NotNativeError("a change of type")
            copied(assembly, args[0], out)
        elif call == "concatenate":
            joined(assembly, args, value.options[0], out)
        elif call == "stack":
            stacked(assembly, args, out)
        elif call == "multiply.outer":
            self._outer(args[0], args[1], out)
        elif call in ("patches", "unpatched"):
            self._windows(value, args[0], out)
        elif call in PLACING:
            self._placed(value, args, out)
        else:
            raise NotNativeError(call)

    def _outer(self, a: ArrayView, b: ArrayView, out: ArrayView) -> None:
        assembly = self._places.assembly
        column = a.expanded(range(len(a.shape), len(a.shape) + len(b.shape)))

        def body(addresses: list[Register]) -> None:
            one, other = (assembly.loaded(address) for address in addresses[1:])
            assembly.stored(one * other, addresses[0])

        Nest(out.shape, [out, column, b]).write(assembly, body)

    def _windows(self, value: Value, x: ArrayView, out: ArrayView) -> None:
        places, forward = self._places, value.call == "patches"
        padding = value.options[2 if forward else 3]
        shape = x.shape if forward else value.options[0]
        whole = places.memory.taken(padded_shape(shape, padding)) if any(padding) else None
        if forward:
            patches(places.assembly, x, value.options, out, whole)
        else:
            unpatched(places.assembly, x if x.is_c else places.copy(x), value.options, out, whole)
        if whole is not None:
            places.memory.given_back(whole)

    def _placed(self, value: Value, args: Sequence[ArrayView], out: ArrayView) -> None:
        (count, _, frozen), assembly = value.options, self._places.assembly
        arrays, chosen = args[:count], args[count:]
        source = arrays[0]
        look = looked_at(source if value.call == "taken" else out, frozen)
        if value.call == "taken" and look is not None:
            copied(assembly, look, out)
        elif value.call == "taken":
            Chosen(assembly, frozen, chosen, source, self.stray).taken(out)
        elif value.call in ("pasted", "scattered") and look is not None:
            filled(assembly, out, 0.0)
            copied(assembly, source.broadcast(look.shape), look)
        elif value.call == "scattered":
            filled(assembly, out, 0.0)
            Chosen(assembly, frozen, chosen, out, self.stray).scattered(source, out.shape)
        elif value.call in ("stored", "unstored") and look is not None:
            copied(assembly, source, out)
            if value.call == "stored":
                copied(assembly, arrays[1].broadcast(look.shape), look)
            else:
                filled(assembly, look, 0.0)
        else:
            raise NotNativeError(value.call)

    def _truth(self, value: Value) -> None:
        """Write whether any element is true, or all are."""
        places, of = self._places, self._places.view(value.args[0])
        assembly, any_of = places.assembly, value.call == "any"
        if not any_of and value.options != (None,):
            raise NotNativeError("all along an axis")
        place = places.memory.taken((), 1)
        assembly.stored(assembly.truth(0.0 if any_of else 1.0), places.at(place))

        def body(addresses: list[Register]) -> None:
            before = assembly.loaded(addresses[0], TRUTH)
            truth = assembly.truth(assembly.loaded(addresses[1], TRUTH if of.bytes == 1 else DOUBLE))
            assembly.stored(before | truth if any_of else before & truth, addresses[0])

        spread = ArrayView(place.offset, of.shape, (0,) * len(of.shape), 1)
        Nest(of.shape, [spread, of]).write(assembly, body)
        places.put(value, assembly.loaded(places.at(place), TRUTH))
        places.memory.given_back(place)
