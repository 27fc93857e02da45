"""One line of the graph panel: marks, guides, a name, and what is known of the node in columns."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence

import numpy as np
from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Graph, Kind, Node
from tui_backprop.engine.core.arrays import Array
from tui_backprop.explain.titles import assignment_title, gradient_name, shown
from tui_backprop.explain.tree.progress import Progress
from tui_backprop.explain.tree.tree import Tree
from tui_backprop.text.charset import Charset
from tui_backprop.text.numbers import brief, fitted, inline
from tui_backprop.text.sentences import later, tr
from tui_backprop.tui.widgets.lines import Line

SELECTED, CURRENT, CURRENT_INSIDE = "›", "▶", "▷"
OPEN, FOLDED, REFERENCE = "▾", "▸", "↑"
PUT_IN, ALTERED, TO_COME = "✎", "*", "·"
TRAINED, NOT_TRAINED, DATA, SAMPLES, CONSTANT = "◆", "◇", "□", "■", "="
UNKNOWN = "?"
MARKS_HELP = (
    (SELECTED, later("the selected line")),
    (CURRENT, later("the current record: a factor stands on the operand's line, below its output")),
    (CURRENT_INSIDE, later("the current record is inside what is folded here")),
    (f"{OPEN} {FOLDED}", later("unfolded, folded")),
    (REFERENCE, later("a node that stands in full further up; Enter goes there")),
    (f"{TRAINED} {NOT_TRAINED}", later("a parameter that is trained, one that is not")),
    (f"{DATA} {SAMPLES} {CONSTANT}", later("data, samples, a constant")),
    (PUT_IN, later("behind a value: put in by hand")),
    (ALTERED, later("behind a value: altered, because it depends on what was put in")),
    (TO_COME, later("behind a value or a gradient: this iteration has still to compute it")),
)
"""What the marks mean, for the help page."""

NOT_ON_THE_WAY = later("not on the way to the loss")
VALUES = {
    "": later("value {value}"),
    PUT_IN: later("value {value}, put in by hand"),
    ALTERED: later("value {value}, altered"),
}
"""What is said of a node's value, by the mark behind it."""
KINDS = {
    Kind.PARAMETER: later("parameter"), Kind.DATA: later("data"), Kind.SAMPLES: later("samples"),
    Kind.CONSTANT: later("constant"), Kind.DRAWN: later("drawn"), Kind.RUNNING: later("running statistic"),
    Kind.LITERAL: later("literal"), Kind.OPERATION: later("operation"),
}  # fmt: skip
"""What kinds of nodes are called."""
_WIDE = 60  # from here on a level of the tree is indented by two cells, and a line may have room for formulas
_MARKS = 2
_COLUMN = 14  # a number of six digits, its mark, and a space in front
_LEAST_NAME = 16


class Known(Struct, frozen=True, eq=False):
    """What is known of the nodes, by index.

    Attributes:
        graph: the computation.
        values, gradients: None where there is none.
        progress: what of it this iteration has computed.
        altered: nodes that depend on something put in by hand.
        put_in: nodes whose value was put in.
        hidden: whether what is to come is kept secret.
    """

    graph: Graph
    values: Sequence[Array | None]
    gradients: Sequence[Array | None]
    progress: Progress
    altered: frozenset[int]
    put_in: frozenset[int]
    hidden: bool

    def value(self, node: Node) -> Array | str | None:
        """Return a node's value, or ``?`` for one that is kept secret."""
        secret = self.hidden and node.index not in self.progress.values
        return UNKNOWN if secret else self.values[node.index]

    def gradient(self, node: Node) -> Array | str | None:
        """Return a node's gradient, or ``?`` for one that is kept secret."""
        secret = self.hidden and node.index not in self.progress.gradients
        return UNKNOWN if secret else self.gradients[node.index]


class Columns(Struct, frozen=True):
    """How a line's width is shared out, in cells: the tree with its names, and each of so many numbers."""

    name: int
    number: int
    count: int
    indent: int


