#!/usr/bin/env bash
# Expected: the reference evaluator that ships with the ONNX standard gives the standard's values, so it is what
# one compares an importer with. What happens: for a model of operator set 11, whose Softmax flattens everything
# behind the axis into one row, it computes the later meaning (the last axis alone); converting the same model to
# set 13 with onnx's own converter changes its result. And LogSoftmax takes the log of a softmax: for the logits
# [200, 0] it gives -inf in place of -200, and the cross-entropy operator a loss of inf.
# Looked at: onnx 1.23.2 with NumPy 2.4.6.
# It matters to who validates an importer of models: what is bent may be the yardstick.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check onnx==1.23.2 numpy==2.4.6

"$python" - <<'END'
import warnings

import numpy as np
import onnx
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator
from onnx.version_converter import convert_version

print("onnx", onnx.__version__, "numpy", np.__version__)
warnings.simplefilter("ignore", RuntimeWarning)


def model(operator, opset, **inputs):
    values = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
        for name, value in inputs.items()
    ]
    shape = [] if operator == "SoftmaxCrossEntropyLoss" else inputs["x"].shape
    graph = helper.make_graph(
        [helper.make_node(operator, list(inputs), ["y"])],
        "graph",
        values,
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(made)
    return made


x = np.arange(8, dtype=np.float32).reshape(2, 2, 2)
old = model("Softmax", 11, x=x)
new = convert_version(old, 13)
onnx.checker.check_model(new)
by_old, by_new = (ReferenceEvaluator(made).run(None, {"x": x})[0] for made in (old, new))
row = np.exp(x[0].ravel() - x[0].max())
print("Softmax of set 11, first row:", by_old[0].ravel().round(4), "sum", by_old[0].sum().round(4))
print("the same, converted to 13:   ", by_new[0].ravel().round(4), "sum", by_new[0].sum().round(4))
assert np.allclose(by_new[0].ravel(), row / row.sum())
assert not np.allclose(by_old, by_new), "both agree now"

logits = np.array([[200.0, 0.0]], np.float32)
log_softmax = ReferenceEvaluator(model("LogSoftmax", 13, x=logits)).run(None, {"x": logits})[0]
label = np.array([1])
loss = ReferenceEvaluator(model("SoftmaxCrossEntropyLoss", 13, x=logits, label=label))
loss = loss.run(None, {"x": logits, "label": label})[0]
print("LogSoftmax of", logits[0], "is", log_softmax[0], " true [0, -200];  loss of label 1:", loss, " true 200")
assert np.isneginf(log_softmax[0, 1]) and np.isposinf(loss), "it is stable now"
END
