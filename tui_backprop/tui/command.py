"""What the screen's thread asks of the one that trains."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct


class Command(Struct, frozen=True):
    """Something to do with the trainer.

    Attributes:
        action: what to do.
        live: whether a run goes on afterwards.
        source: names the field a refusal belongs to.
        shows: whether the panels have to be drawn anew afterwards.
    """

    action: Callable[[], object]
    live: bool = False
    source: str = ""
    shows: bool = True
