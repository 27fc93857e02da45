"""Every kind of picture, by name, and how one is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tui_backprop.engine.core.errors import BackpropError, suggest
from tui_backprop.pictures.boundary import Boundary
from tui_backprop.pictures.curves import LossCurve
from tui_backprop.pictures.fit import Fit
from tui_backprop.pictures.picture import Kind, Picture, Wanted
from tui_backprop.text.printable import printable
from tui_backprop.training.view import TrainingView

KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("loss", "the loss before each update", LossCurve.of),
        Kind("fit", "predictions along one input, and the samples", Fit.of, "an input, and an output"),
        Kind(
            "boundary", "what the model says of two inputs, with the samples on it", Boundary.of,
            "two inputs, and an output",
        ),
    )
}  # fmt: skip
"""In the order in which the app goes through them."""


def kind_of(name: str) -> Kind:
    """Return a kind by its name.

    Raises:
        BackpropError: there is none.
    """
    if name not in KINDS:
        hint = suggest(name, KINDS) or f"; there are {', '.join(KINDS)}"
        raise BackpropError(f"unknown picture '{printable(name, 40)}'{hint}")
    return KINDS[name]


def make_picture(view: TrainingView, name: str, wanted: Wanted) -> Picture:
    """Make a picture of a training where it stands.

    Raises:
        BackpropError: no such kind, none of it in this lesson, or something named that it is not about.
    """
    kind = kind_of(name)
    if wanted.of and not kind.of:
        raise BackpropError(
            f"{name} is about the whole training: leave {printable(','.join(wanted.of), 60)} out"
        )
    return kind.make(view, wanted)
