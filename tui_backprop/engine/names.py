"""Names in two spellings: as the lesson writes them (``y_hat``) and as the screen shows them (``ŷ``)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import TypeVar

from tui_backprop.engine.errors import BackpropError, printable, suggest

T = TypeVar("T")

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε",
    "zeta": "ζ", "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ",
    "lambda": "λ", "lambda_": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "omicron": "ο",
    "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_POWER = re.compile(r"\*\*(\d+)(?![\w.]|\*\*)")
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
    """Return formula text as it is shown: pretty names, a true minus, ``Xᵀ`` and ``x²``."""
    shown = _IDENTIFIER.sub(lambda match: pretty(match[0]), text.replace(".T", "ᵀ"))
    shown = _POWER.sub(lambda match: match[1].translate(_SUPERSCRIPT), shown)
    return shown.replace("-", "−")


class ByName(dict[str, T]):
    """Values by the lesson's names, to be asked for in either spelling: ``gradients["β"]`` for ``beta``."""

    def __missing__(self, name: str) -> T:
        try:
            return self[resolve(name, self)]
        except BackpropError as error:
            raise KeyError(str(error)) from None


def resolve(name: str, known: Iterable[str], what: str = "name") -> str:
    """Return the lesson's spelling of ``name``, given in either spelling.

    Raises:
        BackpropError: no known name is spelt or shown like this.
    """
    names = list(known)
    if not isinstance(name, str):
        raise BackpropError(f"the name of the {what} must be text; found {type(name).__name__}")
    wanted = unicodedata.normalize("NFKC", name)
    if wanted in names:
        return wanted
    # NFKC, which is Python's form of names, would turn the screen's own ² and ᵀ into 2 and T
    shown = {pretty_text(wanted), pretty_text(unicodedata.normalize("NFC", name))}
    for candidate in names:
        if pretty_text(candidate) in shown:
            return candidate
    listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    hint = suggest(wanted, names) or f"; there are: {listed or 'none'}"
    raise BackpropError(f"unknown {what} '{printable(name)}'{hint}")
