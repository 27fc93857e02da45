"""The chain in a snapshot: for the node chosen, or for each factor's own choice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from msgspec import structs

from tui_backprop.explain.text import cells
from tui_backprop.lessons.library import load_lesson
from tui_backprop.training.trainer import Trainer
from tui_backprop.tui.photographer import CHART_BUCKETS, RECENT, Photographer
from tui_backprop.tui.widgets.status import speed, status_text


def at_slope() -> Photographer:
    """Return a camera on lesson logistic, where ∂L/∂z has just been computed."""
    camera = Photographer(Trainer(load_lesson("logistic")), 0)
    for _ in range(14):
        camera.step()
    return camera


def chain(camera: Photographer) -> str:
    explanation = camera.take(running=False).explanation
    assert explanation is not None
    assert explanation.rows[0].label == "chain"
    return str(explanation.rows[0].parts[0])


def test_the_target_is_the_factor_s_own_choice_until_one_is_chosen() -> None:
    camera = at_slope()
    assert chain(camera) == "∂L/∂β = ∂L/∂ŷ · ▶∂ŷ/∂z · ∂z/∂β"
    for name, shown in (("b", "b"), ("X", "X"), ("X @ beta", "(X @ β)")):
        camera.target = name
        assert chain(camera) == f"∂L/∂{shown} = ∂L/∂ŷ · ▶∂ŷ/∂z · ∂z/∂{shown}"
    camera.target = "y"
    assert chain(camera) == "∂L/∂y = [0.5, −0.5, 0.5]"
    camera.target = "no such node"
    assert chain(camera) == "∂L/∂β = ∂L/∂ŷ · ▶∂ŷ/∂z · ∂z/∂β"
    camera.target = None
    assert chain(camera) == "∂L/∂β = ∂L/∂ŷ · ▶∂ŷ/∂z · ∂z/∂β"


def test_an_explanation_is_made_once_for_a_record_and_target() -> None:
    camera = at_slope()
    first = camera.take(running=False).explanation
    assert camera.take(running=False).explanation is first
    camera.target = "b"
    second = camera.take(running=False).explanation
    assert second is not first
    assert camera.take(running=False).explanation is second


def test_notes_stand_below_the_rows() -> None:
    explanation = at_slope().take(running=False).explanation
    assert explanation is not None
    labels = [row.label for row in explanation.rows]
    assert labels[:6] == ["chain", "computed", "product", "local", "upstream", "shapes"]
    assert labels[6] == "why"


def test_the_chain_of_ten_thousand_nodes_is_made_for_what_is_shown_only(tmp_path: Path) -> None:
    path = tmp_path / "deep.toml"
    lines = "\n".join(f"h{i + 1} = tanh(w * h{i} + b)" for i in range(2400))
    path.write_text(
        f'formula = """\nh0 = w * x\n{lines}\nL = h2400**2\n"""\n'
        "[data]\nx = 1.0\n[parameters]\nw = 1.0\nb = 0.1\n"
    )
    trainer = Trainer(load_lesson(path))
    camera = Photographer(trainer, 0)
    while trainer.phase != "backward":
        camera.step()
    for _ in range(6):
        camera.step()
        explanation = camera.take(running=False).explanation
        assert explanation is not None
        assert (
            sum(len(part) for row in explanation.rows for part in row.parts if isinstance(part, str)) < 3000
        )


def test_a_snapshot_of_a_long_run_is_no_larger_than_one_of_a_short_run() -> None:
    camera = Photographer(Trainer(load_lesson("linear")), 0)
    for losses in (1000, 1_000_000):
        camera.trainer._arrive(np.linspace(2, 1, losses), camera.trainer._parameters, {})
        snapshot = camera.take(running=True)
        assert len(snapshot.envelope.iterations) <= CHART_BUCKETS + 1
        assert np.shares_memory(snapshot.losses, camera.trainer.losses)
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
    snapshot = Photographer(Trainer(load_lesson("linear"), iterations=10**9), 0).take(True, rate=3.1e6)
    text = status_text(structs.replace(snapshot, iteration=987_654_321, epoch=987_654_321), 78)
    assert cells(text) <= 78
    assert "3.1M/s" in text
