"""One function of machine code, to compare what it does with NumPy."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence

import numpy as np

from tui_backprop.engine.compile.targets.native.instructions.assembly import Assembly
from tui_backprop.engine.compile.targets.native.instructions.blas import declarations
from tui_backprop.engine.compile.targets.native.instructions.sums import pairwise_function
from tui_backprop.engine.compile.targets.native.instructions.views import ArrayView
from tui_backprop.engine.compile.targets.native.machine_code import MachineCode
from tui_backprop.engine.compile.targets.native.writing.memory import ProgramMemory
from tui_backprop.engine.compile.targets.native.writing.places import ValuePlaces
from tui_backprop.engine.compile.targets.native.writing.program import INTRINSICS
from tui_backprop.engine.core.numpys_blas import numpys_blas


def computed(
    write: Callable[[ValuePlaces, Sequence[ArrayView], ArrayView], None],
    arrays: Sequence[np.ndarray],
    shape: tuple[int, ...],
) -> np.ndarray:
    """Return what a function writes, given arrays with the strides that they have.

    Args:
        write: writes it: places, the arrays, and where the result goes.
        arrays: what it is given.
        shape: the result's.
    """
    memory = ProgramMemory()
    places = ValuePlaces(memory)
    given = []
    for array in arrays:  # its own memory is taken over whole, so that elements lie as they did
        base = array if array.base is None else array.base
        whole = memory.constant(np.asarray(base).ravel(order="K"))
        begin = array.__array_interface__["data"][0] - base.__array_interface__["data"][0]
        given.append(ArrayView(whole.offset + begin, array.shape, array.strides))
    out = memory.taken(shape)
    places.assembly = assembly = Assembly()
    write(places, given, out)
    blas = numpys_blas()
    assert blas is not None
    text = [
        *INTRINSICS, *declarations(blas.whole), pairwise_function(),
        "define void @run(ptr noalias %memory) nounwind {", "entry:", *assembly.lines, "  ret void", "}",
    ]  # fmt: skip
    code = MachineCode("\n".join(text) + "\n", blas.addresses, None)
    bytes_ = np.zeros(memory.bytes, np.uint8)
    for offset, array in memory.constants:
        bytes_[offset : offset + array.nbytes] = array.view(np.uint8)
    code.function("run", None, ctypes.c_void_p)(bytes_.ctypes.data)
    return bytes_[out.offset : out.offset + 8 * out.size].view(np.float64).reshape(shape)
