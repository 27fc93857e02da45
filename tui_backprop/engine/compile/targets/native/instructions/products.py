"""Products of vectors and matrices: which function of BLAS NumPy takes for a layout, with which arguments.

``np.dot`` and ``np.matmul`` decide by shape and strides; another choice would add up in another order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tui_backprop.engine.compile.targets.native.errors import NotNativeError
from tui_backprop.engine.compile.targets.native.instructions.assembly import DOUBLE, Assembly, Register
from tui_backprop.engine.compile.targets.native.instructions.loops import MEMORY, Nest
from tui_backprop.engine.compile.targets.native.instructions.views import DOUBLE_BYTES, ArrayView

ROW_MAJOR, COLUMN_MAJOR, PLAIN, TRANSPOSED = 101, 102, 111, 112
_LARGEST: Final = 2**31 - 2

Copy = Callable[[ArrayView], ArrayView]
"""Writes a copy in C's order, and returns it."""


class Products:
    """Writes products.

    Args:
        assembly: where to.
        whole: the type of BLAS's whole numbers.
        copy: makes a copy that lies in C's order.
    """

    def __init__(self, assembly: Assembly, whole: str, copy: Copy) -> None:
        self._assembly, self._whole, self._copy = assembly, whole, copy

    # ---------------------------------------------------------------- np.dot

    def dot(self, a: ArrayView, b: ArrayView, out: ArrayView) -> None:
        """Write np.dot of two arrays of at most two axes."""
        if len(a.shape) > 2 or len(b.shape) > 2 or not a.size or not b.size:
            raise NotNativeError("a product of such arrays")
        a, b = self._sound(a), self._sound(b)
        kinds = _kind(a), _kind(b)
        if "scalar" in kinds:
            self._times_number(a, b, out)
        elif kinds[1] == "column" and kinds[0] != "matrix":
            self._inner(a, b, out)
        elif kinds[0] == "matrix" and kinds[1] != "matrix":
            self._matrix_vector(a, b, out, PLAIN)
        elif kinds[0] != "matrix" and kinds[1] == "matrix":
            self._matrix_vector(b, a, out, TRANSPOSED)
        else:
            self._matrices(a, b, out)

    def _sound(self, view: ArrayView) -> ArrayView:
        """Return an array, or a copy where BLAS could not go through it."""
        repeated = any(
            stride < 0 or (stride == 0 and length > 1)
            for stride, length in zip(view.strides, view.shape, strict=True)
        )
        return self._copy(view) if repeated else view

    def _times_number(self, a: ArrayView, b: ArrayView, out: ArrayView) -> None:
        number, array = (a, b) if _kind(a) == "scalar" else (b, a)
        alone = self._assembly.loaded(self._assembly.address(MEMORY, number.offset))
        shaped = array.reshaped(out.shape) if array.is_c else self._copy(array).reshaped(out.shape)

        def body(addresses: list[Register]) -> None:
            product = alone * self._assembly.loaded(addresses[1])
            # BLAS adds it to 0, which makes 0 of -0
            self._assembly.stored(product if out.size == 1 else product + 0.0, addresses[0])

        Nest(out.shape, [out, shaped]).write(self._assembly, body)

    def _inner(self, a: ArrayView, b: ArrayView, out: ArrayView) -> None:
        (row, step), (column, other) = _stretch(a), _stretch(b)
        self._ddot(row.size, self._at(row), step, self._at(column), other, self._at(out))

    def _matrix_vector(self, matrix: ArrayView, vector: ArrayView, out: ArrayView, how: int) -> None:
        if not (matrix.is_c or matrix.is_f):
            matrix = self._copy(matrix)
        _, step = _stretch(vector)
        rows, columns = matrix.shape
        order, leading = (ROW_MAJOR, columns) if matrix.is_c else (COLUMN_MAJOR, rows)
        self._dgemv(order, how, rows, columns, self._at(matrix), leading, self._at(vector), step, out, 8)

    def _matrices(self, a: ArrayView, b: ArrayView, out: ArrayView) -> None:
        if a.shape[1] == 1:  # one product each, to which BLAS adds 0
            self._outer(a, b, out)
            return
        a = a if a.is_c or a.is_f else self._copy(a)
        b = b if b.is_c or b.is_f else self._copy(b)
        how = [TRANSPOSED if view.is_f else PLAIN for view in (a, b)]
        leading = [max(view.shape[0 if view.is_f else 1], 1) for view in (a, b)]
        if a.offset == b.offset:
            raise NotNativeError("a matrix times itself")
        (m, k), n = a.shape, b.shape[1]
        self._dgemm(
            how[0], how[1], (m, n, k), self._at(a), leading[0], self._at(b), leading[1], self._at(out), n
        )

    def _outer(self, a: ArrayView, b: ArrayView, out: ArrayView) -> None:
        def body(addresses: list[Register]) -> None:
            one, other = (self._assembly.loaded(address) for address in addresses[1:])
            self._assembly.stored(one * other + 0.0, addresses[0])

        Nest(out.shape, [out, a.broadcast(out.shape), b.broadcast(out.shape)]).write(self._assembly, body)

    # ---------------------------------------------------------------- np.matmul

    def matmul(self, a: ArrayView, b: ArrayView, out: ArrayView) -> None:
        """Write np.matmul of stacks of matrices."""
        if len(a.shape) < 2 or len(b.shape) < 2 or not out.size or not a.size:
            raise NotNativeError("a product of such stacks")
        stack = out.shape[:-2]
        a = a.broadcast((*stack, *a.shape[-2:]))
        b = b.broadcast((*stack, *b.shape[-2:]))
        heads = [ArrayView(view.offset, stack, view.strides[:-2]) for view in (out, a, b)]
        Nest(stack, heads).write(self._assembly, lambda addresses: self._one_of(a, b, out, addresses))

    def _one_of(self, a: ArrayView, b: ArrayView, out: ArrayView, addresses: list[Register]) -> None:
        (m, n), p = a.shape[-2:], b.shape[-1]
        (a_m, a_n), (b_n, b_p), (o_m, o_p) = (view.strides[-2:] for view in (a, b, out))
        at_out, at_a, at_b = addresses
        a_sound = _lies(a_m, a_n, n) or _lies(a_n, a_m, m)
        b_sound = _lies(b_n, b_p, p) or _lies(b_p, b_n, n)
        if 1 not in (m, n, p):
            if not (a_sound and b_sound) or not _lies(o_m, o_p, p):
                raise NotNativeError("a stack of such matrices")
            one = PLAIN if _lies(a_m, a_n, n) else TRANSPOSED
            other = PLAIN if _lies(b_n, b_p, p) else TRANSPOSED
            leading = [(a_m if one == PLAIN else a_n) // 8, (b_n if other == PLAIN else b_p) // 8]
            self._dgemm(one, other, (m, p, n), at_a, leading[0], at_b, leading[1], at_out, o_m // 8)
        elif m == p == 1:
            self._ddot(n, at_a, a_n // 8, at_b, b_n // 8, at_out)
        elif n == 1 and 1 in (m, p):
            self._by_hand(addresses, a, b, out)
        elif m == 1 and b_sound and _apart(a_n):
            self._gemv(at_b, (b_p, b_n), (p, n), at_a, a_n, at_out, o_p)
        elif p == 1 and a_sound and _apart(b_n):
            self._gemv(at_a, (a_m, a_n), (m, n), at_b, b_n, at_out, o_m)
        else:
            self._by_hand(addresses, a, b, out)

    def _gemv(
        self, matrix: Register, strides: tuple[int, int], shape: tuple[int, int], vector: Register, step: int,
        out: Register, out_step: int,
    ) -> None:  # fmt: skip
        (m, n), (along_m, along_n) = shape, strides
        if _lies(along_m, along_n, n):
            order, leading = COLUMN_MAJOR, along_m // 8
        else:
            order, leading = ROW_MAJOR, along_n // 8
        self._call_gemv(order, TRANSPOSED, n, m, matrix, leading, vector, step // 8, out, out_step // 8)

    def _by_hand(self, addresses: list[Register], a: ArrayView, b: ArrayView, out: ArrayView) -> None:
        """Write what NumPy's own loop does: products added up one after the other, from 0."""
        assembly = self._assembly
        (m, n), p = a.shape[-2:], b.shape[-1]
        (a_m, a_n), (b_n, b_p), (o_m, o_p) = (view.strides[-2:] for view in (a, b, out))
        at_out, at_a, at_b = (address.name for address in addresses)
        with assembly.loop(m) as i, assembly.loop(p) as j:
            to = assembly.address(at_out, assembly.sum(assembly.times(i, o_m), assembly.times(j, o_p)))
            assembly.stored(assembly.double(0.0), to)
            with assembly.loop(n) as k:
                one = assembly.address(at_a, assembly.sum(assembly.times(i, a_m), assembly.times(k, a_n)))
                other = assembly.address(at_b, assembly.sum(assembly.times(k, b_n), assembly.times(j, b_p)))
                product = assembly.loaded(one) * assembly.loaded(other)
                assembly.stored(assembly.loaded(to) + product, to)

    # ---------------------------------------------------------------- BLAS

    def _at(self, view: ArrayView) -> Register:
        return self._assembly.address(MEMORY, view.offset)

    def _ddot(self, n: int, a: Register, step: int, b: Register, other: int, out: Register) -> None:
        if not (0 < step < _LARGEST and 0 < other < _LARGEST):
            raise NotNativeError("an inner product of repeated elements")
        w = self._whole
        text = f"call double @blas_ddot({w} {n}, ptr {a.name}, {w} {step}, ptr {b.name}, {w} {other})"
        self._assembly.stored(self._assembly.made(text, DOUBLE) + 0.0, out)

    def _dgemv(
        self, order: int, how: int, m: int, n: int, matrix: Register, leading: int, vector: Register,
        step: int, out: ArrayView, out_step: int,
    ) -> None:  # fmt: skip
        self._call_gemv(order, how, m, n, matrix, leading, vector, step, self._at(out), out_step // 8)

    def _call_gemv(
        self, order: int, how: int, m: int, n: int, matrix: Register, leading: int, vector: Register,
        step: int, out: Register, out_step: int,
    ) -> None:  # fmt: skip
        w, assembly = self._whole, self._assembly
        assembly.done(
            f"call void @blas_dgemv(i32 {order}, i32 {how}, {w} {m}, {w} {n}, double {_ONE}, "
            f"ptr {matrix.name}, {w} {leading}, ptr {vector.name}, {w} {step}, double {_ZERO}, "
            f"ptr {out.name}, {w} {out_step})"
        )

    def _dgemm(
        self, one: int, other: int, sizes: tuple[int, int, int], a: Register, lda: int, b: Register,
        ldb: int, out: Register, ldc: int,
    ) -> None:  # fmt: skip
        w = self._whole
        m, n, k = sizes
        self._assembly.done(
            f"call void @blas_dgemm(i32 {ROW_MAJOR}, i32 {one}, i32 {other}, {w} {m}, {w} {n}, {w} {k}, "
            f"double {_ONE}, ptr {a.name}, {w} {lda}, ptr {b.name}, {w} {ldb}, double {_ZERO}, "
            f"ptr {out.name}, {w} {ldc})"
        )


_ONE, _ZERO = "0x3FF0000000000000", "0x0000000000000000"


def _kind(view: ArrayView) -> str:
    """Return what np.dot takes an array for."""
    lengths = view.shape if len(view.shape) == 2 else (*view.shape, 1) if view.shape else (1, 1)
    if lengths[0] > 1:
        return "column" if lengths[1] == 1 else "matrix"
    return "scalar" if lengths[1] == 1 else "row"


def _stretch(view: ArrayView) -> tuple[ArrayView, int]:
    """Return a vector, column or row, and how many elements apart its elements lie."""
    axis = 1 if _kind(view) == "row" else 0
    return view, view.strides[axis] // DOUBLE_BYTES


def _lies(slow: int, fast: int, length: int) -> bool:
    """Tell whether BLAS can go through a matrix whose rows have a length, by its strides in bytes."""
    return fast == DOUBLE_BYTES and slow % DOUBLE_BYTES == 0 and slow // DOUBLE_BYTES >= length


def _apart(stride: int) -> bool:
    return stride % DOUBLE_BYTES == 0 and stride // DOUBLE_BYTES >= 1
