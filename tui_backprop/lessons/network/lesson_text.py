"""A lesson file's text for dials: a formula that reads as a layer a line, and notes on its edges."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tui_backprop.engine.optimizers.rate_schedules import RateSchedule
from tui_backprop.lessons.hyperparameters import parse_setting
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import lesson_of_text
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.lessons.network.checking import chosen_loss, parameter_count, refuse
from tui_backprop.lessons.network.data import NetworkData, data_of
from tui_backprop.lessons.network.dials import ACTIVATIONS, AUTO, ONE_SIDED, Dials
from tui_backprop.lessons.network.reading import MARK, written_out
from tui_backprop.text.sentences import tr, tr_count


def build_lesson(dials: Dials, sandbox: Sandbox, data: NetworkData | None = None) -> Lesson:
    """Return the lesson of dials; nothing is written.

    Args:
        dials: the dials.
        sandbox: what confines.
        data: what it learns from, where that is a table.

    Raises:
        BackpropError: something about the dials cannot work.
    """
    data = data or data_of(dials)
    refuse(dials, data, sandbox)
    folder = sandbox.folder or Path(dials.csv).parent
    return lesson_of_text(lesson_text(dials, data), folder / f"{dials.name}.toml", sandbox=sandbox)


def lesson_text(dials: Dials, data: NetworkData) -> str:
    """Write the lesson; the dials must have been checked.

    Its first line says what builds it again.
    """
    return "\n".join(
        (
            f"{MARK}{written_out(dials)}",
            f"title = {_quoted(_title(dials, data))}",
            f"summary = {_quoted(_summary(dials, data))}",
            'formula = """',
            *formula_lines(dials, data),
            '"""',
            'loss = "L"',
            "",
            "[random]",
            f"seed = {dials.seed}",
            "",
            "[samples]",
            *data.table,
            *_validation(dials, data),
            "",
            "[parameters]",
            *_parameters(dials),
            "",
            "[hyperparameters]",
            *_hyperparameters(dials),
            *_whys(dials, data),
            "",
        )
    )


def formula_lines(dials: Dials, data: NetworkData) -> Iterator[str]:
    """Yield the formula, a layer a line."""
    yield from data.lines
    last = len(dials.layers) - 1
    source = data.source
    for k in range(1, last):
        result = f"{source} @ W{k} + b{k}"
        yield f"h{k} = {ACTIVATIONS[dials.activations[k - 1]].format(result)}"
        source = f"h{k}"
    output = "z" if data.classes else "y_hat"
    yield f"{output} = {source} @ W{last} + b{last}"
    target = "y[:, None]" if dials.layers[-1] == 1 else "y"
    compared = f"{chosen_loss(dials, data)}({output}, {target})"
    terms = list(_penalties(dials))
    if not terms:
        yield f"L = {compared}"
        return
    yield f"E = {compared}"
    yield from (f"{name} = {text}" for name, text in terms)
    yield f"L = {' + '.join(('E', *(name for name, _ in terms)))}"


def _penalties(dials: Dials) -> Iterator[tuple[str, str]]:
    weights = [f"W{k}" for k in range(1, len(dials.layers))]
    if dials.l1:
        yield "R1", f"{dials.l1!r} * ({' + '.join(f'sum(abs({w}))' for w in weights)})"
    if dials.l2:
        yield "R2", f"{dials.l2!r} * ({' + '.join(f'sum({w}**2)' for w in weights)}) / 2"


def _title(dials: Dials, data: NetworkData) -> str:
    return tr("{widths} on {data}", widths="-".join(map(str, dials.layers)), data=data.shown)


def _summary(dials: Dials, data: NetworkData) -> str:
    hidden, numbers = len(dials.hidden), parameter_count(dials)
    network = (
        tr_count(
            "A network with {count} hidden layer and {numbers:,} parameters",
            "A network with {count} hidden layers and {numbers:,} parameters",
            hidden,
            numbers=numbers,
        )
        if hidden
        else tr("A network with no hidden layer and {numbers:,} parameters", numbers=numbers)
    )
    trained, held = data.split(dials.validation)
    samples = (
        tr("{trained:,} samples to train on, {held} held back", trained=trained, held=held)
        if held
        else tr("{trained:,} samples to train on", trained=trained)
    )
    if data.classes:
        return tr(
            "{network} predicts {classes} classes of {data}: {samples}.",
            network=network,
            classes=data.classes,
            data=data.shown,
            samples=samples,
        )
    return tr(
        "{network} predicts a number of {data}: {samples}.", network=network, data=data.shown, samples=samples
    )


def _validation(dials: Dials, data: NetworkData) -> Iterator[str]:
    if not dials.validation:
        return
    classes = chosen_loss(dials, data) in ("bce_with_logits", "cross_entropy")
    yield ""
    yield "[validation]"
    yield f"share = {dials.validation!r}"
    yield f'metrics = ["{"accuracy" if classes else "r2"}"]'


def _parameters(dials: Dials) -> Iterator[str]:
    activations = (*dials.activations, "linear")
    for k, (inputs, outputs) in enumerate(zip(dials.layers, dials.layers[1:], strict=False), 1):
        start = dials.initializer
        if start == AUTO:
            start = "he" if activations[k - 1] in ONE_SIDED else "xavier"
        yield f'W{k} = {{ init = "{start}", shape = [{inputs}, {outputs}] }}'
        yield f'b{k} = {{ init = "zeros", shape = {outputs} }}'


def _hyperparameters(dials: Dials) -> Iterator[str]:
    yield f'optimizer = "{dials.optimizer}"'
    yield f"learning_rate = {dials.learning_rate!r}"
    yield f"batch_size = {_toml(dials.batch)}"
    yield f"iterations = {dials.iterations}"
    for name, text in dials.settings:
        yield f"{name} = {_toml(parse_setting(f'{name}={text}')[1])}"


def _whys(dials: Dials, data: NetworkData) -> Iterator[str]:
    """Say at the last layer what the loss wants, and at the first hidden one what an activation lets back."""
    last = len(dials.layers) - 1
    output, loss = ("z" if data.classes else "y_hat"), chosen_loss(dials, data)
    compared = "E" if dials.l1 or dials.l2 else "L"
    if loss in ("bce_with_logits", "cross_entropy"):
        made = "sigmoid" if loss == "bce_with_logits" else "softmax"
        text = tr(
            "Probability minus truth, for each sample: {made}({output}) less the target, over "
            "the number of samples. What is surely right asks for nothing.",
            made=made,
            output=output,
        )
        yield from _why(f"{compared} <- {output}", text)
    if last > 1:
        text = tr(
            "The error goes back through W{layer}: each unit of h{before} is blamed in proportion "
            "to its weight.",
            layer=last,
            before=last - 1,
        )
        yield from _why(f"(h{last - 1} @ W{last}) <- h{last - 1}", text)


def _why(edge: str, text: str) -> Iterator[str]:
    yield ""
    yield "[[why]]"
    yield f"at = {_quoted(edge)}"
    yield f"text = {_quoted(text)}"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    return text if isinstance(value, RateSchedule) and text.startswith("{") else _quoted(text)


def _quoted(text: str) -> str:
    """Return a TOML string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
