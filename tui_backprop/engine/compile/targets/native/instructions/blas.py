"""The BLAS that NumPy has loaded: its functions are called with what NumPy would call them with.

So a product of matrices has the same bits either way.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Final, NamedTuple

import numpy as np

from tui_backprop.engine.compile.targets.native.errors import NotNativeError

_NAMES: Final = (
    ("scipy_cblas_{}64_", "i64"), ("cblas_{}64_", "i64"), ("cblas_{}_64", "i64"), ("cblas_{}", "i32"),
)  # fmt: skip
"""What NumPy's BLAS may be built as, and how wide its whole numbers are."""


class Blas(NamedTuple):
    """NumPy's BLAS.

    Attributes:
        whole: the type of its whole numbers.
        addresses: of its functions, by name.
    """

    whole: str
    addresses: dict[str, int]


@cache
def numpys_blas() -> Blas:
    """Find the functions of NumPy's BLAS in this process.

    Raises:
        NotNativeError: NumPy has another one, or none.
    """
    try:
        library = ctypes.CDLL(np._core._multiarray_umath.__file__)  # type: ignore[attr-defined]
    except (AttributeError, OSError) as error:
        raise NotNativeError("NumPy's BLAS is not found") from error
    for form, whole in _NAMES:
        try:
            functions = {name: getattr(library, form.format(name)) for name in ("dgemm", "dgemv", "ddot")}
        except AttributeError:
            continue
        addresses = {n: ctypes.cast(f, ctypes.c_void_p).value or 0 for n, f in functions.items()}
        return Blas(whole, addresses)
    raise NotNativeError("NumPy's BLAS is not found")


def declarations(whole: str) -> list[str]:
    """Return the functions' types, with such whole numbers."""
    effects = "nounwind willreturn memory(argmem: readwrite)"
    return [
        f"declare void @blas_dgemm(i32, i32, i32, {whole}, {whole}, {whole}, double, ptr, {whole}, ptr, "
        f"{whole}, double, ptr, {whole}) {effects}",
        f"declare void @blas_dgemv(i32, i32, {whole}, {whole}, double, ptr, {whole}, ptr, {whole}, double, "
        f"ptr, {whole}) {effects}",
        f"declare double @blas_ddot({whole}, ptr, {whole}, ptr, {whole}) {effects}",
    ]
