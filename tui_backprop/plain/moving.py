"""Ways through a training, each of which says where it has led: records in full, places in a line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from tui_backprop.engine.backprop import Record
from tui_backprop.engine.errors import BackpropError, Interrupted, printable
from tui_backprop.engine.names import pretty_text
from tui_backprop.explain.iteration import record_lines
from tui_backprop.explain.numbers import exact
from tui_backprop.explain.outline import naming
from tui_backprop.explain.predicting import Prediction
from tui_backprop.explain.records import Explanation, Row, explain
from tui_backprop.explain.whys import live_values, why_rows
from tui_backprop.lessons.hyperparameters import MAX_ITERATIONS
from tui_backprop.plain import looking
from tui_backprop.plain.arguments import count, needed
from tui_backprop.training.autosave import Autosave
from tui_backprop.training.settings import find_one
from tui_backprop.training.trainer import RunReport, Trainer

MOST_STEPS = 10_000
SLICE = 0.25
"""Seconds of a run between two looks at what else there is to do."""
REPORT = 2.0
"""Seconds between two lines of a run."""

Lines = Iterator[str]


class Moving:
    """Moves one trainer, and then the next one that is opened.

    Args:
        trainer: what to start with.
        autosave: what keeps it on disk.
        should_stop: what long computations ask.

    Attributes:
        width: columns of a line.
        prediction: asks for factors before they are shown; None while none are asked for.
    """

    def __init__(self, trainer: Trainer, autosave: Autosave, should_stop: Callable[[], bool]) -> None:
        self.trainer, self.autosave, self.should_stop = trainer, autosave, should_stop
        self.width = 80
        self.prediction = Prediction(trainer) if trainer.workbook.predicting else None
        self._shown: tuple[Record, list[str], Explanation] | None = None

    @property
    def asking(self) -> bool:
        """Whether a factor is asked for and not yet answered."""
        if self.prediction is None:
            return False
        self.prediction.follow(self.trainer)
        return self.prediction.view.question is not None

    @property
    def _secret(self) -> bool:
        return self.prediction is not None

    # ------------------------------------------------------------------ moving

    def do_step(self, argument: str) -> Lines:
        """Go records on."""
        for _ in range(count(argument, MOST_STEPS)):
            if self.should_stop():
                raise Interrupted(f"interrupted; {looking.place(self.trainer)}")
            given_up = self.asking
            if self.prediction is not None and not self.prediction.lets_pass(self.trainer):
                yield from self._question()
                return
            if given_up:
                yield from self._question()  # there is none any more, but the score
            trainer = self.trainer
            if trainer.position == trainer.record_count and not trainer.lesson.trains:
                yield f"the end: {trainer.lesson.name} trains nothing, its gradients are what it is for"
                return
            yield from self._step()

    def _step(self) -> Lines:
        trainer, tape, total = self.trainer, self.trainer.tape, self.trainer.record_count
        last = trainer.position == total - 1
        values = live_values(trainer) if last else None  # the notes are about what was before the update
        count = trainer.position + 1
        record = trainer.step()
        assert record is not None
        explanation = explain(record, tape)
        lines = list(record_lines(count, total, explanation, why_rows(trainer, record, values), self.width))
        self._shown = record, lines, explanation
        yield from lines
        if trainer.position == 0:
            yield looking.place(trainer)

    def do_next(self, argument: str) -> Lines:
        """Go to the start of the next iteration."""
        if not self.trainer.lesson.trains:
            yield f"{self.trainer.lesson.name} trains nothing: there is one iteration only"
        for _ in range(count(argument, MAX_ITERATIONS)):
            if self.should_stop():
                raise Interrupted(f"interrupted; {looking.place(self.trainer)}")
            self.trainer.next()
            if not self.trainer.lesson.trains:
                break
        yield looking.place(self.trainer)

    def do_continue(self, argument: str) -> Lines:
        """Run."""
        trainer, target = self.trainer, self.trainer.hyperparameters.iterations
        if not argument and self.prediction is not None:
            for _ in range(trainer.record_count + 1):
                if not self.prediction.lets_pass(trainer, reveal=False):
                    break
                yield from self._step()
            yield from self._question()
            return
        goal = trainer.iteration + count(argument, MAX_ITERATIONS) if argument else None
        if goal is None and trainer.lesson.trains and trainer.iteration >= target and not trainer.position:
            yield f"iteration {target} is the target; set iterations raises it, next makes one more"
            return
        yield from self._run(goal)

    def _run(self, goal: int | None) -> Lines:
        trainer = self.trainer
        told, first = time.monotonic(), trainer.iteration
        while True:
            ahead = None if goal is None else max(goal - trainer.iteration, 0)
            report = trainer.run(ahead, seconds=SLICE, should_stop=self.should_stop)
            if report.reason != "stopped" or self.should_stop():
                break
            self.autosave.running(trainer)
            now = time.monotonic()
            if now - told >= REPORT:
                rate = (trainer.iteration - first) / (now - told)
                speed = f"{rate:,.0f} iterations a second"
                yield f"iteration {trainer.iteration}, loss {exact(trainer.loss)}, {speed}"
                told, first = now, trainer.iteration
        yield self._outcome(report)
        yield looking.place(trainer)

    def _outcome(self, report: RunReport) -> str:
        """Say how a run ended."""
        trainer = self.trainer
        if report.reason == "diverged" and report.divergence is not None:
            return report.divergence.message
        if report.hit is not None:
            return report.hit.message
        if report.reason == "full":
            return f"{trainer.iteration:,} losses are kept, as many as there is room for; reset starts anew"
        if report.reason == "nothing to train":
            return f"{trainer.lesson.name} trains nothing: there is nothing to run; step steps"
        return {
            "target": f"target reached: iteration {trainer.iteration}",
            "stopped": "paused",
        }.get(report.reason, "done")

    def do_back(self, argument: str) -> Lines:
        """Go records back."""
        for _ in range(count(argument, MOST_STEPS)):
            if self.trainer.back(self.should_stop) is None and not self.trainer.position:
                break
        yield from self._arrived()

    def do_previous(self, argument: str) -> Lines:
        """Go to the start of this iteration, or of the one before."""
        for _ in range(count(argument, MOST_STEPS)):
            self.trainer.previous(self.should_stop)
        yield looking.place(self.trainer)

    def do_goto(self, argument: str) -> Lines:
        """Go to an iteration."""
        word = argument.replace(",", "").replace("_", "")
        if not word.isdecimal() or len(word) > 12 or int(word) > MAX_ITERATIONS:
            found = printable(argument, 20) or "nothing"
            raise BackpropError(f"found {found}; it must be a whole number from 0 to {MAX_ITERATIONS:,}")
        if int(word) > self.trainer.iteration:
            yield from self._run(int(word))
            return
        self.trainer.rewind(int(word), should_stop=self.should_stop)
        yield looking.place(self.trainer)

    def do_find(self, argument: str) -> Lines:
        """Go to the record that completes a node's gradient; part of its name will do."""
        trainer = self.trainer
        try:
            node = find_one(trainer.graph, needed(argument, "a name, such as find beta"))
        except BackpropError:
            matching = [node for node in trainer.graph.nodes if node.op is not None or node.label]
            names = list(dict.fromkeys(node.name for node in filter(naming(argument), matching)))
            if len(names) != 1:
                if names:
                    found = ", ".join(map(pretty_text, names[:20]))
                    raise BackpropError(f"several nodes have that in their names: {found}") from None
                raise
            node = find_one(trainer.graph, names[0])
        place = trainer.place_of(node)
        if place == trainer.record_count and trainer.lesson.trains:
            trainer.seek(place - 1)
            yield from self._step()  # the last record ends the iteration
            return
        trainer.seek(place)
        yield from self._arrived()

    def _arrived(self) -> Lines:
        if self.trainer.position:
            yield from self.do_explain("")
        else:
            yield looking.place(self.trainer)

    def do_reset(self, argument: str) -> Lines:
        """Start anew."""
        self.trainer.reset()
        yield looking.place(self.trainer)
        if self.trainer.overrides:
            names = ", ".join(map(pretty_text, self.trainer.overrides))
            yield f"still put in by hand: {names}; release lifts"

    # ------------------------------------------------------------------ the record, and the question

    def _current(self) -> tuple[Record, list[str], Explanation]:
        """Return the record done last, as it was shown, or as it is explained now."""
        trainer, record = self.trainer, self.trainer.record
        if record is None:
            raise BackpropError("no record is done yet in this iteration; step does the first")
        if self._shown is None or self._shown[0] is not record:
            explanation = explain(record, trainer.tape)
            notes = why_rows(trainer, record)
            at, total = trainer.position or trainer.record_count, trainer.record_count
            lines = list(record_lines(at, total, explanation, notes, self.width))
            self._shown = record, lines, explanation
        return self._shown

    def do_explain(self, argument: str) -> Lines:
        """Explain the current record, all of this iteration, or the chain to a node."""
        if not argument:
            yield from self._current()[1]
        elif self._secret:
            raise BackpropError("factors have still to be predicted; predict ends predicting")
        else:
            name = "" if argument == "all" and argument not in self.trainer.graph.named else argument
            yield from looking.page(self.trainer, name, self.width)

    def _question(self) -> Lines:
        assert self.prediction is not None
        view = self.prediction.view
        for row in view.rows:
            if row.label:
                yield f"{row.label}: {_row_text(row)}"
        if view.question is not None:
            yield "a line is an answer; an empty line gives a hint; reveal shows the factor"


def _row_text(row: Row) -> str:
    return " ".join(row.laid_out(10**6, ""))
