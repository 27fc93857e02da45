"""The intermediate form is all that a target needs: the smallest one, an interpreter, does an iteration."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.engine.compile.form import VIEWS, Form, Value, is_elementwise, operands, thawed_index
from tui_backprop.engine.compile.iteration import Task, iteration, plain
from tui_backprop.engine.core.elementary import ELEMENTARY
from tui_backprop.engine.optimizers import COEFFICIENTS, OPTIMIZERS

SPACE = {"math": math}
exec("\n".join(row.definition for row in ELEMENTARY.values()), SPACE)


def form_of(trainer: tb.Trainer) -> Form:
    settings = trainer.hyperparameters
    leaves = {**trainer.inputs, **{name: np.asarray(value) for name, value in trainer.parameters.items()}}
    return iteration(Task(trainer.graph, settings.optimizer, settings.coefficients, batched=False), leaves)


def computed(value: Value, args: list[Any]) -> Any:
    """Make one call."""
    call, options = value.call, value.options
    if call == "full":
        return np.full(options, args[0])
    if call == "index":
        return args[0][thawed_index(options[0])]
    if call == "T":
        return args[0].T
    if call == "swapaxes":
        return np.swapaxes(args[0], *options)
    if call in VIEWS:
        return getattr(np, call)(args[0], options)
    if call == "copy":
        return np.copy(args[0], *options)
    if call.endswith(".reduce"):
        axes, keepdims = options
        return getattr(np, call.removesuffix(".reduce")).reduce(args[0], axis=axes, keepdims=keepdims)
    if call == "array":
        return np.array(args)
    if call in ("stack", "concatenate"):
        return getattr(np, call)(args, *options)
    if call in ELEMENTARY and not any(map(np.ndim, args)):
        return eval(ELEMENTARY[call].of_number, SPACE)(*args)
    return getattr(np, call)(*args)


def interpreted(form: Form, given: Mapping[str, Any]) -> dict[str, Any]:
    """Do the calls and return what parameters and memory become, by identifier."""
    values: dict[int, Any] = {}
    for value in form.needed():
        args = [values[arg.place] if isinstance(arg, Value) else arg for arg in value.args]
        values[value.place] = given[value.args[0]] if value.call == "leaf" else computed(value, args)
    return {leaf.args[0]: values[result.place] for leaf, result in form.results}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", ["linear", "logistic", "two-layer", "polynomial"])
def test_an_interpreter_does_what_a_step_does(name: str, optimizer: str) -> None:
    trainer = tb.Trainer(tb.load_lesson(name), optimizer=optimizer, weight_decay=0.01)
    trainer.next()
    form, coefficients = form_of(trainer), trainer.hyperparameters.coefficients
    given = {
        **{form.inputs[name]: plain(value) for name, value in trainer.inputs.items()},
        **{form.parameters[name]: plain(value) for name, value in trainer.parameters.items()},
        **{own: plain(trainer.optimizer_states[of].arrays[code]) for of, code, own in form.memory},
        **{name: getattr(coefficients, name) for name in COEFFICIENTS},
        form.step: 2.0,
    }
    with np.errstate(all="ignore"):
        after = interpreted(form, given)
    trainer.next()
    for parameter in trainer.graph.trainable:
        np.testing.assert_array_equal(
            after[form.parameters[parameter.name]], trainer.parameters[parameter.name]
        )
    for of, code, own in form.memory:
        np.testing.assert_array_equal(after[own], trainer.optimizer_states[of].arrays[code])


def test_values_are_in_order_and_have_no_numbers() -> None:
    form = form_of(tb.Trainer(tb.load_lesson("two-layer")))
    assert [value.place for value in form.calls] == list(range(len(form.calls)))
    for value in form.calls:
        assert all(operand.place < value.place for operand in operands(value))
        assert getattr(value, "value", None) is None


def test_what_works_element_by_element() -> None:
    assert all(map(is_elementwise, ("add", "where", "tanh", "maximum", "greater")))
    assert not any(map(is_elementwise, ("dot", "add.reduce", "T", "concatenate", "leaf", "full")))
