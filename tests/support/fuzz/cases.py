"""Lesson files as a stranger might write them: seeded, so that a case is known by kind, seed and number."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.support.calls import Called, every_function
from tui_backprop.lessons.library import BUILTIN, FOLDER

CANARY = "CANARY_ran"
"""A name that no output may have as code, wherever a file smuggles it in."""

EVIL_TEXT = (
    "\x1b[2J", "\x1b]0;PWNED\x07", "\x9b31m", "\x00", "\x7f", "\r", "\u202e", "\u2066", "\u200b", "\ufeff",
    "\u2028", "\u3164", "x\ufe0f", "e\u0301" * 50, f'"""\n{CANARY}()\n"""', f"'''\n{CANARY}()\n'''",
    f"\n{CANARY}()",
    f"#\n{CANARY}()", "\\", "\\\n", '\\"""', "{x.__class__}", "{'a'*10**9}", "{", "}", "{}", "{0}", "{x!r}",
    "{x:1000000000}", "{shape:w}", "{shape:\x1b}", "a" * 5000, "%s%n", "${HOME}", "[b]bold[/b]",
    "[@click=app.quit]x",
    "\U0001f600", "漢字", "٣", "", " ", "__import__('os')", "x", "w", "mean(x)", "dL", "L <- w",
    "../../etc/passwd",
    "/dev/zero", "/dev/stdin", "nan", "1e999", "0x10",
)  # fmt: skip
EVIL_VALUES: tuple[Any, ...] = (
    0, -1, 1, 2**31, 2**63, 2**64, 10**400, -0.0, 1e-320, 1e308, -1e308, float("inf"), float("nan"), True,
    False, [], [[]],
    [[[[1]]]], [1, [2]], [1, 2], [[1, 2], [3, 4]], {}, {"linspace": [0, 1, 10**12]}, {"linspace": [0, 1, 3]},
    {"linspace": [-1e308, 1e308, 5]}, {"formula": "exp(1000)"}, {"formula": "x @ x"}, {"formula": "1/0"},
    {"init": "normal", "shape": [10**9, 10**9]}, {"init": "normal", "shape": [2, 3]}, {"init": "he",
    "shape": 0},
    {"init": "zeros", "shape": [1, 1, 1, 1]}, {"value": 1e308, "scale": 1e6}, "normal", "he", [0] * 300,
)  # fmt: skip
NAMES = (
    "x",
    "w",
    "b",
    "X",
    "y",
    "W",
    "L",
    "z",
    "dw",
    "ŷ",
    "λ",
    "np",
    "math",
    "loss",
    "k",
    "__class__",
    "lambda",
)
NUMBERS = (
    "0", "1", "2", "-1", "0.5", "1e-3", "1e308", "1e999", "1e-320", "10**10**10", "9**9**9", "0x" + "f" * 300,
    "1" * 5000, "1_0", "1j", "nan", "inf", "0o7", "64", "65", "1e16",
)  # fmt: skip
PIECES = (
    "(", ")", "[", "]", "{", "}", ",", ";", ":", ":=", "=", "==", "<", "@", "**", "*", "//", "%", "^", "~",
    ".T", ".x",
    "...", "lambda: ", "if", "yield", "await ", "import os", "\\", "\n", "\t", "#", "'", '"', 'f"', "`",
    "$", "?", "!",
    "and", "not ", "axis=0", "axis=99", "(" * 150, ")" * 150, "-" * 3000, ".T" * 3000, "+x" * 3000,
)  # fmt: skip

CALLED = every_function()
NOT_CALLED = [Called(name, 1, {}) for name in ("eval", "open", "__import__")]


@dataclass
class Case:
    """One lesson file with what lies beside it, and options to try on it.

    Attributes:
        name: the lesson file's name.
        text: its bytes.
        beside: other files by name.
        options: further commands, each the options after the lesson's name.
        others: commands on the file beside it: the command, the file's name, and options.
    """

    text: bytes
    name: str = "case.toml"
    beside: dict[str, bytes] = field(default_factory=dict)
    options: list[list[str]] = field(default_factory=list)
    others: list[list[str]] = field(default_factory=list)


