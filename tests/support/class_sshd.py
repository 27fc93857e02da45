"""A real sshd on loopback with the README's block for a class, and the client's side of it."""

from __future__ import annotations

import getpass
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"
SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or "sshd"


def readme_block() -> str:
    """Return what the README has an administrator put into sshd_config."""
    (block,) = re.findall(r"^```sshd_config\n(.*?)^```$", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return str(block)


class ClassHost:
    """A host with a class's login, seen from a client."""

    def __init__(self, port: int, home: Path) -> None:
        self.port, self.home = port, home

    def client(self, *arguments: str, program: str = "ssh") -> list[str]:
        """Return a client's command line; its last argument is the host, unless more are given."""
        port = "-p" if program == "ssh" else "-P"
        settings = [
            f"IdentityFile={self.home / 'key'}", "IdentitiesOnly=yes", "StrictHostKeyChecking=no",
            "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "BatchMode=yes", "ConnectTimeout=10",
        ]  # fmt: skip
        options = [word for setting in settings for word in ("-o", setting)]
        return [program, "-F", "none", *options, port, str(self.port), *arguments]

    @property
    def name(self) -> str:
        """The account at the host."""
        return f"{getpass.getuser()}@127.0.0.1"

    def ask(self, *command: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        """Ask for a command, without a terminal."""
        words = self.client(*options, self.name, "--", *command)
        return subprocess.run(
            words, capture_output=True, text=True, timeout=30, check=False, stdin=subprocess.DEVNULL
        )


@contextmanager
def class_host(home: Path, folder: Path) -> Iterator[ClassHost]:
    """Run sshd with the README's block, for this user and this lesson folder."""
    for name in ("key", "host_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(home / name)], check=True)
    shutil.copy(home / "key.pub", home / "authorized_keys")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    block = readme_block().replace("Group students", f"User {getpass.getuser()}")
    block = block.replace("/usr/local/bin/tui-backprop", f"{sys.executable} -m tui_backprop")
    block = block.replace("/srv/lessons", str(folder))
    # SHLVL: bash does not read this account's .bashrc, which may say something
    block = re.sub("(SetEnv .*)", rf"\1 XDG_STATE_HOME={home / 'state'} SHLVL=1", block)
    (home / "sshd_config").write_text(
        f"""Port {port}
ListenAddress 127.0.0.1
HostKey {home}/host_key
PidFile {home}/sshd.pid
AuthorizedKeysFile {home}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
AcceptEnv LANG LC_*
Subsystem sftp internal-sftp
X11Forwarding yes
{block}"""
    )
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    log = home / "log"
    server = subprocess.Popen([SSHD, "-D", "-E", str(log), "-f", str(home / "sshd_config")])
    try:
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert server.poll() is None, log.read_text() if log.exists() else "no log"
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield ClassHost(port, home)
    finally:
        server.terminate()
        server.wait(10)
