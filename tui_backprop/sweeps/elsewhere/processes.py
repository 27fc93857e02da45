"""Workers that are processes of this machine, each with a pipe of its own; one that dies is replaced."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""What NumPy's libraries read when they are loaded: a worker has one thread, as there are other workers."""


def serve(pipe: Connection) -> None:
    """Do what comes through a pipe until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends Ctrl-C to all; the one who asks ends us
    from tui_backprop.sweeps.elsewhere.worker import do

    with contextlib.suppress(EOFError, OSError):
        while True:
            pipe.send_bytes(do(pipe.recv_bytes()))


class ProcessCrew:
    """Workers of this machine.

    Args:
        workers: how many.

    Attributes:
        capacity: jobs that can be under way.
    """

    def __init__(self, workers: int) -> None:
        self.capacity = workers
        self._context = get_context("spawn")
        self._processes: dict[Connection, Any] = {}
        self._idle: list[Connection] = []
        self._going: dict[Connection, int] = {}
        for _ in range(workers):
            self._start()

    def _start(self) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=serve, args=(theirs,), daemon=True)
        with _single_threaded():
            process.start()
        theirs.close()
        self._processes[ours] = process
        self._idle.append(ours)

    def submit(self, number: int, job: bytes) -> None:
        """Have a job done, which is known by a number."""
        pipe = self._idle.pop()
        self._going[pipe] = number
        with contextlib.suppress(OSError):  # it has died: that is seen when its answer is waited for
            pipe.send_bytes(job)

    def wait(self, seconds: float) -> Iterator[tuple[int, bytes | None]]:
        """Yield answers that are there, and None for a job whose worker died; wait for one, if need be."""
        for pipe in wait(list(self._going), seconds):
            assert isinstance(pipe, Connection)
            number = self._going.pop(pipe)
            try:
                answer = pipe.recv_bytes()
            except (EOFError, OSError):
                pipe.close()
                del self._processes[pipe]
                self._start()
                yield number, None
            else:
                self._idle.append(pipe)
                yield number, answer

    def close(self) -> None:
        """End all workers, whatever they are at."""
        for pipe, process in self._processes.items():
            process.terminate()
            pipe.close()
        for process in self._processes.values():
            process.join()
        self._processes.clear()


@contextlib.contextmanager
def _single_threaded() -> Iterator[None]:
    """Let a process that is started find one thread in its environment, unless somebody asked for others."""
    added = [name for name in THREADS if name not in os.environ]
    os.environ.update(dict.fromkeys(added, "1"))
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)