def make_case(kind: str, seed: int, number: int) -> Case:
    """Return the case of this number."""
    rng = random.Random(f"{kind} {seed} {number}")
    case = {"formula": _formula_case, "toml": _toml_case, "csv": _csv_case}[kind](rng)
    if rng.random() < 0.02:
        case.name = rng.choice(
            ("a\x1b[2Jb.toml", "a\u202eb.toml", "a\nb.toml", "é.toml", "-x.toml", "\udcff.toml", 'a"""b.toml')
        )
    if rng.random() < 0.3:
        case.options.append(_options(rng))
    return case


def expression(rng: random.Random, depth: int, names: tuple[str, ...] = NAMES[:6]) -> str:
    """Return a formula, mostly in the language."""
    if depth <= 0 or rng.random() < 0.15:
        return rng.choice(names) if rng.random() < 0.97 else rng.choice(NUMBERS + NAMES)
    inner = expression(rng, depth - 1, names)
    roll = rng.random()
    if roll < 0.5:
        other = expression(rng, depth - rng.randint(1, 3), names)
        return f"({inner} {rng.choice('+-*/@' if 'X' in names else '+-*/')} {other})"
    if roll < 0.6:
        return (
            f"({inner})**{rng.choice(('2', '3', '-1', '0.5', '64', '65', expression(rng, depth - 2, names)))}"
        )
    if roll < 0.9:
        return _call(rng, inner, depth, names)
    return rng.choice((f"-{inner}", f"({inner}).T"))


def _call(rng: random.Random, inner: str, depth: int, names: tuple[str, ...]) -> str:
    """Return a call with the operands and options of a signature, mostly with values that an option takes."""
    called = rng.choice(CALLED if rng.random() < 0.98 else NOT_CALLED)
    others = (f", {expression(rng, depth - 2, names)}" for _ in range(1, called.operands))
    options = [
        f", {option}={rng.choice((*values, '(0, 1)', '7', '-1', '0'))}"
        for option, values in called.options.items()
        if rng.random() < 0.7
    ]
    return f"{called.name}({inner}{''.join(others)}{''.join(options)})"


def mutated(rng: random.Random, text: str) -> str:
    """Return the text with a few pieces put in, taken out or doubled."""
    for _ in range(rng.choice((0, 0, 1, 1, 2, 5))):
        at = rng.randint(0, len(text))
        end = min(len(text), at + rng.choice((0, 1, 2, 8, 40)))
        piece = rng.choice(
            (
                rng.choice(PIECES),
                rng.choice(EVIL_TEXT),
                rng.choice(NUMBERS),
                rng.choice(NAMES),
                "",
                text[at:end] * 2,
            )
        )
        text = text[:at] + piece + text[end:]
    return text


def _formula_case(rng: random.Random) -> Case:
    lines = []
    names = rng.choice((("x", "w", "b"), ("x", "w", "b", "2", "0.5", "0"), ("X", "W", "b"), NAMES[:6]))
    for i in range(rng.choice((0, 1, 1, 2, 5, 20))):
        lines.append(f"h{i} = {expression(rng, rng.randint(1, 6), names)}")
        if rng.random() < 0.3:
            lines[-1] += f" + 0*h{rng.randint(0, i)}"
    lines.append(
        f"L = mean({expression(rng, rng.randint(1, 7), names)})"
        + (f" + mean(h{len(lines) - 1})" if lines else "")
    )
    formula = "\n".join(lines)
    if rng.random() < 0.6:
        formula = mutated(rng, formula)
    document = {
        "formula": formula,
        "data": {
            "x": rng.choice((2.0, [1.0, 2.0, 3.0])),
            "b": 0.5,
            "X": [[1.0, 2.0], [3.0, 4.0]],
            "y": [1.0, 0.0],
        },
        "parameters": {"w": rng.choice((1.0, [0.1, -0.2, 0.3])), "W": {"init": "normal", "shape": [2, 2]}},
    }
    return Case(dump(document).encode("utf-8", "surrogatepass"))


