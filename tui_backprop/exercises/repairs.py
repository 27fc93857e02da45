"""Formulas near a wrong one: a transpose more or less, swapped sides, @ for *, a sum, another axis."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from enum import StrEnum, auto
from typing import NamedTuple, TypeAlias, TypeGuard

from tui_backprop.exercises.answers import Answer

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


class Lack(StrEnum):
    """What a formula lacks, or has too much of."""

    TRANSPOSE = auto()
    NO_TRANSPOSE = auto()
    ORDER = auto()  # of the sides of a product
    MATRIX_PRODUCT = auto()  # @ for *
    SUM = auto()
    AXIS = auto()  # of a sum or a mean
    KEEPDIMS = auto()  # which is too much
    OUTER = auto()


class Repair(NamedTuple):
    """A formula near another.

    Attributes:
        answer: the formula.
        lacks: what the other one lacks.
        at: the products of the other one that are changed, as they stand there; () where the whole is.
    """

    answer: Answer
    lacks: frozenset[Lack]
    at: tuple[str, ...] = ()


class _Near(NamedTuple):
    text: str
    lacks: frozenset[Lack]
    at: tuple[str, ...] = ()


def repairs(answer: Answer) -> Iterator[Repair]:
    """Yield formulas near the answer's, those with the fewest changes first."""
    if not answer.text or not answer.names or len(answer.expression) > MAX_STEPS:
        return
    seen = {answer.text}
    for near in itertools.islice(_near(answer.text), MAX_REPAIRS):
        if near.text not in seen:
            seen.add(near.text)
            yield Repair(answer.rewritten(near.text), near.lacks, tuple(map(answer.typed, near.at)))


def _near(text: str) -> Iterator[_Near]:
    tree = ast.parse(f"({text}\n)", mode="eval")
    products = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult | ast.Mult)
    ]
    whole = _written(tree)
    yield from (_changed(tree, [product], [change]) for change in _CHANGES for product in products)
    sums = (f"sum({whole})", *(f"sum({whole}, axis={axis})" for axis in range(MAX_AXES)))
    yield from _along_other_axes(tree)
    yield from (_Near(summed, frozenset({Lack.SUM})) for summed in sums)
    if isinstance(tree.body, ast.BinOp) and tree.body in products:
        sides = (side.value if _is_transposed(side) else side for side in (tree.body.left, tree.body.right))
        yield _Near(f"outer({', '.join(map(_written, sides))})", frozenset({Lack.OUTER}), (whole,))
    for pair in itertools.combinations(products, 2):
        for changes in sorted(itertools.product(_CHANGES, repeat=2), key=lambda both: sum(map(sum, both))):
            yield _changed(tree, list(pair), list(changes))


def _along_other_axes(tree: ast.Expression) -> Iterator[_Near]:
    """Yield the tree with a sum or a mean along another axis, or without the axes that it keeps."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or _function(call) not in ("sum", "mean"):
            continue
        before, at = (call.args, call.keywords), (_written(call),)
        operands = 0 if isinstance(call.func, ast.Attribute) and not _is_module(call.func.value) else 1
        keeps = [keyword for keyword in call.keywords if keyword.arg in ("keepdims", "keepdim")]
        if keeps:
            call.keywords = [keyword for keyword in call.keywords if keyword not in keeps]
            yield _Near(_written(tree), frozenset({Lack.KEEPDIMS}), at)
        call.args = call.args[:operands]
        for axis in range(MAX_AXES):
            call.keywords = [*keeps, ast.keyword("axis", ast.Constant(axis))]
            yield _Near(_written(tree), frozenset({Lack.AXIS}), at)
        call.args, call.keywords = before


def _function(call: ast.Call) -> str:
    func = call.func
    return func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""


def _is_module(owner: ast.expr) -> bool:
    return isinstance(owner, ast.Name) and owner.id in ("np", "numpy", "jnp", "torch")


def _changed(tree: ast.Expression, products: list[ast.BinOp], changes: list[Change]) -> _Near:
    """Write the tree as a formula with some products changed to matrix products; the tree stays as it is."""
    before = [(product.left, product.op, product.right) for product in products]
    lacks: set[Lack] = set()
    at = tuple(map(_written, products))
    for product, (flip_left, flip_right, swap) in zip(products, changes, strict=True):
        sides = (product.left, flip_left), (product.right, flip_right)
        lacks |= {Lack.NO_TRANSPOSE if _is_transposed(s) else Lack.TRANSPOSE for s, flip in sides if flip}
        lacks |= {Lack.ORDER} if swap else set()
        lacks |= {Lack.MATRIX_PRODUCT} if isinstance(product.op, ast.Mult) else set()
        turned = [_transposed(side) if flip else side for side, flip in sides]
        product.left, product.right = reversed(turned) if swap else turned
        product.op = ast.MatMult()
    text = _written(tree)
    for product, (left, op, right) in zip(products, before, strict=True):
        product.left, product.op, product.right = left, op, right
    return _Near(text, frozenset(lacks), at)


def _written(tree: ast.AST) -> str:
    return ast.unparse(tree).replace(" ** ", "**")


def _is_transposed(side: ast.expr) -> TypeGuard[ast.Attribute]:
    return isinstance(side, ast.Attribute)


def _transposed(side: ast.expr) -> ast.expr:
    """Return side.T, or what .T was written behind."""
    return side.value if _is_transposed(side) else ast.Attribute(side, "T", ast.Load())
