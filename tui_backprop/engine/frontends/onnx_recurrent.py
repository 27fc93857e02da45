"""ONNX's recurrent operations as loops over the steps, with its own order of gates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from tui_backprop.engine.frontends.draft import INPUT, ModelInput
from tui_backprop.engine.frontends.onnx_graph import Filled, Writer, Writing
from tui_backprop.engine.frontends.recurrence import (
    Cell,
    StepLoop,
    StepNames,
    gru_cell,
    lstm_cell,
    plain_cell,
)
from tui_backprop.text.sentences import tr

_USUAL: Final = {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}


def _recurrent(gates: int, cell: Cell, states: int) -> Callable[[Writing], None]:
    def write(w: Writing) -> None:
        _check(w)
        x = w.operand(0)
        if x.name == INPUT and x.rank == 3:
            _turn_axes(w)
        W, U = w.operand(1, "W_ih"), w.operand(2, "W_hh")
        B = w.operand(3, "b") if w.has(3) else None
        hidden = w.attribute("hidden_size", 0)
        if type(hidden) is not int or hidden < 1:
            raise w.refuse(tr("hidden_size is missing"))
        _check_states(w, states)
        direction = w.attribute("direction", "forward")
        if direction not in ("forward", "reverse", "bidirectional"):
            raise w.refuse(tr("direction is {direction!r}", direction=direction))
        loop, count = StepLoop(cell, False, states == 2), 1 + (direction == "bidirectional")
        ends, all_steps = [], []
        for place in range(count):
            mark = w.draft.fresh(f"h_{w.node.gives[0]}{'_reverse' if place else ''}")[1:]
            names = StepNames(f"Wx{mark}", f"Wh{mark}", "", "", mark, hidden)
            w.draft.write(f"Wx{mark} = {W.name}[{place}]", f"Wh{mark} = {U.name}[{place}]")
            if B is not None:
                half = gates * hidden
                w.draft.write(
                    f"bx{mark} = {B.name}[{place}, :{half}]", f"bh{mark} = {B.name}[{place}, {half}:]"
                )
                names = names._replace(b=f"bx{mark}", d=f"bh{mark}")
            kept = w.draft.fresh(f"H{mark}")
            loop.write(w.draft, x.name, names, kept, backwards=direction == "reverse" or place == 1)
            all_steps.append(f"{kept}[:, None]")
            ends.append([f"{state}{mark}[None]" for state in ("h", "c")[:states]])
        w.put(_joined(all_steps, 1), 4)
        for number in range(states):
            if len(w.node.gives) > number + 1 and w.node.gives[number + 1]:
                w.put(_joined([end[number] for end in ends], 0), 3, number + 1)

    return write


def _joined(parts: list[str], axis: int) -> str:
    return parts[0] if len(parts) == 1 else f"concatenate(({', '.join(parts)}), axis={axis})"


def _turn_axes(w: Writing) -> None:
    """Say that the input's axis 0 counts steps, and axis 1 samples."""
    (steps, samples), behind = w.graph.inputs[0].shape[:2], w.graph.inputs[0].shape[2:]
    w.draft.sample = ModelInput((steps, *behind), sequence=True, samples=samples, axis=1)
    w.draft.remark(
        tr(
            "axis 0 of the input of {kind} counts steps and axis 1 samples, so the lesson takes "
            "all samples at once",
            kind=w.node.kind,
        )
    )


def _check(w: Writing) -> None:
    """Refuse what the loops do not do."""
    w.unlike(layout=0, input_forget=0, clip=0.0)
    if w.node.kind == "GRU" and w.attribute("linear_before_reset", 0) != 1:
        raise w.refuse(tr("linear_before_reset is 0; it must be 1, as PyTorch has it"))
    usual = _USUAL[w.node.kind]
    found = [one.decode("utf-8", "replace") for one in w.node.attributes.get("activations", [])]
    if found not in ([], usual, usual * 2):
        raise w.refuse(tr("activations must be {usual}", usual=", ".join(usual)))
    if w.has(4):
        raise w.refuse(tr("sequence_lens is given; all samples must have as many steps"))
    if w.has(7):
        raise w.refuse(tr("peepholes are not known here"))


def _check_states(w: Writing, states: int) -> None:
    for place in range(5, 5 + states):
        if not w.has(place):
            continue
        value = w.value(place)
        zero = isinstance(value, Filled) and value.value == 0
        if not zero and not (isinstance(value, np.ndarray) and not value.any()):
            raise w.refuse(tr("the state at the start must be 0"))


RECURRENT: Final[Mapping[str, Writer]] = {
    "LSTM": _recurrent(4, lstm_cell("iofg"), 2),
    "GRU": _recurrent(3, gru_cell("kr"), 1),
    "RNN": _recurrent(1, plain_cell("tanh"), 1),
}
"""Recurrent operations by name."""