def columns(width: int, longest: int) -> Columns:
    """Share out a width when the longest name, its place in the tree included, takes so many cells.

    Where there is no room for both, the gradient goes before the value, and the value before the name.
    """
    indent = 2 if width >= _WIDE else 1
    if width - 2 * _COLUMN >= min(longest, _LEAST_NAME):
        column = max(_COLUMN, min(30, width // 5))
        return Columns(width - 2 * column, column, 2, indent)
    if width - _COLUMN >= _LEAST_NAME // 2:
        return Columns(width - _COLUMN, _COLUMN, 1, indent)
    return Columns(width, 0, 0, indent)


def name_width(charset: Charset, tree: Tree, place: int) -> int:
    """Return how many cells a line's name needs where a level takes one cell."""
    branch = tree.branches[place]
    name = shown(branch.node) if branch.node is not None else tr(NOT_ON_THE_WAY)
    return _MARKS + branch.depth + 2 + charset.cells(name)


def branch_line(
    charset: Charset,
    tree: Tree,
    place: int,
    known: Known,
    layout: Columns,
    folded: Collection[int],
    marks: str,
) -> Line:
    """Lay out a line: ``marks``, then the tree, then the columns."""
    branch = tree.branches[place]
    node = branch.node
    sign = (FOLDED if place in folded else OPEN) if tree.folds(place) else kind_sign(node)
    start = f"{marks}{_guides(tree, place, layout)}{sign} "
    cells, fit = charset.cells, charset.fit
    room = layout.name - cells(start)
    if node is None:
        return ((start, "label"), (fit(tr(NOT_ON_THE_WAY), room), "label"))
    if branch.is_reference:
        return ((start, "label"), (fit(f"{shown(node)} {REFERENCE}", room), "label"))
    title = _title(node)
    name = title if cells(title) <= room else fit(shown(node), room)
    if node.op is None and layout.indent > 1 and cells(words := f"{name}  {kind_words(node)}") <= room:
        name = words
    line = [(start, "label"), (charset.pad(name, room), "")]
    if layout.count > 0:
        to_come = node.index not in known.progress.values
        mark = _value_mark(node, known) or (TO_COME if to_come else " ")
        line.append(_cell(known.value(node), mark, layout.number, dim=to_come))
    if layout.count > 1:
        to_come = node.index not in known.progress.gradients
        line.append(_cell(known.gradient(node), TO_COME if to_come else " ", layout.number, dim=to_come))
    return tuple(line)


class Written:
    """Writes arrays on one line and remembers the last two: to look through a large one takes time."""

    def __init__(self) -> None:
        self._last: deque[tuple[Array, str]] = deque(maxlen=2)

    def __call__(self, value: Array | str) -> str:
        """Write an array; text stays as it is."""
        if isinstance(value, str):
            return value
        for known, text in self._last:
            if known is value:
                return text
        self._last.append((value, inline(value)))
        return self._last[-1][1]


def detail_lines(
    charset: Charset, tree: Tree, place: int, known: Known, width: int, written: Written
) -> tuple[Line, Line, Line]:
    """Say in three lines all about a node for which the tree has no room: name, value, gradient."""
    node = tree.branches[place].node
    if node is None:
        return ((charset.fit(tr(NOT_ON_THE_WAY), width), "strong"),), (), ()
    title = _title(node)
    if node.op is None:
        title += f"  {kind_words(node)}"
    if tree.branches[place].is_reference:
        title += "  " + tr("{mark} stands in full further up", mark=REFERENCE)
    mark = _value_mark(node, known)

    def said(value: Array | str | None, say: Callable[[str, bool], str]) -> Line:
        """Write an array in full, or by its shape where it is too long, which is no value."""
        if value is None:
            return ()
        text = say(written(value), False)
        if not isinstance(value, str) and charset.cells(text) > width:
            text = say(brief(value), bool(np.ndim(value)))
        return ((charset.fit(text, width), ""),)

    def gradient(text: str, is_shape: bool) -> str:
        return f"{gradient_name(known.graph, node)} {'' if is_shape else '= '}{text}"

    return (
        ((charset.fit(title, width), "strong"),),
        said(known.value(node), lambda text, _: tr(VALUES[mark], value=text)),
        said(known.gradient(node), gradient),
    )


def _title(node: Node) -> str:
    """Write ``ŷ = sigmoid(z)``; of what is given, the name."""
    return assignment_title(node) if node.is_assigned else shown(node)


def kind_sign(node: Node | None) -> str:
    """Return the sign of a leaf's kind; a space for what is computed."""
    if node is None:
        return " "
    if node.kind is Kind.PARAMETER:
        return TRAINED if node.trainable else NOT_TRAINED
    return {Kind.DATA: DATA, Kind.SAMPLES: SAMPLES, Kind.CONSTANT: CONSTANT}.get(node.kind, " ")


def kind_words(node: Node) -> str:
    """Say what kind of leaf it is."""
    if node.kind is Kind.PARAMETER:
        return tr("parameter, trained") if node.trainable else tr("parameter, not trained")
    return tr(KINDS[node.kind])


def _value_mark(node: Node, known: Known) -> str:
    if node.index in known.put_in:
        return PUT_IN
    return ALTERED if node.index in known.altered else ""


def _cell(value: Array | str | None, mark: str, width: int, *, dim: bool) -> tuple[str, str]:
    if value is None:
        return " " * width, ""
    text = value if isinstance(value, str) else fitted(value, width - 2)
    return f"{text.rjust(width - 1)}{mark}", "label" if dim else ""


def _guides(tree: Tree, place: int, layout: Columns) -> str:
    """Draw the lines of the tree; deep down, the outer levels give way to their number."""
    depth, indent = tree.branches[place].depth, layout.indent
    levels = max(2, layout.name // 2 // indent)
    start = ""
    if depth > levels:
        start = f"…{depth} "
        levels = max(1, (layout.name // 2 - len(start)) // indent)
    signs = [("└─" if tree.is_last(place) else "├─")[:indent]] if depth else []
    for above in tree.above(place):
        if len(signs) >= min(levels, depth):
            break
        signs.append(("  " if tree.is_last(above) else "│ ")[:indent])
    return start + "".join(reversed(signs))
