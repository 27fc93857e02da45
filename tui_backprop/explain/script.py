"""A lesson's training as a Python script of its own that needs NumPy only and prints the same losses."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from tui_backprop import __version__
from tui_backprop.engine.compiler import DIALS
from tui_backprop.engine.errors import printable
from tui_backprop.explain.listing import Listing, commented, formula_lines, helpers, indented, make_listing
from tui_backprop.explain.literals import WIDTH, data_lines, parameter_lines
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.training.batches import Batches

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
_MATH = re.compile(r"\bmath\.(exp|log|log1p|sqrt|sin|cos|tanh|pow)\(")


def write_script(lesson: Lesson, dials: Hyperparameters) -> str:
    """Write the script for a lesson under these hyperparameters.

    Run, it prints the losses of iterations 0 to N, a line each, which read back to the same floats; it ends
    with exit code 1 where the training diverges.

    Raises:
        BackpropError: the lesson has to be done step by step.
    """
    batches = Batches(lesson, dials)
    uneven = len(batches.sizes) > 1
    listing = make_listing(lesson, dials, buffers=not uneven)
    rest = make_listing(lesson, dials, batches.per_epoch - 1, buffers=False) if uneven else None
    names, used = listing.names, listing.used | (rest.used if rest is not None else set())
    learnt = used.intersection(lesson.parameters)
    start = commented("# data", data_lines(lesson, names, used - learnt))
    start += commented("# starting parameters", parameter_lines(lesson, dials.seed, names, learnt))
    if lesson.trains:
        body = _training(lesson, dials, batches, listing, rest)
    else:
        body = _single_pass(batches, listing)
    text = "\n".join([*start, *body])
    functions = helpers(body) + (list(_FINITE) if lesson.trains else [])
    if any(part is not None and part.may_raise for part in (listing, rest)):
        shapes = {node.name: node.shape for node in listing.graph.given}
        numbers = [names[name] for name in names if name in used and not shapes[name]]
        body, careful = _careful(body, numbers)
        functions += careful
        text = "\n".join([*start, *body])
    text = "\n".join([*functions, text])
    imports = [f"import {name}" for name in ("base64", "math", "sys", "zlib") if f"{name}." in text]
    head = [*_docstring(lesson), "", *imports, *([""] if imports else []), "import numpy as np", ""]
    head += ['np.seterr(all="ignore")  # what overflows becomes Infinity or NaN, without a warning', ""]
    return "\n".join([*head, *([""] if functions else []), text]) + "\n"


def _careful(body: list[str], numbers: list[str]) -> tuple[list[str], list[str]]:
    """Have Infinity or NaN where Python would raise; return also the functions for it."""
    lines = [_MATH.sub(r"\1(", line) for line in body]
    called = dict.fromkeys(match[1] for line in body for match in _MATH.finditer(line))
    functions = [*_SAFE] if called else []
    functions += [f"{name} = safe(math.{name}, np.{'power' if name == 'pow' else name})" for name in called]
    if numbers:
        lines = ["# as NumPy's numbers they may be divided by zero", *_numbers(numbers), "", *lines]
    return lines, [*functions, "", ""] if called else []


def _numbers(names: list[str]) -> list[str]:
    return [f"{name} = np.float64({name})" for name in names]


def _docstring(lesson: Lesson) -> list[str]:
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
    safe = "\n".join(lines).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return f'"""{safe}\n"""'.split("\n")


def _constants(lesson: Lesson, dials: Hyperparameters, batches: Batches, uses: frozenset[str]) -> list[str]:
    lines = [f"{name} = {getattr(dials, name)!r}" for name in DIALS if name in uses]
    if not batches.whole:
        lines.append(f"batch_size = {batches.size}")
    return [*lines, f"iterations = {dials.iterations}"]


def _memory(listing: Listing) -> list[str]:
    """Write the optimizer's memory before the first update."""
    parameters, trainable = listing.source.parameters, {node.name: node for node in listing.graph.trainable}
    return [
        f"{name} = " + (f"np.zeros_like({parameters[of]})" if trainable[of].shape else "0.0")
        for of, _, name in listing.source.memory
    ]


def _training(
    lesson: Lesson, dials: Hyperparameters, batches: Batches, listing: Listing, rest: Listing | None
) -> list[str]:
    parts = [listing] if rest is None else [listing, rest]
    uses = frozenset().union(*(part.source.code.uses for part in parts))
    lines = commented("# hyperparameters", _constants(lesson, dials, batches, uses))
    lines += commented("# the optimizer's memory", _memory(listing))
    shared = rest is None or listing.setup == rest.setup
    if shared:
        lines += listing.setup
    lines.append("losses = []")
    loop = ["for k in range(iterations + 1):"]
    body = _batch(dials, batches, listing)
    finite = ", ".join(["losses[-1]", *(listing.source.parameters[n.name] for n in listing.graph.trainable)])
    stop = _wrapped(f"if k == iterations or not finite({finite}):")
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
    lines += [*_wrapped(f"if len(losses) <= iterations or not finite({finite}):")]
    return [*lines, '    sys.exit(f"diverged after {len(losses)} losses")']


def _pass(listing: Listing, stop: Sequence[str]) -> list[str]:
    """Write forward and backward, and between them the end of the loop."""
    loss = listing.source.code.loss
    noted = loss if loss.endswith(".item()") else f"float({loss})"
    forward = [*listing.forward, f"losses.append({noted})", *stop, "    break"]
    return ["# forward", *forward, "", "# backward", *listing.backward]


def _batch(dials: Hyperparameters, batches: Batches, listing: Listing) -> list[str]:
    """Write how an iteration gets its samples."""
    used = [names for name, names in listing.samples.items() if name in listing.used]
    if batches.whole or not used:
        return [f"epoch, batch = divmod(k, {batches.per_epoch})"] if len(batches.sizes) > 1 else []
    cut = "batch * batch_size : (batch + 1) * batch_size"
    lines = [f"epoch, batch = divmod(k, {batches.per_epoch})"]
    if dials.shuffle:
        order = f"np.random.default_rng([{dials.seed}, epoch]).permutation({batches.rows})"
        lines += ["if batch == 0:", f"    order = {order}", f"rows = order[{cut}]"]
    else:
        lines.append(f"rows = slice({cut.replace(' :', ',')})")
    return [*lines, *(f"{row} = {whole}[rows]" for row, whole in used), ""]


def _single_pass(batches: Batches, listing: Listing) -> list[str]:
    """Write the one loss of a lesson that trains nothing."""
    lines = []
    if listing.samples:
        rows = batches.indices(0)
        chosen = "" if rows is None else ", ".join(map(str, rows.tolist()))
        used = [names for name, names in listing.samples.items() if name in listing.used]
        lines += [f"{row} = {whole}[[{chosen}]]" for row, whole in used]
    lines += [*listing.setup, *listing.forward]
    return [*lines, f"print(float({listing.source.code.loss}))"]


def _wrapped(text: str) -> list[str]:
    """Break a long condition inside its parentheses."""
    if len(text) <= WIDTH - 8:
        return [text]
    return textwrap.wrap(text, WIDTH - 8, break_long_words=False, subsequent_indent=" " * 8)