def _toml_case(rng: random.Random) -> Case:
    text = (FOLDER / f"{rng.choice(BUILTIN)}.toml").read_text("utf-8")
    if rng.random() < 0.75:
        document = tomllib.loads(text)
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            _mutate_document(rng, document)
        text = dump(document)
    if rng.random() < 0.4:
        text = mutated(rng, text)
    raw = text.encode("utf-8", "surrogatepass")
    roll = rng.random()
    if roll < 0.02:
        raw = text.encode("utf-16", "surrogatepass")
    elif roll < 0.04:
        raw = raw.replace(b"\n", b"\r\n")
    elif roll < 0.06:
        raw = b"\xef\xbb\xbf" + raw
    elif roll < 0.08:
        raw = raw[: rng.randint(0, len(raw))]
    elif roll < 0.11:
        at = rng.randint(0, len(raw))
        raw = raw[:at] + rng.randbytes(rng.choice((1, 3, 200))) + raw[at:]
    elif roll < 0.13:
        deep = rng.choice(
            (b"[" * 50_000, b"{a=" * 5000, b"a." * 100_000 + b"a=1\n", b"[[a]]\n" * 20_000, b"a" * 500_000)
        )
        raw = rng.choice((deep + raw, raw + b"\nz = " + deep, raw + deep))
    return Case(raw)


def _mutate_document(rng: random.Random, document: Any) -> None:
    """Change one place of the document, chosen evenly."""
    places = list(_places(document))
    holder, key = rng.choice(places)
    roll = rng.random()
    old = holder[key]
    if roll < 0.1:
        del holder[key]
    elif roll < 0.2 and isinstance(holder, dict):
        holder[rng.choice(EVIL_TEXT + NAMES)] = holder.pop(key)
    elif roll < 0.25 and isinstance(holder, list):
        holder.extend([old] * rng.choice((1, 100, 2000)))
    elif roll < 0.6 and isinstance(old, str):
        holder[key] = mutated(rng, old) if rng.random() < 0.5 else _insert(rng, old)
    elif roll < 0.8:
        holder[key] = deepcopy(rng.choice(EVIL_VALUES))  # later changes are of this case only
    else:
        holder[key] = rng.choice(EVIL_TEXT) if rng.random() < 0.5 else expression(rng, 4)


def _insert(rng: random.Random, text: str) -> str:
    at = rng.randint(0, len(text))
    return text[:at] + rng.choice(EVIL_TEXT) + text[at:]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys)[:40]:
        yield value, key
        yield from _places(value[key])


CSV_KEYS: dict[str, tuple[Any, ...]] = {
    "separator": (",", ";", "tab", "|", "space", "", ":", 3, *EVIL_TEXT[:3]),
    "decimal": (".", ",", "x"),
    "header": (True, False, "x"),
    "columns": (["x1", "x2", "label"], ["a"], [], [EVIL_TEXT[0], "x1", "x2"]),
    "classes": ("y", ["y"], {"y": "one_hot"}, {"y": ["1", "0"]}, {"y": [EVIL_TEXT[0]]}, "X", EVIL_TEXT[0], 7),
    "missing": ("drop", "mean", "refuse", "x"),
    "standardize": (True, "X", ["X", "y"], EVIL_TEXT[0], 1),
    "x": (0, -1, 99, 10**30, [0, 1], True),
}
"""Keys beside ``csv``, with values that fit and some that do not."""


