"""What is taken for a derivative where there is none, here and elsewhere: a table for check, help, docs."""

from __future__ import annotations

from msgspec import Struct

from tui_backprop.text.sentences import later, tr

LIBRARIES = (
    "PyTorch 2.14.1",
    "JAX 0.10.2",
    "HIPS autograd 1.9.1",
    "tinygrad 0.14.0",
    "mygrad 2.5.0",
    "PyTensor 3.0.7",
    "CasADi 3.8.2",
    "SymPy 1.14",
)
"""Libraries as they were measured, with versions."""
MEASURED = later(
    "Measured on 2026-11-29 in double precision on a processor: each library was asked for the derivative "
    "exactly at the kink, in the way its users ask for a gradient (max_pool2d with PyTorch 2.13.0, and in "
    "JAX by reduce_window). A dash: not measured, or no such function."
)
HERE = later("here")


class Kink(Struct, frozen=True):
    """An operation's kink, and what is taken there.

    Attributes:
        op: the operation's name.
        where: the kink.
        here: what this engine takes.
        others: what the libraries take, in their order; None where one has no such function.
        formula, at: the same as formula text in ``x``, and the value of x at the kink.
        slope: what this engine's gradient of the formula is there, as a number, the same for every element.
    """

    op: str
    where: str
    here: str
    others: tuple[str | None, ...]
    formula: str
    at: float | tuple[float, ...]
    slope: float


KINKS = (
    Kink(
        "relu",
        later("relu(x) at 0"),
        "0",
        ("0", "0", "½ (maximum)", "0", "0", "1 (maximum)", "½ (fmax)", "½"),
        "relu(x)",
        0.0,
        0.0,
    ),
    Kink("abs", later("abs(x) at 0"), "0", ("0", "1", "0", "0", "0", "0", "0", "0"), "abs(x)", 0.0, 0.0),
    Kink(
        "maximum",
        later("maximum(a, b) at a = b"),
        "½, ½",
        ("½, ½", "½, ½", "½, ½", "½, ½", "0, 0", "1, 0", "½, ½", "½"),
        "maximum(x, 2)",
        2.0,
        0.5,
    ),
    Kink(
        "max",
        later("max(x) of [1, 1]"),
        "½, ½",
        ("½, ½", "½, ½", "½, ½", "½, ½", "1, 0", "1, 1", "½, ½", None),
        "max(stack(x, 1))",
        1.0,
        0.5,
    ),
    Kink(
        "max_pool2d",
        later("max_pool2d of a window [1, 1]"),
        "½, ½",
        ("1, 0", "1, 0", None, None, "1, 0", None, None, None),
        "max_pool2d(reshape(stack(x, 1), shape=(1, 1, 1, 2)), kernel_size=(1, 2))",
        1.0,
        0.5,
    ),
    Kink(
        "leaky_relu",
        later("leaky_relu(x) at 0 (slope 0.01)"),
        "0.01",
        ("0.01", "1", None, "1", "0", None, None, None),
        "leaky_relu(x)",
        0.0,
        0.01,
    ),
    Kink(
        "clip",
        later("clip(x, 0, 1) at a bound"),
        "0",
        (later("0 with numbers, ½ with tensors"), "½", "0", "1", "0", "1", None, None),
        "clip(x, 0, 1)",
        1.0,
        0.0,
    ),
    Kink(
        "relu6",
        later("relu6(x) at 6"),
        "0",
        ("0", "0", None, "1", None, None, None, None),
        "relu6(x)",
        6.0,
        0.0,
    ),
    Kink(
        "hardtanh",
        later("hardtanh(x) at 1"),
        "0",
        ("0", "1", None, "1", "0", None, None, None),
        "hardtanh(x)",
        1.0,
        0.0,
    ),
    Kink(
        "sqrt",
        later("sqrt(x) or x**0.5 at 0"),
        "∞",
        ("∞", "∞", later("error for a number"), "∞", "∞", "∞", "∞", "∞"),
        "sqrt(x)",
        0.0,
        float("inf"),
    ),
    Kink(
        "norm",
        later("norm(x) of [0, 0], also as sqrt(sum(x**2))"),
        "0",
        ("0", "NaN", "NaN", None, "NaN", "NaN", "NaN", None),
        "norm(stack(x, 0))",
        0.0,
        0.0,
    ),
    Kink(
        "where",
        later("where(x > 0, sqrt(x), 0) at 0"),
        "0",
        ("NaN", "NaN", None, "NaN", "NaN", "0", "0", None),
        "where(x > 0, sqrt(x), 0)",
        0.0,
        0.0,
    ),
)
"""The kinks of the language's operations, the edge of the root, and a norm that meets it."""
NOTES = (
    later(
        "At a kink no single number is the derivative. Any value between the slopes on either side will do "
        "for gradient descent, and libraries choose differently; their results differ only where an operand "
        "is exactly at the kink, as zeros in data or in starting values bring about."
    ),
    later(
        "In a factor 0 · ∞ counts as 0 here, whichever of the two is the exact 0: a root hands on ∞, and "
        "squares or a shut gate below it have slope 0. NaN is what becomes of 0 · ∞ elsewhere."
    ),
    later(
        "The shares of a tie should add up to 1. With mygrad's 0 and 0 nothing flows at all, and "
        "PyTensor's 1 and 1 are no slope on either side. Where max_pool2d gives all to the first of a tie, "
        "that is one of the slopes there are; equal shares are what max and maximum have as well."
    ),
    later("The gradient check compares nothing at a kink: it names the operation, and what is taken there."),
)
TITLE = later("Kinks: what is taken where there is no derivative")


