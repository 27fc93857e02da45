"""Goals: told of what happens, they say which tasks are reached.

A condition is looked at where the training stands; a run can be stopped there by a breakpoint of the same
text. A place is reached when its record is the last one done. An act is told by whoever did it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tui_backprop.engine.autodiff.records import Assignment, ChainFactor, Record
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.teaching.tasks import Goal, GoalKind, LessonTask
from tui_backprop.training.stops.breakpoints import Breakpoints
from tui_backprop.training.trainer import Trainer


class GoalWatch:
    """The tasks of a lesson, and which of them are reached.

    Tasks are in an order for people; one may be reached before those above it, and then it is.

    Args:
        lesson: the lesson.
        reached: keys of the tasks that were reached before.
        times: how often an act was done before that has to be done several times, by the task's key.
    """

    def __init__(
        self, lesson: Lesson, reached: Iterable[str] = (), times: Mapping[str, int] | None = None
    ) -> None:
        self.tasks = lesson.tasks
        self._reached = {key for key in reached if any(task.key == key for task in self.tasks)}
        self._times = dict(times or {})
        self._asked_of: Breakpoints | None = None
        self._conditions: dict[str, Callable[[], bool]] = {}

    @property
    def reached(self) -> frozenset[str]:
        """The keys of the tasks that are reached."""
        return frozenset(self._reached)

    @property
    def times(self) -> dict[str, int]:
        """How often acts were done that have to be done several times, by the task's key: to be kept."""
        several = {task.key for task in self.tasks if task.goal.times > 1}
        return {key: count for key, count in self._times.items() if key in several}

    @property
    def current(self) -> LessonTask | None:
        """The first task that is not reached."""
        return next((task for task in self.tasks if task.key not in self._reached), None)

    def conditions(self) -> tuple[str, ...]:
        """Return the conditions that are not reached yet, as breakpoints read them: a run can stop there."""
        return tuple(task.goal.text for task in self._open(GoalKind.CONDITION))

    # ------------------------------------------------------------------ what is told

    def stood(self, trainer: Trainer) -> tuple[LessonTask, ...]:
        """Tell where the training stands now; return the tasks that are reached by it.

        To be told after each command, and after each slice of a run.
        """
        new = [task for task in self._open(GoalKind.CONDITION) if self._holds(task.goal.text, trainer)]
        record = trainer.record
        if record is not None:
            new += self._at(record)
        return self._take(new)

    def seen(self, record: Record) -> tuple[LessonTask, ...]:
        """Tell that a record was done, of several in one go; return the tasks that are reached by it."""
        return self._take(self._at(record))

    def done(self, act: str, node: str = "", times: int = 1) -> tuple[LessonTask, ...]:
        """Tell of an act that succeeded; return the tasks that are reached by it.

        Args:
            act: the word of the command, such as ``homework``; ``quiz`` for each right answer in a quiz.
            node: the lesson's own name of the node that it was about.
            times: how often it was done, of ``run`` for how many iterations.
        """
        new = []
        for task in self._open(GoalKind.ACT):
            goal = task.goal
            if goal.act != act or (goal.node and goal.node != node):
                continue
            self._times[task.key] = self._times.get(task.key, 0) + times
            if self._times[task.key] >= goal.times:
                new.append(task)
        return self._take(new)

    # ------------------------------------------------------------------ what is found

    def _open(self, kind: GoalKind) -> list[LessonTask]:
        return [task for task in self.tasks if task.goal.kind is kind and task.key not in self._reached]

    def _holds(self, condition: str, trainer: Trainer) -> bool:
        if trainer.breakpoints is not self._asked_of:
            self._asked_of, self._conditions = trainer.breakpoints, {}
        try:
            if condition not in self._conditions:
                self._conditions[condition] = trainer.breakpoints.condition(condition)
            return self._conditions[condition]()
        except BackpropError:  # which fits other batches than those of now, or no lesson at all
            return False

    def _at(self, record: Record) -> list[LessonTask]:
        return [task for task in self._open(GoalKind.PLACE) if is_at(task.goal, record)]

    def _take(self, tasks: Iterable[LessonTask]) -> tuple[LessonTask, ...]:
        new = tuple(tasks)
        self._reached |= {task.key for task in new}
        return new


def is_at(goal: Goal, record: Record) -> bool:
    """Tell whether a record is that of a place: of an edge the factor, of a node its value or its update."""
    if isinstance(record, ChainFactor):
        outputs = (record.output.name, record.output.line, record.output.expression)
        operands = (record.operand.name, record.operand.expression)
        return goal.operand is not None and goal.output in outputs and goal.operand in operands
    node = record.node if isinstance(record, Assignment) else record.parameter
    return goal.operand is None and goal.output == node.name
