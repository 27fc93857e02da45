"""Arrays made of numbers alone, what indices pick, and what is stored at them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec.structs import replace

from tui_backprop.engine.autodiff.graph import Kind, Node
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import (
    FormulaError,
    FormulaShapeError,
    PlaceError,
    ShapeError,
)
from tui_backprop.engine.language.building.layers import LAYERS, layer
from tui_backprop.engine.language.building.nodes import told
from tui_backprop.engine.language.building.objects import ObjectBuilder
from tui_backprop.engine.language.building.whole import may_be_whole
from tui_backprop.engine.language.syntax import Expression, IndexPart, Instruction
from tui_backprop.engine.ops.arithmetic import Add, Multiply
from tui_backprop.engine.ops.arrays.constants import MAKERS, Constant
from tui_backprop.engine.ops.arrays.indexing import ARRAY, Index, Part
from tui_backprop.engine.ops.arrays.storing import Store
from tui_backprop.engine.ops.base import Term
from tui_backprop.engine.ops.functions.choice import Where
from tui_backprop.engine.ops.registry import FUNCTIONS
from tui_backprop.engine.ops.signature import written
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr


class ExpressionBuilder(ObjectBuilder):
    """Nodes of whole expressions."""

    def evaluate(self, expression: Expression, label: str | None = None) -> Node:
        """Run postfix instructions; the last one's node gets the label."""
        stack: list[Node] = []
        for number, step in enumerate(expression, 1):
            own = label if number == len(expression) else None
            operands = tuple(stack[-step.arity :]) if step.arity else ()
            if step.arity:
                del stack[-step.arity :]
            stack.append(self.do(step, operands, own))
        return stack[0]

    def do(self, step: Instruction, operands: tuple[Node, ...], own: str | None) -> Node:
        """Return the node of one instruction."""
        match step.kind:
            case "name":
                node = self.look_up(step)
                return self.second(node, step, own) if own and node.index not in self.objects else node
            case "object":
                return self.field(step, *operands) if step.text == "field" else self.held(step, operands)
            case "number":
                return self.literal(step.number, Term(step.text), step, own, dict(step.options).get("kind"))
            case "shape":
                return self.length(step, operands[0], own)
            case "copy":
                return self.copied(step, operands[0], own)
            case "make":
                return self.make(step, operands, own)
            case "index":
                return self.index(step, operands[0], own)
            case "store":
                return self.store(step, operands, own)
            case "defined":
                return self.defined(step, operands, own)
        if step.kind == "call" and step.text in LAYERS:
            return self.layered(step, operands, own)
        op = FUNCTIONS.get(step.text) if step.kind == "call" else None
        if op is not None and op.takes_classes:
            step, operands = self.with_weights(step, operands)
        return self.apply(step, operands, own)

    def layered(self, step: Instruction, operands: tuple[Node, ...], own: str | None) -> Node:
        """Return the result of a layer, with its nodes put in place."""
        return layer(self, step, operands, self.options(step), own)

    def with_weights(
        self, step: Instruction, operands: tuple[Node, ...]
    ) -> tuple[Instruction, tuple[Node, ...]]:
        """Return a loss whose targets are rows of weights: classes are made one-hot, and smoothed."""
        logits, target = operands
        if logits.shape and target.shape == logits.shape[:-1]:
            target = self.one_hot(step, target, logits)
        options = self.options(step)
        smoothing = options.pop("label_smoothing", 0.0)
        if smoothing and logits.shape == target.shape != ():
            kept, shared = 1.0 - smoothing, smoothing / logits.shape[-1]
            target = self.append(
                Multiply(), (self.literal(kept, Term(written(kept)), step, None), target), step, None
            )
            target = self.append(
                Add(), (target, self.literal(shared, Term(written(shared)), step, None)), step, None
            )
        return replace(step, options=tuple(options.items())), (logits, target)

    def one_hot(self, step: Instruction, classes: Node, logits: Node) -> Node:
        """Return the rows of weights that whole-number classes stand for."""
        if classes.hangs_on(Kind.PARAMETER):
            reason = tr(
                "{classes} would be the classes of {logits}, which are whole numbers of [data] or [samples]",
                classes=told(classes),
                logits=told(logits),
            )
            raise FormulaError(reason, step.line, step.column)
        rows = self.made(np.eye(logits.shape[-1]), f"eye({logits.shape[-1]})", step, None)
        part = IndexPart("item", (), classes.atom)
        return self.indexed(step, rows, [ARRAY], [part], [classes], None)

    def defined(self, step: Instruction, operands: tuple[Node, ...], own: str | None) -> Node:
        """Return the result of a function that the formula defines; expressions alone have none."""
        reason = tr("{name} is defined in a formula only", name=printable(step.text))
        raise FormulaError(reason, step.line, step.column)

    def make(self, step: Instruction, operands: tuple[Node, ...], label: str | None) -> Node:
        """Return an array that follows from numbers and shapes."""
        options = dict(step.options)
        wanted = options.pop("dtype", "")
        if step.text == "array":
            values = np.array(options["values"], dtype=wanted or None).reshape(options["shape"])
            return self.made(values, f"array({values.tolist()})", step, label)
        numbers = [self.settled(value, step.text, step) for value in options.pop("numbers")]
        by_name = {self.keyword(key): self.settled(value, key, step) for key, value in options.items()}
        shapes = [node.shape for node in operands]
        try:
            array = MAKERS[step.text].make(*shapes, *numbers, **by_name)
        except (ValueError, TypeError, IndexError, OverflowError, MemoryError) as error:
            right = tr("write {example}", example=MAKERS[step.text].example)
            reason = str(error) if type(error) is ValueError else right
            raise FormulaError(f"{step.text}: {printable(reason, 120)}", step.line, step.column) from None
        written = ", ".join(map(str, (*shapes, *numbers, *by_name.values())))
        name = {"zeros_like": "zeros", "ones_like": "ones", "full_like": "full", "range": "arange"}.get(
            step.text, step.text
        )
        if step.text in ("tril", "triu"):
            return self.triangle(
                step, operands[0], array, by_name.get("k", numbers[0] if numbers else 0), label
            )
        if step.text == "one_hot":
            rows = self.made(array, f"eye({array.shape[0]})", step, None)
            part = IndexPart("item", (), operands[0].atom)
            return self.indexed(step, rows, [ARRAY], [part], [operands[0]], label)
        like = self.exact.get(operands[0].index) if step.text.endswith("_like") else None
        return self.made(array.astype(wanted or like or array.dtype), f"{name}({written})", step, label)

    @staticmethod
    def keyword(key: str) -> str:
        """Return the name of a number that is given by name."""
        return {"num_classes": "k"}.get(key, key)

    def made(self, array: Any, written: str, step: Instruction, label: str | None) -> Node:
        """Return the node of an array of fixed numbers."""
        node = self.append(Constant(np.asarray(array, dtype=np.float64), written), (), step, label)
        if array.dtype.kind in "iub":
            self.exact[node.index] = "bool" if array.dtype.kind == "b" else "int"
        return node

    def triangle(self, step: Instruction, node: Node, mask: Array, k: int, label: str | None) -> Node:
        """Return an array with zeros above or below a diagonal."""
        shift = f", {k}" if k else ""
        constant = node.op
        if isinstance(constant, Constant):
            values = np.where(np.broadcast_to(mask, node.shape) != 0.0, constant.values, 0.0)
            if node is self.nodes[-1] and node.label is None:  # no record of its own
                self.drop(node.index)
            return self.made(values, f"{step.text}({node.term.text}{shift})", step, label)
        ones = self.made(mask, f"{step.text}(ones({mask.shape}){shift})", step, None)
        zero = self.literal(0.0, Term("0"), step, None)
        op = Where()
        return self.append(op, self.aligned(op, (ones, node, zero), step), step, label)

    def index(self, step: Instruction, x: Node, label: str | None) -> Node:
        """Return what an index picks."""
        options = dict(step.options)
        if x.index in self.objects:
            return self.field(replace(step, options=(("key", self.only_place(options["parts"])),)), x)
        if "changes" in options and self.mask(step, x) is not None:
            return x  # all of it is changed, and the mask chooses of what
        parts, arrays, written = self.index_parts(options["parts"], x, step)
        return self.indexed(step, x, parts, written, arrays, label)

    def only_place(self, parts: Sequence[IndexPart]) -> int | None:
        """Return the whole number that an index is; None for any other."""
        item = self.item(parts[0]) if len(parts) == 1 and parts[0].kind == "item" else None
        return item if isinstance(item, int) else None

    def indexed(
        self, step: Instruction, x: Node, parts: Sequence[Part], written: Sequence[IndexPart | str],
        arrays: Sequence[Node], label: str | None,
    ) -> Node:  # fmt: skip
        """Return what an index picks, its parts worked out."""
        texts = [ARRAY if part is ARRAY else str(text) for part, text in zip(parts, written, strict=True)]
        op = Index(parts, texts)
        try:
            node = self.append(op, (x, *arrays), step, label)
        except ShapeError as error:
            raise self.out_of_place(x, error, step) from None
        if not arrays:
            self.memory[node.index] = self.root(x)
        if x.index in self.exact:
            self.exact[node.index] = self.exact[x.index]
        return node

    def store(self, step: Instruction, operands: tuple[Node, ...], label: str | None) -> Node:
        """Return an array with something stored at an index."""
        x, value = operands
        mask = self.mask(step, x)
        if mask is not None:
            return self.masked(step, mask, x, value, label)
        parts, arrays, written = self.index_parts(dict(step.options)["parts"], x, step)
        texts = [ARRAY if part is ARRAY else text for part, text in zip(parts, written, strict=True)]
        op = Store(parts, texts)
        self.check_stored(x, value, step)
        try:
            return self.append(op, self.aligned(op, (x, value, *arrays), step), step, label)
        except ShapeError as error:
            reason = tr("{array} does not fit: {error}", array=told(value), error=error)
            if isinstance(error, PlaceError):
                raise self.out_of_place(x, error, step) from None
            raise FormulaShapeError(reason, step.line, step.column) from None

    def mask(self, step: Instruction, x: Node) -> Node | None:
        """Return the truths that stand alone between the brackets; None of any other index."""
        parts = dict(step.options)["parts"]
        expression = parts[0].sides[0] if len(parts) == 1 and parts[0].kind == "item" else None
        if expression is None or expression[-1].kind == "number":
            return None
        mark = len(self.nodes)
        node = self.evaluate(expression)
        if self.exact.get(node.index) != "bool" or node.shape == ():
            self.drop(mark)
            return None
        if node.shape != x.shape:
            reason = tr(
                "{array} is indexed by a condition of {shape}; write where(condition, a, b)",
                array=told(x),
                shape=shape_text(node.shape),
            )
            raise FormulaShapeError(reason, step.line, step.column)
        return node

    def masked(self, step: Instruction, mask: Node, x: Node, value: Node, label: str | None) -> Node:
        """Return an array with one number, or what has been made of all of it, where a condition holds."""
        made = "changes" in dict(step.options) and value.shape == x.shape
        if value.shape and not made:
            reason = tr(
                "{array} is stored by a condition; write one number, or where(condition, a, b)",
                array=told(value),
            )
            raise FormulaShapeError(reason, step.line, step.column)
        self.check_stored(x, value, step)
        op = Where()
        node = self.append(op, self.aligned(op, (mask, value, x), step), step, label)
        if x.index in self.exact:
            self.exact[node.index] = self.exact[x.index]
        return node

    def check_stored(self, x: Node, value: Node, step: Instruction) -> None:
        """Refuse what NumPy would cut off, as it does where an array has whole numbers."""
        if self.exact.get(x.index) and self.exact.get(value.index) not in ("int", "bool"):
            reason = tr(
                "{name} has whole numbers in NumPy, which would cut off what is stored; "
                "write 1.0 * where it is made",
                name=printable(x.name, 40),
            )
            raise FormulaError(reason, step.line, step.column)

    @staticmethod
    def out_of_place(x: Node, error: Exception, step: Instruction) -> FormulaError:
        """Return the refusal of an index."""
        name = printable(x.name, 40)
        return FormulaShapeError(f"{name}[…]: {error}", step.line, step.column)

    def index_parts(
        self, given: Sequence[IndexPart], x: Node, step: Instruction
    ) -> tuple[list[Part], list[Node], list[str]]:
        """Return an index with its numbers worked out, the arrays in it, and the text of each part."""
        parts: list[Part] = []
        arrays: list[Node] = []
        written: list[str] = []
        used = sum(part.kind in ("item", "slice") for part in given)
        for part in given:
            if part.kind == "new":
                parts.append(None)
                written.append("None")
            elif part.kind == "ellipsis":
                missing = max(len(x.shape) - used, 0)
                parts += [slice(None)] * missing
                written += [":"] * missing
            elif part.kind == "slice":
                sides = [None if side is None else self.place(side, part) for side in part.sides]
                parts.append(slice(*sides))
                texts = ["" if side is None else str(side) for side in sides]
                written.append(":".join(texts if texts[2] else texts[:2]))
                if sides[2] == 0:
                    raise FormulaError(tr("a slice's step cannot be 0"), step.line, step.column)
            else:
                item = self.item(part)
                parts.append(item if isinstance(item, int) else ARRAY)
                written.append(str(item) if isinstance(item, int) else ARRAY)
                arrays += [] if isinstance(item, int) else [item]
        return parts, arrays, written

    def place(self, expression: Expression, part: IndexPart) -> int:
        """Return a bound of a slice, a whole number."""
        number = self.number(expression, "", part.found)
        if not isinstance(number, int):
            last = expression[-1]
            found = printable(part.found, 30)
            reason = tr("found [{found}]; an index is a whole number", found=found)
            raise FormulaError(reason, last.line, last.column)
        return number

    def item(self, part: IndexPart) -> int | Node:
        """Return a whole number, or the array that picks."""
        (expression,) = part.sides
        assert expression is not None
        mark = len(self.nodes)
        node = self.evaluate(expression)
        last = expression[-1]
        value = None if node.shape else self.constant(node)
        exact = self.exact.get(node.index)
        found = printable(part.found, 30)
        if value is not None:
            self.drop(mark)
            if exact != "int":
                reason = tr("found [{found}]; an index is a whole number", found=found)
                raise FormulaError(reason, last.line, last.column)
            return int(value)
        if exact == "bool":
            reason = tr(
                "found [{found}], which picks by a condition, as many as it holds for; "
                "write where({found}, x, 0)",
                found=found,
            )
            raise FormulaError(reason, last.line, last.column)
        if not may_be_whole(self, node):
            reason = tr(
                "found [{found}]; an index is made of whole numbers, of [data] or [samples]", found=found
            )
            raise FormulaError(reason, last.line, last.column)
        return node
