"""From plain TOML values to typed structs, with msgspec's findings in the project's words."""

from __future__ import annotations

import re
import typing
from typing import Any, TypeVar

import msgspec

from tui_backprop.lessons.errors import LessonError, found, joined_or, nearest
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, later_in, tr

T = TypeVar("T")

_PATH = r" - at `\$\.?(?P<path>[^`]*)`$"
_UNKNOWN = r"(?s)Object contains unknown field `(?P<name>.*)`$"
_MISSING = r"Object missing required field `(?P<name>[^`]*)`$"
_EXPECTED = r"Expected `(?P<kinds>[^`]*)`(?: of length (?P<length>\d+)| (?P<sign>[<>]=) (?P<bound>\S+))?"
_STEP = r"\.?(?P<key>[^.\[\]]+)|\[(?P<index>\d+)\]|(?P<any>\[\.\.\.\])"
_KINDS = {
    "str": later_in("value", "text"), "int": later("a whole number"), "float": later("a number"),
    "bool": later("true or false"),
    "array": later("a list"),
    "object": later("a table"),
}  # fmt: skip


def convert(value: Any, kind: type[T], where: str) -> T:
    """Turn plain TOML values into a struct.

    Raises:
        LessonError: naming the key below ``where``, what was found there and what would be right.
    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        message = str(error)
    except RecursionError:
        raise LessonError(tr("{where}: nested too deeply", where=where)) from None
    at = re.search(_PATH, message)
    path, message = (at["path"], message[: at.start()]) if at else ("", message)
    try:
        keys, culprit, place = _follow(value, kind, path)
    except (LookupError, TypeError, StopIteration):  # a path that this version of msgspec writes otherwise
        raise LessonError(f"{where}: {printable(message)}" if where else printable(message)) from None
    key = ".".join(part for part in (where, keys) if part)
    prefix = f"{printable(key)}: " if key else ""
    if unknown := re.match(_UNKNOWN, message):
        known = getattr(place, "__struct_fields__", ())
        hint = nearest(unknown["name"], known)
        raise LessonError(
            tr(
                "{prefix}unknown key {key}{hint}",
                prefix=prefix,
                key=found(unknown["name"], 80),
                hint=hint,
            )
        )
    if missing := re.match(_MISSING, message):
        raise LessonError(tr("{prefix}the key {key} is missing", prefix=prefix, key=missing["name"]))
    right = _right(message, place)
    if right is None:
        raise LessonError(
            tr(
                "{prefix}found {found}; {message}",
                prefix=prefix,
                found=found(culprit),
                message=printable(message),
            )
        )
    raise LessonError(
        tr("{prefix}found {found}; it must be {right}", prefix=prefix, found=found(culprit), right=right)
    )


def _follow(value: Any, kind: Any, path: str) -> tuple[str, Any, Any]:
    """Return the keys of a path as people count them, the value there, and the type that belongs there."""
    keys = ""
    for step in re.finditer(_STEP, path):
        if step["index"] is not None:
            index = int(step["index"])
            value, kind = value[index], _inner(kind, list)
            keys += f" {index + 1}"
            continue
        # msgspec does not say which entry of a table it was; all of them have to be text
        name = step["key"] or next(key for key, entry in value.items() if not isinstance(entry, str))
        value = value[name]
        kind = (
            typing.get_type_hints(kind, include_extras=True)[name] if _is_struct(kind) else _inner(kind, dict)
        )
        if isinstance(value, dict):  # it is the table that was meant, where there may be none
            kind = next(filter(_is_struct, typing.get_args(kind)), kind)
        keys += f".{name}" if keys else name
    return keys, value, kind


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _inner(kind: Any, container: type) -> Any:
    """Return the type of what a list or table holds; Any where there are several."""
    if typing.get_origin(kind) is container:
        return typing.get_args(kind)[-1]
    return Any


def _right(message: str, kind: Any) -> str | None:
    """Say what would be right, from msgspec's message and the type; None for a wording that is not known."""
    kind = next((one for one in typing.get_args(kind) if typing.get_origin(one) is typing.Literal), kind)
    if typing.get_origin(kind) is typing.Literal:
        choices = (str(one) if str(one).isalnum() else f'"{one}"' for one in typing.get_args(kind))
        return tr("one of {names}", names=", ".join(choices))
    expected = re.match(_EXPECTED, message)
    if message == "Number out of range":
        return tr("a finite number")
    if expected is None:
        return None
    kinds = [
        tr(_KINDS[name]) if name in _KINDS else name
        for name in expected["kinds"].split(" | ")
        if name != "null"
    ]
    right = joined_or(kinds)
    if expected["length"]:
        return tr("{kind} of {count} numbers", kind=right, count=expected["length"])
    if expected["sign"]:
        bound = f"{float(expected['bound']):.10g}"
        if expected["sign"] == ">=":
            return tr("{kind}, at least {bound}", kind=right, bound=bound)
        return tr("{kind}, at most {bound}", kind=right, bound=bound)
    return right
