#!/usr/bin/env bash
# Expected: ONNX's own evaluator computes a recurrent layer as its attributes say, or refuses those it does not know.
# What happens: RNN, GRU and LSTM pass over clip, activations and sequence_lens without a word: a sum of 2 clipped to
# 0.3 gives tanh(2), a GRU with Relu in place of tanh gives tanh's values, and a sequence that ends after one step has
# its last state from the padding. Only an RNN with an unknown activation is refused, and to it Relu, one of the
# standard's own names, is unknown. Looked at: onnx 1.23.2 with NumPy 2.4.6. It matters to who tests the import of
# such a layer: weights, gates and their order are right, these three are not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check onnx==1.23.2 numpy==2.4.6

"$python" - <<'END'
import numpy as np
import onnx
from onnx import helper
from onnx.reference import ReferenceEvaluator

print("onnx", onnx.__version__, "numpy", np.__version__)


def last_state(operator, X, lengths=None, **attributes):
    gates = {"RNN": 1, "GRU": 3, "LSTM": 4}[operator]
    inputs = {
        "X": np.array(X, np.float32).reshape(-1, 1, 1),
        "W": np.ones((1, gates, 1), np.float32),
        "R": np.zeros((1, gates, 1), np.float32),
    }
    names = [*inputs, "", "lengths"] if lengths else [*inputs]
    if lengths:
        inputs["lengths"] = np.array(lengths, np.int32)
    graph = helper.make_graph(
        [helper.make_node(operator, names, ["Y", "Y_h"], hidden_size=1, **attributes)],
        "graph",
        [
            helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
            for name, value in inputs.items()
        ],
        [helper.make_tensor_value_info("Y_h", onnx.TensorProto.FLOAT, [1, 1, 1])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return float(ReferenceEvaluator(model).run(None, inputs)[0].ravel()[0])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


plain, clipped = last_state("RNN", [2.0]), last_state("RNN", [2.0], clip=0.3)
print(f"RNN of 2: {plain:.4f}; clipped at 0.3: {clipped:.4f}, by the standard {np.tanh(0.3):.4f}")
assert np.isclose(plain, np.tanh(2)) and clipped == plain, "clip counts now"

tanh, relu = (last_state("GRU", [2.0], activations=["Sigmoid", name]) for name in ("Tanh", "Relu"))
print(f"GRU of 2 with Tanh: {tanh:.4f}; with Relu: {relu:.4f}, by the standard {(1 - sigmoid(2)) * 2:.4f}")
assert np.isclose(tanh, (1 - sigmoid(2)) * np.tanh(2), rtol=1e-5) and relu == tanh, "activations count now"

tanh, relu = (last_state("LSTM", [2.0], activations=["Sigmoid", name, name]) for name in ("Tanh", "Relu"))
print(f"LSTM of 2 with Tanh: {tanh:.4f}; with Relu: {relu:.4f}, by the standard {sigmoid(2) * sigmoid(2) * 2:.4f}")
assert np.isclose(tanh, sigmoid(2) * np.tanh(sigmoid(2) * np.tanh(2)), rtol=1e-5) and relu == tanh

for operator in ("RNN", "GRU", "LSTM"):
    one, padded = last_state(operator, [2.0]), last_state(operator, [2.0, 0.0], lengths=[1])
    print(f"{operator} of 2: {one:.4f}; of 2 and a padded 0, length 1: {padded:.4f}")
    assert not np.isclose(one, padded), "lengths count now"
try:
    last_state("RNN", [2.0], activations=["Relu"])
except RuntimeError as error:
    print("RNN with Relu:", error)
else:
    raise AssertionError("an RNN with Relu is computed now")
END
