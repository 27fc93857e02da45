"""What there is to see at a place: each command answers with a page, and moves nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from tui_backprop.debugger.arguments import count, needed, node_and_element
from tui_backprop.debugger.command import Key, typed
from tui_backprop.debugger.lines.explained import ExplainedRecord
from tui_backprop.debugger.replies import (
    ArraysInFull,
    ChainPage,
    ElementPage,
    HyperparameterRow,
    HyperparametersPage,
    IterationPage,
    LessonPage,
    LossesPage,
    NamedValue,
    Note,
    ParameterRow,
    ParametersPage,
    Place,
    ProgramPage,
    RecordTitles,
    Replies,
    TreePage,
    TreeRow,
    View,
    Whereabouts,
)
from tui_backprop.debugger.session import DebugSession
from tui_backprop.engine.autodiff.element_terms import check_element, parse_element
from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.core.arrays import Array
from tui_backprop.engine.core.errors import BackpropError, FormulaError
from tui_backprop.engine.language.nodes import find, find_one
from tui_backprop.explain.titles import gradient_name, shown
from tui_backprop.lessons.hyperparameters import HYPERPARAMETERS, specification
from tui_backprop.text.sentences import later, tr
from tui_backprop.training.changes.whatif import element_text
from tui_backprop.training.validation.baselines import baselines, lowest

_ELEMENT = r"(?s)(.*[^\s])\s*(\[[^\[\]]*\])"


def refuse_secrets(session: DebugSession) -> None:
    """Refuse to show factors that a quiz has still to ask for."""
    if session.secret:
        raise BackpropError(still_secret(tr("factors"), session.call))


def still_secret(name: str, call: Callable[[str], str]) -> str:
    """Say that something has still to be predicted; ``call`` tells how a command is called."""
    return tr("the quiz has still to ask for {name}; {quiz} ends it", name=name, quiz=call("quiz"))


def where(session: DebugSession, argument: str = "") -> Replies:
    """Say where we are, and what is set by hand."""
    trainer = session.trainer
    yield View.LESSON
    yield Whereabouts(
        Place.of(trainer),
        next((title for first, _, title in session.lines() if first > trainer.position), None),
        trainer.hyperparameters.iterations,
        trainer.alterations,
        tuple(trainer.breakpoints),
        trainer.undoable,
        trainer.redoable,
        trainer.lesson.computed_by,
    )


def list_(session: DebugSession, argument: str = "") -> Replies:
    """List this iteration's records, those that are folded in a line."""
    yield RecordTitles(tuple(session.lines()), session.trainer.position, session.trainer.record_count)


def current(session: DebugSession) -> ExplainedRecord:
    """Return the record done last.

    Raises:
        BackpropError: none is.
    """
    explained = session.explained()
    if explained is None:
        first = session.call("step")
        raise BackpropError(tr("no record is done yet in this iteration; {step} does the first", step=first))
    return explained


def explain(session: DebugSession, argument: str = "") -> Replies:
    """Explain the current record, all of this iteration, or the chain to a node."""
    if not argument:
        current(session)
        yield View.RECORD
        return
    refuse_secrets(session)
    from tui_backprop.explain.pages.whole import WholeIteration

    trainer = session.trainer
    if argument == "all" and argument not in trainer.graph.named:
        yield IterationPage(WholeIteration.of(trainer), session.folding.closed(trainer.graph))
        return
    node = find_one(trainer.graph, argument)
    yield ChainPage(WholeIteration.of(trainer), node)


def values(session: DebugSession, argument: str = "") -> Replies:
    """Show all numbers of the current record."""
    yield ArraysInFull(tuple(current(session).explanation.values))


def print_(session: DebugSession, argument: str) -> Replies:
    """Say what a node is, value and gradient; or one element of it; or what a formula comes to.

    Raises:
        BackpropError: neither a node nor a formula over nodes.
    """
    refusal = tr("found nothing; give a name or a formula, such as print beta")
    trainer, text = session.trainer, needed(argument, refusal)
    element = re.fullmatch(_ELEMENT, text)
    scalars = {
        "loss": trainer.loss, "iteration": trainer.iteration, "epoch": trainer.epoch,
        "learning_rate": trainer.learning_rate,
    }  # fmt: skip
    if element is not None and not text.startswith("["):
        try:
            place = parse_element(element[2], node := find_one(trainer.graph, element[1]))
        except BackpropError as error:  # a row, a slice, or an index of a formula
            try:
                yield NamedValue(text, _evaluated(session, text))
            except FormulaError:
                raise error from None
        else:
            yield from _value_and_gradient(session, node, place)
        return
    try:
        nodes = find(trainer.graph, text)
    except BackpropError:
        yield NamedValue(text, scalars[text] if text in scalars else _evaluated(session, text))
    else:
        yield from _value_and_gradient(session, nodes[0])


