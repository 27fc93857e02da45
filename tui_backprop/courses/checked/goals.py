"""Goals that cannot be reached, or are reached before anything is done: found by trying."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.engine.core.errors import BackpropError, FormulaError
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.teaching.tasks import Goal, GoalKind, LessonTask
from tui_backprop.text.sentences import tr
from tui_backprop.text.spelling import pretty
from tui_backprop.training.running import RunReport
from tui_backprop.training.trainer import Trainer

SECONDS = 60.0
"""How long one lesson may train."""


def goal_findings(lesson: Lesson) -> Iterator[tuple[LessonTask, str]]:
    """Yield what is wrong with the goals of a lesson: the task, and what it is."""
    graph = lesson.graph()
    conditions: list[tuple[LessonTask, Callable[[], bool]]] = []
    trainer = Trainer(lesson)
    for task in lesson.tasks:
        if task.goal.kind is GoalKind.CONDITION:
            try:
                ask = trainer.breakpoints.condition(task.goal.text)
            except FormulaError as error:
                yield task, error.of_one_line
                continue
            except BackpropError as error:
                yield task, str(error)
                continue
            if ask():
                yield task, tr("it holds before anything is done")
            else:
                conditions.append((task, ask))
        elif text := _place(task.goal, graph) or _act(task.goal, graph):
            yield task, text
    if conditions:
        yield from _trained(trainer, conditions)


def _trained(
    trainer: Trainer, conditions: list[tuple[LessonTask, Callable[[], bool]]]
) -> Iterator[tuple[LessonTask, str]]:
    """Train up to the lesson's own number of iterations, and yield the tasks that are not reached."""
    if not trainer.lesson.trains:
        for task, _ in conditions:
            yield task, tr("it does not hold, and the lesson trains nothing")
        return
    for text in {" ".join(task.goal.text.split()): None for task, _ in conditions}:  # tasks may share one
        trainer.breakpoints.add(text)
    most, until = trainer.hyperparameters.iterations, time.monotonic() + SECONDS
    ended = diverged = False
    while conditions and not ended and trainer.iteration < most and time.monotonic() < until:
        report = trainer.run(iterations=most - trainer.iteration, seconds=1.0)
        conditions = [(task, ask) for task, ask in conditions if not _is_hit(task, ask, report)]
        diverged = report.divergence is not None
        ended = diverged or report.reason in ("full", "early_stop")
    for task, _ in conditions:
        if diverged:
            text = tr("not reached: the training diverges at iteration {iteration}",
                      iteration=f"{trainer.iteration:,}")  # fmt: skip
        elif trainer.iteration < most and not ended:
            text = tr("not reached in {count} iterations, in {seconds} s; it was not tried for longer",
                      count=f"{trainer.iteration:,}", seconds=int(SECONDS))  # fmt: skip
        else:
            text = tr("not reached in the {count} iterations that the lesson trains for",
                      count=f"{trainer.iteration:,}")  # fmt: skip
        yield task, text


def _is_hit(task: LessonTask, ask: Callable[[], bool], report: RunReport) -> bool:
    """Tell whether a condition was met: it holds, or it was the breakpoint that the run stopped at."""
    text = report.hit.breakpoint.text if report.hit is not None else ""
    return ask() or text.split() == task.goal.text.split()


def _place(goal: Goal, graph: Graph) -> str:
    """Return why a record never occurs; "" where it does."""
    if goal.kind is not GoalKind.PLACE:
        return ""
    if goal.operand is None:
        node = graph.named.get(goal.output)
        if node is not None and any(node is one for one in graph.parameters) and not _is_trained(graph, node):
            return tr("{name} is not trained, so it has no update to stand at", name=pretty(goal.output))
        return ""
    aside = [graph.factors[place] for place in graph.aside]
    factors = [
        factor
        for factor in graph.factors
        if goal.operand in (factor.operand.name, factor.operand.expression)
        and goal.output in (factor.output.name, factor.output.line, factor.output.expression)
    ]
    if not factors:
        return tr("no record is at this place")
    if all(any(factor is one for one in aside) for factor in factors):
        return tr(
            "stepping passes over this factor, which leads to data only, unless all factors are asked for"
        )
    return ""


def _act(goal: Goal, graph: Graph) -> str:
    """Return why an act cannot be done; "" where it can."""
    if goal.kind is not GoalKind.ACT:
        return ""
    if goal.act == "quiz" and not graph.factors:
        return tr("there is no factor to ask for")
    node = graph.named.get(goal.node) if goal.node else None
    if node is None or goal.act not in ("homework", "examine"):
        return ""
    if any(node is one for one in graph.parameters) and not _is_trained(graph, node):
        return tr("{name} is not trained", name=pretty(goal.node))
    if node is not graph.loss and not graph.factors_to(node):
        return tr("the loss does not depend on {name}: its gradient is zero", name=pretty(goal.node))
    return ""


def _is_trained(graph: Graph, node: Node) -> bool:
    return any(node is one for one in graph.trainable)
