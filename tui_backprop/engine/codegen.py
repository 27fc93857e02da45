"""From a trace to Python text: which statements, under which names, as one would write them by hand.

Numbers and small arrays become expressions, as in a notebook; for large arrays each call is a statement that
writes to an array made before the loop.
"""

from __future__ import annotations

import builtins
import keyword
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from tui_backprop.engine.ops.base import ATOM, PRODUCT, SUM, UNARY, Term
from tui_backprop.engine.storage import SMALL, Buffer, allocate, is_buffered, operands
from tui_backprop.engine.tracing import VIEWS, Level, Traced, UntraceableError, thawed_index

Section: TypeAlias = Literal["forward", "backward", "update"]
COMPARISON = SUM - 1
CONDITION = SUM - 2
LONGEST = 60
"""Characters of an expression that becomes part of another one."""

RESERVED = frozenset({
    "np", "math", "k", "losses", "iterations", "updates", "fixed", "dials", "parameters", "memory", "samples",
    "batch", "batches", "row", "order", "rng", "loss", "train", "prepare", "maximum", "sign", "first", "seen",
    "before", "learning_rate", "momentum", "rho", "beta1", "beta2", "epsilon", "weight_decay",
    "base64", "batch_size", "epoch", "finite", "rows", "sys", "zlib",
})  # fmt: skip
_INFIX: Final[Mapping[str, tuple[str, int]]] = {
    "add": ("+", SUM), "subtract": ("-", SUM), "multiply": ("*", PRODUCT), "divide": ("/", PRODUCT),
    "greater": (">", COMPARISON), "greater_equal": (">=", COMPARISON), "less": ("<", COMPARISON),
    "less_equal": ("<=", COMPARISON), "equal": ("==", COMPARISON), "not_equal": ("!=", COMPARISON),
}  # fmt: skip
_OF_NUMBERS: Final[Mapping[str, str]] = {
    **{name: f"math.{name}" for name in ("exp", "log", "log1p", "sqrt", "sin", "cos", "tanh")},
    "power": "math.pow", "absolute": "abs", "maximum": "maximum", "sign": "sign",
    "isfinite": "math.isfinite",
}  # fmt: skip


class Names:
    """Python names for the lesson's: the same ones where nothing else has them."""

    def __init__(self) -> None:
        self._taken: set[str] = set(RESERVED)
        self._count = 0

    def take(self, wanted: str) -> str:
        """Return an identifier that is like the one wanted, and free."""
        if not wanted.isidentifier():
            raise UntraceableError("a name that is no identifier")
        base = wanted.replace("__", "_").rstrip("_")
        name, number = wanted if "__" not in wanted else base, 1
        while name in self._taken or keyword.iskeyword(name) or hasattr(builtins, name):
            name = f"{base}_{number if number > 1 else ''}"
            number += 1
        self._taken.add(name)
        return name

    def temporary(self) -> str:
        """Return a name for something without one."""
        while True:
            self._count += 1
            name = f"t{self._count}"
            if name not in self._taken:
                self._taken.add(name)
                return name


@dataclass(frozen=True, slots=True)
class Statement:
    """A line of the program, what it belongs to, and the formula's line it computes (forward only)."""

    text: str
    section: Section
    line: str | None = None


@dataclass(frozen=True, eq=False)
class Request:
    """What code is wanted for.

    Attributes:
        calls: the trace; leaves have their Python names already.
        labels: names wanted for other values, by place.
        loss: the loss, or a number where it does not depend on anything.
        results: parameters and memory, each with what it becomes.
        forward, backward: places in the trace where these sections end.
        lines: the formula's line that a value belongs to, by place.
        watched: what is looked at in each iteration before its updates.
        buffers: whether large values are written to arrays made before.
    """

    calls: Sequence[Traced]
    labels: Mapping[int, str]
    loss: Traced | float
    results: Sequence[tuple[Traced, Traced]]
    forward: int
    backward: int
    lines: Mapping[int, str]
    watched: Sequence[Any] = ()
    buffers: bool = True


