"""What the check of a layer has found, as data and in words."""

from __future__ import annotations

from dataclasses import dataclass

from tui_backprop.exercises.homework import Mark
from tui_backprop.exercises.words.homework import message
from tui_backprop.text.charset import UNICODE
from tui_backprop.text.sentences import tr, tr_in
from tui_backprop.text.spelling import pretty


@dataclass(frozen=True)
class LayerClaim:
    """One gradient that a backward pass has worked out.

    Attributes:
        name: what it is the gradient of.
        place: file and line that worked it out.
        mark: what it is.
    """

    name: str
    place: str
    mark: Mark

    @property
    def text(self) -> str:
        """The verdict on one line, with what is wrong."""
        name = f"d{pretty(self.name)} ({self.place})"
        if self.mark.passed:
            return UNICODE.pad(tr("ok"), 7) + name
        return UNICODE.pad(tr("WRONG"), 7) + f"{name}: {message(self.mark)}"


@dataclass(frozen=True)
class LayerReport:
    """What the check of a layer has found.

    Attributes:
        layer: the name of its class.
        problems: what keeps it from running or returning, a line each with file, line and cure.
        claims: the gradients that its backward pass has worked out.
        unclaimed: the names of its own arrays for which there is none.
    """

    layer: str
    problems: tuple[str, ...]
    claims: tuple[LayerClaim, ...] = ()
    unclaimed: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether it runs, and all gradients that it gives are right."""
        return not self.problems and bool(self.claims) and all(claim.mark.passed for claim in self.claims)

    @property
    def wrong(self) -> tuple[str, ...]:
        """The names of the gradients that are not right."""
        return tuple(claim.name for claim in self.claims if not claim.mark.passed)

    def __str__(self) -> str:
        unclaimed = map(pretty, self.unclaimed)
        lines = [*self.problems, *(claim.text for claim in self.claims)]
        none = UNICODE.pad(tr_in("gradient", "none"), 7)
        lines += [none + tr("no gradient is given for {name}", name=name) for name in unclaimed]
        verdict = tr_in("verdict", "right") if self.passed else tr_in("verdict", "wrong")
        return "\n".join((f"{self.layer}: {verdict}", *lines))
