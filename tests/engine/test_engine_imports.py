"""The engine and the trainer stay off the terminal: what they import, seen from a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
print(*sorted({name.partition(".")[0] for name in sys.modules} & set(sys.argv[2:])))
"""


@pytest.mark.parametrize("package", ["tui_backprop.engine", "tui_backprop.training"])
def test_no_terminal_is_imported(package: str) -> None:
    forbidden = ["textual", "plotext", "rich", "click"]
    command = [sys.executable, "-c", PROGRAM, package, *forbidden]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == ""


def test_the_engine_needs_none_of_the_layers_above() -> None:
    above = ["lessons", "training", "explain", "tui", "cli", "plain"]
    program = PROGRAM.replace('name.partition(".")[0] for name', 'name.split(".")[1] for name').replace(
        "in sys.modules}", 'in sys.modules if name.startswith("tui_backprop.")}'
    )
    command = [sys.executable, "-c", program, "tui_backprop.engine", *above]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == ""
