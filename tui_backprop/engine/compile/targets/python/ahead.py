"""A program that has done before its loop what would only take time there, and is less pleasant to read.

Of small arrays a call takes longer than the work, and each look-up, view or number that NumPy has to make an
array of takes a good part of a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tui_backprop.engine.compile.form import Form, Frequency, Value, is_elementwise, root
from tui_backprop.engine.compile.storage import SMALL
from tui_backprop.engine.compile.targets.python.expressions import number_text
from tui_backprop.engine.compile.targets.python.statements import Code
from tui_backprop.engine.ops.base import ATOM, Term

BY_NAME: Final = frozenset({"maximum", "minimum"})
"""Functions that NumPy wants to be told by its name where the result goes, since they look like Python's."""


class AheadCode(Code):
    """Statements that have views, NumPy's functions, and numbers as arrays, under names of their own."""

    def __init__(self, form: Form) -> None:
        self._ahead: dict[str, str] = {}
        super().__init__(form, buffers=True)

    def viewed(self, view: Value, text: Term) -> Term:
        """Return the name of a view, where the array that it looks at stays the same one."""
        if self.level is Frequency.ONCE:
            return text
        whole = root(view)
        buffer = self._buffers.get(whole.place)
        if buffer is not None and buffer.leaf is not None:
            return self._named(text.text, self.call) if self._stays(buffer.leaf) else text
        stays = buffer is not None or (whole.level is Frequency.ONCE and bool(whole.shape))
        return self._named(text.text, self.arrays) if stays else text

    def operand(self, value: Value, arg: Value | float) -> Term:
        """Return the name of an array without axes for a number that meets large arrays."""
        alike = all(part.dtype in (self._form.dtype, bool) for part in value.args if isinstance(part, Value))
        large = value.level is Frequency.ITERATION and value.size > SMALL
        if large and type(arg) is float and is_elementwise(value.call) and alike:
            return self._named(f"np.array({self.typed(number_text(arg))})", self.arrays)
        return super().operand(value, arg)

    def writing(self, value: Value, texts: Sequence[Term], out: str) -> str:
        """Write a call the way that takes NumPy least time."""
        first, *others = texts
        if value.call == "dot":
            return f"{first.within(ATOM)}.dot({others[0].text}, {out})"
        if value.call == "copy":
            return f"{out}[...] = {first.text}"
        if is_elementwise(value.call):
            name = self.rows[value.call].of_array if value.call in self.rows else f"np.{value.call}"
            if name.startswith("np."):
                where = f"out={out}" if value.call in BY_NAME else out
                arguments = ", ".join([*(text.text for text in texts), where])
                return f"{self._named(name, self.call).text}({arguments})"
        return super().writing(value, texts, out)

    def _stays(self, leaf: Value) -> bool:
        """Tell whether a parameter or memory is updated in its own array."""
        return all(of is not leaf or result.place in self._buffers for of, result in self._form.results)

    def _named(self, text: str, lines: list[str]) -> Term:
        """Return the name of something that is made before the loop."""
        if text not in self._ahead:
            take, wanted = self._names.take, text.removeprefix("np.")
            name = take(wanted) if wanted.isidentifier() else self._names.temporary()
            self._ahead[text] = name
            lines.append(f"{name} = {text}")
            if lines is not self.call:
                self.fixed.append(name)
        return Term(self._ahead[text])
