"""Every kind of picture, by name, and how one is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from tui_backprop.engine.core.errors import BackpropError, Interrupted, never, suggest
from tui_backprop.pictures.curves import LossCurve
from tui_backprop.pictures.elements import offer_elements
from tui_backprop.pictures.landscape import Landscape
from tui_backprop.pictures.layers import Layers
from tui_backprop.pictures.offers import (
    offer_held_back,
    offer_inputs,
    offer_lines,
    offer_pairs,
    offer_parameters,
    offer_planes,
)
from tui_backprop.pictures.picture import Growing, Picture, PictureKind, Wanted
from tui_backprop.pictures.predictions.boundary import Boundary
from tui_backprop.pictures.predictions.confusion import Confusion
from tui_backprop.pictures.predictions.fit import Fit
from tui_backprop.pictures.predictions.outputs import Outputs
from tui_backprop.pictures.rates import ScheduleCurve
from tui_backprop.pictures.slices import Slice
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr
from tui_backprop.training.view import TrainingView

SLICE = 0.05
"""Seconds after which a picture that takes long asks whether to go on."""

KINDS: Final[Mapping[str, PictureKind]] = {
    kind.name: kind
    for kind in (
        PictureKind("loss", later("the loss before each update"), LossCurve.of),
        PictureKind(
            "fit",
            later("predictions along one input, and the samples"),
            Fit.of,
            of=later("an input, and an output"),
            offers=offer_inputs,
        ),
        PictureKind(
            "boundary",
            later("what the model says of two inputs, with the samples on it"),
            Boundary.of,
            of=later("two inputs, and an output"),
            offers=offer_pairs,
        ),
        PictureKind(
            "outputs",
            later("predictions beside targets, what costs most first"),
            Outputs.of,
            of=later("validation, for the samples that are held back"),
            offers=offer_held_back,
        ),
        PictureKind(
            "confusion",
            later("how many samples of each class are taken for which"),
            Confusion.of,
            of=later("validation, for the samples that are held back"),
            offers=offer_held_back,
        ),
        PictureKind(
            "slice",
            later("the loss along the negative gradient, or along one parameter, with its tangent"),
            Slice.of,
            of=later("a parameter, or an element of one as b1[0]"),
            offers=offer_elements,
        ),
        PictureKind(
            "landscape",
            later("the loss over two parameters or directions, with the path so far"),
            Landscape.of,
            of=later("two parameters, or elements of them as W1[0,0],b1[0]"),
            live=False,
            offers=offer_planes,
        ),
        PictureKind(
            "weights",
            later("parameters as matrices and histograms, by layer"),
            Layers.weights,
            of=later("parameters"),
            offers=offer_parameters,
        ),
        PictureKind(
            "activations",
            later("what each line of the formula gives on all samples"),
            Layers.activations,
            of=later("names that the formula assigns"),
            offers=offer_lines,
        ),
        PictureKind(
            "gradients",
            later("the gradient of each parameter, by layer"),
            Layers.gradients,
            of=later("parameters"),
            offers=offer_parameters,
        ),
        PictureKind("schedule", later("the learning rate of each iteration"), ScheduleCurve.of),
    )
}
"""In the order in which the app goes through them."""


def kind_of(name: str) -> PictureKind:
    """Return a kind by its name.

    Raises:
        BackpropError: there is none.
    """
    if name not in KINDS:
        hint = suggest(name, KINDS) or "; " + tr("there are {names}", names=", ".join(KINDS))
        raise BackpropError(tr("unknown picture '{name}'", name=printable(name, 40)) + hint)
    return KINDS[name]


def begin_picture(view: TrainingView, name: str, wanted: Wanted) -> Picture:
    """Make a picture of a training where it stands; one that takes long is only begun.

    Raises:
        BackpropError: no such kind, none of it in this lesson, or something named that it is not about.
    """
    kind = kind_of(name)
    if wanted.of and not kind.of:
        named = printable(",".join(wanted.of), 60)
        raise BackpropError(
            tr("{picture} is about the whole training; leave {names} out", picture=name, names=named)
        )
    with np.errstate(all="ignore"):  # of a training that diverged: NaN and Infinity are drawn as such
        return kind.make(view, wanted)


def make_picture(
    view: TrainingView,
    name: str,
    wanted: Wanted,
    should_stop: Callable[[], bool] = never,
    tell: Callable[[int], object] = int,
) -> Picture:
    """Make a picture of a training where it stands, all of it.

    Args:
        view: the training.
        name: the kind's.
        wanted: what is to be in it.
        should_stop: asked now and then whether to give up.
        tell: told how many numbers are still to be computed, as they become fewer.

    Raises:
        BackpropError: as :func:`begin_picture` does.
        Interrupted: ``should_stop`` said so.
    """
    picture = begin_picture(view, name, wanted)
    while isinstance(picture, Growing) and picture.left:
        tell(picture.left)
        if should_stop():
            raise Interrupted(tr("the {picture} was given up", picture=name))
        picture = picture.grow(SLICE)
    return picture
