"""PyTorch's recurrent layers as loops over the steps: its order of gates, its two biases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from tui_backprop.engine.frontends.draft import INPUT, ModelDraft, ModelInput
from tui_backprop.engine.frontends.recurrence import (
    Cell,
    StepLoop,
    StepNames,
    gru_cell,
    lstm_cell,
    plain_cell,
)
from tui_backprop.engine.frontends.torch_text import TorchLayer
from tui_backprop.text.sentences import tr

Writer: TypeAlias = Callable[[ModelDraft, TorchLayer, bool], None]


def _recurrent(gates: int, cell: Callable[[TorchLayer], Cell], *, cells: bool = False) -> Writer:
    def write(draft: ModelDraft, layer: TorchLayer, every_step: bool) -> None:
        layer.unlike(proj_size=0)
        width, hidden = layer.number(0, "input_size"), layer.number(1, "hidden_size")
        layers = layer.number(9, "num_layers") if "num_layers" in layer.options else 1
        batch_first, biased = layer.flag("batch_first", False), layer.flag("bias", True)
        both = layer.flag("bidirectional", False)
        dropout = layer.real("dropout", 0.0)
        loop = StepLoop(cell(layer), batch_first, cells)
        _say_axes(draft, layer, width, batch_first=batch_first)
        for number in range(layers):
            last = number == layers - 1
            kept = not last or every_step or both
            ends: list[str] = []
            x = draft.at
            for direction in ("", "_reverse")[: 1 + both]:
                names = _names(draft, layer, f"l{number}{direction}", (gates, width, hidden), biased=biased)
                array = draft.fresh(f"H{names.mark}") if kept else ""
                loop.write(draft, x, names, array, backwards=bool(direction))
                ends.append(array or f"h{names.mark}")
            _join(draft, layer, ends, loop, last and not every_step, dropout if not last else 0.0)
            width = hidden * len(ends)

    return write


def _say_axes(draft: ModelDraft, layer: TorchLayer, width: int, *, batch_first: bool) -> None:
    first = draft.sample is None
    draft.takes((None, width), sequence=True)
    sample = draft.sample
    assert sample is not None
    if batch_first:
        return
    if not first and draft.at == INPUT:
        raise layer.refuse(tr("without batch_first it must be what the input meets first"))
    draft.sample = ModelInput(sample.shape, sample.classes, sample.sequence, sample.samples, 1)
    draft.remark(
        tr(
            "{kind} without batch_first: axis 0 of the input counts steps and axis 1 samples, so "
            "the lesson takes all samples at once",
            kind=layer.kind,
        )
    )


def _names(
    draft: ModelDraft, layer: TorchLayer, level: str, sizes: Sequence[int], *, biased: bool
) -> StepNames:
    gates, width, hidden = sizes
    path = f"{layer.path}." if layer.path else ""
    mark = layer.suffix + ("" if level == "l0" else f"_{level}")
    mark = draft.fresh(f"h{mark}")[1:]

    def tensor(name: str, source: str, *shape: int) -> str:
        return draft.tensor(f"{name}{mark}", f"{path}{source}_{level}", shape, "torch_linear", hidden)

    W = tensor("W_ih", "weight_ih", gates * hidden, width)
    U = tensor("W_hh", "weight_hh", gates * hidden, hidden)
    b = tensor("b_ih", "bias_ih", gates * hidden) if biased else ""
    d = tensor("b_hh", "bias_hh", gates * hidden) if biased else ""
    return StepNames(W, U, b, d, mark, hidden)


def _join(
    draft: ModelDraft, layer: TorchLayer, ends: list[str], loop: StepLoop, only_last: bool, dropout: float
) -> None:
    """Go on with what both directions say, at the last step or at all."""
    place = "[:, -1]" if loop.batch_first else "[-1]"
    ends = [f"{end}{place}" if only_last and end.startswith("H") else end for end in ends]
    said = ends[0] if len(ends) == 1 else f"concatenate(({', '.join(ends)}), axis=-1)"
    draft.put(f"s{layer.suffix}", f"dropout({said}, {dropout!r})" if dropout else said)
    if dropout:
        draft.remark(
            tr("dropout draws another mask than PyTorch, so losses of the two differ while it is on")
        )
    if only_last:
        draft.remark(
            tr(
                "{kind} hands on what it says at the last step, output[:, -1] in PyTorch; "
                "--every-step hands on all steps",
                kind=layer.kind,
            )
        )


def _lstm(layer: TorchLayer) -> Cell:
    return lstm_cell("ifgo")


def _gru(layer: TorchLayer) -> Cell:
    return gru_cell("rk")


def _rnn(layer: TorchLayer) -> Cell:
    function = layer.option("nonlinearity", "tanh")
    if function not in ("tanh", "relu"):
        raise layer.refuse(tr("nonlinearity must be tanh or relu"))
    return plain_cell(function)


RECURRENT: Final[Mapping[str, Writer]] = {
    "LSTM": _recurrent(4, _lstm, cells=True),
    "GRU": _recurrent(3, _gru),
    "RNN": _recurrent(1, _rnn),
}
"""Recurrent layers by their class; the last argument says whether all steps go on."""