class Code:
    """The statements of a program, by how often they are done.

    Attributes:
        once: what depends on the data alone.
        arrays: the arrays that are written to, as assignments.
        call: what depends on the dials.
        iteration: the body of the loop.
        fixed: names of everything that ``once`` and ``arrays`` make.
        loss: the loss as an expression.
        watched: what is looked at, as expressions.
        uses: names of the leaves that the loop or anything before it reads.
    """

    def __init__(self, request: Request, names: Names) -> None:
        self._request, self._names = request, names
        self.once: list[str] = []
        self.arrays: list[str] = []
        self.call: list[str] = []
        self.iteration: list[Statement] = []
        self.fixed: list[str] = []
        self._needed = _needed(request)
        self._texts: dict[int, Term] = {}
        self._reads: dict[int, frozenset[int]] = {}
        self._inlined: set[int] = set()
        self._users = self._count_users()
        self._owners = {result.place: leaf for leaf, result in request.results}
        self._moves = {leaf.place: result.place for leaf, result in request.results}
        looped = [value for value in self._needed if value.level is Level.ITERATION]
        self._buffers: dict[int, Buffer] = allocate(looped, request.results) if request.buffers else {}
        self._late = {value.place for value in self._needed if self._is_late(value)}
        for leaf, result in request.results:
            if result.place in self._late:
                self._moves[leaf.place] = len(request.calls)
        self._variables = self._name_variables()
        self._write()
        loss = self._text(request.loss)
        shape = request.loss.shape if isinstance(request.loss, Traced) else ()
        self.loss = f"{loss.within(ATOM)}.item()" if shape else loss.text
        self.watched = [self._look(value) for value in request.watched]
        self.uses = frozenset(value.args[0] for value in self._needed if value.call == "leaf")

    def may_raise(self, safe: Collection[str]) -> bool:
        """Tell whether Python may refuse to compute with numbers that depend on more than ``safe`` leaves."""
        exposed: set[int] = set()
        for value in self._needed:
            parts = [arg for arg in value.args if isinstance(arg, Traced)]
            if value.args[0] not in safe if value.call == "leaf" else any(p.place in exposed for p in parts):
                exposed.add(value.place)
                if value.call == "leaf" or any(part.shape for part in parts):
                    continue
                divides = value.call == "divide" and isinstance(value.args[1], Traced)
                if divides or _OF_NUMBERS.get(value.call, "").startswith("math."):
                    return True
        return False

    # ---------------------------------------------------------------- names

    def _count_users(self) -> dict[int, list[Traced]]:
        users: dict[int, list[Traced]] = {}
        for value in self._needed:
            if value.call not in VIEWS:
                for operand in operands(value):
                    users.setdefault(operand.place, []).append(value)
        return users

    def _name_variables(self) -> dict[int, str]:
        """Name what has a name of its own, and what is written over by something that has one."""
        variables: dict[int, str] = {}
        labels = self._request.labels
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

    def _is_late(self, value: Traced) -> bool:
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
        made: dict[int, dict[str, None]] = {}
        for value in self._needed:
            buffer = self._buffers.get(value.place)
            if buffer is not None and buffer.leaf is None:
                made.setdefault(id(buffer), {})[self._variables[value.place]] = None
        buffers = {id(buffer): buffer for buffer in self._buffers.values()}
        for number, names in made.items():
            order = "" if buffers[number].order == "C" else ', order="F"'
            self.arrays.append(f"{' = '.join(names)} = np.empty({_shape_text(buffers[number].shape)}{order})")
            self.fixed += names
        for value in self._needed:
            if value.call in VIEWS:
                continue
            if value.call == "leaf":
                self._texts[value.place] = Term(self._variables[value.place])
                self._reads[value.place] = frozenset({value.place} if value.place in self._moves else ())
            elif value.place in self._buffers:
                self._write_buffered(value)
            else:
                self._write_expression(value)
        for place in sorted(self._late):
            leaf, name = self._variables[self._owners[place].place], self._variables[place]
            text = f"np.copyto({leaf}, {name})" if place in self._buffers else f"{leaf} = {name}"
            self.iteration.append(Statement(text, "update"))

    def _write_buffered(self, value: Traced) -> None:
        name = self._variables[value.place]
        self._texts[value.place] = Term(name)
        self._reads[value.place] = frozenset()
        texts = [self._text(arg) for arg in value.args]
        if value.call in ("add", "subtract", "multiply", "divide") and texts[0].text == name:
            sign, strength = _INFIX[value.call]
            right = texts[1].text if value.call in ("add", "subtract") else texts[1].within(strength)
            statement = f"{name} {sign}= {right}"
        elif value.call in ("add", "multiply") and texts[1].text == name:
            statement = f"{name} {_INFIX[value.call][0]}= {texts[0].text}"
        else:
            statement = _call_text(value, [t.text for t in texts], out=name)
        self._add(value, statement)

    def _write_expression(self, value: Traced) -> None:
        owner = self._owners.get(value.place)
        text = self._expression(value)
        reads = self._transitive_reads(value)
        if owner is None and self._may_inline(value, text, reads):
            self._texts[value.place], self._reads[value.place] = text, reads
            self._inlined.add(value.place)
            return
        name = self._variables.get(value.place) or self._names.temporary()
        if value.place in self._late:
            owner = None
        self._variables[value.place] = name
        self._texts[value.place], self._reads[value.place] = Term(name), frozenset()
        statement = f"{name} = {text.text}"
        if owner is not None and value.call in ("add", "subtract") and value.args[0] is owner:
            statement = f"{name} {_INFIX[value.call][0]}= {self._text(value.args[1]).text}"
        elif owner is not None and owner.shape and not (value.shape and self._is_fresh(value)):
            statement = f"{name} = np.array({text.text})"
        self._add(value, statement)

    @staticmethod
    def _is_fresh(value: Traced) -> bool:
        return value.call not in ("leaf", "full")

    def _add(self, value: Traced, text: str) -> None:
        if value.level is Level.ONCE:
            self.once.append(text)
            self.fixed.append(self._variables[value.place])
        elif value.level is Level.CALL:
            self.call.append(text)
        else:
            request = self._request
            section: Section = (
                "forward"
                if value.place < request.forward
                else "backward"
                if value.place < request.backward
                else "update"
            )
            self.iteration.append(Statement(text, section, request.lines.get(value.place)))

    def _look(self, value: Any) -> str:
        """Return something to compare with what it was an iteration before."""
        if not isinstance(value, Traced):
            return repr(bool(value))
        return f"{self._text(value).within(ATOM)}.tobytes()" if value.shape else self._text(value).text

    def _section(self, place: int) -> int:
        return (place >= self._request.forward) + (place >= self._request.backward)

    def _transitive_reads(self, value: Traced) -> frozenset[int]:
        reads: frozenset[int] = frozenset()
        for operand in operands(value):
            reads |= self._reads.get(operand.place, frozenset())
        return reads

    def _may_inline(self, value: Traced, text: Term, reads: frozenset[int]) -> bool:
        """Tell whether a value's expression may stand where the value is used."""
        if value.call == "full":
            return False
        users = self._users.get(value.place, [])
        if len(users) != 1 or value.place in self._request.labels or len(text.text) > LONGEST:
            return False
        (user,) = users
        if user.level is not value.level or self._section(user.place) != self._section(value.place):
            return False
        if value is self._request.loss or sum(arg is value for arg in user.args) > 1:
            return False
        if any(operand.place in self._buffers and operand.call != "leaf" for operand in operands(value)):
            return False  # its operand may be written over before the user comes
        return all(user.place < self._moves[leaf] or self._moves[leaf] == user.place for leaf in reads)

    # ---------------------------------------------------------------- expressions

    def _text(self, value: Traced | float) -> Term:
        if not isinstance(value, Traced):
            text = repr(value) if math.isfinite(value) else f"{'-' * (value < 0)}math.{abs(value)!r}"
            return Term(text, UNARY if text.startswith("-") else ATOM)
        if value.call in VIEWS:
            return Term(self._view(value))
        return self._texts[value.place]

    def _view(self, value: Traced) -> str:
        base, options = self._text(value.args[0]), value.options
        atom = base.within(ATOM)
        if value.call == "T":
            return f"{atom}.T"
        if value.call == "reshape":
            if len(options) == 1:
                return f"{atom}.reshape(-1)"
            return f"{atom}.reshape({', '.join(map(str, options))})"
        if value.call == "index":
            parts = [
                "None" if p is None else ":" if p == slice(None) else f"{p.start or ''}:{p.stop}"
                if isinstance(p, slice) else str(p) for p in thawed_index(options[0])
            ]  # fmt: skip
            return f"{atom}[{', '.join(parts)}]"
        if value.call == "broadcast_to":
            return f"np.broadcast_to({base.text}, {_shape_text(options)})"
        if value.call == "expand_dims":
            return f"np.expand_dims({base.text}, {options[0] if len(options) == 1 else options})"
        return f"np.swapaxes({base.text}, {options[0]}, {options[1]})"

    def _expression(self, value: Traced) -> Term:
        if value.call == "full":
            (number,), shape = value.args, value.options
            kind = {0.0: "np.zeros({})", 1.0: "np.ones({})"}.get(number, f"np.full({{}}, {number!r})")
            return Term(kind.format(_shape_text(shape)))
        texts = [self._text(arg) for arg in value.args]
        numbers = not any(isinstance(arg, Traced) and arg.shape for arg in value.args)
        if value.call in _INFIX:
            sign, strength = _INFIX[value.call]
            if not isinstance(value.args[1], Traced):
                texts, sign = _as_division(texts, value.args[1], sign, numbers)
            tighter = strength if value.call in ("add", "multiply") and not numbers else strength + 1
            # a * (b * c) keeps its parentheses: the order of operations is what makes the bits
            return Term(
                f"{texts[0].within(strength)} {sign} {texts[1].within(max(tighter, strength + 1))}", strength
            )
        if value.call == "negative":
            return Term(f"-{texts[0].within(UNARY)}", UNARY)
        if value.call == "where" and numbers:
            return Term(f"{texts[1].within(SUM)} if {texts[0].text} else {texts[2].within(SUM)}", CONDITION)
        if value.call == "bitwise_and":
            sign = "and" if numbers else "&"
            return Term(f"({texts[0].text}) {sign} ({texts[1].text})", COMPARISON)
        if numbers and value.call in _OF_NUMBERS:
            return Term(f"{_OF_NUMBERS[value.call]}({', '.join(t.text for t in texts)})")
        if value.call == "dot" and all(_is_flat(arg) for arg in value.args):
            flat = [self._text(arg.args[0]).text for arg in value.args]
            return Term(f"np.vdot({flat[0]}, {flat[1]})")
        if value.call == "dot":
            return Term(f"{texts[0].within(ATOM)}.dot({texts[1].text})")
        return Term(_call_text(value, [t.text for t in texts]))


