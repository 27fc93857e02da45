"""The elementary functions, a row each, which stepping, tracing, generated code and exported scripts read.

Of a single number they are C's (through :mod:`math`), many times faster there than NumPy's and not always
equal to them in the last digit; where C reports an error the result is NaN or Infinity, and NumPy gives it.
Under a back end (:mod:`tui_backprop.engine.core.backends`) some of them are computed another way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, Final, NamedTuple

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import DOUBLE


class Elementary(Struct, frozen=True):
    """How one function is written in Python text; of arrays it is always NumPy's.

    Attributes:
        of_number: what computes it of Python's own numbers, such as ``math.exp``.
        of_array: what computes it of arrays.
        total: whether it has a result for every number; others may raise ArithmeticError or ValueError.
        definition: how ``of_number`` is defined, where Python does not have it.
    """

    of_number: str
    of_array: str
    total: bool
    definition: str = ""

    @property
    def identifier(self) -> str:
        """The name of ``of_number`` without its module."""
        return self.of_number.rpartition(".")[2]


ELEMENTARY: Final[dict[str, Elementary]] = {}
"""The rows, by the name of NumPy's function."""


class Forms(NamedTuple):
    """How a function of doubles is computed where that is another way than usual.

    Attributes:
        of_number: of Python's floats, for every one of them; None where that is the usual way.
        of_array: of arrays of doubles, with NumPy's ``out``.
    """

    of_number: Callable[..., float] | None
    of_array: Callable[..., Any]


IN_FORCE: Final[ContextVar[Mapping[str, Forms] | None]] = ContextVar("forms in force", default=None)
"""The forms that are not the usual ones, by the name of NumPy's function; see :meth:`Backend.active`."""


def elementary(ufunc: np.ufunc, of_number: Callable[..., Any], *, total: bool = False) -> Callable[..., Any]:
    """Enter a function in the table, and return what stepping calls.

    Args:
        ufunc: NumPy's, of one or two operands.
        of_number: the same of Python's floats, from :mod:`math` or a builtin.
        total: whether ``of_number`` has a result for every float.
    """
    module = "" if of_number.__module__ == "builtins" else f"{of_number.__module__}."
    ELEMENTARY[ufunc.__name__] = Elementary(module + of_number.__name__, f"np.{ufunc.__name__}", total)

    name, forms_in_force = ufunc.__name__, IN_FORCE.get

    def of_one(a: Any) -> Any:
        forms = forms_in_force()
        if forms is not None and name in forms:
            other = forms[name]
            if isinstance(a, np.ndarray) and a.dtype == DOUBLE and a.ndim:
                return other.of_array(a)
            if other.of_number is not None and isinstance(a, float):
                return type(a)(other.of_number(a))
        if isinstance(a, float):  # np.float64 is one
            try:
                return type(a)(of_number(a))
            except (ValueError, OverflowError):
                pass
        return ufunc(a)

    def of_two(a: Any, b: Any) -> Any:
        if isinstance(a, float) and isinstance(b, float):
            try:
                return (np.float64 if isinstance(a, np.floating) or isinstance(b, np.floating) else float)(
                    of_number(a, b)
                )
            except (ValueError, OverflowError):
                pass
        elif (forms := forms_in_force()) is not None and name in forms and _are_doubles(a, b):
            return forms[name].of_array(a, b)
        return ufunc(a, b)

    return of_one if ufunc.nin == 1 else of_two


def _are_doubles(*operands: Any) -> bool:
    """Tell whether these are arrays of doubles, and numbers beside them."""
    arrays = [a for a in operands if isinstance(a, np.ndarray)]
    return (
        any(a.ndim for a in arrays)
        and all(a.dtype == DOUBLE for a in arrays)
        and all(isinstance(a, np.ndarray | float | int) for a in operands)
    )


exp = elementary(np.exp, math.exp)
log = elementary(np.log, math.log)
log1p = elementary(np.log1p, math.log1p)
expm1 = elementary(np.expm1, math.expm1)
log2 = elementary(np.log2, math.log2)
log10 = elementary(np.log10, math.log10)
sqrt = elementary(np.sqrt, math.sqrt)
sin = elementary(np.sin, math.sin)
cos = elementary(np.cos, math.cos)
tan = elementary(np.tan, math.tan)
arctan = elementary(np.arctan, math.atan, total=True)
sinh = elementary(np.sinh, math.sinh)
cosh = elementary(np.cosh, math.cosh)
tanh = elementary(np.tanh, math.tanh, total=True)
power = elementary(np.power, math.pow)

# of these NumPy has the same bits as Python, so that stepping needs no function of its own
ELEMENTARY.update(
    absolute=Elementary("abs", "np.abs", total=True),
    isfinite=Elementary("math.isfinite", "np.isfinite", total=True),
    maximum=Elementary(
        "maximum",
        "np.maximum",
        total=True,
        definition='''def maximum(a, b):
    """Return the larger number; NaN where one of them is."""
    return a if a >= b or a != a else b''',
    ),
    minimum=Elementary(
        "minimum",
        "np.minimum",
        total=True,
        definition='''def minimum(a, b):
    """Return the smaller number; NaN where one of them is."""
    return a if a <= b or a != a else b''',
    ),
    floor=Elementary(
        "floor",
        "np.floor",
        total=True,
        definition='''def floor(a):
    """Return the whole number at or below, as a float; NaN, infinities and what is whole stay."""
    return a - a % 1.0 if abs(a) < 4503599627370496.0 else a''',
    ),
    sign=Elementary(
        "sign",
        "np.sign",
        total=True,
        definition='''def sign(a):
    """Return -1, 0 or 1; NaN for NaN."""
    return (1.0 if a > 0 else -1.0 if a < 0 else 0.0) if a == a else a''',
    ),
)


def erf_array(x: Any, out: Any = None) -> Any:
    """Return erf of every element, each by C's: NumPy has none. Single precision stays."""
    dtype = np.result_type(np.asarray(x).dtype, np.float32)
    result = np.fromiter(map(math.erf, np.ravel(x).tolist()), dtype, np.size(x)).reshape(np.shape(x))
    if out is None:
        return result
    np.copyto(out, result)
    return out


ELEMENTARY["erf"] = Elementary("math.erf", "erf_array", total=True)
OF_ARRAYS: Final[dict[str, Callable[..., Any]]] = {"erf_array": erf_array}
"""What computes arrays where NumPy has no function, by the name that programs have for it."""


def erf(x: Any) -> Any:
    """Return 2/√π ∫₀ˣ exp(-t²) dt of a number, an array, or a value on record."""
    if isinstance(x, float | np.floating):
        return type(x)(math.erf(x))
    return erf_array(x) if isinstance(x, np.ndarray) else x.trace.elementwise("erf", x)
