"""Values of Python's that are no arrays: words, None, several values together; and what an ``if`` asks."""

from __future__ import annotations

from typing import Final

from tui_backprop.engine.autodiff.graph import Kind, Node
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.language.building.nodes import Held
from tui_backprop.engine.language.building.operations import OperationBuilder
from tui_backprop.engine.language.syntax import Instruction, Test
from tui_backprop.engine.ops.base import Term
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

GIVEN: Final = frozenset({"parameters", "params"})
"""What courses call the dictionary of all that is given."""


class ObjectBuilder(OperationBuilder):
    """Nodes that stand for values which nothing is computed with."""

    def look_up(self, step: Instruction) -> Node:
        """Return what a name stands for; a dictionary of parameters has all that is given."""
        if step.text not in GIVEN or self.find(step) is not None:
            return super().look_up(step)
        node = self.literal(0.0, Term(step.text), step, None)
        kinds = (Kind.DATA, Kind.SAMPLES, Kind.PARAMETER)
        self.objects[node.index] = {name: n for name, n in self.named.items() if n.kind in kinds}
        return node

    def held(self, step: Instruction, operands: tuple[Node, ...]) -> Node:
        """Return the node of a word, of None, or of several values."""
        node = self.literal(0.0, Term(step.text), step, None)
        options = dict(step.options)
        value: Held = operands
        if "word" in options:
            value = options["word"]
        elif "keys" in options:
            value = dict(zip(options["keys"], operands, strict=True))
        self.objects[node.index] = value
        return node

    def unpacked(self, node: Node, count: int, step: Instruction) -> list[Node]:
        """Return several values that one name stands for."""
        value = self.objects.get(node.index)
        if not isinstance(value, tuple):
            name = printable(node.name, 40)
            raise FormulaError(
                tr(
                    "found {name}, one value, for {count} names; write as many values on the right",
                    name=name,
                    count=count,
                ),
                step.line,
                step.column,
            )
        if len(value) != count:
            raise FormulaError(
                tr(
                    "{name} has {count} values for {names} names; write as many of each",
                    name=step.text,
                    count=len(value),
                    names=count,
                ),
                step.line,
                step.column,
            )
        return list(value)

    def field(self, step: Instruction, node: Node) -> Node:
        """Return one of several values, by its word or its place."""
        value, key = self.objects.get(node.index), dict(step.options)["key"]
        if isinstance(value, tuple) and isinstance(key, int) and -len(value) <= key < len(value):
            return value[key]
        if isinstance(value, dict) and key in value:
            return value[key]
        if isinstance(value, dict):
            reason = tr("there is no {key!r}; there are {known}", key=key, known=", ".join(map(repr, value)))
        else:
            reason = tr(
                "found [{key!r}] of {name}, which has no such value", key=key, name=printable(node.name, 40)
            )
        raise FormulaError(reason, step.line, step.column)

    def kept(self, held: Node, key: str | int | None, node: Node, step: Instruction) -> Node:
        """Return several values with one more, or with another one at a word or a place."""
        value = self.objects[held.index]
        new: Held = None
        if step.text == "append" and isinstance(value, tuple):
            new = (*value, node)
        elif isinstance(value, dict) and key is not None:
            new = {**value, key: node}
        elif isinstance(value, tuple) and isinstance(key, int) and -len(value) <= key < len(value):
            key %= len(value)
            new = (*value[:key], node, *value[key + 1 :])
        else:
            reason = tr(
                "found a value for {name}, which has no such place; write hs.append(h), or hs = {{}} above",
                name=printable(held.name, 40),
            )
            raise FormulaError(reason, step.line, step.column)
        result = self.literal(0.0, held.term, step, None)
        self.objects[result.index] = new
        return result

    def holds(self, test: Test) -> bool:
        """Tell whether what an ``if`` asks is so.

        Raises:
            FormulaError: it hangs on data or parameters.
        """
        if test.kind in ("and", "or"):
            answers = (self.holds(part) for part in test.parts)
            return all(answers) if test.kind == "and" else any(answers)
        if test.kind == "not":
            return not self.holds(test.parts[0])
        mark = len(self.nodes)
        nodes = [self.evaluate(side) for side in test.sides]
        known = [self.objects[n.index] if n.index in self.objects else self.constant(n) for n in nodes]
        objects = [node.index in self.objects for node in nodes]
        self.drop(mark)
        if test.kind == "same":
            # an array is no word, and is not None
            return objects[0] == objects[1] and known[0] == known[1]
        if known[0] is None and not objects[0]:
            last = test.sides[0][-1]
            raise FormulaError(
                tr("found if, which asks of data; write y = where(x > 0, a, b)"), last.line, last.column
            )
        return bool(known[0])
