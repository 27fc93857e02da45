"""What holds for the house as a whole: sizes, names, and who knows what. Imports are lint-imports' part."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

PRODUCT = Path(__file__).parents[1] / "tui_backprop"
FILES = sorted(PRODUCT.rglob("*.py"))
FOLDERS = sorted({path.parent for path in FILES})
LINES, MODULES, ASKING_WHAT_AN_OP_IS = 350, 16, 8


@cache
def tree(path: Path) -> ast.Module:
    """Return a file parsed."""
    return ast.parse(path.read_text(encoding="utf-8"))


def named(path: Path) -> str:
    return str(path.relative_to(PRODUCT))


def matching(pattern: str) -> list[str]:
    """Return the lines of the product that match, each behind its file's name."""
    return [
        f"{named(path)}: {line.strip()}"
        for path in FILES
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(pattern, line)
    ]


def test_files_are_short() -> None:
    long = {
        named(path): count for path in FILES if (count := len(path.read_text("utf-8").splitlines())) > LINES
    }
    assert long == {}


def test_a_folder_can_be_taken_in_at_a_glance() -> None:
    crowded = {
        folder.name: count for folder in FOLDERS if (count := len(list(folder.glob("*.py")))) > MODULES
    }
    assert crowded == {}


def test_a_module_opens_with_its_idea() -> None:
    for path in FILES:
        text = ast.get_docstring(tree(path))
        assert text, path
        assert text.partition("\n\n")[0].endswith("."), (path, text)
        if path.name == "__init__.py":
            assert "\n" not in text, f"{path}: a package's idea takes one sentence"


def test_no_two_classes_have_one_name() -> None:
    names = Counter(
        node.name
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_what_an_operation_is_is_known_to_operations() -> None:
    pattern = r"isinstance\(\w+(\.\w+(\[\d\])?)*\.op, (?!ast\.)"  # a sign in a syntax tree is none
    asking = [line for line in matching(pattern) if not line.startswith("engine/ops/")]
    assert len(asking) <= ASKING_WHAT_AN_OP_IS, asking


def test_nothing_is_made_by_copying_itself() -> None:
    assert matching(r"copy\.copy\(self\)") == []


def test_a_trainer_s_parts_are_its_own() -> None:
    assert [line for line in matching(r"\btrainer\._") if not line.startswith("training/trainer.py:")] == []
