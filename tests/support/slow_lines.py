"""A real sshd on loopback, and a line to it that is slow, far, or cut."""

from __future__ import annotations

import getpass
import os
import select
import shutil
import socket
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SSHD = (
    shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") or "/usr/sbin/sshd"
)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Sshd:
    """An ssh server of this user's own, with one key that may log in."""

    def __init__(self, folder: Path, extra: str = "") -> None:
        self.folder, self.port = folder, free_port()
        folder.mkdir(mode=0o700)
        for name in ("host", "user"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(command, check=True)
        shutil.copy(folder / "user.pub", folder / "authorized")
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        lines = (
            f"Port {self.port}", "ListenAddress 127.0.0.1",
            f"HostKey {folder}/host", "PidFile none", "UsePAM no",
            f"AuthorizedKeysFile {folder}/authorized", "StrictModes no",
            "PermitRootLogin yes", extra,
        )  # fmt: skip
        (folder / "config").write_text("\n".join(lines) + "\n")
        with (folder / "log").open("w") as log:
            self._process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(folder / "config")], stderr=log)
        deadline = time.monotonic() + 10
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.02)

    def client(self, command: str, port: int | None = None, *, terminal: bool = True) -> list[str]:
        """Return the command line of ssh; through another port where a line stands between."""
        return [
            "ssh", "-tt" if terminal else "-T", "-F", "/dev/null", "-i", str(self.folder / "user"),
            "-p", str(port or self.port),
            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
            "-o", "LogLevel=ERROR", "-o", "IdentitiesOnly=yes", f"{getpass.getuser()}@127.0.0.1", command,
        ]  # fmt: skip

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)


@contextmanager
def sshd(folder: Path, extra: str = "") -> Iterator[Sshd]:
    server = Sshd(folder, extra)
    try:
        yield server
    finally:
        server.close()


class Line:
    """A connection to a port that passes on so many bytes a second each way, each so much later.

    Little is under way at a time, as on a real line: what does not fit waits with the one who sends.

    Attributes:
        rate: bytes a second.
        delay: seconds one way.
        cut: while true, nothing passes and nobody is told: a black hole.
    """

    def __init__(self, port: int, rate: float = 1e9, delay: float = 0.0) -> None:
        self.rate, self.delay, self.cut = rate, delay, False
        self._target = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._sockets: list[socket.socket] = [self._server]
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._server.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                for one in (near, far):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                self._sockets += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=ends, daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        way: deque[tuple[float, bytes]] = deque()
        free = time.monotonic()
        with suppress(OSError, ValueError):
            while not self._closed:
                now = time.monotonic()
                if self.cut:
                    time.sleep(0.05)
                    continue
                while way and way[0][0] <= now:
                    target.sendall(way.popleft()[1])
                wait = way[0][0] - now if way else 0.05
                if free <= now:
                    if select.select([source], [], [], min(wait, 0.05))[0]:
                        data = source.recv(512)
                        if not data:
                            break
                        free = max(free, time.monotonic()) + len(data) / self.rate
                        way.append((free + self.delay, data))
                else:
                    time.sleep(max(0.0, min(wait if way else free - now, free - now, 0.05)))
            for _, data in way:
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._closed = True
        for one in self._sockets:
            with suppress(OSError):
                one.close()
