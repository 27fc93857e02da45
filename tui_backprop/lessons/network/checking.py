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
from tui_backprop.text.sentences import tr, tr_count

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
        yield DialProblem("features", tr("sine has one input, x, which is taken as it is; leave them out"))
    yield from _of_layers(dials, data)
    yield from _of_loss(dials, data)
    yield from _of_samples(dials, data, sandbox)
    numbers = data.rows * 2 * sum(dials.layers) + 3 * parameter_count(dials)
    most = sandbox.at_most("values", MOST_NUMBERS)
    if numbers > most:
        yield DialProblem(
            "layers",
            tr(
                "about {numbers:,} numbers in all layers for {rows:,} samples, and {most:,} are the "
                "most; make layers narrower, or samples fewer",
                numbers=numbers,
                rows=data.rows,
                most=most,
            ),
        )


def _of_layers(dials: Dials, data: NetworkData) -> Iterator[DialProblem]:
    found, right = dials.layers[0], len(data.inputs)
    names = printable(", ".join(data.inputs[:8]), 120) + (", …" if right > 8 else "")
    if found != right:
        more = ""
        if data.made and not dials.features and data.shown != "sine" and 2 < found <= 7:
            more = tr(", or choose {found} features, such as x,y,xy", found=found)
        counted = _inputs(found)
        yield DialProblem(
            "layers",
            tr(
                "found {inputs}, but {data} has {right} ({names}); begin with {right}{more}",
                inputs=counted,
                data=data.shown,
                right=right,
                names=names,
                more=more,
            )
            if not dials.features
            else tr(
                "found {inputs}, but the features are {right} ({names}); begin with {right}{more}",
                inputs=counted,
                right=right,
                names=names,
                more=more,
            ),
        )
    if any(width > MOST_UNITS or width < 1 for width in dials.layers):
        yield DialProblem("layers", tr("each layer has 1 to {most:,} units", most=MOST_UNITS))
    yield from _of_outputs(dials, data)
    if len(dials.activation) > 1 and len(dials.activation) != len(dials.hidden):
        yield DialProblem(
            "activation",
            tr_count(
                "found {found} for {count} hidden layer; give one, or one for each",
                "found {found} for {count} hidden layers; give one, or one for each",
                len(dials.hidden),
                found=len(dials.activation),
            ),
        )


def _of_outputs(dials: Dials, data: NetworkData) -> Iterator[DialProblem]:
    outputs = dials.layers[-1]
    counted = tr_count("{count:,} output", "{count:,} outputs", outputs)
    if not data.classes:
        if outputs != 1:
            yield DialProblem(
                "layers",
                tr(
                    "found {outputs}, but {data} is one number; end with 1",
                    outputs=counted,
                    data=data.shown,
                ),
                outputs=True,
            )
    elif data.made and data.shown in WITH_CLASSES:
        if outputs > data.classes and outputs > 1:
            yield DialProblem(
                "layers",
                tr("found {outputs}; {data} has 2 to 100 classes", outputs=counted, data=data.shown),
                outputs=True,
            )
    elif data.classes == 2 and outputs > 2:
        yield DialProblem(
            "layers",
            tr(
                "found {outputs}, but {data} has 2 classes; end with 1, or with 2",
                outputs=counted,
                data=data.shown,
            ),
            outputs=True,
        )
    elif data.classes > 2 and outputs != data.classes:
        yield DialProblem(
            "layers",
            tr(
                "found {outputs}, but {data} has {classes} classes; end with {classes}",
                outputs=counted,
                data=data.shown,
                classes=data.classes,
            ),
            outputs=True,
        )


def _of_loss(dials: Dials, data: NetworkData) -> Iterator[DialProblem]:
    loss, outputs = chosen_loss(dials, data), dials.layers[-1]
    if loss == "cross_entropy":
        if not data.classes:
            yield DialProblem(
                "loss",
                tr("cross_entropy is for classes, and {data} is a number; take mse", data=data.shown),
            )
        elif outputs < 2:
            yield DialProblem(
                "loss",
                tr(
                    "cross_entropy needs an output for each class; end layers with 2, or take bce_with_logits"
                ),
            )
    elif loss == "bce_with_logits":
        if not data.classes:
            yield DialProblem(
                "loss",
                tr("bce_with_logits is for 2 classes, and {data} is a number; take mse", data=data.shown),
            )
        elif outputs > 1:
            yield DialProblem(
                "loss",
                tr("bce_with_logits is for one output, found {outputs}; take cross_entropy", outputs=outputs),
            )
    elif outputs > 1 and data.classes:
        yield DialProblem(
            "loss",
            tr("{loss} compares one output, found {outputs}; take cross_entropy", loss=loss, outputs=outputs),
        )


def _of_samples(dials: Dials, data: NetworkData, sandbox: Sandbox) -> Iterator[DialProblem]:
    trained, held = data.split(dials.validation)
    most = sandbox.at_most("rows", data.rows)
    if data.rows > most:
        yield DialProblem(
            "size",
            tr("found {rows:,} samples; the limit of this login is {most:,}", rows=data.rows, most=most),
        )
    if dials.batch != "all" and dials.batch > trained:
        rest = tr(", for {held} of {rows} are held back", held=held, rows=data.rows) if held else ""
        yield DialProblem(
            "batch",
            tr(
                "found {batch}; it must be all, or 1 to {trained}{rest}",
                batch=dials.batch,
                trained=trained,
                rest=rest,
            ),
        )


def _inputs(count: int) -> str:
    return tr_count("{count:,} input", "{count:,} inputs", count)
