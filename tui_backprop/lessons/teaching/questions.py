"""Questions of a lesson: where, what is asked for, in what form, and what is said before and after."""

from __future__ import annotations

from msgspec import Struct

from tui_backprop.engine.autodiff.graph import Factor, Graph, Node
from tui_backprop.lessons.errors import LessonError, found
from tui_backprop.lessons.notes import LiveText, Places, edge, live_text
from tui_backprop.lessons.specs.teaching import Ask, Of, QuestionTable
from tui_backprop.lessons.teaching.tasks import key_name
from tui_backprop.lessons.toml_text.escapes import clean
from tui_backprop.text.sentences import tr

MOST_HINTS = 20
MOST_CHOICES = 20
NOTHING_SAID = LiveText()


class LessonQuestion(Struct, frozen=True):
    """A question of a lesson.

    Attributes:
        number: its place, from 1 on.
        at: the place as the lesson writes it.
        output, operand: the edge; the operand is None at a node.
        ask: in what form it is answered.
        of: what is asked for there; of a choice only what it is near to.
        text: the sentence; without parts where what is asked for says it all.
        name: what it is called in results; "" where that is its number.
        points: what it is worth.
        tolerance: how far a number may be off; None where it is right to the digits given.
        hints: one after the other.
        choices: what can be chosen.
        answer: the teacher's own: of a choice which one, from 0; else as it would be typed; None for none.
        why: what is said once it is closed, right or shown.
    """

    number: int
    at: str
    output: str
    operand: str | None
    ask: Ask
    of: Of
    text: LiveText = NOTHING_SAID
    name: str = ""
    points: float = 1.0
    tolerance: float | None = None
    hints: tuple[LiveText, ...] = ()
    choices: tuple[LiveText, ...] = ()
    answer: str | int | None = None
    why: LiveText = NOTHING_SAID

    @property
    def key(self) -> str:
        """What it is called in results, which stays when others are put before it if it has a name."""
        return self.name or str(self.number)

    def factor(self, graph: Graph) -> Factor | None:
        """Return the factor that it is about; None at a node.

        Raises:
            LessonError: a graph of other batches does not have it.
        """
        if self.operand is None:
            return None
        found = _factors(graph, self.output, self.operand)
        if not found:
            raise _not_there(self.at)
        return found[0]

    def node(self, graph: Graph) -> Node:
        """Return the node whose value or gradient is asked for: of an edge the operand, or its output.

        Raises:
            LessonError: a graph of other batches does not have it.
        """
        factor = self.factor(graph)
        if factor is not None:
            return factor.output if self.of == "upstream" else factor.operand
        return _node(graph, self.output)


def make_question(table: QuestionTable, number: int, places: Places) -> LessonQuestion:
    """Check one ``[[question]]`` against the lesson's graph.

    Raises:
        LessonError: a place that is none or several, or fields that do not go with each other.
    """
    where = f"question {number}"
    graph = places.graph
    output, operand = edge(table.at, where, places, leaves=True)
    of = _of(table, where, graph, output, operand)
    hints = (table.hint,) if isinstance(table.hint, str) else tuple(table.hint)
    for field, texts, most in (("hint", hints, MOST_HINTS), ("choices", table.choices, MOST_CHOICES)):
        if len(texts) > most:
            raise LessonError(tr("{field}: found {count} entries; at most {most} are read",
                                 field=f"{where}.{field}", count=len(texts), most=most))  # fmt: skip
    choices = tuple(live_text(text, f"{where}.choices", places) for text in table.choices)
    if table.ask == "choice" and len(choices) < 2:
        raise LessonError(tr("{field}: found {count} entries; a choice has at least two",
                             field=f"{where}.choices", count=len(choices)))  # fmt: skip
    if table.ask != "choice" and choices:
        raise LessonError(tr('{field}: found choices, which go with ask = "choice"',
                             field=f"{where}.choices"))  # fmt: skip
    if table.tolerance is not None and table.ask != "value":
        raise LessonError(tr('{field}: found a tolerance, which goes with ask = "value"',
                             field=f"{where}.tolerance"))  # fmt: skip
    return LessonQuestion(
        number, clean(table.at, f"{where}.at"), output, operand, table.ask, of,
        live_text(table.text, f"{where}.text", places), key_name(table.name, where),
        table.points, table.tolerance,
        tuple(live_text(hint, f"{where}.hint", places) for hint in hints if hint.strip()),
        choices, _answer(table, where), live_text(table.why, f"{where}.why", places),
    )  # fmt: skip


