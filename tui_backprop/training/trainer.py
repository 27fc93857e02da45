"""Trainer: every way of moving through a training and of changing it.

An *iteration* is one update of all trainable parameters, whether it used one sample or all of them. An
*epoch* is one pass over the samples: ceil(samples / batch_size) iterations, or one where a lesson has no
samples. ``epoch`` counts completed passes. A position is an iteration and a number of records done in it; the
position after an iteration's last record *is* the start of the next one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import structs

from tui_backprop.engine.autodiff.records import Record
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.training import running
from tui_backprop.training.changes import interventions
from tui_backprop.training.changes.interventions import Intervention
from tui_backprop.training.changes.undo import Change, UndoStack, describe
from tui_backprop.training.iteration import checked_iteration, checked_position, whole_number
from tui_backprop.training.running import RunReport
from tui_backprop.training.saved import Saved
from tui_backprop.training.schedule import Schedule, checked
from tui_backprop.training.stops.breakpoints import Breakpoints
from tui_backprop.training.training import Training
from tui_backprop.training.view import TrainingView
from tui_backprop.training.workbook import Workbook

MEMORY = 64 << 20


class Trainer(TrainingView):
    """Trains a lesson and can stop, go back and look anywhere.

    Args:
        lesson: what to train.
        memory: bytes that may be used for going back, and as many for undoing.
        **hyperparameters: any hyperparameter in place of the lesson's; and ``backend``, "numpy" or "native".

    Attributes:
        breakpoints: where a run stops; they stay whatever is set, and when training starts anew.
        workbook: what was practised in it.

    Raises:
        BackpropError: an unknown hyperparameter, a value out of range, a formula that does not fit the batch
            size, or a back end that is unknown or cannot compute here.
    """

    def __init__(self, lesson: Lesson, /, *, memory: int = MEMORY, **hyperparameters: Any) -> None:
        if not isinstance(lesson, Lesson):
            found = printable(repr(lesson), 40)
            raise BackpropError(tr("found {found}; give a lesson: load_lesson('linear')", found=found))
        settings = checked(lesson, lesson.hyperparameters.under(**hyperparameters))
        training = Training(Schedule(lesson, ((0, settings),)), memory)
        super().__init__(training)
        self._undo = UndoStack(memory)
        self.breakpoints = Breakpoints(lambda: training.here, lambda: training.trajectory)
        self.workbook = Workbook()

    # ------------------------------------------------------------------ moving forward

    def step(self) -> Record | None:
        """Go one record on and return it; None at the end of a lesson that trains nothing."""
        return None if self.position == self.record_count else self.seek(self.position + 1)

    def seek(self, position: int) -> Record | None:
        """Go to where that many records of this iteration are done, and return the last of them.

        Behind the last record of an iteration that trains stands the start of the next one, as after a step.

        Raises:
            BackpropError: a position that this iteration does not have.
        """
        return self._training.seek(checked_position(self.graph, position))

    def next(self) -> None:
        """Go to the start of the next iteration; a lesson that trains nothing goes to the end of its pass."""
        if self._training.here.position == 0 and self.lesson.trains:
            self._training.advance()
        else:
            self._training.finish()

    def run(
        self,
        iterations: int | None = None,
        *,
        seconds: float = math.inf,
        should_stop: Callable[[], bool] | None = None,
        breakpoints: bool = True,
    ) -> RunReport:
        """Do many iterations; an iteration already begun is finished first and counts as one.

        Args:
            iterations: how many; up to the ``iterations`` hyperparameter when None, where one that was begun
                at the target is finished as well.
            seconds: stop after this time.
            should_stop: asked every few milliseconds, or before each iteration where one takes longer.
            breakpoints: whether they, and the lesson's early stop, do.

        Divergence stops the run: at the start of the iteration whose loss is not finite, or behind the update
        that made a parameter so. A breakpoint stops it at the start of the iteration where it becomes true;
        one that is true where the run begins has to become false before; only a NaN stops it there, once.

        Raises:
            BackpropError: ``iterations`` is not a whole number from 0 on.
        """
        if iterations is not None:
            iterations = whole_number("iterations", iterations)
        if not self.lesson.trains:
            return RunReport("untrainable", 0)
        watched = self.breakpoints.watch() if breakpoints else None
        return running.run(self._training, watched, iterations, seconds, should_stop, early_stop=breakpoints)

    def goto(
        self,
        iteration: int,
        *,
        seconds: float = math.inf,
        should_stop: Callable[[], bool] | None = None,
    ) -> RunReport:
        """Go to the start of an iteration: back as :meth:`rewind`, forward as :meth:`run`, with its stops.

        Raises:
            BackpropError: ``iteration`` is not a whole number from 0 on.
            Interrupted: as :meth:`back` does, on the way back.
        """
        start, goal = self.iteration, whole_number("iteration", iteration)
        if goal > start:
            return self.run(goal - start, seconds=seconds, should_stop=should_stop)
        self.rewind(goal, should_stop=should_stop)
        return RunReport("asked", goal - start)

    # ------------------------------------------------------------------ moving back

    def back(self, should_stop: Callable[[], bool] | None = None) -> Record | None:
        """Go one record back and return the record that is now the last one done.

        From the start of an iteration this goes into the one before, ahead of its last record. The way there
        may be long; ``should_stop`` is asked before each iteration that has to be replayed.

        Raises:
            Interrupted: ``should_stop`` said so; the trainer is where it was.
        """
        here = self._training.here
        if here.position:
            here.jump(here.position - 1)
        elif not here.number:
            return None
        else:
            self._training.go_to(here.number - 1, should_stop, position=-1)
        return self.record

    def previous(self, should_stop: Callable[[], bool] | None = None) -> None:
        """Go to the start of this iteration, or of the one before when already there.

        Raises:
            Interrupted: as :meth:`back` does.
        """
        here = self._training.here
        if here.position:
            here.jump(0)
        elif here.number:
            self._training.go_to(here.number - 1, should_stop)

    def rewind(self, to_iteration: int = 0, *, should_stop: Callable[[], bool] | None = None) -> None:
        """Go back to the start of an iteration; hyperparameters and overrides are as they were then.

        Raises:
            BackpropError: an iteration that has not been reached.
            Interrupted: as :meth:`back` does.
        """
        goal = checked_iteration(to_iteration, self.iteration)
        self._training.go_to(goal, should_stop)

    # ------------------------------------------------------------------ changing

    def set(self, /, **hyperparameters: Any) -> bool:
        """Set hyperparameters, or the ``backend``; return whether that restarted the training.

        One that applies live holds from this iteration on; going back undoes it, going forward redoes it.
        After going back, any that is set drops the changes made later, even one set to the value it has here.

        Raises:
            BackpropError: a value is refused, or does not go with the formula or an override; nothing has
                changed then.
        """
        intended = interventions.set_hyperparameters(self._training.here, hyperparameters)
        if intended is None:
            return False
        self._change(intended)
        return intended.restarts

    def override(self, name: str, value: Any) -> None:
        """Put a value in place of what a node's operation gives, until :meth:`release`.

        Everything behind it is recomputed; backward goes on as if the operation had produced it, which makes
        the gradients an exercise and not the derivative of anything. ``name`` may be in either spelling, or
        the text of a sub-expression, which is replaced wherever it occurs; the value must fit every batch, or
        have a row for each of the lesson's samples, of which each batch takes its own.

        Raises:
            BackpropError: an unknown node, a sub-expression that occurs in several shapes, or a value that
                does not fit.
        """
        self._change(interventions.override(self._training.here, name, value))

    def edit(self, name: str, value: Any) -> None:
        """Move a parameter to a value at the start of this iteration; training goes on from there.

        The optimizer's memory stays. Inside an iteration the records done are recomputed.

        Raises:
            BackpropError: not a parameter, one whose value is held by an override, or a value that does not
                fit.
        """
        self._change(interventions.edit(self._training.here, name, value))

    def put(self, name: str, value: Any, element: Sequence[int] | None = None) -> None:
        """Put a value in: :meth:`edit` for a parameter, :meth:`override` for any other node.

        Args:
            name: the node.
            value: the value; a number where an element is given.
            element: the place of the one element to change, counted from 0; the others keep the values that
                they have at this iteration. For samples it is the sample behind that row that is changed, in
                whatever batch it comes again.

        Raises:
            BackpropError: as those two do, or an element that the node does not have.
        """
        self._change(interventions.put(self._training.here, name, value, element))

    def release(self, name: str) -> None:
        """Lift an override, or take an edit of this iteration's back.

        Raises:
            BackpropError: the node is not overridden or edited, or it was edited at an earlier iteration.
        """
        self._change(interventions.release(self._training.here, name))

    def reset(self) -> None:
        """Start anew from the starting parameters, with hyperparameters and overrides as they are now."""
        here = self._training.here
        intended, entries = interventions.reset(here), here.schedule.entries
        if len(entries) > 1 or entries[0][1].edits:
            self._change(intended)
        else:  # nothing is lost that going forward does not bring again
            self._training.begin(here.schedule.changed(0, intended.settings))

    def _change(self, intended: Intervention) -> None:
        """Let settings hold from this iteration on; those of a future that was gone back from are dropped."""
        here = self._training.here
        since = 0 if intended.restarts else here.number
        after = here.schedule.changed(since, intended.settings)
        what, restarts, nbytes = intended.what, intended.restarts, intended.nbytes
        self._undo.add(Change(what, here.schedule, after, here.number, here.position, restarts, nbytes))
        if restarts:
            self._training.begin(after)
        else:
            self._training.stand(after, here.position)

    # ------------------------------------------------------------------ undoing

    @property
    def undoable(self) -> str | None:
        """What :meth:`undo` would undo; None where there is nothing."""
        return describe(self._undo.done.what) if self._undo.done else None

    @property
    def redoable(self) -> str | None:
        """What :meth:`redo` would redo; None where there is nothing."""
        return describe(self._undo.undone.what) if self._undo.undone else None

    def undo(self, should_stop: Callable[[], bool] | None = None) -> str | None:
        """Undo the last change, and return what it was; None where there is nothing to undo.

        Where training went on since, this goes back to where the change was made. Where somebody went back
        to before it, it is taken out of what going forward would do again, and the place stays. A restart is
        undone by going to where the training was, which is replayed.

        Raises:
            Interrupted: ``should_stop``, asked before each iteration that has to be replayed, said so;
                nothing has changed.
        """
        change = self._undo.done
        if change is None:
            return None
        if change.restarts:
            self._training.go_into(change.before, change.iteration, change.position, should_stop)
        else:
            self._training.go_under(change.before, change.iteration, change.position, should_stop)
        self._undo.undo()
        return describe(change.what)

    def redo(self, should_stop: Callable[[], bool] | None = None) -> str | None:
        """Make the change undone last again, at its place, and return what it was; None without any.

        Raises:
            Interrupted: as :meth:`undo` does.
        """
        change = self._undo.undone
        if change is None:
            return None
        if change.restarts:
            change = structs.replace(change, iteration=self.iteration, position=self.position)
            self._training.begin(change.after)
        else:
            self._training.go_under(change.after, change.iteration, change.position, should_stop)
        self._undo.redo(change)
        return describe(change.what)

    # ------------------------------------------------------------------ keeping

    def snapshot(self) -> Saved:
        """Return the training as it is now, whole; quickly, and by the thread that moves it."""
        training, here, lesson = self._training, self._training.here, self.lesson.in_type("float64")
        past, number, stepped = training.trajectory, here.number, here.passed and not here.position
        earlier = (state for state in past.checkpoints if state.iteration < number)
        return Saved(
            lesson, here.schedule, (*earlier, here.state), past.history.kept(number), here.known_loss,
            here.position, bool(stepped), training.divergence is not None, self._undo.all_done,
            self._undo.all_undone, tuple((p.text, p.enabled) for p in self.breakpoints), self.workbook,
            past.lowest, past.checkpoints.anchors.upto(number).all,
        )  # fmt: skip

    @classmethod
    def restored(cls, saved: Saved, *, memory: int = MEMORY) -> Trainer:
        """Return the same training again, standing where it stood.

        Raises:
            BackpropError: a breakpoint does not fit, or the position does not exist.
        """
        trainer = cls(saved.lesson, memory=memory)
        training = trainer._training
        training.resume(saved.schedule, saved.states, saved.losses, saved.lowest, saved.anchors)
        trainer._undo = UndoStack(memory, saved.done, saved.undone)
        trainer.breakpoints.restore(saved.breakpoints)
        trainer.workbook = saved.workbook
        training.go_inside(saved.position, stepped=saved.stepped)
        if saved.diverged:
            training.is_finite()
        return trainer
