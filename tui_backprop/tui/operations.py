"""What the trainer's thread does for the user, one method each; no other thread calls anything here.

What few need, such as the check of the gradients, is imported by those who do: a start is to be short.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import structs
from textual.message import Message

from tui_backprop.engine.errors import BackpropError
from tui_backprop.engine.names import pretty_text
from tui_backprop.training.breakpoints import Breakpoint
from tui_backprop.training.trainer import Trainer
from tui_backprop.training.whatif import parse_whatif
from tui_backprop.tui.messages import Accepted, ElementExamined, GradientsChecked, Noted, ProgramWritten
from tui_backprop.tui.photographer import Photographer

Patience = Callable[[str], Callable[[], bool]]


class Operations:
    """Acts on one trainer, and then on the next one that is opened.

    Args:
        trainer: what to start with.
        post: hands a message to the app.
        patience: returns what a long computation, named in words, asks whether to give up.
    """

    def __init__(self, trainer: Trainer, post: Callable[[Message], Any], patience: Patience) -> None:
        self._post, self._patience = post, patience
        self._generation = -1
        self.predicting = trainer.workbook.predicting
        self.adopt(trainer)

    def adopt(self, trainer: Trainer, breakpoints: Iterable[Breakpoint] = ()) -> None:
        """Go on with another trainer; breakpoints that do not fit it are left out, and that is said."""
        self.trainer = trainer
        self._generation += 1
        self.camera = Photographer(trainer, self._generation)
        if lost := trainer.breakpoints.take(breakpoints):
            self._post(Noted(f"breakpoints that do not fit any more: {'; '.join(lost)}", "warning"))
        self._ask_again()

    def resume(self, trainer: Trainer) -> None:
        """Go on with a session's trainer, asking for factors as it did."""
        self.predicting = trainer.workbook.predicting
        self.adopt(trainer)

    # ------------------------------------------------------------------ moving

    def step(self) -> None:
        """Go one record on; while predicting, ask before a factor, and reveal it when asked again."""
        if self.camera.prediction is not None and not self.camera.prediction.lets_pass(self.trainer):
            return
        trainer = self.trainer
        if trainer.position == trainer.record_count and not trainer.lesson.trains:
            name = trainer.lesson.name
            self._post(Noted(f"the end: {name} trains nothing, its gradients are what it is for"))
        self.camera.step()

    def back(self) -> None:
        """Go one record back."""
        self.trainer.back(should_stop=self._patience("going back"))

    def next(self) -> None:
        """Go to the start of the next iteration."""
        if not self.trainer.lesson.trains:
            self._post(Noted(f"{self.trainer.lesson.name} trains nothing: there is one iteration only"))
        self.trainer.next()

    def previous(self) -> None:
        """Go to the start of this iteration, or of the one before."""
        self.trainer.previous(should_stop=self._patience("going back"))

    def reset(self) -> None:
        """Go to iteration 0 and start anew."""
        self.trainer.reset()
        if self.trainer.overrides:
            names = ", ".join(map(pretty_text, self.trainer.overrides))
            self._post(Noted(f"still put in by hand: {names}; o lifts"))

    def rewind(self, iteration: int) -> None:
        """Go back to the start of an iteration."""
        self.trainer.rewind(iteration, should_stop=self._patience("going back"))

    def go_to_record(self, place: int) -> None:
        """Go to where a record of this iteration is the last one done."""
        self._seek(place + 1)

    def go_to_node(self, index: int) -> None:
        """Go to where a node's gradient is complete; to its value where the loss does not depend on it."""
        trainer = self.trainer
        node = trainer.graph.nodes[index]
        try:
            self._seek(trainer.place_of(node))
        except BackpropError as error:
            self._post(Noted(str(error)))

    def _seek(self, position: int) -> None:
        """Move inside the iteration; its last record ends it, so that stays a step of the user's."""
        trainer = self.trainer
        if position == trainer.record_count and trainer.lesson.trains:
            trainer.seek(position - 1)
            self.camera.step()
        else:
            trainer.seek(position)

    # ------------------------------------------------------------------ changing

    def set(self, name: str, value: Any) -> None:
        """Turn a dial."""
        if self.trainer.set(**{name: value}):
            self._post(Noted(f"{name} restarts: back at iteration 0"))

    def put(self, text: str) -> None:
        """Put in a value that was typed."""
        trainer = self.trainer
        change = parse_whatif(text, trainer.graph, trainer.lesson.samples)
        trainer.put(change.name, change.value, change.element)
        self._post(Accepted("what_if", f"{trainer.undoable}; u undoes it"))

    def release(self, name: str) -> None:
        """Lift a value put in."""
        self.trainer.release(name)
        self._post(Noted(f"{self.trainer.undoable}; u undoes that"))

    def undo(self) -> None:
        """Undo the last change."""
        here = self.trainer.iteration
        what = self.trainer.undo(should_stop=self._patience("undoing"))
        there = self.trainer.iteration
        back = f"; back at iteration {there}" if there < here else ""
        self._post(Noted(f"undone: {what}{back}; U redoes it" if what else "there is nothing to undo"))

    def redo(self) -> None:
        """Redo what was undone last."""
        what = self.trainer.redo(should_stop=self._patience("redoing"))
        self._post(Noted(f"redone: {what}" if what else "there is nothing to redo"))

    def add_breakpoint(self, text: str) -> None:
        """Add a breakpoint that was typed."""
        added = self.trainer.breakpoints.add(text)
        self._post(Accepted("breakpoints", f"added: {added.description}"))

    def toggle_breakpoint(self, point: Breakpoint) -> None:
        """Turn a breakpoint off or on, if it is still there as it was."""
        breakpoints = self.trainer.breakpoints
        if point in (points := list(breakpoints)):
            breakpoints.toggle(points.index(point))

    def delete_breakpoint(self, point: Breakpoint) -> None:
        """Delete a breakpoint, if it is still there as it was."""
        breakpoints = self.trainer.breakpoints
        if point in (points := list(breakpoints)):
            breakpoints.delete(points.index(point))

    def aim(self, name: str | None) -> None:
        """Show the chain to this node; None leaves the choice to the factor."""
        self.camera.target = name

    # ------------------------------------------------------------------ looking, checking, practising

    def examine(self, node: int, element: tuple[int, ...]) -> None:
        """Work out one element of a node's gradient term by term."""
        from tui_backprop.explain.elements import explain_element

        trainer = self.trainer
        self._post(ElementExamined(explain_element(trainer, trainer.graph.nodes[node], element)))

    def write_program(self) -> None:
        """Write the program that runs are compiled to under the dials as they are here."""
        from tui_backprop.explain.listing import program_page  # nothing that the first screen needs

        self._post(ProgramWritten(program_page(self.trainer.lesson, self.trainer.hyperparameters)))

    def check(self) -> None:
        """Check the gradients where the trainer stands."""
        from tui_backprop.training.check import check_gradients

        report = check_gradients(self.trainer, should_stop=self._patience("checking the gradients"))
        self._post(GradientsChecked(report))

    def mark(self, name: str, text: str) -> None:
        """Check a gradient worked out by hand."""
        from tui_backprop.explain.homework import message
        from tui_backprop.training.homework import keep, mark

        marked = mark(self.trainer, name, text)
        keep(self.trainer, marked)
        self._post(Accepted("homework", f"{'✓' if marked.passed else '✗'} {message(marked)}"))

    def predict(self) -> None:
        """Begin or end to ask for each factor before it is shown."""
        self.predicting = not self.predicting
        self._ask_again()
        if self.camera.prediction is None:
            self._post(Noted("predicting ended; the score is kept"))

    def _ask_again(self) -> None:
        self.camera.prediction = None
        self.trainer.workbook = structs.replace(self.trainer.workbook, predicting=self.predicting)
        if self.predicting:
            from tui_backprop.explain.predicting import Prediction

            self.camera.prediction = Prediction(self.trainer)

    def go_to_question(self) -> None:
        """Step until a factor is asked for."""
        prediction = self.camera.prediction
        assert prediction is not None
        for _ in range(self.trainer.record_count + 1):
            if not prediction.lets_pass(self.trainer, reveal=False):
                return
            self.camera.step()

    def answer(self, text: str) -> None:
        """Answer the question that is open; nothing typed asks for a hint."""
        prediction = self.camera.prediction
        if prediction is not None and prediction.answer(self.trainer, text):
            self.camera.step()
