"""A Dask scheduler and workers in processes of their own, on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.installed_command import PATIENCE


class LocalCluster:
    """A scheduler, and workers that can be killed.

    Attributes:
        address: the scheduler's.
        scheduler, workers: their processes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-show",
                                      "--scheduler-file", str(folder / "scheduler.json"))  # fmt: skip
        until = time.monotonic() + PATIENCE
        while not (folder / "scheduler.json").exists():
            assert time.monotonic() < until
            time.sleep(0.1)
        from json import loads

        time.sleep(0.1)
        self.address = loads((folder / "scheduler.json").read_text())["address"]
        self.workers: list[subprocess.Popen[bytes]] = []

    def _start(self, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *words, "--no-dashboard"],
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", **environment}, cwd=self._folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def add_worker(self, **environment: str) -> subprocess.Popen[bytes]:
        """Start a worker of one thread, with no nanny that would start it again."""
        words = (
            "worker",
            self.address,
            "--nthreads",
            "1",
            "--no-nanny",
            "--local-directory",
            str(self._folder),
        )
        self.workers.append(self._start(*words, **environment))
        return self.workers[-1]

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait(PATIENCE)


@contextmanager
def local_cluster(folder: Path, workers: int) -> Iterator[LocalCluster]:
    """Start a cluster, wait until its workers are there, and end it."""
    from distributed import Client

    cluster = LocalCluster(folder)
    try:
        for _ in range(workers):
            cluster.add_worker()
        with Client(cluster.address, timeout=PATIENCE, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=PATIENCE)
        yield cluster
    finally:
        cluster.close()
