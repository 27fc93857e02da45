#!/usr/bin/env bash
# Expected: Rprop's first step is the initial step size against the sign of the gradient, and each later one goes by
# the gradient just given. What happens: optax returns the update of the step before, checked against today's sign,
# so the first step is always 0, every other comes one gradient late, and at a turning point a step is lost. The
# step sizes themselves are right. Looked at: optax 0.2.8 with JAX 0.10.2; a fix is proposed upstream (1725).
# It matters to who compares an optimizer's trajectory with optax's step by step.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check optax==0.2.8 jax==0.10.2 numpy==2.4.6

"$python" - <<'END'
import jax.numpy as jnp
import numpy as np
import optax
from importlib.metadata import version

print("optax", version("optax"), "jax", version("jax"))
gradients = [1.0, 1.0, 1.0, -1.0, -1.0]
rule = optax.rprop(0.1)
weight = jnp.zeros(1)
state = rule.init(weight)
theirs = []
for gradient in gradients:
    update, state = rule.update(jnp.array([gradient]), state, weight)
    weight = optax.apply_updates(weight, update)
    theirs.append(float(update[0]))

step, before, book = 0.1, 0.0, []
for gradient in gradients:  # Riedmiller's rule, without weight backtracking
    if gradient * before > 0:
        step *= 1.2
    elif gradient * before < 0:
        step *= 0.5
        gradient = 0.0
    book.append(-step * np.sign(gradient))
    before = gradient
print("gradients    ", gradients)
print("Rprop's steps", np.round(book, 4).tolist())
print("optax's steps", np.round(theirs, 4).tolist())
assert np.allclose(book, [-0.1, -0.12, -0.144, 0, 0.072])
assert np.allclose(theirs, [0, -0.1, -0.12, 0, 0]), "the steps are others now"
END
