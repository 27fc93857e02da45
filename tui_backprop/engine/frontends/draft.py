"""Formula text under construction: its lines, and its parameters with the names that they had before."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty

INPUT: Final = "x"
OUTPUT: Final = "y_hat"
TAKEN: Final = (INPUT, OUTPUT, "y", "L", "t", "pi", "e", "n")
"""What no parameter and no layer is called: names a lesson has besides, and those that formulas know."""


class ModelError(BackpropError):
    """A model is refused: something in it cannot be read, or cannot be said in a formula."""


class Tensor(Struct, frozen=True):
    """A parameter, or a constant of a model.

    Attributes:
        name: what the formula calls it.
        source: what the other tool calls it.
        shape: as the other tool keeps it.
        start: the initialiser for where no weights are given.
        fan_in: inputs of that initialiser, where the shape does not say them.
        value: its numbers, where the model brings them.
        trainable: whether it is a parameter rather than a constant.
    """

    name: str
    source: str
    shape: Shape
    start: str = "zeros"
    fan_in: int | None = None
    value: Array | None = None
    trainable: bool = True


class ModelInput(Struct, frozen=True):
    """What a model takes for one sample.

    Attributes:
        shape: axes behind that of the samples; None for one that the model does not say.
        classes: of whole numbers, how many there are; 0 for real numbers.
        sequence: whether the axis not said counts steps, rather than places of a picture.
        samples: how many samples there must be; None for any number.
        axis: along which axis samples count.
    """

    shape: tuple[int | None, ...]
    classes: int = 0
    sequence: bool = False
    samples: int | None = None
    axis: int = 0


class ModelDraft:
    """A model as it is written line by line.

    Attributes:
        lines: the formula's, up to the prediction.
        tensors: parameters and constants, in the order of their use.
        remarks: what the reader of the formula has to know about it.
        sample: what goes in; None until something says it.
        at: the name of what has been computed last.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.tensors: list[Tensor] = []
        self.remarks: list[str] = []
        self.sample: ModelInput | None = None
        self.at = INPUT
        self._taken = {pretty(name) for name in TAKEN}

    def fresh(self, name: str) -> str:
        """Return a name that is free, as like to this one as can be, and take it."""
        wanted = re.sub(r"\W", "_", name, flags=re.ASCII)[:60] or "h"
        wanted = wanted if re.match(r"[^\W\d]", wanted) else f"v{wanted}"
        found, count = wanted, 1
        while pretty(found) in self._taken:
            count += 1
            found = f"{wanted}_{count}"
        self._taken.add(pretty(found))
        return found

    def tensor(
        self,
        name: str,
        source: str,
        shape: Shape,
        start: str = "zeros",
        fan_in: int | None = None,
        value: Array | None = None,
        *,
        trainable: bool = True,
    ) -> str:
        """Add a parameter or a constant, and return the name that formulas have for it."""
        made = Tensor(self.fresh(name), source, shape, start, fan_in, value, trainable)
        self.tensors.append(made)
        return made.name

    def write(self, *lines: str) -> None:
        """Add lines as they are."""
        self.lines += lines

    def put(self, name: str, expression: str) -> str:
        """Compute an expression under a name like this one; return the name that it has."""
        self.at = self.fresh(name)
        self.lines.append(f"{self.at} = {expression}")
        return self.at

    def remark(self, text: str) -> None:
        """Say something about the model, once."""
        if text not in self.remarks:
            self.remarks.append(text)

    def takes(self, shape: tuple[int | None, ...], classes: int = 0, *, sequence: bool = False) -> None:
        """Say what one sample is, where no layer before has said it."""
        if self.sample is None:
            self.sample = ModelInput(shape, classes, sequence)

    def finish(self) -> None:
        """Give what has been computed last the name of the prediction.

        Raises:
            ModelError: nothing has been computed.
        """
        if self.at == INPUT:
            raise ModelError(tr("there is no layer in it that computes anything"))
        for place in reversed(range(len(self.lines))):
            name, equals, expression = self.lines[place].partition(" = ")
            if name == self.at and equals:
                last = not any(re.search(rf"\b{self.at}\b", line) for line in self.lines[place + 1 :])
                if last:
                    self.lines[place] = f"{OUTPUT} = {expression}"
                    self.at = OUTPUT
                    return
                break
        self.lines.append(f"{OUTPUT} = {self.at}")
        self.at = OUTPUT
