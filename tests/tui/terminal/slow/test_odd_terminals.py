"""The app in terminals that are not as expected: names, sizes, multiplexers, lines that cut keys apart."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.slow_lines import SSHD, sshd
from tests.support.ssh_sessions import remote
from tests.support.terminal_sessions import APP, PATIENCE, Session, environment, sessions

Opened = Callable[..., Session]
NO_SHELL = "no shell to come back to, so Ctrl+Z does nothing; q quits"


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    with sessions(tmp_path) as open_session:
        yield open_session


def ready(session: Session) -> None:
    session.shows("Start of iteration 0", "q quit", "┤")
    session.quiet()


def leave(session: Session, code: int = 0) -> None:
    session.send("q")
    assert session.ends() == code
    assert b"Traceback" not in session.raw


# ---------------------------------------------------------------------- what terminals are called


@pytest.mark.parametrize(
    "names",
    [
        {"LC_ALL": "", "LC_CTYPE": "UTF-8", "LANG": "ja_JP.UTF-8"},
        {"LC_ALL": "", "LC_CTYPE": "UTF-8"},
        {"LC_ALL": "UTF-8"},
        {"LC_ALL": "utf8"},
    ],
    ids=str,
)
def test_utf_8_as_macs_name_it(opened: Opened, names: dict[str, str]) -> None:
    session = opened("logistic", **names)
    ready(session)
    session.send("s" * 9)
    session.shows("∂L/∂")
    leave(session)
    plain = Session((*APP, "--plain", "logistic"), Path(session.child.cwd), **names)
    try:
        plain.shows("(backprop)")
        plain.send("s 9\nq\n")
        plain.shows("∂L/∂")
    finally:
        plain.close()


@pytest.mark.parametrize("confined", [False, True], ids=["open", "restricted"])
@pytest.mark.parametrize(("term", "sequence"), [("screen", b"\x1b["), ("screen-256color", b"38;5;")])
def test_gnu_screen_gets_the_colours_that_it_has(
    opened: Opened, term: str, sequence: bytes, confined: bool, tmp_path: Path
) -> None:
    words = ("--restricted", "--lessons", str(tmp_path)) if confined else ("linear",)
    session = opened(*words, TERM=term, STY="1.pts-0.host", COLORTERM="truecolor")
    ready(session)
    assert b"8;2;" not in session.raw
    assert sequence in session.raw
    assert (b"8;5;" in session.raw) is (term == "screen-256color")
    leave(session)


@pytest.mark.skipif(shutil.which("screen") is None, reason="GNU screen is not installed")
def test_inside_gnu_screen(tmp_path: Path) -> None:
    log, settings = tmp_path / "log", tmp_path / "screenrc"
    settings.write_text(f"startup_message off\nlogfile {log}\nlogfile flush 1\n")
    (tmp_path / "sockets").mkdir(mode=0o700)
    command = ["screen", "-c", str(settings), "-L", "-U", "-T", "screen", *APP, "linear"]
    session = Session(command, tmp_path, SCREENDIR=str(tmp_path / "sockets"))
    try:
        session.shows("Start of iteration 0", "q quit")
        session.send("s")
        session.shows("record 1 of")
        session.send("y")
        session.shows("sent to the terminal's clipboard")
        session.until(lambda: log.exists() and b"clipboard" in log.read_bytes())
        assert b"8;2;" not in log.read_bytes()
        session.send("\x1a")
        session.shows(NO_SHELL)
        session.send("q")
        session.ends()
    finally:
        session.close()


def test_a_name_that_the_host_does_not_know(opened: Opened) -> None:
    session = opened("linear", TERM="brand-new-256color")
    ready(session)
    leave(session)
    plain = opened("linear", TERM="frobozz")
    plain.shows("TERM=xterm-256color tui-backprop opens the app", "(backprop)")
    plain.send("q\n")
    assert plain.ends() == 0


# ---------------------------------------------------------------------- sizes and signs


def test_a_terminal_without_a_size_that_gets_one(opened: Opened) -> None:
    session = opened("linear", size=(0, 0))
    time.sleep(0.02)
    session.resize(120, 36)
    session.shows("Start of iteration 0", "q quit", "Parameters", "Hyperparameters")
    session.quiet()
    assert len(session.screen.display) == 36
    assert session.text.splitlines()[-1].startswith("s step")
    leave(session)


def test_a_terminal_without_a_size_is_taken_for_one_of_80_by_24(opened: Opened) -> None:
    session = opened("linear", size=(0, 0))
    session.screen.resize(24, 80)
    session.shows("Start of iteration 0", "q quit")
    session.quiet()
    assert session.text.splitlines()[23].startswith("s step")
    session.resize(120, 36)
    session.shows("Hyperparameters", "Parameters")
    session.until(lambda: session.text.splitlines()[-1].startswith("s step"))
    leave(session)


FOREIGN = """
title = "선형 · θ → ∞"
formula = '''
"ŷ" = "θ" * x
L = mean(("ŷ" - y)**2)
'''
[samples]
x = [1.0, 2.0]
y = [2.0, 4.0]
[parameters]
"θ" = 0.5
"""


@pytest.mark.parametrize(("lesson", "size"), [("own.toml", (80, 24)), ("logistic", (200, 60))])
def test_in_ascii_no_other_sign_is_on_any_screen(
    opened: Opened, lesson: str, size: tuple[int, int], tmp_path: Path
) -> None:
    """Where ∂, θ, · or ─ are two cells wide, that is the cure."""
    (tmp_path / "own.toml").write_text(FOREIGN.replace('"ŷ"', "y_hat").replace('"θ" *', "theta *").replace(
        '"θ" =', "theta ="), encoding="utf-8")  # fmt: skip
    session = opened(str(tmp_path / lesson) if "." in lesson else lesson, "--ascii", size=size)
    session.until(lambda: "0" in session.text)
    session.quiet(0.5)
    for keys in ("s" * 12, "y", "n", "x", "o", "f", "m", "?", "v", "\x10", ":", "B", "w", "e", "g", "i",
                 "t\r", "1", "2", "3", "4", "hz\r", "\x1a", "\x03", " ", "u", "U", "l"):  # fmt: skip
        for key in keys:
            session.send(key)
            session.quiet(0.1)
        assert session.text.isascii(), (keys, session.text)
        session.send("\x1b")
        session.quiet(0.2)
    assert session.raw.isascii()


# ---------------------------------------------------------------------- keys


def test_ctrl_z_with_no_shell_to_come_back_to(opened: Opened, tmp_path: Path) -> None:
    """As a session's leader, and below a shell that leads it and has no jobs."""
    shell = Session(("/bin/sh", "-c", f"{' '.join(APP)} linear; echo"), tmp_path)
    try:
        for session in (opened("linear"), shell):
            ready(session)
            session.send("\x1a")
            session.shows(NO_SHELL)
            session.send("s")
            session.shows("record 1 of")
            leave(session)
    finally:
        shell.close()


