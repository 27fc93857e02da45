"""Forward passes as the notebooks of courses write them, in words and numbers of our own.

Each is a cell's text, what is given, data and parameters whose gradients are asked for, and the loss's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

_RNG = np.random.default_rng(20)


def drawn(*shape: int, scale: float = 0.7) -> Any:
    """Draw normal numbers."""
    return (_RNG.normal(size=shape) * scale)[()]


def whole(high: int, *shape: int) -> Any:
    """Draw whole numbers from 0 on."""
    return _RNG.integers(0, high, size=shape)


@dataclass(frozen=True)
class Notebook:
    """A cell.

    Attributes:
        text: what it says.
        data: what is given and not learnt.
        parameters: what is learnt.
        loss: the name of the loss.
    """

    text: str
    data: Mapping[str, Any]
    parameters: Mapping[str, Any]
    loss: str = "loss"


X, y3, y2, t = drawn(6, 4), whole(3, 6), whole(2, 6), drawn(6)

NOTEBOOKS: dict[str, Notebook] = {
    "linear regression": Notebook(
        '''
"""Fit a line; the cost is half the mean squared error."""
import numpy as np
m = X.shape[0]
predictions = np.dot(X, theta) + b
errors = predictions - t
cost = (1 / (2 * m)) * np.sum(errors ** 2)
print("cost:", cost)
''',
        {"X": X, "t": t}, {"theta": drawn(4), "b": 0.1}, "cost",
    ),
    "ridge with features in columns": Notebook(
        '''
Xb = np.hstack([np.ones((X.shape[0], 1)), X])
assert Xb.shape == (6, 5), "a column of ones"
residual = Xb.dot(w) - t.reshape(-1, 1)
mse = np.mean(np.square(residual))
penalty = lam * np.sum(w[1:] ** 2)
loss = mse + penalty
loss
''',
        {"X": X, "t": t, "lam": 0.3}, {"w": drawn(5, 1)},
    ),
    "logistic regression, samples in columns": Notebook(
        '''
def sigmoid(z):
    """
    Squash a number (or an array) into 0 to 1.
    """
    s = 1 / (1 + np.exp(-z))
    return s

def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -1 / m * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    cost = np.squeeze(np.array(cost))
    return A, cost

A, cost = propagate(w, b, X, Y)
predictions = (A > 0.5).astype(int)
accuracy = 100 - np.mean(np.abs(predictions - Y)) * 100
print(f"accuracy {accuracy:.1f} %")
''',
        {"X": X.T, "Y": y2.reshape(1, -1)}, {"w": drawn(4, 1), "b": -0.2}, "cost",
    ),
    "softmax classifier": Notebook(
        '''
num_train = X.shape[0]
scores = X.dot(W)
scores -= np.max(scores, axis=1, keepdims=True)
exp_scores = np.exp(scores)
probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
correct_logprobs = -np.log(probs[np.arange(num_train), y])
data_loss = np.sum(correct_logprobs) / num_train
reg_loss = 0.5 * reg * np.sum(W * W)
loss = data_loss + reg_loss
''',
        {"X": X, "y": y3, "reg": 1e-2}, {"W": drawn(4, 3)},
    ),
    "softmax classifier by loops": Notebook(
        '''
num_train, num_classes = len(X), W.shape[1]
loss = 0.0
for i in range(num_train):
    f = X[i].dot(W)
    f -= np.max(f)
    p = np.exp(f) / np.sum(np.exp(f))
    loss += -np.log(p[y[i]])
loss /= num_train
loss += reg * np.sum(W * W)
''',
        {"X": X, "y": y3, "reg": 1e-2}, {"W": drawn(4, 3)},
    ),
    "support vector machine": Notebook(
        '''
delta = 1.0
num_train = X.shape[0]
scores = X.dot(W)
correct = scores[np.arange(num_train), y][:, np.newaxis]
margins = np.maximum(0, scores - correct + delta)
margins[np.arange(num_train), y] = 0
loss = np.sum(margins) / num_train
loss += reg * np.sum(W * W)
''',
        {"X": X, "y": y3, "reg": 5e-2}, {"W": drawn(4, 3)},
    ),
    "support vector machine, two classes": Notebook(
        '''
Y = 2 * y - 1
f = X @ w + b
hinge = np.maximum(0, 1 - Y * f)
support = (hinge > 0).sum()
loss = np.mean(hinge) + 0.1 * w.dot(w)
''',
        {"X": X, "y": y2}, {"w": drawn(4), "b": 0.05},
    ),
    "perceptron loss": Notebook(
        '''
activation = np.sum(X * w, axis=1) + b
output = np.where(activation >= 0, 1, -1)
wrong = output != Y
loss = -np.sum(wrong * Y * activation)
''',
        {"X": X, "Y": 2 * y2 - 1}, {"w": drawn(4), "b": 0.1},
    ),
    "two-layer net": Notebook(
        '''
N, D = X.shape
hidden = X.dot(params["W1"]) + params["b1"]
hidden[hidden < 0] = 0
scores = hidden.dot(params["W2"]) + params["b2"]

shifted = scores - scores.max(axis=1, keepdims=True)
log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
loss = -log_probs[range(N), y].mean()
loss += reg * (np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2))
acc = (scores.argmax(axis=1) == y).mean()
print("loss %f, accuracy %f" % (loss, acc))
''',
        {"X": X, "y": y3, "reg": 1e-3},
        {"W1": drawn(4, 5), "b1": drawn(5), "W2": drawn(5, 3), "b2": drawn(3)},
    ),
    "layers with caches": Notebook(
        '''
def affine_forward(x, w, b):
    """Compute x @ w + b for rows x of any shape."""
    out = x.reshape(x.shape[0], -1).dot(w) + b
    cache = (x, w, b)
    return out, cache

def relu_forward(x):
    out = np.maximum(0, x)
    cache = x
    return out, cache

def softmax_loss(x, y):
    shifted = x - np.max(x, axis=1, keepdims=True)
    Z = np.sum(np.exp(shifted), axis=1, keepdims=True)
    log_probs = shifted - np.log(Z)
    probs = np.exp(log_probs)
    N = x.shape[0]
    loss = -np.sum(log_probs[np.arange(N), y]) / N
    dx = probs.copy()
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx

a1, fc_cache = affine_forward(X, W1, b1)
h1, relu_cache = relu_forward(a1)
scores, cache2 = affine_forward(h1, W2, b2)
loss, dscores = softmax_loss(scores, y)
''',
        {"X": drawn(5, 2, 3), "y": whole(3, 5)},
        {"W1": drawn(6, 4), "b1": drawn(4), "W2": drawn(4, 3), "b2": drawn(3)},
    ),
    "deep net, samples in columns": Notebook(
        '''
def linear_activation_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    if activation == "sigmoid":
        A = 1 / (1 + np.exp(-Z))
    elif activation == "relu":
        A = np.maximum(0, Z)
    else:
        raise ValueError("unknown activation")
    cache = (A_prev, W, b, Z)
    return A, cache

def model_forward(X, parameters):
    A1, c1 = linear_activation_forward(X, parameters["W1"], parameters["b1"], "relu")
    A2, c2 = linear_activation_forward(A1, parameters["W2"], parameters["b2"], activation="relu")
    AL, c3 = linear_activation_forward(A2, parameters["W3"], parameters["b3"], activation="sigmoid")
    caches = (c1, c2, c3)
    return AL, caches

AL, caches = model_forward(X, parameters)
m = Y.shape[1]
logprobs = np.multiply(np.log(AL), Y) + np.multiply(np.log(1 - AL), 1 - Y)
cost = -np.sum(logprobs) / m
L2 = lambd / (2 * m) * (np.sum(np.square(W1)) + np.sum(np.square(W2)) + np.sum(np.square(W3)))
cost = cost + L2
''',
        {"X": X.T, "Y": y2.reshape(1, -1), "lambd": 0.7},
        {"W1": drawn(5, 4), "b1": drawn(5, 1), "W2": drawn(3, 5), "b2": drawn(3, 1), "W3": drawn(1, 3),
         "b3": drawn(1, 1)}, "cost",
    ),
    "planar data, a dictionary as cache": Notebook(
        '''
Z1 = np.dot(W1, X) + b1
A1 = np.tanh(Z1)
Z2 = np.dot(W2, A1) + b2
A2 = 1 / (1 + np.exp(-Z2))
cache = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
A2 = cache["A2"]
m = Y.shape[1]
cost = -1 / m * (np.dot(Y, np.log(A2).T) + np.dot(1 - Y, np.log(1 - A2).T))
cost = np.squeeze(cost)
''',
        {"X": X.T, "Y": y2.reshape(1, -1)},
        {"W1": drawn(3, 4), "b1": drawn(3, 1), "W2": drawn(1, 3), "b2": drawn(1, 1)}, "cost",
    ),
    "xor from a post": Notebook(
        '''
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([[0], [1], [1], [0]])
l1 = 1 / (1 + np.exp(-(np.dot(X, syn0))))
l2 = 1 / (1 + np.exp(-(np.dot(l1, syn1))))
l2_error = y - l2
loss = np.mean(np.abs(l2_error))
''',
        {}, {"syn0": drawn(2, 4), "syn1": drawn(4, 1)},
    ),
    "batch norm by hand": Notebook(
        '''
def batchnorm_forward(x, gamma, beta, mode="train", eps=1e-5):
    N, D = x.shape
    running_mean = np.zeros(D, dtype=float)
    if mode == "train":
        mu = x.mean(axis=0)
        var = x.var(axis=0)
        std = np.sqrt(var + eps)
        x_hat = (x - mu) / std
        out = gamma * x_hat + beta
    elif mode == "test":
        out = gamma * (x - running_mean) / np.sqrt(1 + eps) + beta
    cache = (x_hat, gamma, std)
    return out, cache

a, _ = batchnorm_forward(X @ W, gamma, beta)
loss = np.sum(np.tanh(a) * R)
''',
        {"X": X, "R": drawn(6, 3)}, {"W": drawn(4, 3), "gamma": drawn(3), "beta": drawn(3)},
    ),
    "batch norm in steps": Notebook(
        '''
n = len(X)
hprebn = X @ W1
bnmeani = 1/n*hprebn.sum(0, keepdims=True)
bndiff = hprebn - bnmeani
bndiff2 = bndiff**2
bnvar = 1/(n-1)*(bndiff2).sum(0, keepdims=True)  # Bessel's correction
bnvar_inv = (bnvar + 1e-5)**-0.5
bnraw = bndiff * bnvar_inv
hpreact = bngain * bnraw + bnbias
h = np.tanh(hpreact)
logits = h @ W2 + b2
logit_maxes = logits.max(1, keepdims=True)
norm_logits = logits - logit_maxes
counts = np.exp(norm_logits)
counts_sum = counts.sum(1, keepdims=True)
counts_sum_inv = counts_sum**-1
probs = counts * counts_sum_inv
logprobs = np.log(probs)
loss = -logprobs[range(n), Yb].mean()
''',
        {"X": X, "Yb": y3},
        {"W1": drawn(4, 5), "bngain": 1 + drawn(1, 5) * 0.1, "bnbias": drawn(1, 5) * 0.1,
         "W2": drawn(5, 3), "b2": drawn(3)},
    ),
    "layer norm by hand": Notebook(
        '''
mu = x.mean(-1, keepdims=True)
xc = x - mu
sigma2 = np.mean(xc * xc, axis=-1, keepdims=True)
xhat = xc / np.sqrt(sigma2 + 1e-5)
out = g * xhat + b
loss = (out * R).sum()
''',
        {"R": drawn(2, 3, 4)}, {"x": drawn(2, 3, 4), "g": drawn(4), "b": drawn(4)},
    ),
    "inverted dropout": Notebook(
        '''
keep_prob = 0.8
A1 = np.maximum(0, X @ W1)
D1 = U < keep_prob
D1 = D1.astype(int)
A1 = A1 * D1
A1 /= keep_prob
training = True
if training:
    A1 = A1 * 1.0
cost = np.mean((A1 @ W2 - t[:, None]) ** 2)
''',
        {"X": X, "t": t, "U": _RNG.uniform(size=(6, 5))}, {"W1": drawn(4, 5), "W2": drawn(5, 1)}, "cost",
    ),
    "convolution by loops": Notebook(
        '''
H, W = image.shape
k = kernel.shape[0]
out = np.zeros((H - k + 1, W - k + 1))
for i in range(H - k + 1):
    for j in range(W - k + 1):
        patch = image[i:i+k, j:j+k]
        out[i, j] = np.sum(patch * kernel) + bias
out = np.maximum(0, out)
loss = out.mean() + (out ** 2).sum()
''',
        {"image": drawn(5, 4)}, {"kernel": drawn(2, 2), "bias": 0.1},
    ),
    "convolution of stacks": Notebook(
        '''
def conv_forward(x, w, b, stride=1, pad=1):
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    H_out = 1 + (H + 2 * pad - HH) // stride
    W_out = 1 + (W + 2 * pad - WW) // stride
    out = np.zeros((N, F, H_out, W_out))
    for i in range(H_out):
        for j in range(W_out):
            window = x_pad[:, :, i*stride:i*stride+HH, j*stride:j*stride+WW]
            for f in range(F):
                out[:, f, i, j] = np.sum(window * w[f], axis=(1, 2, 3)) + b[f]
    return out, (x, w, b)

out, cache = conv_forward(x, w, b, stride=2)
loss = np.sum(out * dout)
''',
        {"x": drawn(2, 2, 4, 4), "dout": drawn(2, 3, 2, 2)}, {"w": drawn(3, 2, 3, 3), "b": drawn(3)},
    ),
    "convolution as columns": Notebook(
        '''
cols = np.stack([x[:, 0:3], x[:, 1:4], x[:, 2:5]], axis=1)
cols = cols.reshape(len(x) * 3, 3)
out = cols @ w.reshape(3, -1) + b
out = out.reshape(len(x), 3, -1).transpose(0, 2, 1)
loss = (out * out).mean()
''',
        {"x": drawn(2, 5)}, {"w": drawn(3, 1, 2), "b": drawn(2)},
    ),
    "convolution as einsum": Notebook(
        '''
windows = np.stack((x[:, 0:2], x[:, 1:3], x[:, 2:4]), axis=1)
y = np.einsum("nlk,kf->nlf", windows, w) + b
loss = np.tanh(y).sum() / y.size
''',
        {"x": drawn(3, 4)}, {"w": drawn(2, 2), "b": drawn(2)},
    ),
    "max pool by reshape": Notebook(
        '''
N, C, H, W = x.shape
size = 2
pooled = x.reshape(N, C, H // size, size, W // size, size).max(axis=3).max(axis=4)
average = x.reshape(N, C, H // size, size, W // size, size).mean(axis=(3, 5))
loss = np.sum(pooled ** 2) - np.sum(average)
''',
        {}, {"x": drawn(2, 2, 4, 4)},
    ),
    "character rnn": Notebook(
        '''
vocab_size, hidden_size = Why.shape[0], Whh.shape[0]
h = np.zeros((hidden_size, 1))
loss = 0
for t in range(len(inputs)):
    x = np.zeros((vocab_size, 1))
    x[inputs[t]] = 1
    h = np.tanh(np.dot(Wxh, x) + np.dot(Whh, h) + bh)
    y = np.dot(Why, h) + by
    p = np.exp(y) / np.sum(np.exp(y))
    loss += -np.log(p[targets[t], 0])
''',
        {"inputs": whole(4, 3), "targets": whole(4, 3)},
        {"Wxh": drawn(3, 4), "Whh": drawn(3, 3), "Why": drawn(4, 3), "bh": drawn(3, 1), "by": drawn(4, 1)},
    ),
    "character rnn, states by their time": Notebook(
        '''
xs, hs, ys, ps = {}, {}, {}, {}
hs[-1] = np.copy(hprev)
loss = 0
for t in range(len(inputs)):
    xs[t] = np.zeros((4, 1))  # one of k
    xs[t][inputs[t]] = 1
    hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh)
    ys[t] = np.dot(Why, hs[t]) + by
    ps[t] = np.exp(ys[t]) / np.sum(np.exp(ys[t]))
    loss += -np.log(ps[t][targets[t], 0])
''',
        {"inputs": whole(4, 3), "targets": whole(4, 3), "hprev": drawn(3, 1)},
        {"Wxh": drawn(3, 4), "Whh": drawn(3, 3), "Why": drawn(4, 3), "bh": drawn(3, 1), "by": drawn(4, 1)},
    ),
    "elman net, states in a list": Notebook(
        '''
relu = lambda v: np.maximum(0.1 * v, v)
h = np.zeros(3)
outputs, losses = [], []
for x, target in zip(X, t):
    h = relu(Wx @ x + Wh @ h)
    outputs.append(V @ h)
    losses.append((outputs[-1] - target) ** 2)
loss = np.mean(losses) + 1e-3 * np.stack(outputs).max()
''',
        {"X": X, "t": t}, {"Wx": drawn(3, 4), "Wh": drawn(3, 3), "V": drawn(3)},
    ),
    "stochastic gradient of one sample after the other": Notebook(
        '''
cost = 0.0
weights, biases = [W1, W2], [b1, b2]
for x, y in zip(X, Y):
    a = x
    for W, b in zip(weights, biases):
        a = 1.0 / (1.0 + np.exp(-(np.dot(W, a) + b)))
    cost += 0.5 * np.linalg.norm(a - y) ** 2
cost /= len(X)
''',
        {"X": X, "Y": np.eye(2)[y2]}, {"W1": drawn(3, 4), "b1": drawn(3), "W2": drawn(2, 3), "b2": drawn(2)}, "cost",
    ),
    "rnn over a batch": Notebook(
        '''
def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x.dot(Wx) + prev_h.dot(Wh) + b)
    cache = (x, prev_h, Wx, Wh, next_h)
    return next_h, cache

N, T, D = x.shape
H = h0.shape[1]
h = np.zeros((N, T, H))
prev = h0
for step in range(T):
    prev, _ = rnn_step_forward(x[:, step, :], prev, Wx, Wh, b)
    h[:, step, :] = prev
loss = np.sum(h * R)
''',
        {"x": drawn(2, 3, 2), "R": drawn(2, 3, 4)},
        {"h0": drawn(2, 4), "Wx": drawn(2, 4), "Wh": drawn(4, 4), "b": drawn(4)},
    ),
    "lstm step": Notebook(
        '''
def sigmoid(x):
    return 1 / (1 + np.exp(-x))

N, H = prev_h.shape
a = x @ Wx + prev_h @ Wh + b
ai, af, ao, ag = np.split(a, 4, axis=1)
i, f, o, g = sigmoid(ai), sigmoid(af), sigmoid(ao), np.tanh(ag)
next_c = f * prev_c + i * g
next_h = o * np.tanh(next_c)
loss = np.sum(next_h * R) + np.mean(next_c)
''',
        {"x": drawn(2, 3), "R": drawn(2, 2)},
        {"prev_h": drawn(2, 2), "prev_c": drawn(2, 2), "Wx": drawn(3, 8), "Wh": drawn(2, 8), "b": drawn(8)},
    ),
    "lstm by slices": Notebook(
        '''
concat = np.concatenate((a_prev, xt), axis=0)
n_a = a_prev.shape[0]
gates = np.dot(W, concat) + b
s = 1 / (1 + np.exp(-gates[:3 * n_a]))
ft, it, ot = s[:n_a], s[n_a:2 * n_a], s[2 * n_a:]
cct = np.tanh(gates[3 * n_a:])
c_next = ft * c_prev + it * cct
a_next = ot * np.tanh(c_next)
loss = np.sum(a_next)
''',
        {"xt": drawn(3, 2)}, {"a_prev": drawn(2, 2), "c_prev": drawn(2, 2), "W": drawn(8, 5), "b": drawn(8, 1)},
    ),
    "gru step": Notebook(
        '''
def sigma(v):
    return 1.0 / (1.0 + np.exp(-v))

z = sigma(x @ Wz + h @ Uz)
r = sigma(x @ Wr + h @ Ur)
h_tilde = np.tanh(x @ Wh + (r * h) @ Uh)
h_new = (1 - z) * h + z * h_tilde
loss = 0.5 * ((h_new - target) ** 2).sum(axis=1).mean()
''',
        {"x": drawn(2, 3), "target": drawn(2, 2)},
        {"h": drawn(2, 2), "Wz": drawn(3, 2), "Uz": drawn(2, 2), "Wr": drawn(3, 2), "Ur": drawn(2, 2),
         "Wh": drawn(3, 2), "Uh": drawn(2, 2)},
    ),
    "word2vec, naive softmax": Notebook(
        '''
v_c = V[center]
scores = np.dot(U, v_c)
y_hat = np.exp(scores - np.max(scores))
y_hat /= np.sum(y_hat)
loss = -np.log(y_hat[outside])
''',
        {"center": np.array(2), "outside": np.array(4)}, {"V": drawn(5, 3), "U": drawn(5, 3)},
    ),
    "word2vec, negative sampling": Notebook(
        '''
def log_sigmoid(x):
    return -np.log1p(np.exp(-x))

center = V[pairs[:, 0]]
context = U[pairs[:, 1]]
positive = log_sigmoid(np.sum(center * context, axis=1))
noise = U[negatives]
negative = log_sigmoid(-np.einsum("bkd,bd->bk", noise, center)).sum(axis=1)
loss = -(positive + negative).mean()
''',
        {"pairs": whole(5, 4, 2), "negatives": whole(5, 4, 3)}, {"V": drawn(5, 3), "U": drawn(5, 3)},
    ),
    "attention by hand": Notebook(
        '''
T, C = x.shape
head_size = Wq.shape[1]
q, k, v = x @ Wq, x @ Wk, x @ Wv
wei = q @ k.T * head_size**-0.5
mask = np.tril(np.ones((T, T)))
wei = np.where(mask == 0, -np.inf, wei)
wei = np.exp(wei - wei.max(axis=-1, keepdims=True))
wei = wei / wei.sum(axis=-1, keepdims=True)
out = wei @ v
loss = np.mean((out - R)**2)
''',
        {"x": drawn(4, 3), "R": drawn(4, 2)}, {"Wq": drawn(3, 2), "Wk": drawn(3, 2), "Wv": drawn(3, 2)},
    ),
    "attention of heads": Notebook(
        '''
B, T, C = x.shape
n_head = 2
qkv = x @ W_attn
q, k, v = np.split(qkv, 3, axis=2)
q = q.reshape(B, T, n_head, C // n_head).transpose(0, 2, 1, 3)
k = k.reshape(B, T, n_head, C // n_head).transpose(0, 2, 1, 3)
v = v.reshape(B, T, n_head, C // n_head).transpose(0, 2, 1, 3)
att = (q @ k.swapaxes(-2, -1)) / np.sqrt(k.shape[-1])
causal = np.tril(np.ones((T, T), dtype=bool))
att = np.where(causal, att, -1e9)
att = np.exp(att - att.max(-1, keepdims=True))
att /= att.sum(-1, keepdims=True)
y = (att @ v).transpose(0, 2, 1, 3).reshape(B, T, C) @ W_proj
loss = (y * R).sum()
''',
        {"x": drawn(2, 3, 4), "R": drawn(2, 3, 4)}, {"W_attn": drawn(4, 12), "W_proj": drawn(4, 4)},
    ),
    "makemore, an mlp over characters": Notebook(
        '''
emb = C[Xb]  # (n, block, 2)
embcat = emb.reshape(emb.shape[0], -1)
h = np.tanh(embcat @ W1 + b1)
logits = h @ W2 + b2
counts = np.exp(logits)
prob = counts / counts.sum(1, keepdims=True)
loss = -np.log(prob[np.arange(len(Yb)), Yb]).mean()
''',
        {"Xb": whole(5, 4, 3), "Yb": whole(5, 4)},
        {"C": drawn(5, 2), "W1": drawn(6, 4), "b1": drawn(4), "W2": drawn(4, 5), "b2": drawn(5)},
    ),
    "makemore, bigrams": Notebook(
        '''
xs, ys = pairs[:, 0], pairs[:, 1]
xenc = np.eye(4)[xs]
logits = xenc @ W
counts = np.exp(logits)
probs = counts / counts.sum(1, keepdims=True)
num = ys.size
loss = -np.log(probs[np.arange(num), ys]).mean() + 0.01 * (W**2).mean()
''',
        {"pairs": whole(4, 5, 2)}, {"W": drawn(4, 4)},
    ),
    "makemore, only the last character": Notebook(
        '''
x = np.tanh(C[X[:, -1]] + P[X - 1].sum(axis=1))
loss = -np.log(np.exp(x)[np.arange(len(X)), y - 1] / np.exp(x).sum(1)).mean()
''',
        {"X": 1 + whole(3, 4, 3), "y": 1 + whole(3, 4)}, {"C": drawn(4, 3), "P": drawn(3, 3)},
    ),
    "micrograd, a neuron": Notebook(
        '''
# two inputs, two weights, a bias
x1w1 = x1 * w1; x2w2 = x2 * w2
n = x1w1 + x2w2 + b
e = np.exp(2 * n)
o = (e - 1) / (e + 1)
''',
        {"x1": 2.0, "x2": 0.0}, {"w1": -3.0, "w2": 1.0, "b": 6.881373587019543}, "o",
    ),
    "autoencoder": Notebook(
        '''
encoded = np.maximum(0.01 * (X @ We + be), X @ We + be)
decoded = 1 / (1 + np.exp(-(encoded @ We.T + bd)))
reconstruction = np.sum((decoded - X) ** 2, axis=1)
sparsity = np.abs(encoded).mean()
loss = reconstruction.mean() + 1e-3 * sparsity
''',
        {"X": _RNG.uniform(size=(5, 4))}, {"We": drawn(4, 2), "be": drawn(2), "bd": drawn(4)},
    ),
    "variational autoencoder": Notebook(
        '''
h = np.tanh(X @ W)
mu, logvar = np.hsplit(h @ V, 2)
z = mu + np.exp(0.5 * logvar) * eps
xhat = z @ D
KL = -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar))
loss = (((X - xhat)**2).sum() + KL) / len(X)
''',
        {"X": X, "eps": drawn(6, 2)}, {"W": drawn(4, 3), "V": drawn(3, 4), "D": drawn(2, 4)},
    ),
    "principal component": Notebook(
        '''
Xc = X - X.mean(axis=0)
u = w / np.linalg.norm(w)
projected = np.outer(Xc @ u, u)
loss = np.linalg.norm(Xc - projected) ** 2 / X.shape[0]
''',
        {"X": X}, {"w": drawn(4)},
    ),
    "matrix factorisation": Notebook(
        '''
R_hat = P @ Q.T + mu + bu[:, None] + bi
known = ~(R == 0)
error = np.where(known, R - R_hat, 0)
loss = (error ** 2).sum() / known.sum()
loss = loss + 0.02 * (np.sum(P**2) + np.sum(Q**2))
''',
        {"R": whole(5, 4, 3), "mu": 2.5}, {"P": drawn(4, 2), "Q": drawn(3, 2), "bu": drawn(4), "bi": drawn(3)},
    ),
    "huber by masks": Notebook(
        '''
delta = 0.5
r = t - X @ w
small = np.abs(r) <= delta
large = np.logical_not(small)
loss = (0.5 * r**2 * small + delta * (np.abs(r) - 0.5 * delta) * large).mean()
''',
        {"X": X, "t": t}, {"w": drawn(4)},
    ),
    "kl of two distributions": Notebook(
        '''
def softmax(z, axis=-1):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)

T = 2.0
p, q = softmax(teacher / T), softmax(X @ W / T)
loss = T**2 * np.sum(p * (np.log(p + 1e-12) - np.log(q + 1e-12)), axis=-1).mean()
''',
        {"X": X, "teacher": drawn(6, 3)}, {"W": drawn(4, 3)},
    ),
    "contrastive": Notebook(
        '''
za, zb = A @ W, B @ W
d = np.sqrt(np.sum((za - zb)**2, axis=1) + 1e-9)
margin = 1.0
loss = np.mean(same * d**2 + (1 - same) * np.maximum(margin - d, 0)**2)
''',
        {"A": drawn(5, 4), "B": drawn(5, 4), "same": whole(2, 5)}, {"W": drawn(4, 2)},
    ),
    "info nce": Notebook(
        '''
za = A @ W
za = za / np.linalg.norm(za, axis=1, keepdims=True)
zb = B @ W
zb /= np.sqrt((zb ** 2).sum(axis=1, keepdims=True))
logits = za @ zb.T / 0.5
labels = np.arange(len(logits))
log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
loss = -log_p[labels, labels].mean()
top1 = np.mean(np.argmax(logits, axis=1) == labels)
print(f"top-1: {top1}")
''',
        {"A": drawn(4, 4), "B": drawn(4, 4)}, {"W": drawn(4, 2)},
    ),
    "triplets": Notebook(
        '''
anchor, positive, negative = E[ix[:, 0]], E[ix[:, 1]], E[ix[:, 2]]
pos_dist = np.sum(np.square(anchor - positive), axis=-1)
neg_dist = np.sum(np.square(anchor - negative), axis=-1)
basic_loss = pos_dist - neg_dist + 0.2
loss = np.sum(np.maximum(basic_loss, 0.0))
''',
        {"ix": whole(6, 4, 3)}, {"E": drawn(6, 3)},
    ),
    "focal loss": Notebook(
        '''
p = 1 / (1 + np.exp(-(X @ w)))
p = np.clip(p, 1e-7, 1 - 1e-7)
p_t = np.where(y == 1, p, 1 - p)
loss = (-(1 - p_t)**2 * np.log(p_t)).mean()
''',
        {"X": X, "y": y2}, {"w": drawn(4)},
    ),
    "cross-entropy with smoothed labels": Notebook(
        '''
n, k = len(y), W.shape[1]
onehot = np.zeros((n, k))
onehot[np.arange(n), y] = 1
smooth = onehot * 0.9 + 0.1 / k
logits = X @ W
lse = np.log(np.sum(np.exp(logits), axis=1))
loss = np.mean(lse - (smooth * logits).sum(1))
''',
        {"X": X, "y": y3}, {"W": drawn(4, 3)},
    ),
    "poisson regression": Notebook(
        '''
eta = X @ w + b
rate = np.exp(eta)
loss = (rate - counts * eta).sum() / counts.size
''',
        {"X": X, "counts": whole(5, 6)}, {"w": drawn(4), "b": 0.2},
    ),
    "policy gradient": Notebook(
        '''
gamma = 0.9
T = len(rewards)
returns = np.zeros(T)
running = 0.0
for t in reversed(range(T)):
    running = rewards[t] + gamma * running
    returns[t] = running
advantage = (returns - returns.mean()) / (returns.std() + 1e-8)
logits = S @ W
logp = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
loss = -np.sum(logp[np.arange(T), actions] * advantage) / T
''',
        {"rewards": drawn(4), "S": drawn(4, 3), "actions": whole(2, 4)}, {"W": drawn(3, 2)},
    ),
    "q-learning target": Notebook(
        '''
q = S @ W
q_next = S2 @ W_target
target = r + 0.9 * (1 - done) * q_next.max(axis=1)
chosen = q[np.arange(len(q)), a]
td = target - chosen
loss = np.mean(np.where(np.abs(td) < 1, 0.5 * td**2, np.abs(td) - 0.5))
''',
        {"S": drawn(4, 3), "S2": drawn(4, 3), "W_target": drawn(3, 2), "r": drawn(4), "done": whole(2, 4),
         "a": whole(2, 4)}, {"W": drawn(3, 2)},
    ),
    "graph convolution": Notebook(
        '''
A_hat = A + np.eye(A.shape[0])
D = A_hat.sum(axis=1)
D_inv_sqrt = D ** -0.5
A_norm = D_inv_sqrt[:, None] * A_hat * D_inv_sqrt[None, :]
H = np.maximum(0, A_norm @ X @ W0)
Z = A_norm @ H @ W1
Z = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
loss = -(Z[mask_rows, y[mask_rows]]).mean()
''',
        {"A": np.array([[0, 1, 1, 0], [1, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0]]), "X": drawn(4, 3),
         "y": whole(2, 4), "mask_rows": np.array([0, 3])}, {"W0": drawn(3, 3), "W1": drawn(3, 2)},
    ),
    "radial basis functions": Notebook(
        '''
sq = np.sum(X**2, axis=1)[:, None] + np.sum(c**2, axis=1) - 2 * X @ c.T
phi = np.exp(-np.maximum(sq, 0) / (2 * s**2))
phi = np.column_stack((np.ones(len(X)), phi))
loss = np.mean((phi @ w - t)**2)
''',
        {"X": X, "t": t}, {"c": drawn(3, 4), "s": 1.3, "w": drawn(4)},
    ),
    "weights tied over time, a prefix sum": Notebook(
        '''
decay = np.tile(np.array([1.0, 0.5, 0.25, 0.125]), (6, 1))
smoothed = np.cumsum(X * w * decay, axis=1)
shifted = np.roll(smoothed, 1, axis=1)
loss = np.mean((smoothed - shifted)[:, 1:] ** 2) + np.repeat(w, 2).std()
''',
        {"X": X}, {"w": drawn(4)},
    ),
}  # fmt: skip
"""By name."""
