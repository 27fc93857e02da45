"""What ``print`` writes of a PyTorch module, read as a list of layers."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import Struct

from tui_backprop.engine.frontends.draft import ModelError
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

MAX_TEXT: Final = 500_000
MAX_LAYERS: Final = 1_000
MAX_DEPTH: Final = 20
_MEMBER: Final = re.compile(r"\((?P<names>[^()]{1,100})\): (?:(?P<count>\d{1,4}) x )?(?P<rest>.+)")
_OPENED: Final = re.compile(r"(?P<kind>\w{1,100})\($")
_WHOLE: Final = re.compile(r"(?P<kind>\w{1,100})\((?P<arguments>.*)\)$")
_REPEATED: Final = re.compile(r"(\d{1,4})-(\d{1,4})")
_IN_ORDER: Final = "Sequential"
_HARMLESS: Final = frozenset({"inplace", "track_running_stats"})
"""Options that change no number here."""


class TorchLayer(Struct, frozen=True):
    """One layer as it is printed.

    Attributes:
        path: where its weights are found, such as ``0`` or ``encoder.1``.
        kind: its class.
        given: its arguments without a name.
        options: those with one; a word without quotes, such as ``same``, is a text.
        text: as it is printed.
        line: where.
        asked: options that have been asked for; what nobody asks for is not understood.
    """

    path: str
    kind: str
    given: tuple[Any, ...]
    options: dict[str, Any]
    text: str
    line: int
    asked: set[str] = msgspec.field(default_factory=set)

    @property
    def suffix(self) -> str:
        """What names of this layer end in: ``0``, ``_encoder_1``."""
        flat = self.path.replace(".", "_")
        return flat if not flat or flat[0].isdigit() else f"_{flat}"

    def refuse(self, reason: str) -> ModelError:
        """Make an error that names the layer."""
        return ModelError(
            tr("line {line}, {text}: {reason}", line=self.line, text=printable(self.text, 120), reason=reason)
        )

    def option(self, name: str, usual: Any = None) -> Any:
        """Return an argument given by name."""
        self.asked.add(name)
        return self.options.get(name, usual)

    def check_asked(self) -> None:
        """Refuse options that nobody has asked for, which may change what is computed."""
        for name in self.options.keys() - self.asked - _HARMLESS:
            raise self.refuse(tr("{name} is not known here", name=printable(name, 40)))

    def unlike(self, **usual: Any) -> None:
        """Refuse options that are not as they usually are, which the formula could not say."""
        for name, value in usual.items():
            found = self.option(name, value)
            values = found if isinstance(found, tuple) else (found,)
            if any(one != value for one in values):
                raise self.refuse(
                    tr(
                        "{name}={found}; it must be {name}={right}",
                        name=name,
                        found=printable(str(found), 40),
                        right=value,
                    )
                )

    def number(self, place: int, name: str) -> int:
        """Return a whole number from 1 on, given in this place or by this name."""
        value = self.given[place] if place < len(self.given) else self.option(name)
        if type(value) is not int or not 1 <= value <= 10**9:
            raise self.refuse(
                tr(
                    "{name} is {value}; it must be a whole number from 1 on",
                    name=name,
                    value=printable(repr(value), 40),
                )
            )
        return value

    def per_axis(self, name: str, axes: int, usual: int | None = None) -> tuple[int, ...]:
        """Return a whole number for each axis."""
        value = self.option(name, usual)
        found: tuple[Any, ...] = value if isinstance(value, tuple) else (value,) * axes
        if len(found) != axes or not all(type(one) is int and 0 <= one <= 10**6 for one in found):
            raise self.refuse(
                tr(
                    "{name} is {value}; it must be whole numbers, one an axis",
                    name=name,
                    value=printable(repr(value), 40),
                )
            )
        return found

    def real(self, name: str, usual: float) -> float:
        """Return a finite number."""
        value = self.option(name, usual)
        if type(value) not in (int, float) or not abs(value) < 1e300:
            raise self.refuse(
                tr("{name} is {value}; it must be a number", name=name, value=printable(repr(value), 40))
            )
        return float(value)

    def flag(self, name: str, usual: bool) -> bool:
        """Return whether something is chosen."""
        value = self.option(name, usual)
        if type(value) is not bool:
            raise self.refuse(
                tr("{name} is {value}; it must be True or False", name=name, value=printable(repr(value), 40))
            )
        return value


class LayerList(Struct, frozen=True):
    """The layers of a model in the order in which they are printed.

    Attributes:
        members: those that hold no others.
        unsure: the classes around them whose ``forward`` the text does not show.
    """

    members: tuple[TorchLayer, ...]
    unsure: tuple[str, ...]


def read_torch_text(text: str) -> LayerList:
    """Read what ``print(model)`` has written.

    Raises:
        ModelError: with the line that is not what such a text has.
    """
    if len(text) > MAX_TEXT:
        raise ModelError(
            tr(
                "the text has {count:,} characters; at most {limit:,} are read",
                count=len(text),
                limit=MAX_TEXT,
            )
        )
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line]
    if not lines:
        raise ModelError(tr("the text is empty; it must be what print(model) writes"))
    layers: list[TorchLayer] = []
    unsure: dict[str, None] = {}
    for layer, inside in _walk(lines):
        layers.append(layer)
        unsure |= dict.fromkeys(kind for kind in inside if kind != _IN_ORDER)
        if len(layers) > MAX_LAYERS:
            raise ModelError(tr("found more than {limit:,} layers", limit=MAX_LAYERS))
    return LayerList(tuple(layers), tuple(unsure))


class _Open(Struct, frozen=True):
    """A module whose members are being read: where it is, its class, and once more for each repetition."""

    paths: tuple[str, ...]
    kind: str


def _walk(lines: list[tuple[int, str]]) -> Iterator[tuple[TorchLayer, tuple[str, ...]]]:
    """Yield every layer with the classes around it."""
    around: list[_Open] = []
    ended = False
    for number, line in lines:
        if ended:
            raise ModelError(
                tr(
                    "line {number}: found {line} behind the model; give the print of one",
                    number=number,
                    line=_shown(line),
                )
            )
        if line == ")":
            around.pop()
            ended = not around
            continue
        names, rest = _named(number, line, around)
        inside = tuple(one.kind for one in around)
        before = around[-1].paths if around else ("",)
        paths = tuple(f"{path}.{name}" if path else name for path in before for name in names)
        if len(paths) > MAX_LAYERS:
            raise ModelError(
                tr(
                    "line {number}: found more than {limit:,} layers",
                    number=number,
                    limit=MAX_LAYERS,
                )
            )
        if opened := _OPENED.match(rest):
            if len(around) == MAX_DEPTH:
                raise ModelError(
                    tr(
                        "line {number}: modules stand in one another more than {limit} deep",
                        number=number,
                        limit=MAX_DEPTH,
                    )
                )
            if len(paths) > 1:
                raise ModelError(
                    tr(
                        "line {number}: a repeated module with members; print one of its layers",
                        number=number,
                    )
                )
            around.append(_Open(paths, opened["kind"]))
            continue
        whole = _WHOLE.match(rest)
        if whole is None:
            raise ModelError(
                tr(
                    "line {number}: found {line}; a layer is printed as (0): ReLU()",
                    number=number,
                    line=_shown(line),
                )
            )
        if whole["kind"] == _IN_ORDER and not whole["arguments"]:
            continue
        given, options = _arguments(number, whole["arguments"])
        for path in paths:
            yield TorchLayer(path, whole["kind"], given, options, rest, number), inside
        ended = not around
    if around:
        raise ModelError(
            tr("the text ends within {kind}(; copy all that print(model) wrote", kind=around[-1].kind)
        )


def _named(number: int, line: str, around: list[_Open]) -> tuple[list[str], str]:
    """Return the names of a member and what it is; the model itself has no name."""
    if not around:
        return [""], line
    member = _MEMBER.match(line)
    if member is None:
        raise ModelError(
            tr(
                "line {number}: found {line}; a member is printed as (name): ReLU()",
                number=number,
                line=_shown(line),
            )
        )
    names = [member["names"]]
    if repeated := _REPEATED.fullmatch(member["names"]):
        names = [str(place) for place in range(int(repeated[1]), int(repeated[2]) + 1)]
    if len(names) != int(member["count"] or 1):
        raise ModelError(
            tr(
                "line {number}: {names} are not {count} layers",
                number=number,
                names=_shown(member["names"]),
                count=member["count"] or 1,
            )
        )
    return names, member["rest"]


def _arguments(number: int, text: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return arguments as values: numbers, truths, tuples and words, nothing else."""
    refused = ModelError(
        tr(
            "line {number}: the arguments {text} are not as print writes them",
            number=number,
            text=_shown(text),
        )
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as "invalid decimal literal": refused below, or harmless
            call = ast.parse(f"f({text})", mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            raise refused
        if any(word.arg is None for word in call.keywords):
            raise refused
        given = tuple(_value(value) for value in call.args)
        return given, {str(word.arg): _value(word.value) for word in call.keywords}
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise refused from None


def _value(tree: ast.expr) -> Any:
    return tree.id if isinstance(tree, ast.Name) else ast.literal_eval(tree)


def _shown(text: str) -> str:
    return printable(repr(text), 80)
