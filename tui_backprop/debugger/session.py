"""What a debugger knows besides the training: the question that is open, and what was shown last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from tui_backprop.debugger.lines.explained import ExplainedRecord, LastStep, explain_here, explain_line
from tui_backprop.debugger.lines.folding import Folding
from tui_backprop.debugger.replies import Place, View
from tui_backprop.engine.autodiff.graph import Node
from tui_backprop.engine.autodiff.groups import Stretch
from tui_backprop.engine.core.errors import BackpropError, Interrupted, never
from tui_backprop.engine.language.namespace import value_names
from tui_backprop.engine.language.nodes import find_one
from tui_backprop.explain.titles import record_title
from tui_backprop.text.sentences import tr
from tui_backprop.training.trainer import Trainer
from tui_backprop.training.workbook import Folds

if TYPE_CHECKING:
    from tui_backprop.debugger.predicting import Prediction
    from tui_backprop.debugger.seat.seat import Seat
    from tui_backprop.lessons.hyperparameters import Hyperparameters
    from tui_backprop.lessons.remarks.remark import Remark


def _never(what: str) -> Callable[[], bool]:
    return never


class FrontEnd(Struct, frozen=True):
    """What a session asks of the front end that it answers.

    Attributes:
        patience: returns what a long computation, named in words, asks whether to give up.
        call: how a command is called here, by its name: the word that is typed, or a key.
        panels: whether the session's views are shown at all times.
    """

    patience: Callable[[str], Callable[[], bool]] = _never
    call: Callable[[str], str] = str
    panels: bool = False


class PictureChoice(Struct, frozen=True):
    """Which picture is looked at.

    Attributes:
        kind: its kind's name.
        of: what it is about, as it was named.
        grain: points across and down that can be told apart where it is drawn.
    """

    kind: str
    of: tuple[str, ...] = ()
    grain: tuple[int, int] = (80, 48)


class DebugSession:
    """One training under the debugger, and then the next one that is opened.

    Args:
        trainer: what to start with.
        front: what answers the user.

    Attributes:
        trainer: the training.
        generation: counts the trainings opened.
        target: name of the node whose chain the factors are shown in; None for each factor's own choice,
            which also holds where the graph has no such node.
        remarks: what was found that is almost surely not meant in the lesson.
        prediction: asks for factors before they are shown; None while none are asked for.
        all_factors: whether stepping and the quiz stop at every factor, or pass over those that lead to data
            only and the broadcasts that the lesson did not write.
        picture: which picture is looked at; None for none.
        told: what a front end of lines has said of the question that is open.
        seat: tasks and questions, and the course; ``seated`` is the generation that it has taken in.
    """

    told: tuple[str, ...] = ()
    seat: Seat | None = None
    seated = -1
    picture: PictureChoice | None = None

    def __init__(self, trainer: Trainer, front: FrontEnd | None = None) -> None:
        self.front = front or FrontEnd()
        self.all_factors = False
        self.generation = -1
        self.resume(trainer)

    def adopt(self, trainer: Trainer) -> None:
        """Go on with another trainer; factors are asked for as until now.

        Runs that are pinned stay where the lesson is the same one, be it in another state of its file.
        """
        pins, again = self.trainer.workbook.pins, trainer.lesson.name == self.trainer.lesson.name
        if again and pins and not trainer.workbook.pins:
            trainer.workbook = structs.replace(trainer.workbook, pins=pins)
        self._begin(trainer, predicting=self.secret)

    def resume(self, trainer: Trainer) -> None:
        """Go on with a trainer that was kept; factors are asked for and lines folded as they were there."""
        self._begin(trainer, predicting=trainer.workbook.predicting)

    def _begin(self, trainer: Trainer, *, predicting: bool) -> None:
        self.trainer = trainer
        self.generation += 1
        self.target: str | None = None
        self._explained: ExplainedRecord | None = None
        self._last: LastStep | None = None
        self.remarks: tuple[Remark, ...] = ()
        self._looked_at: Hyperparameters | None = None
        self._folding, self._folded_at = Folding(*trainer.workbook.folds), (-1, 0)
        self.predict(predicting)

    # ------------------------------------------------------------------ the front end

    def call(self, command: str) -> str:
        """Return how a command is called in the front end."""
        return self.front.call(command)

    def patience(self, what: str) -> Callable[[], bool]:
        """Return what a long computation asks whether to give up."""
        return self.front.patience(what)

    def go_on(self, should_stop: Callable[[], bool]) -> None:
        """Give up between two moves where that is asked for.

        Raises:
            Interrupted: it is; the message says where that leaves us.
        """
        if should_stop():
            raise Interrupted(tr("interrupted; {place}", place=Place.of(self.trainer).text))

    # ------------------------------------------------------------------ remarks

    def find_remarks(self) -> Sequence[Remark]:
        """Look for what is almost surely not meant, as the training is set now; return what is new of it."""
        trainer = self.trainer
        if self._looked_at == trainer.hyperparameters:
            return ()
        from tui_backprop.lessons.remarks.registry import remarks_on

        before, found = self.remarks, remarks_on(trainer.lesson, trainer.hyperparameters)
        self._looked_at = trainer.hyperparameters
        if found != before:
            self.remarks, self._explained = found, None  # the record may have to say one
        return [remark for remark in found if remark not in before]

    # ------------------------------------------------------------------ predicting

    def predict(self, whether: bool) -> None:
        """Begin to ask for each factor before it is shown, or end it."""
        if self.trainer.workbook.predicting != whether:
            self.trainer.workbook = structs.replace(self.trainer.workbook, predicting=whether)
        self.prediction: Prediction | None = None
        if whether:
            from tui_backprop.debugger.predicting import Prediction

            self.prediction = Prediction(self.trainer, all_factors=self.all_factors)

    @property
    def secret(self) -> bool:
        """Whether what is to come has still to be predicted."""
        return self.prediction is not None

    @property
    def locked(self) -> bool:
        """Whether solutions and notes of this lesson are shown only once it is handed in."""
        return self.seat is not None and self.seat.locked

    @property
    def asking(self) -> bool:
        """Whether a factor is asked for and not yet answered."""
        if self.prediction is None:
            return False
        self.prediction.follow(self.trainer)
        return self.prediction.view.question is not None

    # ------------------------------------------------------------------ the record

    def choose_factors(self, every: bool) -> None:
        """Choose whether stepping and the quiz stop at every factor."""
        self.all_factors = every
        if self.prediction is not None:
            self.predict(True)

    def passes_over(self, place: int) -> bool:
        """Tell whether stepping passes over the record at a place, counted from 0, and all of its line."""
        if self.all_factors:
            return False
        line = self.folding.closed_with(self.trainer.graph, place)
        return all(map(self._is_aside, (place,) if line is None else range(line.start, line.stop)))

    def _is_aside(self, place: int) -> bool:
        graph = self.trainer.graph
        aside = graph.aside if self.prediction is None else self.prediction.goes_past(graph)
        return place - len(graph.assignments) in aside

    def pass_over(self) -> None:
        """Go past the records that are not to be seen, up to the next one that is."""
        while self.trainer.position < self.trainer.record_count and self.passes_over(self.trainer.position):
            self.trainer.step()

    # ------------------------------------------------------------------ folded lines

    @property
    def folding(self) -> Folding:
        """What is folded where we stand."""
        trainer = self.trainer
        place = trainer.iteration, trainer.position
        if place != self._folded_at:
            moved_on = place[0] == self._folded_at[0]
            self._folding = self._folding.at(trainer.graph, trainer.position, moved_on=moved_on)
            self._folded_at = place
        if self._folding.asking != self.secret:
            self._folding = structs.replace(self._folding, asking=self.secret)
        return self._folding

    @folding.setter
    def folding(self, folding: Folding) -> None:
        trainer, kept = self.trainer, Folds(folding.chosen, folding.unfolded)
        if trainer.workbook.folds != kept:
            trainer.workbook = structs.replace(trainer.workbook, folds=kept)
        self._folding = folding.at(trainer.graph, trainer.position, moved_on=True)
        self._folded_at = trainer.iteration, trainer.position

    def fold(self, line: Stretch) -> Sequence[View]:
        """Fold a line; from its midst go to its end, and return what is to be seen then."""
        views = self._seek(line.stop, line) if line.holds(self.trainer.position) else ()
        self.folding = self.folding.fold(line)
        return views

    def line_ahead(self) -> Stretch | None:
        """Return the folded line that comes next; None where that is a record."""
        position = self.trainer.position
        return self.folding.closed_with(self.trainer.graph, position)

    def line_done(self) -> Stretch | None:
        """Return the folded line that was done last; None where that was a record."""
        position = self.trainer.position
        return self.folding.closed_with(self.trainer.graph, position - 1) if position else None

    def lines(self) -> Iterator[tuple[int, int, str]]:
        """Yield the lines of this iteration: the numbers of its first and last record, and its title."""
        from tui_backprop.explain.stretch import title as line_title

        graph = self.trainer.graph
        for place, line in self.folding.lines(graph):
            if line is None:
                yield place + 1, place + 1, record_title(graph, place)
            else:
                yield place + 1, line.stop, line_title(graph, line)

    # ------------------------------------------------------------------ moving

    def step(self, *, into: bool = True) -> Sequence[View]:
        """Go one record on, whether or not it should be predicted, and return what is to be seen then.

        Args:
            into: whether one record of a folded line is done, and not all of it.
        """
        line = None if into else self.line_ahead()
        return self.seek(self.trainer.position + 1 if line is None else line.stop)

    def seek(self, position: int) -> Sequence[View]:
        """Go to where that many records of this iteration are done, and return what is to be seen then."""
        return self._seek(position, self.folding.closed_with(self.trainer.graph, position - 1))

    def _seek(self, position: int, line: Stretch | None) -> Sequence[View]:
        """Go there, by the end of a folded line where one ends.

        What the last record's notes are about is gone afterwards, so it is kept before.
        """
        trainer = self.trainer
        if ends := position == trainer.record_count:
            from tui_backprop.explain.whys import live_numbers

            whole = None
            if line is not None:
                record = trainer.peek(position)
                whole = explain_line(trainer, line, record, self.target, self.call, ends=True)
            tape, numbers = trainer.tape, live_numbers(trainer)
            self._last = LastStep(partial(value_names, tape, numbers), tape, trainer.record_count, whole)
        trainer.seek(position)
        if trainer.position:
            return (View.RECORD,)
        return (View.RECORD, View.PLACE) if ends else (View.PLACE,)

    def back(self, should_stop: Callable[[], bool]) -> bool:
        """Go one record back, or over a folded line; tell whether there was one.

        Raises:
            Interrupted: ``should_stop`` said so; the trainer is where it was.
        """
        trainer = self.trainer
        if not trainer.position:  # into the iteration before, ahead of its last record
            if not trainer.iteration:
                return False
            trainer.back(should_stop)
            line = self._folding.at(trainer.graph, 0, moved_on=False).closed_with(
                trainer.graph, trainer.position
            )
        elif (line := self.line_done()) is None:
            trainer.back(should_stop)
        if line is not None:
            trainer.seek(line.start)
        return True

    def explained(self) -> ExplainedRecord | None:
        """Explain the record done last, once; at an iteration's start it is the one before's."""
        trainer, known, line = self.trainer, self._explained, self.line_done()
        record = trainer.record
        if record is None:
            return None
        asked = line, self.target
        if known is not None and record is known.record and asked == (known.stretch, known.target):
            return known
        if not self.front.panels:  # one with panels looks for them behind its first screen
            self.find_remarks()
        if line is not None:
            self._explained = explain_line(trainer, line, record, self.target, self.call)
            return self._explained
        at_end = trainer.position == 0  # the iteration's last record, seen from the start of the next one
        last = self._last if at_end else None
        if last is not None and last.whole is not None:
            return last.whole
        self._explained = explain_here(
            trainer, record, last, (self.target, self._target()), self.remarks, noted=not self.locked
        )
        return self._explained

    def _target(self) -> Node | None:
        """Return the node chosen, in this batch's graph."""
        if self.target is None:
            return None
        try:
            return find_one(self.trainer.graph, self.target)
        except BackpropError:
            return None