def _evaluated(session: DebugSession, text: str) -> Array:
    from tui_backprop.exercises.answers import read_formula
    from tui_backprop.explain.tree.progress import progress

    trainer = session.trainer
    answer = read_formula(text, trainer.graph, rows=trainer.lesson.rows_of(trainer.inputs))
    known = progress(trainer.graph, trainer.position)
    for name, (quantity, node) in answer.names.items():
        seen = known.values if quantity == "value" else known.gradients
        if session.secret and node.index not in seen:
            raise BackpropError(still_secret(name, session.call))
    with np.errstate(all="ignore"):
        return np.asarray(answer.at(trainer.tape))


def _value_and_gradient(session: DebugSession, node: Node, element: tuple[int, ...] | None = None) -> Replies:
    from tui_backprop.exercises.answers import full_gradient
    from tui_backprop.explain.tree.progress import progress

    trainer = session.trainer
    done, tape = progress(trainer.graph, trainer.position), trainer.tape
    at = "" if element is None else element_text(check_element(node, element))
    for name, array, known in (
        (shown(node), tape.value(node), node.index in done.values),
        (gradient_name(trainer.graph, node), full_gradient(tape, node), node.index in done.gradients),
    ):
        if session.secret and not known:
            yield Note(still_secret(f"{name}{at}", session.call))
            continue
        value = np.asarray(array)
        whole = element is None
        yield NamedValue(f"{name}{at}", value if whole else float(value[element]), whole, not known)


def examine(session: DebugSession, argument: str) -> Replies:
    """Show one element of a node, named by what is typed, as a sum of terms."""
    refuse_secrets(session)
    name = needed(argument, tr("found nothing; give a name and an element, such as examine beta 0"))
    node, element = node_and_element(session.trainer.graph, name)
    yield from examine_element(session, node.index, parse_element(element, node))


def examine_element(session: DebugSession, index: int, element: tuple[int, ...]) -> Replies:
    """Work out one element of the gradient of a node, by its index in the graph, term by term."""
    from tui_backprop.explain.element.elements import explain_element
    from tui_backprop.explain.pages.heading import Heading

    trainer = session.trainer
    yield ElementPage(Heading.of(trainer), explain_element(trainer, trainer.graph.nodes[index], element))


def aim(session: DebugSession, name: str | None) -> Replies:
    """Show factors in the chain to this node; None leaves the choice to each factor."""
    session.target = name
    yield View.RECORD


def tree(session: DebugSession, argument: str = "") -> Replies:
    """Show the computation as a tree."""
    yield TreePage(tuple(_tree_rows(session)))


def _tree_rows(session: DebugSession) -> Iterator[TreeRow]:
    from tui_backprop.exercises.answers import full_gradient
    from tui_backprop.explain.tree.progress import progress
    from tui_backprop.explain.tree.tree import tree as branches_of

    trainer = session.trainer
    done, tape = progress(trainer.graph, trainer.position), trainer.tape
    for branch in branches_of(trainer.graph).branches:
        node = branch.node
        if node is None or branch.is_reference:
            yield TreeRow(branch.depth, node, seen=branch.is_reference)
            continue
        value = None if session.secret and node.index not in done.values else tape.value(node)
        hidden = session.secret and node.index not in done.gradients
        yield TreeRow(branch.depth, node, False, value, None if hidden else full_gradient(tape, node))


def parameters(session: DebugSession, argument: str = "") -> Replies:
    """Show the parameters; while factors are predicted, without gradients."""
    from tui_backprop.exercises.answers import full_gradient

    trainer = session.trainer
    after = {} if session.secret else trainer.next_parameters
    yield ParametersPage(
        tuple(
            ParameterRow(
                node,
                trainer.parameters[node.name],
                gradient_name(trainer.graph, node),
                None if session.secret else full_gradient(trainer.tape, node),
                after.get(node.name),
            )
            for node in trainer.graph.parameters
        )
    )


