"""A lesson's training as a Python script of its own that needs NumPy only and prints the same losses."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from tui_backprop.engine.core.arrays import DOUBLE, SINGLE
from tui_backprop.engine.core.backends import PLAIN
from tui_backprop.engine.core.elementary import ELEMENTARY
from tui_backprop.engine.optimizers import COEFFICIENTS
from tui_backprop.export.listing import (
    ProgramListing,
    commented,
    formula_lines,
    helpers,
    indented,
    make_listing,
)
from tui_backprop.export.literals import WIDTH, data_lines, parameter_lines, scalar, statistic_lines
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.text.printable import printable
from tui_backprop.training.batches import Batches
from tui_backprop.training.schedule import settled
from tui_backprop.version import __version__

_FINITE = (
    "def finite(*values):",
    '    """Tell whether all these numbers are finite."""',
    "    return all(np.isfinite(value).all() for value in values)",
    "",
    "",
)


_SAFE = (
    "def safe(of_number, of_array):",
    '    """Return a function of numbers that gives Infinity or NaN where Python\'s raises an error."""',
    "",
    "    def function(*values):",
    "        try:",
    "            return np.float64(of_number(*values))",
    "        except (ArithmeticError, ValueError):",
    "            return np.float64(of_array(*values))",
    "",
    "    return function",
    "",
    "",
)


def write_script(lesson: Lesson, hyperparameters: Hyperparameters) -> str:
    """Write the script for a lesson under these hyperparameters.

    Run, it prints the losses of iterations 0 to N, a line each, which read back to the same floats; it ends
    with exit code 1 where the training diverges.

    Raises:
        BackpropError: the lesson has to be done step by step.
    """
    backend = settled(lesson, hyperparameters).backend
    lesson = lesson.in_type(hyperparameters.dtype)
    batches = Batches(lesson, hyperparameters)
    uneven = len(batches.sizes) > 1
    listing = make_listing(lesson, hyperparameters, buffers=not uneven)
    rest = make_listing(lesson, hyperparameters, batches.per_epoch - 1, buffers=False) if uneven else None
    names, used = listing.names, listing.used | (rest.used if rest is not None else set())
    learnt = used.intersection(lesson.parameters)
    running = used.intersection(lesson.running)
    start = commented("# data", data_lines(lesson, names, used - learnt - running))
    start += commented("# starting parameters", parameter_lines(lesson, hyperparameters.seed, names, learnt))
    start += commented("# running statistics", statistic_lines(lesson, names, running))
    if lesson.trains:
        body = _training(lesson, hyperparameters, batches, listing, rest)
    else:
        body = _single_pass(batches, listing)
    text = "\n".join([*start, *body])
    functions = helpers([*start, *body]) + (list(_FINITE) if lesson.trains else [])
    if any(part is not None and part.may_raise for part in (listing, rest)):
        scalars = {node.name for node in listing.graph.given if not node.shape}
        numbers = [names[name] for name in names if name in used & scalars]
        body, careful = _careful(body, numbers)
        functions += careful
        text = "\n".join([*start, *body])
    text = "\n".join([*functions, text])
    imports = [f"import {name}" for name in ("base64", "math", "sys", "zlib") if f"{name}." in text]
    head = [
        *docstring(lesson, told_back_end(backend, single=lesson.dtype != "float64")),
        "",
        *imports,
        *([""] if imports else []),
        "import numpy as np",
        "",
    ]
    head += ['np.seterr(all="ignore")  # what overflows becomes Infinity or NaN, without a warning', ""]
    return "\n".join([*head, *([""] if functions else []), text]) + "\n"


def _careful(body: list[str], numbers: list[str]) -> tuple[list[str], list[str]]:
    """Have Infinity or NaN where Python would raise; return also the functions for it."""
    rows = {row.of_number: row for row in ELEMENTARY.values() if row.of_number.startswith("math.")}
    of_numbers = re.compile(rf"\b({'|'.join(map(re.escape, rows))})\(")
    lines = [of_numbers.sub(lambda match: f"{rows[match[1]].identifier}(", line) for line in body]
    called = [rows[name] for name in dict.fromkeys(m[1] for line in body for m in of_numbers.finditer(line))]
    functions = [*_SAFE] if called else []
    functions += [
        f"{row.identifier} = safe({row.of_number}, {row.of_number if row.total else row.of_array})"
        for row in called
    ]
    if numbers:
        lines = ["# as NumPy's numbers they may be divided by zero", *_numbers(numbers), "", *lines]
    return lines, [*functions, "", ""] if called else []


def _numbers(names: list[str]) -> list[str]:
    return [f"{name} = np.float64({name})" for name in names]


def told_back_end(backend: str, *, single: bool) -> list[str]:
    """Say which back end the lesson's numbers are of, and whether a script of NumPy has the same."""
    if backend == PLAIN or single:
        return [f"Its losses are those of the back end {PLAIN}, to the last bit."]
    return [
        f"The losses that you know are of the back end {backend}. This computes with NumPy's functions,",
        "so that last digits may be others.",
    ]


def docstring(lesson: Lesson, more: Sequence[str] = ()) -> list[str]:
    """Describe the lesson; what it says about itself cannot end the text or escape from it."""
    lines = [
        printable(lesson.title, 200),
        "",
        *(f"    {line}".rstrip() for line in formula_lines(lesson)),
        "",
        f'Written by tui-backprop {__version__} from the lesson "{printable(lesson.name)}".',
        "It prints the losses of iterations 0 to N; each is the one before the next update."
        if lesson.trains
        else "There is nothing to train in it: it prints the one loss.",
    ]
    if lesson.patience is not None:
        lines.append(f"It ends where the validation loss was not lower for {lesson.patience} iterations.")
    lines += more
    safe = "\n".join(lines).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return f'"""{safe}\n"""'.split("\n")


