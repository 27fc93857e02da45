"""Pictures: which one is looked at, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import structs

from tui_backprop.debugger.command import Key, typed
from tui_backprop.debugger.replies import Note, Replies, SeenPage
from tui_backprop.debugger.session import DebugSession, PictureChoice
from tui_backprop.text.sentences import later, tr

if TYPE_CHECKING:
    from tui_backprop.pictures.picture import Picture, Wanted

FIRST = "loss"


class PicturePage(SeenPage, frozen=True):
    """A picture, as whoever asked for it is to see it.

    Attributes:
        kind: its kind.
        picture: its numbers.
    """

    kind: str
    picture: Picture


def plot(session: DebugSession, argument: str = "") -> Replies:
    """Make the picture that is named, or the one looked at last, and answer with it."""
    chosen = read_choice(argument) if argument else session.picture or PictureChoice(FIRST)
    picture = make(session, chosen)
    session.picture = chosen
    yield PicturePage(chosen.kind, picture)


def read_choice(argument: str) -> PictureChoice:
    """Read ``KIND [NAME[,NAME]]``."""
    kind, _, of = argument.partition(" ")
    return PictureChoice(kind, names(of))


def names(text: str) -> tuple[str, ...]:
    """Return the names that stand in a list: commas within brackets are of an element."""
    found, depth = [""], 0
    for character in text:
        depth += (character in "[(") - (character in ")]")
        if character == "," and depth <= 0:
            found.append("")
        else:
            found[-1] += character
    return tuple(name.strip() for name in found if name.strip())


def make(session: DebugSession, chosen: PictureChoice) -> Picture:
    """Make a picture of the training where it stands, all of it.

    Raises:
        BackpropError: as ``make_picture`` does.
    """
    from tui_backprop.pictures.registry import make_picture

    should_stop = session.patience(tr("drawing the {kind}", kind=chosen.kind))
    return make_picture(session.trainer, chosen.kind, _wanted(chosen), should_stop)


def begin(session: DebugSession, chosen: PictureChoice) -> Picture:
    """Make a picture of the training where it stands; one that takes long is only begun.

    Raises:
        BackpropError: as ``begin_picture`` does.
    """
    from tui_backprop.pictures.registry import begin_picture

    return begin_picture(session.trainer, chosen.kind, _wanted(chosen))


def _wanted(chosen: PictureChoice) -> Wanted:
    from tui_backprop.pictures.picture import Grain, Wanted

    return Wanted(chosen.of, Grain(*chosen.grain))


def look(session: DebugSession, chosen: PictureChoice | None) -> Replies:
    """Have a picture follow the training, or none: a front end with a panel for it shows it from then on."""
    session.picture = chosen
    yield from ()


def turn(session: DebugSession, by: int) -> Replies:
    """Have the picture be about what its kind offers next, or before; first of all what it chooses itself."""
    from tui_backprop.pictures.registry import kind_of

    chosen = session.picture
    if chosen is None:
        return
    offered = [(), *kind_of(chosen.kind).offers(session.trainer)]
    if len(offered) == 1:
        yield Note(tr("{kind} is about one thing here: there is no other to choose", kind=chosen.kind))
        return
    at = offered.index(chosen.of) if chosen.of in offered else 0
    session.picture = structs.replace(chosen, of=offered[(at + by) % len(offered)])


def kinds() -> Sequence[str]:
    """Return the names of all kinds."""
    from tui_backprop.pictures.registry import KINDS

    return tuple(KINDS)


COMMANDS = (
    typed(
        "plot 5", plot, later("A picture of the training, in words and numbers here"), "plot loss",
        arguments="[KIND [NAME[,NAME]]]",
        more=later(
            "The kinds are those of tui-backprop plot --what. In the app a panel has it, which follows the "
            "training."
        ),
        changes=False,
        key=Key("5", later("picture"), help=later("Pictures that follow the training; ← → choose which")),
    ),
)  # fmt: skip
