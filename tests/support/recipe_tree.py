"""A copy of the project in which all recipes of CONTRIBUTING.md have been done, and its tests run there.

Nothing is registered in the process that asks.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from tests.support.recipes import recipes

ROOT = Path(__file__).parents[2]
WITHOUT_THE_APP = ("optimizer", "pointwise", "rule")
WITH_THE_APP = ("command", "lesson", "panel")
"""Modules of tests that are run where the recipes have been done; starting the app takes long."""
_LEFT_OUT = shutil.ignore_patterns("benchmarks", "slow")


def make_tree(folder: Path) -> None:
    """Copy the project into a folder, do what the recipes say, and write the README's tables anew."""
    for name in ("tui_backprop", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=_LEFT_OUT)
    for name in ("pyproject.toml", "README.md", "CONTRIBUTING.md"):
        shutil.copy2(ROOT / name, folder / name)
    for edits in recipes().values():
        for edit in edits:
            edit.apply(folder)
    _python(folder, "-m", "tests.support.readme")


def run_applied(tree: Path, modules: tuple[str, ...]) -> set[str]:
    """Run what should follow from recipes; return the modules of which tests have passed."""
    passed = run_tests(tree, *(f"tests/recipes/applied/{module}.py" for module in modules))
    return {module for module, count in passed.items() if count}


def run_tests(tree: Path, *arguments: str) -> dict[str, int]:
    """Run tests in a tree; return how many have passed, by module."""
    report = tree / "report.xml"
    _python(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *arguments)
    passed: dict[str, int] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        module = case.attrib["classname"].rpartition(".")[2]
        passed[module] = passed.get(module, 0) + (case.find("skipped") is None)
    return passed


def _python(tree: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=tree, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
