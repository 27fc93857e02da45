"""Formulas near one whose shapes do not fit: a transpose more or less, swapped sides, @ for *, a sum."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from typing import TypeAlias

from tui_backprop.training.answers import Answer

MAX_STEPS = 60
"""A formula of more steps is not repaired: there are too many formulas near it."""
MAX_REPAIRS = 200
MAX_AXES = 3

Change: TypeAlias = tuple[bool, bool, bool]
"""What is done to a product: left side transposed, right side transposed, sides swapped."""
_CHANGES: tuple[Change, ...] = tuple(
    sorted(
        ((left, right, swap) for left in (False, True) for right in (False, True) for swap in (False, True)),
        key=lambda change: (sum(change), change[2], change[1]),
    )
)


def repairs(answer: Answer) -> Iterator[Answer]:
    """Yield formulas near the answer's, those with the fewest changes first."""
    if not answer.text or not answer.names or len(answer.expression) > MAX_STEPS:
        return
    seen = {answer.text}
    for text in itertools.islice(_texts(answer.text), MAX_REPAIRS):
        if text not in seen:
            seen.add(text)
            yield answer.rewritten(text)


def _texts(text: str) -> Iterator[str]:
    tree = ast.parse(f"({text}\n)", mode="eval")
    products = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult | ast.Mult)
    ]
    whole = _written(tree)
    yield from (_changed(tree, [product], [change]) for change in _CHANGES for product in products)
    yield f"sum({whole})"
    yield from (f"sum({whole}, axis={axis})" for axis in range(MAX_AXES))
    for pair in itertools.combinations(products, 2):
        for changes in sorted(itertools.product(_CHANGES, repeat=2), key=lambda both: sum(map(sum, both))):
            yield _changed(tree, list(pair), list(changes))


def _changed(tree: ast.Expression, products: list[ast.BinOp], changes: list[Change]) -> str:
    """Write the tree as a formula with some products changed to matrix products; the tree stays as it is."""
    before = [(product.left, product.op, product.right) for product in products]
    for product, (flip_left, flip_right, swap) in zip(products, changes, strict=True):
        sides = [
            _transposed(side) if flip else side
            for side, flip in ((product.left, flip_left), (product.right, flip_right))
        ]
        product.left, product.right = reversed(sides) if swap else sides
        product.op = ast.MatMult()
    text = _written(tree)
    for product, (left, op, right) in zip(products, before, strict=True):
        product.left, product.op, product.right = left, op, right
    return text


def _written(tree: ast.Expression) -> str:
    return ast.unparse(tree).replace(" ** ", "**")


def _transposed(side: ast.expr) -> ast.expr:
    """Return side.T, or what .T was written behind."""
    if isinstance(side, ast.Attribute):
        return side.value
    return ast.Attribute(side, "T", ast.Load())
