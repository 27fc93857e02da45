"""Assignments in all their forms: names, several at once, in place, and at an index."""

from __future__ import annotations

import ast
import keyword
import unicodedata
from typing import Any, Final

from msgspec.structs import replace

from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.language.reading.aliases import MODULES, OF_TORCH
from tui_backprop.engine.language.reading.arguments import dotted
from tui_backprop.engine.language.reading.expressions import BINARY, ExpressionReader, is_word
from tui_backprop.engine.language.signs import version_name
from tui_backprop.engine.language.source import keyword_reason
from tui_backprop.engine.language.syntax import (
    SPLITS,
    Expression,
    FormulaLine,
    IndexPart,
    Instruction,
    Statement,
    Together,
)
from tui_backprop.text.printable import is_safe, printable
from tui_backprop.text.sentences import tr

MAX_NAME: Final = 100
"""Characters in a name: it is written again in every expression that it is part of."""
_AUGMENTED: Final = ("+", "-", "*", "/", "**", "@")


class AssignmentReader(ExpressionReader):
    """A source with assignments.

    Attributes:
        names: what has been assigned so far.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.names: set[str] = set()

    def is_assigned(self, name: str) -> bool:
        """Tell whether a line above assigns this name."""
        return name in self.names

    def target(self, target: ast.expr) -> str:
        """Return the name that is assigned."""
        if not isinstance(target, ast.Name):
            raise self.refuse(
                target,
                tr("found {found} on the left of =; write one plain name there", found=self.segment(target)),
            )
        name = target.id
        check_name(version_name(name), *self.place(target))
        return name

    def assignment(self, target: ast.expr, value: ast.expr, line: int, column: int) -> list[Statement]:
        """Return the statements for one target and its value."""
        if isinstance(target, ast.Tuple | ast.List):
            return [self.unpacked(target, value)]
        if isinstance(target, ast.Subscript):
            return [self.stored(target, self.value(value), line, column)]
        name = self.target(target)
        match value:
            case ast.Subscript(value=of, slice=ast.Constant(value=key)) if key == name and self.is_of_lesson(
                of
            ):
                return []  # it is given by this name
        expression = self.value(value)
        self.names.add(name)
        return [FormulaLine(name, expression, line, column)]

    def unpacked(self, target: ast.Tuple | ast.List, value: ast.expr) -> Statement:
        """Read ``a, b = x, y``, ``n, d = X.shape`` and ``h, c = cell(x, h, c)``."""
        parts = target.elts
        unpacks = False
        if isinstance(value, ast.Tuple | ast.List):
            if len(value.elts) != len(parts):
                raise self.refuse(
                    target,
                    tr(
                        "found {names} names for {count} values; write as many of each",
                        names=len(parts),
                        count=len(value.elts),
                    ),
                )
            expressions = [self.value(part) for part in value.elts]
        elif isinstance(value, ast.Name):
            unpacks, expressions = True, [self.expression(value)] * len(parts)
        elif isinstance(value, ast.Call) and (cut := self.cut(value)):
            unpacks, expressions = True, [cut] * len(parts)
        elif isinstance(value, ast.Attribute) and value.attr == "shape":
            of = self.expression(value.value)
            place = self.place(value)
            options = [(("axis", axis), ("axes", len(parts))) for axis in range(len(parts))]
            expressions = [(*of, Instruction("shape", "length", *place, 1, options=o)) for o in options]
        else:
            unpacks = isinstance(value, ast.Call) and isinstance(value.func, ast.Name)
            if not unpacks or self.defined(value.func.id) is None:  # type: ignore[attr-defined]
                raise self.refuse(
                    target,
                    tr(
                        "found {found} on the left of =; write as many values on the right",
                        found=self.segment(target),
                    ),
                )
            expressions = [self.expression(value)] * len(parts)
        names = [self.target(part) for part in parts]
        if len(set(names)) < len(names):
            raise self.refuse(target, tr("found a name twice on the left of =; each gets one value"))
        self.names.update(names)
        lines = zip(names, expressions, parts, strict=True)
        return Together(tuple(FormulaLine(n, e, *self.place(part)) for n, e, part in lines), unpacks)

    def cut(self, call: ast.Call) -> Expression:
        """Read ``np.split(x, 2, axis=1)``; return nothing for any other call."""
        module, _, name = dotted(call.func).rpartition(".")
        if name not in SPLITS or module not in MODULES or (module in OF_TORCH and name == "split"):
            return ()
        names = {"indices_or_sections": "sections", "chunks": "sections", "dim": "axis"}
        given = dict(zip(("ary", "sections", "axis"), call.args, strict=False))
        given |= {names.get(word.arg or "**", word.arg or "**"): word.value for word in call.keywords}
        if not {"ary", "sections"} <= given.keys() <= {"ary", "sections", "axis"}:
            raise self.refuse(
                call, tr("found {found}; write a, b = np.{name}(x, 2)", found=self.segment(call), name=name)
            )
        whole = self.expression(given.pop("ary"))
        options = tuple((word, self.deferred(tree)) for word, tree in given.items())
        return (*whole, Instruction("call", name, *self.place(call), 1, options=options))

    def augmented(
        self, target: ast.expr, op: ast.operator, value: ast.expr, line: int, column: int
    ) -> FormulaLine:
        """Read ``z += x`` and ``z[0] *= 2``."""
        symbol = BINARY.get(type(op), "")
        if symbol not in _AUGMENTED:
            raise self.refuse(target, tr("found an operator on bits with =; write += -= *= /="))
        step = Instruction("operator", symbol, line, column, 2)
        if isinstance(target, ast.Subscript):
            *before, index = self.expression(target)
            changes = replace(index, options=(*index.options, ("changes", True)))
            return self.stored(
                target, (*before, changes, *self.expression(value), step), line, column, changes=True
            )
        name = self.target(target)
        mine = Instruction("name", name, *self.place(target))
        expression = (mine, *self.expression(value), step)
        self.names.add(name)
        return FormulaLine(name, expression, line, column, in_place=True)

    def appended(self, target: ast.Name, item: ast.expr) -> FormulaLine:
        """Read ``hs.append(h)``."""
        name, place = self.target(target), self.place(target)
        store = Instruction("store", "append", *place, 2, options=(("parts", ()),))
        return FormulaLine(name, (Instruction("name", name, *place), *self.value(item), store), *place, True)

    def stored(
        self, target: ast.Subscript, value: Expression, line: int, column: int, *, changes: bool = False
    ) -> FormulaLine:
        """Read ``z[…] = value``: a new array, with the value at the index."""
        if isinstance(target.value, ast.Subscript):  # xs[t][i] = value: one of several arrays changes
            parts = self.parts(target.slice)
            inner = Instruction("store", "store", line, column, 2, options=(("parts", parts),))
            value = (*self.expression(target.value), *value, inner)
            return self.stored(target.value, value, line, column, changes=True)
        name = self.target(target.value)
        mine = Instruction("name", name, *self.place(target))
        if is_word(target.slice):
            word = target.slice.value  # type: ignore[attr-defined]
            parts = (IndexPart("word", (), word),)
        else:
            parts = self.parts(target.slice)
        options: tuple[tuple[str, Any], ...] = (("parts", parts),)
        options += (("changes", True),) if changes else ()
        store = Instruction("store", "store", line, column, 2, options=options)
        return FormulaLine(name, (mine, *value, store), line, column, in_place=True)


def check_name(name: str, line: int = 0, column: int = 0) -> None:
    """Refuse a name that is not an identifier or that the language needs itself."""
    if keyword.iskeyword(name):
        raise FormulaError(keyword_reason(name), line, column)
    if not name.isidentifier():
        raise FormulaError(
            tr(
                "'{name}' is not a name; names have letters, digits and _ and start with no digit",
                name=printable(name),
            ),
            line,
            column,
        )
    if len(name) > MAX_NAME:
        raise FormulaError(
            tr(
                "'{name}' has {count:,} characters; a name has at most {limit}",
                name=printable(name, 30),
                count=len(name),
                limit=MAX_NAME,
            ),
            line,
            column,
        )
    invisible = next((character for character in name if not is_safe(character)), None)
    if invisible is not None:
        raise FormulaError(
            tr(
                "'{name}' has the invisible character {invisible}; delete it",
                name=printable(name),
                invisible=printable(invisible),
            ),
            line,
            column,
        )
    if unicodedata.normalize("NFKC", name) != name:
        raise FormulaError(
            tr("'{name}' is not in Unicode's normal form (NFKC)", name=printable(name)), line, column
        )
