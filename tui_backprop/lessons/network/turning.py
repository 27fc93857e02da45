"""Turning dials one notch at a time, and typing them: the rows of a screen of dials, without the screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import Struct, structs

from tui_backprop.engine.optimizers import OPTIMIZERS
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.network.checking import DialProblem
from tui_backprop.lessons.network.dials import (
    ACTIVATIONS,
    AUTO,
    LOSSES,
    PRESETS,
    Dials,
    fitted,
    with_dataset,
)
from tui_backprop.lessons.network.reading import MOST_LAYERS, MOST_UNITS, OPTIONS, read_layers, whole
from tui_backprop.lessons.specs.initializers import INITIALIZERS
from tui_backprop.text.sentences import later, tr

_NOTCHES: Final[dict[str, Sequence[Any]]] = {
    "dataset": tuple(PRESETS),
    "size": (20, 50, 100, 200, 300, 500, 1000, 2000, 5000),
    "noise": (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0),
    "features": (
        (), ("x", "y", "xy"), ("xx", "yy"), ("x", "y", "xx", "yy"), ("x", "y", "xx", "yy", "xy"),
        ("x", "y", "xx", "yy", "xy", "sinx", "siny"), ("x", "y", "sinx", "siny"),
    ),
    "loss": LOSSES,
    "initializer": (AUTO, *INITIALIZERS),
    "batch": (1, 2, 5, 10, 20, 50, 100, "all"),
    "validation": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
    "l1": (0.0, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0),
    "l2": (0.0, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0),
    "optimizer": tuple(OPTIMIZERS),
    "learning_rate": (1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.02, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
    "iterations": (100, 200, 300, 500, 1000, 2000, 5000, 10_000, 20_000),
}  # fmt: skip
"""What a dial stands at, one notch after the other; typing sets anything else."""
_ROUND = frozenset({"dataset", "features", "loss", "initializer", "optimizer"})
"""Dials that begin anew behind their last notch."""
OUTPUTS = later("outputs")
_BEFORE = ("dataset", "size", "noise", "features")
_BEHIND = (
    "loss", "initializer", "batch", "validation", "l1", "l2", "optimizer", "learning_rate", "iterations",
    "seed",
)  # fmt: skip


class DialRow(Struct, frozen=True):
    """One dial as it is shown and turned.

    Attributes:
        label: what it is called.
        value: what it stands at.
        field: the dial that a problem with it names.
        help: what it is.
        turned: returns the dials with it one notch on, or back.
        typed: returns the dials with it as typed; raises LessonError where that cannot be read.
    """

    label: str
    value: str
    field: str
    help: str
    turned: Callable[[int], Dials]
    typed: Callable[[str], Dials]

    def has(self, problem: DialProblem) -> bool:
        """Tell whether a problem is one of this dial."""
        return problem.field == self.field and (not problem.outputs or self.label == tr(OUTPUTS))


def dial_rows(dials: Dials) -> tuple[DialRow, ...]:
    """Return the dials from top to bottom: data, layers, loss and training."""
    before = [name for name in _BEFORE if name != "features" or PRESETS[dials.dataset].layers[0] > 1]
    return (
        *(_plain_row(dials, name) for name in before),
        _count_row(dials),
        *(row for k in range(1, len(dials.hidden) + 1) for row in (_width(dials, k), _activation(dials, k))),
        _width(dials, len(dials.layers) - 1),
        *(_plain_row(dials, name) for name in _BEHIND),
    )


def _plain_row(dials: Dials, name: str) -> DialRow:
    option = OPTIONS[name]
    value = getattr(dials, name)

    def changed(new: Any) -> Dials:
        if name == "dataset":
            return with_dataset(dials, new)
        made = structs.replace(dials, **{name: new})
        return fitted(made) if name == "features" else made

    def turned(by: int) -> Dials:
        if name == "seed":
            return changed(max(value + by, 0))
        notches = _NOTCHES[name]
        if name in _ROUND:
            at = notches.index(value) if value in notches else -1 if by > 0 else 0
            return changed(notches[(at + by) % len(notches)])
        return changed(_next_notch(value, notches, by))

    def typed(text: str) -> Dials:
        choices = notches if isinstance((notches := _NOTCHES.get(name, ("",)))[0], str) else ()
        return changed(option.read(name.replace("_", "-"), _completed(text, choices)))

    shown = option.write(value) or "x,y"
    return DialRow(name.replace("_", " "), shown, name, option.help, turned, typed)


def _next_notch(value: Any, notches: Sequence[Any], by: int) -> Any:
    """Return the nearest notch beyond a value; ``all`` is beyond every number."""

    def size(notch: Any) -> float:
        return float("inf") if isinstance(notch, str) else float(notch)

    if by > 0:
        return next((notch for notch in notches if size(notch) > size(value)), value)
    return next((notch for notch in reversed(notches) if size(notch) < size(value)), value)


def _completed(text: str, choices: Sequence[str]) -> str:
    """Return the one choice that begins so; else what was typed."""
    word = text.strip().lower()
    begun = [choice for choice in choices if choice.startswith(word)]
    return begun[0] if word not in choices and len(begun) == 1 else text


def _count_row(dials: Dials) -> DialRow:
    count = len(dials.hidden)

    def changed(new: int) -> Dials:
        hidden = [*dials.hidden[:new], *([dials.hidden[-1] if dials.hidden else 8] * (new - count))]
        kept = dials.activations or ("tanh",)
        acts = tuple((*kept, *[kept[-1]] * new)[:new]) or kept[:1]
        layers = (dials.layers[0], *hidden, dials.layers[-1])
        return structs.replace(dials, layers=layers, activation=_shortest(acts))

    def typed(text: str) -> Dials:
        widths = text.strip().replace(" ", ",").replace("-", ",").split(",")
        if len(widths) > 1:  # all widths at once
            layers = read_layers("layers", ",".join(widths))
            return structs.replace(changed(len(layers) - 2), layers=layers)
        return changed(whole(0, MOST_LAYERS)(tr("hidden layers"), text))

    return DialRow(
        tr("hidden layers"), str(count), "layers", tr("How many; or all widths, such as 2,8,8,1."),
        lambda by: changed(min(max(count + by, 0), MOST_LAYERS)), typed,
    )  # fmt: skip


def _width(dials: Dials, k: int) -> DialRow:
    last = k == len(dials.layers) - 1
    label = tr(OUTPUTS) if last else tr("layer {k}", k=k)

    def changed(new: int) -> Dials:
        layers = [*dials.layers]
        layers[k] = new
        return structs.replace(dials, layers=tuple(layers))

    def typed(text: str) -> Dials:
        return changed(whole(1, MOST_UNITS)(label, text))

    what = tr("One, or one for each class.") if last else tr("Units of this layer.")
    return DialRow(
        label, str(dials.layers[k]), "layers", what, lambda by: changed(max(dials.layers[k] + by, 1)), typed
    )


def _activation(dials: Dials, k: int) -> DialRow:
    names = tuple(ACTIVATIONS)
    now = dials.activations[k - 1]

    def changed(new: str) -> Dials:
        each = [*dials.activations]
        each[k - 1] = new
        return structs.replace(dials, activation=_shortest(tuple(each)))

    def typed(text: str) -> Dials:
        read = OPTIONS["activation"].read("activation", _completed(text, names))
        if len(read) == 1:
            return changed(read[0])
        if len(read) != len(dials.hidden):
            raise LessonError(
                tr(
                    "activation: found {found}; give one, or {layers}",
                    found=len(read),
                    layers=len(dials.hidden),
                )
            )
        return structs.replace(dials, activation=_shortest(read))

    return DialRow(
        tr("  behind it"), now, "activation", tr("One of {names}.", names=', '.join(names)),
        lambda by: changed(names[(names.index(now) + by) % len(names)]), typed,
    )  # fmt: skip


def _shortest(activations: tuple[str, ...]) -> tuple[str, ...]:
    """Return one activation for all layers where it is the same for all."""
    return activations[:1] if len(set(activations)) == 1 else activations
