"""The array that a traced function computes with: NumPy's numbers, and the step that made them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tui_backprop.engine.frontends.numpy_tracing import functions, indexing
from tui_backprop.engine.frontends.numpy_tracing.places import refuse
from tui_backprop.engine.frontends.numpy_tracing.steps import ATOM, Operand
from tui_backprop.engine.frontends.numpy_tracing.views import SharedMemory, Viewing
from tui_backprop.text.sentences import later, tr

_NUMBERS_LEAVE = later(
    "the numbers of a traced array are asked for here, as float() and the functions of math do; "
    "write np.exp for math.exp, and make an array that is assigned to with np.zeros"
)


class TracedArray(Viewing, np.lib.mixins.NDArrayOperatorsMixin):
    """An array that writes down what is done with it."""

    def store(self, key: Any, value: Any) -> None:
        """Assign to some places."""
        indexing.store(self, key, value)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return functions.ufunc(self.recorder, ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return functions.function(self.recorder, func, args, kwargs)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        if not self.step.constant:
            raise refuse(tr(_NUMBERS_LEAVE))
        return np.array(self.value, dtype=dtype)

    def __getitem__(self, key: Any) -> Any:
        return indexing.read(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.store(key, value)

    def __iter__(self) -> Iterator[Any]:
        if not self.shape:
            raise TypeError("iteration over a 0-d array")
        return (self[index] for index in range(self.shape[0]))

    def __len__(self) -> int:
        return len(self.value)

    def __bool__(self) -> bool:
        if not self.step.constant:
            self.recorder.note(tr("a branch on a traced value; another value may take another path"))
        return bool(self.value)

    def __float__(self) -> float:
        if not self.step.constant:
            raise refuse(tr(_NUMBERS_LEAVE))
        return float(self.value)

    def __int__(self) -> int:
        self._as_whole()
        return int(self.value)

    def __index__(self) -> int:
        self._as_whole()
        return int(self.value[()] if self.value.dtype.kind in "iu" else self.value.__index__())

    def _as_whole(self) -> None:
        if not self.step.constant:
            self.recorder.note(
                tr("a whole number is taken of a traced value; another value may give another")
            )

    def __repr__(self) -> str:
        return repr(self.value)

    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, spec: str) -> str:
        return format(self.value if self.shape else self.value[()], spec)

    @property
    def ndim(self) -> int:
        """The number of its axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return int(np.size(self.value))

    @property
    def dtype(self) -> Any:
        """The type of its numbers."""
        return self.value.dtype

    @property
    def T(self) -> Any:  # noqa: N802
        """The same with its axes the other way round, a view."""
        if self.ndim < 2:
            return self
        turned = self.recorder.made([Operand(self.step, ATOM), ".T"], ATOM, self.value.T)
        return turned.viewing(SharedMemory(self, lambda: self.T, lambda new: self.store(..., new.T)))

    def reshape(self, *shape: Any) -> Any:
        """Return the same numbers in another shape, a view."""
        wanted = shape[0] if len(shape) == 1 else shape
        return functions.reshaped(self, wanted)

    def astype(self, dtype: Any, **_: Any) -> Any:
        """Return a copy in another type; of whole numbers, its numbers are no longer traced."""
        if np.dtype(dtype).kind == "f":
            return self.recorder.made(
                ["np.copy(", Operand(self.step, 0), ")"], ATOM, self.value.astype(np.float64)
            )
        if not self.step.constant:
            self.recorder.note(tr("whole numbers are taken of a traced value; another value may give others"))
        return self.value.astype(dtype)

    def item(self) -> Any:
        """Return its only number, still traced."""
        return self if not self.shape else self.reshape(())

    def copy(self, *_: Any, **__: Any) -> Any:
        """Return the same numbers in memory of their own."""
        return self.recorder.made(["np.copy(", Operand(self.step, 0), ")"], ATOM, self.value.copy())

    def transpose(self, *axes: Any) -> Any:
        """Return the same with its axes in another order."""
        if not axes or axes == (None,):
            return self.T
        return np.transpose(self, axes[0] if len(axes) == 1 else axes)

    def fill(self, number: Any) -> None:
        """Assign one number to all places."""
        self.store(..., number)

    def flatten(self, *_: Any) -> Any:
        """Return its numbers in one row, a copy."""
        return self.reshape(-1).copy()

    def clip(self, *args: Any, **kwargs: Any) -> Any:
        """Return its numbers within bounds."""
        return np.clip(self, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not hasattr(np.ndarray, name):
            raise AttributeError(f"'numpy.ndarray' object has no attribute {name!r}")
        func = getattr(np, name, None)
        if not callable(func):
            raise refuse(tr(".{name} of an array cannot be traced", name=name))
        return lambda *args, **kwargs: func(self, *args, **kwargs)
