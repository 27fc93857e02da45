"""From a form to Python text: which statements, under which names, as one would write them by hand.

Numbers and small arrays become expressions, as in a notebook; for large arrays each call is a statement that
writes to an array made before the loop.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from tui_backprop.engine.compile.form import VIEWS, Form, Frequency, Value, operands
from tui_backprop.engine.compile.storage import Buffer, allocate
from tui_backprop.engine.compile.targets.python.expressions import (
    INFIX,
    Expressions,
    shape_text,
)
from tui_backprop.engine.core.elementary import Elementary
from tui_backprop.engine.ops.base import ATOM, Term

Section: TypeAlias = Literal["forward", "validation", "backward", "update"]
LONGEST = 60
"""Characters of an expression that becomes part of another one."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A line of the program, what it belongs to, and the formula's line it computes (forward only)."""

    text: str
    section: Section
    line: str | None = None


class Code(Expressions):
    """The statements of a program, by how often they are done.

    Attributes:
        once: what depends on the data alone.
        arrays: the arrays that are written to, as assignments.
        call: what depends on the hyperparameters.
        iteration: the body of the loop.
        fixed: names of everything that ``once`` and ``arrays`` make.
        level: how often what is being written is done.
        loss: the loss as an expression.
        validation: the validation loss as one; empty where it is not worked out.
        watched: what is looked at, as expressions.
        uses: names of the leaves that the loop or anything before it reads.

    Args:
        form: the iteration.
        buffers: whether large values are written to arrays made before the loop.
    """

    def __init__(self, form: Form, *, buffers: bool) -> None:
        super().__init__(form.dtype, form.backend.rows)
        self._form, self._names = form, form.names
        self.once: list[str] = []
        self.arrays: list[str] = []
        self.call: list[str] = []
        self.iteration: list[Statement] = []
        self.fixed: list[str] = []
        self.level = Frequency.ITERATION
        self._needed = form.needed()
        self._reads: dict[int, frozenset[int]] = {}
        self._inlined: set[int] = set()
        self._users = self._count_users()
        self._owners = {result.place: leaf for leaf, result in form.results}
        self._moves = {leaf.place: result.place for leaf, result in form.results}
        looped = [value for value in self._needed if value.level is Frequency.ITERATION]
        self._buffers: dict[int, Buffer] = allocate(looped, form.results, form.dtype) if buffers else {}
        self._late = {value.place for value in self._needed if self._is_late(value)}
        for leaf, result in form.results:
            if result.place in self._late:
                self._moves[leaf.place] = len(form.calls)
        self._variables = self._name_variables()
        self._write()
        self.loss = self._number(form.loss)
        self.validation = "" if form.validation is None else self._number(form.validation)
        self.watched = [self._look(value) for value in form.watched]
        self.uses = frozenset(value.args[0] for value in self._needed if value.call == "leaf")

    def may_raise(self, safe: Collection[str]) -> bool:
        """Tell whether Python may refuse to compute with numbers that depend on more than ``safe`` leaves."""
        exposed: set[int] = set()
        for value in self._needed:
            if value.place >= self._form.backward:
                break  # no optimizer divides by zero, or takes a root of what is below it
            parts = [arg for arg in value.args if isinstance(arg, Value)]
            if value.args[0] not in safe if value.call == "leaf" else any(p.place in exposed for p in parts):
                exposed.add(value.place)
                if value.call == "leaf" or any(part.shape for part in parts):
                    continue
                divides = value.call == "divide" and not _never_zero(value.args[1])
                if value.weak and (
                    divides or (value.call in self.rows and not _never_raises(value, self.rows))
                ):
                    return True
        return False

    # ---------------------------------------------------------------- names

    def _count_users(self) -> dict[int, list[Value]]:
        users: dict[int, list[Value]] = {}
        for value in self._needed:
            if value.call not in VIEWS:
                for operand in operands(value):
                    users.setdefault(operand.place, []).append(value)
        return users

    def _name_variables(self) -> dict[int, str]:
        """Name what has a name of its own, and what is written over by something that has one."""
        variables: dict[int, str] = {}
        labels = self._form.labels
        for value in self._needed:
            if value.call == "leaf":
                variables[value.place] = value.args[0]
        for value in self._needed:
            if value.place in self._owners:
                name = variables[self._owners[value.place].place]
                variables[value.place] = (
                    self._names.take(f"new_{name}") if value.place in self._late else name
                )
            elif value.place in labels and value.call not in ("leaf", "full"):
                variables[value.place] = self._names.take(labels[value.place])
            elif value.call == "full":
                variables[value.place] = self._names.take(
                    {0.0: "zeros", 1.0: "ones"}.get(value.args[0], "full")
                )
        after: dict[int, str] = {}  # by buffer: the name of what is written to it next, in place
        temporary: dict[int, str] = {}
        for value in reversed(self._needed):
            buffer = self._buffers.get(value.place)
            if buffer is None or value.call == "leaf":
                continue
            if value.place not in variables:
                if buffer.leaf is not None:
                    name = variables[buffer.leaf.place]
                else:
                    name = after.get(id(buffer)) or temporary.get(id(buffer)) or self._names.temporary()
                    if id(buffer) not in after:
                        temporary[id(buffer)] = name
                variables[value.place] = name
            if any(self._buffers.get(operand.place) is buffer for operand in operands(value)):
                after[id(buffer)] = variables[value.place]
            else:
                after.pop(id(buffer), None)
        return variables

    def _is_late(self, value: Value) -> bool:
        """Tell whether a parameter can take its new value only when the iteration is over."""
        owner = self._owners.get(value.place)
        if owner is None:
            return False
        buffer = self._buffers.get(value.place)
        if buffer is not None:
            return buffer.leaf is not owner
        return any(user.place > value.place for user in self._users.get(owner.place, ()))

    # ---------------------------------------------------------------- statements

    def _write(self) -> None:
        self._write_arrays()
        for value in self._needed:
            if value.call in VIEWS:
                continue
            self.level = value.level
            if value.call == "leaf":
                self.texts[value.place] = Term(self._variables[value.place])
                self._reads[value.place] = frozenset({value.place} if value.place in self._moves else ())
            elif value.place in self._buffers:
                self._write_buffered(value)
            else:
                self._write_expression(value)
        self.level = Frequency.ITERATION
        for place in sorted(self._late):
            leaf, name = self._variables[self._owners[place].place], self._variables[place]
            text = f"np.copyto({leaf}, {name})" if place in self._buffers else f"{leaf} = {name}"
            self.iteration.append(Statement(text, "update"))

    def _write_arrays(self) -> None:
        made: dict[Buffer, dict[str, None]] = {}
        for value in self._needed:
            buffer = self._buffers.get(value.place)
            if buffer is not None and buffer.leaf is None:
                made.setdefault(buffer, {})[self._variables[value.place]] = None
        for buffer in sorted(made, key=lambda buffer: buffer.within is not None):  # rows after their arrays
            names = made[buffer]
            order = "" if buffer.order == "C" else ', order="F"'
            array = f"np.empty({self.typed(shape_text(buffer.shape))}{order})"
            if buffer.within is not None:
                whole, number = buffer.within
                array = f"{next(iter(made[whole]))}[{number}]"
            self.arrays.append(f"{' = '.join(names)} = {array}")
            self.fixed += names

    def _write_buffered(self, value: Value) -> None:
        name = self._variables[value.place]
        self.texts[value.place] = Term(name)
        self._reads[value.place] = frozenset()
        if value.call == "rows":  # written one by one
            return
        texts = [self.operand(value, arg) for arg in value.args]
        if value.call in ("add", "subtract", "multiply", "divide") and texts[0].text == name:
            sign, strength = INFIX[value.call]
            right = texts[1].text if value.call in ("add", "subtract") else texts[1].within(strength)
            statement = f"{name} {sign}= {right}"
        elif value.call in ("add", "multiply") and texts[1].text == name:
            statement = f"{name} {INFIX[value.call][0]}= {texts[0].text}"
        else:
            statement = self.writing(value, texts, name)
        self._add(value, statement)

    def writing(self, value: Value, texts: Sequence[Term], out: str) -> str:
        """Write a call whose result goes to an array that is there."""
        return self.call_text(value, [text.text for text in texts], out=out)

    def _write_expression(self, value: Value) -> None:
        owner = self._owners.get(value.place)
        text = self.expression(value)
        reads = self._transitive_reads(value)
        if owner is None and self._may_inline(value, text, reads):
            self.texts[value.place], self._reads[value.place] = text, reads
            self._inlined.add(value.place)
            return
        name = self._variables.get(value.place) or self._names.temporary()
        if value.place in self._late:
            owner = None
        self._variables[value.place] = name
        self.texts[value.place], self._reads[value.place] = Term(name), frozenset()
        statement = f"{name} = {text.text}"
        if owner is not None and value.call in ("add", "subtract") and value.args[0] is owner:
            statement = f"{name} {INFIX[value.call][0]}= {self.text(value.args[1]).text}"
        elif owner is not None and owner.shape and not (value.shape and self._is_fresh(value)):
            statement = f"{name} = np.array({text.text})"
        self._add(value, statement)

    @staticmethod
    def _is_fresh(value: Value) -> bool:
        return value.call not in ("leaf", "full")

    def _add(self, value: Value, text: str) -> None:
        if value.level is Frequency.ONCE:
            self.once.append(text)
            self.fixed.append(self._variables[value.place])
        elif value.level is Frequency.CALL:
            self.call.append(text)
        else:
            section = self._section(value.place)
            self.iteration.append(Statement(text, section, self._form.lines.get(value.place)))

    def _look(self, value: Any) -> str:
        """Return something to compare with what it was an iteration before."""
        if not isinstance(value, Value):
            return repr(bool(value))
        return f"{self.text(value).within(ATOM)}.tobytes()" if value.shape else self.text(value).text

    def _number(self, value: Value | float) -> str:
        """Return the one element of a value as a number."""
        text = self.text(value)
        return f"{text.within(ATOM)}.item()" if isinstance(value, Value) and value.shape else text.text

    def _section(self, place: int) -> Section:
        form = self._form
        if place < form.forward:
            return "forward"
        return "validation" if place < form.validated else "backward" if place < form.backward else "update"

    def _transitive_reads(self, value: Value) -> frozenset[int]:
        reads: frozenset[int] = frozenset()
        for operand in operands(value):
            reads |= self._reads.get(operand.place, frozenset())
        return reads

    def _may_inline(self, value: Value, text: Term, reads: frozenset[int]) -> bool:
        """Tell whether a value's expression may stand where the value is used."""
        if value.call == "full":
            return False
        users = self._users.get(value.place, [])
        if len(users) != 1 or value.place in self._form.labels or len(text.text) > LONGEST:
            return False
        (user,) = users
        if user.level is not value.level or self._section(user.place) != self._section(value.place):
            return False
        if (
            value is self._form.loss
            or value is self._form.validation
            or sum(arg is value for arg in user.args) > 1
        ):
            return False
        if any(operand.place in self._buffers and operand.call != "leaf" for operand in operands(value)):
            return False  # its operand may be written over before the user comes
        return all(user.place < self._moves[leaf] or self._moves[leaf] == user.place for leaf in reads)


def _never_zero(value: Any) -> bool:
    """Tell whether a divisor is a number of the formula's own, or 1 + exp(…), as in sigmoid."""
    if not isinstance(value, Value):
        return True
    one, grown = value.args if value.call == "add" else (value, value)
    return not isinstance(one, Value) and one == 1.0 and grown.call == "exp"


def _never_raises(value: Value, rows: Mapping[str, Elementary]) -> bool:
    """Tell whether C has a result for every number that a function may get here."""
    (arg, *_) = value.args
    if value.call == "exp":  # exp(-|a|), as in sigmoid
        return bool(arg.call == "negative" and arg.args[0].call == "absolute")
    return rows[value.call].total or bool(value.call == "log1p" and arg.call == "exp")
