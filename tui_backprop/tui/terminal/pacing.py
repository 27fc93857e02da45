"""When the next frame may be sent: a terminal says that it has shown one before it gets the next.

After each frame the terminal is asked where its cursor is. A slow line answers late, and so frames become
fewer instead of piling up on the way. Only what a key has brought about goes behind a frame that is under way
already: waiting for those few bytes takes less than waiting for the answer. A terminal that never answers
gets a fixed slow rate. One that did, and does not any more, is behind a line that has stalled: it is tried
again more and more rarely, because a server that hears us write all the time does not notice that its client
has gone.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

AHEAD = 2
"""Frames that are on their way without an answer, at most, when the last of them answers a key."""
SMALL = 1024
"""Bytes on their way, from which on nothing is sent ahead: at 2 kB/s they are half a second."""
ANSWERING = 0.4
"""Seconds after a key in which a frame is taken for its answer."""
LOST = 2.5
"""Seconds after which an answer is taken not to come."""
SLOW = 0.25
"""Seconds between two frames to a terminal that does not answer."""
RARELY = 60.0
"""Seconds between two frames into a line that has stalled, at most."""
SHIFT_F3 = range(1, 16)
"""Columns (from 0) that Shift+F3 and its like stand in when they look like a cursor in the first row."""


P = ParamSpec("P")
T = TypeVar("T")


def _alone(method: Callable[Concatenate[Pacing, P], T]) -> Callable[Concatenate[Pacing, P], T]:
    """Have a method done by one thread at a time: the loop sends frames, another thread reads the answers."""

    @wraps(method)
    def locked(self: Pacing, /, *args: P.args, **options: P.kwargs) -> T:
        with self._lock:
            return method(self, *args, **options)

    return locked


class Pacing:
    """Counts frames and answers; times are seconds of a steady clock.

    Attributes:
        silent: whether the terminal does not answer.
    """

    def __init__(self) -> None:
        self.silent = False
        self._lock = threading.Lock()  # no signal's handler comes here
        self._sent: deque[tuple[float, bool, int]] = deque()  # when, with the cursor in the first row?, bytes
        self._late = 0
        self._interval = SLOW
        self._answers = False
        self._last_frame = self._last_answer = self._pressed = float("-inf")

    @_alone
    def delay(self, now: float) -> float:
        """Return for how long the next frame must wait, at most, if no answer comes; 0 if it may go."""
        while self._sent and now - self._sent[0][0] >= LOST:
            moment, _, _ = self._sent.popleft()
            self._late += 1
            if self._last_answer < moment:
                if not self.silent and self._answers:
                    self._interval = LOST
                self.silent = True
        if self.silent:
            return max(0.0, self._last_frame + self._interval - now)
        if not self._sent or (
            now - self._pressed < ANSWERING
            and len(self._sent) < AHEAD
            and sum(size for *_, size in self._sent) < SMALL
        ):
            return 0.0
        return self._sent[0][0] + LOST - now

    @_alone
    def expects(self, now: float) -> bool:
        """Tell whether an answer is on its way, as far as anybody can know."""
        return not self.silent and any(now - moment < LOST for moment, *_ in self._sent)

    @_alone
    def asked(self, now: float, size: int = 0, in_first_row: bool = False) -> None:
        """Note that a frame of so many bytes and its question were sent."""
        self._sent.append((now, in_first_row, size))
        self._last_frame = now
        if self.silent and self._answers:
            self._interval = min(2 * self._interval, RARELY)

    @_alone
    def answered(self, now: float, row: int, column: int) -> bool:
        """Take a cursor's position, from 0; tell whether it answers a question, and is nobody else's."""
        if not row and column in SHIFT_F3 and not any(first for _, first, _ in self._sent):
            return False
        if self._sent:
            self._sent.popleft()
        elif self._late:
            self._late -= 1
        else:
            return False
        self.silent, self._answers, self._last_answer = False, True, now
        self._interval = SLOW
        return True

    @_alone
    def pressed(self, now: float) -> None:
        """Note that a key has been taken: what is drawn next is its answer, and somebody waits for it."""
        self._pressed = now

    @_alone
    def heard(self) -> bool:
        """Note that something else came from the terminal; tell whether a frame may go sooner for it."""
        sooner = self.silent and self._interval > SLOW
        self._interval = SLOW
        return sooner

    @_alone
    def restart(self) -> None:
        """Forget what was asked: the terminal has been somebody else's in the meantime."""
        self._late += len(self._sent)
        self._sent.clear()
