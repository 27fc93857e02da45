"""What a cell says: a number, nothing, or text."""

from __future__ import annotations

import math
import re
import unicodedata

from tui_backprop.text.printable import is_safe

_MISSING = frozenset({"", "na", "n/a", "nan", "-nan", "null", "none", "?", ".", "#n/a", "<na>"})
_NUMBER = re.compile(r"\s*[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?\s*", re.ASCII)
_COMMA = re.compile(r"\s*[-+]?(?:\d+,\d*|,\d+)(?:[eE][-+]?\d+)?\s*", re.ASCII)
_THOUSANDS = re.compile(r"\s*[-+]?[1-9]\d{0,2},\d{3}\s*", re.ASCII)


def is_missing(cell: str) -> bool:
    """Tell whether a cell stands for a value that is not known, as pandas, R and UCI write it."""
    return cell.strip().casefold() in _MISSING


def looks_like_number(cell: str) -> bool:
    """Tell whether a cell is a number, with either decimal sign."""
    return _NUMBER.fullmatch(cell) is not None


def has_decimal_comma(cell: str) -> bool:
    """Tell whether a cell is a number whose decimal sign is a comma."""
    return _COMMA.fullmatch(cell) is not None


def may_be_thousands(cell: str) -> bool:
    """Tell whether the comma of a cell may stand between thousands as well: ``1,234``."""
    return _THOUSANDS.fullmatch(cell) is not None


def as_number(cell: str, decimal: str = ".") -> float:
    """Return the finite number that a cell is; NaN where it is none."""
    if decimal == ",":
        if "." in cell:
            return math.nan
        cell = cell.replace(",", ".", 1)
    try:
        number = float(cell)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) and "_" not in cell else math.nan  # Python reads 1_0 as 10


def same_text(name: str) -> str:
    """Return a name in the form in which names are compared: composed, µ as μ, without blanks around it."""
    return unicodedata.normalize("NFKC", name.strip())


def is_label(text: str) -> bool:
    """Tell whether a text may be the name of a class: at most 100 characters that can be shown."""
    return 0 < len(text) <= 100 and all(map(is_safe, text))


def is_worded(cell: str) -> bool:
    """Tell whether a cell is a name by itself: a label with a letter in it, and no word for a number."""
    text = cell.strip()
    if not is_label(text) or not any(map(str.isalpha, text)):
        return False
    try:
        float(text)  # infinity
    except ValueError:
        return True
    return False
