"""What a picture is: the numbers that are drawn, the figure that draws them, and both in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, runtime_checkable

from msgspec import Struct

from tui_backprop.pictures.figure import Figure
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.view import TrainingView


class Picture(Protocol):
    """The numbers of one picture, at one place of a training; immutable."""

    def numbers(self) -> Mapping[str, Any]:
        """Return what ``plot --format json`` writes: names, numbers, arrays and nested lists of them."""

    def figure(self) -> Figure:
        """Return what is drawn."""

    def words(self) -> Sequence[str]:
        """Return what there is to see, as sentences with numbers, for who does not see it."""


@runtime_checkable
class Growing(Picture, Protocol):
    """A picture that takes long: it is shown as it fills."""

    left: int
    """How many numbers are still to be computed; 0 where it is complete."""

    def grow(self, seconds: float) -> Growing:
        """Return it with more of its numbers, after about so many seconds."""

    def gone_on(self, view: TrainingView) -> Growing:
        """Return it with what is quickly told of where a run has come to, and nothing computed anew."""


class Grain(Struct, frozen=True):
    """How fine a picture is to be.

    Attributes:
        columns, rows: points across and down that can be told apart where it is drawn.
    """

    columns: int = 80
    rows: int = 48


class Wanted(Struct, frozen=True):
    """What is to be in a picture.

    Attributes:
        of: the parameters, inputs or nodes that it is about, as they were named; none for those that it
            chooses itself. An element is ``b1[0]``.
        grain: how fine it is to be.
    """

    of: tuple[str, ...] = ()
    grain: Grain = Grain()


def overridden(view: TrainingView) -> tuple[str, ...]:
    """Say which values are held by hand, for pictures of the parameters, which leave them out."""
    names = [pretty_text(name) for name in view.overrides]
    if not names:
        return ()
    listed = ", ".join(names[:6]) + (", …" if names[6:] else "")
    return (
        tr("This picture is of the parameters: values held by hand are left out ({names}).", names=listed),
    )


Make: TypeAlias = Callable[[TrainingView, Wanted], Picture]
"""Makes a picture of a training where it stands; raises a BackpropError where there is none of it."""


Offer: TypeAlias = Callable[[TrainingView], Sequence[tuple[str, ...]]]
"""Returns what a picture can be about in a training, each as ``Wanted.of`` names it."""


def nothing_offered(view: TrainingView) -> Sequence[tuple[str, ...]]:
    """Offer nothing: the kind is about the whole training, or has to be told what it is about."""
    return ()


class PictureKind(Struct, frozen=True):
    """A kind of picture.

    Attributes:
        name: what it is called, as ``plot --what`` has it.
        help: what it shows, on one line.
        make: makes it.
        of: what ``of`` may name, in words; empty where it names nothing.
        offers: what a front end goes through besides what the kind chooses by itself.
        live: whether it is made anew for each frame while a run goes on; others are when it has ended.
    """

    name: str
    help: str
    make: Make
    of: str = ""
    offers: Offer = nothing_offered
    live: bool = True