def _csv_case(rng: random.Random) -> Case:
    columns = ["x1", "x2", "label"]
    numbers = ("1", "0", "-2.5", "1e-3", "7e300", "3")
    bad = ("1e999", "nan", "inf", "", " ", "1_0", "0x1", "1,5", '"1"', '"', "'", "٣", "1;2", *EVIL_TEXT)
    wrong = rng.choice((0, 0, 0.01, 0.1))
    between = rng.choice(",,,,;\t| ")
    header = [rng.choice(EVIL_TEXT) if rng.random() < wrong else name for name in columns]
    rows = [
        [
            rng.choice(bad) if rng.random() < wrong else rng.choice(numbers)
            for _ in range(rng.choice((3, 3, 3, 3, 2, 4)) if wrong else 3)
        ]
        for _ in range(rng.choice((0, 1, 4, 30, 500)))
    ]
    end = rng.choice(("\n", "\n", "\r\n", "\r"))
    raw = (
        end.join((between if rng.random() > wrong / 10 else ";").join(row) for row in [header, *rows]) + end
    ).encode("utf-8", "surrogatepass")
    roll = rng.random()
    if roll < 0.05:
        raw = raw.decode("utf-8", "replace").encode("utf-16")
    elif roll < 0.1:
        raw = b"\xef\xbb\xbf" + raw
    elif roll < 0.2:
        at = rng.randint(0, len(raw))
        raw = raw[:at] + rng.randbytes(rng.choice((1, 3, 200))) + raw[at:]
    elif roll < 0.23:
        raw = rng.choice(
            (
                b"a," * 600_000,
                b"x1,x2,label\n" + b"1" * 3_000_000,
                b"\0" * 100_000,
                b'"' + b"1\n" * 100_000,
                rng.randbytes(5000),
            )
        )
    elif roll < 0.235:
        raw = b"x1,x2,label\n" + b"1,2,3\n" * rng.choice((100_000, 200_000))
    file = rng.choice(EVIL_TEXT) if rng.random() < 0.05 else "points.csv"
    wanted = {"X": ["x1", "x2"], "y": rng.choice(("label", "label", "label", rng.choice(EVIL_TEXT)))}
    for key, values in CSV_KEYS.items():
        if rng.random() < 0.06:
            wanted[key] = rng.choice(values)
    document = {
        "formula": "z = X @ w\nL = mean((sigmoid(z) - y)**2)", "samples": {"csv": file, **wanted},
        "parameters": {"w": [0.1, 0.2]}, "hyperparameters": {"batch_size": rng.choice(("all", 1, 7))},
    }  # fmt: skip
    return Case(
        dump(document).encode("utf-8", "surrogatepass"),
        beside={"points.csv": raw},
        others=[["new", "points.csv", "--target", rng.choice(("label", "x1", "0", "-1", *EVIL_TEXT[:4]))]],
    )


def _options(rng: random.Random) -> list[str]:
    def text() -> str:
        return rng.choice(
            (mutated(rng, expression(rng, 3)), rng.choice(EVIL_TEXT), rng.choice(NUMBERS))
        ).replace("\0", "")

    name = rng.choice((*NAMES, text()))
    hyperparameter = rng.choice(("learning_rate", "optimizer", "batch_size", name))
    return rng.choice((
        ["explain", "--whatif", f"{name}={rng.choice((text(), '[1,2', '[[1]]', '7'))}"],
        ["explain", "--wrt", name],
        ["explain", "--wrt", name, "--element", rng.choice(("", "0", "0,0", "9,9", "-1", text()))],
        ["check", "--gradient", f"{name}={text()}"],
        ["train", "--iterations", "2", "--set", f"{hyperparameter}={text()}"],
    ))  # fmt: skip


def dump(document: dict[str, Any]) -> str:
    """Write a document as TOML; control characters are escaped, so that they reach the lesson's checks."""
    tables = {key: value for key, value in document.items() if isinstance(value, dict)}
    arrays = {
        k: v for k, v in document.items() if isinstance(v, list) and v and all(isinstance(e, dict) for e in v)
    }
    lines = [f"{_text(k)} = {_value(v)}" for k, v in document.items() if k not in tables and k not in arrays]
    for key, table in tables.items():
        lines += [f"[{_text(key)}]", *(f"{_text(k)} = {_value(v)}" for k, v in table.items())]
    for key, entries in arrays.items():
        for entry in entries:
            lines += [f"[[{_text(key)}]]", *(f"{_text(k)} = {_value(v)}" for k, v in entry.items())]
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in escaped) + '"'


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_text(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return repr(value)
