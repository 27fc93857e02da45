from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.recipe_tree import make_tree


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project in which all recipes have been done."""
    folder = tmp_path_factory.mktemp("recipes") / "tree"
    make_tree(folder)
    return folder
