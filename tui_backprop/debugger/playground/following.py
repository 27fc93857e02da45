"""The picture that is looked at, made anew as training goes on, for a small share of its time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tui_backprop.debugger.playground.pictures import begin
from tui_backprop.debugger.session import DebugSession, PictureChoice
from tui_backprop.engine.core.errors import BackpropError

if TYPE_CHECKING:
    from tui_backprop.pictures.picture import Picture

SHARE = 6.0
"""A run goes on for so many times the time that its picture took, before the next one is made."""
FILLING = 0.03
"""Seconds for which a picture is filled, before keys are looked at and it is shown."""
_Place = tuple[PictureChoice | None, int, int, int]


class FollowedPicture:
    """Makes the picture that a session has chosen.

    Args:
        session: whose training it is of.
    """

    def __init__(self, session: DebugSession) -> None:
        self._session = session
        self._at: _Place = (None, -1, -1, -1)
        self._made: tuple[Picture | None, str] = None, ""
        self._due = 0.0

    @property
    def at(self) -> tuple[PictureChoice | None, int]:
        """What was chosen when the picture was made, and the iteration that it is of."""
        return self._at[0], self._at[1]

    def take(self, running: bool) -> tuple[Picture | None, str]:
        """Return the picture, and why there is none; in a run it may be that of an earlier frame."""
        session, trainer = self._session, self._session.trainer
        chosen = session.picture
        if chosen is None:
            self._at = (None, -1, -1, -1)
            return None, ""
        at: _Place = (chosen, trainer.iteration, trainer.position, session.generation)
        same = at[0] == self._at[0] and at[3] == self._at[3]
        if at == self._at or (running and same and not self._is_due(chosen)):
            return self._made
        begun = time.monotonic()
        try:
            self._made = begin(session, chosen), ""
        except BackpropError as error:
            self._made = None, str(error)
        self._at, now = at, time.monotonic()
        self._due = now + SHARE * (now - begun)
        return self._made

    def grow(self) -> bool:
        """Fill a picture that takes long a little more; tell whether there was something to fill."""
        from tui_backprop.pictures.picture import Growing

        picture, _ = self._made
        if self._session.picture is None or not isinstance(picture, Growing) or picture.complete:
            return False
        self._made = picture.grow(FILLING), ""
        return True

    def _is_due(self, chosen: PictureChoice) -> bool:
        from tui_backprop.pictures.registry import kind_of

        return time.monotonic() >= self._due and kind_of(chosen.kind).live
