"""Comparisons over a lesson's names, in its formula language, built once for each graph."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from tui_backprop.engine.autodiff.graph import Graph, Kind
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import BackpropError, FormulaError
from tui_backprop.engine.language.build import Program
from tui_backprop.engine.language.formula import Comparison, Condition, Expression, Instruction
from tui_backprop.engine.language.names import resolve
from tui_backprop.engine.language.namespace import Origin, origins, shape_names
from tui_backprop.engine.language.syntax import CONSTANTS, changed, renamed
from tui_backprop.engine.optimizers.clipping import norm
from tui_backprop.lessons.evaluation.metrics import METRICS
from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS
from tui_backprop.text.numbers import number, shape_text
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty, pretty_text
from tui_backprop.training.changes.whatif import element_text
from tui_backprop.training.iteration import Iteration, training_gradients
from tui_backprop.training.stops.conditions import HOLDS, NOT, Things, at_iteration, both

if TYPE_CHECKING:
    from tui_backprop.engine.compile.iteration import Observed

Truth: TypeAlias = npt.NDArray[np.bool_]


def gradient_norm(here: Iteration) -> float:
    """Return √Σg² over the gradients of all trainable parameters."""
    with np.errstate(all="ignore"):
        return float(norm(list(training_gradients(here.tape).values())))


NUMBERS: Final[Mapping[str, Callable[[Iteration], float]]] = {
    "iteration": lambda here: here.number,
    "epoch": lambda here: here.epoch,
    "loss": lambda here: here.loss,
    "gradient_norm": gradient_norm,
    "learning_rate": lambda here: here.learning_rate,
}
"""Names that a comparison may use beside the lesson's own, which come first."""
_COMPARE: Final[Mapping[Comparison, Callable[[Array, Array], Truth]]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


class Comparisons:
    """Comparisons that hold all at once; one between arrays holds where it does for any of their elements.

    A chain such as ``0 < w < 1`` is one comparison: it takes a single element that is between.
    """

    at_once: ClassVar[bool] = False

    def __init__(self, condition: Condition) -> None:
        self._condition = condition
        self._built: dict[Graph, _Built] = {}

    def fit(self, here: Iteration) -> None:
        """Refuse unknown names, and shapes that do not fit, in any size of batch that occurs.

        Raises:
            FormulaError: with the column.
        """
        lesson = here.lesson
        for rows in lesson.batch_rows(here.settings.hyperparameters.batch_size):
            self._for(lesson.graph(rows))

    def holds(self, here: Iteration) -> Things:
        """Tell whether all hold."""
        built = self._for(here.graph)
        values = built.values(here)
        with here.graph.backend.active():
            return HOLDS if all(chain.where(values).any() for chain in built.chains) else NOT

    def trace(self, here: Iteration, observed: Observed) -> Sequence[Any]:
        """Ask each chain of comparisons for itself."""
        built = self._for(here.graph)
        values: dict[str, Any] = {}
        for name, origin in built.origins.items():
            if origin is not None:
                look = observed.value if origin.quantity == "value" else observed.gradient
                values[name] = look(origin.node)
            elif name == "gradient_norm":
                values[name] = norm([observed.gradient(node) for node in here.graph.trainable])
            else:
                values[name] = observed.number(name)
        truths: list[Any] = [chain.where(values) for chain in built.chains]
        return [truth.any() if np.ndim(truth) else truth for truth in truths]

    def message(self, here: Iteration, new: Things) -> str:
        """Give the values that were compared, of the first element for which it holds."""
        built = self._for(here.graph)
        values = built.values(here)
        with here.graph.backend.active():
            found = [word for chain in built.chains for word in chain.witnesses(values, built.show)]
        words = dict.fromkeys(found)
        counted = all(name == "iteration" for name in built.origins)
        facts = both(tuple(words)) if words else tr("it holds")
        return facts if counted else at_iteration(facts, here)

    def _for(self, graph: Graph) -> _Built:
        if graph not in self._built:
            self._built[graph] = _Built(self._condition, graph)
        return self._built[graph]


class _Chain:
    """Expressions with a comparison between each and the next."""

    def __init__(self, sides: list[Program], symbols: list[Comparison]) -> None:
        self.sides = sides
        self._compare = [_COMPARE[symbol] for symbol in symbols]

    def where(self, values: Mapping[str, Array]) -> Truth:
        """Return for each element whether the whole chain holds."""
        results = [side(values) for side in self.sides]
        found = self._compare[0](results[0], results[1])
        for compare, left, right in zip(self._compare[1:], results[1:-1], results[2:], strict=True):
            found = found & compare(left, right)
        return found

    def witnesses(self, values: Mapping[str, Array], show: Callable[[str], str]) -> list[str]:
        """Return what each side is at the first element for which the chain holds."""
        where = np.asarray(self.where(values))
        found = tuple(int(i) for i in np.argwhere(where)[0])
        words = []
        for side in self.sides:
            if side.node.kind is not Kind.LITERAL:
                value = np.asarray(side(values))
                last = found[where.ndim - value.ndim :]
                own = [0 if length == 1 else i for i, length in zip(last, value.shape, strict=True)]
                place = element_text(own) if own else ""
                name, now = f"{show(side.node.atom)}{place}", _shown(float(value[tuple(own)]))
                words.append(tr("{name} is {value}", name=name, value=now))
        return words


class _Built:
    """The comparisons for one graph: chains of programs, and where their names' values come from."""

    def __init__(self, condition: Condition, graph: Graph) -> None:
        known = origins(graph, NUMBERS)
        shapes = shape_names(graph, dict.fromkeys(NUMBERS, ()))
        shown = {pretty(name): name for name in reversed(tuple(graph.named))}
        self.chains = []
        for expressions, symbols in _chains(condition):
            counted = [_counted(side, graph, known) for side in expressions]
            sides = [Program(_spelt(side, known, shown), shapes) for side in counted]
            _check_shapes(sides, symbols, expressions[0])
            self.chains.append(_Chain(sides, symbols))
        names = (name for chain in self.chains for side in chain.sides for name in side.names)
        self.origins: dict[str, Origin | None] = {name: known[name] for name in names}
        self._gradients = any(
            origin is not None and origin.quantity == "gradient" for origin in self.origins.values()
        )
        self._nodes = any(origin is not None for origin in self.origins.values())

    def values(self, here: Iteration) -> dict[str, Array]:
        """Return the values behind the names, with no more computed than they need."""
        tape = None
        if self._nodes:
            tape = here.tape if self._gradients else here.forward_tape
        values: dict[str, Array] = {}
        for name, origin in self.origins.items():
            if origin is None or tape is None:
                values[name] = np.asarray(NUMBERS[name](here), dtype=np.float64)
            else:
                look = tape.value if origin.quantity == "value" else tape.gradient
                values[name] = look(origin.node)
        return values

    def show(self, text: str) -> str:
        """Return an expression's text with pretty names, those of gradients included: ``dŷ``."""
        for name, origin in self.origins.items():
            if origin is not None and origin.quantity == "gradient":
                text = re.sub(rf"\b{re.escape(name)}\b", f"d{pretty(name[1:])}", text)
        return pretty_text(text)


def _chains(condition: Condition) -> list[tuple[list[Expression], list[Comparison]]]:
    """Put comparisons back together whose common side was written once: a < b < c."""
    chains: list[tuple[list[Expression], list[Comparison]]] = []
    for left, symbol, right in condition.comparisons:
        if chains and chains[-1][0][-1] is left:
            chains[-1][0].append(right)
            chains[-1][1].append(symbol)
        else:
            chains.append(([left, right], [symbol]))
    return chains


def _counted(expression: Expression, graph: Graph, known: Mapping[str, object]) -> Expression:
    """Return an expression with the number of samples for n, unless the lesson has such a name."""
    rows = next((node.shape[0] for node in graph.nodes if node.kind is Kind.SAMPLES), None)
    if "n" in known or rows is None:
        return expression

    def number_of(step: Instruction) -> Instruction:
        is_count = step.kind == "name" and step.text == "n"
        return replace(step, kind="number", text=str(rows), number=float(rows)) if is_count else step

    return changed(expression, number_of)


def _spelt(expression: Expression, known: Mapping[str, object], shown: Mapping[str, str]) -> Expression:
    """Return an expression with names in the lesson's spelling; refuse unknown ones."""
    return renamed(expression, lambda step: _known(step, known, shown))


def _known(step: Instruction, known: Mapping[str, object], shown: Mapping[str, str]) -> str:
    name = step.text
    if name in CONSTANTS and name not in known:
        return name
    if name not in known and name[:1] == "d" and pretty(name[1:]) in shown:
        return f"d{shown[pretty(name[1:])]}"
    try:
        values = [other for other in known if f"d{other}" in known]
        return resolve(name, dict.fromkeys([*values, *known]))  # what a user will have meant stands first
    except BackpropError as error:
        meant = _meant(name.lower())
        found = printable(name, 40)
        reason = tr("unknown name {name!r}; {meant}", name=found, meant=meant) if meant else str(error)
        raise FormulaError(reason, step.line, step.column) from None


def _meant(word: str) -> str:
    """Say what helps with a name that others have for a rate, or for what is measured; "" of any other."""
    if word in HYPERPARAMETERS["learning_rate"].others.split():
        return tr("it is called learning_rate here")
    if word in ("acc", *METRICS) or word.startswith("val"):
        return tr("a run stops by what is held back with early_stop in [validation]")
    return ""


def _check_shapes(sides: list[Program], symbols: list[Comparison], first: Expression) -> None:
    try:
        np.broadcast_shapes(*(side.node.shape for side in sides))
    except ValueError:
        found = both([f"{pretty_text(s.node.name)} {shape_text(s.node.shape)}" for s in sides])
        reason = tr(
            "{symbol} between {sides}; make one of them a number, such as mean(x)",
            symbol=symbols[0],
            sides=found,
        )
        raise FormulaError(reason, first[0].line, first[0].column) from None


def _shown(value: float) -> str:
    """Write a number; a whole one, such as an iteration, with all its digits."""
    whole = value.is_integer() and abs(value) < 1e15
    return str(int(value)).replace("-", "−") if whole else number(value)
