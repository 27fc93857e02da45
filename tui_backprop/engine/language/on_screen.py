"""What the screen shows, as formula text: ``∂L/∂z``, ``broadcast(w)``, ``1 where z > 0, else 0``."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.core.errors import BackpropError, FormulaError
from tui_backprop.engine.language.namespace import Origin
from tui_backprop.engine.language.nodes import find, find_one
from tui_backprop.text.printable import printable
from tui_backprop.text.rewriting import Rewriting
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.spelling import pretty, pretty_text

MAX_SHOWN = 2_000
"""Characters of a text in which what the screen shows is looked for; it shows nothing as long."""
_NAME = re.compile(r"[^\W\d]\w*(?:\.\d+)*")
_PARTIAL = re.compile(r"∂[^\s/]*(?:/∂[^\s*⊙·+@]*)?")
_BROADCAST = re.compile(r"(?<![\w.])broadcast(?=\()")
_CHOICE = r"(?s)\s*(.+?)\s+where\s+(.+?),(?: (?:{shared}),|\s*(?:{tie}),)?\s*(?:else\s+(.+)|(?:{jump}))"
_REMARKS = (
    later("{formula}, once for each element summed"),
    later("{formula}, for each of the {count} elements averaged"),
)
_SHARED = (later("shared equally in a tie"),)
_TIE = (later("{value} at a tie"),)
_JUMP = (later("taken as 0 at the jump"), later("taken as 0 at the jumps"))
"""Words in what the screen shows; the operations write them within whole texts of theirs."""
_BRACKETS = {"(": ")", "[": "]"}


class Shown(NamedTuple):
    """What a name that was put into a formula stands for, a node's value or gradient, and what was typed."""

    origin: Origin
    typed: str


def as_formula(text: str, graph: Graph, near: Node | None = None) -> tuple[Rewriting, Mapping[str, Shown]]:
    """Return an answer as formula text, and what the new names in it stand for.

    Args:
        text: what was typed.
        graph: whose nodes may be shown.
        near: whose operands are meant where several broadcasts are shown alike.

    Raises:
        FormulaError: a derivative is meant that is no node's gradient.
        BackpropError: a gradient is meant that several nodes may have.
    """
    names: dict[str, Shown] = {}
    if len(text) > MAX_SHOWN:
        return Rewriting.of(text).stripped(), names
    plain = Rewriting.of(text).substituted("−>", lambda match: "->").substituted(_remark(), lambda match: "")
    found = _choices(plain.stripped())
    loss = re.escape(pretty(graph.loss.name))
    gradient = re.compile(rf"∂{loss}/∂|(?<!\w)d{re.escape(graph.loss.name)}/d(?=[^\W\d]|\()")
    at = 0
    while (match := gradient.search(found.text, at)) is not None:
        at = match.end()
        for end in _ends(found.text, at):
            node = _node(graph, found.text[at:end])
            if node is not None:
                label = node.label
                name = f"d{label}" if label and f"d{label}" not in graph.named else ""
                found = _named(found, match.start(), end, Origin("gradient", node), name, names, graph)
                at = match.start()
                break
        else:
            what = next(iter(_ends(found.text, at)), at)
            unknown = printable(found.text[at:what], 40)
            if unknown:
                reason = tr(
                    "found the gradient of {found}, which is no node's name; "
                    "there are the lesson's names, and texts of sub-expressions",
                    found=unknown,
                )
            else:
                reason = tr(
                    "found the gradient of nothing, which is no node's name; "
                    "there are the lesson's names, and texts of sub-expressions"
                )
            raise _refused(found, at, reason)
    if (match := _PARTIAL.search(found.text)) is not None:
        reason = tr(
            "found {found}; a local derivative is written out, such as y_hat * (1 - y_hat)",
            found=printable(match[0], 40),
        )
        raise _refused(found, match.start(), reason)
    at = 0
    while "broadcast" not in graph.named and (match := _BROADCAST.search(found.text, at)) is not None:
        at = match.end()
        end = max(_ends(found.text, match.start()))
        node = _broadcast(graph, found.text[match.start() : end], near)
        if node is not None:
            found = _named(found, match.start(), end, Origin("value", node), "", names, graph)
            at = match.start()
    return found, names


def typed_text(text: str, names: Mapping[str, Shown]) -> str:
    """Return formula text with what was typed in the place of the names that were put in."""
    for name, shown in names.items():
        text = re.sub(rf"\b{name}\b", shown.typed.replace("\\", ""), text)
    return text


def _refused(text: Rewriting, at: int, reason: str) -> FormulaError:
    before = text.original[: text.places[at]]
    return FormulaError(reason, before.count("\n") + 1, len(before) - before.rfind("\n"))


