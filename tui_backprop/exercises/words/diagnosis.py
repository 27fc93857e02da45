"""A diagnosis in words: what is off in a gradient worked out by hand, and what would be right."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tui_backprop.engine.autodiff.graph import Graph
from tui_backprop.exercises.causes import written_output
from tui_backprop.exercises.findings import Diagnosis, Finding
from tui_backprop.exercises.hypotheses import Counted
from tui_backprop.exercises.mistakes.what import What
from tui_backprop.exercises.repairs import Lack
from tui_backprop.exercises.words.lists import joined
from tui_backprop.exercises.words.verdicts import counted, times, verdict_name
from tui_backprop.explain.factor import equation, upstream_name
from tui_backprop.explain.titles import atom, gradient_name, partial, shown
from tui_backprop.text.numbers import number, shape_text
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr
from tui_backprop.text.spelling import pretty_text
from tui_backprop.training.changes.whatif import element_text

_LACKS = {
    Lack.TRANSPOSE: later("a transpose is missing"),
    Lack.NO_TRANSPOSE: later("a transpose is too many"),
    Lack.ORDER: later("the sides of a product are swapped"),
    Lack.MATRIX_PRODUCT: later("@ belongs where * stands"),
    Lack.SUM: later("a sum is missing"),
    Lack.AXIS: later("the axis is another one"),
    Lack.KEEPDIMS: later("keepdims is too much"),
    Lack.OUTER: later("the outer product of the two vectors belongs there"),
}


def what_is_off(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    """Say in one line what an answer is, without the numbers that would be right.

    Args:
        diagnosis: what was found.
        graph: the graph the question belongs to.
        quantity: what was asked for, such as ``∂L/∂β``.
    """
    return _besides(_WORDS[diagnosis.kind](diagnosis, graph, quantity), diagnosis)


def _besides(said: str, diagnosis: Diagnosis) -> str:
    """Name a sign or a constant that is wrong as well."""
    multiple = diagnosis.multiple
    if multiple == 1.0 or diagnosis.kind in (Finding.SIGN, Finding.CONSTANT, Finding.SHARE):
        return said
    if diagnosis.kind in (Finding.MEAN, Finding.SUM):
        return tr("{mistake}; besides, the sign is wrong", mistake=said) if multiple < 0 else said
    if multiple == -1.0:
        return tr("{mistake}; besides, the sign is wrong", mistake=said)
    return tr("{mistake}; besides, a factor {factor} is too much", mistake=said, factor=times(multiple))


def _right(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    if diagnosis.unused:
        return tr("the loss does not depend on it: its gradient is zero")
    if diagnosis.points:
        return tr("the formula agrees here and at {count} random points", count=diagnosis.points)
    return tr("agrees at this point")


def _here(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    away = diagnosis.elsewhere
    if away is None or away.kind is Finding.WRONG:
        return tr("agrees at this point by coincidence; at random points it does not")
    return tr(
        "agrees at this point by coincidence; at random points it does not: there it is {verdict}: {mistake}",
        verdict=verdict_name(away.kind),
        mistake=what_is_off(away, graph, quantity),
    )


def _digits(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    if diagnosis.digits < 2:
        return tr("right to the digits given; give at least 2 significant digits")
    return tr("right to the digits given; give one more digit")


def _sign(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    if diagnosis.what is What.SIGN_OF_PATH and diagnosis.factor is not None:
        return tr("the path through {name} has the wrong sign", name=shown(diagnosis.factor.output))
    if diagnosis.factor is None:
        return tr("it is −1 times {quantity}", quantity=quantity)
    return tr(
        "it is −1 times {quantity}, as if {factor} were left out",
        quantity=quantity,
        factor=equation(graph, diagnosis.factor),
    )


def _transposed(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    if diagnosis.repair is not None:
        return mended(diagnosis)
    return tr("its rows are the columns of {quantity}; .T of the whole turns it round", quantity=quantity)


def _shapes(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    needed = shape_text(diagnosis.needed)
    if diagnosis.found is None:
        line = tr("{problem}; needs {needed}", problem=pretty_text(diagnosis.problem), needed=needed)
    else:
        line = tr("found {found}, needs {needed}", found=shape_text(diagnosis.found), needed=needed)
    return f"{line}; {did_you_mean(diagnosis)}" if diagnosis.repair else line


def lacking(diagnosis: Diagnosis) -> str:
    """Say what the answer's formula lacks beside one that is right."""
    assert diagnosis.repair is not None
    return joined(tr(words) for lack, words in _LACKS.items() if lack in diagnosis.repair.lacks)


