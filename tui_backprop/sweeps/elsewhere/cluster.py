"""Workers of a Dask cluster: whoever knows the scheduler's address can send them work.

Dask itself runs what it is sent, so that a cluster has to be trusted as a login on its machines is. What we
send it is a function of ours by its name, and data.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.sweeps.elsewhere.messages import Facts
from tui_backprop.sweeps.elsewhere.worker import OF_WORKERS, difference, do, facts
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

REACHED = 4.0
"""Seconds in which a scheduler has to answer."""
LOOK, DESERTED = 2.0, 60.0
"""Seconds between two looks at how many workers there are, and in which there may be none."""
LEAST_AHEAD = 2
"""Jobs for each thread of the cluster: one that is done, and one that waits."""


class ClusterCrew:
    """The workers of a cluster.

    Args:
        address: the scheduler's, such as ``tcp://10.0.0.5:8786``.

    Attributes:
        facts: what they have in common.

    Raises:
        BackpropError: Dask is not installed, nobody answers there, there are no workers, or they differ.
    """

    def __init__(self, address: str) -> None:
        try:
            self._dask: Any = import_module("distributed")
        except ImportError:
            raise BackpropError(
                tr("scheduler: Dask is not installed here: python -m pip install 'tui-backprop[dask]'")
            ) from None
        shown = printable(address, 80)
        _check_address(address)
        self._going: dict[Any, int] = {}
        self._done: SimpleQueue[Any] = SimpleQueue()
        self._threads, self._looked, self._seen = 1, 0.0, time.monotonic()
        self._end = contextlib.ExitStack()
        with contextlib.ExitStack() as end:
            end.enter_context(_quiet())
            self._client = self._connected(address, shown)
            end.callback(self._leave)
            self.facts = self._agreed(shown)
            self._end = end.pop_all()

    def _connected(self, address: str, shown: str) -> Any:
        try:  # a client that does not come to be would hold us up when it goes
            with ThreadPoolExecutor(1) as pool:
                pool.submit(asyncio.run, self._greeted(address)).result()
            return self._dask.Client(address, timeout=REACHED, set_as_default=False, name="tui-backprop")
        except MemoryError:  # what answers there has another language, read as a length
            raise BackpropError(
                tr("scheduler: what answers at {address} is no Dask scheduler", address=shown)
            ) from None
        except (OSError, ValueError, TimeoutError) as error:
            reason = printable(str(error).split("\n")[0] or type(error).__name__, 120)
            raise BackpropError(
                tr("scheduler: no Dask scheduler answers at {address}: {why}", address=shown, why=reason)
            ) from None

    async def _greeted(self, address: str) -> None:
        """Have a Dask scheduler answer; raise an OSError or another error where none does."""
        comm = await self._dask.comm.connect(address, timeout=REACHED)
        await comm.close()

    def _agreed(self, shown: str) -> Facts:
        """Return what all workers have in common; refuse where they, or we, differ."""
        here = facts()
        try:
            there = self._client.run(facts)
        except (ImportError, AttributeError) as error:
            why = printable(str(error), 100)
            raise BackpropError(
                tr("scheduler: a worker has no tui-backprop like this one: {why}", why=why)
            ) from None
        except (OSError, TimeoutError, ValueError) as error:
            raise BackpropError(f"scheduler: {shown}: {printable(str(error), 120)}") from None
        if not there:
            raise BackpropError(
                tr("scheduler: {address} has no workers; dask worker {address} starts one", address=shown)
            )
        return agreed(here, there)

    @property
    def capacity(self) -> int:
        """Jobs that can be under way; others wait here."""
        now = time.monotonic()
        if now - self._looked >= LOOK:
            with _there():
                self._looked, found = now, sum(self._client.nthreads().values())
            self._threads, self._seen = (found, now) if found else (self._threads, self._seen)
            if now - self._seen > DESERTED:
                raise BackpropError(
                    tr("scheduler: the cluster has no workers any more; what was done is kept")
                )
        return LEAST_AHEAD * self._threads

    def submit(self, number: int, job: bytes) -> None:
        """Have a job done, which is known by a number."""
        future = self._client.submit(do, job, pure=False)
        self._going[future] = number
        future.add_done_callback(self._done.put)

    def wait(self, seconds: float) -> Iterator[tuple[int, bytes | None]]:
        """Yield answers that are there, and None for a job that was lost; wait for one, if need be."""
        try:
            future = self._done.get(timeout=seconds)
        except Empty:
            return
        number = self._going.pop(future)
        if future.status == "finished":
            with _there():
                answer = future.result()
            yield number, answer
            return
        error = None if future.status in ("cancelled", "lost") else future.exception()
        if error is None:
            raise _gone()
        if not isinstance(error, self._dask.KilledWorker):
            why = printable(str(error).split("\n")[0], 120)
            raise BackpropError(tr("scheduler: a worker failed: {why}", why=why))
        yield number, None

    def close(self) -> None:
        """Leave; what is under way is taken back."""
        self._end.close()

    def _leave(self) -> None:
        with contextlib.suppress(Exception):
            self._client.cancel(list(self._going), force=True)
        self._client.close(timeout=REACHED)


def _gone() -> BackpropError:
    return BackpropError(tr("scheduler: it is not there any more; what was done is kept"))


@contextlib.contextmanager
def _there() -> Iterator[None]:
    """Ask the scheduler something; it may go while it answers."""
    try:
        yield
    except (OSError, TimeoutError):  # Dask's own errors of communication are among them
        raise _gone() from None


def _check_address(address: str) -> None:
    """Refuse what is no address of a scheduler."""
    try:
        parts = urlsplit(address if "://" in address else f"tcp://{address}")
        right = parts.scheme in ("tcp", "tls") and bool(parts.hostname) and parts.port is not None
    except ValueError:
        right = False
    if not right:
        raise BackpropError(
            tr(
                "scheduler: found {address}; give the address of a Dask scheduler, such as "
                "tcp://10.0.0.5:8786",
                address=printable(repr(address), 80),
            )
        )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask from writing tracebacks of what we say in a line."""
    names = [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]
    levels = {logger: logger.level for logger in map(logging.getLogger, names)}
    for logger in levels:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in levels.items():
            logger.setLevel(level)


def agreed(here: Facts, there: Mapping[str, Facts]) -> Facts:
    """Return the facts of all workers.

    The versions have to be ours as well; the rest is theirs, the same everywhere.

    Raises:
        BackpropError: a worker differs, and in what.
    """
    first = next(iter(there.values()))
    common = {**here, **{name: first.get(name, "unknown") for name in OF_WORKERS}}
    for address, found in there.items():
        if differs := difference(common, found):
            whose = printable(address, 60)
            raise BackpropError(
                tr(
                    "scheduler: the worker {worker} has {differences}; numbers would depend on who worked "
                    "them out",
                    worker=whose,
                    differences=differs,
                )
            )
    return common
