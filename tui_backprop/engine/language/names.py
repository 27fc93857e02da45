"""Looking names up in either spelling, the lesson's (``y_hat``) or the screen's (``ŷ``)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final, TypeVar

from tui_backprop.engine.core.errors import BackpropError, suggest
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.spelling import pretty_text

T = TypeVar("T")
_UNKNOWN: Final = {
    "name": later("unknown name '{name}'{hint}"),
    "node": later("unknown node '{name}'{hint}"),
    "parameter": later("unknown parameter '{name}'{hint}"),
    "override": later("unknown override '{name}'{hint}"),
    "line before the loss": later("unknown line before the loss '{name}'{hint}"),
}


class ByName(dict[str, T]):
    """Values by the lesson's names, to be asked for in either spelling: ``gradients["β"]`` for ``beta``."""

    def __missing__(self, name: str) -> T:
        try:
            return self[resolve(name, self)]
        except BackpropError as error:
            raise KeyError(str(error)) from None


def resolve(name: str, known: Iterable[str], what: str = "name") -> str:
    """Return the lesson's spelling of ``name``, given in either spelling.

    Args:
        name: what was given.
        known: what there is.
        what: what it is the name of, one of those of which we know to say that they are unknown.

    Raises:
        BackpropError: no known name is spelt or shown like this.
    """
    names = list(known)
    if not isinstance(name, str):
        raise BackpropError(
            tr("the name of the {what} must be text; found {kind}", what=what, kind=type(name).__name__)
        )
    wanted = unicodedata.normalize("NFKC", name)
    if wanted in names:
        return wanted
    # NFKC, which is Python's form of names, would turn the screen's own ² and ᵀ into 2 and T
    shown = {pretty_text(wanted), pretty_text(unicodedata.normalize("NFC", name))}
    for candidate in names:
        if pretty_text(candidate) in shown:
            return candidate
    listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    there = tr("; there are: {names}", names=listed) if listed else tr("; there are: none")
    hint = suggest(wanted, names) or there
    raise BackpropError(tr(_UNKNOWN[what], name=printable(name), hint=hint))
