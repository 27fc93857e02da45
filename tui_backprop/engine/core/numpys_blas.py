"""The BLAS that NumPy has loaded, found in this process."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Final, NamedTuple

import numpy as np

_NAMES: Final = (
    ("scipy_cblas_{}64_", "i64"), ("cblas_{}64_", "i64"), ("cblas_{}_64", "i64"), ("cblas_{}", "i32"),
)  # fmt: skip
"""What NumPy's BLAS may be built as, and how wide its whole numbers are."""
FUNCTIONS: Final = ("dgemm", "dgemv", "ddot")


class Blas(NamedTuple):
    """A BLAS.

    Attributes:
        whole: the type of its whole numbers, "i32" or "i64".
        addresses: of :data:`FUNCTIONS`, by name.
    """

    whole: str
    addresses: dict[str, int]


@cache
def numpys_blas() -> Blas | None:
    """Return NumPy's BLAS; None where it has none with such functions, or where it is not found."""
    try:
        library = ctypes.CDLL(np._core._multiarray_umath.__file__)  # type: ignore[attr-defined]
    except (AttributeError, OSError):
        return None
    for form, whole in _NAMES:
        found = [getattr(library, form.format(name), None) for name in FUNCTIONS]
        addresses = [ctypes.cast(function, ctypes.c_void_p).value for function in found if function]
        if len(addresses) == len(FUNCTIONS):
            return Blas(whole, {name: at or 0 for name, at in zip(FUNCTIONS, addresses, strict=True)})
    return None
