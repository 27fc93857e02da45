"""The line editor of a restricted login."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pexpect

from tests.support.logins import make_folder


def test_no_key_of_the_line_editor_tells_of_the_host(tmp_path: Path) -> None:
    """Left alone, readline expands ~NAME, takes vi's keys, and reads settings from the home folder."""
    (tmp_path / ".inputrc").write_text('"Z": "quit\\n"\n"Y": tilde-expand\n"W": complete-into-file\n')
    environment = {**os.environ, "HOME": str(tmp_path), "TERM": "xterm-256color"}
    words = ["-m", "tui_backprop", "--restricted", "--lessons", str(make_folder(tmp_path)), "line", "--plain"]
    child = pexpect.spawn(sys.executable, words, dimensions=(30, 100), env=environment, timeout=30)
    child.expect_exact(b"(backprop) ")
    tell = ["&", "~", "\n\x1b&", "\r\x1b&", "?", "*", "/"]
    for keys in [*(f"\x1b{key}" for key in tell), "Y", "W", "\x18\x12Y", "\x18\x05", "\t\t"]:
        child.send(f"open ~root{keys}\r")
        child.expect_exact(b"a name in the lesson folder")
        assert b"/root" not in child.before, keys
        child.send("open /etc/pass" + keys + "\r")
        child.expect_exact(b"a name in the lesson folder")
        assert b"passwd" not in child.before, keys
    child.send("Z\r")
    child.expect_exact(b"unknown command")
    child.send("q\r")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    names = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")}
    assert names <= {".inputrc", "lessons", "outside", "xdg_state_home"}, names