def lesson(session: DebugSession, argument: str = "") -> Replies:
    """Say what the lesson is about."""
    from tui_backprop.explain.pages.heading import Heading
    from tui_backprop.explain.pages.whole import given_values

    yield LessonPage(Heading.of(session.trainer), tuple(given_values(session.trainer.forward_tape)))


def loss(session: DebugSession, argument: str = "") -> Replies:
    """Say the loss."""
    yield Note(Place.of(session.trainer).losses_text)


def losses(session: DebugSession, argument: str = "") -> Replies:
    """Say how the loss went, and the last N."""
    trainer = session.trainer
    known, now, digits = trainer.losses, trainer.iteration, trainer.lesson.digits
    begin, best = max(0, now + 1 - count(argument, default=0)), trainer.history.lowest(now, trainer.loss)
    some = (*known[begin:], trainer.loss)[: now + 1 - begin]
    last = [(iteration, digits(float(loss))) for iteration, loss in enumerate(some, begin)]
    first = 0, digits(float(known[0] if now else trainer.loss))
    held, levels = lowest(trainer.validation_curve()), baselines(trainer.lesson).lines
    least = best and (best[0], digits(best[1]))
    yield LossesPage(first, least, (now, digits(trainer.loss)), last, held, levels)


def program(session: DebugSession, argument: str = "") -> Replies:
    """Show the program that runs are compiled to, with the hyperparameters as they are here."""
    from tui_backprop.export.listing import written_program

    yield ProgramPage(written_program(session.trainer.lesson, session.trainer.hyperparameters))


def hyperparameters(session: DebugSession, name: str = "") -> HyperparametersPage:
    """Return all hyperparameters, or one of them."""
    now = session.trainer.hyperparameters
    specs = [specification(name)] if name else HYPERPARAMETERS.values()
    return HyperparametersPage(
        tuple(HyperparameterRow(spec, now.text_of(spec.name), now.is_used(spec.name)) for spec in specs)
    )


_shows = partial(typed, changes=False)
COMMANDS = (
    _shows("where status", where, later("Where we are, and what is set by hand"), "where"),
    _shows("list l", list_, later("The records of this iteration: done, here, to come"), "list"),
    typed(
        "explain", explain, later("The current record; all of this iteration; or the chain to a node"),
        "explain",
        arguments="[all | NAME]",
        more=later("explain all and explain NAME print what tui-backprop explain prints, and move nothing."),
    ),
    _shows(
        "values v", values, later("All numbers of the current record, in full"), "values",
        key=Key("v", later("values")),
    ),
    _shows(
        "print", print_, later("A node's value and gradient, of one element, or a formula"), "print beta",
        arguments="NAME | NAME[I,J] | FORMULA", reads=True,
        more=later("Formulas name nodes, and gradients as d<name>: print X.T @ dz."),
    ),
    _shows(
        "examine x", examine, later("Examine one element: its gradient as a sum of scalar terms"),
        "examine beta 0", arguments="NAME [I,J]", key=Key("x", later("examine"), 5),
    ),
    _shows(
        "graph 4", tree, later("The computation as a tree from the loss down, with values and gradients"),
        "graph",
        key=Key("4", later("graph panel"), help=later("Show the graph panel")),
    ),
    _shows(
        "parameters 3", parameters, later("The parameters: value, gradient, next update"), "parameters",
        key=Key("3", later("parameters panel"), help=later("Show the parameters panel")),
    ),
    _shows(
        "model 1", lesson, later("The lesson: title, formula, data"), "model",
        key=Key("1", later("model panel"), help=later("Show the model panel")),
    ),
    _shows("loss", loss, later("The loss at the current parameters"), "loss"),
    _shows(
        "losses", losses, later("How the loss went: first, last, lowest, and the last N in full"), "losses 5",
        arguments="[N]",
    ),
    _shows(
        "program e", program, later("The code that runs are compiled to, below the formula"), "program",
        live=True,
        key=Key(
            "e", later("code"),
            help=later("Program: the code that runs are compiled to, beside the formula"),
        ),
    ),
)  # fmt: skip