def constants(hyperparameters: Hyperparameters, batches: Batches, uses: frozenset[str]) -> list[str]:
    """Write the hyperparameters that a program uses."""
    set_once = [name for name in COEFFICIENTS if name in uses - hyperparameters.scheduled.keys()]
    lines = [f"{name} = {getattr(hyperparameters, name)!r}" for name in set_once]
    if not batches.whole:
        lines.append(f"batch_size = {batches.size}")
    return [*lines, f"iterations = {hyperparameters.iterations}"]


def _memory(listing: ProgramListing) -> list[str]:
    """Write the optimizer's memory before the first update."""
    parameters, trainable = listing.source.parameters, {node.name: node for node in listing.graph.trainable}
    zero = scalar("0.0", single=listing.graph.dtype == SINGLE)
    return [
        f"{name} = " + (f"np.zeros_like({parameters[of]})" if trainable[of].shape else zero)
        for of, _, name in listing.source.memory
    ]


def _training(
    lesson: Lesson,
    hyperparameters: Hyperparameters,
    batches: Batches,
    listing: ProgramListing,
    rest: ProgramListing | None,
) -> list[str]:
    parts = [listing] if rest is None else [listing, rest]
    uses = frozenset().union(*(part.source.code.uses for part in parts))
    lines = commented("# hyperparameters", constants(hyperparameters, batches, uses))
    lines += commented("# the optimizer's memory", _memory(listing))
    shared = rest is None or listing.setup == rest.setup
    if shared:
        lines += listing.setup
    lines.append("losses = []")
    patience = lesson.patience
    if patience is not None:
        lines.append('lowest, best = float("inf"), 0  # the lowest validation loss, and where it was')
    early, late = (
        ("", "") if patience is None else (f" or k - best == {patience}", f" and k - best != {patience}")
    )
    loop = ["for k in range(iterations + 1):"]
    body = batch_lines(hyperparameters, batches, _used_samples(listing))
    finite = ", ".join(["losses[-1]", *(listing.source.parameters[n.name] for n in listing.graph.trainable)])
    stop = wrapped(f"if k == iterations{early} or not finite({finite}):")
    if rest is None:
        body += [*_pass(listing, stop), "", "# update", *listing.update]
    else:
        together = listing.update == rest.update
        full = batches.rows // batches.size
        for part, opening in ((listing, f"if batch < {full}:"), (rest, "else:  # the last, smaller batch")):
            branch = ([] if shared else part.setup) + _pass(part, stop)
            body += [opening, *indented(branch if together else [*branch, "", "# update", *part.update])]
        body += ["", "# update", *listing.update] if together else []
    loop += indented(body)
    lines += [*loop, "", "for loss in losses:", "    print(loss)"]
    short = f"(len(losses) <= iterations{late})" if late else "len(losses) <= iterations"
    lines += [*wrapped(f"if {short} or not finite({finite}):")]
    return [*lines, '    sys.exit(f"diverged after {len(losses)} losses")']


def _pass(listing: ProgramListing, stop: Sequence[str]) -> list[str]:
    """Write forward and backward, and between them the end of the loop."""
    loss = listing.source.code.loss
    noted = loss if loss.endswith(".item()") else f"float({loss})"
    noted = noted if listing.graph.dtype == DOUBLE else f"np.float32({loss})"
    forward = [*listing.forward, f"losses.append({noted})"]
    if validation := listing.source.code.validation:
        forward += ["", "# validation", *listing.validation, f"validation = {validation}"]
        forward += ["if validation < lowest:", "    lowest, best = validation, k"]
    forward += [*stop, "    break"]
    return ["# forward", *forward, "", "# backward", *listing.backward]


def _used_samples(listing: ProgramListing) -> list[tuple[str, str]]:
    return [names for name, names in listing.samples.items() if name in listing.used]


def batch_lines(
    hyperparameters: Hyperparameters, batches: Batches, samples: Sequence[tuple[str, str]]
) -> list[str]:
    """Write how an iteration gets its samples, given the names of a batch's rows and of all rows."""
    if batches.whole or not samples:
        return [f"epoch, batch = divmod(k, {batches.per_epoch})"] if len(batches.sizes) > 1 else []
    cut = "batch * batch_size : (batch + 1) * batch_size"
    lines = [f"epoch, batch = divmod(k, {batches.per_epoch})"]
    if hyperparameters.shuffle:
        order = f"np.random.default_rng([{hyperparameters.seed}, epoch]).permutation({batches.rows})"
        lines += ["if batch == 0:", f"    order = {order}", f"rows = order[{cut}]"]
    else:
        lines.append(f"rows = slice({cut.replace(' :', ',')})")
    return [*lines, *(f"{row} = {whole}[rows]" for row, whole in samples), ""]


def _single_pass(batches: Batches, listing: ProgramListing) -> list[str]:
    """Write the one loss of a lesson that trains nothing."""
    lines = []
    if listing.samples:
        rows = batches.indices(0)
        chosen = "" if rows is None else ", ".join(map(str, rows.tolist()))
        lines += [f"{row} = {whole}[[{chosen}]]" for row, whole in _used_samples(listing)]
    lines += [*listing.setup, *listing.forward]
    kind = "float" if listing.graph.dtype == DOUBLE else "np.float32"
    return [*lines, f"print({kind}({listing.source.code.loss}))"]


def wrapped(text: str) -> list[str]:
    """Break a long condition inside its parentheses."""
    if len(text) <= WIDTH - 8:
        return [text]
    return textwrap.wrap(text, WIDTH - 8, break_long_words=False, subsequent_indent=" " * 8)
