"""The one thread that touches the trainer: it takes commands from a queue and posts snapshots.

The screen's thread never computes and never waits. It is the runner that waits while a frame of a run is
drawn or a key answered: both threads share one interpreter lock, and one that only computes starves one that
must draw.
A run is left as soon as another command arrives; a dial that applies live is turned between two iterations.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from textual.message import Message

from tui_backprop.engine.errors import BackpropError, FormulaError, Interrupted
from tui_backprop.lessons.hyperparameters import specification
from tui_backprop.terminal_conditions import FPS
from tui_backprop.training.autosave import Autosave
from tui_backprop.training.trainer import RunReport, Trainer
from tui_backprop.tui.command import Command
from tui_backprop.tui.messages import CommandRefused, Noted, StateChanged
from tui_backprop.tui.operations import Operations

PATIENCE = 0.5
"""Seconds the runner waits for a frame to be drawn, at most."""
SHARE = 15
"""A run does at least that many times as much as drawing it costs: slow frames become fewer. A tenth is the
most that watching may cost, and not all of its cost can be seen from here."""
TELL_AFTER = 0.3
"""Seconds after which a long computation is announced."""
SLICE = 0.01
"""Seconds of training between two looks at the clock, at least."""
LONGEST = 0.1
"""And at most: between two such looks a run is saved."""


def _look_only() -> None:
    """Do nothing: somebody wants to see where the trainer is."""


class Runner:
    """Owns a trainer on behalf of the app.

    Args:
        trainer: what to start with.
        post: hands a message to the app; callable from any thread.
        frame: seconds between two snapshots of a run.
        autosave: what keeps the training on disk.
    """

    def __init__(
        self,
        trainer: Trainer,
        post: Callable[[Message], Any],
        frame: float = 1 / FPS,
        autosave: Autosave | None = None,
    ) -> None:
        self._post, self._frame = post, frame
        self._autosave = autosave or Autosave()
        self._queue: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._operations = Operations(trainer, post, self._patience)
        self._closed, self._over = threading.Event(), threading.Event()
        self._over.set()
        self.idle = threading.Event()
        self._lock = threading.Lock()  # between looking into the queue and saying that it is empty
        self._interrupted = threading.Event()
        self._drawn = threading.Event()
        self._gives_way = self._iterating = False
        self._runs = 0
        self._wanted: int | None = None  # the run that should be going on, by number

    @property
    def trainer(self) -> Trainer:
        """The trainer; not to be touched by other threads unless ``idle`` is set."""
        return self._operations.trainer

    @property
    def running(self) -> bool:
        """Whether a run goes on or is about to."""
        return self._wanted is not None

    @property
    def busy(self) -> bool:
        """Whether something is being computed."""
        return not self.idle.is_set()

    @property
    def finishing(self) -> bool:
        """Whether a run is to end, but its last iteration is still being computed."""
        return self._iterating and self._wanted is None

    # ------------------------------------------------------------------ asked by the screen's thread

    def show(self) -> None:
        """Ask for a snapshot."""
        self._submit(Command(_look_only, live=True))

    def do(
        self,
        action: Callable[[Operations], object],
        *,
        live: bool = False,
        source: str = "",
        shows: bool = True,
    ) -> None:
        """Have something done to the trainer; unless it is ``live``, that ends a run."""
        self._submit(Command(lambda: action(self._operations), live, source, shows))

    def toggle(self) -> None:
        """Run, or pause."""
        if self.running:
            self.pause()
            return
        self.run_to(None)

    def run_to(self, goal: int | None) -> None:
        """Run to an iteration, or as far as the dials say; a breakpoint stops it before."""
        with self._lock:
            self._runs += 1
            self._wanted = number = self._runs
        self._submit(Command(lambda: self._run(number, goal)), stops=False)

    def resume(self, key: str) -> None:
        """Go on with a session that was saved."""
        self.do(lambda operations: self._resume(operations, key))

    def _resume(self, operations: Operations, key: str) -> None:
        trainer, notes = self._autosave.resume(key)
        operations.resume(trainer)
        for note in notes:
            self._post(Noted(note))

    def pause(self) -> None:
        """Stop a run, or a long way back."""
        self._interrupted.set()
        self._submit(Command(lambda: None))

    def set(self, name: str, value: Any) -> None:
        """Turn a dial."""
        live = specification(name).live
        self.do(lambda operations: operations.set(name, value), live=live, source=name)

    def give_way(self) -> None:
        """Have a run wait for ``drawn``: whoever presses a key is to see at once what it does."""
        self._drawn.clear()
        self._gives_way = True

    def drawn(self) -> None:
        """Note that the screen shows what is new."""
        self._drawn.set()

    def close(self) -> None:
        """End the thread after what it is doing."""
        self._closed.set()
        self._drawn.set()
        self._queue.put(None)

    def finish(self, seconds: float) -> None:
        """Close, and wait until the state that a run has reached is noted, but not longer than that."""
        self.close()
        self._over.wait(seconds)

    def closes_within(self, seconds: float) -> bool:
        """Wait for that long, or until the app closes; tell whether it did."""
        return self._closed.wait(seconds)

    def _submit(self, command: Command, *, stops: bool = True) -> None:
        with self._lock:
            if stops and not command.live:
                self._wanted = None
            self.idle.clear()
            self._queue.put(command)

    # ------------------------------------------------------------------ done by the runner's thread

    def loop(self) -> None:
        """Do commands until closed."""
        self._over.clear()
        try:
            self._do_commands()
        finally:
            self._over.set()

    def _do_commands(self) -> None:
        stale = True
        while not self._closed.is_set():  # what says so in the queue may have been taken by a run
            command = self._next_command()
            if command is None or self._closed.is_set():
                break
            if command.action is _look_only:  # the first of all: what saving needs is not imported for it
                self._do(command)
            else:
                self._save(self._autosave.begin)
                self._do(command)
                self._save(self._autosave.changed)
            stale = stale or command.shows
            # while keys arrive faster than they are done, only some states are shown
            if stale and (self._queue.empty() or time.monotonic() - self._shown > self._frame):
                self._show()
                stale = False

    _shown = 0.0
    _pending: Command | None = None

    def _next_command(self) -> Command | None:
        if self._pending is not None:
            command, self._pending = self._pending, None
            return command
        with self._lock:
            if self._queue.empty():
                self.idle.set()
        return self._queue.get()

    def _do(self, command: Command) -> None:
        try:
            self._interrupted.clear()
            command.action()
        except Interrupted:
            self._post(Noted("interrupted; nothing has changed"))
        except FormulaError as error:
            self._post(CommandRefused(error.of_one_line, command.source))
        except BackpropError as error:
            self._post(CommandRefused(str(error), command.source))
        except MemoryError:
            self._post(CommandRefused("there is not enough memory for that", command.source))
        except Exception as error:  # a fault of the program's: say so, and keep what the user has
            self._post(CommandRefused(f"internal error: {type(error).__name__}: {error}", command.source))

    def _save(self, save: Callable[[Trainer], None]) -> None:
        try:
            save(self.trainer)
        except Exception as error:
            self._post(CommandRefused(f"not saved: internal error: {type(error).__name__}: {error}"))

    def _show(self, running: bool = False, rate: float | None = None, goal: int | None = None) -> None:
        try:
            snapshot = self._operations.camera.take(running, rate, goal)
        except BackpropError as error:
            self._post(CommandRefused(str(error)))
            return
        except MemoryError:
            self._post(CommandRefused("there is not enough memory to show this; m opens another lesson"))
            return
        except Exception as error:
            self._post(CommandRefused(f"internal error: {type(error).__name__}: {error}"))
            return
        self._shown = time.monotonic()
        self._post(StateChanged(snapshot))

    def _patience(self, what: str) -> Callable[[], bool]:
        """Return what a long computation asks: whether to give up. After a while the user is told of it."""
        begun, told = time.monotonic(), False

        def should_stop() -> bool:
            nonlocal told
            if not told and time.monotonic() - begun > TELL_AFTER:
                told = True
                self._post(Noted(f"{what} … Ctrl+C interrupts"))
            return self._closed.is_set() or self._interrupted.is_set()

        return should_stop

    def _run(self, number: int, goal: int | None) -> None:
        trainer, target = self.trainer, self.trainer.hyperparameters.iterations
        if goal is not None and goal <= trainer.iteration:
            self._ended(number)
            self._operations.rewind(goal)
            return
        if goal is None and self._operations.predicting:
            self._ended(number)
            self._operations.go_to_question()
            return
        if goal is None and trainer.lesson.trains and trainer.iteration >= target and not trainer.position:
            self._post(Noted(f"iteration {target} is the target; raise iterations (h), or n makes one more"))
            self._ended(number)
            return
        try:
            report = self._run_on(number, goal)
        finally:
            self._ended(number)
        if report is not None:
            self._tell(report)

    def _run_on(self, number: int, goal: int | None) -> RunReport | None:
        """Run from frame to frame until the end, or until another command ends it."""
        trainer = self.trainer
        begun, first = time.monotonic(), trainer.iteration
        report: RunReport | None = None
        pause = 0.0  # that it runs is shown at once
        while self._wanted == number and not self._closed.is_set():
            ahead = None if goal is None else max(goal - trainer.iteration, 0)
            due = self._shown + pause - time.monotonic()
            self._iterating = True
            report = trainer.run(ahead, seconds=min(max(SLICE, due), LONGEST), should_stop=self._is_disturbed)
            self._iterating = False
            self._save(self._autosave.running)
            if self._gives_way:
                self._gives_way = False
                self._drawn.wait(PATIENCE)
            now = time.monotonic()
            rate = (trainer.iteration - first) / max(now - begun, 1e-9)
            if report.reason != "stopped" or not self._go_on():
                break
            if now - self._shown >= pause:
                self._drawn.clear()
                self._show(running=True, rate=rate, goal=goal)
                self._drawn.wait(PATIENCE)
                pause = max(self._frame, SHARE * (time.monotonic() - now))
                self._shown = time.monotonic()
            if now - begun > 1.0:  # the rate shown is that of about the last second
                begun, first = now, trainer.iteration
        return report

    def _is_disturbed(self) -> bool:
        return self._gives_way or not self._queue.empty()

    def _ended(self, number: int) -> None:
        """Note that a run is over, unless another one is wanted by now."""
        with self._lock:
            if self._wanted == number:
                self._wanted = None

    def _go_on(self) -> bool:
        """Do live commands that have arrived; tell whether the run goes on."""
        while not self._queue.empty():
            command = self._queue.get()
            if command is None:
                self._closed.set()
                return False
            if not command.live:
                self._pending = command
                return False
            self._do(command)
        return True

    def _tell(self, report: RunReport) -> None:
        if report.reason == "diverged" and report.divergence is not None:
            self._post(Noted(report.divergence.message, "warning"))
        elif report.hit is not None:
            self._post(Noted(report.hit.message))
        elif report.reason == "target":
            self._post(Noted(f"target reached: iteration {self.trainer.iteration}"))
        elif report.reason == "full":
            kept = f"{self.trainer.iteration:,} losses are kept, as many as there is room for"
            self._post(Noted(f"{kept}; r starts anew", "warning"))
        elif report.reason == "nothing to train":
            self._post(Noted(f"{self.trainer.lesson.name} trains nothing: there is nothing to run; s steps"))