def mended(diagnosis: Diagnosis) -> str:
    """Say what the answer's formula lacks, and give the one that is right."""
    return f"{lacking(diagnosis)}; {did_you_mean(diagnosis)}"


def did_you_mean(diagnosis: Diagnosis) -> str:
    """Give the formula near the answer's that is right."""
    assert diagnosis.repair is not None
    return tr("did you mean {formula}?", formula=printable(diagnosis.repair.answer.spelled, 200))


def _mean(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    return tr("a mean where the sum is right ({count})", count=_count(diagnosis))


def _sum(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    return tr("n times too large, as if a mean were a sum ({count})", count=_count(diagnosis))


def _count(diagnosis: Diagnosis) -> str:
    return tr("n = {n}, the number of {things}", n=diagnosis.count, things=counted(diagnosis))


def _constant(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    factor = times(diagnosis.multiple)
    if diagnosis.factor is not None:
        return tr(
            "it is {factor} times {quantity}, as if {left_out} were left out",
            factor=factor,
            quantity=quantity,
            left_out=equation(graph, diagnosis.factor),
        )
    if diagnosis.counted is Counted.SAMPLES and abs(diagnosis.multiple) < 1:
        return tr(
            "it is {factor} times {quantity}; {count} is the number of samples",
            factor=factor,
            quantity=quantity,
            count=diagnosis.count,
        )
    return tr("it is {factor} times {quantity}", factor=factor, quantity=quantity)


def _missing(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    assert diagnosis.factor is not None
    if diagnosis.what is What.NO_UPSTREAM:
        return tr("the upstream gradient {name}", name=upstream_name(graph, diagnosis.factor.output))
    line = equation(graph, diagnosis.factor)
    return line if diagnosis.factor.op.elementwise else tr("the rule {equation}", equation=line)


def _path(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    assert diagnosis.factor is not None
    output, operand = diagnosis.factor.output, diagnosis.factor.operand
    values = {"gradient": gradient_name(graph, operand), "name": shown(operand), "through": shown(output)}
    if diagnosis.what is What.ONLY_PATH:
        return tr(
            "{gradient} is the sum over all paths from {name}; the one through {through} is left", **values
        )
    return tr(
        "{gradient} is the sum over all paths from {name}; the one through {through} is missing", **values
    )


def _twice(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    assert diagnosis.factor is not None
    factor = diagnosis.factor
    if not factor.op.elementwise:
        return tr(
            "the diagonal of {function}'s Jacobian is multiplied in, which {gradient} has already",
            function=factor.op.name,
            gradient=gradient_name(graph, factor.operand),
        )
    return tr("{factor} is in it twice", factor=equation(graph, factor))


def _share(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    if diagnosis.factor is None:
        return tr("one of the paths is off by a constant factor")
    return tr(
        "in {gradient} the path through {name} is taken {factor} times",
        gradient=gradient_name(graph, diagnosis.factor.operand),
        name=shown(diagnosis.factor.output),
        factor=times(diagnosis.share),
    )


_SLOPES: Mapping[What, str] = {
    What.AT_OUTPUT: later("{function} is applied twice: its slope is taken at {output}, not at {operand}"),
    What.FROM_OPERAND: later("{operand} stands where {output} belongs in {equation}"),
    What.TO_GRADIENT: later(
        "{function} is applied to the upstream gradient; its slope belongs there: {equation}"
    ),
    What.VALUE_AS_SLOPE: later("{output} itself is taken for its slope, or for the whole of it: {equation}"),
    What.HALF_OF_SLOPE: later("1 − {output} is only a part of {equation}"),
    What.OTHER_SLOPE: later("the slope is that of {other}: {equation}"),
    What.GATE: later("the slope is that of relu, 1 where {operand} > 0, else 0: {equation}"),
    What.INVERTED: later("it is divided by the slope, which belongs into the product: {equation}"),
    What.NOT_LOWERED: later("{operand} is in it once too often: {equation}"),
    What.DIAGONAL: later(
        "only the diagonal of {function}'s Jacobian is taken, but each element of {operand} "
        "moves all of its line of {output}: {equation}"
    ),
}
"""What stands in the place of a local derivative."""


def _slope(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    factor = diagnosis.factor
    if factor is None or diagnosis.what is None:
        return tr("something else stands in the place of a local derivative")
    function = factor.op.name
    return tr(
        _SLOPES[diagnosis.what],
        function=function,
        output=shown(factor.output),
        operand=shown(factor.operand),
        equation=equation(graph, factor),
        other="tanh" if function == "sigmoid" else "sigmoid",
    )


def _value(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    factor, instead = diagnosis.factor, diagnosis.instead
    if factor is None:
        return tr("another value stands in the place of one")
    if diagnosis.what is What.TARGET_ONE:
        assert instead is not None
        gradient = gradient_name(graph, factor.operand)
        return tr("1 stands where {name} belongs in {place}", name=shown(instead), place=gradient)
    if diagnosis.what is What.TARGET_LOST:
        assert instead is not None
        gradient = gradient_name(graph, factor.operand)
        return tr("{name} is lost, or counted wrongly, in {gradient}", name=shown(instead), gradient=gradient)
    partner = shown(factor.output.sources[1 - factor.index])
    if diagnosis.what is What.UPDATED:
        return tr(
            "{name} is taken after its update (rate {rate}); the values before it belong there",
            name=partner,
            rate=number(diagnosis.share),
        )
    assert instead is not None
    return tr(
        "{name} stands where {right} belongs in {place}",
        name=shown(instead),
        right=partner,
        place=equation(graph, factor),
    )


def _wrong(diagnosis: Diagnosis, graph: Graph, quantity: str) -> str:
    if diagnosis.unused:
        return tr("the loss does not depend on it: its gradient is zero")
    wrong = tr("it is not {quantity}", quantity=quantity)
    if diagnosis.repair:
        return f"{wrong}; {mended(diagnosis)}"
    if diagnosis.near and diagnosis.digits:
        return tr(
            "it agrees with {quantity} to {count} digits only", quantity=quantity, count=diagnosis.digits
        )
    where = f"; {first_wrong_words(diagnosis, graph)}" if diagnosis.first is not None else ""
    if diagnosis.near:
        said = tr("within 1 % of {quantity}, but not right to the digits given", quantity=quantity)
        return f"{said}{where}"
    return f"{wrong}{where}"


def first_wrong_words(diagnosis: Diagnosis, graph: Graph) -> str:
    """Say which factor or which element is the first that is off, and how much."""
    first = diagnosis.first
    if first is None:
        return ""
    ratio = (
        tr("right is 0 there")
        if first.ratio is None
        else tr("yours/right = {ratio}", ratio=times(first.ratio))
    )
    at = element_text(first.element) if first.element else ""
    if first.factor is not None:
        factor = partial(atom(written_output(graph, first.factor.output)), first.factor.source)
        if at:
            return tr(
                "the first factor that is off is {factor}: {ratio} at {element}",
                factor=factor,
                ratio=ratio,
                element=at,
            )
        return tr("the first factor that is off is {factor}: {ratio}", factor=factor, ratio=ratio)
    if not at:
        return ratio
    if first.wrong == 1:
        return tr(
            "1 of {count} elements is off, the first at {element}: {ratio}",
            count=first.total,
            element=at,
            ratio=ratio,
        )
    if first.wrong == first.total:
        return tr("every element is off, the first at {element}: {ratio}", element=at, ratio=ratio)
    return tr(
        "{wrong} of {count} elements are off, the first at {element}: {ratio}",
        wrong=first.wrong,
        count=first.total,
        element=at,
        ratio=ratio,
    )


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
