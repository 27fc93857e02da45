"""What each command does to one trainer, and what it says: a generator of lines for each command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec import structs

from tui_backprop.engine.errors import BackpropError, printable
from tui_backprop.engine.terms import parse_element
from tui_backprop.explain.numbers import exact
from tui_backprop.explain.predicting import Prediction
from tui_backprop.lessons.confinement import confinement, lesson_names
from tui_backprop.lessons.hyperparameters import MAX_ITERATIONS, specification
from tui_backprop.lessons.library import BUILTIN, load_file, load_lesson
from tui_backprop.plain import looking
from tui_backprop.plain.arguments import count, needed, whole_number
from tui_backprop.plain.commands import help_lines
from tui_backprop.plain.moving import Lines, Moving
from tui_backprop.training.settings import find_one
from tui_backprop.training.trainer import Trainer
from tui_backprop.training.whatif import parse_whatif


class Debugger(Moving):
    """Does commands for one trainer; its arguments are those of Moving."""

    def do(self, name: str, argument: str) -> Lines:
        """Do a command by its first word, and yield what it says.

        Raises:
            BackpropError: the argument cannot be used.
        """
        method: Callable[[str], Lines] = getattr(self, f"do_{name}")
        return method(argument)

    # ------------------------------------------------------------------ looking

    def do_values(self, argument: str) -> Lines:
        """Write all numbers of the current record."""
        return looking.numbers(tuple(self._current()[2].values))

    def do_print(self, argument: str) -> Lines:
        """Say what a node or a formula is."""
        text = needed(argument, "a name or a formula, such as print beta")
        return looking.evaluated(self.trainer, text, self._secret)

    def do_examine(self, argument: str) -> Lines:
        """Write one element as a sum of terms."""
        from tui_backprop.explain.element_page import as_text

        if self._secret:
            raise BackpropError("factors have still to be predicted; predict ends predicting")
        name, graph = needed(argument, "a name and an element, such as examine beta 0"), self.trainer.graph
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
        return looking.losses(self.trainer, count(argument, MAX_ITERATIONS, 0))

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
        name, *values = argument.replace("=", " ", 1).split(None, 1) or [""]
        value = "".join(values)
        if not value:
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
        self.trainer.release(needed(argument, "the name of what was put in"))
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
        points, place = self.trainer.breakpoints, whole_number(argument, MAX_ITERATIONS) - 1
        if not 0 <= place < len(points) or points[place].enabled != on:
            points.toggle(place)
        yield from looking.breakpoints(self.trainer)

    def do_delete(self, argument: str) -> Lines:
        """Delete a breakpoint."""
        self.trainer.breakpoints.delete(whole_number(argument, MAX_ITERATIONS) - 1)
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
        from tui_backprop.training.homework import keep, mark, split_claim

        if not argument:
            yield from list(looking.marks(self.trainer)) or ["no homework is marked yet"]
            return
        marked = mark(self.trainer, *split_claim(argument))
        keep(self.trainer, marked)
        yield from as_lines([marked])

    def do_predict(self, argument: str) -> Lines:
        """Begin or end to ask for each factor."""
        if self.prediction is not None:
            self.prediction = None
            self._note_predicting()
            yield "predicting ended; the score is kept"
            return
        self.prediction = Prediction(self.trainer)
        self._note_predicting()
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

    # ------------------------------------------------------------------ lessons

    def do_open(self, argument: str) -> Lines:
        """Open another lesson."""
        if not argument:
            files = "" if confinement() is not None else "; or the path of a .toml file"
            yield f"lessons: {', '.join((*BUILTIN, *lesson_names()))}{files}"
            return
        # a restricted login is not told whose home is where
        home = argument.startswith("~") and confinement() is None
        path = str(Path(argument).expanduser()) if home else argument
        self.adopt(Trainer(load_lesson(path)))
        yield f"{self.trainer.lesson.name}: {self.trainer.lesson.title}"
        yield looking.place(self.trainer)

    def do_reload(self, argument: str) -> Lines:
        """Read the lesson's file again."""
        old = self.trainer
        turned = old.hyperparameters.changed_from(old.lesson.hyperparameters)
        path = Path(old.lesson.path)
        lesson = load_file(path, old.lesson.name if old.lesson.builtin else None)
        self.adopt(Trainer(lesson, **turned))
        kept = f", with {', '.join(turned)} as set here" if turned else ""
        yield f"{printable(path.name)} reloaded{kept}"
        if lost := self.trainer.breakpoints.take(old.breakpoints):
            yield f"breakpoints that do not fit any more: {'; '.join(lost)}"
        yield looking.place(self.trainer)

    def adopt(self, trainer: Trainer) -> None:
        """Go on with another trainer."""
        self.trainer, self._shown = trainer, None
        if self.prediction is not None:
            self.prediction = Prediction(trainer)
        self._note_predicting()

    def resume(self, trainer: Trainer) -> None:
        """Go on with a session's trainer, asking for factors as it did."""
        self.prediction = Prediction(trainer) if trainer.workbook.predicting else None
        self.adopt(trainer)

    def _note_predicting(self) -> None:
        predicting = self.prediction is not None
        self.trainer.workbook = structs.replace(self.trainer.workbook, predicting=predicting)
