"""One call of a form as Python text, for many runs at a time.

What differs between runs has their axis in front, and every axis of the form moves back by one; what is the
same in all of them stays as it is. A call that has no such form is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

from tui_backprop.engine.compile.errors import NotTogetherError
from tui_backprop.engine.compile.form import Value, is_elementwise
from tui_backprop.engine.compile.targets.python.expressions import index_text, number_text
from tui_backprop.engine.core.backends import Backend
from tui_backprop.engine.core.placing import PLACING
from tui_backprop.engine.core.windows import WINDOWS

OPERATORS: Final[Mapping[str, str]] = {
    "add": "{} + {}", "subtract": "{} - {}", "multiply": "{} * {}", "divide": "{} / {}",
    "negative": "-{}", "greater": "{} > {}", "greater_equal": "{} >= {}", "less": "{} < {}",
    "less_equal": "{} <= {}", "equal": "{} == {}", "not_equal": "{} != {}", "bitwise_and": "{} & {}",
}  # fmt: skip
AS_NUMPY: Final = frozenset({"sqrt", "absolute", "isfinite", "maximum", "minimum", "floor", "sign"})
"""Elementary functions of which NumPy has the same bits as C."""


class Calls:
    """Writes calls.

    Args:
        apart: as the attribute.
        backend: how elementary functions are computed.

    Attributes:
        names: the names of values, by place.
        apart: the places of values that differ between runs.
    """

    def __init__(self, apart: Collection[int], backend: Backend) -> None:
        self._backend = backend
        self.names: dict[int, str] = {}
        self.apart = apart

    def differs(self, value: Any) -> bool:
        """Tell whether a value has an axis of runs."""
        return isinstance(value, Value) and value.place in self.apart

    def text(self, value: Any) -> str:
        """Return what stands for a value or a number."""
        if isinstance(value, Value):
            return self.names[value.place]
        text = number_text(value)
        return f"({text})" if text.startswith("-") else text

    def aligned(self, value: Any, ndim: int) -> str:
        """Return what stands for an operand that meets others of so many axes, runs not counted."""
        text = self.text(value)
        if not self.differs(value) or value.ndim == ndim:
            return text
        if not value.ndim:
            return f"{text}[:{', None' * ndim}]"
        return f"{text}[:{', None' * (ndim - value.ndim)}, ...]"

    def spread(self, value: Any) -> str:
        """Return what stands for a value that has an axis of runs, given to it if need be."""
        if self.differs(value):
            return self.text(value)
        shape = value.shape if isinstance(value, Value) else ()
        return f"spread({self.text(value)}, runs, {shape})"

    def call(self, value: Value) -> str:
        """Write the call that computes a value.

        Raises:
            NotTogetherError: it has no form for many runs.
        """
        if is_elementwise(value.call):
            return self._elementwise(value)
        if not self.differs(value):
            return self._as_it_is(value)
        writer = TOGETHER.get(value.call)
        if writer is None:
            raise NotTogetherError(value.call)
        return writer(self, value)

    # ---------------------------------------------------------------- element by element

    def _elementwise(self, value: Value) -> str:
        texts = [self.aligned(arg, value.ndim) for arg in value.args]
        if value.call in OPERATORS:
            return OPERATORS[value.call].format(*texts)
        if value.call == "where":
            if value.ndim or self.differs(value):
                return f"np.where({', '.join(texts)})"
            return f"{texts[1]} if {texts[0]} else {texts[2]}"
        row = self._backend.rows[value.call]
        if value.ndim:
            return f"{row.of_array}({', '.join(texts)})"
        if not self.differs(value):
            return f"{row.of_number}({', '.join(texts)})"
        if value.call in AS_NUMPY:
            return f"np.{value.call}({', '.join(texts)})"
        forms = self._backend.forms.get(value.call)
        if forms is not None and forms.of_number is not None:  # of numbers and of arrays alike
            return f"{row.of_array}({', '.join(texts)})"
        return f"each({row.of_number}, {row.of_array}, {', '.join(texts)})"

    # ---------------------------------------------------------------- the same in all runs

    def _as_it_is(self, value: Value) -> str:
        """Write a call that is the same for all runs, and so has no axis of theirs."""
        texts, call, options = [self.text(arg) for arg in value.args], value.call, value.options
        joined = ", ".join(texts)
        if call == "full":
            return f"np.full({options}, {joined})"
        if call == "eye":
            return f"np.eye{options}"
        if call == "constant":
            numbers = repr(options[1]).replace("inf", "np.inf").replace("nan", "np.nan")
            return f"np.array({numbers}).reshape({options[0]})"
        if call == "T":
            return f"{joined}.T"
        if call in ("reshape", "broadcast_to", "expand_dims"):
            return f"np.{call}({joined}, {options})"
        if call == "swapaxes":
            return f"np.swapaxes({joined}, {options[0]}, {options[1]})"
        if call == "index":
            return f"np.asarray({joined})[{index_text(options[0]) or '()'}]"
        if call in ("dot", "matmul"):
            return f"np.{call}({joined})"
        if call.endswith(".reduce"):
            return f"np.{call}({joined}, axis={options[0]}, keepdims={options[1]})"
        if call in ("concatenate", "stack"):
            axis = options[0] if options else 0
            return f"np.{call}(({joined},), axis={axis})"
        if call == "copy":
            return f"np.copy({joined}, order={options[0]!r})"
        if call == "ravel":
            return f"np.ravel({joined})"
        if call == "astype":
            return f"np.asarray({joined}).astype(np.{_type(options[0])})[()]"
        if call == "whole":
            return f"np.asarray({joined}).astype(np.intp)"
        if call in PLACING:
            count, fixed, frozen = options
            index = index_text(frozen, (f"{text}.astype(int)" for text in texts[count:]))
            return f"{call}({', '.join((*texts[:count], *map(str, fixed)))}, np.s_[{index},])"
        if call in WINDOWS:
            return f"{call}({', '.join((joined, *map(str, options)))})"
        if call == "einsum":
            return f"np.einsum({options[0]!r}, {joined})"
        if call == "array":
            return f"np.array(({joined},))"
        raise NotTogetherError(call)


def _type(name: str) -> str:
    return "bool_" if name == "bool" else name


# -------------------------------------------------------------------- runs in front


def _view(calls: Calls, value: Value) -> str:
    (base,), options = value.args, value.options
    text, ndim = calls.text(base), base.ndim
    if value.call == "reshape":
        return f"{text}.reshape({('runs', *options)})".replace("'runs'", "runs")
    if value.call == "T":
        return f"{text}.transpose({(0, *range(ndim, 0, -1))})"
    if value.call == "broadcast_to":
        aligned = calls.aligned(base, len(options))
        return f"np.broadcast_to({aligned}, {('runs', *options)})".replace("'runs'", "runs")
    if value.call == "expand_dims":
        axes = tuple(axis % value.ndim + 1 for axis in options)
        return f"np.expand_dims({text}, {axes})"
    if value.call == "swapaxes":
        one, other = (axis % ndim + 1 for axis in options)
        return f"np.swapaxes({text}, {one}, {other})"
    index = index_text(options[0])
    return f"{text}[:, {index}]" if index else text


def _product(calls: Calls, value: Value) -> str:
    """Write a product of vectors, of matrices, or of stacks of these."""
    a, b = value.args
    if not isinstance(a, Value) or not isinstance(b, Value) or not (a.ndim and b.ndim):
        raise NotTogetherError("a product with a number")
    ndim = max(a.ndim, b.ndim, 2)
    left, right = calls.text(a), calls.text(b)
    if calls.differs(a):  # a row for a vector
        left = f"{left}[:, None]" if a.ndim == 1 else left
        left += f"[:{', None' * (ndim - max(a.ndim, 2))}]" if ndim > max(a.ndim, 2) else ""
    else:
        left = f"{left}[None]" if a.ndim == 1 else left
    if calls.differs(b):  # a column for a vector
        right = f"{right}[:, :, None]" if b.ndim == 1 else right
        right += f"[:{', None' * (ndim - max(b.ndim, 2))}]" if ndim > max(b.ndim, 2) else ""
    else:
        right = f"{right}[:, None]" if b.ndim == 1 else right
    product = f"np.matmul({left}, {right})"
    if a.ndim == 1:
        product += "[..., 0, 0]" if b.ndim == 1 else "[..., 0, :]"
    elif b.ndim == 1:
        product += "[..., 0]"
    return product


def _reduction(calls: Calls, value: Value) -> str:
    axes, keepdims = value.options
    moved = tuple(axis + 1 for axis in axes)
    kept = ", keepdims=True" if keepdims else ""
    return (
        f"np.{value.call}({calls.text(value.args[0])}, axis={moved[0] if len(moved) == 1 else moved}{kept})"
    )


def _truth(calls: Calls, value: Value) -> str:
    (base,) = value.args
    axes = value.options[0] if value.options else None
    chosen = range(base.ndim) if axes is None else axes if isinstance(axes, tuple) else (axes,)
    return f"np.{value.call}({calls.text(base)}, axis={tuple(axis % base.ndim + 1 for axis in chosen)})"


def _joined(calls: Calls, value: Value) -> str:
    parts = ", ".join(calls.spread(arg) for arg in value.args)
    if value.call == "concatenate":
        return f"np.concatenate(({parts},), axis={value.options[0] % value.ndim + 1})"
    return f"np.stack(({parts},), axis=1)"


def _einsum(calls: Calls, value: Value) -> str:
    subscripts = value.options[0].replace(" ", "")
    if "->" not in subscripts or "." in subscripts:
        raise NotTogetherError("einsum without an output of its own")
    runs = next(c for c in "zyxwvutsrqponmlkjihgfedcbaZYXWVU" if c not in subscripts)
    left, right = subscripts.split("->")
    parts = [
        runs + part if calls.differs(arg) else part
        for part, arg in zip(left.split(","), value.args, strict=True)
    ]
    operands = ", ".join(map(calls.text, value.args))
    return f'np.einsum("{",".join(parts)}->{runs}{right}", {operands})'


def _outer(calls: Calls, value: Value) -> str:
    if value.call != "multiply.outer":
        raise NotTogetherError(value.call)
    a, b = value.args
    behind = b.ndim if isinstance(b, Value) else 0
    left = calls.text(a)
    if behind and isinstance(a, Value):
        left += f"[...{', None' * behind}]"
    return f"{left} * {calls.aligned(b, value.ndim)}"


def _windows(calls: Calls, value: Value) -> str:
    return f"{value.call}_together({', '.join((calls.text(value.args[0]), *map(str, value.options)))})"


def _placed(calls: Calls, value: Value) -> str:
    """Write a call that puts elements in their places."""
    count, fixed, frozen = value.options
    arrays, places = value.args[:count], value.args[count:]
    if not all(isinstance(part, Value) for part in value.args) or value.call == "visible":
        raise NotTogetherError(value.call)
    put = {"pasted": 0, "scattered": 0, "stored": 1}.get(value.call)
    apart = any(map(calls.differs, places))
    picked = _picked_axes(frozen, [p.ndim for p in places], len(fixed[0]) if fixed else arrays[0].ndim, apart)
    if put is not None and arrays[put].ndim != picked:
        raise NotTogetherError("elements that are repeated as they are put in their places")
    width = max((p.ndim for p in places), default=0)
    each = (f"{calls.aligned(p, width) if apart else calls.text(p)}.astype(int)" for p in places)
    runs = f"np.arange(runs)[:{', None' * width}]" if apart else ":"
    texts = [*map(calls.spread, arrays), *map(str, fixed), f"np.s_[{runs}, {index_text(frozen, each)}]"]
    return f"{value.call}_together({', '.join(texts)})"


def _picked_axes(frozen: Sequence[Any], places: Sequence[int], ndim: int, apart: bool) -> int:
    """Return how many axes an index picks out; refuse one whose axes NumPy would not leave behind the runs.

    Args:
        frozen: the index.
        places: axes of the arrays in it.
        ndim: axes of what it is an index of.
        apart: whether these arrays differ between runs, so that their axis is one of them.
    """
    kinds = ["a" if part == "array" else "n" if part is None else "s" if isinstance(part, tuple) else
             "e" if part is Ellipsis else "i" for part in frozen]  # fmt: skip
    if "e" in kinds:
        raise NotTogetherError("an index with an ellipsis")
    chosen = [at for at, kind in enumerate(kinds) if kind in "ai"] if places else []
    first = -1 if apart else chosen[0] - 1 if chosen else 0
    if chosen != list(range(first + 1, first + 1 + len(chosen))):
        raise NotTogetherError("an index with slices between arrays")
    used = sum(kind != "n" for kind in kinds)
    return max(places, default=0) + sum(kind in "sn" for kind in kinds) + ndim - used


TOGETHER: Final[Mapping[str, Callable[[Calls, Value], str]]] = {
    **dict.fromkeys(("reshape", "T", "broadcast_to", "expand_dims", "swapaxes", "index"), _view),
    **dict.fromkeys(("dot", "matmul"), _product),
    **dict.fromkeys(("add.reduce", "maximum.reduce", "minimum.reduce", "multiply.reduce"), _reduction),
    **dict.fromkeys(("any", "all"), _truth),
    **dict.fromkeys(("concatenate", "stack", "array"), _joined),
    **dict.fromkeys(("patches", "unpatched"), _windows),
    **dict.fromkeys(("taken", "pasted", "scattered", "stored", "unstored"), _placed),
    "einsum": _einsum,
    "multiply.outer": _outer,
    "copy": lambda calls, value: f"np.copy({calls.text(value.args[0])}, order={value.options[0]!r})",
    "ravel": lambda calls, value: f"{calls.text(value.args[0])}.reshape(runs, -1)",
    "astype": lambda calls, value: f"{calls.text(value.args[0])}.astype(np.{_type(value.options[0])})",
}
"""What writes each call that is not element by element, where its value differs between runs."""
