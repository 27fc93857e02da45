"""The recipes of CONTRIBUTING.md, done to the letter in a copy of the project, and what follows from each."""

from __future__ import annotations

from pathlib import Path

from tests.support.recipe_tree import WITH_THE_APP, WITHOUT_THE_APP
from tests.support.recipes import product_files, recipes

FILES = {
    "a pointwise operation": 1,
    "an operation with a rule": 2,
    "an optimizer": 1,
    "a command": 1,
    "a panel": 2,
    "a lesson": 1,
}
"""Files of the product that each recipe touches."""
APPLIED = Path(__file__).parent / "applied"


def test_so_many_files_are_touched() -> None:
    assert {title: len(product_files(edits)) for title, edits in recipes().items()} == FILES


def test_what_should_follow_is_all_run() -> None:
    assert {path.stem for path in APPLIED.glob("*.py")} == {*WITHOUT_THE_APP, *WITH_THE_APP}


def test_the_readme_has_it_all(tree: Path) -> None:
    readme = (tree / "README.md").read_text(encoding="utf-8")
    for part in (
        "`softplus` `maximum(a, b)` `celu(x, alpha=1)`",
        "| along a vector | `cumprod` |",
        "adam, adamw, averaged",
        "| `G` | Norm: the length of the gradient of all parameters |",
        "| `decay` |",
    ):
        assert part in readme, part
