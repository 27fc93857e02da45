"""Verdicts in a word or two, what the n of a mean counts, and factors as they are read."""

from __future__ import annotations

from collections.abc import Mapping

from tui_backprop.exercises.findings import Diagnosis, Finding
from tui_backprop.exercises.hypotheses import Counted
from tui_backprop.text.numbers import number
from tui_backprop.text.sentences import later, tr, tr_count, tr_in

MOST_PARTS = 1000
"""A factor is written as 1/n up to here."""
_FRACTIONS = {2: "½", 3: "⅓", 4: "¼"}


VERDICTS: Mapping[Finding, str] = {
    Finding.RIGHT: "right",
    Finding.HERE: later("right here only"),
    Finding.DIGITS: later("too few digits"),
    Finding.SIGN: later("wrong sign"),
    Finding.TRANSPOSED: "transposed",
    Finding.SHAPES: "shapes",
    Finding.MEAN: later("off by 1/n"),
    Finding.SUM: later("off by n"),
    Finding.CONSTANT: later("off by a constant factor"),
    Finding.MISSING: later("missing a factor"),
    Finding.PATH: later("missing a path"),
    Finding.TWICE: later("a factor too many"),
    Finding.SHARE: later("a path off by a constant factor"),
    Finding.SLOPE: later("wrong local derivative"),
    Finding.VALUE: later("another value in its place"),
    Finding.WRONG: "wrong",
}
"""What an answer is, in a word or two of English, as programs get it; :func:`verdict_name` says it."""
_COUNTED: Mapping[Counted, str] = {
    Counted.ELEMENTS: later("elements"),
    Counted.PLACES: later("places it is added to"),
    Counted.ROWS: later("rows"),
    Counted.SAMPLES: later("samples"),
}


def verdict_name(kind: Finding) -> str:
    """Say what an answer is, in a word or two."""
    match kind:
        case Finding.RIGHT:
            return tr_in("verdict", "right")
        case Finding.WRONG:
            return tr_in("verdict", "wrong")
        case Finding.TRANSPOSED:
            return tr_in("verdict", "transposed")
        case Finding.SHAPES:
            return tr_in("verdict", "shapes")
    return tr(VERDICTS[kind])


def verdict_words(diagnosis: Diagnosis) -> str:
    """Return the verdict in a word or two; of what is not exact, to how many digits it is right."""
    if diagnosis.kind is Finding.RIGHT and diagnosis.digits:
        return tr_count("right (to {count} digit)", "right (to {count} digits)", diagnosis.digits)
    return verdict_name(diagnosis.kind)


def counted(diagnosis: Diagnosis) -> str:
    """Say what the n of a mean counts."""
    assert diagnosis.counted is not None
    return tr(_COUNTED[diagnosis.counted])


def times(factor: float) -> str:
    """Write a factor: ``2``, ``½``, ``−0.7``."""
    if 0 < abs(factor - 1.0) < 1e-4:  # what makes it wrong must be seen
        return f"{factor:.10g}"
    n = round(1 / abs(factor)) if 1 / MOST_PARTS < abs(factor) < 0.9 else 0
    fraction = _FRACTIONS.get(n, f"1/{n}") if n and abs(abs(factor) * n - 1) < 1e-9 else ""
    return ("−" if factor < 0 else "") + fraction if fraction else number(factor)