def _answer(table: QuestionTable, where: str) -> str | int | None:
    """Return the teacher's answer: of a choice its place from 0, given by its number from 1 or its text."""
    answer = table.answer
    field = f"{where}.answer"
    if table.ask != "choice":
        return clean(str(answer), field) if answer is not None else None
    if answer is None:
        raise LessonError(tr("{field}: the key is missing; give the right choice, by its text or number",
                             field=field))  # fmt: skip
    if isinstance(answer, int):
        if not 1 <= answer <= len(table.choices):
            raise LessonError(tr("{field}: found {number}; the choices are numbered from 1 to {count}",
                                 field=field, number=found(answer), count=len(table.choices)))  # fmt: skip
        return answer - 1
    flat = [" ".join(choice.split()) for choice in table.choices]
    text = " ".join(answer.split())
    if flat.count(text) != 1:
        raise LessonError(tr("{field}: found {answer}, which is not one of the choices",
                             field=field, answer=found(answer, 60)))  # fmt: skip
    return flat.index(text)


def _of(table: QuestionTable, where: str, graph: Graph, output: str, operand: str | None) -> Of:
    """Return what is asked for: by default what the place is about."""
    field = f"{where}.of"
    if operand is None:
        node = _node(graph, output)
        trainable = any(node is one for one in graph.trainable)
        allowed: tuple[Of, ...] = ("value", "gradient", "after") if trainable else ("value", "gradient")
        usual: Of = "gradient" if trainable else "value"
    else:
        factors = _factors(graph, output, operand)
        allowed = ("local", "upstream", "downstream", "gradient", "value")
        usual = "local" if factors[0].op.elementwise else "downstream"
        of = table.of or usual
        if table.ask != "choice" and len(factors) > 1 and of in ("local", "upstream", "downstream"):
            names = dict.fromkeys(f"{factor.output.expression} <- {operand}" for factor in factors)
            raise LessonError(
                tr("{field}: {count} factors go from {output} to {operand}; name one, such as {edges}",
                   field=f"{where}.at", count=len(factors), output=output, operand=operand,
                   edges=" or ".join(names))
            )  # fmt: skip
        if table.ask != "choice" and of == "local" and usual != "local":
            raise LessonError(
                tr('{field}: the operation at {place} has a rule, no local derivative; ask for "downstream"',
                   field=field, place=table.at)
            )  # fmt: skip
    if table.of is not None and table.of not in allowed:
        raise LessonError(tr("{field}: found {of}; at {place} there are {names}",
                             field=field, of=found(table.of), place=table.at,
                             names=", ".join(allowed)))  # fmt: skip
    return table.of or usual


def _factors(graph: Graph, output: str, operand: str | None) -> list[Factor]:
    """Return the factors of an edge as notes understand it: the output may be its line."""
    found = [
        factor
        for factor in graph.factors
        if operand in (factor.operand.name, factor.operand.expression)
        and output in (factor.output.name, factor.output.expression, factor.output.line)
    ]
    own = [f for f in found if output in (f.output.name, f.output.expression)]
    return own or found


def _node(graph: Graph, name: str) -> Node:
    for node in graph.nodes:
        if name in (node.name, node.expression):
            return node
    raise _not_there(name)


def _not_there(at: str) -> LessonError:
    """Refuse a place whose text depends on the number of samples, in a batch of another number."""
    return LessonError(tr("{place} does not exist with as many samples as this batch has", place=at))
