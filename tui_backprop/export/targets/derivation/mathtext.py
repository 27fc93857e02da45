"""Formulas as the screen has them, written for TeX: nothing of a lesson's reaches it that is not escaped."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from tui_backprop.engine.core.arrays import Array
from tui_backprop.export.targets.derivation.derivation import matrices
from tui_backprop.text.numbers import inline
from tui_backprop.text.printable import printable

SIGNS: Final = {
    "·": r"\cdot ", "*": r"\cdot ", "⊙": r"\odot ", "@": r"\,", "−": "-", "←": r"\leftarrow ", "→": r"\to ",
    "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "×": r"\times ", "∞": r"\infty ", "Σ": r"\sum ", "∑": r"\sum ",
    "Π": r"\prod ", "…": r"\dots ", "‖": r"\Vert ", "∂": r"\partial ", "√": r"\surd ", "½": r"\tfrac{1}{2}",
    "▶": "", "′": "'", "{": r"\{", "}": r"\}", "|": r"\vert ", "%": r"\%", "#": r"\#", "&": r"\&", "$": r"\$",
    "~": r"\sim ", "^": r"\wedge ", "\\": r"\backslash ", "_": r"\_", "<": "<", ">": ">", "!": "!",
}  # fmt: skip
GREEK: Final = {
    letter: unicodedata.name(letter).rsplit(" ", 1)[1].lower().replace("lamda", "lambda")
    for letter in "αβγδεζηθικλμνξοπρστυφχψω"
}
CAPITALS: Final = {
    letter: unicodedata.name(letter).rsplit(" ", 1)[1].capitalize().replace("Lamda", "Lambda")
    for letter in "ΓΔΘΛΞ\u03a5ΦΨΩ"
}
ACCENTS: Final = {"\u0302": "hat", "\u0304": "bar", "\u0303": "tilde"}
TEXT: Final = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "#": r"\#", "&": r"\&", "$": r"\$",
    "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}", "`": r"\textasciigrave{}",
}  # fmt: skip
"""What TeX takes for more than it is, outside of formulas."""
_BEGINS_A_VALUE = re.compile(r"[-−]?\d|[^\W\d]|[(\[]")
_LIST = re.compile(r"[-−+\d.e\s,\[\]…NaInfity]*")
_HANGUL = r"[\u3131-\u318e\uac00-\ud7a3]"
_SAID = rf"{_HANGUL}+(?!\w)"
"""A word in Hangul, or the particle behind a name; not the beginning of a name."""
_TOKEN = re.compile(
    r"(?P<gap>\s+)|(?P<number>\d+(?:\.\d+)?(?:e[-−+]?\d+)?)"
    rf"|(?P<said>{_SAID}(?:\s+{_SAID})*)|(?P<name>[^\W\d](?:(?!{_SAID})\w)*)"
    r"|(?P<power>\*\*)|(?P<sign>.)",
    re.DOTALL,
)

_ATOM = re.compile(rf"[-−]?(?:{_SAID}|[\w.](?:(?!{_SAID})[\w.])*)")


def math(text: str) -> str:
    """Write a formula for TeX's mathematics, of balanced braces for any text."""
    return _Formula(printable(text, 20_000)).write()


def has_hangul(text: str) -> bool:
    """Tell whether there is Hangul in a text."""
    return re.search(_HANGUL, text) is not None


def words(text: str) -> str:
    """Write a sentence for TeX: what is a sign of mathematics stands in a formula of its own."""
    return "".join(_letter(letter) for letter in text)


def matrix(value: Array) -> str:
    """Write an array for TeX: its matrices in parentheses, or where it is large its corners and its range."""
    found = matrices(value)
    if found is None:
        return math(inline(value))
    return r",\quad ".join(
        (rf"\mathtt{{{_escaped(label)}}}\ " if label else "") + _pmatrix(rows) for label, rows in found
    )


def parts(texts: Sequence[str | Array]) -> list[str]:
    """Write the lines of a formula; a matrix stands behind the text before it."""
    lines: list[str] = []
    joins = False
    for part in texts:
        if isinstance(part, str):
            lines.append(math(part))
            joins = part.endswith("=")
        elif joins:
            lines[-1] += matrix(part)
            joins = False
        else:
            lines.append(matrix(part))
    return lines


def _pmatrix(rows: Sequence[Sequence[str]]) -> str:
    body = r" \\ ".join(" & ".join(math(cell) for cell in row) for row in rows)
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"


def _escaped(text: str) -> str:
    return "".join(TEXT.get(letter, letter) for letter in text)


def _letter(letter: str) -> str:
    if letter in TEXT:
        return TEXT[letter]
    if letter.isascii() or has_hangul(letter):
        return letter
    return {"–": "--", "’": "'", "“": "``", "”": "''", "é": "é"}.get(letter) or f"${_atom(letter)}$"


def _atom(letter: str) -> str:
    """Write one letter of a name, or one sign, within a formula."""
    for table in (SIGNS, GREEK, CAPITALS):
        if letter in table:
            return SIGNS[letter] if table is SIGNS else f"\\{table[letter]} "
    raised = unicodedata.decomposition(letter)
    if raised.startswith(("<super>", "<sub>")):
        plain = unicodedata.normalize("NFKC", letter)
        script = r"\top" if plain == "T" else _atom(plain).strip()
        return ("^" if raised.startswith("<super>") else "_") + f"{{{script}}}"
    base, *marks = list(unicodedata.normalize("NFD", letter))
    if len(marks) == 1 and marks[0] in ACCENTS:
        return rf"\{ACCENTS[marks[0]]}{{{_atom(base).strip()}}}"
    return letter if letter.isascii() else rf"\text{{{letter}}}"


