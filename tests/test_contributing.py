"""What CONTRIBUTING.md says is so: paths, names, commands, words; and the tests of docs/stumbles.md exist."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PRODUCT = ROOT / "tui_backprop"
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PROSE = re.sub(r"^```.*?^```$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
PATHS = sorted(set(re.findall(r"`([a-z_]+/[\w/.]*)`", PROSE)))
NEW = set(re.findall(r"New file `([^`]+)`", PROSE))


def section(title: str) -> str:
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_every_path_is_there() -> None:
    places = (ROOT, PRODUCT, PRODUCT / "engine" / "compile")
    gone = [path for path in PATHS if path not in NEW and not any((at / path).exists() for at in places)]
    assert gone == []


@pytest.mark.parametrize(
    "thread", re.findall(r"^- \*(.*?)(?=^- \*|\n\n)", section("The map"), re.MULTILINE | re.DOTALL)
)
def test_a_thread_s_names_are_in_the_files_it_names(thread: str) -> None:
    parts = re.findall(r"`([^`]+)`", thread.partition("*")[2])
    files = [PRODUCT / part for part in parts if part.endswith(".py") and (PRODUCT / part).exists()]
    known = "".join(path.read_text(encoding="utf-8") for path in files)
    assert files
    for name in parts:
        if name.isidentifier():
            assert re.search(rf"\b{name}\b", known), name


def test_the_tests_that_hold_where_people_stumble_are_there() -> None:
    text = (ROOT / "docs" / "stumbles.md").read_text(encoding="utf-8")
    for cell in re.findall(r"^\|.*\|([^|]+)\|$", text, re.MULTILINE):
        named = re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", cell)
        assert named or cell.strip() in ("test", "---"), cell
        for path, test in named:
            file = ROOT / "tests" / path
            assert file.exists(), path
            assert not test or f"def {test}(" in file.read_text(encoding="utf-8"), f"{path}::{test}"


def test_the_map_has_every_package_in_the_order_of_imports() -> None:
    rows = re.findall(r"^\| (`[^|]+`) \|", section("The map"), re.MULTILINE)
    mapped = [name.rstrip("/") for row in rows for name in re.findall(r"`([^`]+)`", row)]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(c["layers"] for c in contracts["contracts"] if c["name"] == "Imports point one way")
    height = {name: i for i, row in enumerate(reversed(layers)) for name in row.split(" | ")}
    tops = [height[f"tui_backprop.{name.partition('/')[0]}"] for name in mapped]
    assert tops == sorted(tops)
    packages = {path.parent.relative_to(PRODUCT).as_posix() for path in PRODUCT.glob("*/__init__.py")}
    rooms = {f"engine/{path.parent.name}" for path in PRODUCT.glob("engine/*/__init__.py")}
    assert set(mapped) == (packages - {"engine"}) | rooms


def test_the_glossary_has_a_word_once() -> None:
    words = re.findall(r"^\| ([^|]+) \|", section("Glossary"), re.MULTILINE)[2:]
    counted = Counter(word.strip() for row in words for word in row.split(","))
    assert [word for word, count in counted.items() if count > 1] == []
    assert len(counted) > 30


@pytest.mark.parametrize("module", sorted(set(re.findall(r"python -m (tests\.[\w.]+)", TEXT))))
def test_a_module_that_is_run_is_there(module: str) -> None:
    place = ROOT / module.replace(".", "/")
    assert place.with_suffix(".py").exists() or (place / "__main__.py").exists()
