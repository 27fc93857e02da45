"""Escape attempts through a real sshd that has the README's block."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.support.class_sshd import SSHD, ClassHost, class_host, readme_block
from tests.support.logins import make_folder

pytestmark = pytest.mark.xdist_group("class_sshd")


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassHost]:
    home = tmp_path_factory.mktemp("class")
    with class_host(home, make_folder(home)) as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(host: ClassHost) -> Path:
    return host.home / "lessons"


def test_the_block_is_one_that_sshd_takes(host: ClassHost) -> None:
    path = host.home / "as_it_stands"
    path.write_text(f"HostKey {host.home}/host_key\n{readme_block()}")
    result = subprocess.run([SSHD, "-t", "-f", str(path)], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(
    "command",
    [
        "id", "; sh", "sh -i", "$(id)", "`id`", "logistic; cat /etc/passwd", "logistic && id", "scp -t .",
        "--plain ../outside/secret", "--plain /etc/passwd", "--lessons /", "train linear", "logistic", "",
    ],
)  # fmt: skip
def test_commands_end_in_one_line(host: ClassHost, command: str) -> None:
    result = host.ask(command)
    assert (result.returncode, result.stdout) == (2, ""), result
    assert result.stderr.startswith("tui-backprop: ")
    assert result.stderr.count("\n") == 1
    assert "uid=" not in result.stderr


def test_files_do_not_pass(host: ClassHost, tmp_path: Path) -> None:
    target = tmp_path / "stolen"
    for program, legacy in (("scp", ("-O",)), ("scp", ()), ("sftp", ())):
        words = host.client(*legacy, f"{host.name}:/etc/passwd", str(target), program=program)
        result = subprocess.run(
            words, capture_output=True, text=True, timeout=30, check=False, stdin=subprocess.DEVNULL
        )
        assert result.returncode != 0
        assert not target.exists()
    words = host.client(str(host.home / "key.pub"), f"{host.name}:{tmp_path}/put", program="scp")
    assert subprocess.run(words, capture_output=True, timeout=30, check=False).returncode != 0
    assert not (tmp_path / "put").exists()
    assert host.ask("sftp", options=("-s",)).returncode == 2


def test_nothing_is_forwarded(host: ClassHost) -> None:
    through = host.ask(options=("-W", f"127.0.0.1:{host.port}"))
    assert through.returncode != 0
    assert "SSH-2.0" not in through.stdout
    back = host.ask(options=("-N", "-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:9"))
    assert back.returncode != 0
    assert "forwarding failed" in back.stderr


class Login:
    """An interactive login."""

    def __init__(self, host: ClassHost, *command: str, options: tuple[str, ...] = ()) -> None:
        program, *words = host.client("-tt", *options, host.name, "--", *command)
        environment = {**os.environ, "TERM": "xterm-256color", "SSH_AUTH_SOCK": "/nonexistent"}
        self.child = pexpect.spawn(program, words, dimensions=(30, 100), env=environment, timeout=30)

    def leave(self) -> int:
        """Press q and return the exit code."""
        self.child.send("q")
        self.child.expect(pexpect.EOF)
        self.child.close()
        return int(self.child.exitstatus if self.child.exitstatus is not None else -1)


def processes(folder: Path) -> list[int]:
    """Return the sessions that run on the folder's lessons."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if entry.name.isdecimal() and b"tui_backprop" in words and str(folder).encode() in words:
            found.append(int(entry.name))
    return found


def test_a_lesson_opens_and_q_leaves(host: ClassHost) -> None:
    login = Login(host, "week1/deep.toml", "--fps", "4")
    login.child.expect_exact(b"Class line")
    assert login.leave() == 0


def test_no_stop_no_environment_of_the_client_no_agent(host: ClassHost, folder: Path) -> None:
    sent = "TEXTUAL=debug,devtools TEXTUAL_LOG=/tmp/log PYTHONINSPECT=1 XDG_CONFIG_HOME=/tmp/x LD_PRELOAD=/x"
    known = {path.name for path in host.home.iterdir()}
    login = Login(host, options=("-A", "-X", "-o", f"SetEnv={sent}"))
    login.child.expect_exact(b"A first lesson")
    (pid,) = processes(folder)
    began = Path(f"/proc/{pid}/environ").read_bytes().decode()
    assert not re.search(r"TEXTUAL|PYTHON|XDG_CONFIG|LD_PRELOAD|SSH_AUTH_SOCK|DISPLAY", began)
    assert "OPENBLAS_NUM_THREADS=1" in began
    login.child.send("\x1a\x1c!")
    time.sleep(0.5)
    assert Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] in "SRD"
    assert not Path(f"/proc/{pid}/task/{pid}/children").read_text().strip()
    assert login.leave() == 0
    assert {path.name for path in host.home.iterdir()} <= known | {"state"}


@pytest.mark.parametrize("command", ["pw", "../outside/secret", "--plain nope", "list", "; sh"])
def test_refusals_on_a_terminal(host: ClassHost, folder: Path, command: str) -> None:
    if not (folder / "pw.toml").is_symlink():
        (folder / "pw.toml").symlink_to("/etc/passwd")
    login = Login(host, command)
    login.child.expect(pexpect.EOF)
    login.child.close()
    said = login.child.before.decode()
    assert login.child.exitstatus == 2, said
    assert re.fullmatch(r"tui-backprop: [^\n\x1b]*\r\n", said), said
