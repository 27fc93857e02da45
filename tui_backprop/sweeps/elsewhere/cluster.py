"""Workers of a Dask cluster: whoever knows the scheduler's address can send them work.

Dask itself runs what it is sent, so that a cluster has to be trusted as a login on its machines is. What we
send it is a function of ours by its name, and data.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.sweeps.elsewhere.messages import Facts
from tui_backprop.sweeps.elsewhere.worker import difference, do, facts
from tui_backprop.text.printable import printable

REACHED = 5.0
"""Seconds in which a scheduler has to answer."""
LEAST_AHEAD = 2
"""Jobs for each thread of the cluster: one that is done, and one that waits."""
MISSING = "Dask is not installed here: python -m pip install 'tui-backprop[dask]'"


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
            raise BackpropError(f"scheduler: {MISSING}") from None
        shown = printable(address, 80)
        quiet = logging.getLogger("distributed")
        level = quiet.level
        quiet.setLevel(logging.CRITICAL)  # it writes tracebacks of what we say in a line
        try:
            self._client = self._dask.Client(
                address, timeout=REACHED, set_as_default=False, name="tui-backprop"
            )
        except (OSError, ValueError, TimeoutError) as error:
            reason = printable(str(error).split("\n")[0], 120)
            raise BackpropError(f"scheduler: nobody answers at {shown} ({reason})") from None
        finally:
            quiet.setLevel(level)
        self._going: dict[Any, int] = {}
        try:
            self.facts = self._agreed(shown)
        except BaseException:
            self.close()
            raise

    def _agreed(self, shown: str) -> Facts:
        """Return what all workers have in common; refuse where they, or we, differ."""
        here = facts()
        try:
            there = self._client.run(facts)
        except (ImportError, AttributeError) as error:
            why = printable(str(error), 100)
            raise BackpropError(f"scheduler: a worker has no tui-backprop like this one: {why}") from None
        except (OSError, TimeoutError, ValueError) as error:
            raise BackpropError(f"scheduler: {shown}: {printable(str(error), 120)}") from None
        if not there:
            raise BackpropError(f"scheduler: {shown} has no workers; dask worker {shown} starts one")
        return agreed(here, there)

    @property
    def capacity(self) -> int:
        """Jobs that can be under way; others wait here."""
        threads: dict[str, int] = self._client.nthreads()
        return LEAST_AHEAD * max(1, sum(threads.values()))

    def submit(self, number: int, job: bytes) -> None:
        """Have a job done, which is known by a number."""
        self._going[self._client.submit(do, job, pure=False)] = number

    def wait(self, seconds: float) -> Iterator[tuple[int, bytes | None]]:
        """Yield answers that are there, and None for a job that was lost; wait for one, if need be."""
        with contextlib.suppress(TimeoutError):
            self._dask.wait(list(self._going), timeout=seconds, return_when="FIRST_COMPLETED")
        for future in [one for one in self._going if one.done()]:
            number = self._going.pop(future)
            if future.status == "finished":
                yield number, future.result()
            else:
                yield number, None

    def close(self) -> None:
        """Leave; what is under way is taken back."""
        with contextlib.suppress(Exception):
            self._client.cancel(list(self._going), force=True)
        self._client.close(timeout=REACHED)


def agreed(here: Facts, there: Mapping[str, Facts]) -> Facts:
    """Return the facts of all workers.

    The versions have to be ours as well; the kind of processor is theirs, the same one everywhere.

    Raises:
        BackpropError: a worker differs, and in what.
    """
    common = {**here, "processor": next(iter(there.values()))["processor"]}
    for address, found in there.items():
        if differs := difference(common, found):
            whose = printable(address, 60)
            raise BackpropError(
                f"scheduler: the worker {whose} has {differs}; numbers would depend on who worked them out"
            )
    return common
