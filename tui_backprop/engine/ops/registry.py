"""Every operation of the formula language in one table: a row a function.

What acts at every place is a :class:`PointwiseOp`, a class and its name on one page; any other is a class on
its family's page and its name in a family here. What has a structure that others have is an :class:`Op` that
states it; anything else is an :class:`OpaqueOp`, which says all there is to say itself. What an operation
does not state is refused when it is registered, and never guessed later. Whether it contradicts itself is
found out by trying it, which a start has no time for: the tests try those of the table.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from msgspec import Struct

from tui_backprop.engine.core.arrays import Shape
from tui_backprop.engine.core.errors import ShapeError
from tui_backprop.engine.ops.arithmetic import Add, Divide, Identity, Multiply, Negate, Power, Subtract
from tui_backprop.engine.ops.arrays.arranging import ARRANGING
from tui_backprop.engine.ops.arrays.copies import COPYING
from tui_backprop.engine.ops.arrays.joining import JOINING
from tui_backprop.engine.ops.arrays.permuting import PERMUTING, Transpose
from tui_backprop.engine.ops.arrays.shifting import SHIFTING
from tui_backprop.engine.ops.base import Op
from tui_backprop.engine.ops.broadcasting import Broadcast
from tui_backprop.engine.ops.contraction import MatMul
from tui_backprop.engine.ops.einsum import EINSUM
from tui_backprop.engine.ops.functions.activations import ACTIVATIONS
from tui_backprop.engine.ops.functions.bounds import BOUNDS
from tui_backprop.engine.ops.functions.choice import CHOICES, COMPARISONS
from tui_backprop.engine.ops.functions.elementwise import ELEMENTWISE
from tui_backprop.engine.ops.functions.transcendental import TRANSCENDENTAL
from tui_backprop.engine.ops.layers.composed import COMPOSED, Composed
from tui_backprop.engine.ops.layers.convolution import CONVOLUTIONS
from tui_backprop.engine.ops.layers.pooling import POOLINGS
from tui_backprop.engine.ops.lines.places import PLACES
from tui_backprop.engine.ops.lines.statistics import STATISTICS
from tui_backprop.engine.ops.lines.winners import WINNERS
from tui_backprop.engine.ops.losses.cross_entropy import CLASSES
from tui_backprop.engine.ops.losses.entropies import ENTROPIES
from tui_backprop.engine.ops.losses.errors import ERRORS
from tui_backprop.engine.ops.pointwise import PointwiseOp
from tui_backprop.engine.ops.reduction import ALONG_AXES, Mean, Sum
from tui_backprop.engine.ops.signature import AxisOption, Option, Signature, written
from tui_backprop.engine.ops.structure import (
    Account,
    Contraction,
    Expansion,
    Opaque,
    Permutation,
    Pointwise,
    Reduction,
    Structure,
    along,
)


class IncompleteOpError(TypeError):
    """An operation does not state something that would have to be guessed."""


class Family(Struct, frozen=True):
    """Functions that stand in one row of the table of functions.

    Attributes:
        title: what they have in common.
        usual: the signature that need not be written out, since the title says it.
        ops: the functions.
    """

    title: str
    usual: Signature
    ops: tuple[type[Op], ...]


OPERATORS: Mapping[str, type[Op]] = {
    "+": Add, "-": Subtract, "*": Multiply, "/": Divide, "**": Power, "@": MatMul, "negate": Negate,
    ".T": Transpose, **COMPARISONS,
}  # fmt: skip
"""What the signs of the language stand for."""

EXAMPLES: tuple[Shape, ...] = ((2, 3), (3,), (2, 2), (), (2, 2, 3), (2, 2, 3, 3))
"""Shapes of operands: what an operation states is tried at the first that it takes."""

UNWRITTEN: tuple[type[Op], ...] = (Broadcast, Identity)
"""What stands in no formula: the repetition that broadcasting is, and a second name for a value."""

FAMILIES: tuple[Family, ...] = (
    Family("reductions, with `axis=` and `keepdims=`", ALONG_AXES, (Sum, Mean, *STATISTICS, *WINNERS)),
    Family("elementwise", Signature(), (*ELEMENTWISE, *TRANSCENDENTAL)),
    Family("activations", Signature(), ACTIVATIONS),
    Family("bounds and steps", Signature(), BOUNDS),
    Family("choice", Signature(), CHOICES),
    Family("products", Signature(("a", "b")), EINSUM),
    Family("other shapes and places", Signature(), (*ARRANGING, *PERMUTING, *JOINING, *COPYING, *SHIFTING)),
    Family("along an axis (default −1)", Signature(options=(AxisOption(-1),)), PLACES),
    Family("layers, as PyTorch's", Signature(), (*CONVOLUTIONS, *POOLINGS)),
    Family(
        "losses, `(prediction, target)`",
        Signature(("prediction", "target")),
        (*ERRORS, *ENTROPIES, *CLASSES),
    ),
)


class Registry(dict[str, type[Op]]):
    """The functions of the formula language, by name.

    Args:
        families: all of them, as the table of functions has them.

    Attributes:
        families: the same.

    Raises:
        IncompleteOpError: one does not state all that is needed.
    """

    def __init__(self, families: Iterable[Family]) -> None:
        super().__init__()
        self.families: tuple[Family, ...] = ()
        for family in families:
            self._add(family)

    @contextmanager
    def including(self, family: Family) -> Iterator[None]:
        """Have more functions for a while.

        Raises:
            IncompleteOpError: one does not state all that is needed, or has the name of another.
        """
        families, functions = self.families, dict(self)
        try:
            for op in family.ops:
                check_complete(op)
                check_consistent(op())
            self._add(family)
            yield
        finally:
            self.families = families
            self.clear()
            self.update(functions)

    def _add(self, family: Family) -> None:
        for op in family.ops:
            check_complete(op)
            if op.name in self:
                raise IncompleteOpError(f"{op.__name__}: there is a function {op.name} already")
            self[op.name] = op
        self.families += (family,)


_TO_STATE = {
    name
    for cls in (Op, Account)
    for name, part in vars(cls).items()
    if getattr(part, "__isabstractmethod__", False)
}


def check_complete(op: type[Op]) -> None:
    """Refuse an operation that leaves something to be guessed.

    Raises:
        IncompleteOpError: with the operation's name and what it does not state.
    """
    name = getattr(op, "name", "") or op.__name__
    missing = [part for part in ("name",) if not getattr(op, part, "")]
    missing += sorted(p for p in _TO_STATE if getattr(getattr(op, p, None), "__isabstractmethod__", False))
    if issubclass(op, PointwiseOp):
        missing += [] if hasattr(op, "slopes") else ["slopes"]
        missing += [] if hasattr(op, "compute") or op.forward is not PointwiseOp.forward else ["compute"]
    elif op.elementwise:
        missing.append("slopes (what is elementwise is a PointwiseOp)")
    if op.why is Op.why and not missing:
        whys, operands = len(getattr(op, "whys", ())), len(op.signature.operands)
        if whys != operands:
            missing.append(f"a why for each operand ({whys} of {operands})")
    if missing:
        raise IncompleteOpError(f"{name} does not state: {', '.join(missing)}")


def check_consistent(op: Op) -> None:
    """Refuse an operation that contradicts itself at the first example whose shapes it takes.

    Raises:
        IncompleteOpError: with the operation's name: its structure does not fit the shapes of its results, or
            its derivative is told by cases and it has no kink.
    """
    count = len(op.signature.operands)
    for shape in EXAMPLES:
        shapes = (shape,) * count
        try:
            result = op.shape(*shapes)
        except ShapeError:
            continue
        structure = op.structure(*shapes)
        fits = _fits(structure, shape, result) and isinstance(structure, Pointwise) == op.elementwise
        if not fits or len(op.affected(0, shape, shapes)) != len(result):
            raise IncompleteOpError(f"{op.name} makes {result} of {shapes}, which is not {structure}")
        told = (op.derivative_text(index, ["x"] * count, "y", shapes) for index in range(count))
        smooth = op.kink is None and type(op).kink_argument is Op.kink_argument
        if smooth and any(" where " in text for text in told):
            raise IncompleteOpError(f"{op.name} does not state: kink (its derivative is told by cases)")
        return
    raise IncompleteOpError(f"{op.name} takes operands of none of the shapes {EXAMPLES}; one has to be added")


def _fits(structure: Structure, operand: Shape, result: Shape) -> bool:
    match structure:
        case Pointwise(collapsed=collapsed):
            return result == (() if collapsed else operand)
        case Reduction(axes=axes, keepdims=keepdims):
            return result == along(operand, axes, 1 if keepdims else None)
        case Expansion(target=target):
            return result == target
        case Permutation(order=order):
            return result == tuple(operand[axis] for axis in order)
        case Contraction() | Opaque():
            return True


FUNCTIONS = Registry(FAMILIES)
"""The operations that are called by name."""
CALLED: Mapping[str, type[Op] | Composed] = ChainMap[str, Any](FUNCTIONS, dict(COMPOSED))
"""All that is called by name and has a signature: the operations, and what is put in place as several."""

for _op in (*OPERATORS.values(), *UNWRITTEN):
    check_complete(_op)


def function_table() -> str:
    """Return the functions as a Markdown table, a family a row."""
    composed = " ".join(
        _call(one.name, one.signature, one.signature.options, one.remark) for one in COMPOSED.values()
    )
    modal = f"| layers, others in evaluation | {composed} |"
    return "\n".join(("| | |", "|---|---|", *map(_table_row, FUNCTIONS.families), modal))


def _table_row(family: Family) -> str:
    return f"| {family.title} | {' '.join(_entry(op, family) for op in family.ops)} |"


def _entry(op: type[Op], family: Family) -> str:
    """Write a function's name, with what its call has beyond the family's usual."""
    signature, usual = op.signature, family.usual
    options = [option for option in signature.options if option not in usual.options]
    if not options and signature.operands == usual.operands:
        return f"`{op.name}`" + (f" ({op.remark})" if op.remark else "")
    return _call(op.name, signature, options, op.remark)


def _call(name: str, signature: Signature, options: Iterable[Option], remark: str) -> str:
    """Write how a function is called."""
    call = f"({', '.join((*signature.operands, *map(_usually, options)))})"
    return f"`{name}{call}`" + (f" ({remark})" if remark else "")


def _usually(option: Option) -> str:
    value = written(option.default)
    return f'{option.name}="{value}"' if isinstance(option.default, str) else f"{option.name}={value}"
