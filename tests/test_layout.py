"""The tests lie as the product does, import no other test, and are marked as slow by their folder."""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).parent
PRODUCT = TESTS.parent / "tui_backprop"
ACROSS = {"benchmarks", "fuzz", "recipes", "restricted", "support"}
"""Folders of what goes through several packages."""
FILES = [path for path in TESTS.rglob("*.py") if path.name != "__init__.py"]


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_every_folder_of_tests_is_one_of_the_product() -> None:
    for path in TESTS.rglob("test_*.py"):
        place = path.parent.relative_to(TESTS)
        parts = tuple(part for part in place.parts if part != "slow")
        if parts and parts[0] not in ACROSS:
            assert (PRODUCT / Path(*parts)).is_dir(), path


def test_no_test_imports_a_test() -> None:
    for path in FILES:
        for name in imported(path):
            words = name.split(".")
            assert not any(word == "conftest" or word.startswith("test_") for word in words[:-1]), (
                path,
                name,
            )
            if words[0] == "tests":
                assert words[1] in ("support", "benchmarks"), (path, name)


def test_a_slow_test_is_marked_by_its_folder() -> None:
    for path in TESTS.rglob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        marks = {ast.unparse(mark) for function in functions for mark in function.decorator_list}
        assert "pytest.mark.slow" not in marks, path
