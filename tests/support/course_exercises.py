"""Ten exercises as courses set them: a lesson, its backward pass in NumPy, and a bug put into one line."""

from __future__ import annotations

from typing import NamedTuple


class Exercise(NamedTuple):
    """One exercise.

    Attributes:
        name: what it is about.
        lesson: the forward pass, a lesson file.
        backward: the backward pass, right.
        right, bug: what stands in the line where the bug is, and what stands there with it.
        named: what the mark of that line says.
    """

    name: str
    lesson: str
    backward: str
    right: str
    bug: str
    named: str


EXERCISES = (
    Exercise(
        "two-layer net with a softmax loss",
        '''
formula = """
a1 = maximum(0, X @ W1 + b1)
scores = a1 @ W2 + b2
L = cross_entropy(scores, y) + 0.5 * reg * sum(W1**2) + 0.5 * reg * sum(W2**2)
"""
[samples]
X = [[0.5, -1.2, 0.3], [1.1, 0.4, -0.7], [-0.6, 0.9, 1.3], [0.2, -0.4, 0.8]]
y = [0, 2, 1, 2]
[data]
reg = 0.1
[parameters]
W1 = { init = "normal", shape = [3, 5], scale = 0.8 }
b1 = { init = "normal", shape = [5], scale = 0.3 }
W2 = { init = "normal", shape = [5, 3], scale = 0.8 }
b2 = [0.1, -0.2, 0.05]
''',
        """
def backward(self, X, y, reg):
    # gradient on the scores
    exp_scores = np.exp(scores)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    dscores = probs
    dscores[range(N), y] -= 1
    dscores /= N

    # through both layers
    grads = {}
    grads['W2'] = np.dot(a1.T, dscores)
    grads['b2'] = np.sum(dscores, axis=0)
    dhidden = np.dot(dscores, W2.T)
    dhidden[a1 <= 0] = 0
    grads['W1'] = np.dot(X.T, dhidden)
    grads['b1'] = np.sum(dhidden, axis=0)
    grads['W2'] += reg * W2
    grads['W1'] += reg * W1
    return grads
""",
        "grads['W1'] += reg * W1",
        "grads['W1'] += 2 * reg * W1",
        "is taken 2 times",
    ),
    Exercise(
        "softmax regression with regularisation",
        '''
formula = """
scores = X @ W
L = cross_entropy(scores, y) + reg * sum(W * W)
"""
[samples]
X = [[0.5, -1.2, 0.3], [1.1, 0.4, -0.7], [-0.6, 0.9, 1.3], [0.2, -0.4, 0.8], [1.4, 0.1, -0.3]]
y = [0, 2, 1, 2, 0]
[data]
reg = 0.05
[parameters]
W = { init = "normal", shape = [3, 3], scale = 0.8 }
''',
        """
num_train = X.shape[0]
shifted = scores - np.max(scores, axis=1, keepdims=True)
p = np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True)
dscores = p.copy()
dscores[np.arange(num_train), y] -= 1
dscores /= num_train
dW = X.T.dot(dscores)
dW += 2 * reg * W
""",
        "dscores[np.arange(num_train), y] -= 1",
        "dscores[np.arange(num_train), y] += 1",
        "-= 1",
    ),
    Exercise(
        "batch norm, step by step",
        '''
formula = """
mu = mean(x, axis=0)
xmu = x - mu
var = mean(xmu**2, axis=0)
sqrtvar = sqrt(var + eps)
ivar = 1 / sqrtvar
xhat = xmu * ivar
out = gamma * xhat + beta
L = sum(out * dout)
"""
[samples]
x = [[0.5, -1.2, 0.3], [1.1, 0.4, -0.7], [-0.6, 0.9, 1.3], [0.2, -0.4, 0.8]]
dout = [[0.1, -0.3, 0.7], [0.4, 0.2, -0.5], [-0.9, 0.6, 0.2], [0.3, 0.8, -0.4]]
[data]
eps = 0.00001
[parameters]
gamma = [1.2, 0.7, -0.4]
beta = [0.1, -0.2, 0.3]
''',
        """
N, D = x.shape
dbeta = np.sum(dout, axis=0)
dgamma = np.sum(dout * xhat, axis=0)
dxhat = dout * gamma
divar = np.sum(dxhat * xmu, axis=0)
dsqrtvar = -1.0 / (sqrtvar**2) * divar
dvar = 0.5 * 1.0 / np.sqrt(var + eps) * dsqrtvar
dsq = 1.0 / N * np.ones((N, D)) * dvar
dxmu = dxhat * ivar + 2 * xmu * dsq
dmu = -np.sum(dxmu, axis=0)
dx1 = dxmu
dx2 = 1.0 / N * np.ones((N, D)) * dmu
dx = dx1 + dx2
""",
        "dsqrtvar = -1.0 / (sqrtvar**2) * divar",
        "dsqrtvar = 1.0 / (sqrtvar**2) * divar",
        "wrong sign",
    ),
    Exercise(
        "dropout between two layers",
        '''
formula = """
h = maximum(0, x @ W1)
hd = h * mask / keep
out = hd @ W2
L = mean((out - t)**2)
"""
[samples]
x = [[0.5, -1.2], [1.1, 0.4], [-0.6, 0.9]]
t = [[0.3], [-0.2], [0.7]]
mask = [[1, 0, 1, 1], [0, 1, 1, 1], [1, 1, 0, 1]]
[data]
keep = 0.75
[parameters]
W1 = { init = "normal", shape = [2, 4], scale = 0.9 }
W2 = { init = "normal", shape = [4, 1], scale = 0.9 }
''',
        """
dout = 2 * (out - t) / out.size
dW2 = hd.T @ dout
dhd = dout @ W2.T
dh = dhd * mask / keep
dz = dh * (h > 0)
dW1 = x.T @ dz
""",
        "dh = dhd * mask / keep",
        "dh = dhd * mask",
        "missing a factor: ∂hd/∂(h ⊙ mask) = 1 / keep",
    ),
    Exercise(
        "convolution of one picture",
        '''
formula = """
z = conv2d(x, w)
a = maximum(0, z)
f = reshape(a, (2, 4))
s = f @ v
L = mean((s - t)**2)
"""
[samples]
x = [
    [[[0.5, -1.2, 0.3], [1.1, 0.4, -0.7], [-0.6, 0.9, 1.3]]],
    [[[0.2, -0.4, 0.8], [1.4, 0.1, -0.3], [0.7, -0.9, 0.6]]],
]
t = [[0.4], [-0.3]]
[parameters]
w = { init = "normal", shape = [1, 1, 2, 2], scale = 0.7 }
v = [[0.3], [-0.6], [0.8], [0.5]]
''',
        """
ds = 2 * (s - t) / len(x)
dv = f.T @ ds
df = ds @ v.T
da = df.reshape(a.shape)
dz = da * (z > 0)
dw = np.zeros_like(w)
dw[0, 0, 0, 0] = np.sum(dz[:, 0] * x[:, 0, :2, :2])
dw[0, 0, 0, 1] = np.sum(dz[:, 0] * x[:, 0, :2, 1:])
dw[0, 0, 1, 0] = np.sum(dz[:, 0] * x[:, 0, 1:, :2])
dw[0, 0, 1, 1] = np.sum(dz[:, 0] * x[:, 0, 1:, 1:])
""",
        "dw[0, 0, 1, 0] = np.sum(dz[:, 0] * x[:, 0, 1:, :2])",
        "dw[0, 0, 1, 0] = np.sum(dz[:, 0] * x[:, 0, :2, 1:])",
        "[0, 0, 1, 0]",
    ),
    Exercise(
        "one step of a recurrent net",
        '''
formula = """
z = x @ Wx + h_prev @ Wh + b
h_next = tanh(z)
L = sum(h_next * dout)
"""
[samples]
x = [[0.5, -1.2, 0.3], [1.1, 0.4, -0.7]]
h_prev = [[0.2, 0.4], [-0.3, 0.6]]
dout = [[0.1, -0.7], [0.5, 0.2]]
[parameters]
Wx = { init = "normal", shape = [3, 2], scale = 0.6 }
Wh = { init = "normal", shape = [2, 2], scale = 0.6 }
b = [0.1, -0.1]
''',
        """
dz = dout * (1 - h_next**2)
dx = dz @ Wx.T
dh_prev = dz @ Wh.T
dWx = x.T @ dz
dWh = h_prev.T @ dz
db = dz.sum(axis=0)
""",
        "dWh = h_prev.T @ dz",
        "dWh = dz.T @ h_prev",
        "transposed",
    ),
    Exercise(
        "one step of an LSTM",
        '''
formula = """
a = x @ W + h_prev @ U + b
i = sigmoid(a[:, 0:2])
f = sigmoid(a[:, 2:4])
o = sigmoid(a[:, 4:6])
g = tanh(a[:, 6:8])
c = f * c_prev + i * g
tc = tanh(c)
h = o * tc
L = sum(h * dout_h) + sum(c * dout_c)
"""
[samples]
x = [[0.5, -1.2, 0.3], [1.1, 0.4, -0.7]]
h_prev = [[0.2, 0.4], [-0.3, 0.6]]
c_prev = [[0.7, -0.4], [0.9, 0.1]]
dout_h = [[0.1, -0.7], [0.5, 0.2]]
dout_c = [[0.3, 0.2], [-0.4, 0.6]]
[parameters]
W = { init = "normal", shape = [3, 8], scale = 0.6 }
U = { init = "normal", shape = [2, 8], scale = 0.6 }
b = { init = "normal", shape = [8], scale = 0.2 }
''',
        """
dh = dout_h
do = dh * tc
dc = dout_c + dh * o * (1 - tc**2)
df = dc * c_prev
di = dc * g
dg = dc * i
dai = di * i * (1 - i)
daf = df * f * (1 - f)
dao = do * o * (1 - o)
dag = dg * (1 - g**2)
da = np.hstack((dai, daf, dao, dag))
dW = x.T @ da
dU = h_prev.T @ da
db = da.sum(axis=0)
dh_prev = da @ U.T
dc_prev = dc * f
""",
        "dc = dout_c + dh * o * (1 - tc**2)",
        "dc = dh * o * (1 - tc**2)",
        "is missing",
    ),
    Exercise(
        "attention of one head",
        '''
formula = """
Q = X @ Wq
K = X @ Wk
V = X @ Wv
S = Q @ K.T / sqrt(2)
A = softmax(S)
out = A @ V
L = sum((out - T)**2)
"""
[samples]
X = [[0.5, -1.2, 0.3], [1.1, 0.4, -0.7], [-0.6, 0.9, 1.3]]
T = [[0.1, 0.6], [-0.3, 0.2], [0.4, -0.5]]
[parameters]
Wq = { init = "normal", shape = [3, 2], scale = 0.7 }
Wk = { init = "normal", shape = [3, 2], scale = 0.7 }
Wv = { init = "normal", shape = [3, 2], scale = 0.7 }
''',
        """
dout = 2 * (out - T)
dV = A.T @ dout
dA = dout @ V.T
dS = A * (dA - np.sum(dA * A, axis=-1, keepdims=True))
dQ = dS @ K / np.sqrt(2)
dK = dS.T @ Q / np.sqrt(2)
dWq = X.T @ dQ
dWk = X.T @ dK
dWv = X.T @ dV
""",
        "dS = A * (dA - np.sum(dA * A, axis=-1, keepdims=True))",
        "dS = dA * A * (1 - A)",
        "diagonal",
    ),
    Exercise(
        "embedding and a sum over places",
        '''
formula = """
e = E[ids]
h = mean(e, axis=1)
scores = h @ W
L = cross_entropy(scores, y)
"""
[samples]
ids = [[0, 1, 1], [2, 0, 3]]
y = [1, 0]
[parameters]
E = { init = "normal", shape = [4, 3], scale = 0.8 }
W = { init = "normal", shape = [3, 2], scale = 0.8 }
''',
        """
P = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
dscores = (P - one_hot(y, 2)) / len(y)
dW = h.T @ dscores
dh = dscores @ W.T
de = np.ones((2, 3, 1)) * dh[:, None, :] / 3
dE = one_hot(ids.ravel(), 4).T @ de.reshape(6, 3)
""",
        "de = np.ones((2, 3, 1)) * dh[:, None, :] / 3",
        "de = np.ones((2, 3, 1)) * dh[:, None, :]",
        "n times too large",
    ),
    Exercise(
        "logistic regression",
        '''
formula = """
z = w @ X + b
A = sigmoid(z)
cost = -mean(Y * log(A) + (1 - Y) * log(1 - A))
"""
[data]
X = [[0.5, -1.2, 0.3, 1.4], [1.1, 0.4, -0.7, 0.2]]
Y = [1, 0, 1, 0]
[parameters]
w = [0.3, -0.8]
b = 0.1
''',
        """
m = X.shape[1]
dA = -(Y / A - (1 - Y) / (1 - A)) / m
dz = dA * A * (1 - A)
dw = X @ dz
db = np.sum(dz)
""",
        "dz = dA * A * (1 - A)",
        "dz = dA * z * (1 - z)",
        "z stands where A belongs",
    ),
)
