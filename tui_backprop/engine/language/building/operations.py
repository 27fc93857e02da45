"""Operations on nodes: shapes inferred and checked, numbers worked out, NumPy's whole numbers kept apart."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any, Final

import numpy as np
from msgspec.structs import replace

from tui_backprop.engine.autodiff.graph import Kind, Node
from tui_backprop.engine.core.arrays import size_of
from tui_backprop.engine.core.errors import (
    FormulaError,
    FormulaShapeError,
    ShapeError,
)
from tui_backprop.engine.core.listed import all_of
from tui_backprop.engine.language.building.nodes import NodeBuilder, told
from tui_backprop.engine.language.building.whole import exact_of, symbol
from tui_backprop.engine.language.syntax import Deferred, Expression, Instruction
from tui_backprop.engine.ops.arithmetic import Identity, Multiply, Power
from tui_backprop.engine.ops.arrays.permuting import Transpose
from tui_backprop.engine.ops.base import Op, Term
from tui_backprop.engine.ops.contraction import MatMul
from tui_backprop.engine.ops.registry import FUNCTIONS, OPERATORS
from tui_backprop.engine.ops.signature import complaint
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

LOGIC: Final = frozenset({"&", "|", "~", "and", "or", "not"})
"""Signs that stand between truths, and NumPy's functions of any numbers as truths."""
_VIEWS: Final = frozenset(
    ["transpose", "reshape", "ravel", "swapaxes", "expand_dims", "squeeze", "broadcast"]
)
"""Operations whose result looks at its operand's memory, in NumPy."""
MAX_EXPONENT: Final = 64


