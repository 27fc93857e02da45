"""Machine code, made beside a training that goes on with NumPy meanwhile: both have the same bits.

A compiler is imported and works in a thread of its own, so that neither ever keeps a key waiting. What it
cannot compile stays NumPy's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from tui_backprop.engine.compile.iteration import Task
    from tui_backprop.engine.compile.native import NativeProgram
    from tui_backprop.engine.core.arrays import Array

Key = TypeVar("Key", bound=Hashable)


class Beside(Generic[Key]):
    """The native programs of one training, by what they are for."""

    def __init__(self) -> None:
        self._made: dict[Key, NativeProgram | None] = {}
        self._wanted: dict[Key, Callable[[], NativeProgram]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def program(self, key: Key, make: Callable[[], NativeProgram]) -> NativeProgram | None:
        """Return a program once it is made; the first call has it made, others before that return None.

        Args:
            key: what it is for.
            make: makes it; it is called in another thread.
        """
        with self._lock:
            if key in self._made:
                return self._made[key]
            self._wanted.setdefault(key, make)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="machine code")
                self._thread.start()
        return None

    def wait(self) -> None:
        """Wait until all that is wanted is made."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def forget(self, key: Key) -> None:
        """Let go of a program."""
        with self._lock:
            self._made.pop(key, None)
            self._wanted.pop(key, None)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._wanted:
                    self._thread = None
                    return
                key, make = next(iter(self._wanted.items()))
            program = _made(make)
            with self._lock:
                if self._wanted.pop(key, None) is not None:
                    self._made[key] = program


def native_program(task: Task, leaves: Mapping[str, Array]) -> NativeProgram:
    """Make a task's machine code, or find it on disk."""
    from tui_backprop.engine.compile.native import compile_natively
    from tui_backprop.engine.compile.targets.native.machine_code import cache_folder

    return compile_natively(task, leaves, cache_folder())


def _made(make: Callable[[], NativeProgram]) -> NativeProgram | None:
    from tui_backprop.engine.compile.native import UNFIT

    try:
        return make()
    except UNFIT:
        return None  # NumPy computes it as before
