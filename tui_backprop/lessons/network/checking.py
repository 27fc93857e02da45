"""What cannot work about dials, told before anything is computed, and what shapes follow from them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from tui_backprop.lessons.datasets import WITH_CLASSES
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.lessons.network.data import NetworkData
from tui_backprop.lessons.network.dials import AUTO, Dials
from tui_backprop.lessons.network.reading import MOST_UNITS
from tui_backprop.text.printable import printable

MOST_NUMBERS = 30_000_000
"""Numbers in all layers for all samples: some hundred megabytes, and seconds an iteration."""


class DialProblem(Struct, frozen=True):
    """Something that cannot work.

    Attributes:
        field: the dial that it is about.
        text: what was found, and what would be right.
        outputs: whether of the layers it is about the last.
    """

    field: str
    text: str
    outputs: bool = False

    @property
    def line(self) -> str:
        """Both on one line."""
        return f"{self.field.replace('_', '-')}: {self.text}"


class LayerShape(Struct, frozen=True):
    """One layer: shapes of its input, weights and output, and how many parameters it has."""

    source: str
    rows: int
    inputs: int
    outputs: int
    number: int
    activation: str
    result: str

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return (self.inputs + 1) * self.outputs

    @property
    def text(self) -> str:
        """The layer in a line: ``X 100×2 @ W1 2×8 + b1 8 → tanh → h1 100×8``."""
        k = self.number
        weights = f"W{k} {self.inputs}×{self.outputs} + b{k} {self.outputs}"
        begun = f"{self.source} {self.rows}×{self.inputs} @ {weights}"
        between = f"{self.activation} → " if self.activation else ""
        return f"{begun} → {between}{self.result} {self.rows}×{self.outputs}"

    @property
    def brief(self) -> str:
        """The same where there is little room: ``W1 2×8, b1 8: 24``."""
        k = self.number
        return f"W{k} {self.inputs}×{self.outputs}, b{k} {self.outputs}: {self.parameters:,}"


def layer_shapes(dials: Dials, data: NetworkData) -> tuple[LayerShape, ...]:
    """Return the layers, from the inputs on, of the samples that are trained on."""
    rows, _ = data.split(dials.validation)
    rows = rows if dials.batch == "all" else min(dials.batch, rows)
    last = len(dials.layers) - 1
    acts = dials.activations
    return tuple(
        LayerShape(
            data.source if k == 1 else f"h{k - 1}", rows, dials.layers[k - 1], dials.layers[k], k,
            (acts[k - 1] if k <= len(acts) else acts[-1]) if k < last else "",
            f"h{k}" if k < last else "z" if data.classes else "y_hat",
        )
        for k in range(1, last + 1)
    )  # fmt: skip


def parameter_count(dials: Dials) -> int:
    """Return how many numbers are trained."""
    return sum((a + 1) * b for a, b in zip(dials.layers, dials.layers[1:], strict=False))


def chosen_loss(dials: Dials, data: NetworkData) -> str:
    """Return the loss, where it is left open the one that fits the targets."""
    if dials.loss != AUTO:
        return dials.loss
    if not data.classes:
        return "mse"
    return "bce_with_logits" if dials.layers[-1] == 1 else "cross_entropy"


def check(dials: Dials, data: NetworkData, sandbox: Sandbox) -> tuple[DialProblem, ...]:
    """Return what cannot work, the first to be mended first; nothing where the lesson can be built."""
    return tuple(_problems(dials, data, sandbox))


def refuse(dials: Dials, data: NetworkData, sandbox: Sandbox) -> None:
    """Refuse dials that cannot work.

    Raises:
        LessonError: the first problem in a line, the others as further lines.
    """
    problems = check(dials, data, sandbox)
    if problems:
        raise LessonError(problems[0].line)


def _problems(dials: Dials, data: NetworkData, sandbox: Sandbox) -> Iterator[DialProblem]:
    if dials.features and data.shown == "sine":
        yield DialProblem("features", "sine has one input, x, which is taken as it is; leave them out")
    yield from _of_layers(dials, data)
    yield from _of_loss(dials, data)
    yield from _of_samples(dials, data, sandbox)
    numbers = data.rows * 2 * sum(dials.layers) + 3 * parameter_count(dials)
    most = sandbox.at_most("values", MOST_NUMBERS)
    if numbers > most:
        yield DialProblem(
            "layers",
            f"about {numbers:,} numbers in all layers for {data.rows:,} samples, and {most:,} are the most; "
            "make layers narrower, or samples fewer",
        )


def _of_layers(dials: Dials, data: NetworkData) -> Iterator[DialProblem]:
    found, right = dials.layers[0], len(data.inputs)
    names = printable(", ".join(data.inputs[:8]), 120) + (", …" if right > 8 else "")
    if found != right:
        more = ""
        if data.made and not dials.features and data.shown != "sine" and 2 < found <= 7:
            more = f", or choose {found} features, such as x,y,xy"
        has = f"{data.shown} has {right}" if not dials.features else f"the features are {right}"
        yield DialProblem(
            "layers",
            f"found {_counted(found, 'input')}, but {has} ({names}); begin with {right}{more}",
        )
    if any(width > MOST_UNITS or width < 1 for width in dials.layers):
        yield DialProblem("layers", f"each layer has 1 to {MOST_UNITS:,} units")
    yield from _of_outputs(dials, data)
    if len(dials.activation) > 1 and len(dials.activation) != len(dials.hidden):
        hidden = _counted(len(dials.hidden), "hidden layer")
        yield DialProblem(
            "activation", f"found {len(dials.activation)} for {hidden}; give one, or one for each"
        )


def _of_outputs(dials: Dials, data: NetworkData) -> Iterator[DialProblem]:
    outputs = dials.layers[-1]
    counted = _counted(outputs, "output")
    if not data.classes:
        if outputs != 1:
            yield DialProblem(
                "layers", f"found {counted}, but {data.shown} is one number; end with 1", outputs=True
            )
    elif data.made and data.shown in WITH_CLASSES:
        if outputs > data.classes and outputs > 1:
            yield DialProblem("layers", f"found {counted}; {data.shown} has 2 to 100 classes", outputs=True)
    elif data.classes == 2 and outputs > 2:
        yield DialProblem(
            "layers", f"found {counted}, but {data.shown} has 2 classes; end with 1, or with 2", outputs=True
        )
    elif data.classes > 2 and outputs != data.classes:
        right = f"{data.shown} has {data.classes} classes; end with {data.classes}"
        yield DialProblem("layers", f"found {counted}, but {right}", outputs=True)


def _of_loss(dials: Dials, data: NetworkData) -> Iterator[DialProblem]:
    loss, outputs = chosen_loss(dials, data), dials.layers[-1]
    if loss == "cross_entropy":
        if not data.classes:
            yield DialProblem("loss", f"cross_entropy is for classes, and {data.shown} is a number; take mse")
        elif outputs < 2:
            right = "end layers with 2, or take bce_with_logits"
            yield DialProblem("loss", f"cross_entropy needs an output for each class; {right}")
    elif loss == "bce_with_logits":
        if not data.classes:
            yield DialProblem(
                "loss", f"bce_with_logits is for 2 classes, and {data.shown} is a number; take mse"
            )
        elif outputs > 1:
            yield DialProblem(
                "loss", f"bce_with_logits is for one output, found {outputs}; take cross_entropy"
            )
    elif outputs > 1 and data.classes:
        yield DialProblem("loss", f"{loss} compares one output, found {outputs}; take cross_entropy")


def _of_samples(dials: Dials, data: NetworkData, sandbox: Sandbox) -> Iterator[DialProblem]:
    trained, held = data.split(dials.validation)
    most = sandbox.at_most("rows", data.rows)
    if data.rows > most:
        yield DialProblem("size", f"found {data.rows:,} samples; the limit of this login is {most:,}")
    if dials.batch != "all" and dials.batch > trained:
        rest = f", for {held} of {data.rows} are held back" if held else ""
        yield DialProblem("batch", f"found {dials.batch}; it must be all, or 1 to {trained}{rest}")


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
