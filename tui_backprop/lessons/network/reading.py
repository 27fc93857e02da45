"""Dials as words: each as an option of the command line, read and written alike everywhere."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct, structs

from tui_backprop.engine.core.errors import suggest
from tui_backprop.engine.optimizers import OPTIMIZERS
from tui_backprop.lessons.errors import LessonError, found, nearest
from tui_backprop.lessons.hyperparameters import MAX_ITERATIONS, MAX_SEED, parse_setting
from tui_backprop.lessons.network.dials import (
    ACTIVATIONS,
    AUTO,
    FEATURES,
    LOSSES,
    OF_TABLE,
    PRESETS,
    Dials,
    fitted,
)
from tui_backprop.lessons.specs.hyperparameter import value_text
from tui_backprop.lessons.specs.initializers import INITIALIZERS
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr

MOST_UNITS, MOST_LAYERS = 1024, 20
MOST_SAMPLES = 100_000
Reader = Callable[[str, str], Any]
"""Reads a value, given what it is called and what was typed."""


class Option(Struct, frozen=True):
    """One dial as it is typed.

    Attributes:
        field: what it is called in :class:`Dials`.
        metavar: what follows it, for help.
        about: what it is, in a line of English.
        listed: what the line lists.
        read: reads it.
        write: writes it so that it is read back.
    """

    field: str
    metavar: str
    about: str
    read: Reader
    write: Callable[[Any], str] = value_text
    listed: Iterable[str] = ()

    @property
    def help(self) -> str:
        """What it is, in a line."""
        return tr(self.about, names=", ".join(self.listed)) if self.listed else tr(self.about)

    @property
    def flag(self) -> str:
        """How it is typed: ``--learning-rate``."""
        return f"--{self.field.replace('_', '-')}"


def _refused(name: str, text: str, right: str) -> LessonError:
    return LessonError(
        tr("{name}: found {found}; it must be {right}", name=name, found=found(text), right=right)
    )


def whole(low: int, high: int, also: str = "") -> Reader:
    """Return what reads a whole number within bounds, or one word."""

    def read(name: str, text: str) -> Any:
        word = text.strip()
        if also and word == also:
            return also
        right = tr("a whole number from {low:,} to {high:,}", low=low, high=high)
        if also:
            right = tr("{one}, or {other}", one=right, other=also)
        try:
            number = float(word) if "e" in word.lower() else int(word)
        except ValueError:
            raise _refused(name, text, right) from None
        if not low <= number <= high or number != int(number):
            raise _refused(name, text, right)
        return int(number)

    return read


def _number(low: float, high: float, *, open_: bool = False) -> Reader:
    def read(name: str, text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not low <= number <= high or (open_ and number == high):
            kind, bounds = tr("a number"), {"low": f"{low:g}", "high": f"{high:g}"}
            right = (
                tr("{kind} from {low} to below {high}", kind=kind, **bounds)
                if open_
                else tr("{kind} from {low} to {high}", kind=kind, **bounds)
            )
            raise _refused(name, text, right)
        return number

    return read


def _one_of(names: Iterable[str]) -> Reader:
    def read(name: str, text: str) -> str:
        word = text.strip()
        if word in names:
            return word
        hint = suggest(word, names) or tr("; it must be one of {names}", names=", ".join(names))
        raise LessonError(tr("{name}: found {found}{hint}", name=name, found=found(word), hint=hint))

    return read


def _several(names: Mapping[str, Any], most: int) -> Reader:
    one = _one_of(names)

    def read(name: str, text: str) -> tuple[str, ...]:
        words = [word.strip() for word in text.split(",")][: most + 1]
        if len(words) > most:
            raise LessonError(tr("{name}: found more than {most}", name=name, most=most))
        return tuple(one(name, word) for word in words)

    return read


def read_layers(name: str, text: str) -> tuple[int, ...]:
    """Read widths from the inputs to the outputs: ``2,8,8,1`` or ``2-8-8-1``."""
    right = tr("widths from the inputs to the outputs, such as 2,8,8,1")
    words = text.split("," if "," in text else "-")  # of "2,-1" the sign is no separator
    if not 2 <= len(words) <= MOST_LAYERS + 2:
        raise _refused(name, text, tr("{right}: 2 to {most} of them", right=right, most=MOST_LAYERS + 2))
    widths = []
    for word in words:
        if not (word.strip().isascii() and word.strip().isdecimal()):
            raise LessonError(
                tr(
                    "{name}: found {word} in {text}; it must be {right}",
                    name=name,
                    word=found(word.strip()),
                    text=found(text),
                    right=right,
                )
            )
        if len(word.strip()) > 6 or not 1 <= int(word) <= MOST_UNITS:
            raise LessonError(
                tr(
                    "{name}: found a width of {width}; each layer has 1 to {most:,} units",
                    name=name,
                    width=printable(word.strip(), 20),
                    most=MOST_UNITS,
                )
            )
        widths.append(int(word))
    return tuple(widths)


def _read_features(name: str, text: str) -> tuple[str, ...]:
    features: tuple[str, ...] = _several(FEATURES, len(FEATURES))(name, text) if text.strip() else ()
    twice = next((one for one in features if features.count(one) > 1), None)
    if twice is not None:
        raise LessonError(tr("{name}: found {twice} twice; each is given once", name=name, twice=twice))
    return () if features == ("x", "y") else features


def _read_path(name: str, text: str) -> str:
    if not text.strip() or len(text) > 1000:
        raise LessonError(
            tr("{name}: found {found}; it must be the path of a CSV file", name=name, found=found(text))
        )
    return text


def _joined(values: Sequence[object]) -> str:
    return ",".join(map(str, values))


def _plain(name: str, text: str) -> str:
    return text.strip()


def _data_name(name: str, text: str) -> str:
    return str(_one_of(PRESETS)(name, text))


OPTIONS: Final[Mapping[str, Option]] = {
    option.field: option
    for option in (
        Option("layers", "2,8,8,1", later("Widths from the inputs to the outputs."), read_layers, _joined),
        Option(
            "activation", "NAME[,NAME …]", later("Behind the hidden layers: one for all, or one for each."),
            _several(ACTIVATIONS, MOST_LAYERS), _joined,
        ),
        Option("dataset", "NAME", later("Made-up data: {names}."), _data_name, listed=PRESETS),
        Option("csv", "FILE", later("A CSV file in place of a data set."), _read_path),
        Option("target", "COLUMN", later("The column of the CSV file to predict."), _plain),
        Option("size", "N", later("Samples of the data set."), whole(4, MOST_SAMPLES)),
        Option("noise", "X", later("Deviation that is added to the points."), _number(0, 10)),
        Option(
            "features", "x,y,…", later("What is made of the two inputs: {names}."),
            _read_features, _joined, FEATURES,
        ),
        Option("loss", "NAME", later("The loss: {names}."), _one_of(LOSSES), listed=LOSSES),
        Option(
            "initializer", "NAME", later("How weights start, such as xavier; biases start at 0."),
            _one_of((AUTO, *INITIALIZERS)),
        ),
        Option("batch", "N", later("Samples in one update; or all."), whole(1, MOST_SAMPLES, "all")),
        Option(
            "validation", "SHARE", later("Share of the samples that is not trained on; 0 for none."),
            _number(0, 1, open_=True),
        ),
        Option("l1", "X", later("Factor of Σ|w| in the loss."), _number(0, 1e6)),
        Option("l2", "X", later("Factor of Σw²/2 in the loss."), _number(0, 1e6)),
        Option("optimizer", "NAME", later("Such as sgd or adam."), _one_of(OPTIMIZERS)),
        Option("learning_rate", "X", later("How far an update goes."), _number(0, 1e6)),
        Option("iterations", "N", later("Updates after which a run stops."), whole(0, MAX_ITERATIONS)),
        Option("seed", "N", later("Start of the random numbers."), whole(0, MAX_SEED)),
    )
}  # fmt: skip
"""Every dial as an option, in the order in which they are written."""


def read_dials(given: Mapping[str, str], settings: Sequence[str] = ()) -> Dials:
    """Return dials: what is given, and the rest as its data set has it.

    Args:
        given: what was typed, by field.
        settings: further hyperparameters, ``NAME=VALUE`` each.

    Raises:
        LessonError: a value cannot be read; the message begins with the dial's name.
        HyperparameterError: a setting cannot.
    """
    values = {field: OPTIONS[field].read(_called(field), text) for field, text in given.items()}
    if "csv" in values and "dataset" in values:
        raise LessonError(tr("csv: found a data set as well; give --dataset or --csv, one of the two"))
    if "target" in values and "csv" not in values:
        raise LessonError(tr("target: it names a column of a table; give --csv FILE with it"))
    if "csv" in values:
        of_table = next((field for field in ("size", "noise", "features") if field in values), None)
        if of_table is not None:
            raise LessonError(
                tr("{of_table}: that is of made-up data; a table is taken as it is", of_table=of_table)
            )
        preset = OF_TABLE
    else:
        preset = PRESETS[values.get("dataset", next(iter(PRESETS)))]
    dials = structs.replace(preset, **values)
    for setting in settings:
        dials = _with_setting(dials, setting)
    return dials if "layers" in values or dials.csv else fitted(dials)


def _called(field: str) -> str:
    return field.replace("_", "-")


_AS_DIALS = {"batch_size": "batch"}
"""Hyperparameters that are dials of another name."""


def _with_setting(dials: Dials, text: str) -> Dials:
    """Return dials with a hyperparameter set: a dial where there is one for it."""
    name, value = parse_setting(text)
    field = _AS_DIALS.get(name, name)
    if field in OPTIONS:
        return structs.replace(dials, **{field: value})
    others = tuple(one for one in dials.settings if one[0] != name)
    return structs.replace(dials, settings=(*others, (name, value_text(value))))


def written_out(dials: Dials) -> str:
    """Return the words of the command line that build the same again, all that has a say in it."""
    words: list[str] = []
    for field, option in OPTIONS.items():
        value = getattr(dials, field)
        unsaid = (
            value in ("", ()) or (field in ("l1", "l2") and not value)
            or (value in (AUTO, "all") and field in ("loss", "initializer", "batch"))
            or (bool(dials.csv) and field in ("size", "noise"))
        )  # fmt: skip
        if not unsaid:
            words += (option.flag, option.write(value))
    for name, text in dials.settings:
        words += ("--set", f"{name}={text}")
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    return word if "," in word and word.replace(",", "").isalnum() else shlex.quote(word)


def read_words(text: str) -> Dials:
    """Read what was typed behind the command's name: ``--layers 2,8,8,1 --dataset spiral``.

    Raises:
        LessonError: an unknown option, one without a value, or a value that cannot be read.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise LessonError(
            tr("found {found}: {reason}", found=found(text, 60), reason=str(error).lower())
        ) from None
    given: dict[str, str] = {}
    settings: list[str] = []
    by_flag = {option.flag: option.field for option in OPTIONS.values()} | {"--set": "set"}
    left = iter(words)
    for word in left:
        flag, equals, value = word.partition("=")
        if flag not in by_flag:
            hint = nearest(flag, by_flag)
            raise LessonError(tr("unknown option {found}{hint}", found=found(word), hint=hint))
        if not equals:
            following = next(left, None)
            if following is None:
                raise LessonError(tr("{flag}: found nothing behind it", flag=flag))
            value = following
        if flag == "--set":
            settings.append(value)
        else:
            given[by_flag[flag]] = value
    return read_dials(given, settings)


COMMAND = "tui-backprop build"
MARK = f"# {COMMAND} "


def dials_of(text: str) -> Dials | None:
    """Return the dials that a text says it was built of; None where it says none that can be read."""
    first = text.partition("\n")[0]
    if not first.startswith(MARK) or len(first) > 2000:
        return None
    try:
        return read_words(first.removeprefix(MARK))
    except ValueError:
        return None
