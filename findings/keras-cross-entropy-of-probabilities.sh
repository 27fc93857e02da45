#!/usr/bin/env bash
# Expected: the gradient of a cross-entropy by the predicted probabilities is -t/p, the factor that every hand-written
# derivation starts from. What happens: on the JAX backend Keras first divides the probabilities by their sum, also
# when it is 1, so that the gradient has the further term +1 in every place: for the label's 0.7 it is -0.43, not
# -1.43, and it is 1 where the target is 0. Doubling all probabilities changes nothing. Behind a softmax the two lead
# to the same gradient of the logits, so only a factor by factor comparison tells. And a probability of 1e-9 for the
# true label has the gradient 0, as probabilities are clipped at 1e-7: the worst mistakes teach nothing. Looked at:
# Keras 3.15.1 with JAX 0.10.2. It matters to who compares single factors of the chain rule.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check keras==3.15.1 jax==0.10.2 numpy==2.4.6

"$python" - <<'END'
import os

os.environ["KERAS_BACKEND"] = "jax"
import jax
import jax.numpy as jnp
import keras
import numpy as np

print("keras", keras.__version__, "jax", jax.__version__)
p, t, label = jnp.array([[0.7, 0.2, 0.1]]), jnp.array([[1.0, 0.0, 0.0]]), jnp.array([0])
losses = {
    "CategoricalCrossentropy": lambda p: keras.losses.CategoricalCrossentropy()(t, p),
    "SparseCategoricalCrossentropy": lambda p: keras.losses.SparseCategoricalCrossentropy()(label, p),
}
print("-t/p =", np.round(-t / p, 4)[0])
for name, loss in losses.items():
    gradient = jax.grad(loss)(p)
    print(f"{name}: loss {float(loss(p)):.4f}, of 2p {float(loss(2 * p)):.4f}, gradient {np.round(gradient, 4)[0]}")
    assert np.isclose(loss(p), -np.log(0.7)) and np.isclose(loss(2 * p), loss(p))
    assert np.allclose(gradient, -t / p + 1, atol=1e-5), "the gradient is another one now"

    logits = jnp.log(p)
    through = jax.vjp(jax.nn.softmax, logits)[1]
    by_keras, by_book = through(gradient)[0], through(-t / p)[0]
    print("   behind a softmax:", np.round(by_keras, 4)[0], "and of -t/p:", np.round(by_book, 4)[0])
    assert np.allclose(by_keras, by_book, atol=1e-6) and np.allclose(by_book, p - t, atol=1e-6)

    mistake = jnp.array([[1e-9, 0.5, 0.5]])
    print("   loss", float(loss(mistake)), "gradient", jax.grad(loss)(mistake)[0], "at the probabilities", mistake[0])
    assert jax.grad(loss)(mistake)[0, 0] == 0, "a clipped probability has a gradient now"
END
