"""The one thread that touches the trainer: it takes requests from a queue and posts snapshots.

The screen's thread never computes and never waits. It is the runner that waits while a frame of a run is
drawn or a key answered: both threads share one interpreter lock, and one that only computes starves one that
must draw.
A run is left as soon as another request arrives; a hyperparameter that applies live is set between two
iterations.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from textual.message import Message

from tui_backprop.debugger.changing import set_value
from tui_backprop.debugger.course.following import follow
from tui_backprop.debugger.moving import rewind
from tui_backprop.debugger.replies import Note, Replies, View, refusal
from tui_backprop.debugger.running import at_target, outcome, run_slice, to_question
from tui_backprop.debugger.session import DebugSession, FrontEnd
from tui_backprop.debugger.snapshot import Snapshot
from tui_backprop.debugger.snapshots import SnapshotBuilder
from tui_backprop.engine.core.errors import Interrupted
from tui_backprop.host.terminal import FPS
from tui_backprop.lessons.hyperparameters import specification
from tui_backprop.sessions.autosave import Autosave
from tui_backprop.text.sentences import tr
from tui_backprop.training.running import RunReport
from tui_backprop.training.trainer import Trainer
from tui_backprop.tui.keys import call
from tui_backprop.tui.messages import Refused, Replied, SnapshotTaken
from tui_backprop.tui.request import FIND_REMARKS, SHOW, STOP, Action, Request, telling

PATIENCE = 0.5
"""Seconds the runner waits for a frame to be drawn, at most."""
SHARE = 15
"""A run does at least that many times as much as drawing it costs: slow frames become fewer. A tenth is the
most that watching may cost, and not all of its cost can be seen from here."""
SLICE = 0.01
"""Seconds of training between two looks at the clock, at least."""
LONGEST = 0.1
"""And at most: between two such looks a run is saved."""


class Runner:
    """Owns a trainer on behalf of the app.

    Args:
        trainer: what to start with.
        post: hands a message to the app; callable from any thread.
        frame: seconds between two snapshots of a run.
        autosave: what keeps the training on disk.

    Attributes:
        latest: the snapshot that was posted last.
    """

    latest: Snapshot | None = None

    def __init__(
        self,
        trainer: Trainer,
        post: Callable[[Message], Any],
        frame: float = 1 / FPS,
        autosave: Autosave | None = None,
    ) -> None:
        self._post, self._frame = post, frame
        self._autosave = autosave or Autosave()
        self._queue: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        front = FrontEnd(self._patience, call, panels=True)
        self._session = DebugSession(trainer, front)
        self._snapshots = SnapshotBuilder(self._session)
        self._closed, self._over = threading.Event(), threading.Event()
        self._over.set()
        self.idle = threading.Event()
        self._lock = threading.Lock()  # between looking into the queue and saying that it is empty
        self._interrupted = threading.Event()
        self._drawn = threading.Event()
        self._gives_way = self._iterating = False
        self._runs = 0
        self._wanted: int | None = None  # the run that should be going on, by number

    def choose_factors(self, every: bool) -> None:
        """Choose, before the thread begins, whether stepping stops at every factor."""
        self._session.choose_factors(every)

    def prepare(self, do: Callable[[DebugSession], object]) -> None:
        """Do something with the session before the thread begins."""
        do(self._session)

    @property
    def trainer(self) -> Trainer:
        """The trainer; not to be touched by other threads unless ``idle`` is set."""
        return self._session.trainer

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
        self.ask(SHOW)

    def ask(self, request: Request, *, stops: bool = True) -> None:
        """Put a request into the queue; unless it is live, that ends a run."""
        with self._lock:
            if stops and not request.live:
                self._wanted = None
            self.idle.clear()
            self._queue.put(request)

    def do(self, action: Action, *, live: bool = False, source: str = "", shows: bool = True) -> None:
        """Have something done in the session; unless it is ``live``, that ends a run."""
        self.ask(Request(action, live, source, shows))

    def toggle(self) -> None:
        """Run, or pause."""
        if self.running:
            self.pause()
            return
        self.run_to(None)

    def run_to(self, goal: int | None) -> None:
        """Run to an iteration, or as far as the hyperparameters say; a breakpoint stops it before."""
        with self._lock:
            self._runs += 1
            self._wanted = number = self._runs
        self.ask(Request(lambda session: self._run(session, number, goal)), stops=False)

    def resume(self, key: str) -> None:
        """Go on with a session that was saved."""
        self.do(lambda session: self._resume(session, key))

    def _resume(self, session: DebugSession, key: str) -> Replies:
        trainer, notes = self._autosave.resume(key)
        session.resume(trainer)
        yield from map(Note, notes)

    def pause(self) -> None:
        """Stop a run, or a long way back."""
        self._interrupted.set()
        self.ask(STOP)

    def set(self, name: str, value: Any) -> None:
        """Set a hyperparameter."""
        live = specification(name).live
        self.do(lambda session: set_value(session, name, value), live=live, source=name)

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

    # ------------------------------------------------------------------ done by the runner's thread

    def loop(self) -> None:
        """Do requests until closed."""
        self._over.clear()
        try:
            self._do_requests()
        finally:
            self._over.set()

    def _do_requests(self) -> None:
        stale = True
        while not self._closed.is_set():  # what says so in the queue may have been taken by a run
            request = self._next_request()
            if request is None or self._closed.is_set():
                break
            if request is SHOW:  # the first of all: what saving needs is not imported for it
                self._do(request)
            else:
                self._save(self._autosave.begin)
                self._do(request)
                self._save(self._autosave.changed)
            stale = stale or request.shows
            # while keys arrive faster than they are done, only some states are shown
            if stale and (self._queue.empty() or time.monotonic() - self._shown > self._frame):
                self._show()
                stale = False
                known = self._session.remarks
                if self._queue.empty():
                    self._do(FIND_REMARKS)
                if self._session.remarks is not known:
                    self._show()
                while self._queue.empty() and not self._closed.is_set() and self._snapshots.fill():
                    self._show()

    _shown = 0.0
    _pending: Request | None = None

    def _next_request(self) -> Request | None:
        if self._pending is not None:
            request, self._pending = self._pending, None
            return request
        with self._lock:
            if self._queue.empty():
                self.idle.set()
        return self._queue.get()

    def _do(self, request: Request) -> None:
        try:
            self._interrupted.clear()
            replies = request.action(self._session)
            for reply in follow(self._session, replies, request.source, request.argument):
                if not isinstance(reply, View):  # the panels show those
                    self._post(Replied(reply, request.source))
        except Interrupted:
            self._post(Replied(Note(tr("interrupted; nothing has changed"))))
        except Exception as error:  # be it a fault of the program's: say so, and keep what the user has
            self._post(Refused(refusal(error), request.source))

    def _save(self, save: Callable[[Trainer], None]) -> None:
        try:
            save(self.trainer)
        except Exception as error:
            self._post(Refused(tr("not saved: {reason}", reason=refusal(error))))

    def _show(self, running: bool = False, rate: float | None = None, goal: int | None = None) -> None:
        try:
            snapshot = self._snapshots.take(running, rate, goal)
        except MemoryError:
            told = tr(
                "there is not enough memory to show this; {open} opens another lesson", open=call("open")
            )
            self._post(Refused(told))
            return
        except Exception as error:
            self._post(Refused(refusal(error)))
            return
        self._shown = time.monotonic()
        self.latest = snapshot
        self._post(SnapshotTaken(snapshot))

    def _patience(self, what: str) -> Callable[[], bool]:
        """Return what a long computation asks: whether to give up. After a while the user is told of it."""
        note = Note(tr("{what} … Ctrl+C interrupts", what=what))
        return telling(
            lambda: self._post(Replied(note)), lambda: self._closed.is_set() or self._interrupted.is_set()
        )

    def _run(self, session: DebugSession, number: int, goal: int | None) -> Replies:
        if goal is not None and goal <= session.trainer.iteration:
            self._ended(number)
            yield from rewind(session, goal)
        elif goal is None and session.secret:
            self._ended(number)
            yield from to_question(session)
        elif note := at_target(session, goal):
            self._ended(number)
            yield note
        else:
            try:
                report = self._run_on(number, goal)
            finally:
                self._ended(number)
            if report is not None and (note := outcome(session, report)):
                yield note

    def _run_on(self, number: int, goal: int | None) -> RunReport | None:
        """Run from frame to frame until the end, or until another request ends it."""
        trainer = self.trainer
        begun, first = time.monotonic(), trainer.iteration
        report: RunReport | None = None
        pause = 0.0  # that it runs is shown at once
        while self._wanted == number and not self._closed.is_set():
            ahead = None if goal is None else max(goal - trainer.iteration, 0)
            due = self._shown + pause - time.monotonic()
            self._iterating = True
            report = run_slice(self._session, ahead, min(max(SLICE, due), LONGEST), self._is_disturbed)
            if news := self._session.seat.take_news() if self._session.seat is not None else "":
                self._post(Replied(Note(news)))
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
        """Do live requests that have arrived; tell whether the run goes on."""
        while not self._queue.empty():
            request = self._queue.get()
            if request is None:
                self._closed.set()
                return False
            if not request.live:
                self._pending = request
                return False
            self._do(request)
        return True
