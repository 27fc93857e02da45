"""How many samples there are, and how many of them are right, in words."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from tui_backprop.text.sentences import later, tr, tr_count

_SHARES: Final = {
    "samples": later("{right} of {count} samples"),
    "samples held back": later("{right} of {count} samples held back"),
    "held back": later("{right} of {count} held back"),
}


def share(of: npt.NDArray[np.bool_], what: str) -> str:
    """Say how many are true: ``95 of 100 samples (95 %)``.

    Args:
        of: which of them.
        what: "samples", "samples held back" or "held back".
    """
    said = tr(_SHARES[what], right=int(of.sum()), count=len(of))
    if not len(of):
        return said
    return tr("{share} ({percent:.3g} %)", share=said, percent=100 * float(of.mean()))


def samples_text(count: int, what: str) -> str:
    """Say how many samples there are; ``what`` is "samples" or "samples held back"."""
    if what == "samples":
        return tr_count("{count} sample", "{count} samples", count)
    return tr_count("{count} sample held back", "{count} samples held back", count)
