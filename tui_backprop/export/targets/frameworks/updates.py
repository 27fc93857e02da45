"""An optimizer's rule as a function of a framework: traced as it is, so that no convention can differ."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, cast

import numpy as np

from tui_backprop.engine.compile.errors import UntraceableError
from tui_backprop.engine.compile.form import Frequency, Value
from tui_backprop.engine.compile.targets.python.expressions import Expressions
from tui_backprop.engine.compile.trace import Trace
from tui_backprop.engine.compile.traced import Traced
from tui_backprop.engine.core.arrays import DOUBLE, Array
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.engine.ops.base import Term
from tui_backprop.engine.optimizers import COEFFICIENTS, OPTIMIZERS, OPTIONAL, Coefficients, State
from tui_backprop.export.targets.frameworks.framework import Framework
from tui_backprop.text.sentences import tr

SAMPLE: Final = np.array([0.25, -0.5])
"""Something with an axis: what works element by element is written for any shape."""
ELEMENTWISE: Final = frozenset({"sqrt", "sign", "abs", "maximum", "minimum", "where", "exp", "log"})
"""Functions of NumPy's that frameworks have under the same name, for arrays."""
_FUNCTION = re.compile(r"\bnp\.(\w+)")


class _Count:
    """The number of updates before this one: one more is this one's."""

    def __init__(self, step: Any) -> None:
        self._step = step

    def __add__(self, one: int) -> Any:
        return self._step


def update_lines(framework: Framework, optimizer: str, coefficients: Coefficients) -> tuple[list[str], bool]:
    """Write the function ``update`` of a parameter, its gradient and the optimizer's memory of it.

    Returns:
        its lines, and whether it also takes the number of the update.

    Raises:
        BackpropError: the rule calls something that is not known to be written.
    """
    rule, trace = OPTIMIZERS[optimizer], Trace()
    done = {*COEFFICIENTS} - {*OPTIONAL} | ({"weight_decay"} & {*coefficients.done})
    given: dict[str, Any] = {
        name: trace.leaf(name, 0.1, Frequency.CALL) if name in done else getattr(Coefficients(0.1), name)
        for name in COEFFICIENTS
    }
    theta, g = (trace.leaf(name, SAMPLE, Frequency.ITERATION) for name in ("theta", "g"))
    memory = {one.code: trace.leaf(one.letter, SAMPLE, Frequency.ITERATION) for one in rule.memory}
    count = trace.leaf("step", 2.0, Frequency.ITERATION)
    try:
        with np.errstate(all="ignore"):
            after, arrays, _ = rule.rule(
                cast(Array, theta), cast(Array, g),
                State(cast(int, _Count(count)), cast(Mapping[str, Array], memory)), Coefficients(**given),
            )  # fmt: skip
    except UntraceableError as error:
        raise BackpropError(
            tr(
                "{optimizer} cannot be written for {framework}: {why}",
                optimizer=optimizer,
                framework=framework.title,
                why=error,
            )
        ) from None
    results = [trace.whole(after), *(trace.whole(arrays[one.code]) for one in rule.memory)]
    body, texts = _written(framework, trace, results, optimizer)
    takes_step = any(re.search(r"\bstep\b", line) for line in (*body, *texts))
    arguments = ", ".join(
        ["theta", "g", *(one.letter for one in rule.memory), *(["step"] if takes_step else [])]
    )
    memo = "" if not rule.memory else f", and {' and '.join(one.letter for one in rule.memory)} after it"
    lines = [
        f"def update({arguments}):",
        f'    """Return a parameter after an update of {optimizer}{memo}."""',
        *(f"    {line}" for line in body),
        f"    return {', '.join(texts)}",
    ]
    return lines, takes_step


def _written(
    framework: Framework, trace: Trace, results: list[Any], optimizer: str
) -> tuple[list[str], list[str]]:
    """Write the calls that results need; return statements, and the texts of the results."""
    wanted: set[int] = {result.place for result in results}
    for call in reversed(trace.calls):
        if call.place in wanted:
            wanted.update(arg.place for arg in call.args if isinstance(arg, Value))
    calls = [call for call in trace.calls if call.place in wanted]
    uses = Counter(arg.place for call in calls for arg in call.args if isinstance(arg, Value))
    uses.update(result.place for result in results)
    expressions = Expressions(DOUBLE)
    lines: list[str] = []
    for call in calls:
        if call.call == "leaf":
            expressions.texts[call.place] = Term(cast(str, call.args[0]))
            continue
        term = _in_framework(framework, expressions.expression(call), optimizer)
        if uses[call.place] > 1:
            name = f"t{len(lines) + 1}"
            lines.append(f"{name} = {term.text}")
            term = Term(name)
        expressions.texts[call.place] = term
    return lines, [expressions.text(cast(Traced, result)).text for result in results]


def _in_framework(framework: Framework, term: Term, optimizer: str) -> Term:
    """Write NumPy's functions as the framework's."""
    for name in _FUNCTION.findall(term.text):
        if name not in ELEMENTWISE:
            raise BackpropError(
                tr(
                    "{optimizer} cannot be written for {framework}: it calls np.{function}",
                    optimizer=optimizer,
                    framework=framework.title,
                    function=name,
                )
            )
    return Term(_FUNCTION.sub(rf"{framework.array}.\1", term.text), term.precedence)


def clipping_lines(framework: Framework, coefficients: Coefficients) -> list[str]:
    """Write how ``gradients`` are clipped: by the length of all of them, then each element."""
    xp, lines = framework.array, []
    if coefficients.clip_norm is not None:
        least = framework.least.format("clip_norm / (length + 1e-6)", "1.0")
        lines += [
            f"length = {xp}.sqrt(sum({xp}.sum(g * g) for g in gradients))",
            f"share = {least}",
            "gradients = [g * share for g in gradients]",
        ]
    if coefficients.clip_value is not None:
        lines.append(f"gradients = [{framework.between.format('g', 'clip_value')} for g in gradients]")
    return lines
