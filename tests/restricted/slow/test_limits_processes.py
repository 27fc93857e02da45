"""The limits of a login, in processes of their own: memory, processor time, what is inherited."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pexpect
import pytest

from tests.support.logins import make_folder

BIG = """
formula = '''
A = w @ w
B = tanh(A @ w) * exp(-A)
L = mean(B)
'''
[parameters]
w = { init = "normal", shape = [3000, 3000] }
"""


def opened(folder: Path, *arguments: str) -> pexpect.spawn:
    words = ["-m", "tui_backprop", "--restricted", "--lessons", str(folder), *arguments]
    environment = {**os.environ, "TERM": "xterm-256color", "TEXTUAL_LOG": str(folder.parent / "log")}
    return pexpect.spawn(sys.executable, words, dimensions=(30, 100), env=environment, timeout=30)


def ended(child: pexpect.spawn) -> tuple[int, str]:
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus is not None, child
    return child.exitstatus, child.before.decode()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_what_holds_while_the_app_runs(tmp_path: Path) -> None:
    child = opened(make_folder(tmp_path), "line", "--limit", "cpu=7")
    child.expect_exact(b"Class line")
    limits = Path(f"/proc/{child.pid}/limits").read_text()
    expected = {
        "Max cpu time": ("420", "480"),
        "Max file size": (str(256 << 20),) * 2,
        "Max core file size": ("0", "0"),
        "Max open files": ("128", "128"),
        "Max address space": (str(1 << 30),) * 2,
    }
    for name, values in expected.items():
        (line,) = [line for line in limits.splitlines() if line.startswith(name)]
        assert tuple(line.removeprefix(name).split()[:2]) == values
    nice = int(Path(f"/proc/{child.pid}/stat").read_text().rpartition(") ")[2].split()[16])
    assert nice >= 5
    child.send("       ")  # runs and pauses with all its threads within the limit
    time.sleep(0.5)
    child.send("q")
    assert ended(child)[0] == 0
    assert not (tmp_path / "log").exists()


def test_processor_time_used_up_ends_with_a_line(tmp_path: Path) -> None:
    child = opened(make_folder(tmp_path), "polynomial", "--set", "iterations=1000000000")
    child.expect_exact(b"A cubic")
    child.send(" ")
    time.sleep(0.5)
    os.kill(child.pid, signal.SIGXCPU)
    code, said = ended(child)
    assert code == 152
    assert "the 120 minutes of processor time of this login are used up; log in again to go on" in said
    assert "\x1b[?1049l" in said  # the terminal is as it was


def test_the_limit_is_told_before_it_kills() -> None:
    code = (
        "import sys, resource; from tui_backprop.host import restricted as r\n"
        "r.end_when_cpu_used_up(lambda: print('saved', flush=True))\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (1, 5))\n"
        "while True: pass"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (result.returncode, result.stdout) == (152, "saved\n")
    assert result.stderr.startswith("tui-backprop: the 0 minutes of processor time")
    assert result.stderr.count("\n") == 1


def test_one_minute_is_told_as_one() -> None:
    code = (
        "import os, resource, signal; from tui_backprop.host import restricted as r\n"
        "r.end_when_cpu_used_up(lambda: None)\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (60, 120))\n"
        "os.kill(os.getpid(), signal.SIGXCPU)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    line = "the minute of processor time of this login is used up; log in again to go on"
    assert (result.returncode, result.stderr) == (152, f"tui-backprop: {line}\n")


def test_a_lesson_beyond_the_memory_ends_in_a_line(tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    (folder / "big.toml").write_text(BIG)
    code, said = ended(opened(folder, "big"))
    assert (code, "limit" in said, said.count("\n")) == (2, True, 1)
    child = opened(folder, "big", "--limit", "values=999999999", "--limit", "memory=700")
    child.expect_exact(b"not enough memory")
    child.send("m")  # the app goes on, or it leaves with a line
    child.expect([b"art of a name or title", pexpect.EOF])
    assert b"internal error" not in child.before
    child.close(force=True)
