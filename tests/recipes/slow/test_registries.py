"""The project's own tests in a copy with the recipes done: lists that come from registries have the new."""

from __future__ import annotations

from pathlib import Path

from tests.support.recipe_tree import WITH_THE_APP, WITHOUT_THE_APP, run_applied, run_tests

PATHS = (
    "engine/ops", "engine/optimizers", "lessons/test_builtin.py",
    "debugger/test_commands.py", "cli/test_readme.py",
)  # fmt: skip
NEW = ("celu", "cumprod", "averaged", "norm", "decay", "every", "table", "unique", "reference")
MODULES = {"test_ops", "test_registry", "test_rules", "test_commands", "test_builtin", "test_readme"}


def test_the_tests_know_what_is_new(tree: Path) -> None:
    paths = [f"tests/{name}" for name in PATHS]
    passed = run_tests(tree, *paths, "-n", "2", "-m", "not slow", "-k", " or ".join(NEW))
    assert set(passed) >= MODULES


def test_all_that_should_follow_does_in_the_app_too(tree: Path) -> None:
    assert run_applied(tree, WITH_THE_APP) == set(WITH_THE_APP)


def test_all_that_should_follow_does(tree: Path) -> None:
    assert run_applied(tree, WITHOUT_THE_APP) == set(WITHOUT_THE_APP)