def _is_flat(value: Any) -> bool:
    """Tell whether a value is all elements of an array in a row."""
    return isinstance(value, Traced) and value.call == "reshape" and len(value.shape) == 1


def _as_division(texts: list[Term], number: float, sign: str, numbers: bool) -> tuple[list[Term], str]:
    """Write a number times 0.5 as divided by 2, which is the same, and whole divisors without a point."""
    if sign == "*" and numbers and 0 < number < 1 and math.frexp(number)[0] == 0.5:
        number, sign = 1.0 / number, "/"  # a power of two; times 0.1 is not divided by 10
    if sign == "/" and number.is_integer() and 0 < number < 1e15:
        return [texts[0], Term(f"{number:.0f}")], sign
    return texts, sign


def _call_text(value: Traced, args: list[str], out: str = "") -> str:
    """Write a call of NumPy's."""
    where = f", out={out}" if out else ""
    if value.call in ("add.reduce", "maximum.reduce"):
        axes, keepdims = value.options
        axis = f", axis={axes[0] if len(axes) == 1 else axes}"
        if len(value.args[0].shape) == 1:
            axis = ""
        elif len(axes) == len(value.args[0].shape):
            axis = ", axis=None"
        return f"np.{value.call}({args[0]}{axis}{', keepdims=True' if keepdims else ''}{where})"
    if value.call == "all" and value.options[0] is not None:
        return f"np.all({args[0]}, axis={value.options[0]}{where})"
    if value.call == "concatenate":
        return f"np.concatenate(({', '.join(args)}), axis={value.options[0]}{where})"
    if value.call == "copy":
        return f'np.copy({args[0]}, order="C")'
    if value.call in ("stack", "array"):
        return f"np.{value.call}(({', '.join(args)}))"
    if value.call == "einsum":
        return f'np.einsum("{value.options[0]}", {", ".join(args)})'
    name = {"absolute": "abs"}.get(value.call, value.call)
    return f"np.{name}({', '.join(args)}{where})"


def _shape_text(shape: Iterable[int]) -> str:
    lengths = tuple(shape)
    return str(lengths[0]) if len(lengths) == 1 else str(lengths)


def _needed(request: Request) -> list[Traced]:
    """Return the calls that loss and results depend on, in order."""
    wanted = bytearray(len(request.calls))
    for value in (request.loss, *request.watched, *(part for pair in request.results for part in pair)):
        if isinstance(value, Traced):
            wanted[value.place] = 1
    for call in reversed(request.calls):
        if wanted[call.place]:
            for arg in call.args:
                if isinstance(arg, Traced):
                    wanted[arg.place] = 1
    return [call for call in request.calls if wanted[call.place]]


__all__ = ["SMALL", "Code", "Names", "Request", "Section", "Statement", "is_buffered"]