class OperationBuilder(NodeBuilder):
    """Nodes of operations, and numbers that follow from shapes."""

    @abstractmethod
    def evaluate(self, expression: Expression, label: str | None = None) -> Node:
        """Run postfix instructions; the last one's node gets the label."""

    def number(self, expression: Expression, what: str, found: str, right: str = "") -> Any:
        """Return a number that follows from shapes and numbers alone; a shape is several.

        Raises:
            FormulaError: it depends on data.
        """
        if len(expression) > 1 and expression[-1].kind == "shape" and expression[-1].text == "shape":
            mark = len(self.nodes)
            shape = self.evaluate(expression[:-1]).shape
            self.drop(mark)
            return shape
        mark = len(self.nodes)
        node = self.evaluate(expression)
        value = node.value if node.kind in (Kind.LITERAL, Kind.CONSTANT) else self.constant(node)
        exact = self.exact.get(node.index)
        self.drop(mark)
        if value is None:
            step = expression[-1]
            right = right or tr("it must follow from numbers and shapes, as in 2 or len(x)")
            found = what + printable(found, 30)
            raise FormulaError(tr("found {found}; {right}", found=found, right=right), step.line, step.column)
        return int(value) if exact == "int" else value

    def length(self, step: Instruction, node: Node, label: str | None) -> Node:
        """Return a length of an array, or how many elements or axes it has, as a number."""
        options = dict(step.options)
        values = self.objects.get(node.index)
        if isinstance(values, tuple | dict) and step.text == "length" and options["axis"] == 0:
            return self.literal(float(len(values)), Term(str(len(values))), step, label, "int")
        axes = options.get("axes")
        if axes is not None and axes != len(node.shape):
            raise FormulaError(
                tr(
                    "{name} has shape {shape}, which are not {axes} numbers",
                    name=printable(node.name, 40),
                    shape=shape_text(node.shape),
                    axes=axes,
                ),
                step.line,
                step.column,
            )
        if step.text == "shape":
            raise FormulaError(
                tr("found .shape, which is several numbers; write x.shape[0], or n, d = x.shape"),
                step.line,
                step.column,
            )
        if step.text in ("size", "ndim"):
            count = size_of(node.shape) if step.text == "size" else len(node.shape)
        else:
            axis = options["axis"]
            if not -len(node.shape) <= axis < len(node.shape):
                raise FormulaError(
                    tr(
                        "{name} has shape {shape}, and no axis {axis}",
                        name=printable(node.name, 40),
                        shape=shape_text(node.shape),
                        axis=axis,
                    ),
                    step.line,
                    step.column,
                )
            count = node.shape[axis]
        return self.literal(float(count), Term(str(count)), step, label, "int")

    def apply(self, step: Instruction, operands: tuple[Node, ...], label: str | None) -> Node:
        """Return the result of an operation, its operands broadcast where they need it."""
        if step.text in ("//", "%"):
            return self.divided(step, operands, label)
        if step.kind == "operator" and step.text in LOGIC:
            return self.logic(step, operands, label)
        operands = self.listed(step, operands)
        op = self.operation(step, operands)
        exact = exact_of(self.exact, step, operands)
        if all(node.kind is Kind.LITERAL for node in operands) and self.makes_a_number(op, step, operands):
            return self.fold(op, step, operands, label, exact)
        try:
            node = self.append(op, self.aligned(op, operands, step), step, label)
        except ShapeError as error:
            who = all_of(map(told, dict.fromkeys(operands)))
            reason = tr("{function} of {operands}: {error}", function=symbol(step), operands=who, error=error)
            raise FormulaShapeError(reason, step.line, step.column) from None
        if exact:
            self.exact[node.index] = exact
        if op.name in _VIEWS:
            self.memory[node.index] = self.root(operands[0])
        return node

    def copied(self, step: Instruction, node: Node, label: str | None) -> Node:
        """Return a copy, as numbers of the type that is asked for; without one, of the same."""
        values = self.objects.get(node.index)
        if isinstance(values, tuple):
            node = self.stack(step, values, None)
        if step.text == "item" and node.shape:
            return self.item_of(step, node, label)
        wanted, exact = dict(step.options)["dtype"], self.exact.get(node.index, "")
        if wanted == "bool" and exact != "bool":
            zero = self.literal(0.0, Term("0"), step, None)
            return self.apply(replace(step, kind="operator", text="!="), (node, zero), label)
        cuts = wanted == "int" and exact not in ("int", "bool")
        op = FUNCTIONS["trunc"]() if cuts else Identity()
        exact = wanted or exact
        if node.kind is Kind.LITERAL:
            if cuts:
                return self.fold(op, step, (node,), label, exact)
            return self.literal(float(node.value or 0.0), node.term, step, label, exact)
        result = self.append(op, (node,), step, label)
        if exact in ("int", "bool"):
            self.exact[result.index] = exact
        if step.text == "view":
            self.memory[result.index] = self.root(node)
        return result

    def item_of(self, step: Instruction, node: Node, label: str | None) -> Node:
        """Return the one number of an array."""
        if size_of(node.shape) != 1:
            reason = tr(
                "{array} has {count} numbers; item is of one", array=told(node), count=size_of(node.shape)
            )
            raise FormulaShapeError(reason, step.line, step.column)
        result = self.append(FUNCTIONS["reshape"](shape=()), (node,), step, label)
        if node.index in self.exact:
            self.exact[result.index] = self.exact[node.index]
        return result

    def listed(self, step: Instruction, operands: tuple[Node, ...]) -> tuple[Node, ...]:
        """Return operands with an array in the place of several values, as NumPy makes it of a list."""
        if not any(isinstance(self.objects.get(node.index), tuple) for node in operands):
            return operands
        op = FUNCTIONS.get(step.text) if step.kind == "call" else None
        if op is None:  # Python's signs repeat and join lists
            return operands
        found: list[Node] = []
        for node in operands:
            value = self.objects.get(node.index)
            if not isinstance(value, tuple) or (step.text == "sum" and any(one.shape for one in value)):
                found.append(node)  # Python's own sum of arrays is an array
            elif op.signature.is_variadic:
                found += value
            else:
                found.append(self.stack(step, value, None))
        return tuple(found)

    def stack(self, step: Instruction, values: tuple[Node, ...], label: str | None) -> Node:
        """Return several values as an array."""
        if not values:
            raise FormulaError(tr("found an empty list where numbers belong"), step.line, step.column)
        return self.apply(replace(step, kind="call", text="stack", options=()), values, label)

    def logic(self, step: Instruction, operands: tuple[Node, ...], label: str | None) -> Node:
        """Return what truths come to: the opposite, both, either; for not, and, or of any numbers too."""
        sign = {"and": "&", "or": "|"}.get(step.text, step.text)
        truths = all(self.exact.get(node.index) == "bool" for node in operands)
        if not truths and sign == step.text and sign != "not":
            form = "~(x > 0)" if sign == "~" else f"(x > 0) {sign} (x < 1)"
            raise FormulaError(
                tr("found an operator on bits; {sign} is one of comparisons, {form}", sign=sign, form=form),
                step.line,
                step.column,
            )
        if sign in ("~", "not"):
            zero = self.literal(0.0, Term("0"), step, None)
            return self.apply(replace(step, text="=="), (operands[0], zero), label)
        test = replace(step, kind="copy", options=(("dtype", "bool"),))
        parts = tuple(
            o if self.exact.get(o.index) == "bool" else self.copied(test, o, None) for o in operands
        )
        either = replace(step, kind="call", text="maximum")
        return self.apply(replace(step, text="*") if sign == "&" else either, parts, label)

    def divided(self, step: Instruction, operands: tuple[Node, ...], label: str | None) -> Node:
        """Return a division of whole numbers that follow from shapes, or its remainder."""
        values = [self.constant(node) for node in operands]
        if any(value is None or not value.is_integer() for value in values) or not values[1]:
            reason = (
                tr("found //; use /; it stands between whole numbers only")
                if step.text == "//"
                else tr("found %; it stands between whole numbers only")
            )
            raise FormulaError(reason, step.line, step.column)
        a, b = (int(value or 0) for value in values)
        result = a // b if step.text == "//" else a % b
        return self.literal(float(result), Term(str(result)), step, label, "int")

    def operation(self, step: Instruction, operands: tuple[Node, ...]) -> Op:
        """Return the operation that an instruction asks for."""
        if step.text == "**":
            exponent = operands[1].value
            if exponent is not None and abs(exponent) > MAX_EXPONENT:
                raise FormulaError(
                    tr(
                        "the exponent {exponent:g} is beyond ±{limit}; use exp and log",
                        exponent=exponent,
                        limit=MAX_EXPONENT,
                    ),
                    step.line,
                    step.column,
                )
            return Power(exponent if operands[1].kind is Kind.LITERAL else None)
        if step.kind == "operator":
            return self.sign(step, operands)
        return FUNCTIONS[step.text](**self.options(step))

    def sign(self, step: Instruction, operands: tuple[Node, ...]) -> Op:
        """Return the operation of a sign, where that depends on what it stands between."""
        shapes = [node.shape for node in operands]
        if step.text == "dot":
            if () in shapes:
                return Multiply()
            if len(shapes[1]) > 2 and len(shapes[0]) > 1:
                raise FormulaError(
                    tr(
                        "dot of {shapes} pairs all stacks with all; write A @ B for each with its own",
                        shapes=all_of(map(shape_text, shapes)),
                    ),
                    step.line,
                    step.column,
                )
            return MatMul()
        if step.text == ".mT":
            if len(shapes[0]) != 2:
                raise FormulaError(tr("found .mT; write .T, or swapaxes(x, -1, -2)"), step.line, step.column)
            return Transpose()
        return OPERATORS[step.text]()

    def options(self, step: Instruction) -> dict[str, Any]:
        """Return the options of a call, those that follow from shapes worked out."""
        return {name: self.settled(value, name, step) for name, value in step.options}

    def settled(self, value: Any, name: str, step: Instruction) -> Any:
        """Return a value of an option, worked out where it follows from shapes."""
        if not isinstance(value, Deferred):
            return value
        numbers: list[Any] = []
        several, right = value.several, complaint(value.option, None) if value.option else ""
        for part in value.parts:
            number = self.number(part, f"{name}=", value.found, right)
            several = several or isinstance(number, tuple)
            numbers += number if isinstance(number, tuple) else (number,)
        found = tuple(numbers) if several else numbers[0]
        if value.option is None:
            return found
        if wrong := complaint(value.option, found):
            raise FormulaError(
                tr("found {name}={found}; {right}", name=name, found=value.found, right=wrong),
                step.line,
                step.column,
            )
        return value.option.accept(found)

    @staticmethod
    def makes_a_number(op: Op, step: Instruction, operands: tuple[Node, ...]) -> bool:
        """Tell whether an operation on numbers gives one; stack(1, 2) does not."""
        try:
            return op.shape(*(node.shape for node in operands)) == ()
        except ShapeError as error:
            raise FormulaShapeError(str(error), step.line, step.column) from None

    def fold(
        self,
        op: Op,
        step: Instruction,
        operands: tuple[Node, ...],
        label: str | None,
        exact: str | None = None,
    ) -> Node:
        """Work out an operation on numbers only; numbers get no factor, so this is a number again."""
        self.refuse_objects(operands, step)
        term = op.text(*(node.term for node in operands))
        with np.errstate(all="ignore"):
            value = float(op.forward(*(np.float64(node.value) for node in operands)))  # type: ignore[arg-type]
        given = any(node.value is not None and math.isinf(node.value) for node in operands)
        if not math.isfinite(value) and not (given and math.isinf(value)):
            raise FormulaError(
                tr("{value} is not a finite number", value=printable(term.text)), step.line, step.column
            )
        return self.literal(value, term, step, label, exact)
