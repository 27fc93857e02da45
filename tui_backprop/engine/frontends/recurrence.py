"""A recurrent layer as a loop over the steps: its state, one step of it, and what it says at each."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from tui_backprop.engine.frontends.draft import ModelDraft


class StepNames(NamedTuple):
    """What one pass over the steps is written with.

    Attributes:
        W: weights of the input, the gates one below the other; U: those of the state before.
        b: the input's bias; d: the state's; both empty without.
        mark: what names of values end in.
        hidden: width of the state.
    """

    W: str
    U: str
    b: str
    d: str
    mark: str
    hidden: int

    def gate(self, what: str, place: int) -> str:
        """Return a gate's columns of a value."""
        return f"{what}[:, {place * self.hidden}:{(place + 1) * self.hidden}]"

    def biased(self, product: str, bias: str) -> str:
        """Return a product with its bias, if there is one."""
        return f"{product} + {bias}" if bias else product


Cell: TypeAlias = Callable[[StepNames, str], list[str]]
"""Writes one step, given the names and the step's input."""


def lstm_cell(gates: str) -> Cell:
    """Return one step of an LSTM, given the order of its gates: input, forget, g for the cell, output."""

    def cell(n: StepNames, x: str) -> list[str]:
        m = n.mark
        functions = {gate: "tanh" if gate == "g" else "sigmoid" for gate in gates}
        return [
            f"z{m} = {n.biased(f'{x} @ {n.W}.T', n.b)} + {n.biased(f'h{m} @ {n.U}.T', n.d)}",
            *(f"{gate}{m} = {functions[gate]}({n.gate(f'z{m}', k)})" for k, gate in enumerate(gates)),
            f"c{m} = f{m} * c{m} + i{m} * g{m}",
            f"h{m} = o{m} * tanh(c{m})",
        ]

    return cell


def gru_cell(gates: str) -> Cell:
    """Return one step of a GRU, given the order of reset and k for update; reset acts behind the product."""

    def cell(n: StepNames, x: str) -> list[str]:
        m = n.mark
        return [
            f"z{m} = {n.biased(f'{x} @ {n.W}.T', n.b)}",
            f"u{m} = {n.biased(f'h{m} @ {n.U}.T', n.d)}",
            *(
                f"{gate}{m} = sigmoid({n.gate(f'z{m}', k)} + {n.gate(f'u{m}', k)})"
                for k, gate in enumerate(gates)
            ),
            f"g{m} = tanh({n.gate(f'z{m}', 2)} + r{m} * {n.gate(f'u{m}', 2)})",
            f"h{m} = (1 - k{m}) * g{m} + k{m} * h{m}",
        ]

    return cell


def plain_cell(function: str) -> Cell:
    """Return one step of a plain recurrent layer."""

    def cell(n: StepNames, x: str) -> list[str]:
        from_input, from_state = n.biased(f"{x} @ {n.W}.T", n.b), n.biased(f"h{n.mark} @ {n.U}.T", n.d)
        return [f"h{n.mark} = {function}({from_input} + {from_state})"]

    return cell


class StepLoop(NamedTuple):
    """How a layer goes over the steps.

    Attributes:
        cell: writes one step.
        batch_first: whether axis 0 counts samples and axis 1 steps, not the other way round.
        cells: whether there is a state c beside h.
    """

    cell: Cell
    batch_first: bool
    cells: bool

    def write(self, draft: ModelDraft, x: str, names: StepNames, kept: str, *, backwards: bool) -> None:
        """Write the loop; ``kept`` is the array for what is said at every step, empty for none."""
        samples, steps = (0, 1) if self.batch_first else (1, 0)
        for state in ("h", "c") if self.cells else ("h",):
            draft.write(f"{state}{names.mark} = zeros(({x}.shape[{samples}], {names.hidden}))")
        count = f"{x}.shape[{steps}]"
        at = ":, t" if self.batch_first else "t"
        if kept:
            sizes = f"{x}.shape[0], {x}.shape[1], {names.hidden}"
            draft.write(f"{kept} = zeros(({sizes}))")
        draft.write(f"for t in range({f'{count} - 1, -1, -1' if backwards else count}):")
        lines = self.cell(names, f"{x}[{at}]")
        lines += [f"{kept}[{at}] = h{names.mark}"] if kept else []
        draft.write(*(f"    {line}" for line in lines))
