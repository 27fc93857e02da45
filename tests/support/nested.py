"""Formulas that are nested as deep as may be, each in another way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tui_backprop.engine.language.nesting import MAX_NESTING, MAX_OPERATIONS

NESTED: Mapping[str, Callable[[int], str]] = {
    "parentheses": lambda n: "(" * n + "w" + ")" * n,
    "signs": lambda n: "-" * n + "w",
    "powers": lambda n: "w**" * n + "w",
    "powers of signs": lambda n: "-" * (n % 2) + "x**-" * (n // 2) + "w",
    "calls": lambda n: "sin(" * n + "w" + ")" * n,
    "sums in parentheses": lambda n: "w - (" * n + "w" + ")" * n,
    "products in parentheses": lambda n: "x * (w + " * n + "w" + ")" * n,
    "second operands": lambda n: "maximum(x, " * n + "w" + ")" * n,
}
"""Of brackets, signs and powers that many inside one another."""
LONG: Mapping[str, Callable[[int], str]] = {
    "sum": lambda n: "w + " * n + "x",
    "difference": lambda n: "w - " * n + "x",
    "product": lambda n: "x * " * n + "w",
    "quotient": lambda n: "w" + " / x" * n,
    "sum of products": lambda n: " + ".join(["w*x"] * n),
    "transposes": lambda n: "w" + ".T" * n,
}
"""Of that many operations on one another's results."""
DEEPEST = {
    **{kind: form(MAX_NESTING) for kind, form in NESTED.items()},
    **{kind: form(MAX_OPERATIONS) for kind, form in LONG.items()},
}


def nested_lesson(folder: Path, expression: str) -> Path:
    """Write a lesson with one line more behind the expression."""
    path = folder / "nested.toml"
    path.write_text(
        f"formula = '''\na = {expression}\nL = a * w\n'''\n[data]\nx = 1.0\n[parameters]\nw = 0.5\n"
        "[hyperparameters]\nlearning_rate = 0.0001\n",
        encoding="utf-8",
    )
    return path
