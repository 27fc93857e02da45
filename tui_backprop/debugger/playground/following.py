"""The picture that is looked at, made anew as training goes on, for a small share of its time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from tui_backprop.debugger.playground.pictures import begin
from tui_backprop.debugger.session import DebugSession, PictureChoice
from tui_backprop.engine.core.errors import BackpropError

if TYPE_CHECKING:
    from tui_backprop.engine.autodiff.tape import Tape
    from tui_backprop.pictures.picture import Picture

SHARE = 6.0
"""A run goes on for so many times the time that its picture took, before the next one is made."""
FILLING = 0.03
"""Seconds for which a picture is filled, before keys are looked at and it is shown."""


class _Moment(NamedTuple):
    """What a picture hangs on: what was chosen, and where the training stood."""

    chosen: PictureChoice | None = None
    generation: int = -1
    iteration: int = -1
    position: int = -1

    def looks_like(self, other: _Moment) -> bool:
        """Tell whether the same is looked at, whatever has been trained since."""
        return self[:2] == other[:2]


class FollowedPicture:
    """Makes the picture that a session has chosen.

    Args:
        session: whose training it is of.
    """

    def __init__(self, session: DebugSession) -> None:
        self._session = session
        self._at = _Moment()
        self._tape: Tape | None = None
        self._made: tuple[Picture | None, str] = None, ""
        self._turns = False
        self._due = 0.0

    @property
    def at(self) -> tuple[PictureChoice | None, int]:
        """What was chosen when the picture was made, and the iteration that it is of."""
        return self._at.chosen, self._at.iteration

    @property
    def turns(self) -> bool:
        """Whether it can be about something else than what it chooses itself."""
        return self._turns

    def take(self, running: bool) -> tuple[Picture | None, str]:
        """Return the picture, and why there is none; in a run it may be that of an earlier frame."""
        session, trainer = self._session, self._session.trainer
        chosen = session.picture
        if chosen is None:
            self._at, self._turns = _Moment(), False
            return None, ""
        from tui_backprop.pictures.registry import kind_of

        kind = kind_of(chosen.kind)
        live, tape = kind.live, None if running else trainer.forward_tape
        # what takes long is of an iteration's start: its records move nothing that it shows
        position = trainer.position if live else 0
        at = _Moment(chosen, session.generation, trainer.iteration, position)
        moved = tape is not self._tape  # by hand, or a run has ended
        if at.looks_like(self._at):
            if at == self._at and not moved:
                return self._made
            if running and time.monotonic() < self._due:
                return self._made
            if running and not live:
                return self._gone_on(at)
        else:
            self._turns = bool(kind.offers(trainer))
        begun = time.monotonic()
        try:
            self._made = begin(session, chosen), ""
        except BackpropError as error:
            self._made = None, str(error)
        self._at, self._tape, now = at, tape, time.monotonic()
        self._due = now + SHARE * (now - begun)
        return self._made

    def _gone_on(self, at: _Moment) -> tuple[Picture | None, str]:
        """Return a picture that takes long with what is quickly told of where the run has come to."""
        from tui_backprop.pictures.picture import Growing

        picture, why_not = self._made
        if isinstance(picture, Growing):
            self._made, self._at = (picture.gone_on(self._session.trainer), why_not), at
        return self._made

    def grow(self) -> bool:
        """Fill a picture that takes long a little more; tell whether there was something to fill."""
        picture, _ = self._made
        if self._session.picture is None or picture is None:
            return False
        from tui_backprop.pictures.picture import Growing

        if not isinstance(picture, Growing) or not picture.left:
            return False
        self._made = picture.grow(FILLING), ""
        return True
