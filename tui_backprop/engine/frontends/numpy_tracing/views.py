"""Arrays that share memory with others, as NumPy's slices do: a change of one is seen in the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tui_backprop.engine.frontends.numpy_tracing.steps import RunRecorder, Step, TracedValue


class SharedMemory:
    """What a traced array is a view of: how it is read from there, and how it is written there.

    Args:
        base: the array whose memory it has.
        read: returns it anew.
        write: assigns to its places in the base.
        key: the index that it was taken at; None where it is the whole in another shape.
    """

    def __init__(
        self,
        base: Viewing,
        read: Callable[[], Viewing],
        write: Callable[[Any], None],
        key: Any = None,
    ) -> None:
        self.base, self.read, self.write, self.key = base, read, write, key
        self.version = base.version


class Viewing(TracedValue):
    """A traced value that may be a view, and that may be changed in place.

    Attributes:
        version: how often it was changed in place.
    """

    def __init__(self, recorder: RunRecorder, step: Step, view: SharedMemory | None = None) -> None:
        self.recorder, self._step, self._view, self.version = recorder, step, view, 0

    @property
    def step(self) -> Step:
        """What made its numbers; of a view whose base has changed, a new look at it."""
        view = self._view
        if view is not None and view.version != view.base.current_version:
            self._step = view.read().step
            view.version = view.base.current_version
            self.version += 1
        return self._step

    @property
    def last_step(self) -> Step:
        """What made its numbers when they were used last, without a new look at what it is a view of."""
        return self._step

    @property
    def current_version(self) -> int:
        """How often its memory was changed."""
        self.step  # noqa: B018  # a view looks at its base anew
        return self.version

    def become(self, step: Step) -> None:
        """Have other numbers from here on, as NumPy has it in place."""
        if self._view is not None:
            self.step  # noqa: B018
            self._view.write(self.recorder.wrapped(step))
            self._view.version = self._view.base.current_version
        self._step = step
        self.version += 1

    def store(self, key: Any, value: Any) -> None:
        """Assign to some places."""
        raise NotImplementedError

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""
        return tuple(np.shape(self.value))

    def is_fresh_view(self, base: Viewing, key: Any) -> bool:
        """Tell whether it was taken at this index and both hold the same, as in ``a[k] -= 1``."""
        view = self._view
        return (
            view is not None
            and view.base is base
            and view.key is not None
            and view.version == base.current_version
            and same(view.key, key)
        )

    def viewing(self, view: SharedMemory) -> Viewing:
        """Make it a view of another array."""
        self._view = view
        self._step.view_of = view.base.step
        return self


def same(a: Any, b: Any) -> bool:
    """Tell whether two indices are the same."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, slice | int | np.integer | None.__class__ | type(...)):
        return type(a) is type(b) and bool(a == b)
    return False
