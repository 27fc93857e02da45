"""What each command does to one trainer, and what it says: a generator of lines for each command."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tui_backprop.engine.backprop import Record
from tui_backprop.engine.errors import BackpropError, Interrupted, printable
from tui_backprop.engine.names import pretty_text
from tui_backprop.engine.terms import parse_element
from tui_backprop.explain.iteration import record_lines
from tui_backprop.explain.numbers import exact
from tui_backprop.explain.outline import naming
from tui_backprop.explain.predicting import Prediction
from tui_backprop.explain.records import Explanation, Row, explain
from tui_backprop.explain.whys import live_values, why_rows
from tui_backprop.lessons.hyperparameters import MAX_ITERATIONS, specification
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import BUILTIN, load_file, load_lesson
from tui_backprop.plain import looking
from tui_backprop.plain.commands import help_lines
from tui_backprop.training.autosave import Autosave
from tui_backprop.training.settings import find_one
from tui_backprop.training.trainer import RunReport, Trainer
from tui_backprop.training.whatif import parse_whatif

MOST_STEPS = 10_000
SLICE = 0.25
"""Seconds of a run between two looks at what else there is to do."""
REPORT = 2.0
"""Seconds between two lines of a run."""

Lines = Iterator[str]


class Debugger:
    """Does commands for one trainer, and then for the next one that is opened.

    Args:
        trainer: what to start with.
        autosave: what keeps it on disk.
        load: loads a lesson by name or path.
        should_stop: what long computations ask.

    Attributes:
        width: columns of a line.
        prediction: asks for factors before they are shown; None while none are asked for.
    """

    def __init__(
        self,
        trainer: Trainer,
        autosave: Autosave,
        load: Callable[[str], Lesson] | None,
        should_stop: Callable[[], bool],
    ) -> None:
        self.trainer, self.autosave, self.should_stop = trainer, autosave, should_stop
        self._load, self._restricted = load or load_lesson, load is not None
        self.width = 80
        self.prediction: Prediction | None = None
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

    def do(self, name: str, argument: str) -> Lines:
        """Do a command by its first word, and yield what it says.

        Raises:
            BackpropError: the argument cannot be used.
        """
        method: Callable[[str], Lines] = getattr(self, f"do_{name}")
        return method(argument)

    # ------------------------------------------------------------------ moving

    def do_step(self, argument: str) -> Lines:
        """Go records on."""
        for _ in range(_count(argument, MOST_STEPS)):
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
        for _ in range(_count(argument, MAX_ITERATIONS)):
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
        goal = trainer.iteration + _count(argument, MAX_ITERATIONS) if argument else None
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
        for _ in range(_count(argument, MOST_STEPS)):
            if self.trainer.back(self.should_stop) is None and not self.trainer.position:
                break
        yield from self._arrived()

    def do_previous(self, argument: str) -> Lines:
        """Go to the start of this iteration, or of the one before."""
        for _ in range(_count(argument, MOST_STEPS)):
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
            node = find_one(trainer.graph, _needed(argument, "a name, such as find beta"))
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

    # ------------------------------------------------------------------ looking

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

    def do_values(self, argument: str) -> Lines:
        """Write all numbers of the current record."""
        return looking.numbers(tuple(self._current()[2].values))

    def do_print(self, argument: str) -> Lines:
        """Say what a node or a formula is."""
        text = _needed(argument, "a name or a formula, such as print beta")
        return looking.evaluated(self.trainer, text, self._secret)

    def do_examine(self, argument: str) -> Lines:
        """Write one element as a sum of terms."""
        from tui_backprop.explain.element_page import as_text

        if self._secret:
            raise BackpropError("factors have still to be predicted; predict ends predicting")
        name, graph = _needed(argument, "a name and an element, such as examine beta 0"), self.trainer.graph
        try:
            node, element = find_one(graph, name), ""
        except BackpropError:
            head, bracket, rest = name.partition("[")
            if not bracket:
                head, _, rest = name.partition(" ")
            node, element = find_one(graph, head.strip()), rest.strip().removesuffix("]")
        if not element and node.shape:
            element = ",".join("0" for _ in node.shape)  # the first, where none is asked for
        return as_text(self.trainer, node, parse_element(element, node), self.width)

    def do_where(self, argument: str) -> Lines:
        """Say where we are."""
        return looking.where(self.trainer)

    def do_list(self, argument: str) -> Lines:
        """List this iteration's records."""
        return looking.records(self.trainer)

    def do_graph(self, argument: str) -> Lines:
        """Write the computation as a tree."""
        return looking.graph(self.trainer, self._secret)

    def do_parameters(self, argument: str) -> Lines:
        """List the parameters."""
        return looking.parameters(self.trainer, self._secret)

    def do_model(self, argument: str) -> Lines:
        """Say what the lesson is about."""
        return looking.model(self.trainer, self.width)

    def do_loss(self, argument: str) -> Lines:
        """Say the loss."""
        yield f"loss {exact(self.trainer.loss)}"

    def do_losses(self, argument: str) -> Lines:
        """Say how the loss went."""
        return looking.losses(self.trainer, _count(argument, MAX_ITERATIONS, 0))

    def do_program(self, argument: str) -> Lines:
        """Write the program that runs are compiled to."""
        from tui_backprop.explain.listing import program_page

        page = program_page(self.trainer.lesson, self.trainer.hyperparameters)
        yield from (*page.formula, "", *page.notes, *page.program)

    def do_help(self, argument: str) -> Lines:
        """Say what can be typed."""
        yield from help_lines(argument)

    # ------------------------------------------------------------------ changing

    def do_set(self, argument: str) -> Lines:
        """Turn a hyperparameter, or say how they stand."""
        name, _, value = argument.replace("=", " ", 1).partition(" ")
        if not value.strip():
            yield from looking.dials(self.trainer, name)
            return
        spec = specification(name)
        restarted = self.trainer.set(**{spec.name: spec.parse(value)})
        yield from looking.dials(self.trainer, spec.name)
        if restarted:
            yield f"{spec.name} restarts: back at iteration 0"

    def do_whatif(self, argument: str) -> Lines:
        """Put a value in, or list those that are."""
        trainer = self.trainer
        if not argument:
            yield from list(looking.put_in(trainer)) or ["nothing is put in by hand"]
            return
        change = parse_whatif(argument, trainer.graph, trainer.lesson.samples)
        trainer.put(change.name, change.value, change.element)
        yield f"{trainer.undoable}; undo undoes it"
        yield looking.place(trainer)

    def do_release(self, argument: str) -> Lines:
        """Lift a value put in."""
        self.trainer.release(_needed(argument, "the name of what was put in"))
        yield f"{self.trainer.undoable}; undo undoes that"

    def do_undo(self, argument: str) -> Lines:
        """Undo the last change."""
        here = self.trainer.iteration
        what = self.trainer.undo(should_stop=self.should_stop)
        there = self.trainer.iteration
        back = f"; back at iteration {there}" if there < here else ""
        yield f"undone: {what}{back}; redo redoes it" if what else "there is nothing to undo"

    def do_redo(self, argument: str) -> Lines:
        """Redo what was undone last."""
        what = self.trainer.redo(should_stop=self.should_stop)
        yield f"redone: {what}" if what else "there is nothing to redo"

    def do_break(self, argument: str) -> Lines:
        """Add a breakpoint, or list them."""
        if argument:
            added = self.trainer.breakpoints.add(argument)
            yield f"breakpoint {len(self.trainer.breakpoints)}: {added.description}"
        else:
            yield from list(looking.breakpoints(self.trainer)) or ["there are no breakpoints"]

    def do_enable(self, argument: str) -> Lines:
        """Turn a breakpoint on."""
        yield from self._switch(argument, on=True)

    def do_disable(self, argument: str) -> Lines:
        """Turn a breakpoint off."""
        yield from self._switch(argument, on=False)

    def _switch(self, argument: str, *, on: bool) -> Lines:
        points, place = self.trainer.breakpoints, _number(argument, MAX_ITERATIONS) - 1
        if not 0 <= place < len(points) or points[place].enabled != on:
            points.toggle(place)
        yield from looking.breakpoints(self.trainer)

    def do_delete(self, argument: str) -> Lines:
        """Delete a breakpoint."""
        self.trainer.breakpoints.delete(_number(argument, MAX_ITERATIONS) - 1)
        yield from list(looking.breakpoints(self.trainer)) or ["there are no breakpoints"]

    # ------------------------------------------------------------------ checking and practising

    def do_check(self, argument: str) -> Lines:
        """Check the gradients."""
        from tui_backprop.explain.checks import as_lines
        from tui_backprop.training.check import check_gradients

        yield from as_lines(check_gradients(self.trainer, should_stop=self.should_stop))

    def do_homework(self, argument: str) -> Lines:
        """Check a gradient worked out by hand."""
        from tui_backprop.explain.homework import as_lines
        from tui_backprop.training.homework import mark, split_claim

        yield from as_lines([mark(self.trainer, *split_claim(argument))])

    def do_predict(self, argument: str) -> Lines:
        """Begin or end to ask for each factor."""
        if self.prediction is not None:
            self.prediction = None
            yield "predicting ended; the score is kept"
            return
        self.prediction = Prediction(self.trainer.lesson)
        yield "each chain-rule factor is asked for before it is shown; continue goes to the next"
        self.prediction.lets_pass(self.trainer, reveal=False)
        yield from self._question()

    def do_reveal(self, argument: str) -> Lines:
        """Show the factor that is asked for."""
        if not self.asking:
            raise BackpropError("no question is open; one is asked before each chain-rule factor")
        return self.do_step("")

    def answer(self, text: str) -> Lines:
        """Take a line as the answer to the question that is open; an empty one asks for a hint."""
        prediction = self.prediction
        assert prediction is not None
        if prediction.answer(self.trainer, text):
            yield from self._question()
            yield from self._step()
            return
        yield from self._question()

    def _question(self) -> Lines:
        assert self.prediction is not None
        view = self.prediction.view
        for row in view.rows:
            if row.label:
                yield f"{row.label}: {_row_text(row)}"
        if view.question is not None:
            yield "a line is an answer; an empty line gives a hint; reveal shows the factor"

    # ------------------------------------------------------------------ lessons

    def do_open(self, argument: str) -> Lines:
        """Open another lesson."""
        if not argument:
            yield f"lessons: {', '.join(BUILTIN)}; or the path of a .toml file"
            return
        path = (
            argument if self._restricted or not argument.startswith("~") else str(Path(argument).expanduser())
        )
        self._adopt(Trainer(self._load(path)))
        yield f"{self.trainer.lesson.name}: {self.trainer.lesson.title}"
        yield looking.place(self.trainer)

    def do_reload(self, argument: str) -> Lines:
        """Read the lesson's file again."""
        old = self.trainer
        turned = old.hyperparameters.changed_from(old.lesson.hyperparameters)
        path = Path(old.lesson.path)
        builtin = old.lesson.name if old.lesson.builtin else None
        lesson = self._load(str(path)) if self._restricted and not builtin else load_file(path, builtin)
        self._adopt(Trainer(lesson, **turned))
        kept = f", with {', '.join(turned)} as set here" if turned else ""
        yield f"{printable(path.name)} reloaded{kept}"
        if lost := self.trainer.breakpoints.take(old.breakpoints):
            yield f"breakpoints that do not fit any more: {'; '.join(lost)}"
        yield looking.place(self.trainer)

    def _adopt(self, trainer: Trainer) -> None:
        self.trainer, self._shown = trainer, None
        if self.prediction is not None:
            self.prediction = Prediction(trainer.lesson)


def _row_text(row: Row) -> str:
    return " ".join(row.laid_out(10**6, ""))


def _needed(argument: str, what: str) -> str:
    if not argument:
        raise BackpropError(f"found nothing; give {what}")
    return argument


def _count(argument: str, most: int, default: int = 1) -> int:
    """Read how often, once where nothing is said."""
    return _number(argument, most) if argument else default


def _number(argument: str, most: int) -> int:
    word = argument.replace(",", "").replace("_", "")
    if not (word.isascii() and word.isdecimal()) or len(word) > 12 or not 1 <= int(word) <= most:
        found = printable(argument, 30) or "nothing"
        raise BackpropError(f"found {found}; it must be a whole number from 1 to {most:,}")
    return int(word)