def at_kink(op: str) -> Kink | None:
    """Return the first row of an operation; None where the table has none."""
    return next((kink for kink in KINKS if kink.op == op), None)


def agreement(kink: Kink) -> str:
    """Say what this engine takes at a kink, which libraries take the same, and what the others do."""
    where = tr(kink.where)
    by_value: dict[str, list[str]] = {}
    for library, value in zip(LIBRARIES, kink.others, strict=True):
        if value is not None:
            by_value.setdefault(value, []).append(library.rsplit(" ", 1)[0])
    alike = by_value.pop(kink.here, [])
    text = (
        tr("{kink}: {value} here, as in {libraries}", kink=where, value=kink.here, libraries=", ".join(alike))
        if alike
        else tr("{kink}: {value} here, as in no other", kink=where, value=kink.here)
    )
    return "; ".join(
        [
            text,
            *(
                tr("{value} in {libraries}", value=tr(value), libraries=", ".join(names))
                for value, names in by_value.items()
            ),
        ]
    )


def entries() -> tuple[tuple[str, str], ...]:
    """Return each kink, and what is taken there, here and elsewhere."""
    return tuple((tr(kink.where), agreement(kink).removeprefix(f"{tr(kink.where)}: ")) for kink in KINKS)


def about() -> str:
    """Return how it was measured, and what follows."""
    return " ".join(
        (*map(tr, NOTES), tr("Versions: {libraries}.", libraries=", ".join(LIBRARIES)), tr(MEASURED))
    )


def table() -> str:
    """Return the table in Markdown."""
    head = (tr("at the kink"), tr(HERE), *LIBRARIES)
    rows = [
        (tr(kink.where), kink.here, *("–" if value is None else tr(value) for value in kink.others))
        for kink in KINKS
    ]
    rule = "|" + "---|" * len(head)
    return "\n".join([f"| {' | '.join(head)} |", rule, *(f"| {' | '.join(cells)} |" for cells in rows)])


def page() -> str:
    """Return the page of the documentation in Markdown."""
    return "\n\n".join([f"# {tr(TITLE)}", tr(NOTES[0]), table(), tr(MEASURED), *map(tr, NOTES[1:])]) + "\n"
