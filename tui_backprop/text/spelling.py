"""Names and formulas in two spellings: the lesson's (``y_hat``) and the screen's (``ŷ``)."""

from __future__ import annotations

import re
import unicodedata

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε",
    "zeta": "ζ", "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ",
    "lambda": "λ", "lambda_": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "omicron": "ο",
    "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
_IDENTIFIER = re.compile(r"[^\W\d][^\Wᵀ⁰¹²³⁴-⁹]*")  # to Python's eyes ᵀ and ² are letters as well
_POWER = re.compile(r"\*\*(\d+)(?![\w.]|\*\*)")
_HYPHEN = re.compile(r"-(?!>)")  # the arrow of einsum's letters stays
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
    return _HYPHEN.sub("−", shown)
