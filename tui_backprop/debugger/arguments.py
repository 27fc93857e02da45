"""What follows a command: a count, an iteration, a node, or a word that must not be missing."""

from __future__ import annotations

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.language.nodes import find_one
from tui_backprop.lessons.hyperparameters import MAX_ITERATIONS
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

MOST_DIGITS = 12


def needed(argument: str, refusal: str) -> str:
    """Return an argument; refuse to go on without one, in these words."""
    if not argument:
        raise BackpropError(refusal)
    return argument


def count(argument: str, most: int = MAX_ITERATIONS, default: int = 1) -> int:
    """Read how often, once where nothing is said."""
    return whole_number(argument, 1, most) if argument else default


def whole_number(argument: str, least: int = 1, most: int = MAX_ITERATIONS) -> int:
    """Read a whole number within bounds.

    Raises:
        BackpropError: it is none, or too small or large.
    """
    word = argument.replace(",", "").replace("_", "")
    if not (word.isascii() and word.isdecimal()) or len(word) > MOST_DIGITS or not least <= int(word) <= most:
        reason = tr(
            "found {found}; it must be a whole number from {least} to {most:,}",
            found=printable(argument, 30) or tr("nothing"),
            least=least,
            most=most,
        )
        raise BackpropError(reason)
    return int(word)


def iteration(argument: str) -> int:
    """Read an iteration to go to."""
    return whole_number(argument, 0)


def node_and_element(graph: Graph, text: str) -> tuple[Node, str]:
    """Split a node's name from its element; the first one where none is asked for.

    Raises:
        BackpropError: there is no such node.
    """
    try:
        node, element = find_one(graph, text), ""
    except BackpropError:
        head, bracket, rest = text.partition("[")
        if not bracket:
            head, _, rest = text.partition(" ")
        node, element = find_one(graph, head.strip()), rest.strip().removesuffix("]")
    return node, element or ",".join("0" for _ in node.shape)
