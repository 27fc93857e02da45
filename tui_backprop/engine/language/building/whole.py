"""NumPy's whole numbers and truths, kept apart from its doubles: what makes them, and what it does not do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from tui_backprop.engine.autodiff.graph import Kind, Node
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.language.building.nodes import NodeBuilder
from tui_backprop.engine.language.syntax import Instruction
from tui_backprop.engine.ops.functions.choice import COMPARISONS
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

MOVES: Final = frozenset({
    "identity", "broadcast", "index", "store", "reshape", "ravel", "transpose", "swapaxes", "expand_dims",
    "squeeze", "pad", "tile", "repeat", "roll", "concatenate", "stack", "vstack", "hstack", "column_stack",
})  # fmt: skip
"""Operations that only give elements other places."""
KEEPS_WHOLE: Final = MOVES | {
    "add", "subtract", "multiply", "power", "negate", "abs", "maximum", "minimum", "sign", "sum", "max",
    "min", "prod", "cumsum", "outer", "inner", "einsum", "square", "clip", "where", "matmul",
}  # fmt: skip
"""Operations that make whole numbers of whole numbers, as NumPy has it."""
KEEPS_TRUTHS: Final = MOVES | {"multiply", "where", "maximum", "minimum", "max", "min"}
"""Operations that make truths of truths."""
MAKES_WHOLE: Final = frozenset({"argmax", "argmin", "trunc"})
"""Operations that make whole numbers of any."""
_BY_SIGN: Final = {
    "+": "add", "-": "subtract", "*": "multiply", "**": "power", "@": "matmul", "dot": "matmul",
    ".T": "transpose", ".mT": "transpose",
}  # fmt: skip


def symbol(step: Instruction) -> str:
    """Return how an operation is named in a refusal."""
    return {"negate": "-"}.get(step.text, step.text)


def exact_of(exact: Mapping[int, str], step: Instruction, operands: Sequence[Node]) -> str | None:
    """Return "int" or "bool" where the result is that in NumPy, else None.

    Args:
        exact: the same by place in nodes, of the operands.
        step: the operation.
        operands: what it is done with.

    Raises:
        FormulaError: NumPy does not do this with whole numbers, or with truths.
    """
    if step.text in COMPARISONS:
        return "bool"
    name = _BY_SIGN.get(step.text, step.text)
    if name in MAKES_WHOLE:
        return "int"
    kinds = [exact.get(node.index, "") for node in operands]
    truths = bool(kinds) and all(kind == "bool" for kind in kinds)
    if name == "where":
        kinds = kinds[1:]
    if truths and step.text in ("negate", "-", "+", "@", "dot"):
        name = printable(operands[0].atom, 30)
        if step.text in ("negate", "-"):
            reason = tr(
                "NumPy has no {sign} of truths; write numbers of them, such as 1.0 * {name}",
                sign=symbol(step),
                name=name,
            )
        else:
            reason = tr("NumPy adds truths as or; write numbers of them, such as 1.0 * {name}", name=name)
        raise FormulaError(reason, step.line, step.column)
    if truths and name in KEEPS_TRUTHS:
        return "bool"
    if "" in kinds or name not in KEEPS_WHOLE:
        return None
    if name == "power":
        return _power(step, *operands)
    return "int" if kinds else None


def _power(step: Instruction, base: Node, exponent: Node) -> str | None:
    """Return what a power of whole numbers is; of Python's own numbers, it may be a fraction."""
    known = _worked_out(exponent)
    if known is not None and np.all(known >= 0):
        return "int"
    if base.shape or exponent.shape:
        raise FormulaError(
            tr("NumPy has no negative powers of whole numbers; write 1.0 * in front"), step.line, step.column
        )
    return None


def _worked_out(node: Node, depth: int = 10) -> Array | None:
    """Return a value that is made of numbers in the text alone, in a few steps; None for any other."""
    if node.value is not None:
        return np.asarray(node.value)
    if node.op is None or not depth:
        return None
    operands = [_worked_out(operand, depth - 1) for operand in node.operands]
    known = [operand for operand in operands if operand is not None]
    return node.op.forward(*known) if len(known) == len(operands) else None


def may_be_whole(builder: NodeBuilder, node: Node) -> bool:
    """Tell whether a value can be used as an index: it is made of whole numbers, or would be of whole data.

    Data are numbers without a type; that they are whole is seen when they are used.
    """
    stack, seen = [node], {node.index}
    while stack:
        one = stack.pop()
        if builder.exact.get(one.index) == "int" or one.kind in (Kind.DATA, Kind.SAMPLES):
            continue
        if one.op is None or one.op.name not in KEEPS_WHOLE:
            return False
        operands = [o for at, o in enumerate(one.operands) if not one.op.is_blind(at)]
        stack += [o for o in operands if o.index not in seen]
        seen.update(o.index for o in operands)
    return True
