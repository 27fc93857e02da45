"""Names in two spellings: as the lesson writes them (``y_hat``) and as the screen shows them (``ŷ``)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from tui_backprop.engine.errors import BackpropError, printable, suggest

GREEK = {
    **dict(
        zip("alpha beta gamma delta epsilon zeta eta theta iota kappa".split(), "αβγδεζηθικ", strict=True)
    ),
    **dict(zip("lambda lambda_ mu nu xi omicron pi rho sigma tau".split(), "λλμνξοπρστ", strict=True)),
    **dict(zip("upsilon phi chi psi omega".split(), "υφχψω", strict=True)),
    **dict(zip("Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega".split(), "ΓΔΘΛΞΠΣΦΨΩ", strict=True)),
}
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_POWER = re.compile(r"\*\*(\d+)(?![\d.])")
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303"}


def pretty(name: str) -> str:
    """Return one name as it is shown: ``y_hat`` → ``ŷ``, ``theta_1`` → ``θ_1``, others unchanged."""
    if name in GREEK:
        return GREEK[name]
    base, _, accent = name.rpartition("_")
    if base and accent in _ACCENTS:
        shown = pretty(base)
        if len(shown) == 1:
            return unicodedata.normalize("NFC", shown + _ACCENTS[accent])
    head, joint, tail = name.partition("_")
    if joint and head in GREEK and tail:
        return f"{GREEK[head]}_{tail}"
    digits = name.rstrip("0123456789")
    if digits in GREEK and digits != name:
        return GREEK[digits] + name[len(digits) :]
    return name


def pretty_text(text: str) -> str:
    """Return formula text as it is shown: pretty names, a true minus sign, ``Xᵀ`` for ``X.T``, ``x²`` for ``x**2``."""
    shown = _IDENTIFIER.sub(lambda match: pretty(match[0]), text.replace(".T", "ᵀ"))
    shown = _POWER.sub(lambda match: match[1].translate(_SUPERSCRIPT), shown)
    return shown.replace("-", "−")


def resolve(name: str, known: Iterable[str], what: str = "name") -> str:
    """Return the lesson's spelling of ``name``, given in either spelling.

    Raises:
        BackpropError: no known name is spelt or shown like this.
    """
    names = list(known)
    wanted = unicodedata.normalize("NFKC", name)
    if wanted in names:
        return wanted
    shown = pretty_text(wanted)
    for candidate in names:
        if pretty_text(candidate) == shown:
            return candidate
    listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    hint = suggest(wanted, names) or f"; there are: {listed or 'none'}"
    raise BackpropError(f"unknown {what} {printable(name)!r}{hint}")
