#!/usr/bin/env bash
# Expected: the strength of an L2 penalty is a number that one sets, and the batch size only makes the gradient
# noisier. What happens: scikit-learn's multi-layer perceptron divides the penalty by the number of samples of the
# batch, not of the data: a batch of 8 out of 64 rows is penalized eight times as hard as all 64 at once. With alpha =
# 10 a linear model's largest weight, 2.9 without a penalty, converges to 2.6 with one batch and to 1.4 with batches
# of 8: what one would get with alpha = 80. The reported loss contains the penalty and grows with it. Looked at:
# scikit-learn 1.9.1 with NumPy 2.4.6. It matters to who reproduces such a model by hand, or tunes batch size and
# penalty one after the other.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check scikit-learn==1.9.1 numpy==2.4.6

"$python" - <<'END'
import warnings

import numpy as np
import sklearn
from sklearn.neural_network import MLPRegressor

print("scikit-learn", sklearn.__version__, "numpy", np.__version__)
warnings.simplefilter("ignore")
random = np.random.RandomState(0)
X = random.randn(64, 3)
y = X @ [1.0, 2.0, 3.0] + 0.1 * random.randn(64)


def trained(alpha, batch_size):
    model = MLPRegressor(
        hidden_layer_sizes=(),
        solver="sgd",
        alpha=alpha,
        batch_size=batch_size,
        learning_rate_init=0.01,
        momentum=0.0,
        max_iter=2000,
        n_iter_no_change=2000,
        random_state=0,
    ).fit(X, y)
    return model.coefs_[0].ravel(), model.loss_


def ridge(penalty):  # the minimum of mean((y - Xw - b)**2) / 2 + penalty / 2 * w @ w
    Xc, yc = X - X.mean(axis=0), y - y.mean()
    return np.linalg.solve(Xc.T @ Xc / 64 + penalty * np.eye(3), Xc.T @ yc / 64)


for alpha, batch_size in ((0.0, 64), (10.0, 64), (10.0, 32), (10.0, 8), (80.0, 64)):
    weights, loss = trained(alpha, batch_size)
    expected = ridge(alpha / batch_size)
    print(f"alpha {alpha:4} batch {batch_size:2}: {weights.round(3)} loss {loss:.3f}; "
          f"minimum for alpha/batch {expected.round(3)}, for alpha/64 {ridge(alpha / 64).round(3)}")
    assert np.allclose(weights, expected, atol=0.06), "the penalty is scaled otherwise now"
assert ridge(10 / 64)[2] > 1.7 * ridge(10 / 8)[2]
END
