"""A diagnosis in words: what is off in a gradient worked out by hand, and what would be right."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tui_backprop.engine.autodiff.graph import Graph, Node
from tui_backprop.exercises.causes import written_output
from tui_backprop.exercises.findings import Diagnosis, Finding
from tui_backprop.exercises.hypotheses import Counted
from tui_backprop.exercises.mistakes.what import What
from tui_backprop.exercises.repairs import Lack
from tui_backprop.explain.chain.layout import between_names
from tui_backprop.explain.factor import equation, product, upstream_name, upstream_of
from tui_backprop.explain.titles import atom, gradient_name, partial, shown
from tui_backprop.text.numbers import number, shape_text
from tui_backprop.text.printable import printable
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.changes.whatif import element_text

MAX_PATHS = 3
"""Of more paths that meet at a node only these are written out."""
MOST_PARTS = 1000
"""A factor is written as 1/n up to here."""
_FRACTIONS = {2: "½", 3: "⅓", 4: "¼"}


_LACKS = {
    Lack.TRANSPOSE: "a transpose is missing",
    Lack.NO_TRANSPOSE: "a transpose is too many",
    Lack.ORDER: "the sides of a product are swapped",
    Lack.MATRIX_PRODUCT: "@ belongs where * stands",
    Lack.SUM: "a sum is missing",
    Lack.AXIS: "the axis is another one",
    Lack.KEEPDIMS: "keepdims is too much",
    Lack.OUTER: "the outer product of the two vectors belongs there",
}


VERDICTS: Mapping[Finding, str] = {
    Finding.RIGHT: "right",
    Finding.HERE: "right here only",
    Finding.DIGITS: "too few digits",
    Finding.SIGN: "wrong sign",
    Finding.TRANSPOSED: "transposed",
    Finding.SHAPES: "shapes",
    Finding.MEAN: "off by 1/n",
    Finding.SUM: "off by n",
    Finding.CONSTANT: "off by a constant factor",
    Finding.MISSING: "missing a factor",
    Finding.PATH: "missing a path",
    Finding.TWICE: "a factor too many",
    Finding.SHARE: "a path off by a constant factor",
    Finding.SLOPE: "wrong local derivative",
    Finding.VALUE: "another value in its place",
    Finding.WRONG: "wrong",
}
"""What an answer is, in a word or two."""
_COUNTED: Mapping[Counted, str] = {
    Counted.ELEMENTS: "elements",
    Counted.PLACES: "places it is added to",
    Counted.ROWS: "rows",
    Counted.SAMPLES: "samples",
}


def verdict_words(diagnosis: Diagnosis) -> str:
    """Return the verdict in a word or two; of what is not exact, to how many digits it is right."""
    words = VERDICTS[diagnosis.kind]
    if diagnosis.kind is Finding.RIGHT and diagnosis.digits:
        return f"{words} (to {diagnosis.digits} {'digit' if diagnosis.digits == 1 else 'digits'})"
    return words


def counted(diagnosis: Diagnosis) -> str:
    """Say what the n of a mean counts."""
    assert diagnosis.counted is not None
    return _COUNTED[diagnosis.counted]


def times(factor: float) -> str:
    """Write a factor: ``2``, ``½``, ``−0.7``."""
    if 0 < abs(factor - 1.0) < 1e-4:  # what makes it wrong must be seen
        return f"{factor:.10g}"
    n = round(1 / abs(factor)) if 1 / MOST_PARTS < abs(factor) < 0.9 else 0
    fraction = _FRACTIONS.get(n, f"1/{n}") if n and abs(abs(factor) * n - 1) < 1e-9 else ""
    return ("−" if factor < 0 else "") + fraction if fraction else number(factor)


def what_is_off(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    """Say in one line what an answer is, without the numbers that would be right.

    Args:
        diagnosis: what was found.
        graph: the graph the question belongs to.
        quantity: what was asked for, such as ``∂L/∂β``.
    """
    return _WORDS[diagnosis.kind](diagnosis, graph, quantity) + _besides(diagnosis)


def what_is_right(graph: Graph, node: Node) -> str:
    """Say how a node's gradient is worked out from those before it: ``right is ∂L/∂β = Xᵀ @ ∂L/∂z``."""
    if node is graph.loss:
        return f"right is {gradient_name(graph, node)} = 1"
    paths = graph.factors_to(node)
    if not paths:
        return f"the loss does not depend on {shown(node)}: its gradient is zero"
    parts, local = [], list[str]()
    for factor in paths[:MAX_PATHS]:
        above = upstream_of(graph, factor.output)
        named = above.label is not None and above is not graph.loss
        words = "" if named else between_names(graph, factor)
        parts.append(words or product(graph, factor))
        local += [equation(graph, factor)] if factor.op.elementwise and not words else []
    rest = [f"… ({len(paths)} paths)"] if len(paths) > MAX_PATHS else []
    line = f"right is {gradient_name(graph, node)} = {' + '.join(parts + rest).replace(' + −', ' − ')}"
    return f"{line}, with {' and '.join(dict.fromkeys(local))}" if local else line


