"""Back ends: which form each elementary function has, so that stepping, running and replaying have one.

``numpy`` has NumPy's functions of arrays, and C's of numbers. ``numpy-table`` is the same for processors that
NumPy has no quick tanh for, and has another one of arrays, which pays for large ones. ``native`` has
functions of our own, that compiled code has as well. Which one is meant follows from NumPy's table of what it
computes with, and from shapes, never from timing.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache, partial
from importlib.util import find_spec
from typing import Any, Final, TypeAlias

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.elementary import ELEMENTARY, IN_FORCE, Elementary, Forms
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.core.listed import one_of
from tui_backprop.engine.core.numpys_blas import numpys_blas
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

Function: TypeAlias = Callable[..., Any]

PLAIN: Final = "numpy"
BY_TABLE: Final = "numpy-table"
NATIVE: Final = "native"
BACKENDS: Final = (PLAIN, BY_TABLE, NATIVE)
"""Their full names, as sessions keep them."""
ASKED: Final = (PLAIN, NATIVE)
"""What somebody may ask for; which form NumPy has follows from the processor and the lesson."""
UNDECIDED: Final = ""
SOME_NUMPY: Final = "numpy*"
"""What stands for a back end that is yet to be decided: any, or any of NumPy's."""
OWN: Final = ("exp", "expm1", "log", "log1p", "tanh")
"""The functions that are our own under ``native``, of numbers and of arrays alike."""
OF_C: Final[Mapping[str, Callable[..., float]]] = {
    "log2": math.log2, "log10": math.log10, "sin": math.sin, "cos": math.cos, "tan": math.tan,
    "arctan": math.atan, "sinh": math.sinh, "cosh": math.cosh, "power": math.pow,
}  # fmt: skip
"""The functions that are C's under ``native``, of numbers and of arrays alike; sqrt has one result only."""
FUNCTION_NAMES: Final = (
    "tanh_by_table",
    *(f"own_{name}" for name in OWN),
    *(f"own_{name}_array" for name in OWN),
    *(f"c_{name}_array" for name in OF_C),
)
"""What programs call, besides what every program knows."""
PAYS_SECONDS: Final = 1.0
"""Seconds of work from which on machine code pays, where nobody asks for it."""
PAYS_FROM: Final = 4000
"""Elements of an array from which the other tanh takes less time there."""
SLOW_TANH: Final = ("X86_V3", "AVX2", "FMA3")
"""How NumPy names the tanh that takes 13.6 ns an element, for processors without AVX-512."""
_AS_IT_IS: Final = nullcontext()


class Backend(Struct, frozen=True, eq=False):
    """A back end.

    Attributes:
        name: its full name.
        forms: the functions that it computes in another way than usual, by the names of NumPy's.
        rows: all functions as Python text.
        functions: what these texts call, by name.
        in_force: the forms, or None where there are none, in which case nobody has to look.
    """

    name: str
    forms: Mapping[str, Forms]
    rows: Mapping[str, Elementary]
    functions: Mapping[str, Function]
    in_force: Mapping[str, Forms] | None

    def __repr__(self) -> str:
        return f"<Backend {self.name}>"

    @property
    def asked(self) -> str:
        """What somebody asks for it with."""
        return NATIVE if self.name == NATIVE else PLAIN

    def active(self) -> AbstractContextManager[None]:
        """Return a context in which elementary functions of doubles have this back end's form."""
        return _AS_IT_IS if IN_FORCE.get() is self.in_force else _in_force(self.in_force)

    def quiet(self) -> AbstractContextManager[Any]:
        """Return the same, in which NumPy does not warn either: what values of a graph are computed in."""
        if IN_FORCE.get() is self.in_force:
            return np.errstate(all="ignore")
        return _in_force_quietly(self.in_force)

    def compute(self, call: str) -> Function | None:
        """Return what computes a call of arrays, and of numbers as of arrays; None where that is as usual."""
        forms = self.forms.get(call)
        if forms is None:
            return None
        of_array = forms.of_array

        def computed(*args: Any) -> Any:
            if any(np.ndim(arg) for arg in args):
                return of_array(*args)
            return of_array(*(np.atleast_1d(np.asarray(arg, float)) for arg in args))[0]

        return computed


@contextmanager
def _in_force(forms: Mapping[str, Forms] | None) -> Iterator[None]:
    token = IN_FORCE.set(forms)
    try:
        yield
    finally:
        IN_FORCE.reset(token)


@contextmanager
def _in_force_quietly(forms: Mapping[str, Forms] | None) -> Iterator[None]:
    with _in_force(forms), np.errstate(all="ignore"):
        yield


@cache
def named(name: str) -> Backend:
    """Return the back end of that full name.

    Raises:
        BackpropError: there is none.
    """
    if name == PLAIN:
        return Backend(PLAIN, {}, ELEMENTARY, {}, None)
    if name == BY_TABLE:
        return _by_table()
    if name == NATIVE:
        return _native()
    raise _unknown(name, BACKENDS)


