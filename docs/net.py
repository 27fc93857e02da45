"""A network of two layers, as an example of a program to be traced: see docs/trace.md."""

import numpy as np

rng = np.random.default_rng(0)
X = rng.normal(size=(6, 2))
y = (X[:, :1] * X[:, 1:] > 0).astype(float)
W1 = rng.normal(size=(2, 3))
b1 = np.zeros(3)
W2 = rng.normal(size=(3, 1))
b2 = np.zeros(1)


def sigmoid(z):
    """Return the logistic function."""
    return 1 / (1 + np.exp(-z))


def loss(X, y, W1, b1, W2, b2):
    """Return the cross-entropy of the network's guesses."""
    h = np.tanh(X @ W1 + b1)
    y_hat = sigmoid(h @ W2 + b2)
    return -np.mean(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))
