"""The chain in a snapshot: for the node chosen, or for each factor's own choice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from tui_backprop.debugger.session import DebugSession
from tui_backprop.debugger.snapshots import CHART_BUCKETS, RECENT, SnapshotBuilder
from tui_backprop.lessons.library import load_lesson
from tui_backprop.text.charset import UNICODE
from tui_backprop.text.width import cells
from tui_backprop.training.losses.kept import Kept
from tui_backprop.training.trainer import Trainer
from tui_backprop.tui.panels.status import speed, status_text


def at_slope() -> DebugSession:
    """Return a session of lesson logistic, where ∂L/∂z has just been computed."""
    session = DebugSession(Trainer(load_lesson("logistic")))
    for _ in range(14):
        session.step()
    return session


def chain(session: DebugSession) -> str:
    explanation = SnapshotBuilder(session).take(running=False).explanation
    assert explanation is not None
    assert explanation.rows[0].label == "chain"
    return str(explanation.rows[0].parts[0])


def test_the_target_is_the_factor_s_own_choice_until_one_is_chosen() -> None:
    session = at_slope()
    assert chain(session) == "∂L/∂β = ∂L/∂ŷ · ▶∂ŷ/∂z · ∂z/∂β"
    for name, shown in (("b", "b"), ("X", "X"), ("X @ beta", "(X @ β)")):
        session.target = name
        assert chain(session) == f"∂L/∂{shown} = ∂L/∂ŷ · ▶∂ŷ/∂z · ∂z/∂{shown}"
    session.target = "y"
    assert chain(session) == "∂L/∂y = [0.5, −0.5, 0.5]"
    session.target = "no such node"
    assert chain(session) == "∂L/∂β = ∂L/∂ŷ · ▶∂ŷ/∂z · ∂z/∂β"
    session.target = None
    assert chain(session) == "∂L/∂β = ∂L/∂ŷ · ▶∂ŷ/∂z · ∂z/∂β"


def test_an_explanation_is_made_once_for_a_record_and_target() -> None:
    session = at_slope()
    builder = SnapshotBuilder(session)
    first = builder.take(running=False).explanation
    assert builder.take(running=False).explanation is first
    session.target = "b"
    second = builder.take(running=False).explanation
    assert second is not first
    assert builder.take(running=False).explanation is second


def test_notes_stand_below_the_rows() -> None:
    explanation = SnapshotBuilder(at_slope()).take(running=False).explanation
    assert explanation is not None
    labels = [row.label for row in explanation.rows]
    assert labels[:6] == ["chain", "computed", "product", "local", "upstream", "shapes"]
    assert labels[6] == "why"


@pytest.mark.parametrize("layers", [400, pytest.param(2400, marks=pytest.mark.slow)])
def test_the_chain_of_thousands_of_nodes_is_made_for_what_is_shown_only(tmp_path: Path, layers: int) -> None:
    path = tmp_path / "deep.toml"
    lines = "\n".join(f"h{i + 1} = tanh(w * h{i} + b)" for i in range(layers))
    path.write_text(
        f'formula = """\nh0 = w * x\n{lines}\nL = h{layers}**2\n"""\n'
        "[data]\nx = 1.0\n[parameters]\nw = 1.0\nb = 0.1\n"
    )
    trainer = Trainer(load_lesson(path))
    session = DebugSession(trainer)
    builder = SnapshotBuilder(session)
    while trainer.phase != "backward":
        session.step()
    for _ in range(6):
        session.step()
        explanation = builder.take(running=False).explanation
        assert explanation is not None
        assert (
            sum(len(part) for row in explanation.rows for part in row.parts if isinstance(part, str)) < 3000
        )


def test_a_snapshot_of_a_long_run_is_no_larger_than_one_of_a_short_run() -> None:
    start = Trainer(load_lesson("linear")).snapshot()
    for count in (1000, 1_000_000):
        states = start.states[0], start.states[0]._replace(iteration=count)
        saved = structs.replace(start, states=states, losses=Kept.of(np.linspace(2, 1, count)))
        trainer = Trainer.restored(saved)
        builder = SnapshotBuilder(DebugSession(trainer))
        snapshot = builder.take(running=True)
        assert len(snapshot.envelope.iterations) <= CHART_BUCKETS + 1
        assert np.shares_memory(snapshot.losses[:99], trainer.losses[:99])
        assert all(len(parameter.recent) <= RECENT for parameter in snapshot.parameters)


def test_the_status_of_a_very_fast_run_fits() -> None:
    assert [speed(rate) for rate in (0.123, 9.9, 11, 12_345, 999_949)] == [
        "0.12",
        "9.9",
        "11",
        "12,345",
        "999,949",
    ]
    assert [speed(rate) for rate in (999_950, 3_123_456, 99_949_999, 123_456_789)] == [
        "1.0M", "3.1M", "99.9M", "123M",
    ]  # fmt: skip
    snapshot = SnapshotBuilder(DebugSession(Trainer(load_lesson("linear"), iterations=10**9))).take(
        True, rate=3.1e6
    )
    text = status_text(UNICODE, structs.replace(snapshot, iteration=987_654_321, epoch=987_654_321), 78)
    assert cells(text) <= 78
    assert "3.1M/s" in text