def test_ctrl_z_in_a_window_of_tmux(tmp_path: Path) -> None:
    tmux = ["tmux", "-L", f"odd{os.getpid()}", "-f", "/dev/null"]
    chosen = environment(tmp_path)
    chosen.pop("TMUX", None)

    def run(*words: str) -> str:
        result = subprocess.run([*tmux, *words], env=chosen, capture_output=True, text=True, check=True)
        return result.stdout

    def shows(text: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while text not in (seen := run("capture-pane", "-p")):
            assert time.monotonic() < deadline, seen
            time.sleep(0.1)

    run("new-session", "-d", "-x", "80", "-y", "24", "sleep 100")
    try:
        run("new-window", " ".join([*APP, "linear"]))
        shows("q quit")
        run("send-keys", "C-z")
        shows("no shell to come back to")
        run("send-keys", "s")
        shows("record 1 of")
    finally:
        run("kill-server")


@pytest.mark.skipif(not Path(SSHD).exists(), reason="sshd is not installed")
def test_over_ssh_an_arrow_that_comes_in_pieces_is_a_step_and_ctrl_z_is_ignored(tmp_path: Path) -> None:
    with sshd(tmp_path / "server") as server:
        session = Session(server.client(remote(tmp_path, "linear")), tmp_path)
        try:
            ready(session)
            session.quiet(1)
            for count in (1, 2):
                for byte in "\x1b[C":
                    session.send(byte)
                    session.look(0.2)
                session.shows(f"record {count} of")
            session.send("?")
            session.shows("Help")
            session.send("\x1b")
            session.until(lambda: "Help" not in session.text)
            session.send("\x1a")
            session.shows(NO_SHELL)
            leave(session)
        finally:
            session.close()


@pytest.mark.parametrize(("how", "driver"), [("Ctrl+C", "diff"), ("Ctrl+C", "plain"), ("waiting", "diff")])
def test_a_paste_that_is_cut_off_gives_the_keys_back(opened: Opened, how: str, driver: str) -> None:
    session = opened("linear", "--driver", driver)
    ready(session)
    session.send("\x1b[200~hello")
    session.quiet(0.5)
    if how == "Ctrl+C":
        session.send("\x03")
    else:
        session.look(6)
    session.send("s")
    session.shows("record 1 of")
    leave(session)


# ---------------------------------------------------------------------- saving


@pytest.mark.parametrize("plain", [False, True], ids=["app", "plain"])
def test_a_home_that_cannot_be_written_is_said_once(tmp_path: Path, plain: bool) -> None:
    words = [*APP, *(["--plain"] if plain else []), "linear"]
    names = {f"XDG_{kind}_HOME": "" for kind in ("CONFIG", "STATE", "DATA", "CACHE")}
    session = Session(words, tmp_path, HOME="/proc", **names)
    what = "no session is kept: cannot write in /proc"
    session.child.delaybeforesend = None
    try:
        if plain:
            session.shows("(backprop)")
            session.send("s\ns\ns\nq\n")
            assert session.ends() == 0
            assert session.raw.count(what.encode()) == 1
            return
        ready(session)
        session.send("s")
        session.shows(what)
        session.send("s")
        session.until(lambda: what not in session.text)
        session.send("n")
        session.shows("iteration 1")
        leave(session)
        assert b"not saved" not in session.raw
    finally:
        session.close()


@pytest.mark.parametrize("plain", [False, True], ids=["app", "plain"])
def test_what_cannot_be_saved_is_said_until_the_end_and_by_the_exit_code(tmp_path: Path, plain: bool) -> None:
    app = " ".join([*APP, *(["--plain"] if plain else []), "linear"])
    session = Session(("/bin/bash", "-c", f"ulimit -f 1; exec {app}"), tmp_path)
    what = "the session cannot be saved: File too large"
    try:
        if plain:
            session.shows("(backprop)")
            session.send("n\ns\nq\n")
            assert session.ends() == 74
            assert session.raw.count(what.encode()) == 1
        else:
            ready(session)
            session.send("n")
            session.shows(what)
            for key in "sbs":
                session.send(key)
                session.quiet()
                assert what in session.text
            leave(session, 74)
        ended = session.raw.decode().replace("\r\n", " ")
        assert (
            "tui-backprop: `linear` at iteration 1 is not saved: File too large; nothing of it is kept"
            in ended
        )
    finally:
        session.close()


def test_a_state_folder_removed_by_a_clean_up_job(opened: Opened, tmp_path: Path) -> None:
    session = opened("linear")
    ready(session)
    session.send("nn")
    session.shows("iteration 2")
    state = tmp_path / "STATE" / "tui-backprop"
    session.until(lambda: list(state.glob("sessions/*.session")))
    shutil.rmtree(state)
    session.send("n")
    session.shows("files of the session had been removed; they are written anew")
    shutil.rmtree(state)
    leave(session)
    found = subprocess.run(
        [*APP, "sessions", "--format", "json"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    assert '"iteration": 3' in found.stdout
    assert '"problem": null' in found.stdout
