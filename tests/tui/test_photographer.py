"""The chain in a snapshot: for the node chosen, or for each factor's own choice."""

from __future__ import annotations

from pathlib import Path

from tui_backprop.lessons.library import load_lesson
from tui_backprop.training.trainer import Trainer
from tui_backprop.tui.snapshot import Photographer


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