def _besides(diagnosis: Diagnosis) -> str:
    """Name a sign or a constant that is wrong as well."""
    multiple = diagnosis.multiple
    if multiple == 1.0 or diagnosis.kind in (Finding.SIGN, Finding.CONSTANT, Finding.SHARE):
        return ""
    if diagnosis.kind in (Finding.MEAN, Finding.SUM):
        return "; besides, the sign is wrong" if multiple < 0 else ""
    return (
        "; besides, the sign is wrong"
        if multiple == -1.0
        else f"; besides, a factor {times(multiple)} is too much"
    )


def _right(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    if diagnosis.unused:
        return "the loss does not depend on it: its gradient is zero"
    if diagnosis.points:
        return f"the formula agrees here and at {diagnosis.points} random points"
    return "agrees at this point"


def _here(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    line = "agrees at this point by coincidence; at random points it does not"
    away = diagnosis.elsewhere
    if away is None or away.kind is Finding.WRONG:
        return line
    return f"{line}: there it is {VERDICTS[away.kind]}: {what_is_off(away, graph, quantity)}"


def _digits(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    wanted = "at least 2 significant digits" if diagnosis.digits < 2 else "one more digit"
    return f"right to the digits given; give {wanted}"


def _sign(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    if diagnosis.what is What.SIGN_OF_PATH and diagnosis.factor is not None:
        return f"the path through {shown(diagnosis.factor.output)} has the wrong sign"
    return f"it is −1 times {quantity}{_as_if(diagnosis, graph)}"


def _transposed(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    if diagnosis.repair is not None:
        return mended(diagnosis)
    return f"its rows are the columns of {quantity}; .T of the whole turns it round"


def _shapes(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    needed = shape_text(diagnosis.needed)
    if diagnosis.found is None:
        line = f"{pretty_text(diagnosis.problem)}; needs {needed}"
    else:
        line = f"found {shape_text(diagnosis.found)}, needs {needed}"
    return f"{line}; {did_you_mean(diagnosis)}" if diagnosis.repair else line


def lacking(diagnosis: Diagnosis) -> str:
    """Say what the answer's formula lacks beside one that is right."""
    assert diagnosis.repair is not None
    return " and ".join(words for lack, words in _LACKS.items() if lack in diagnosis.repair.lacks)


def mended(diagnosis: Diagnosis) -> str:
    """Say what the answer's formula lacks, and give the one that is right."""
    return f"{lacking(diagnosis)}; {did_you_mean(diagnosis)}"


def did_you_mean(diagnosis: Diagnosis) -> str:
    """Give the formula near the answer's that is right."""
    assert diagnosis.repair is not None
    return f"did you mean {printable(diagnosis.repair.answer.spelled, 200)}?"


def _mean(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    return f"a mean where the sum is right ({_count(diagnosis)})"


def _sum(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    return f"n times too large, as if a mean were a sum ({_count(diagnosis)})"


def _count(diagnosis: Diagnosis) -> str:
    return f"n = {diagnosis.count}, the number of {counted(diagnosis)}"


def _constant(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    line = f"it is {times(diagnosis.multiple)} times {quantity}{_as_if(diagnosis, graph)}"
    if diagnosis.counted is Counted.SAMPLES and abs(diagnosis.multiple) < 1 and not diagnosis.factor:
        line += f"; {diagnosis.count} is the number of samples"
    return line


def _as_if(diagnosis: Diagnosis, graph: Graph) -> str:
    return f", as if {equation(graph, diagnosis.factor)} were left out" if diagnosis.factor else ""


def _missing(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    assert diagnosis.factor is not None
    if diagnosis.what is What.NO_UPSTREAM:
        return f"the upstream gradient {upstream_name(graph, diagnosis.factor.output)}"
    rule = "" if diagnosis.factor.op.elementwise else "the rule "
    return f"{rule}{equation(graph, diagnosis.factor)}"


def _path(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    assert diagnosis.factor is not None
    output, operand = diagnosis.factor.output, diagnosis.factor.operand
    verb = "is left" if diagnosis.what is What.ONLY_PATH else "is missing"
    gradient = gradient_name(graph, operand)
    return (
        f"{gradient} is the sum over all paths from {shown(operand)}; the one through {shown(output)} {verb}"
    )


def _twice(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    assert diagnosis.factor is not None
    factor = diagnosis.factor
    if not factor.op.elementwise:
        gradient = gradient_name(graph, factor.operand)
        return f"the diagonal of {factor.op.name}'s Jacobian is multiplied in, which {gradient} has already"
    return f"{equation(graph, factor)} is in it twice"


def _share(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    if diagnosis.factor is None:
        return "one of the paths is off by a constant factor"
    gradient, output = gradient_name(graph, diagnosis.factor.operand), shown(diagnosis.factor.output)
    return f"in {gradient} the path through {output} is taken {times(diagnosis.share)} times"


def _slope(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    factor = diagnosis.factor
    if factor is None or diagnosis.what is None:
        return "something else stands in the place of a local derivative"
    function, output, operand = factor.op.name, shown(factor.output), shown(factor.operand)
    right = equation(graph, factor)
    return {
        What.AT_OUTPUT: f"{function} is applied twice: its slope is taken at {output}, not at {operand}",
        What.FROM_OPERAND: f"{operand} stands where {output} belongs in {right}",
        What.TO_GRADIENT: f"{function} is applied to the upstream gradient; its slope belongs there: {right}",
        What.VALUE_AS_SLOPE: f"{output} itself is taken for its slope, or for the whole of it: {right}",
        What.HALF_OF_SLOPE: f"1 − {output} is only a part of {right}",
        What.OTHER_SLOPE: f"the slope is that of {'tanh' if function == 'sigmoid' else 'sigmoid'}: {right}",
        What.GATE: f"the slope is that of relu, 1 where {operand} > 0, else 0: {right}",
        What.INVERTED: f"it is divided by the slope, which belongs into the product: {right}",
        What.NOT_LOWERED: f"{operand} is in it once too often: {right}",
        What.DIAGONAL: f"only the diagonal of {function}'s Jacobian is taken, but each element of {operand} "
        f"moves all of its line of {output}: {right}",
    }[diagnosis.what]


def _value(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    factor, instead = diagnosis.factor, diagnosis.instead
    if factor is None:
        return "another value stands in the place of one"
    if diagnosis.what is What.TARGET_ONE:
        assert instead is not None
        return f"1 stands where {shown(instead)} belongs in {gradient_name(graph, factor.operand)}"
    if diagnosis.what is What.TARGET_LOST:
        assert instead is not None
        return f"{shown(instead)} is lost, or counted wrongly, in {gradient_name(graph, factor.operand)}"
    partner = shown(factor.output.sources[1 - factor.index])
    if diagnosis.what is What.UPDATED:
        rate = number(diagnosis.share)
        return f"{partner} is taken after its update (rate {rate}); the values before it belong there"
    assert instead is not None
    return f"{shown(instead)} stands where {partner} belongs in {equation(graph, factor)}"


def _wrong(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    if diagnosis.unused:
        return "the loss does not depend on it: its gradient is zero"
    if diagnosis.repair:
        return f"it is not {quantity}; {mended(diagnosis)}"
    if diagnosis.near and diagnosis.digits:
        return f"it agrees with {quantity} to {diagnosis.digits} digits only"
    where = f"; {first_wrong_words(diagnosis, graph)}" if diagnosis.first is not None else ""
    if diagnosis.near:
        return f"within 1 % of {quantity}, but not right to the digits given{where}"
    return f"it is not {quantity}{where}"


def first_wrong_words(diagnosis: Diagnosis, graph: Graph) -> str:
    """Say which factor or which element is the first that is off, and how much."""
    first = diagnosis.first
    if first is None:
        return ""
    ratio = "right is 0 there" if first.ratio is None else f"yours/right = {times(first.ratio)}"
    at = f" at {element_text(first.element)}" if first.element else ""
    if first.factor is not None:
        factor = partial(atom(written_output(graph, first.factor.output)), first.factor.source)
        return f"the first factor that is off is {factor}: {ratio}{at}"
    if not first.element:
        return ratio
    how_many = (
        "every element is" if first.wrong == first.total else f"{first.wrong} of {first.total} elements are"
    )
    if first.wrong == 1:
        how_many = f"1 of {first.total} elements is"
    return f"{how_many} off, the first{at}: {ratio}"


_WORDS: dict[Finding, Callable[[Diagnosis, Graph, str], str]] = {
    Finding.RIGHT: _right,
    Finding.HERE: _here,
    Finding.DIGITS: _digits,
    Finding.SIGN: _sign,
    Finding.TRANSPOSED: _transposed,
    Finding.SHAPES: _shapes,
    Finding.MEAN: _mean,
    Finding.SUM: _sum,
    Finding.CONSTANT: _constant,
    Finding.MISSING: _missing,
    Finding.PATH: _path,
    Finding.TWICE: _twice,
    Finding.SHARE: _share,
    Finding.SLOPE: _slope,
    Finding.VALUE: _value,
    Finding.WRONG: _wrong,
}
