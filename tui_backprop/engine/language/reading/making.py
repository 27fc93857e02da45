"""Calls that make arrays: of shapes and numbers, of what is listed, and copies in another type."""

from __future__ import annotations

import ast
from typing import Any, Final

from tui_backprop.engine.language.reading.aliases import IGNORED
from tui_backprop.engine.language.reading.arguments import (
    NOTHING,
    ArgumentReader,
    Read,
    array_of,
    dotted,
    literal_of,
)
from tui_backprop.engine.language.syntax import Deferred, Instruction
from tui_backprop.engine.ops.arrays.constants import MAKERS
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

COPIES: Final = {
    "copy": "", "item": "", "array": "", "asarray": "", "astype": "", "clone": "", "contiguous": "",
    "float64": "float", "float": "float", "double": "float",
    "int": "int", "int64": "int", "int32": "int", "long": "int", "bool": "bool",
}  # fmt: skip
"""What returns a copy, with the type that it has; "" for that of what is copied, or of its dtype."""
_TYPES: Final = {
    "float": "float", "float64": "float", "double": "float", "int": "int", "int64": "int", "int32": "int",
    "intp": "int", "int_": "int", "long": "int", "bool": "bool", "bool_": "bool",
}  # fmt: skip
"""NumPy's types by their names behind a prefix; others have fewer bits."""


class MakingReader(ArgumentReader):
    """Calls that make arrays."""

    def count(self, node: ast.Call, args: list[ast.expr], count: int, right: str) -> None:
        """Refuse another number of arguments."""
        if len(args) != count or any(isinstance(arg, ast.Starred) for arg in args):
            raise self.miscounted(node, len(args), right)

    def type_of(self, node: ast.expr) -> str:
        """Return "float", "int" or "bool" for what stands for a type."""
        name = node.value if isinstance(node, ast.Constant) else dotted(node)
        module, _, last = name.rpartition(".") if isinstance(name, str) else ("", "", "")
        if last not in _TYPES or module not in ("", "np", "numpy", "jnp", "torch"):
            reason = tr(
                "found the type {found}; write float, int or bool; everything is in double precision",
                found=self.segment(node),
            )
            raise self.refuse(node, reason)
        return _TYPES[last]

    def made(self, node: ast.Call, name: str, args: list[ast.expr], line: int, column: int) -> Read:
        """Return the making of an array: ``zeros((2, 3))``, ``arange(n)``, ``one_hot(y, 3)``."""
        maker = MAKERS[name]
        taken = args[: maker.operands]
        rest = args[maker.operands :]
        given: dict[str, Any] = {}
        for argument in node.keywords:
            word = argument.arg or "**"
            if word == "dtype":
                given[word] = self.type_of(argument.value)
            elif word in maker.keywords:
                given[word] = self.deferred(argument.value)
            elif not (word in IGNORED and self.is_usual(argument.value)):
                right = (
                    tr("only {options} known", options=" ".join(f"{k}=" for k in maker.keywords))
                    if maker.keywords
                    else tr("it has no options")
                )
                found = printable(word, 30)
                raise self.refuse(
                    argument, tr("found {option}= in {name}; {right}", option=found, name=name, right=right)
                )
        numbers = len(rest) + len(given.keys() - {"dtype"})
        if len(taken) < maker.operands or not maker.least <= numbers <= maker.most:
            raise self.miscounted(node, len(args), maker.example)
        options = (("numbers", tuple(map(self.deferred, rest))), *given.items())
        return Instruction("make", name, line, column, len(taken), options=options), taken

    def deferred(self, arg: ast.expr) -> Deferred:
        """Return a number or a shape that an array is made of."""
        several = isinstance(arg, ast.Tuple | ast.List)
        parts = arg.elts if isinstance(arg, ast.Tuple | ast.List) else [arg]
        return Deferred(tuple(map(self.expression, parts)), several, None, self.segment(arg))

    def copied(self, node: ast.Call, name: str, args: list[ast.expr], line: int, column: int) -> Read:
        """Return a copy, in another type where that is asked for, or an array of what is listed."""
        wanted = COPIES[name]
        for argument in node.keywords:
            if argument.arg == "dtype" and not wanted:
                wanted = self.type_of(argument.value)
            elif not (argument.arg in IGNORED and self.is_usual(argument.value)):
                raise self.refuse(
                    argument,
                    tr("found {option}=; only dtype= is known", option=printable(argument.arg or "**", 30)),
                )
        if len(args) == 2 and not wanted and name in ("astype", "array", "asarray"):
            wanted, args = self.type_of(args[1]), args[:1]
        self.count(node, args, 1, {"astype": "x.astype(float)"}.get(name, f"np.{name}(x)"))
        if isinstance(args[0], ast.List | ast.Tuple):
            return self.rows(node, args[0], wanted, line, column)
        kind = "item" if name == "item" else "view" if name == "asarray" and not wanted else "copy"
        return Instruction("copy", kind, line, column, 1, options=(("dtype", wanted),)), args

    def rows(self, node: ast.Call, listed: ast.List | ast.Tuple, wanted: str, line: int, column: int) -> Read:
        """Return an array of what is listed: numbers, or values, which are stacked."""
        parts = listed.elts
        for part in (part for outer in parts for part in getattr(outer, "elts", [outer])):
            if not isinstance(part, ast.List | ast.Tuple) and literal_of(part) is NOTHING:
                break
        else:
            return self.listed(node, listed, wanted, line, column)
        if wanted not in ("", "float"):
            raise self.refuse(
                node,
                tr(
                    "found {found}; write np.stack((a, b)).astype({wanted})",
                    found=self.segment(node),
                    wanted=wanted,
                ),
            )
        operands = [array_of(part) if isinstance(part, ast.List | ast.Tuple) else part for part in parts]
        return Instruction("call", "stack", line, column, len(operands)), operands

    def listed(
        self, node: ast.Call, numbers: ast.List | ast.Tuple, wanted: str, line: int, column: int
    ) -> Read:
        """Return an array of numbers that stand in the text."""
        flat: list[float] = []
        shapes: list[list[tuple[int, ...]]] = [[]]
        stack: list[ast.expr | None] = [None, *reversed(numbers.elts)]
        while stack:
            part = stack.pop()
            if part is None:
                inner = shapes.pop()
                if len(set(inner)) != 1:
                    raise self.refuse(
                        numbers, tr("found rows of different lengths; all rows have the same length")
                    )
                shape = (len(inner), *inner[0])
                if not shapes:
                    options = (("values", tuple(flat)), ("shape", shape), ("dtype", wanted))
                    return Instruction("make", "array", line, column, options=options), []
                shapes[-1].append(shape)
            elif isinstance(part, ast.List | ast.Tuple) and part.elts:
                shapes.append([])
                stack += [None, *reversed(part.elts)]
            else:
                number = literal_of(part)
                if type(number) not in (int, float) or not abs(number) < 1e300:
                    raise self.refuse(
                        part,
                        tr("found {found}; write numbers here, or stack((a, b))", found=self.segment(part)),
                    )
                flat.append(number)
                shapes[-1].append(())
        raise AssertionError
