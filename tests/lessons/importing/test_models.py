"""Weights, inputs and files of an imported model: what fits together, what is drawn, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.importing.lesson_text import INLINE
from tui_backprop.lessons.importing.models import Imported, ModelChoices, import_model
from tui_backprop.lessons.library import load_lesson
from tui_backprop.lessons.limits import OPEN

LINEAR = "Sequential(\n  (0): Linear(in_features=2, out_features=3, bias=True)\n)\n"
WEIGHTS = {"0.weight": np.arange(6.0).reshape(3, 2), "0.bias": np.ones(3)}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.txt"
    path.write_text(LINEAR, encoding="utf-8")
    return path


def saved(path: Path, **arrays: object) -> Path:
    np.savez(path, **arrays)
    return path


def refusal(model: Path, wanted: ModelChoices) -> str:
    with pytest.raises(BackpropError) as caught:
        import_model(model, wanted, OPEN)
    return str(caught.value)


def test_weights_may_have_a_beginning_in_common(model: Path, tmp_path: Path) -> None:
    arrays = {f"module.{name}": array for name, array in WEIGHTS.items()}
    weights = saved(tmp_path / "w.npz", **arrays, other=np.zeros(2))
    imported = import_model(model, ModelChoices(weights=weights), OPEN)
    assert imported.lesson.parameters["W0"].value.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert imported.remarks[0] == "not used of the weights: other"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"0.weight": WEIGHTS["0.weight"].T}, "0.weight is (2×3) in the weights, but (3×2) in the model; it "
         "stands the other way round, as in Keras"),
        ({"0.bias": np.ones(2)}, "0.bias is (2) in the weights, but (3) in the model"),
        ({"0.bias": np.full(3, np.nan)}, "0.bias is not finite everywhere"),
    ],
)  # fmt: skip
def test_weights_that_do_not_fit_are_named(
    model: Path, tmp_path: Path, changed: dict[str, object], reason: str
) -> None:
    weights = saved(tmp_path / "w.npz", **(WEIGHTS | changed))
    assert refusal(model, ModelChoices(weights=weights)) == f"model.txt: {reason}"


def test_a_missing_weight_and_a_pickle_are_refused(model: Path, tmp_path: Path) -> None:
    weights = saved(tmp_path / "w.npz", **{"0.weights": np.ones((3, 2))})
    reason = "model.txt: the weights have no '0.weight'; did you mean 0.weights?"
    assert refusal(model, ModelChoices(weights=weights)) == reason
    pickled = tmp_path / "model.pt"
    pickled.write_bytes(b"\x80\x02.")
    assert refusal(pickled, ModelChoices()).startswith("model.pt: never a pickle, which can run code")
    assert "never a pickle" in refusal(model, ModelChoices(weights=pickled))
    assert refusal(tmp_path / "none.txt", ModelChoices()) == "none.txt: no such file"


def test_what_is_drawn_fits_and_is_said(tmp_path: Path) -> None:
    path = tmp_path / "cnn.txt"
    path.write_text(
        "Sequential(\n  (0): Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1))\n"
        "  (1): Flatten(start_dim=1, end_dim=-1)\n  (2): Linear(in_features=18, out_features=3, bias=True)\n)"
    )
    imported = import_model(path, ModelChoices("cross_entropy"), OPEN)
    assert {name: array.shape for name, array in imported.lesson.samples.items()} == {
        "x": (4, 1, 5, 5), "y": (4,)
    }  # fmt: skip
    assert [remark.partition(":")[0] for remark in imported.remarks] == [
        "without --weights the parameters are drawn as PyTorch's layers start",
        "the input is drawn",
        "the target is drawn",
    ]
    path.write_text(path.read_text().replace("=18", "=17"))
    assert "no input of a common shape fits, so give one with --input FILE" in refusal(path, ModelChoices())


def test_an_input_that_does_not_fit_is_told_by_its_line(model: Path, tmp_path: Path) -> None:
    sample = saved(tmp_path / "s.npz", x=np.ones((4, 3)))
    found = refusal(model, ModelChoices(input=sample))
    assert found.startswith("model.txt: in y_hat = x @ W0.T + b0: @ of x (4×3) and W0.T (2×3): ")
    sample = saved(tmp_path / "s.npz", x=np.ones((4, 2)), y=np.ones((3, 3)))
    reason = "model.txt: x is (4×2) and y (3×3); they must have as many samples"
    assert refusal(model, ModelChoices(input=sample)) == reason
    sample = saved(tmp_path / "s.npz", a=np.ones(4), b=np.ones(4))
    assert refusal(model, ModelChoices(input=sample)).endswith(
        "must be called x in its file, and the target y"
    )


def written(imported: Imported, path: Path) -> None:
    path.write_text(imported.written.text, encoding="utf-8")
    path.with_suffix(".npz").write_bytes(imported.written.packed())


def test_large_arrays_stand_in_a_file_beside_the_lesson(model: Path, tmp_path: Path) -> None:
    model.write_text(LINEAR.replace("=2", "=200"))
    rows = np.random.default_rng(0).normal(size=(3, 200))
    weights = saved(tmp_path / "w.npz", **{"0.weight": rows, "0.bias": np.ones(3)})
    imported = import_model(model, ModelChoices(weights=weights, beside="own.npz"), OPEN)
    assert rows.size > INLINE
    assert 'W0 = { file = "own.npz", name = "0.weight" }  # 0.weight' in imported.written.text
    assert "b0 = [1.0, 1.0, 1.0]  # 0.bias" in imported.written.text
    written(imported, tmp_path / "own.toml")
    lesson = load_lesson(tmp_path / "own.toml")
    assert np.array_equal(lesson.parameters["W0"].value, rows)
    assert set(lesson.beside) == {"parameters.W0"}
    assert imported.lesson.samples["x"].tolist() == lesson.samples["x"].tolist()
