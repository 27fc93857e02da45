#!/usr/bin/env bash
# Expected: a vector divided by its L1 norm has absolute values that sum to 1. What happens: ONNX's reference
# evaluator divides by the plain sum when p is 1: [3, -1] becomes [1.5, -0.5], not [0.75, -0.25]; for [1, -3] all
# signs turn, and [1, -1] becomes [0, 0]. With p = 2 it is right, and so is ReduceL1 beside it. Looked at: onnx 1.23.2
# with NumPy 2.4.6. It matters to who takes the evaluator's value as the expected one in a test, all the more as
# positive data show nothing.
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

warnings.simplefilter("ignore", RuntimeWarning)
print("onnx", onnx.__version__, "numpy", np.__version__)


def run(operator, x, **attributes):
    graph = helper.make_graph(
        [helper.make_node(operator, ["x"], ["y"], **attributes)],
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1 if operator == "ReduceL1" else 2])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return ReferenceEvaluator(model).run(None, {"x": np.array(x, np.float32)})[0].tolist()


for x in ([3.0, 1.0], [3.0, -1.0], [1.0, -3.0], [1.0, -1.0]):
    l1, l2 = run("LpNormalization", x, p=1), run("LpNormalization", x, p=2)
    right = np.array(x) / np.abs(x).sum()
    print(f"{x}: L1 norm {run('ReduceL1', x)[0]}; p=1 {l1}, true {right.tolist()}; p=2 {np.round(l2, 4).tolist()}")
    assert np.allclose(l2, np.array(x) / np.linalg.norm(x)) and run("ReduceL1", x)[0] == np.abs(x).sum()
    by_the_sum = np.array(x) / sum(x) if sum(x) else [0, 0]
    assert np.allclose(l1, by_the_sum) and np.allclose(l1, right) == (min(x) > 0), "it is the L1 norm now"
END