def _named(
    text: Rewriting,
    start: int,
    end: int,
    origin: Origin,
    name: str,
    names: dict[str, Shown],
    graph: Graph,
) -> Rewriting:
    """Put a name in the place of what is shown there."""
    typed = text.text[start:end]
    if not name:
        taken = (name for name, shown in names.items() if shown.typed == typed)
        free = (f"shown_{n}" for n in itertools.count() if f"shown_{n}" not in {*graph.named, *names})
        name = next(taken, "") or next(free)
        names[name] = Shown(origin, typed)
    return text.replaced(start, end, name)


def _ends(text: str, at: int) -> Iterator[int]:
    """Yield where an operand that begins at a place may end, the furthest first."""
    ends = []
    if name := _NAME.match(text, at):
        at = name.end()
        ends.append(at)
    while at < len(text) and text[at] in _BRACKETS and (end := _closed(text, at)):
        at = end
        ends.append(at)
    yield from reversed(ends)


def _closed(text: str, at: int) -> int:
    """Return the place behind the bracket that closes the one at a place; 0 where none does."""
    open_: list[str] = []
    for place in range(at, len(text)):
        if text[place] in _BRACKETS:
            open_.append(_BRACKETS[text[place]])
        elif text[place] in ")]":
            if open_.pop() != text[place]:
                return 0
            if not open_:
                return place + 1
    return 0


def _node(graph: Graph, text: str) -> Node | None:
    try:
        find(graph, text)
    except BackpropError:
        return None
    return find_one(graph, text)


def _broadcast(graph: Graph, text: str, near: Node | None) -> Node | None:
    """Return the broadcast that is shown so, the one among a node's operands before others."""
    wanted = "".join(text.split())
    alike = [node for node in graph.nodes if node.is_broadcast and wanted in _spellings(node)]
    beside = [node for node in alike if near is not None and node in near.operands]
    return next(iter([*beside, *alike]), None)


def _spellings(node: Node) -> tuple[str, str]:
    return "".join(node.name.split()), "".join(pretty_text(node.name).split())


def _choices(text: Rewriting) -> Rewriting:
    """Write a choice, the whole of the text or of what stands between parentheses, as NumPy does."""
    at = text.text.find(" where ")
    if at < 0:
        return text
    start, end = _around(text.text, at)
    match = re.fullmatch(_choice(), text.text[start:end])
    if match is None:
        return text
    one, condition, *ties, other = match.groups()
    tie = next((tie for tie in ties if tie is not None), None)
    if other is None:
        return text.replaced(start, end, one)
    rest = other if tie is None else f"where({re.sub('[<>]', '==', condition, count=1)}, {tie}, {other})"
    return text.replaced(start, end, f"where({_joined(condition)}, {one}, {rest})")


def _choice() -> str:
    """Return the pattern of a choice, with words in English and in the language that is spoken."""
    ties = {words.format(value="\0") for words in _TIE} | {tr(words, value="\0") for words in _TIE}
    tie = "|".join(re.escape(words).replace("\0", r"(\S+)") for words in sorted(ties))
    return _CHOICE.format(shared=_any(_SHARED), tie=tie, jump=_any(_JUMP))


def _any(sentences: Sequence[str]) -> str:
    """Return the pattern of some words, in English and in the language that is spoken."""
    spoken = {*sentences, *map(tr, sentences)}
    return "|".join(map(re.escape, sorted(spoken, key=len, reverse=True)))


def _remark() -> str:
    """Return the pattern of what is remarked behind a rule, in both."""
    texts = [words.format(formula="", count="\0") for words in _REMARKS]
    texts += [tr(words, formula="", count="\0") for words in _REMARKS]
    found = {re.escape(text.lstrip(", ")).replace("\0", r"\d+") for text in texts}
    return rf",\s*(?:{'|'.join(sorted(found))})\s*$"


def _around(text: str, at: int) -> tuple[int, int]:
    """Return where the parentheses around a place begin and end, without them; all of the text, if none."""
    groups = ((start, _closed(text, start)) for start in range(at) if text[start] == "(")
    inside = [(start + 1, end - 1) for start, end in groups if end > at]
    return inside[-1] if inside else (0, len(text))


def _joined(condition: str) -> str:
    """Write a < x < b as the product of its two comparisons."""
    sides = re.split(r"(<=|>=|<|>)", condition)
    if len(sides) < 5:
        return condition
    pairs = ("".join(sides[start : start + 3]) for start in range(0, len(sides) - 2, 2))
    return " * ".join(f"({pair.strip()})" for pair in pairs)
