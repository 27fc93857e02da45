"""ONNX graphs: the same numbers as by print and weights, and what of a file is refused."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.pytorch_numbers import RECORDED, aimed_at, filled, put_in, told
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.importing.models import Imported, ModelChoices, import_model, read_model
from tui_backprop.lessons.limits import OPEN
from tui_backprop.training.trainer import Trainer

onnx = pytest.importorskip("onnx", reason="the extra onnx is not installed")

MODELS: dict[str, dict[str, Any]] = json.loads(RECORDED.read_text(encoding="utf-8"))
NODE = onnx.helper.make_node
Weights = dict[str, Any]


def weights_of(name: str) -> Weights:
    shapes = MODELS[name]["weights"]
    return {one: filled(place, tuple(shapes[one])) for place, one in enumerate(shapes)}


def model(nodes: list[Any], weights: Weights, shape: tuple[Any, ...], opset: int = 20, **kept: Any) -> Any:
    tensors = [onnx.numpy_helper.from_array(np.asarray(array), name) for name, array in weights.items()]
    put_in = onnx.helper.make_tensor_value_info("in", onnx.TensorProto.DOUBLE, shape)
    out = onnx.helper.make_tensor_value_info(nodes[-1].output[0], onnx.TensorProto.DOUBLE, None)
    graph = onnx.helper.make_graph(nodes, "g", [put_in], [out], tensors)
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", opset)], **kept)


def mlp() -> tuple[list[Any], Weights]:
    nodes = [
        NODE("Gemm", ["in", "0.weight", "0.bias"], ["linear"], transB=1),
        NODE("Relu", ["linear"], ["relu"]),
        NODE("Transpose", ["2.0.weight"], ["turned"], perm=[1, 0]),
        NODE("MatMul", ["relu", "turned"], ["inner"]),
        NODE("Gelu", ["inner"], ["gelu"]),
        NODE("Gemm", ["gelu", "3.weight", "3.bias"], ["mean"], transB=1),
    ]
    return nodes, weights_of("mlp")


def cnn() -> tuple[list[Any], Weights]:
    nodes = [
        NODE("Conv", ["in", "0.weight", "0.bias"], ["c"], pads=[1, 1, 1, 1], kernel_shape=[3, 3]),
        NODE("BatchNormalization", ["c", "1.weight", "1.bias", "m", "v"], ["n", "", ""], training_mode=1),
        NODE("Relu", ["n"], ["r"]),
        NODE("MaxPool", ["r"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
        NODE("Shape", ["p"], ["shape"], end=1),
        NODE("Concat", ["shape", "rest"], ["target"], axis=0),
        NODE("Reshape", ["p", "target"], ["flat"]),
        NODE("Gemm", ["flat", "5.weight", "5.bias"], ["out"], transB=1),
    ]
    return nodes, weights_of("cnn") | {"m": np.zeros(3), "v": np.ones(3), "rest": np.array([-1])}


def dilated() -> tuple[list[Any], Weights]:
    how = {"pads": [2, 3, 2, 3], "dilations": [2, 3], "strides": [1, 2], "kernel_shape": [3, 3]}
    nodes = [
        NODE("Conv", ["in", "0.weight", "0.bias"], ["c"], **how),
        NODE("Relu", ["c"], ["r"]),
        NODE("Flatten", ["r"], ["flat"]),
        NODE("Gemm", ["flat", "3.weight", "3.bias"], ["out"], transB=1),
    ]
    return nodes, weights_of("dilated")


def lstm() -> tuple[list[Any], Weights]:
    """Return the model "steps first", its gates from PyTorch's order i, f, g, o to ONNX's i, o, f, g."""
    given = weights_of("steps first")

    def turned(name: str) -> Any:
        i, f, g, o = np.split(given[f"rnn.{name}_l0"], 4)
        return np.concatenate((i, o, f, g))

    bias = np.concatenate((turned("bias_ih"), turned("bias_hh")))[None]
    nodes = [
        NODE("LSTM", ["in", "val_1", "val_2", "val_3", "", "zero", "zero"], ["Y"], hidden_size=2),
        NODE("Squeeze", ["Y", "one"], ["steps"]),
        NODE("Gather", ["steps", "last"], ["end"], axis=0),
        NODE("Gemm", ["end", "fc.weight", "fc.bias"], ["out"], transB=1),
    ]
    weights = {name: given[name] for name in ("fc.weight", "fc.bias")}
    recurrent = {"val_1": turned("weight_ih")[None], "val_2": turned("weight_hh")[None], "val_3": bias}
    return nodes, weights | recurrent | {
        "zero": np.zeros((1, 3, 2)), "one": np.array([1]), "last": np.array(-1)
    }  # fmt: skip


def brought(path: Path, made: Any, recorded: dict[str, Any]) -> Imported:
    path.write_bytes(made.SerializeToString())
    x = put_in(tuple(recorded["shape"]), recorded["classes"])
    np.savez(path.with_suffix(".npz"), x=x, y=aimed_at(tuple(recorded["output"]), recorded["loss"]))
    return import_model(path, ModelChoices(recorded["loss"], input=path.with_suffix(".npz")), OPEN)


@pytest.mark.parametrize(
    ("make", "name"), [(mlp, "mlp"), (cnn, "cnn"), (dilated, "dilated"), (lstm, "steps first")]
)
def test_losses_and_gradients_are_pytorch_s(make: Any, name: str, tmp_path: Path) -> None:
    recorded, (nodes, weights) = MODELS[name], make()
    shape = tuple(recorded["shape"])
    path = tmp_path / "model.onnx"
    imported = brought(path, model(nodes, weights, ("n", *shape[1:])), recorded)
    trainer = Trainer(imported.lesson)
    assert trainer.loss == pytest.approx(recorded["value"], rel=1e-9)
    for tensor in read_model(path, OPEN).tensors:
        if tensor.source in recorded["gradients"]:
            number = recorded["gradients"][tensor.source]
            assert told(trainer.gradients[tensor.name]) == pytest.approx(number, rel=1e-6, abs=1e-13)
    if name == "steps first":
        assert any("names such as val_41 are the exporter's" in remark for remark in imported.remarks)


def refusal(path: Path, made: Any) -> str:
    path.write_bytes(made if isinstance(made, bytes) else made.SerializeToString())
    with pytest.raises(BackpropError) as caught:
        import_model(path, ModelChoices(), OPEN)
    return str(caught.value)


@pytest.mark.parametrize(
    ("node", "opset", "reason"),
    [
        (NODE("Det", ["in"], ["out"]), 20, "Det (out): this operation is not known here; "),
        (NODE("Relu", ["in"], ["out"]), 12, "its opset is 12; 13 to 24 are read"),
        (NODE("Relu", ["gone"], ["out"]), 20, "Relu (out): gone is not computed above it"),
        (NODE("Gemm", ["in"], ["out"]), 20, "Gemm (out): operand 2 is missing"),
        (NODE("Flatten", ["in"], ["out"], axis=2), 20, "Flatten (out): axis is 2; it must be 0 or 1"),
        (NODE("Relu", ["in"], ["out"], domain="own"), 20, "own.Relu (out): this operation is not known here"),
    ],
)
def test_what_a_formula_cannot_say_is_named(node: Any, opset: int, reason: str, tmp_path: Path) -> None:
    found = refusal(tmp_path / "m.onnx", model([node], {}, ("n", 3), opset))
    assert found.startswith(f"m.onnx: {reason}")


def outside(location: str, **entries: str) -> Any:
    made = model([NODE("Gemm", ["in", "w"], ["out"])], {"w": np.ones((3, 2))}, ("n", 3))
    (tensor,) = made.graph.initializer
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in {"location": location, **entries}.items():
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
    return made


def test_weights_are_read_from_the_model_s_folder_only(tmp_path: Path) -> None:
    inner, path = tmp_path / "inner", tmp_path / "inner" / "m.onnx"
    inner.mkdir()
    (tmp_path / "w.bin").write_bytes(np.ones(6).tobytes())
    for location in ("../w.bin", str(tmp_path / "w.bin"), "", ".."):
        assert "which is not a file of the model's folder" in refusal(path, outside(location))
    (inner / "link").symlink_to(tmp_path / "w.bin")
    assert "which is not beside it" in refusal(path, outside("link"))
    (inner / "w.bin").write_bytes(np.ones(6).tobytes())
    assert "lies outside of 'w.bin'" in refusal(path, outside("w.bin", offset="8", length="48"))
    assert "another size than its shape says" in refusal(path, outside("w.bin", offset="8"))
    path.write_bytes(outside("w.bin").SerializeToString())
    assert (
        "weights were read from w.bin, beside the model" in import_model(path, ModelChoices(), OPEN).remarks
    )


def test_a_damaged_file_is_opened_or_refused(tmp_path: Path) -> None:
    nodes, weights = mlp()
    held = model(nodes, weights, ("n", 3)).SerializeToString()
    rng = np.random.default_rng(0)
    for _ in range(60):
        damaged = bytearray(held[: rng.integers(1, len(held))] if rng.random() < 0.3 else held)
        for place in rng.integers(0, len(damaged), 3):
            damaged[place] = rng.integers(0, 256)
        path = tmp_path / "m.onnx"
        path.write_bytes(damaged)
        with contextlib.suppress(BackpropError):
            import_model(path, ModelChoices(), OPEN)
