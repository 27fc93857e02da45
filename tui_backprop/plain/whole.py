"""A line that is to be copied as it stands."""

from __future__ import annotations


class WholeLine(str):
    """A line that is not wrapped: the terminal goes on with it, and selects it in one piece."""

    __slots__ = ()
