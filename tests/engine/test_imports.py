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
print(*sys.modules)
"""
ABOVE_THE_ENGINE = ("lessons", "training", "explain", "tui", "cli", "plain")


@pytest.mark.parametrize(
    ("package", "layers"), [("tui_backprop.engine", ABOVE_THE_ENGINE), ("tui_backprop.training", ())]
)
def test_neither_a_terminal_nor_a_layer_above_is_imported(package: str, layers: tuple[str, ...]) -> None:
    command = [sys.executable, "-c", PROGRAM, package]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    imported = {part for name in ran.stdout.split() for part in (name, name.partition(".")[0])}
    assert package in imported
    assert not imported & {
        "textual",
        "plotext",
        "rich",
        "click",
        *(f"tui_backprop.{name}" for name in layers),
    }
