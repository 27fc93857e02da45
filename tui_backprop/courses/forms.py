"""Answers that are no numbers and no formula: a shape, a sign, a choice; each read from what people type."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from tui_backprop.engine.core.arrays import Array, Shape
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.text.numbers import shape_text
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr, tr_count

MOST_TYPED = 2000
"""Characters of such an answer."""
_SCALAR = ("()", "[]", "scalar", "number", "a number", "one number", "스칼라", "수", "수 하나", "숫자")
_POSITIVE = ("+", "+1", "1", "positive", "plus", "pos", ">0", "양", "양수", "플러스")
_NEGATIVE = ("-", "-1", "negative", "minus", "neg", "<0", "음", "음수", "마이너스")
_ZERO = ("0", "zero", "none", "=0", "영", "0이다")
NOISE = 1e-12
"""What counts as 0, relative to the largest element: what rounding leaves of terms that cancel."""


class FormJudgement(Struct, frozen=True):
    """What an answer of such a form is.

    Attributes:
        right: whether it is right.
        feedback: a sentence about it, without what would be right.
    """

    right: bool
    feedback: str


def _typed(text: str) -> str:
    """Return what was typed in one spelling of minus, times and spaces."""
    if len(text) > MOST_TYPED:
        raise BackpropError(
            tr("the answer has {count} characters; at most {most} are read",
               count=f"{len(text):,}", most=f"{MOST_TYPED:,}")
        )  # fmt: skip
    flat = " ".join(unicodedata.normalize("NFKC", text).split()).casefold()
    return flat.replace("−", "-").replace("–", "-").replace("×", "x").replace("＋", "+")


# ---------------------------------------------------------------------- a shape


def read_shape(text: str) -> Shape:
    """Read ``(3, 2)``, ``3x2``, ``3×2``, ``[3, 2]``, ``3 2``, ``3``, ``()`` or ``a number``.

    Raises:
        BackpropError: it is none of these.
    """
    typed = _typed(text)
    if typed in _SCALAR:
        return ()
    inner = re.sub(r"^[(\[]\s*|\s*[)\]]$", "", typed)
    lengths = re.fullmatch(r"(\d{1,9})((?:\s*(?:,|x|by|\*|\s)\s*\d{1,9})*)\s*,?", inner)
    if lengths is None:
        raise BackpropError(
            tr("found {text}; write a shape such as (3, 2), 3x2, (3,) or () for one number",
               text=printable(text.strip(), 40) or tr("nothing"))
        )  # fmt: skip
    return tuple(map(int, re.findall(r"\d+", inner)))


def judge_shape(text: str, right: Shape) -> FormJudgement:
    """Judge a shape.

    Raises:
        BackpropError: it cannot be read.
    """
    given = read_shape(text)
    if given == right:
        return FormJudgement(
            True, tr("right: the shape is {shape}", shape=shape_text(right) if right else "()")
        )
    if len(given) != len(right):
        return FormJudgement(
            False,
            tr_count(
                "not that shape: it does not have {count} axis",
                "not that shape: it does not have {count} axes",
                len(given),
            ),
        )
    if sorted(given) == sorted(right):
        return FormJudgement(False, tr("not that shape: the lengths are right, and in another order"))
    if int(np.prod(given)) == int(np.prod(right)):
        return FormJudgement(False, tr("not that shape: it has as many numbers, along other axes"))
    return FormJudgement(False, tr("not that shape"))


# ---------------------------------------------------------------------- a sign


def read_signs(text: str) -> list[int]:
    """Read one sign, or several in a list: ``+``, ``negative``, ``[+, -, 0]``, ``+ - +``.

    Raises:
        BackpropError: it is none.
    """
    typed = re.sub(r"^[(\[]\s*|\s*[)\]]$", "", _typed(text))
    single = _sign(typed.replace(" ", ""))
    if single is not None:
        return [single]
    words = [word for word in re.split(r"[\s,;\[\]()]+", typed) if word]
    if len(words) == 1 and re.fullmatch("[-+0]+", words[0]):
        words = list(words[0])
    signs = [_sign(word) for word in words]
    if not signs or None in signs:
        raise BackpropError(
            tr("found {text}; write +, - or 0, or positive, negative, zero; several in a list: [+, -, 0]",
               text=printable(text.strip(), 40) or tr("nothing"))
        )  # fmt: skip
    return [sign for sign in signs if sign is not None]


def _sign(word: str) -> int | None:
    for sign, words in ((1, _POSITIVE), (-1, _NEGATIVE), (0, _ZERO)):
        if word in words:
            return sign
    return None


def signs_of(value: Array) -> list[int]:
    """Return the signs of an array's elements, in order; what rounding leaves counts as 0."""
    flat = np.ravel(value)
    least = NOISE * float(np.max(np.abs(flat), initial=0.0))
    return [0 if abs(one) <= least else 1 if one > 0 else -1 for one in flat.tolist()]


def judge_sign(text: str, value: Array) -> FormJudgement:
    """Judge a sign, or those of all elements: one is enough where all are the same.

    Raises:
        BackpropError: it cannot be read, or one was given where elements differ.
    """
    given, right = read_signs(text), signs_of(value)
    if len(given) == 1 and len(set(right)) == 1:
        given = given * len(right)
    if len(given) != len(right):
        raise BackpropError(
            tr("found {given} signs for {count} numbers; write one for each, such as [+, -, 0]",
               given=len(given), count=len(right))
        )  # fmt: skip
    wrong = [place for place, (one, other) in enumerate(zip(given, right, strict=True), 1) if one != other]
    if not wrong:
        return FormJudgement(True, tr("that is right"))
    if len(right) == 1:
        return FormJudgement(False, tr("not that sign"))
    return FormJudgement(
        False, tr("{count} of {all} signs are right", count=len(right) - len(wrong), all=len(right))
    )


# ---------------------------------------------------------------------- a choice


def read_choice(text: str, choices: Sequence[str]) -> int:
    """Read a choice, by its text or its number from 1 on, and return its place from 0 on.

    Where choices are numbers themselves, a number means the one that reads so.

    Raises:
        BackpropError: there is none like that.
    """
    typed = _typed(text)
    known = [_typed(choice) for choice in choices]
    same = [place for place, choice in enumerate(known) if choice == typed]
    if len(same) == 1:
        return same[0]
    number = re.fullmatch(r"\(?(\d{1,3})[.)]?", typed)
    if number and 1 <= int(number[1]) <= len(choices):
        return int(number[1]) - 1
    begun = [place for place, choice in enumerate(known) if len(typed) > 2 and choice.startswith(typed)]
    if len(begun) == 1:
        return begun[0]
    raise BackpropError(
        tr("found {text}; write the number of a choice, from 1 to {count}, or its text",
           text=printable(text.strip(), 40) or tr("nothing"), count=len(choices))
    )  # fmt: skip


def judge_choice(text: str, choices: Sequence[str], right: int) -> FormJudgement:
    """Judge a choice.

    Raises:
        BackpropError: it is none.
    """
    place = read_choice(text, choices)
    if place == right or choices[place] == choices[right]:
        return FormJudgement(True, tr("right: {choice}", choice=choices[place]))
    return FormJudgement(False, tr("not that one: {choice}", choice=choices[place]))