def known(name: str) -> str:
    """Return a full name, or what stands for one that is not decided yet.

    Raises:
        BackpropError: it is neither.
    """
    return name if name in (UNDECIDED, SOME_NUMPY) else named(name).name


def chosen(asked: str | Backend | None, *, single: bool = False) -> str:
    """Return the name of the back end for what somebody asks for; :func:`decided` makes it a full one.

    Args:
        asked: one of :data:`ASKED`; None to have it chosen. A back end is taken as it is: that of a session
            or of another training, which NumPy computes to the same bits where there is no compiler.
        single: whether it is to compute in single precision.

    Raises:
        BackpropError: there is none of that name, or it cannot compute here.
    """
    if asked is None:
        return UNDECIDED
    if isinstance(asked, Backend):
        return asked.name
    if asked == PLAIN:
        return SOME_NUMPY
    if asked != NATIVE:
        raise _unknown(asked, ASKED)
    if not can_compile():
        raise BackpropError(
            tr(
                "back end: native needs llvmlite; install it with pip install 'tui-backprop[native]', "
                "or pip install '.[native]' in a checkout"
            )
        )
    if single:
        raise BackpropError(tr("back end: native computes float64 only; NumPy computes float32"))
    return NATIVE


def decided(name: str, elements: int, seconds: float) -> str:
    """Return the full name of a back end that may not be decided yet.

    Args:
        name: from :func:`chosen`.
        elements: of the largest array whose tanh is to be computed.
        seconds: that the whole training takes with NumPy, by an estimate.
    """
    if name == UNDECIDED and seconds >= PAYS_SECONDS and can_compile():
        return NATIVE
    if name in (UNDECIDED, SOME_NUMPY):
        return BY_TABLE if elements >= PAYS_FROM and slow_tanh() else PLAIN
    return name


def again(name: str) -> str | None:
    """Return what to ask for where a training takes the place of one under the back end of that name."""
    return PLAIN if name != NATIVE else NATIVE if can_compile() else None


@cache
def can_compile() -> bool:
    """Tell whether there is what machine code is made with, and calls; nothing is imported."""
    return find_spec("llvmlite") is not None and numpys_blas() is not None


@cache
def slow_tanh() -> bool:
    """Tell whether NumPy's tanh takes long on this processor: by the name of what it computes it with."""
    try:
        introspect = importlib.import_module("numpy.lib.introspect")  # of NumPy 2.1
        targets = [kind["current"] for kind in introspect.opt_func_info("^tanh$", "float64")["tanh"].values()]
    except (ImportError, AttributeError, LookupError, TypeError):
        return False
    return bool(targets) and all(target.startswith(SLOW_TANH) for target in targets)


def _by_table() -> Backend:
    from tui_backprop.engine.core.own.table import tanh_by_table

    name = tanh_by_table.__name__
    rows = {**ELEMENTARY, "tanh": _row(ELEMENTARY["tanh"], of_array=name)}
    forms = {"tanh": Forms(None, tanh_by_table)}
    return Backend(BY_TABLE, forms, rows, {name: tanh_by_table}, forms)


def _native() -> Backend:
    from tui_backprop.engine.core.own import arrays

    forms: dict[str, Forms] = {}
    rows, functions = dict(ELEMENTARY), {}
    for name in OWN:
        of_number, of_array = partial(arrays.of_number, name), partial(arrays.of_array, name)
        forms[name] = Forms(of_number, of_array)
        rows[name] = Elementary(f"own_{name}", f"own_{name}_array", total=True)
        functions[f"own_{name}"], functions[f"own_{name}_array"] = of_number, of_array
    for name, function in OF_C.items():
        by_c = partial(_each, function, getattr(np, name))
        forms[name] = Forms(None, by_c)
        rows[name] = _row(ELEMENTARY[name], of_array=f"c_{name}_array")
        functions[f"c_{name}_array"] = by_c
    return Backend(NATIVE, forms, rows, functions, forms)


def _row(usual: Elementary, *, of_array: str) -> Elementary:
    return Elementary(usual.of_number, of_array, usual.total, usual.definition)


def _each(of_number: Callable[..., float], ufunc: np.ufunc, *operands: Any, out: Any = None) -> Any:
    """Return C's function of every element; where C reports an error, what NumPy makes of the number."""
    if out is None:  # laid out as NumPy does it
        out = np.add(*operands) if len(operands) > 1 else np.positive(*operands)
    columns = [np.broadcast_to(a, out.shape).ravel().tolist() for a in operands]
    try:
        numbers = [*map(of_number, *columns)]
    except (ValueError, OverflowError):
        numbers = [_one(of_number, ufunc, row) for row in zip(*columns, strict=True)]
    np.copyto(out, np.array(numbers).reshape(out.shape))
    return out


def _one(of_number: Callable[..., float], ufunc: np.ufunc, numbers: tuple[float, ...]) -> float:
    try:
        return of_number(*numbers)
    except (ValueError, OverflowError):
        return float(ufunc(*numbers))


def _unknown(name: object, names: tuple[str, ...]) -> BackpropError:
    found = printable(repr(name), 40)
    return BackpropError(tr("back end: found {found}; it must be {names}", found=found, names=one_of(names)))