class _Formula:
    def __init__(self, text: str) -> None:
        self.text, self.place = text, 0

    def write(self) -> str:
        written: list[str] = []
        word = False
        while self.place < len(self.text):
            if self.text[self.place] == "[" and (listed := self._listed()):
                written.append(listed)
                word = False
                continue
            match = _TOKEN.match(self.text, self.place)
            assert match is not None  # any character is a sign
            kind, token = match.lastgroup, match[0]
            if token == "∂" and (fraction := self._fraction()):
                written.append(fraction)
                word = True
                continue
            self.place = match.end()
            if kind == "gap":
                if word and _BEGINS_A_VALUE.match(self.text, self.place):
                    written.append(r"\ ")
                continue
            word = kind in ("name", "number", "said") or token in ",;:)]"
            written.append(self._token(kind or "sign", token))
        return "".join(written).strip()

    def _token(self, kind: str, token: str) -> str:
        if kind == "number":
            mantissa, _, exponent = token.replace("−", "-").partition("e")
            return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa
        if kind == "name":
            called = self.place < len(self.text) and self.text[self.place] == "("
            return name(token, called=called)
        if kind == "said":
            return rf"\text{{{token}}}"
        if kind == "power":
            return f"^{{{self._operand()}}}"
        if token == "√":
            return rf"\sqrt{{{self._operand()}}}"
        return _atom(token)

    def _listed(self) -> str:
        """Take a list of numbers, or of such lists, that begins here; an empty text where it is no such."""
        end = _closing(self.text, self.place)
        text = self.text[self.place : end]
        if not end or _LIST.fullmatch(text) is None:
            return ""
        if text == "[…]":  # of a shape that follows
            self.place = end
            return rf"[\dots]_{{{self._operand()}}}"
        rows = _rows(text)
        if rows is None:
            return ""
        self.place = end
        return _pmatrix(rows)

    def _operand(self) -> str:
        """Take what follows as one thing: a number, a name, or what stands in parentheses."""
        if self.place < len(self.text) and self.text[self.place] == "(":
            end = _closing(self.text, self.place)
            if end:
                inner, self.place = self.text[self.place : end], end
                return math(inner)
        match = _ATOM.match(self.text, self.place)
        if match is None:
            return ""
        end = match.end()
        if self.text[end : end + 1] == "(":  # a call
            end = _closing(self.text, end) or end
        text, self.place = self.text[self.place : end], end
        return math(text)

    def _fraction(self) -> str:
        """Take ∂y/∂x, where it stands next; an empty text where it does not."""
        start = self.place
        self.place += 1
        top = self._operand()
        if top and self.text[self.place : self.place + 2] == "/∂":
            self.place += 2
            if bottom := self._operand():
                return rf"\frac{{\partial {top}}}{{\partial {bottom}}}"
        self.place = start
        return ""


def name(text: str, *, called: bool = False) -> str:
    """Write a name: one letter as it is, several upright, with what follows _ below it."""
    base, _, below = text.partition("_")
    scripts = ""
    while base and unicodedata.decomposition(base[-1]).startswith(("<super>", "<sub>")):
        base, scripts = base[:-1], _atom(base[-1]) + scripts
    for kind in "^_":
        scripts = re.sub(rf"(\{kind}{{[^{{}}]*)}}\{kind}{{", r"\1", scripts)  # two digits are one script
    digits = base.rstrip("0123456789")
    if digits and digits != base and not below and len(digits) == 1:
        base, below = digits, base[len(digits) :]
    if not base:
        return scripts or rf"\mathrm{{{_escaped(text)}}}"
    if len(base) == 1:
        written = _atom(base).strip()
    else:
        inside = "".join(_upright(letter) for letter in base)
        written = rf"\operatorname{{{inside}}}" if called else rf"\mathrm{{{inside}}}"
    if below:
        scripts = f"{{}}{scripts}" if scripts.startswith("_") else scripts
        written += f"_{{{''.join(_upright(letter) for letter in below)}}}"
    return f"{written}{scripts}" + (
        " " if written.startswith("\\") and written[-1].isalpha() and not scripts else ""
    )


def _upright(letter: str) -> str:
    return TEXT["_"] if letter == "_" else _atom(letter)


def _closing(text: str, place: int) -> int:
    """Return where a parenthesis or bracket ends that begins there; 0 where it does not."""
    opening = text[place]
    closing = {"(": ")", "[": "]"}[opening]
    depth = 0
    for at in range(place, len(text)):
        depth += (text[at] == opening) - (text[at] == closing)
        if depth == 0:
            return at + 1
    return 0


def _rows(text: str) -> list[list[str]] | None:
    """Return a list of numbers as one row, or a list of lists as rows; None for anything else."""
    inner = text[1:-1].strip()
    if "[" not in inner:
        return [_cells(inner)] if inner and "]" not in inner else None
    if re.fullmatch(r"\[[^\[\]]*\](\s*,\s*(\[[^\[\]]*\]|…))*", inner) is None:
        return None
    rows = re.finditer(r"\[([^\[\]]*)\]|…", inner)
    return [["…"] if row[0] == "…" else _cells(row[1]) for row in rows]


def _cells(text: str) -> list[str]:
    return [cell.strip() for cell in text.split(",")]
