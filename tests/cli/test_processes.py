"""What only a process of its own can show: the installed command, pipes, terminals, completion."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time

import pytest

from tests.support.processes import COMMAND, run


def test_the_installed_command_and_the_module() -> None:
    installed = run(COMMAND, "train", "linear", "--iterations", "1", "--format", "jsonl")
    module = run(
        sys.executable, "-m", "tui_backprop", "train", "linear", "--iterations", "1", "--format", "jsonl"
    )
    assert installed.returncode == module.returncode == 0
    assert installed.stdout == module.stdout
    assert installed.stderr == module.stderr == ""


def test_a_closed_pipe_is_silent() -> None:
    result = run("sh", "-c", f"{COMMAND} train linear --iterations 20000 --format jsonl | head -n 1")
    assert result.stdout.startswith('{"iteration": 0,')
    assert (result.stdout.count("\n"), result.stderr) == (1, "")


def test_a_locale_without_unicode_ends_no_command() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    result = run(COMMAND, "explain", "logistic", env=environment)
    assert (result.returncode, result.stderr) == (0, "")
    assert "FORMULA" in result.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_source(shell: str) -> None:
    result = run(COMMAND, env={**os.environ, "_TUI_BACKPROP_COMPLETE": f"{shell}_source"})
    assert (result.returncode, result.stderr) == (0, "")
    assert "_TUI_BACKPROP_COMPLETE" in result.stdout


def test_importing_the_trainer_loads_no_terminal_library() -> None:
    code = (
        "import sys, tui_backprop as tb; tb.Trainer(tb.load_lesson('linear')).run(); import "
        "tui_backprop.exercises.check;"
        "import tui_backprop.explain.pages.iteration;"
        "print([m for m in ('textual', 'plotext', 'rich', 'click') if m in sys.modules])"
    )
    assert run(sys.executable, "-c", code).stdout == "[]\n"


def test_plain_mode_starts_without_explanations_and_help() -> None:
    code = "import sys, tui_backprop.plain.loop; print(*sys.modules)"
    late = ("tui_backprop.explain.record", "tui_backprop.explain.folded", "tui_backprop.debugger.help")
    assert not [name for name in run(sys.executable, "-c", code).stdout.split() if name.startswith(late)]


LATE = (
    "cli.playground", "drawing", "engine.compile", "exercises", "export", "health", "lessons.remarks",
    "pictures", "sweeps", "training.checkup", "training.vitals.alarms",
)  # fmt: skip
"""What the first screen does without."""


def test_the_app_starts_with_no_more_than_its_first_screen_needs() -> None:
    code = """
import sys
from tui_backprop.cli import launch, main
from tui_backprop.tui import app
own = {name: module for name, module in sys.modules.items() if name.startswith("tui_backprop.")}
print(*(name.partition(".")[2] for name in own))
print(*(
    name for module in own.values() for name, value in vars(module).items()
    if hasattr(value, "__dataclass_fields__") and value.__module__ in own
))
"""
    names, dataclasses = run(sys.executable, "-c", code).stdout.split("\n")[:2]
    assert "tui.main_screen" in names.split()
    assert not [name for name in names.split() if name.startswith(LATE)]
    assert not dataclasses  # each costs a millisecond to define, a Struct a thirtieth of it


def test_importing_the_package_loads_no_numpy() -> None:
    assert (
        run(sys.executable, "-c", "import sys, tui_backprop; print('numpy' in sys.modules)").stdout
        == "False\n"
    )


def in_terminal(args: list[str], *, out: bool) -> tuple[int, str, str]:
    """Run with stderr (and stdout, if asked) on a terminal; return code, what it shows, and piped stdout."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        args,
        stdin=subprocess.DEVNULL,
        stdout=slave if out else subprocess.PIPE,
        stderr=slave,
        close_fds=True,
        env={**os.environ, "COLUMNS": "80", "TERM": "xterm-256color"},
    )
    os.close(slave)
    shown, piped = bytearray(), bytearray()
    pipe = None if process.stdout is None else process.stdout.fileno()
    waiting = {master} if pipe is None else {master, pipe}
    end = time.monotonic() + 60
    while waiting and time.monotonic() < end:
        for descriptor in select.select(list(waiting), [], [], 1)[0]:
            try:
                chunk = os.read(descriptor, 65536)
            except OSError:  # the other side of a pseudo-terminal is closed
                chunk = b""
            if not chunk:
                waiting.discard(descriptor)
            elif descriptor == master:
                shown += chunk
            else:
                piped += chunk
    code = process.wait(timeout=10)
    os.close(master)
    if process.stdout is not None:
        process.stdout.close()
    return code, shown.decode(), piped.decode()


def test_a_progress_bar_on_stderr_when_that_is_a_terminal() -> None:
    args = [COMMAND, "train", "linear", "--iterations", "20000", "--every", "5000", "--format", "jsonl"]
    code, shown, piped = in_terminal(args, out=False)
    assert code == 0
    assert re.search(r"training.*\d+%", shown)
    assert piped.count("\n") == 5
    assert "training" not in piped
    assert shown.endswith("\r\x1b[?25h")  # the bar is taken off its line at the end, and the cursor is back
    assert "training" not in run(*args).stderr


def test_rows_and_bar_share_a_terminal() -> None:
    args = [COMMAND, "train", "linear", "--iterations", "20000", "--every", "10000"]
    code, shown, _ = in_terminal(args, out=True)
    assert code == 0
    last = shown.replace("\r\n", "\n").replace("\x1b[?25h", "").split("\n")
    assert any(line.split("\r")[-1].split()[:2] == ["20000", "20000"] for line in last if line.strip())


def test_explain_in_a_terminal_has_no_escape_sequences() -> None:
    code, shown, _ = in_terminal([COMMAND, "explain", "two-layer"], out=True)
    assert code == 0
    assert "\x1b" not in shown


def test_a_fault_of_the_program_s_own_ends_in_one_line(monkeypatch, capsys):
    from tui_backprop.cli import main as cli

    monkeypatch.setattr(sys, "argv", ["tui-backprop", "list"])
    monkeypatch.setattr("tui_backprop.lessons.library.load_lesson", lambda name, sandbox: 1 / 0)
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 70
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("tui-backprop: internal error, sorry: ZeroDivisionError")
