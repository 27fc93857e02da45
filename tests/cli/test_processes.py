"""What only a process of its own can show: the installed command, pipes, terminals, completion."""

from __future__ import annotations

import os
import sys

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


def test_what_compiles_is_not_loaded_before_a_run() -> None:
    code = """
import sys
from tui_backprop.tui import app
from tui_backprop.lessons.library import load_lesson
from tui_backprop.training.trainer import Trainer
trainer = Trainer(load_lesson("two-layer"))
trainer.step(), trainer.gradients
late = ("llvmlite", "numba", "tui_backprop.engine.compile")
print([name for name in late if name in sys.modules])
"""
    assert run(sys.executable, "-c", code).stdout == "[]\n"


def test_importing_the_package_loads_no_numpy() -> None:
    assert (
        run(sys.executable, "-c", "import sys, tui_backprop; print('numpy' in sys.modules)").stdout
        == "False\n"
    )


def test_a_fault_of_the_program_s_own_ends_in_one_line(monkeypatch, capsys):
    from tui_backprop.cli import main as cli

    monkeypatch.setattr(sys, "argv", ["tui-backprop", "list"])
    monkeypatch.setattr("tui_backprop.lessons.library.load_lesson", lambda name, sandbox: 1 / 0)
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 70
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("tui-backprop: internal error, sorry: ZeroDivisionError")
